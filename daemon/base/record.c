#include "daemon/base/record.h"
#include "daemon/base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct pair {
	char *name;  /* owned */
	char *value; /* owned */
};

struct record {
	struct pair *pairs; /* owned */
	size_t count;
	size_t size;
};

struct record *
record_new(void)
{
	return text_alloc(sizeof(struct record));
}

void
record_free(struct record *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->count; i++) {
		free(r->pairs[i].name);
		free(r->pairs[i].value);
	}
	free(r->pairs);
	free(r);
}

static struct pair *
find(const struct record *r, const char *name)
{
	for (size_t i = 0; i < record_count(r); i++) {
		if (strcmp(r->pairs[i].name, name) == 0)
			return &r->pairs[i];
	}
	return NULL;
}

static void
drop(struct record *r, struct pair *p)
{
	size_t i = (size_t)(p - r->pairs);

	free(p->name);
	free(p->value);
	r->count--;
	memmove(p, p + 1, (r->count - i) * sizeof *p);
}

void
record_set_n(struct record *r, const char *name, const char *value, size_t len)
{
	/* The value may be one of the record's own. */
	char *copy = text_dup_n(value, len);
	struct pair *p = find(r, name);

	if (p == NULL) {
		if (r->count == r->size) {
			r->size = r->size > 0 ? r->size * 2 : 16;
			r->pairs =
			    text_realloc(r->pairs, r->size * sizeof *r->pairs);
		}
		p = &r->pairs[r->count++];
		p->name = text_dup(name);
		p->value = NULL;
	}
	free(p->value);
	p->value = copy;
}

void
record_set(struct record *r, const char *name, const char *value)
{
	struct pair *p;

	if (value != NULL) {
		record_set_n(r, name, value, strlen(value));
		return;
	}
	p = find(r, name);
	if (p != NULL)
		drop(r, p);
}

void
record_set_int(struct record *r, const char *name, int64_t value)
{
	char *s = text_print("%" PRId64, value);

	record_set(r, name, s);
	free(s);
}

const char *
record_get(const struct record *r, const char *name)
{
	const struct pair *p = find(r, name);

	return p != NULL ? p->value : NULL;
}

const char *
record_text(const struct record *r, const char *name)
{
	const char *value = record_get(r, name);

	return value != NULL ? value : "";
}

int64_t
record_int(const struct record *r, const char *name, int64_t otherwise)
{
	const char *s = record_get(r, name);
	int64_t n = otherwise;

	if (s != NULL)
		(void)text_int64(&n, s, INT64_MIN, INT64_MAX);
	return n;
}

bool
record_has(const struct record *r, const char *name)
{
	const char *s = record_get(r, name);

	return s != NULL && *s != '\0';
}

size_t
record_count(const struct record *r)
{
	return r != NULL ? r->count : 0;
}

const char *
record_name_at(const struct record *r, size_t i)
{
	return r->pairs[i].name;
}

const char *
record_value_at(const struct record *r, size_t i)
{
	return r->pairs[i].value;
}
