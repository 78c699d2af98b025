#include "daemon/store/answer.h"

#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "daemon/base/record.h"
#include "daemon/base/text.h"

static bool
is_string(const redisReply *r)
{
	return r->type == REDIS_REPLY_STRING || r->type == REDIS_REPLY_STATUS;
}

static int
read_section(struct section *ret, const redisReply *r)
{
	if (r->type != REDIS_REPLY_ARRAY || r->elements % 2 != 1)
		return -1;
	for (size_t i = 0; i < r->elements; i++) {
		if (!is_string(r->element[i]))
			return -1;
	}
	ret->name = r->element[0]->str;
	ret->fields = record_new();
	for (size_t i = 1; i + 1 < r->elements; i += 2) {
		record_set_n(ret->fields, r->element[i]->str,
		    r->element[i + 1]->str, (size_t)r->element[i + 1]->len);
	}
	return 0;
}

int
answer_read(struct store_answer *ret, const redisReply *r)
{
	struct section *sections;

	if (r->type != REDIS_REPLY_ARRAY || r->elements == 0 ||
	    !is_string(r->element[0]))
		return -1;
	sections = text_alloc(r->elements * sizeof *sections);
	*ret = (struct store_answer){ .word = r->element[0]->str,
		.error = "",
		.sections = sections };
	for (size_t i = 1; i < r->elements; i++) {
		if (read_section(&sections[ret->count], r->element[i]) < 0) {
			answer_done(ret);
			return -1;
		}
		ret->count++;
	}
	return 0;
}

void
answer_done(struct store_answer *a)
{
	for (size_t i = 0; i < a->count; i++)
		record_free(a->sections[i].fields);
	/* The sections are ours; only readers see them as const. */
	free((void *)(uintptr_t)a->sections);
	a->sections = NULL;
	a->count = 0;
}

const struct record *
answer_section(const struct store_answer *a, const char *name)
{
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->sections[i].name, name) == 0)
			return a->sections[i].fields;
	}
	return NULL;
}
