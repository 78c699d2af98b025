/* dialstring.h -- what is dialled: the template of the configuration with
 * digits in it, and nothing else from outside.  Pure. */
#ifndef RB_SOURCES_DIALSTRING_H
#define RB_SOURCES_DIALSTRING_H

#include <stdbool.h>

#include "daemon/base/fault.h"

struct originate;

#define DIALSTRING_DIGITS 15 /* E.164, 6: at most */

/* dialstring_is_phone: 1 to 15 digits, an agent's.  dialstring_is_number: the
 * same, perhaps with a '+' before them. */
bool dialstring_is_phone(const char *);
bool dialstring_is_number(const char *);

/* dialstring_check: phone, number and caller_id of an order are such, its id is
 * hexadecimal digits and '-'.  -1 and a few words. */
int dialstring_check(const struct originate *, struct fault *);

/* The template with the phone or number in every place of it; free().  Of
 * one that is none, as with an empty one. */
char *dialstring_phone(const char *pattern, const char *phone);
char *dialstring_number(const char *pattern, const char *number);

#endif
