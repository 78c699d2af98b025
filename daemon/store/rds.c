#include "daemon/store/rds.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/queue.h>

#include "daemon/base/address.h"
#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/base/dial.h"
#include "daemon/store/rds_send.h"
#include "daemon/store/replies.h"
#include "daemon/store/trouble.h"

#define USUAL_MS 2000
#define FIRST_PAUSE_MS 50
#define LONGEST_PAUSE_MS 1000
#define STALL_MS 100
#define MOST_CALLS 10000
#define MOST_UNSENT (64 * 1024 * 1024)
#define LARGEST_REPLY (64 * 1024 * 1024)
#define MOST_ELEMENTS 1000000

struct call {
	TAILQ_ENTRY(call) all;
	rds_done *done; /* NULL: told already, its answer is swallowed */
	void *cookie;
	int64_t deadline_ms; /* monotonic, as all of these */
	int64_t asked_at;
	int64_t patience_ms; /* how long Redis may be silent */
	size_t len;          /* of the command's bytes */
	bool greeting;
	bool overdue; /* the deadline has passed */
};
TAILQ_HEAD(calls, call);

enum state { AWAY, FINDING, CONNECTING, GREETING, UP, CLOSED };

struct rds {
	struct event_base *base; /* borrowed */
	struct rds_options options;
	struct address address;
	int64_t call_ms, connect_ms;
	enum state state;
	unsigned attempt;         /* of a name's addresses, which is next */
	struct dial *dial;        /* owned; while CONNECTING */
	struct bufferevent *link; /* owned; from GREETING on */
	struct replies *replies;  /* owned; lives with link */
	struct calls sent;        /* in the order their replies come */
	struct calls unsent;      /* to be told NOT_SENT from the loop */
	size_t count;             /* of both */
	struct event *later;      /* owned: ends and cuts from the loop */
	struct event *watch;      /* owned: the earliest deadline */
	struct event *guard;      /* owned: connect limit, or pause before it */
	int64_t watch_at, heard_at;
	int64_t pause_ms;
	int64_t down_since; /* wall; 0 while up */
	bool doomed;        /* to be cut from the loop */
	int inside;         /* depth of callbacks into the owner */
	char why[160];
};

static void find(struct rds *);

/* ---- timers ------------------------------------------------------------- */

static void
watch_until(struct rds *r, int64_t at)
{
	if (r->watch_at != 0 && r->watch_at <= at)
		return;
	r->watch_at = at;
	rds_arm(r->watch, at - clock_mono_ms());
}

/* ---- endings ------------------------------------------------------------ */

static void
tell(struct rds *r, struct call *c, enum store_end end,
     const struct redisReply *reply)
{
	rds_done *done = c->done;

	c->done = NULL;
	if (done == NULL)
		return;
	r->inside++;
	done(c->cookie, end, reply);
	r->inside--;
}

static void
end_all(struct rds *r, struct calls *calls, enum store_end end)
{
	struct call *c;

	while ((c = TAILQ_FIRST(calls)) != NULL) {
		TAILQ_REMOVE(calls, c, all);
		r->count--;
		tell(r, c, end, NULL);
		free(c);
	}
}

/* Calls whose last byte never left us cannot have run. */
static void
take_back_unwritten(struct rds *r, struct calls *back)
{
	size_t left = evbuffer_get_length(bufferevent_get_output(r->link));
	struct call *c;

	while (left > 0 && (c = TAILQ_LAST(&r->sent, calls)) != NULL) {
		left -= c->len < left ? c->len : left;
		TAILQ_REMOVE(&r->sent, c, all);
		TAILQ_INSERT_HEAD(back, c, all);
	}
}

/* ---- cutting ------------------------------------------------------------ */

static void
doom(struct rds *r, const char *why)
{
	if (r->doomed || r->state == AWAY || r->state == CLOSED)
		return;
	r->doomed = true;
	(void)snprintf(r->why, sizeof r->why, "%s", why);
	event_active(r->later, EV_TIMEOUT, 0);
}

static void
close_link(struct rds *r)
{
	dial_free(r->dial);
	if (r->link != NULL)
		bufferevent_free(r->link);
	replies_free(r->replies);
	r->dial = NULL;
	r->link = NULL;
	r->replies = NULL;
	r->state = AWAY;
	r->doomed = false;
	r->watch_at = 0;
	(void)event_del(r->watch);
}

static void
cut(struct rds *r)
{
	bool was_up = r->state == UP;
	struct calls unknown = TAILQ_HEAD_INITIALIZER(unknown);
	struct calls back = TAILQ_HEAD_INITIALIZER(back);

	if (r->link != NULL)
		take_back_unwritten(r, &back);
	TAILQ_CONCAT(&unknown, &r->sent, all);
	close_link(r);
	if (r->down_since == 0)
		r->down_since = clock_wall_ms();
	rds_arm(r->guard, r->pause_ms);
	r->pause_ms = MIN(r->pause_ms * 2, LONGEST_PAUSE_MS);
	end_all(r, &unknown, STORE_UNKNOWN);
	end_all(r, &back, STORE_NOT_SENT);
	if (!was_up || r->options.changed == NULL)
		return;
	r->inside++;
	r->options.changed(r->options.cookie, false, r->why);
	r->inside--;
}

static void
on_later(evutil_socket_t fd, short what, void *cookie)
{
	struct rds *r = cookie;
	struct calls unsent = TAILQ_HEAD_INITIALIZER(unsent);

	(void)fd;
	(void)what;
	if (r->doomed)
		cut(r);
	/* Only those that are here now: one that asks again waits a round. */
	TAILQ_CONCAT(&unsent, &r->unsent, all);
	end_all(r, &unsent, STORE_NOT_SENT);
}

/* ---- deadlines ---------------------------------------------------------- */

static bool
is_overdue(const struct rds *r)
{
	const struct call *first = TAILQ_FIRST(&r->sent);

	return first != NULL && first->overdue;
}

static int64_t
patience_end(const struct rds *r, const struct call *c)
{
	return MIN(
	    MAX(c->asked_at, r->heard_at) + c->patience_ms, c->deadline_ms);
}

/* What is told stays as a tombstone, so that replies keep their order. */
static int64_t
tell_overdue(struct rds *r, int64_t now)
{
	int64_t next = INT64_MAX;
	struct call *c;

	TAILQ_FOREACH(c, &r->sent, all)
	{
		if (c->overdue)
			continue;
		if (c->deadline_ms > now) {
			if (patience_end(r, c) <= now)
				tell(r, c, STORE_UNKNOWN, NULL);
			next = MIN(next,
			    c->done ? patience_end(r, c) : c->deadline_ms);
			continue;
		}
		c->overdue = true;
		if (c->greeting)
			doom(r, "Redis does not answer the greeting");
		if (r->down_since == 0 && c == TAILQ_FIRST(&r->sent))
			r->down_since = clock_wall_ms();
		tell(r, c, STORE_UNKNOWN, NULL);
	}
	return next;
}

static void
on_watch(evutil_socket_t fd, short what, void *cookie)
{
	struct rds *r = cookie;
	int64_t now = clock_mono_ms(), next, patience;
	bool late = r->watch_at != 0 && now - r->watch_at > STALL_MS;

	(void)fd;
	(void)what;
	r->watch_at = 0;
	if (late) {
		/* It is we who stood still: answers may be there unread. */
		watch_until(r, now + STALL_MS);
		return;
	}
	next = tell_overdue(r, now);
	if (is_overdue(r)) {
		patience = r->call_ms +
		    MAX(TAILQ_FIRST(&r->sent)->deadline_ms, r->heard_at);
		if (patience <= now)
			doom(r, "Redis does not answer");
		else if (patience < next)
			next = patience;
	}
	if (next != INT64_MAX && !r->doomed)
		watch_until(r, next);
}

/* ---- replies ------------------------------------------------------------ */

static void
take_reply(struct rds *r, const struct redisReply *reply)
{
	struct call *c = TAILQ_FIRST(&r->sent);
	const struct trouble *trouble = NULL;
	enum store_end end = trouble_end(reply, &trouble);

	if (c == NULL) {
		doom(r, "Redis sent what nobody asked for");
		return;
	}
	TAILQ_REMOVE(&r->sent, c, all);
	r->count--;
	if (r->state == UP && !is_overdue(r))
		r->down_since = 0;
	if (end == STORE_DONE && !c->greeting)
		r->pause_ms = FIRST_PAUSE_MS; /* it serves, too */
	if (trouble != NULL && trouble->cut && !c->greeting)
		doom(r, trouble->why);
	if (trouble != NULL && trouble_is_moved(reply->str) &&
	    r->options.moved != NULL)
		r->options.moved(r->options.cookie, reply->str);
	tell(r, c, end, reply);
	free(c);
}

static void
take_replies(struct rds *r)
{
	while (!r->doomed) {
		struct redisReply *reply = NULL;
		int rc = replies_next(r->replies, &reply);

		if (rc < 0)
			doom(r, "Redis sent a broken reply");
		if (rc <= 0)
			return;
		take_reply(r, reply);
		freeReplyObject(reply);
	}
}

static void
on_read(struct bufferevent *link, void *cookie)
{
	struct rds *r = cookie;
	char chunk[16 * 1024];
	size_t n;

	r->heard_at = clock_mono_ms();
	while (!r->doomed && (n = bufferevent_read(link, chunk, sizeof chunk)) > 0) {
		if (replies_feed(r->replies, chunk, n) < 0)
			doom(r, "Redis sent a reply that is too large");
		else
			take_replies(r);
	}
}

/* ---- connecting ---------------------------------------------------------
 *	find		where to; the owner may have to ask others first
 *	rds_found
 *	on_dialed	connected: the greeting
 *	rds_ready
 */
static void on_dialed(void *, struct bufferevent *, const char *);

static void
on_event(struct bufferevent *link, short what, void *cookie)
{
	doom(cookie, dial_loss(link, what, "Redis"));
}

static void
on_guard(evutil_socket_t fd, short what, void *cookie)
{
	struct rds *r = cookie;

	(void)fd;
	(void)what;
	if (r->state == AWAY)
		find(r);
	else
		doom(r, "Redis does not answer in time");
}

static void
find(struct rds *r)
{
	r->state = FINDING;
	rds_arm(r->guard, r->connect_ms);
	if (r->options.find == NULL) {
		rds_found(r, &r->address);
		return;
	}
	r->inside++;
	r->options.find(r, r->options.cookie);
	r->inside--;
}

void
rds_found(struct rds *r, const struct address *address)
{
	struct tls_client *const *tls = r->options.tls;
	const struct dial_options dial = { r->base, address,
		tls != NULL ? *tls : NULL, r->attempt++, "Redis" };

	if (r->state != FINDING || r->doomed)
		return;
	r->state = CONNECTING;
	r->address = *address;
	rds_arm(r->guard, r->connect_ms);
	r->dial = dial_new(&dial, on_dialed, r);
}

static void
on_dialed(void *cookie, struct bufferevent *link, const char *why)
{
	struct rds *r = cookie;

	if (link == NULL)
		doom(r, why); /* which is the dial's own */
	dial_free(r->dial);
	r->dial = NULL;
	r->link = link;
	if (link == NULL || r->doomed)
		return;
	r->replies = replies_new(LARGEST_REPLY, MOST_ELEMENTS);
	bufferevent_setcb(link, on_read, NULL, on_event, r);
	(void)bufferevent_enable(link, EV_READ | EV_WRITE);
	r->heard_at = clock_mono_ms();
	r->state = GREETING;
	rds_arm(r->guard, r->connect_ms + r->call_ms);
	if (r->options.greet == NULL) {
		rds_ready(r);
		return;
	}
	r->inside++;
	r->options.greet(r, r->options.cookie);
	r->inside--;
}

void
rds_ready(struct rds *r)
{
	if (r->state != GREETING || r->doomed)
		return;
	r->state = UP;
	r->down_since = 0;
	r->why[0] = '\0';
	(void)event_del(r->guard);
	if (r->options.changed == NULL)
		return;
	r->inside++;
	r->options.changed(r->options.cookie, true, "");
	r->inside--;
}

void
rds_drop(struct rds *r, const char *why)
{
	doom(r, why);
}

void
rds_drop_for(struct rds *r, int64_t pause_ms, const char *why)
{
	doom(r, why);
	if (r->doomed)
		r->pause_ms = pause_ms;
}

void
rds_hurry(struct rds *r)
{
	if (r->state != AWAY)
		return;
	r->pause_ms = FIRST_PAUSE_MS;
	rds_arm(r->guard, 0);
}

/* ---- calls -------------------------------------------------------------- */

static bool
may_send(const struct rds *r, const struct rds_command *command)
{
	const struct call *first = TAILQ_FIRST(&r->sent);

	if (r->doomed || r->count > MOST_CALLS)
		return false;
	if (r->state != UP)
		return command->greeting && r->state == GREETING;
	/* Redis has been silent for longer than it will wait. */
	if (command->patience_ms > 0 && first != NULL &&
	    MAX(first->asked_at, r->heard_at) + command->patience_ms <=
		clock_mono_ms())
		return false;
	return !is_overdue(r) &&
	       evbuffer_get_length(bufferevent_get_output(r->link)) <
		   MOST_UNSENT;
}

void
rds_call_command(struct rds *r, const struct rds_command *command,
		 rds_done *done, void *cookie)
{
	struct call *c = text_alloc(sizeof *c);

	assert(command->argc > 0 && done != NULL);
	c->done = done;
	c->cookie = cookie;
	c->greeting = command->greeting;
	c->asked_at = clock_mono_ms();
	c->deadline_ms =
	    c->asked_at +
	    (command->timeout_ms > 0 ? command->timeout_ms : r->call_ms);
	c->patience_ms =
	    command->patience_ms > 0 ? command->patience_ms : USUAL_MS * 1000;
	r->count++;
	if (!may_send(r, command) || rds_send(r->link, command, &c->len) < 0) {
		TAILQ_INSERT_TAIL(&r->unsent, c, all);
		event_active(r->later, EV_TIMEOUT, 0);
		return;
	}
	TAILQ_INSERT_TAIL(&r->sent, c, all);
	watch_until(r, patience_end(r, c));
}

void
rds_call(struct rds *r, int argc, const char *const *argv, const size_t *len,
	 rds_done *done, void *cookie)
{
	const struct rds_command command = { argc, argv, len, 0, 0, false };

	rds_call_command(r, &command, done, cookie);
}

/* ---- life --------------------------------------------------------------- */

struct rds *
rds_new(struct event_base *base, const struct rds_options *options,
	struct fault *fault)
{
	struct rds *r;
	struct address address = { .kind = ADDRESS_UNIX };

	if (options->to != NULL)
		address = *options->to;
	else if (options->find == NULL &&
	    address_parse(&address, options->address, 6379, fault) < 0)
		return NULL;
	r = text_alloc(sizeof *r);
	r->base = base;
	r->options = *options;
	r->options.address = NULL; /* not ours; the parsed one is */
	r->options.to = NULL;
	r->address = address;
	r->call_ms = options->call_ms > 0 ? options->call_ms : USUAL_MS;
	r->connect_ms =
	    options->connect_ms > 0 ? options->connect_ms : USUAL_MS;
	r->pause_ms = FIRST_PAUSE_MS;
	r->down_since = clock_wall_ms();
	(void)snprintf(r->why, sizeof r->why, "not connected yet");
	TAILQ_INIT(&r->sent);
	TAILQ_INIT(&r->unsent);
	r->later = event_new(base, -1, 0, on_later, r);
	r->watch = event_new(base, -1, 0, on_watch, r);
	r->guard = event_new(base, -1, 0, on_guard, r);
	if (r->later == NULL || r->watch == NULL || r->guard == NULL)
		abort();
	event_active(r->guard, EV_TIMEOUT, 0);
	return r;
}

void
rds_close(struct rds *r)
{
	struct calls back = TAILQ_HEAD_INITIALIZER(back);

	if (r == NULL)
		return;
	assert(r->inside == 0);
	if (r->link != NULL)
		take_back_unwritten(r, &back);
	close_link(r);
	r->state = CLOSED; /* who asks again is told NOT_SENT */
	(void)event_del(r->guard);
	if (r->down_since == 0)
		r->down_since = clock_wall_ms();
	(void)snprintf(r->why, sizeof r->why, "this daemon is stopping");
	end_all(r, &r->sent, STORE_UNKNOWN);
	end_all(r, &back, STORE_NOT_SENT);
	end_all(r, &r->unsent, STORE_NOT_SENT);
}

void
rds_free(struct rds *r)
{
	if (r == NULL)
		return;
	rds_close(r);
	event_free(r->later);
	event_free(r->watch);
	event_free(r->guard);
	free(r);
}

bool
rds_is_up(const struct rds *r)
{
	return r->state == UP && !r->doomed && !is_overdue(r);
}

int64_t
rds_down_since_ms(const struct rds *r)
{
	return rds_is_up(r) ? 0 : r->down_since;
}

const char *
rds_why(const struct rds *r)
{
	if (r->state == UP && is_overdue(r) && !r->doomed)
		return "Redis does not answer";
	return r->why;
}

size_t
rds_pending(const struct rds *r)
{
	return r->count;
}
