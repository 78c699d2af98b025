#include "tests/harness/site.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/site_call.h"
#include "tests/harness/site_facts.h"
#include "tests/harness/site_policy.h"

#define KEPT 8 /* texts that are borrowed at a time */
#define DAYS_BEFORE 9
#define DAYS_AFTER 60
#define MOST_SPANS 8

struct site *
site_start(void)
{
	static const char *const extra[] = { "--enable-debug-command", "yes",
					     NULL };

	return site_start_with(redis_start_with(
	    &(struct redis_options){ .forgetful = true, .extra = extra }));
}

struct site *
site_start_with(struct redis *redis)
{
	struct site *s = calloc(1, sizeof *s);

	if (s == NULL)
		abort();
	s->redis = redis;
	s->now_ms = SITE_T0;
	s->ring = site_ring_new();
	s->policy = site_policy_usual();
	redis_load_library(redis);
	redis_must(redis, "SET", SITE_ROOT ":virtual", "1", NULL);
	(void)site_call(s, "tick", "2026-11-23=0,2100-01-01=4102444800000",
			NULL);
	(void)site_policy(s, NULL);
	site_calendar(s, "hours:office", 7 * 60, 17 * 60, -1);
	site_calendar(s, "hours:always", 0, 24 * 60, -1);
	site_calendar(s, "window:Europe/Berlin|09:00-20:00", 8 * 60, 19 * 60,
		      -1);
	return s;
}

void
site_stop(struct site *s)
{
	if (s == NULL)
		return;
	site_facts_free(s);
	site_ring_free(s->ring);
	json_decref(s->policy);
	redis_stop(s->redis);
	free(s);
}

/* ---- time -------------------------------------------------------------- */

void
site_after(struct site *s, int64_t ms)
{
	s->now_ms += ms;
}

void
site_tick(struct site *s)
{
	for (int i = 0; i < 1000; i++) {
		if (reply_is(site_call(s, "tick", "", NULL), "ok"))
			return;
	}
	site_fail("tick", "never comes to an end");
}

void
site_pass(struct site *s, int64_t ms)
{
	site_after(s, ms);
	site_tick(s);
}

/* ---- events -------------------------------------------------------------- */

static struct reply *
send_event(struct site *s, const char *uuid, const char *type,
	   const char *phone, va_list ap)
{
	const char *argv[SITE_ARGS] = { uuid,  "type",   type, "phone",
					phone, "source", "pbx" };

	return site_call_list(s, "event", site_collect(argv, 7, ap), argv);
}

struct reply *
site_event_id(struct site *s, const char *uuid, const char *type,
	      const char *phone, ...)
{
	struct reply *reply;
	va_list ap;

	va_start(ap, phone);
	reply = send_event(s, uuid, type, phone, ap);
	va_end(ap);
	return reply;
}

struct reply *
site_event(struct site *s, const char *type, const char *phone, ...)
{
	struct reply *reply;
	char uuid[64];
	va_list ap;

	(void)snprintf(uuid, sizeof uuid, "00000000-0000-5000-8000-%012u",
		       ++s->events);
	va_start(ap, phone);
	reply = send_event(s, uuid, type, phone, ap);
	va_end(ap);
	return reply;
}

int64_t
site_missed(struct site *s, const char *queue, const char *phone)
{
	struct reply *reply =
	    site_event(s, "call.missed", phone, "queue", queue, NULL);
	int64_t number = reply_int(reply, "item", "number");

	return number < 0 ? 0 : number;
}

/* ---- agents, customers -------------------------------------------------- */

void
site_serve(struct site *s, const char *queue, const char *agent)
{
	if (!reply_is(
		site_call(s, "agent_add", queue, agent, "1", "test", NULL),
		"ok"))
		site_fail(agent, "cannot serve that queue");
}

int64_t
site_next(struct site *s, const char *agent, const char *groups)
{
	struct reply *reply =
	    site_call(s, "next", agent, groups, "d1", "0", NULL);

	return reply_is(reply, "held") ? reply_int(reply, "item", "number") : 0;
}

struct reply *
site_outcome(struct site *s, const char *agent, const char *code, ...)
{
	const char *argv[SITE_ARGS] = { agent, "", "1", "held", "", code };
	va_list ap;
	int argc;

	va_start(ap, code);
	argc = site_collect(argv, 6, ap);
	va_end(ap);
	return site_call_list(s, "outcome", argc, argv);
}

struct reply *
site_customer(struct site *s, const char *id, ...)
{
	const char *argv[SITE_ARGS] = { id };
	va_list ap;
	int argc;

	va_start(ap, id);
	argc = site_collect(argv, 1, ap);
	va_end(ap);
	return site_call_list(s, "customer_put", argc, argv);
}

/* ---- calendars ---------------------------------------------------------- */

struct instants {
	const char *argv[SITE_ARGS];
	char text[SITE_ARGS][24];
	int n;
};

static void
add_instant(struct instants *list, int64_t ms, char kind)
{
	if (list->n == SITE_ARGS)
		site_fail("calendar", "too many instants");
	(void)snprintf(list->text[list->n], sizeof list->text[0], "%lld%c",
		       (long long)ms, kind);
	list->argv[list->n] = list->text[list->n];
	list->n++;
}

/* Midnight joins two days that are open all day: no instant there. */
static void
add_span(struct instants *list, int64_t day, const int *span, bool all_day)
{
	if (all_day)
		return;
	add_instant(list, day + span[0] * SITE_MIN, 'o');
	add_instant(list, day + span[1] * SITE_MIN, 'c');
}

void
site_calendar(struct site *s, const char *name, ...)
{
	struct instants list = { .argv = { name, "" }, .n = 2 };
	int64_t today = s->now_ms - s->now_ms % SITE_DAY;
	int spans[MOST_SPANS][2], n = 0;
	char until[24];
	va_list ap;

	va_start(ap, name);
	for (int from = va_arg(ap, int); from >= 0 && n < MOST_SPANS;
	     from = va_arg(ap, int)) {
		spans[n][0] = from;
		spans[n++][1] = va_arg(ap, int);
	}
	va_end(ap);
	(void)snprintf(until, sizeof until, "%lld",
		       (long long)(today + DAYS_AFTER * SITE_DAY));
	list.argv[1] = until;
	for (int d = -DAYS_BEFORE; d < DAYS_AFTER; d++) {
		for (int i = 0; i < n; i++)
			add_span(&list, today + d * SITE_DAY, spans[i],
				 spans[i][1] - spans[i][0] == 24 * 60);
	}
	(void)site_call_list(s, "calendar_put", list.n, list.argv);
}

/* ---- what Redis holds --------------------------------------------------- */

const char *
site_key(const char *fmt, ...)
{
	static char kept[KEPT][256];
	static unsigned at;
	char *key = kept[at++ % KEPT];
	int n = snprintf(key, sizeof kept[0], "%s:", SITE_ROOT);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(key + n, sizeof kept[0] - (size_t)n, fmt, ap);
	va_end(ap);
	return key;
}

const char *
site_field(struct site *s, int64_t number, const char *field)
{
	static char kept[KEPT][512];
	static unsigned at;
	char *text = kept[at++ % KEPT];

	(void)snprintf(text, sizeof kept[0], "%s",
		       redis_str(s->redis, "HGET",
				 site_key("item:%lld", (long long)number),
				 field, NULL));
	return text;
}

const char *
site_state(struct site *s, int64_t number)
{
	return site_field(s, number, "state");
}

int64_t
site_used(struct site *s, int64_t number)
{
	char id[24];

	(void)snprintf(id, sizeof id, "%lld", (long long)number);
	return reply_int(site_call(s, "explain", id, "", NULL), "sum", "used");
}

static const char *
entry_field(const redisReply *entry, const char *field)
{
	const redisReply *flat = entry->element[1];

	for (size_t i = 0; i + 1 < flat->elements; i += 2) {
		if (strcmp(flat->element[i]->str, field) == 0)
			return flat->element[i + 1]->str;
	}
	return "";
}

static bool
entry_is(const redisReply *entry, const char *type, int64_t number)
{
	const char *alert = strncmp(type, "alert:", 6) == 0 ? type + 6 : NULL;
	char text[24];

	(void)snprintf(text, sizeof text, "%lld", (long long)number);
	if (number != 0 && strcmp(entry_field(entry, "number"), text) != 0)
		return false;
	if (alert != NULL)
		return strcmp(entry_field(entry, "type"), "alert") == 0 &&
		       strcmp(entry_field(entry, "alert"), alert) == 0;
	return strcmp(entry_field(entry, "type"), type) == 0;
}

int
site_logged(struct site *s, const char *type, int64_t number)
{
	redisReply *log =
	    redis_do(s->redis, "XRANGE", site_key("log"), "-", "+", NULL);
	int n = 0;

	for (size_t i = 0; i < log->elements; i++)
		n += entry_is(log->element[i], type, number) ? 1 : 0;
	freeReplyObject(log);
	return n;
}

/* Redis digests every key and value itself; the order does not matter to it. */
char *
site_digest(struct site *s)
{
	return strdup(redis_str(s->redis, "DEBUG", "DIGEST", NULL));
}
