/* shape.h -- what the fields of a record are when they are told as JSON: one
 * table for the API and for alerts.  Pure. */
#ifndef RB_POLICY_SHAPE_H
#define RB_POLICY_SHAPE_H

#include <jansson.h>

struct record;

/* shape_object: every field in the form that its name has: times as RFC 3339,
 * percents and counts as integers, names with several values as lists, all
 * else as text.  The caller's to free. */
json_t *shape_object(const struct record *);

/* shape_text: a string that may be no UTF-8; shape_list: "a,b,c". */
json_t *shape_text(const char *);
json_t *shape_list(const char *);

#endif
