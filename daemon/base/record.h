/* record.h -- names with values, in order: how a thing travels between the
 * wire, the store and Redis.  Values are strings; a name stands once. */
#ifndef RB_BASE_RECORD_H
#define RB_BASE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct record; /* {} is made by record_new */

struct record *record_new(void);
void record_free(struct record *); /* NULL is allowed */

/* record_set: copies both; replaces a value that stands; NULL removes.  The
 * value may be one that the record itself gave. */
void record_set(struct record *, const char *name, const char *value);
void record_set_n(
    struct record *, const char *name, const char *value, size_t len);
void record_set_int(struct record *, const char *name, int64_t value);

/* To read, NULL is a record without fields: what comes from outside may lack
 * any part. */

/* record_get: the value (borrowed until the record changes), or NULL. */
const char *record_get(const struct record *, const char *name);
/* record_text: as record_get, or "". */
const char *record_text(const struct record *, const char *name);
/* record_int: the value as an integer, or otherwise where it is none. */
int64_t record_int(const struct record *, const char *name, int64_t otherwise);
bool record_has(const struct record *, const char *name); /* and not "" */

size_t record_count(const struct record *);
const char *record_name_at(const struct record *, size_t i);
const char *record_value_at(const struct record *, size_t i);

#endif
