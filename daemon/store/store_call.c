#include "daemon/store/store_call.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "daemon/base/clock.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/store/answer.h"
#include "daemon/store/library.h"
#include "daemon/store/rds.h"
#include "daemon/store/recent.h"
#include "daemon/store/store_wait.h"
#include "daemon/store/trouble.h"

/* No Redis has it: every writing call is refused. */
#define NO_EPOCH "none"

struct store {
	struct rds *rds; /* borrowed */
	char *root;      /* owned: "rb:{site}" */
	char *daemon;    /* owned */
	char *epoch;     /* owned; "" where nobody watches over epochs */
	struct store_watch watch;
	int64_t ahead_ms; /* of our clock: how far Redis's is */
	struct store_wait *wait; /* owned; NULL: replicas are not waited for */
	char hindrance[300];   /* what Redis said last when it would not */
	int64_t hindered_at;   /* monotonic */
	bool partial;          /* it was only of one customer or item */
};

/* The tick asks twice a second: what hinders it is said for so long. */
#define HINDERED_MS 1500

/* Where the arguments begin: FCALL, function, 1, key, context. */
enum { AT_FUNCTION = 1, AT_CONTEXT = 4, AT_ARGUMENTS = 5 };

/*
 * A call
 *	call_send	the arguments, to Redis
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
	char *epoch, *from; /* owned; from may be NULL */
	bool any_epoch, again;
};
static void call_ended(void *, enum store_end, const redisReply *);
static void call_loaded(void *, enum store_end, const redisReply *);

/* ---- the store ---------------------------------------------------------- */

struct store *
store_new(struct rds *rds, const char *site, const char *daemon)
{
	struct store *st = text_alloc(sizeof *st);

	st->rds = rds;
	st->root = text_print("rb:{%s}", site);
	st->daemon = text_dup(daemon);
	st->epoch = text_dup("");
	return st;
}

void
store_wait_for(struct store *st, int64_t replicas, int64_t ms)
{
	store_wait_free(st->wait);
	st->wait = replicas > 0 ? store_wait_new(st->rds, replicas, ms) : NULL;
}

void
store_free(struct store *st)
{
	if (st == NULL)
		return;
	store_wait_free(st->wait);
	free(st->root);
	free(st->daemon);
	free(st->epoch);
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

const char *
store_trouble(const struct store *st)
{
	return clock_mono_ms() - st->hindered_at < HINDERED_MS ? st->hindrance
							       : "";
}

const char *
store_hindrance(const struct store *st)
{
	return st->partial ? "" : store_trouble(st);
}

/* A new link would not help.  What hinders all says more than that some command
 * met a key of another kind; that the configuration is missing is known to the
 * one who writes it. */
static void
note_hindrance(struct store *st, const redisReply *r)
{
	const struct trouble *t = NULL;
	bool partial;

	if (r != NULL && r->type == REDIS_REPLY_ERROR) {
		t = trouble_find(r->str);
		if (t == NULL)
			t = trouble_inside(r->str);
	}
	if (t == NULL || t->cut || strcmp(t->word, "NOPOLICY ") == 0)
		return;
	partial = strcmp(t->word, "WRONGTYPE ") == 0;
	if (partial && *store_hindrance(st) != '\0')
		return;
	trouble_tell(st->hindrance, sizeof st->hindrance, r->str);
	st->partial = partial;
	st->hindered_at = clock_mono_ms();
}

int64_t
store_now_ms(const struct store *st)
{
	return clock_wall_ms() + st->ahead_ms;
}

bool
store_recovering(const struct store *st)
{
	return strcmp(st->epoch, NO_EPOCH) == 0;
}

const char *
store_daemon(const struct store *st)
{
	return st->daemon;
}

void
store_watch(struct store *st, const struct store_watch *watch)
{
	st->watch = *watch;
	store_set_epoch(st, "");
}

void
store_set_epoch(struct store *st, const char *epoch)
{
	free(st->epoch);
	st->epoch = text_dup(*epoch != '\0' ? epoch : NO_EPOCH);
}

/* ---- its arguments ------------------------------------------------------ */

static void
call_free(struct call *c)
{
	for (size_t i = 0; i < c->argc; i++)
		free(c->argv[i]);
	free(c->argv);
	free(c->epoch);
	free(c->from);
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

void
call_add_int(struct call *c, int64_t n)
{
	char buf[24];

	(void)snprintf(buf, sizeof buf, "%" PRId64, n);
	call_add(c, buf);
}

void
call_add_fields(struct call *c, const struct record *fields)
{
	for (size_t i = 0; fields != NULL && i < record_count(fields); i++) {
		call_add(c, record_name_at(fields, i));
		call_add(c, record_value_at(fields, i));
	}
}

void
call_set_patience(struct call *c, int64_t ms)
{
	c->patience_ms = ms;
}

void
call_set_actor(struct call *c, const struct actor *who)
{
	free(c->from);
	c->from = text_print("%s|%s", who->from, who->name);
}

void
call_in_any_epoch(struct call *c)
{
	c->any_epoch = true;
}

struct call *
call_new(struct store *st, store_done *done, void *cookie, const char *function,
	 ...)
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

/* ---- to Redis and back -------------------------------------------------- */

void
call_send(struct call *c)
{
	const char **argv = text_alloc(c->argc * sizeof *argv);
	const struct rds_command command = { .argc = (int)c->argc,
					     .argv = argv,
					     .patience_ms = c->patience_ms };

	free(c->epoch);
	c->epoch = text_dup(c->any_epoch ? "" : c->store->epoch);
	free(c->argv[AT_CONTEXT]);
	c->argv[AT_CONTEXT] =
	    text_print("|%s|%s", c->epoch, c->from != NULL ? c->from : "");
	for (size_t i = 0; i < c->argc; i++)
		argv[i] = c->argv[i];
	rds_call_command(c->store->rds, &command, call_ended, c);
	free(argv);
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

/* What an act was answered is kept for a while: a Redis that takes over may
 * have forgotten it. */
static void
keep(const struct call *c, const struct store_answer *a)
{
	const struct record *fact = answer_section(a, "fact");
	const struct recent_act act = {
		.epoch = c->epoch,
		.function = c->argv[AT_FUNCTION],
		.from = c->from != NULL ? c->from : "",
		.word = a->word,
		.fact = fact,
		.argv = (const char *const *)c->argv + AT_ARGUMENTS,
		.argc = c->argc - AT_ARGUMENTS,
	};

	if (fact == NULL)
		return;
	c->store->ahead_ms = record_int(fact, "at", 0) - clock_wall_ms();
	if (c->store->watch.recent != NULL)
		recent_add(c->store->watch.recent, &act);
}

static void
call_copied(void *cookie, bool kept, const struct store_answer *a)
{
	struct call *c = cookie;

	if (kept)
		call_finish(c, STORE_DONE, a);
	else
		call_fail(c, STORE_UNKNOWN,
			  STORE_UNCOPIED "done, but on too few replicas yet");
}

static void
call_answered(struct call *c, struct store_answer *a)
{
	const struct store_watch *watch = &c->store->watch;

	if (strcmp(a->word, "recovering") == 0 && *c->epoch != '\0') {
		/* What was asked before the last recovery says nothing new. */
		if (watch->recovering != NULL &&
		    strcmp(c->epoch, c->store->epoch) == 0)
			watch->recovering(watch->cookie);
		call_fail(
		    c, STORE_NOT_SENT,
		    "another Redis has just taken over; what it missed is "
		    "being told again");
		return;
	}
	keep(c, a);
	if (c->store->wait != NULL && answer_section(a, "fact") != NULL)
		store_wait_add(c->store->wait, a, call_copied, c);
	else
		call_finish(c, STORE_DONE, a);
}

static void
call_ended(void *cookie, enum store_end end, const redisReply *r)
{
	struct call *c = cookie;
	struct store_answer a;

	if (end == STORE_REFUSED && trouble_no_function(r) && !c->again) {
		const char *const argv[] = { "FUNCTION", "LOAD", "REPLACE",
					     library_text };

		c->again = true;
		rds_call(c->store->rds, 4, argv, NULL, call_loaded, c);
		return;
	}
	if (end != STORE_DONE) {
		note_hindrance(c->store, r);
		call_fail(c, end, r != NULL && r->str != NULL ? r->str : "");
		return;
	}
	if (answer_read(&a, r) < 0) {
		call_fail(c, STORE_REFUSED, "an answer of an unknown shape");
		return;
	}
	call_answered(c, &a);
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
