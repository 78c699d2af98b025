#include "tests/torture/site_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "tests/harness/redis.h"

#define PAGE "500"
#define KEYS 4 /* of key_of at a time */

static const char *
key_of(const struct place *p, const char *name)
{
	static char ring[KEYS][64];
	static size_t at;

	at = (at + 1) % KEYS;
	(void)snprintf(ring[at], sizeof ring[at], "rb:{%s}:%s", p->site, name);
	return ring[at];
}

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

/* ---- the log ------------------------------------------------------------ */

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
read_log(struct site_view *v, const struct place *p)
{
	char from[56] = "-";

	for (;;) {
		redisReply *page =
		    redis_do(p->redis, "XRANGE", key_of(p, "log"), from, "+",
			     "COUNT", PAGE, NULL);
		size_t n = page->elements;

		v->log =
		    text_realloc(v->log, (v->entries + n + 1) * sizeof *v->log);
		for (size_t i = 0; i < n; i++) {
			struct entry *e = &v->log[v->entries];

			memset(e, 0, sizeof *e);
			v->entries++;
			take_entry(e, page->element[i]);
		}
		freeReplyObject(page);
		if (n == 0)
			return;
		(void)snprintf(from, sizeof from, "(%s",
			       v->log[v->entries - 1].id);
	}
}

/* ---- items -------------------------------------------------------------- */

static void
read_item(struct held_item *it, const struct place *p)
{
	char key[64];
	redisReply *all;

	(void)snprintf(key, sizeof key, "rb:{%s}:item:%lld", p->site,
		       (long long)it->number);
	all = redis_do(p->redis, "HGETALL", key, NULL);
	it->there = all->elements > 0;
	COPY(it->state, field(all, "state"));
	COPY(it->promise, field(all, "promise"));
	it->calls = number_of(field(all, "calls"));
	freeReplyObject(all);
}

void
site_view_read(struct site_view *v, const struct place *p)
{
	memset(v, 0, sizeof *v);
	read_log(v, p);
	v->items = (size_t)number_of(
	    redis_str(p->redis, "HGET", key_of(p, "site"), "number", NULL));
	v->item = text_alloc((v->items + 1) * sizeof *v->item);
	for (size_t i = 0; i < v->items; i++) {
		v->item[i].number = FIRST_NUMBER + (int64_t)i;
		read_item(&v->item[i], p);
	}
	v->closed = redis_int(p->redis, "ZCARD", key_of(p, "closed"), NULL);
	v->outbox = site_outbox(p);
	v->open = site_open(p);
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
site_view_outcomes(const struct place *p, int64_t number, const char *note)
{
	char key[64];
	redisReply *all;
	int n = 0;

	(void)snprintf(key, sizeof key, "rb:{%s}:history:%lld", p->site,
		       (long long)number);
	all = redis_do(p->redis, "LRANGE", key, "0", "-1", NULL);
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
site_print(const struct place *p, FILE *f)
{
	redisReply *log =
	    redis_do(p->redis, "XRANGE", key_of(p, "log"), "-", "+", NULL);
	int64_t items = number_of(
	    redis_str(p->redis, "HGET", key_of(p, "site"), "number", NULL));

	for (size_t i = 0; i < log->elements; i++) {
		(void)fprintf(f, "log %s", log->element[i]->element[0]->str);
		print_fields(log->element[i]->element[1], f);
	}
	freeReplyObject(log);
	for (int64_t n = FIRST_NUMBER; n < FIRST_NUMBER + items; n++) {
		char key[64];

		(void)snprintf(key, sizeof key, "rb:{%s}:history:%lld", p->site,
			       (long long)n);
		log = redis_do(p->redis, "LRANGE", key, "0", "-1", NULL);
		for (size_t i = 0; i < log->elements; i++)
			(void)fprintf(f, "history %lld %s\n", (long long)n,
				      log->element[i]->str);
		freeReplyObject(log);
	}
}

/* ---- what is left ------------------------------------------------------- */

int64_t
site_open(const struct place *p)
{
	redisReply *all =
	    redis_do(p->redis, "HGETALL", key_of(p, "open"), NULL);
	int64_t n = 0;

	for (size_t i = 0; i + 1 < all->elements; i += 2) {
		if (strncmp(all->element[i]->str, "queue:", 6) == 0)
			n += number_of(all->element[i + 1]->str);
	}
	freeReplyObject(all);
	return n;
}

int64_t
site_outbox(const struct place *p)
{
	return redis_int(p->redis, "ZCARD", key_of(p, "outbox"), NULL);
}

void
site_last_id(const struct place *p, char ret_id[48])
{
	redisReply *last = redis_do(p->redis, "XREVRANGE", key_of(p, "log"),
				    "+", "-", "COUNT", "1", NULL);

	ret_id[0] = '\0';
	if (last->elements == 1)
		(void)snprintf(ret_id, 48, "%s",
			       last->element[0]->element[0]->str);
	freeReplyObject(last);
}

bool
site_unread(const struct place *p)
{
	char last[48];

	site_last_id(p, last);
	return strcmp(last, redis_str(p->redis, "HGET", key_of(p, "cursors"),
				      "alerts", NULL)) != 0;
}
