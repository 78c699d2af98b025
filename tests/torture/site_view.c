#include "tests/torture/site_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "tests/harness/redis.h"

#define PAGE "500"
#define ROOT "rb:{t}:"

static const char *
field(const redisReply *flat, const char *name)
{
	for (size_t i = 0; i + 1 < flat->elements; i += 2) {
		if (strcmp(flat->element[i]->str, name) == 0)
			return flat->element[i + 1]->str;
	}
	return "";
}

static int64_t
number_of(const char *text)
{
	return strtoll(text, NULL, 10);
}

#define COPY(to, text) (void)snprintf(to, sizeof(to), "%s", text)

/* ---- the log
 * --------------------------------------------------------------------- */

static void
take_entry(struct entry *e, const redisReply *one)
{
	const redisReply *f = one->element[1];

	COPY(e->id, one->element[0]->str);
	COPY(e->type, field(f, "type"));
	COPY(e->state, field(f, "state"));
	COPY(e->from, field(f, "from"));
	COPY(e->promise, field(f, "promise"));
	COPY(e->alert, field(f, "alert"));
	e->number = number_of(field(f, "number"));
}

static void
read_log(struct site_view *v, struct redis *r)
{
	char from[56] = "-";

	for (;;) {
		redisReply *page = redis_do(r, "XRANGE", ROOT "log", from, "+",
					    "COUNT", PAGE, NULL);
		size_t n = page->elements;

		v->log =
		    text_realloc(v->log, (v->entries + n + 1) * sizeof *v->log);
		for (size_t i = 0; i < n; i++) {
			struct entry *e = &v->log[v->entries];

			memset(e, 0, sizeof *e);
			e->nth = v->entries++;
			take_entry(e, page->element[i]);
		}
		freeReplyObject(page);
		if (n == 0)
			return;
		(void)snprintf(from, sizeof from, "(%s",
			       v->log[v->entries - 1].id);
	}
}

/* ---- items
 * ------------------------------------------------------------------------ */

static void
read_item(struct held_item *it, struct redis *r)
{
	char key[64];
	redisReply *all;

	(void)snprintf(key, sizeof key, ROOT "item:%lld",
		       (long long)it->number);
	all = redis_do(r, "HGETALL", key, NULL);
	it->there = all->elements > 0;
	COPY(it->state, field(all, "state"));
	COPY(it->promise, field(all, "promise"));
	it->calls = number_of(field(all, "calls"));
	freeReplyObject(all);
}

void
site_view_read(struct site_view *v, struct redis *r)
{
	memset(v, 0, sizeof *v);
	read_log(v, r);
	v->items = (size_t)number_of(
	    redis_str(r, "HGET", ROOT "site", "number", NULL));
	v->item = text_alloc((v->items + 1) * sizeof *v->item);
	for (size_t i = 0; i < v->items; i++) {
		v->item[i].number = FIRST_NUMBER + (int64_t)i;
		read_item(&v->item[i], r);
	}
	v->closed = redis_int(r, "ZCARD", ROOT "closed", NULL);
	v->outbox = site_outbox(r);
	v->open = site_open(r);
}

void
site_view_done(struct site_view *v)
{
	free(v->log);
	free(v->item);
}

const struct held_item *
site_view_item(const struct site_view *v, int64_t number)
{
	int64_t i = number - FIRST_NUMBER;

	return i >= 0 && (size_t)i < v->items ? &v->item[i] : NULL;
}

/* An entry is "<ms>|<actor>|outcome|<code> <note>". */
int
site_view_outcomes(struct redis *r, int64_t number, const char *note)
{
	char key[64];
	redisReply *all;
	int n = 0;

	(void)snprintf(key, sizeof key, ROOT "history:%lld", (long long)number);
	all = redis_do(r, "LRANGE", key, "0", "-1", NULL);
	for (size_t i = 0; i < all->elements; i++)
		n += strstr(all->element[i]->str, "|outcome|") != NULL &&
		     strstr(all->element[i]->str, note) != NULL;
	freeReplyObject(all);
	return n;
}

static void
print_fields(const redisReply *list, FILE *f)
{
	for (size_t i = 0; i < list->elements; i++)
		(void)fprintf(f, " %s", list->element[i]->str);
	(void)fprintf(f, "\n");
}

void
site_print(struct redis *r, FILE *f)
{
	redisReply *log = redis_do(r, "XRANGE", ROOT "log", "-", "+", NULL);
	int64_t items =
	    number_of(redis_str(r, "HGET", ROOT "site", "number", NULL));

	for (size_t i = 0; i < log->elements; i++) {
		(void)fprintf(f, "log %s", log->element[i]->element[0]->str);
		print_fields(log->element[i]->element[1], f);
	}
	freeReplyObject(log);
	for (int64_t n = FIRST_NUMBER; n < FIRST_NUMBER + items; n++) {
		char key[64];

		(void)snprintf(key, sizeof key, ROOT "history:%lld",
			       (long long)n);
		log = redis_do(r, "LRANGE", key, "0", "-1", NULL);
		for (size_t i = 0; i < log->elements; i++)
			(void)fprintf(f, "history %lld %s\n", (long long)n,
				      log->element[i]->str);
		freeReplyObject(log);
	}
}

/* ---- what is left
 * ------------------------------------------------------------------- */

int64_t
site_open(struct redis *r)
{
	redisReply *all = redis_do(r, "HGETALL", ROOT "open", NULL);
	int64_t n = 0;

	for (size_t i = 0; i + 1 < all->elements; i += 2) {
		if (strncmp(all->element[i]->str, "queue:", 6) == 0)
			n += number_of(all->element[i + 1]->str);
	}
	freeReplyObject(all);
	return n;
}

int64_t
site_outbox(struct redis *r)
{
	return redis_int(r, "ZCARD", ROOT "outbox", NULL);
}

void
site_last_id(struct redis *r, char ret_id[48])
{
	redisReply *last =
	    redis_do(r, "XREVRANGE", ROOT "log", "+", "-", "COUNT", "1", NULL);

	ret_id[0] = '\0';
	if (last->elements == 1)
		(void)snprintf(ret_id, 48, "%s",
			       last->element[0]->element[0]->str);
	freeReplyObject(last);
}

bool
site_unread(struct redis *r)
{
	char last[48];

	site_last_id(r, last);
	return strcmp(last, redis_str(r, "HGET", ROOT "cursors", "alerts",
				      NULL)) != 0;
}
