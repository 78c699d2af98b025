#include "daemon/store/replay.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/store/intake.h"
#include "daemon/store/journal.h"
#include "daemon/store/journal_event.h"
#include "daemon/store/store.h"
#include "daemon/store/trouble.h"

/* So many are read at once, and are on their way to Redis at once. */
#define WINDOW 64
#define AGAIN_MS 250

enum progress { WAITING, SENT, REFUSING, OVER };

struct one {
	TAILQ_ENTRY(one) all;
	struct replay *replay;
	uint64_t seq;
	enum progress progress;
	bool forgotten; /* its journal's process died while Redis was asked */
	char *uuid;     /* owned; NULL: its data is no event */
	struct record *event; /* owned */
	char *why;            /* owned: why it is refused */
};
TAILQ_HEAD(window, one);

/*
 * A round
 *	replay_look	read some, if it may be
 *	on_record	each of them
 *	on_end		send them
 *	on_stored	what Redis said; refused ones go aside first
 *	on_aside
 *	advance		what is over at the front is done; read on
 */
struct replay {
	struct replay_options options;
	struct window window; /* read and not done, in order */
	bool reading, stopped;
	size_t sent;
	uint64_t since_idle; /* records done since there was nothing to do */
	struct event *again; /* owned */
	struct replay_figures figures;
	char why[200];
};
static void send_some(struct replay *);
static void on_stored(void *, enum store_end, const struct store_answer *);
static void advance(struct replay *);

static void
one_free(struct one *o)
{
	free(o->uuid);
	free(o->why);
	record_free(o->event);
	free(o);
}

/* ---- reading ------------------------------------------------------------ */

static bool
may_run(const struct replay *r)
{
	return !r->stopped && store_down_since_ms(r->options.store) == 0 &&
	       (r->options.ready == NULL ||
		r->options.ready(r->options.cookie));
}

/* Not before it is open: what is asked of a process that died has no answer. */
static void
read_on(struct replay *r)
{
	struct journal_state state;

	journal_look(r->options.journal, &state);
	if (r->reading || !state.open)
		return;
	r->reading = true;
	journal_read(r->options.journal, WINDOW);
}

void
replay_look(struct replay *r)
{
	struct journal_state state;

	if (!may_run(r))
		return;
	journal_look(r->options.journal, &state);
	if (!TAILQ_EMPTY(&r->window))
		send_some(r);
	else if (state.figures.records > 0)
		read_on(r);
}

static void
on_record(void *cookie, const struct journal_record *record)
{
	struct replay *r = cookie;
	struct one *o = text_alloc(sizeof *o);

	o->replay = r;
	o->seq = record->seq;
	o->uuid =
	    text_dup(journal_event_read(&o->event, record->data, record->len));
	TAILQ_INSERT_TAIL(&r->window, o, all);
}

static void
on_end(void *cookie, size_t records)
{
	struct replay *r = cookie;
	uint64_t n = r->since_idle;

	r->reading = false;
	if (records > 0) {
		send_some(r);
		return;
	}
	r->since_idle = 0;
	if (n > 0 && r->options.caught_up != NULL)
		r->options.caught_up(r->options.cookie, n);
}

/* ---- to Redis ----------------------------------------------------------- */

static void
refuse(struct replay *r, struct one *o, const char *why)
{
	o->progress = REFUSING;
	free(o->why);
	o->why = text_dup(why);
	journal_refuse(r->options.journal, o->seq);
}

static void
send_one(struct replay *r, struct one *o)
{
	const struct store_event e = { .uuid = o->uuid, .fields = o->event };
	const char *zone;

	if (o->uuid == NULL) {
		refuse(r, o, "its bytes are no event");
		return;
	}
	zone = record_get(o->event, "zone");
	if (zone != NULL && *zone != '\0' && r->options.zone != NULL)
		r->options.zone(r->options.cookie, zone);
	o->progress = SENT;
	r->sent++;
	store_event(r->options.store, &e, on_stored, o);
}

static void
send_some(struct replay *r)
{
	struct one *o;

	TAILQ_FOREACH(o, &r->window, all)
	{
		if (!may_run(r))
			break;
		if (o->progress == WAITING)
			send_one(r, o);
	}
}

/* Later, from the first that Redis has not taken: in order again. */
static void
stop(struct replay *r)
{
	const struct timeval tv = { .tv_usec = AGAIN_MS * 1000 };

	r->stopped = true;
	(void)evtimer_add(r->again, &tv);
}

static void
on_again(evutil_socket_t fd, short what, void *cookie)
{
	struct replay *r = cookie;

	(void)fd;
	(void)what;
	if (r->sent > 0) { /* what was sent before must not come after */
		stop(r);
		return;
	}
	r->stopped = false;
	replay_look(r);
}

static void
on_stored(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct one *o = cookie;
	struct replay *r = o->replay;

	r->sent--;
	if (o->forgotten) {
		one_free(o);
		return;
	}
	if (intake_is_passing(end, a)) {
		o->progress = WAITING;
		trouble_tell(r->why, sizeof r->why, a->error);
		if (*r->why == '\0')
			(void)snprintf(r->why, sizeof r->why, "%s",
				       *a->error != '\0'
					   ? a->error
					   : "Redis does not answer");
		stop(r);
	} else if (end != STORE_DONE) {
		refuse(r, o, a->error);
	} else {
		o->progress = OVER;
		r->why[0] = '\0';
		if (strcmp(a->word, "repeat") == 0)
			r->figures.repeated++;
	}
	advance(r);
}

static void
on_aside(void *cookie, uint64_t seq, bool ok)
{
	struct replay *r = cookie;
	struct one *o;

	TAILQ_FOREACH(o, &r->window, all)
	{
		if (o->seq != seq || o->progress != REFUSING)
			continue;
		o->progress = ok ? OVER : WAITING;
		if (!ok) {
			stop(r);
			break;
		}
		r->figures.refused++;
		if (r->options.refused != NULL)
			r->options.refused(r->options.cookie,
					   o->uuid != NULL ? o->uuid : "none",
					   o->why);
		break;
	}
	advance(r);
}

static void
advance(struct replay *r)
{
	struct one *o;
	uint64_t seq = 0;

	while ((o = TAILQ_FIRST(&r->window)) != NULL && o->progress == OVER) {
		TAILQ_REMOVE(&r->window, o, all);
		seq = o->seq;
		r->figures.done++;
		r->since_idle++;
		one_free(o);
	}
	if (seq > 0)
		journal_done(r->options.journal, seq);
	/* Also when it is empty now: that is how we learn of it. */
	if (o == NULL && seq > 0)
		read_on(r);
}

/* ---- life --------------------------------------------------------------- */

static void
forget_all(struct replay *r)
{
	struct one *o;

	while ((o = TAILQ_FIRST(&r->window)) != NULL) {
		TAILQ_REMOVE(&r->window, o, all);
		if (o->progress == SENT)
			o->forgotten = true;
		else
			one_free(o);
	}
}

static void
on_lost(void *cookie)
{
	struct replay *r = cookie;

	forget_all(r);
	r->reading = false;
	stop(r);
}

struct replay *
replay_new(const struct replay_options *options)
{
	struct replay *r = text_alloc(sizeof *r);
	const struct journal_reading_hooks hooks = { .record = on_record,
						     .end = on_end,
						     .aside = on_aside,
						     .lost = on_lost,
						     .cookie = r };

	r->options = *options;
	TAILQ_INIT(&r->window);
	r->again = event_new(options->base, -1, 0, on_again, r);
	if (r->again == NULL)
		abort();
	journal_set_reader(options->journal, &hooks);
	return r;
}

void
replay_free(struct replay *r)
{
	const struct journal_reading_hooks none = { 0 };

	if (r == NULL)
		return;
	journal_set_reader(r->options.journal, &none);
	forget_all(r);
	event_free(r->again);
	free(r);
}

void
replay_figures(const struct replay *r, struct replay_figures *ret)
{
	*ret = r->figures;
	ret->why = r->why;
}
