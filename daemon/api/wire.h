/* wire.h -- the JSON of the API: records to objects and back.  What a field is
 * (number, time, text ...) stands in one table for each direction. */
#ifndef RB_API_WIRE_H
#define RB_API_WIRE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct policy;
struct record;
struct store_answer;

/* ---- out ------------------------------------------------------------------------- */

/* wire_item: an item as people see it: with the national form of its number
 * (the site's region) and its time on the customer's clock. */
json_t *wire_item(const struct record *, const struct policy *);

/* wire_customer: as the directory's interface gives it. */
json_t *wire_customer(const struct record *);

/* wire_card: the answer of next, hold, undo and of an item looked at. */
json_t *wire_card(const struct store_answer *, const struct policy *);

/* wire_nothing: why there is nothing to call. */
json_t *wire_nothing(const struct store_answer *, const struct policy *);

/* wire_list: all sections of a name, as items or as plain objects. */
json_t *wire_items(
    const struct store_answer *, const char *section, const struct policy *);
json_t *wire_objects(const struct store_answer *, const char *section);

/* ---- in -------------------------------------------------------------------------- */

enum wire_kind {
	WIRE_TEXT,  /* UTF-8, no NUL; most bytes as limited */
	WIRE_NAME,  /* text_is_name */
	WIRE_ID,    /* a text that may stand in a key and an address: no
		     * control, no '|', no text_is_step */
	WIRE_INT,   /* whole number in [min, max] */
	WIRE_FLAG,  /* true or false: "1" or "0" */
	WIRE_TIME,  /* RFC 3339, to ms since 1970 */
	WIRE_REAL,  /* number in [min, max] */
	WIRE_TEXTS, /* list of texts: joined by ',' (none may hold one) */
};

struct wire_field {
	const char *name;
	enum wire_kind kind;
	bool required;
	bool cut; /* a text that is too long is cut, not refused */
	int64_t min, max; /* of a number; of a text, max bytes (0: 200); of
			     texts, their number (0: 20) */
	size_t limit; /* WIRE_LIMIT(max_note): the policy says max; 0: not */
};

#define WIRE_LIMIT(field) offsetof(struct policy, field) /* an int64_t */

/* wire_parse: one JSON object out of a body.  NULL, and *ret_why is a sentence
 * (free()).  Duplicate keys, trailing bytes, too deep nesting are refused. */
json_t *wire_parse(const char *body, size_t len, char **ret_why);

/* wire_parse_list: an array in the same way. */
json_t *wire_parse_list(const char *body, size_t len, char **ret_why);

/*
 * wire_read: the fields that the table names, as strings into the record; null
 * is absent; what the table does not name is passed over.  Returns NULL, or
 * the list of what is wrong: [{"detail": ..., "pointer": "#/from"}].
 */
json_t *wire_read(struct record *ret, const json_t *object,
    const struct wire_field *, size_t count, const struct policy *);

/* wire_error: one entry more in such a list (made where it is NULL). */
json_t *wire_error(json_t *list, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* wire_first_error: the first sentence of the list (borrowed). */
const char *wire_first_error(const json_t *list);

#endif
