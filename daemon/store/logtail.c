#include "daemon/store/logtail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/store/rds.h"

#define ID_SIZE 48
#define BLOCK_MS "15000"
/* Each is told to every listener before anything else is done. */
#define MOST_AT_ONCE "100"
#define BLOCK_DEADLINE_MS 20000
#define AGAIN_MS 500

struct logtail {
	struct rds *rds; /* borrowed */
	struct logtail_hooks hooks;
	char *log, *hints; /* owned: the keys */
	char last[ID_SIZE], last_hint[ID_SIZE], greatest[ID_SIZE];
	bool begun; /* it knows where the log ended when it began */
};

/*
 * Following
 *	logtail_link	the link is ready: where do hints and log end
 *	hints_known	(a "$" would lose what comes between two calls: of two
 *			streams that have news, Redis tells only one)
 *	end_known	(Redis may have come back with less than we have seen)
 *	follow		wait for more
 *	followed	tell it, and wait again
 */
static void hints_known(void *, enum store_end, const redisReply *);
static void end_known(void *, enum store_end, const redisReply *);
static void follow(struct logtail *);
static void followed(void *, enum store_end, const redisReply *);

static int
id_parse(const char *id, uint64_t *ret_ms, uint64_t *ret_n)
{
	const char *dash = strchr(id, '-');
	char *end;

	if (dash == NULL || strspn(id, "0123456789-") != strlen(id) ||
	    strlen(id) >= 42 || dash == id || dash[1] == '\0' || strchr(dash + 1, '-') != NULL)
		return -1;
	errno = 0;
	*ret_ms = strtoull(id, &end, 10);
	*ret_n = strtoull(dash + 1, &end, 10);
	return errno == 0 ? 0 : -1; /* more than 64 bits: Redis refuses it too */
}

bool
logtail_id_ok(const char *id)
{
	uint64_t ms, n;

	return id_parse(id, &ms, &n) == 0;
}

int
logtail_compare(const char *a, const char *b)
{
	uint64_t a_ms = 0, a_n = 0, b_ms = 0, b_n = 0;

	(void)id_parse(a, &a_ms, &a_n);
	(void)id_parse(b, &b_ms, &b_n);
	if (a_ms != b_ms)
		return a_ms < b_ms ? -1 : 1;
	return a_n == b_n ? 0 : a_n < b_n ? -1 : 1;
}

struct logtail *
logtail_new(struct rds *rds, const char *site, const struct logtail_hooks *hooks)
{
	struct logtail *t = text_alloc(sizeof *t);

	t->rds = rds;
	t->hooks = *hooks;
	t->log = text_print("rb:{%s}:log", site);
	t->hints = text_print("rb:{%s}:hints", site);
	(void)snprintf(t->last, sizeof t->last, "0-0");
	(void)snprintf(t->last_hint, sizeof t->last_hint, "0-0");
	(void)snprintf(t->greatest, sizeof t->greatest, "0-0");
	return t;
}

void
logtail_free(struct logtail *t)
{
	if (t == NULL)
		return;
	free(t->log);
	free(t->hints);
	free(t);
}

const char *
logtail_last(const struct logtail *t)
{
	return t->last;
}

const char *
logtail_greatest(const struct logtail *t)
{
	return t->greatest;
}

static void
set_last(struct logtail *t, const char *id)
{
	(void)snprintf(t->last, sizeof t->last, "%s", id);
	if (logtail_compare(id, t->greatest) > 0)
		(void)snprintf(t->greatest, sizeof t->greatest, "%s", id);
}

/* An entry of a stream: {id, {field, value, ...}}.  NULL if it is not. */
static struct record *
read_entry(const redisReply *r, const char **ret_id)
{
	const redisReply *fields;
	struct record *record;

	if (r->type != REDIS_REPLY_ARRAY || r->elements != 2 ||
	    r->element[0]->type != REDIS_REPLY_STRING ||
	    r->element[1]->type != REDIS_REPLY_ARRAY ||
	    !logtail_id_ok(r->element[0]->str))
		return NULL;
	fields = r->element[1];
	for (size_t i = 0; i < fields->elements; i++) {
		if (fields->element[i]->type != REDIS_REPLY_STRING)
			return NULL;
	}
	record = record_new();
	for (size_t i = 0; i + 1 < fields->elements; i += 2) {
		record_set_n(record, fields->element[i]->str,
		    fields->element[i + 1]->str,
		    (size_t)fields->element[i + 1]->len);
	}
	*ret_id = r->element[0]->str;
	return record;
}

/* The id of the only entry of a list; "" where there is none. */
static const char *
only_id(const redisReply *r)
{
	if (r->type != REDIS_REPLY_ARRAY || r->elements == 0 ||
	    r->element[0]->type != REDIS_REPLY_ARRAY ||
	    r->element[0]->elements == 0 ||
	    r->element[0]->element[0]->type != REDIS_REPLY_STRING ||
	    !logtail_id_ok(r->element[0]->element[0]->str))
		return "";
	return r->element[0]->element[0]->str;
}

static void
ask_end(struct logtail *t, const char *key, rds_done *done)
{
	const char *const argv[] = { "XREVRANGE", key, "+", "-", "COUNT", "1" };

	rds_call(t->rds, 6, argv, NULL, done, t);
}

/* An empty stream ends before its first entry. */
static const char *
end_of(const redisReply *r)
{
	const char *id = only_id(r);

	return *id != '\0' ? id : "0-0";
}

void
logtail_link(struct logtail *t, bool up)
{
	if (!up)
		return;
	ask_end(t, t->hints, hints_known);
	ask_end(t, t->log, end_known);
}

/* Also where Redis answers but would not (the site is moving) or answered too
 * late: else nothing would ever be asked again.  A link that is gone already
 * begins by itself. */
static void
begin_again(struct logtail *t, const char *why)
{
	rds_drop_for(t->rds, AGAIN_MS, why);
}

/* What was hinted at before is over: all who wait ask anew after a link. */
static void
hints_known(void *cookie, enum store_end end, const redisReply *r)
{
	struct logtail *t = cookie;

	if (end == STORE_DONE)
		(void)snprintf(
		    t->last_hint, sizeof t->last_hint, "%s", end_of(r));
}

static void
end_known(void *cookie, enum store_end end, const redisReply *r)
{
	struct logtail *t = cookie;
	const char *id;

	if (end != STORE_DONE) {
		begin_again(t, "the log cannot be read");
		return;
	}
	id = end_of(r);
	if (!t->begun || logtail_compare(id, t->last) < 0)
		set_last(t, id);
	t->begun = true;
	follow(t);
	if (t->hooks.following != NULL)
		t->hooks.following(t->hooks.cookie);
}

static void
follow(struct logtail *t)
{
	const char *const argv[] = { "XREAD", "COUNT", MOST_AT_ONCE, "BLOCK", BLOCK_MS,
		"STREAMS", t->log, t->hints, t->last, t->last_hint };
	const struct rds_command command = { .argc = 10,
		.argv = argv,
		.timeout_ms = BLOCK_DEADLINE_MS };

	rds_call_command(t->rds, &command, followed, t);
}

static void
tell_entry(struct logtail *t, const redisReply *r)
{
	const char *id;
	struct record *entry = read_entry(r, &id);

	if (entry == NULL)
		return;
	set_last(t, id);
	t->hooks.entry(t->hooks.cookie, id, entry);
	record_free(entry);
}

static void
tell_hint(struct logtail *t, const redisReply *r)
{
	const char *id, *agent, *daemon;
	struct record *entry = read_entry(r, &id);

	if (entry == NULL)
		return;
	(void)snprintf(t->last_hint, sizeof t->last_hint, "%s", id);
	agent = record_get(entry, "agent");
	daemon = record_get(entry, "daemon");
	if (agent != NULL && daemon != NULL)
		t->hooks.hint(t->hooks.cookie, agent, daemon);
	record_free(entry);
}

static void
tell_stream(struct logtail *t, const redisReply *r)
{
	bool hints;

	if (r->type != REDIS_REPLY_ARRAY || r->elements != 2 ||
	    r->element[0]->type != REDIS_REPLY_STRING ||
	    r->element[1]->type != REDIS_REPLY_ARRAY)
		return;
	hints = strcmp(r->element[0]->str, t->hints) == 0;
	for (size_t i = 0; i < r->element[1]->elements; i++) {
		if (hints)
			tell_hint(t, r->element[1]->element[i]);
		else
			tell_entry(t, r->element[1]->element[i]);
	}
}

static void
followed(void *cookie, enum store_end end, const redisReply *r)
{
	struct logtail *t = cookie;

	if (end != STORE_DONE) {
		begin_again(t, "the log cannot be followed");
		return;
	}
	for (size_t i = 0; r->type == REDIS_REPLY_ARRAY && i < r->elements; i++)
		tell_stream(t, r->element[i]);
	follow(t);
}

/* ---- pages ----------------------------------------------------------------------- */

/*
 * A page
 *	logtail_page	the newest entry, the oldest, and those after the id
 *	newest_read
 *	oldest_read
 *	page_read	tell all
 */
struct page {
	logtail_read *done;
	void *cookie;
	char oldest[ID_SIZE], newest[ID_SIZE];
	enum store_end oldest_end, newest_end;
};
static void newest_read(void *, enum store_end, const redisReply *);
static void oldest_read(void *, enum store_end, const redisReply *);
static void page_read(void *, enum store_end, const redisReply *);

void
logtail_page(struct rds *rds, const char *site, const char *after,
    logtail_read *done, void *cookie)
{
	struct page *p = text_alloc(sizeof *p);
	char *key = text_print("rb:{%s}:log", site);
	char from[ID_SIZE + 1], count[16];
	const char *const newest[] = { "XREVRANGE", key, "+", "-", "COUNT",
		"1" };
	const char *const oldest[] = { "XRANGE", key, "-", "+", "COUNT", "1" };
	const char *const page[] = { "XRANGE", key, from, "+", "COUNT", count };

	p->done = done;
	p->cookie = cookie;
	(void)snprintf(from, sizeof from, "(%s", after);
	(void)snprintf(count, sizeof count, "%d", LOGTAIL_PAGE);
	/* One link answers in the order of asking. */
	rds_call(rds, 6, newest, NULL, newest_read, p);
	rds_call(rds, 6, oldest, NULL, oldest_read, p);
	rds_call(rds, 6, page, NULL, page_read, p);
	free(key);
}

static void
newest_read(void *cookie, enum store_end end, const redisReply *r)
{
	struct page *p = cookie;

	p->newest_end = end;
	if (end == STORE_DONE)
		(void)snprintf(p->newest, sizeof p->newest, "%s", end_of(r));
}

static void
oldest_read(void *cookie, enum store_end end, const redisReply *r)
{
	struct page *p = cookie;

	p->oldest_end = end;
	if (end == STORE_DONE)
		(void)snprintf(p->oldest, sizeof p->oldest, "%s", only_id(r));
}

static void
page_read(void *cookie, enum store_end end, const redisReply *r)
{
	struct page *p = cookie;
	struct logtail_page page = { .oldest = p->oldest,
		.newest = p->newest };
	struct record **entries;
	const char **ids;
	size_t n;

	if (end == STORE_DONE && p->oldest_end != STORE_DONE)
		end = p->oldest_end;
	if (end == STORE_DONE && p->newest_end != STORE_DONE)
		end = p->newest_end;
	n = end == STORE_DONE && r->type == REDIS_REPLY_ARRAY ? r->elements : 0;
	entries = text_alloc((n + 1) * sizeof *entries);
	ids = text_alloc((n + 1) * sizeof *ids);
	for (size_t i = 0; i < n; i++) {
		entries[page.count] =
		    read_entry(r->element[i], &ids[page.count]);
		if (entries[page.count] != NULL)
			page.count++;
	}
	page.ids = ids;
	page.entries = entries;
	p->done(p->cookie, end, &page);
	for (size_t i = 0; i < page.count; i++)
		record_free(entries[i]);
	free(entries);
	free(ids);
	free(p);
}
