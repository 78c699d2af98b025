#include "daemon/api/callbook.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <uuid/uuid.h>

#include "daemon/api/parking.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/sources/source.h"
#include "daemon/store/store.h"

#define MOST 1000
#define LOOK_S 2
#define KEPT_MS (5 * 60 * 1000)
/* Redis was away all that time: it has forgotten the attempt by itself. */
#define UNTOLD_MS (30 * 60 * 1000)
#define AGENT_RINGS_MS 30000
#define CUSTOMER_RINGS_MS 60000

static const char *const states[] = {
	[ORIGINATE_AGENT] = "agent",
	[ORIGINATE_CUSTOMER] = "customer",
	[ORIGINATE_TALKING] = "talking",
	[ORIGINATE_ENDED] = "ended",
};
#define STATES (sizeof states / sizeof *states)

/* What is proposed; nothing is recorded by itself. */
static const struct {
	const char *word, *outcome;
} results[] = {
	[ORIGINATE_TALKED] = { "talked", "done" },
	[ORIGINATE_NO_ANSWER] = { "no-answer", "no-answer" },
	[ORIGINATE_BUSY] = { "busy", "busy" },
	[ORIGINATE_BAD_NUMBER] = { "bad-number", "bad-number" },
	[ORIGINATE_REFUSED] = { "refused", "" },
	[ORIGINATE_AGENT_NO_ANSWER] = { "agent-no-answer", "" },
	[ORIGINATE_AGENT_BUSY] = { "agent-busy", "" },
	[ORIGINATE_AGENT_AWAY] = { "agent-away", "" },
	[ORIGINATE_GIVEN_UP] = { "given-up", "" },
	[ORIGINATE_LOST] = { "lost", "" },
};

/*
 * A call
 *	callbook_begin	ordered of the source
 *	on_told		another state: Redis is told, who waits is woken
 *	on_look		Redis is told again: that it goes on, or its end
 *	on_kept		Redis knows
 */
struct made_call {
	TAILQ_ENTRY(made_call) all;
	struct callbook *book;
	char id[CALLBOOK_ID_SIZE];
	struct actor who;                        /* its texts are owned */
	char *name, *groups, *from, *phone, *to; /* owned; who's, and whom */
	int64_t number;
	struct source *source; /* NULL: it has ended */
	const struct source_type *type;
	enum originate_state state;
	enum originate_result result;
	int64_t talked_s, since_ms; /* since: wall */
	int64_t told_ms, ended_ms;  /* monotonic */
	bool asking;                /* Redis, just now */
	bool dirty, kept;           /* to be told again; its end is known */
	char *why;                  /* owned; NULL unless it has ended */
};

struct callbook {
	struct callbook_options o;
	struct event *look;            /* owned */
	TAILQ_HEAD(, made_call) calls; /* oldest first */
	size_t count;
};
static void tell_redis(struct made_call *);

/* ---- the book ----------------------------------------------------------- */

static struct made_call *
find(const struct callbook *b, const char *id)
{
	struct made_call *c;

	TAILQ_FOREACH(c, &b->calls, all)
	{
		if (strcmp(c->id, id) == 0)
			return c;
	}
	return NULL;
}

static void
drop(struct made_call *c)
{
	TAILQ_REMOVE(&c->book->calls, c, all);
	c->book->count--;
	free(c->name);
	free(c->groups);
	free(c->from);
	free(c->phone);
	free(c->to);
	free(c->why);
	free(c);
}

static bool
is_over(const struct made_call *c, int64_t for_ms, int64_t untold_ms)
{
	int64_t age = clock_mono_ms() - c->ended_ms;

	return c->state == ORIGINATE_ENDED && !c->asking &&
	       age >= (c->kept ? for_ms : untold_ms);
}

static void
look_at(struct made_call *c)
{
	int64_t quiet = clock_mono_ms() - c->told_ms;

	if (is_over(c, KEPT_MS, UNTOLD_MS))
		drop(c);
	else if (c->state == ORIGINATE_ENDED ? !c->kept
					     : quiet >= STORE_DIAL_MS)
		tell_redis(c);
}

static void
on_look(evutil_socket_t fd, short what, void *cookie)
{
	const struct timeval tv = { .tv_sec = LOOK_S };
	struct callbook *b = cookie;
	struct made_call *c, *next;

	(void)fd;
	(void)what;
	for (c = TAILQ_FIRST(&b->calls); c != NULL; c = next) {
		next = TAILQ_NEXT(c, all);
		look_at(c);
	}
	if (b->count > 0)
		(void)evtimer_add(b->look, &tv);
}

struct callbook *
callbook_new(const struct callbook_options *o)
{
	struct callbook *b = text_alloc(sizeof *b);

	b->o = *o;
	TAILQ_INIT(&b->calls);
	b->look = evtimer_new(o->base, on_look, b);
	if (b->look == NULL)
		abort();
	return b;
}

void
callbook_free(struct callbook *b)
{
	if (b == NULL)
		return;
	while (!TAILQ_EMPTY(&b->calls))
		drop(TAILQ_FIRST(&b->calls));
	event_free(b->look);
	free(b);
}

void
callbook_id(char ret[CALLBOOK_ID_SIZE])
{
	uuid_t uuid;

	uuid_generate_random(uuid);
	uuid_unparse_lower(uuid, ret);
}

/* Of those whose end is known the oldest gives way. */
bool
callbook_is_full(struct callbook *b)
{
	struct made_call *c;

	TAILQ_FOREACH(c, &b->calls, all)
	{
		if (b->count < MOST)
			return false;
		if (is_over(c, 0, UNTOLD_MS)) {
			drop(c);
			return false;
		}
	}
	return b->count >= MOST;
}

/* ---- Redis -------------------------------------------------------------- */

static void
on_kept(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct made_call *c = cookie;

	(void)a;
	c->asking = false;
	if (end == STORE_NOT_SENT || end == STORE_UNKNOWN)
		return; /* on_look asks again */
	if (c->dirty)
		tell_redis(c);
	else
		c->kept = c->state == ORIGINATE_ENDED;
}

static void
tell_redis(struct made_call *c)
{
	bool ended = c->state == ORIGINATE_ENDED;
	const struct store_dialled told = {
		.number = c->number,
		.call = c->id,
		.result = results[c->result].word,
		.outcome = results[c->result].outcome,
		.talked_s = c->talked_s,
	};

	c->dirty = c->asking;
	if (c->asking)
		return;
	c->asking = true;
	c->told_ms = clock_mono_ms();
	if (ended)
		store_dialled(c->book->o.store, &c->who, &told, on_kept, c);
	else
		store_dialling(c->book->o.store, &c->who, &told,
			       states[c->state], on_kept, c);
}

/* ---- a call ------------------------------------------------------------- */

static void
log_end(const struct made_call *c)
{
	char value[200];

	log_info("calls", "ended call=%s item=%" PRId64 " result=%s%s%s", c->id,
		 c->number, results[c->result].word,
		 *c->why != '\0' ? " said=" : "",
		 *c->why != '\0' ? log_value(value, sizeof value, c->why) : "");
}

static void
set_state(struct made_call *c, const struct originate_news *news)
{
	c->state = news->state;
	c->since_ms = store_now_ms(c->book->o.store);
	if (news->state == ORIGINATE_ENDED) {
		c->source = NULL;
		c->ended_ms = clock_mono_ms();
		c->result = news->result;
		c->talked_s = (news->talked_ms + 500) / 1000;
		c->why = text_dup(news->why);
		text_clean(c->why, false);
		log_end(c);
	}
	tell_redis(c);
	parking_wake(c->book->o.waiting, c->id);
}

static void
on_told(void *cookie, const struct originate_news *news)
{
	set_state(cookie, news);
}

static struct made_call *
add(struct callbook *b, const struct callbook_order *o)
{
	const struct timeval tv = { .tv_sec = LOOK_S };
	struct made_call *c = text_alloc(sizeof *c);

	c->book = b;
	(void)snprintf(c->id, sizeof c->id, "%s", o->id);
	c->name = text_dup(o->who->name);
	c->groups = text_dup(o->who->groups);
	c->from = text_dup(o->who->from);
	c->phone = text_dup(o->phone);
	c->to = text_dup(o->to);
	c->who = (struct actor){ .name = c->name,
				 .groups = c->groups,
				 .rank = o->who->rank,
				 .from = c->from };
	c->number = o->number;
	c->source = o->source;
	c->type = o->type;
	c->told_ms = clock_mono_ms();
	c->since_ms = store_now_ms(b->o.store);
	TAILQ_INSERT_TAIL(&b->calls, c, all);
	b->count++;
	if (!evtimer_pending(b->look, NULL))
		(void)evtimer_add(b->look, &tv);
	return c;
}

void
callbook_refuse(struct callbook *b, const struct callbook_order *o)
{
	const struct originate_news lost = { .state = ORIGINATE_ENDED,
					     .result = ORIGINATE_LOST,
					     .why = "" };

	set_state(add(b, o), &lost);
}

int
callbook_begin(struct callbook *b, const struct callbook_order *o,
	       struct fault *fault)
{
	const struct originate order = { .id = o->id,
					 .phone = o->phone,
					 .number = o->to,
					 .caller_id = o->caller_id,
					 .agent_ms = AGENT_RINGS_MS,
					 .customer_ms = CUSTOMER_RINGS_MS };
	struct made_call *c = add(b, o);
	const struct originate_news lost = { .state = ORIGINATE_ENDED,
					     .result = ORIGINATE_LOST,
					     .why = fault->text };

	if (o->type->originate(o->source, &order, on_told, c, fault) == 0)
		return 0;
	set_state(c, &lost);
	return -1;
}

void
callbook_hang_up(struct callbook *b, const char *id)
{
	const struct made_call *c = find(b, id);

	if (c != NULL && c->source != NULL)
		c->type->hang_up(c->source, c->id);
}

/* ---- what people see ---------------------------------------------------- */

const char *
callbook_agent(const struct callbook *b, const char *id)
{
	const struct made_call *c = find(b, id);

	return c != NULL ? c->name : NULL;
}

bool
callbook_is_at(const struct callbook *b, const char *id, const char *state)
{
	const struct made_call *c = find(b, id);

	return c != NULL && c->state != ORIGINATE_ENDED &&
	       strcmp(states[c->state], state) == 0;
}

bool
callbook_is_state(const char *s)
{
	for (size_t i = 0; i < STATES; i++) {
		if (strcmp(states[i], s) == 0)
			return true;
	}
	return false;
}

json_t *
callbook_tell(const struct callbook *b, const char *id)
{
	const struct made_call *c = find(b, id);
	json_t *o;

	assert(c != NULL);
	o = json_pack("{s:s, s:s, s:I, s:s, s:s, s:I}", "call", c->id, "state",
		      states[c->state], "number", (json_int_t)c->number,
		      "phone", c->phone, "to", c->to, "since",
		      (json_int_t)c->since_ms);
	if (c->state != ORIGINATE_ENDED)
		return o;
	(void)json_object_set_new(o, "result",
				  json_string(results[c->result].word));
	if (*results[c->result].outcome != '\0')
		(void)json_object_set_new(
		    o, "outcome", json_string(results[c->result].outcome));
	if (c->result == ORIGINATE_TALKED)
		(void)json_object_set_new(o, "talked_s",
					  json_integer(c->talked_s));
	if (*c->why != '\0')
		(void)json_object_set_new(o, "why", json_string(c->why));
	return o;
}
