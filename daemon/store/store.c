#include "daemon/store/store.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/store/answer.h"
#include "daemon/store/library.h"
#include "daemon/store/rds.h"
#include "daemon/store/store_call.h"

struct store {
	struct rds *rds; /* borrowed */
	char *root;      /* owned: "rb:{site}" */
	char *daemon;    /* owned */
};

/*
 * A call
 *	call		the arguments, to Redis
 *	call_ended	an answer; or the library is not there: load it,
 *	call_loaded	and once more, because nothing ran
 */
struct call {
	struct store *store; /* borrowed */
	store_done *done;
	void *cookie;
	char **argv; /* owned, and the strings */
	size_t argc, size;
	int64_t patience_ms;
	bool again;
};
static void call_ended(void *, enum store_end, const redisReply *);
static void call_loaded(void *, enum store_end, const redisReply *);

struct store *
store_new(struct rds *rds, const char *site, const char *daemon)
{
	struct store *st = text_alloc(sizeof *st);

	st->rds = rds;
	st->root = text_print("rb:{%s}", site);
	st->daemon = text_dup(daemon);
	return st;
}

void
store_free(struct store *st)
{
	if (st == NULL)
		return;
	free(st->root);
	free(st->daemon);
	free(st);
}

int64_t
store_down_since_ms(const struct store *st)
{
	return rds_down_since_ms(st->rds);
}

const char *
store_why(const struct store *st)
{
	return rds_why(st->rds);
}

/* ---- one call ------------------------------------------------------------------ */

static void
call_free(struct call *c)
{
	for (size_t i = 0; i < c->argc; i++)
		free(c->argv[i]);
	free(c->argv);
	free(c);
}

void
call_add(struct call *c, const char *s)
{
	if (c->argc == c->size) {
		c->size = c->size > 0 ? c->size * 2 : 32;
		c->argv = text_realloc(c->argv, c->size * sizeof *c->argv);
	}
	c->argv[c->argc++] = text_dup(s);
}

static void
call_add_int(struct call *c, int64_t n)
{
	char buf[24];

	(void)snprintf(buf, sizeof buf, "%" PRId64, n);
	call_add(c, buf);
}

static void
call_add_fields(struct call *c, const struct record *fields)
{
	for (size_t i = 0; fields != NULL && i < record_count(fields); i++) {
		call_add(c, record_name_at(fields, i));
		call_add(c, record_value_at(fields, i));
	}
}

void
call_send(struct call *c)
{
	const char **argv = text_alloc(c->argc * sizeof *argv);
	const struct rds_command command = { .argc = (int)c->argc,
		.argv = argv,
		.patience_ms = c->patience_ms };

	for (size_t i = 0; i < c->argc; i++)
		argv[i] = c->argv[i];
	rds_call_command(c->store->rds, &command, call_ended, c);
	free(argv);
}

struct call *
call_new(struct store *st, store_done *done, void *cookie,
    const char *function, ...)
{
	struct call *c = text_alloc(sizeof *c);
	const char *s;
	va_list ap;

	c->store = st;
	c->done = done;
	c->cookie = cookie;
	call_add(c, "FCALL");
	call_add(c, function);
	call_add(c, "1");
	call_add(c, st->root);
	call_add(c, "");
	va_start(ap, function);
	while ((s = va_arg(ap, const char *)) != NULL)
		call_add(c, s);
	va_end(ap);
	return c;
}

static void
call_finish(struct call *c, enum store_end end, const struct store_answer *a)
{
	c->done(c->cookie, end, a);
	call_free(c);
}

static void
call_fail(struct call *c, enum store_end end, const char *error)
{
	const struct store_answer a = { .word = "", .error = error };

	call_finish(c, end, &a);
}

static bool
library_missing(const redisReply *r)
{
	return r != NULL && r->type == REDIS_REPLY_ERROR &&
	    strstr(r->str, "Function not found") != NULL;
}

static void
call_ended(void *cookie, enum store_end end, const redisReply *r)
{
	struct call *c = cookie;
	struct store_answer a;

	if (end == STORE_REFUSED && library_missing(r) && !c->again) {
		const char *const argv[] = { "FUNCTION", "LOAD", "REPLACE",
			library_text };

		c->again = true;
		rds_call(c->store->rds, 4, argv, NULL, call_loaded, c);
		return;
	}
	if (end != STORE_DONE) {
		call_fail(c, end, r != NULL && r->str != NULL ? r->str : "");
		return;
	}
	if (answer_read(&a, r) < 0) {
		call_fail(c, STORE_REFUSED, "an answer of an unknown shape");
		return;
	}
	call_finish(c, STORE_DONE, &a);
	answer_done(&a);
}

static void
call_loaded(void *cookie, enum store_end end, const redisReply *r)
{
	struct call *c = cookie;

	/* Loading is harmless, so its own fate never makes ours unknown. */
	if (end == STORE_DONE)
		call_send(c);
	else
		call_fail(c, end == STORE_UNKNOWN ? STORE_NOT_SENT : end,
		    r != NULL && r->str != NULL ? r->str : "");
}

/* ---- events and work ----------------------------------------------------------- */

void
store_event(struct store *st, const struct store_event *event, store_done *done,
    void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, "rb1_event", event->uuid, NULL);

	call_add_fields(c, event->fields);
	c->patience_ms = event->patience_ms;
	call_send(c);
}

void
store_estimate(struct store *st, int64_t number, store_done *done, void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_estimate", NULL);

	call_add_int(c, number);
	call_send(c);
}

void
store_next(struct store *st, const struct actor *who, int64_t wait_ms,
    store_done *done, void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_next", who->name,
	    who->groups, st->daemon, NULL);

	call_add_int(c, wait_ms);
	call_send(c);
}

/* call_by: a function whose first arguments are the agent, his groups, his
 * rank and the item. */
static struct call *
call_by(struct store *st, const char *function, const struct actor *who,
    const char *id, store_done *done, void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, function, who->name, who->groups, NULL);

	call_add_int(c, who->rank);
	call_add(c, id);
	return c;
}

void
store_hold(struct store *st, const struct actor *who, const char *id,
    store_done *done, void *cookie)
{
	call_send(call_by(st, "rb1_hold", who, id, done, cookie));
}

void
store_extend(struct store *st, const struct actor *who, const char *id,
    store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_extend", who->name,
	    who->groups, id, NULL));
}

void
store_outcome(struct store *st, const struct actor *who,
    const struct store_outcome *o, store_done *done, void *cookie)
{
	struct call *c = call_by(st, "rb1_outcome", who, o->id, done, cookie);

	call_add(c, o->fence);
	call_add(c, o->code);
	call_add_fields(c, o->fields);
	call_send(c);
}

void
store_release(struct store *st, const struct actor *who, const char *id,
    const char *reason, store_done *done, void *cookie)
{
	struct call *c = call_by(st, "rb1_release", who, id, done, cookie);

	call_add(c, reason);
	call_send(c);
}

void
store_move(struct store *st, const struct actor *who,
    const struct store_move *m, store_done *done, void *cookie)
{
	struct call *c = call_by(st, "rb1_move", who, m->id, done, cookie);

	call_add(c, m->to);
	call_add(c, m->note);
	call_send(c);
}

void
store_note(struct store *st, const struct actor *who, const char *id,
    const char *text, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_note", who->name, who->groups,
	    id, text, NULL));
}

void
store_undo(struct store *st, const struct actor *who, const char *id,
    store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_undo", who->name,
	    who->groups, id, NULL));
}

/* ---- what people look at --------------------------------------------------------- */

void
store_item(struct store *st, const char *id, const char *agent,
    store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_item", id, agent, NULL));
}

void
store_explain(struct store *st, const char *id, const char *agent,
    store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_explain", id, agent, NULL));
}

void
store_items(struct store *st, int64_t first, int64_t count,
    const struct record *filter, store_done *done, void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_items", NULL);

	call_add_int(c, first);
	call_add_int(c, count);
	call_add_fields(c, filter);
	call_send(c);
}

void
store_queues(struct store *st, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_queues", NULL));
}

void
store_me(struct store *st, const char *agent, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_me", agent, NULL));
}

/* ---- who serves what, the directory, tokens ---------------------------------------- */

void
store_agent_add(struct store *st, const struct store_service *s,
    store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_agent_add", s->queue,
	    s->agent, s->factor, s->by, NULL));
}

void
store_agent_remove(struct store *st, const struct store_service *s,
    store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_agent_remove", s->queue,
	    s->agent, s->by, NULL));
}

void
store_agents(struct store *st, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_agents", NULL));
}

void
store_duty(struct store *st, const struct actor *who, const char *duty,
    store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_agent_duty", who->name,
	    who->groups, duty, NULL));
}

void
store_seen(struct store *st, const char *name, const char *groups,
    store_done *done, void *cookie)
{
	call_send(
	    call_new(st, done, cookie, "rb1_seen", name, groups, NULL));
}

void
store_customer_put(struct store *st, const char *id,
    const struct record *customer, store_done *done, void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, "rb1_customer_put", id, NULL);

	call_add_fields(c, customer);
	call_send(c);
}

void
store_customer_delete(
    struct store *st, const char *id, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_customer_delete", id, NULL));
}

void
store_customer(struct store *st, const char *id, const char *phone,
    store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_customer", id, phone, NULL));
}

void
store_customers(struct store *st, const char *after, int64_t count,
    store_done *done, void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, "rb1_customers", after, NULL);

	call_add_int(c, count);
	call_send(c);
}

void
store_token(struct store *st, const char *sha256, int64_t patience_ms,
    store_done *done, void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_token", sha256, NULL);

	c->patience_ms = patience_ms;
	call_send(c);
}

void
store_token_put(struct store *st, const char *name, const char *role,
    const char *sha256, store_done *done, void *cookie)
{
	call_send(call_new(
	    st, done, cookie, "rb1_token_put", name, role, sha256, NULL));
}

void
store_token_revoke(
    struct store *st, const char *name, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_token_revoke", name, NULL));
}

void
store_tokens(struct store *st, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_tokens", NULL));
}

void
store_token_book(struct store *st, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_token_book", NULL));
}

/* ---- what daemons do by themselves -------------------------------------------------- */

void
store_policy_get(struct store *st, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_policy_get", NULL));
}

void
store_policy_put(struct store *st, const char *hash,
    const struct record *fields, store_done *done, void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, "rb1_policy_put", hash, NULL);

	call_add_fields(c, fields);
	call_send(c);
}

void
store_calendars(struct store *st, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_calendars", NULL));
}

void
store_calendar_put(struct store *st, const struct store_calendar *calendar,
    store_done *done, void *cookie)
{
	struct call *c = call_new(
	    st, done, cookie, "rb1_calendar_put", calendar->name, NULL);

	call_add_int(c, calendar->until_ms);
	for (size_t i = 0; i < calendar->count; i++)
		call_add(c, calendar->instants[i]);
	call_send(c);
}

void
store_tick(struct store *st, const char *days, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_tick", days, NULL));
}

void
store_alerts(struct store *st, int64_t claim_ms, const char *channels,
    store_done *done, void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, "rb1_alerts", st->daemon, NULL);

	call_add_int(c, claim_ms);
	call_add(c, channels);
	call_send(c);
}

void
store_alert_told(struct store *st, const char *id, bool ok, store_done *done,
    void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_alert_told", st->daemon, id,
	    ok ? "ok" : "failed", NULL));
}
