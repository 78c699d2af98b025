/* form.h -- a body of application/x-www-form-urlencoded, taken apart.  Pure. */
#ifndef RB_SOURCES_FORM_H
#define RB_SOURCES_FORM_H

#include <stddef.h>

#include "daemon/base/fault.h"

#define FORM_MOST 200 /* fields; Twilio sends forty */

/* Decoded; a '+' was a blank.  Values may be any bytes but NUL. */
struct form {
	struct form_field {
		char *name, *value; /* owned */
	} fields[FORM_MOST];
	size_t count;
};

/* form_read: 0, or -1 and a sentence; form_done in any case. */
int form_read(struct form *ret, const char *body, size_t len, struct fault *);
/* form_add: copies both; -1 where there is no more room. */
int form_add(struct form *, const char *name, const char *value);
void form_done(struct form *);

/* form_get: the first of that name; "" where there is none. */
const char *form_get(const struct form *, const char *name);

#endif
