/* field.h -- reading what the daemon sent without trusting it: a member that
 * is absent, null or of the wrong type is simply not there.  Every function
 * takes NULL for the object. */
#ifndef RB_CLIENT_FIELD_H
#define RB_CLIENT_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/* field_str: the text (borrowed), or "". */
const char *field_str(const json_t *, const char *name);
bool field_has(const json_t *, const char *name); /* a text that is not "" */
/* field_int: a whole number within +-9e12, or otherwise. */
int64_t field_int(const json_t *, const char *name, int64_t otherwise);
double field_real(const json_t *, const char *name, double otherwise);
bool field_bool(const json_t *, const char *name);
bool field_false(const json_t *, const char *name);   /* false stands there */
json_t *field_obj(const json_t *, const char *name);  /* borrowed, or NULL */
json_t *field_list(const json_t *, const char *name); /* borrowed, or NULL */
/* field_time: ms, or -1; RFC 3339, or a number that is ms already. */
int64_t field_time(const json_t *, const char *name);

/* field_join: the texts of a list, "a, b, c"; "" where there are none. */
void field_join(char *buf, size_t size, const json_t *list);

#endif
