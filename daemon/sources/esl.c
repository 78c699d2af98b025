#include "daemon/sources/esl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <uuid/uuid.h>

#include "daemon/base/address.h"
#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/sources/feed.h"
#include "daemon/sources/line.h"

#define LOGIN_MS 10000
#define REFUSED_REST_MS 5000
#define PING_MS 10000
#define SILENCE_MS 30000
#define ASK_MS 10000
#define MOST_ASKED 1000
#define COMMAND_MOST 2000
#define SECRET_MOST 200

_Static_assert(ESL_JOB_SIZE == UUID_STR_LEN, "as libuuid has it");

struct asked { /* a command that has no end yet */
	TAILQ_ENTRY(asked) all;
	char job[ESL_JOB_SIZE];
	esl_answered *answered;
	void *cookie;
	int64_t until_ms; /* monotonic */
};

/* Answers come in the order of the commands, and have no name of their own. */
enum reply_to { REPLY_LOGIN, REPLY_EVENTS, REPLY_PING, REPLY_JOB };

struct reply {
	enum reply_to to;
	char job[ESL_JOB_SIZE]; /* of REPLY_JOB */
};

enum state { OFF, GREETING, LOGIN, UP };

struct esl {
	struct esl_options o;
	char *user, *secret, *events; /* owned */
	struct line *line;            /* owned */
	struct esl_reader *reader;    /* owned; NULL while OFF */
	struct event *tick;           /* owned; every second */
	enum state state;
	bool told_up;
	struct reply replies[MOST_ASKED + 8]; /* awaited; a ring */
	size_t reply_first, reply_count;
	TAILQ_HEAD(, asked) asked;
	size_t asked_count;
	int64_t since_ms, ping_ms; /* monotonic: connected; last ping */
	bool pinging, clock_known;
};

/*
 *	on_connected	"auth/request" is awaited
 *	on_auth		logs in
 *	on_login	subscribes, or cut
 *	on_subscribed	up, or cut
 *	on_tick		pings, and whatever takes too long
 *	on_lost		down, until the line is connected again
 */
static void on_auth(struct esl *);
static void on_login(struct esl *, const char *);
static void on_subscribed(struct esl *, const char *);

static void
cut(struct esl *e, const char *why, int64_t rest_ms)
{
	e->state = OFF; /* on_lost will do the rest */
	line_cut(e->line, why, rest_ms);
}

/* ---- commands ----------------------------------------------------------- */

static bool
is_plain(const char *s, size_t most)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return false;
	}
	return n <= most;
}

static void
await(struct esl *e, enum reply_to to, const char *job)
{
	size_t most = sizeof e->replies / sizeof *e->replies;
	struct reply *r =
	    &e->replies[(e->reply_first + e->reply_count++) % most];

	r->to = to;
	(void)snprintf(r->job, sizeof r->job, "%s", job);
}

static bool
has_room(const struct esl *e)
{
	return e->reply_count < MOST_ASKED && e->asked_count < MOST_ASKED;
}

static void
put(struct esl *e, enum reply_to to, const char *words)
{
	await(e, to, "");
	line_send(e->line, words, strlen(words));
}

int
esl_ask(struct esl *e, const struct esl_ask *ask)
{
	struct asked *q;
	uuid_t job;
	char *words;

	if (e->state != UP || !has_room(e) ||
	    !is_plain(ask->command, COMMAND_MOST))
		return -1;
	q = text_alloc(sizeof *q);
	uuid_generate_random(job);
	uuid_unparse_lower(job, q->job);
	q->answered = ask->answered;
	q->cookie = ask->cookie;
	q->until_ms =
	    clock_mono_ms() + (ask->limit_ms > 0 ? ask->limit_ms : ASK_MS);
	TAILQ_INSERT_TAIL(&e->asked, q, all);
	e->asked_count++;
	words = text_print("bgapi %s\nJob-UUID: %s\n\n", ask->command, q->job);
	await(e, REPLY_JOB, q->job);
	line_send(e->line, words, strlen(words));
	free(words);
	return 0;
}

static struct asked *
find(const struct esl *e, const char *job)
{
	struct asked *q;

	TAILQ_FOREACH(q, &e->asked, all)
	{
		if (strcasecmp(q->job, job) == 0)
			return q;
	}
	return NULL;
}

/* It leaves the list first: who is told may ask again. */
static void
finish(struct esl *e, struct asked *q, enum esl_end end, const char *said)
{
	char *words = text_dup_n(said, strcspn(said, "\r\n"));

	/* A list has many lines. */
	if (end == ESL_DONE) {
		free(words);
		words = text_dup(said);
	}
	TAILQ_REMOVE(&e->asked, q, all);
	e->asked_count--;
	if (q->answered != NULL)
		q->answered(q->cookie, end, words);
	free(words);
	free(q);
}

static void
on_job(struct esl *e, const struct esl_packet *p)
{
	struct asked *q = find(e, esl_get(p, "Job-UUID"));

	if (q != NULL)
		finish(e, q, *p->body == '-' ? ESL_REFUSED : ESL_DONE, p->body);
}

/* Those that took too long. */
static void
give_up(struct esl *e, int64_t now)
{
	struct asked *q = TAILQ_FIRST(&e->asked);

	while (q != NULL) {
		if (q->until_ms > now) {
			q = TAILQ_NEXT(q, all);
			continue;
		}
		finish(e, q, ESL_LOST, "");
		q = TAILQ_FIRST(&e->asked);
	}
}

/* ---- what comes --------------------------------------------------------- */

/* A job that is refused at once has no event. */
static void
on_reply(struct esl *e, const char *said)
{
	size_t most = sizeof e->replies / sizeof *e->replies;
	struct asked *q;
	struct reply r;

	if (e->reply_count == 0)
		return;
	r = e->replies[e->reply_first];
	e->reply_first = (e->reply_first + 1) % most;
	e->reply_count--;
	if (r.to == REPLY_LOGIN)
		on_login(e, said);
	else if (r.to == REPLY_EVENTS)
		on_subscribed(e, said);
	else if (r.to == REPLY_PING)
		e->pinging = false;
	q = r.to == REPLY_JOB && *said == '-' ? find(e, r.job) : NULL;
	if (q != NULL)
		finish(e, q, ESL_REFUSED, said);
}

/* "1795324939559039", of its clock; 0: it is none. */
static int64_t
stamp_ms(const struct esl_packet *p)
{
	int64_t us;

	if (text_int64(&us, esl_get(p, "Event-Date-Timestamp"), 1, INT64_MAX) <
	    0)
		return 0;
	return us / 1000;
}

/* Not every event comes at once, HEARTBEAT is quick; but one is better than
 * none. */
static void
look_at_clock(struct esl *e, const struct esl_packet *p)
{
	bool beats = strcmp(p->what, "HEARTBEAT") == 0;
	int64_t theirs;

	if (e->clock_known && !beats)
		return;
	theirs = stamp_ms(p);
	if (theirs == 0)
		return;
	e->clock_known = true;
	feed_clock(e->o.feed, theirs - clock_wall_ms());
}

static void
on_switch_event(struct esl *e, const struct esl_packet *p)
{
	if (e->state != UP)
		return;
	look_at_clock(e, p);
	if (strcmp(p->what, "BACKGROUND_JOB") == 0)
		on_job(e, p);
	else if (strcmp(p->what, "HEARTBEAT") != 0)
		e->o.event(e->o.cookie, p);
}

static void
on_packet(struct esl *e, const struct esl_packet *p)
{
	switch (p->kind) {
	case ESL_AUTH: on_auth(e); return;
	case ESL_REPLY: on_reply(e, p->what); return;
	case ESL_EVENT: on_switch_event(e, p); return;
	case ESL_DISCONNECT: cut(e, "FreeSWITCH said goodbye", 0); return;
	case ESL_REJECTION:
		cut(e,
		    "FreeSWITCH turned us away: apply-inbound-acl of "
		    "event_socket.conf.xml does not let this address in",
		    REFUSED_REST_MS);
		return;
	case ESL_OTHER: return;
	}
}

static void
on_got(void *cookie, const char *bytes, size_t len)
{
	struct esl *e = cookie;
	struct esl_packet packet;
	enum esl_taken taken;
	const char *why;
	char words[120];

	/* Who refuses us has told nothing. */
	if (e->state == UP)
		feed_heard(e->o.feed);
	while (e->state != OFF) {
		taken = esl_reader_take(e->reader, &bytes, &len, &packet, &why);
		if (taken == ESL_MORE)
			return;
		if (taken == ESL_PACKET) {
			on_packet(e, &packet);
			continue;
		}
		feed_reject(e->o.feed, why, NULL);
		if (taken == ESL_REJECT)
			continue;
		(void)snprintf(words, sizeof words,
			       "what it sends is no event socket (%s)", why);
		cut(e, words, REFUSED_REST_MS);
	}
}

/* ---- logging in --------------------------------------------------------- */

static void
on_connected(void *cookie)
{
	struct esl *e = cookie;
	const struct timeval second = { .tv_sec = 1 };

	e->reader = esl_reader_new();
	e->state = GREETING;
	e->reply_count = 0;
	e->pinging = e->clock_known = false;
	e->since_ms = clock_mono_ms();
	(void)event_add(e->tick, &second);
}

static void
on_auth(struct esl *e)
{
	char *words;

	if (e->state != GREETING)
		return;
	if (!is_plain(e->secret, SECRET_MOST) ||
	    !is_plain(e->user, SECRET_MOST)) {
		cut(e,
		    "the user or the password cannot be sent: it is too long "
		    "or has control characters",
		    REFUSED_REST_MS);
		return;
	}
	words = *e->user != '\0'
		    ? text_print("userauth %s:%s\n\n", e->user, e->secret)
		    : text_print("auth %s\n\n", e->secret);
	e->state = LOGIN;
	put(e, REPLY_LOGIN, words);
	free(words);
}

static bool
is_ok(const char *said)
{
	return strncmp(said, "+OK", 3) == 0;
}

static void
on_login(struct esl *e, const char *said)
{
	char *words, why[160];

	if (e->state != LOGIN)
		return;
	if (!is_ok(said)) {
		(void)snprintf(why, sizeof why,
			       "FreeSWITCH refused the %spassword (%s)",
			       *e->user != '\0' ? "user or the " : "", said);
		cut(e, why, REFUSED_REST_MS);
		return;
	}
	words = text_print("event plain HEARTBEAT BACKGROUND_JOB %s\n\n",
			   e->events);
	put(e, REPLY_EVENTS, words);
	free(words);
}

static void
on_subscribed(struct esl *e, const char *said)
{
	char why[160];

	if (!is_ok(said)) {
		(void)snprintf(why, sizeof why,
			       "FreeSWITCH does not tell its events (%s)",
			       said);
		cut(e, why, REFUSED_REST_MS);
		return;
	}
	e->state = UP;
	e->told_up = true;
	e->ping_ms = clock_mono_ms();
	line_good(e->line);
	feed_up(e->o.feed);
	e->o.changed(e->o.cookie, true);
}

static void
on_lost(void *cookie, const char *why)
{
	struct esl *e = cookie;
	bool was_up = e->told_up;

	e->state = OFF;
	e->told_up = false;
	(void)event_del(e->tick);
	esl_reader_free(e->reader);
	e->reader = NULL;
	while (!TAILQ_EMPTY(&e->asked))
		finish(e, TAILQ_FIRST(&e->asked), ESL_LOST, "");
	feed_down(e->o.feed, why);
	if (was_up)
		e->o.changed(e->o.cookie, false);
}

/* To subscribe once more changes nothing, and is answered: an idle one is told
 * from a dead one.  HEARTBEAT alone would not do, its interval can be set. */
static void
ping(struct esl *e, int64_t now)
{
	if (e->state != UP || now - e->ping_ms < PING_MS)
		return;
	if (e->pinging && now - e->ping_ms > SILENCE_MS) {
		cut(e, "FreeSWITCH does not answer any more", 0);
		return;
	}
	if (e->pinging)
		return;
	e->ping_ms = now;
	e->pinging = true;
	put(e, REPLY_PING, "event plain HEARTBEAT\n\n");
}

static void
on_tick(evutil_socket_t fd, short what, void *cookie)
{
	struct esl *e = cookie;
	int64_t now = clock_mono_ms();

	(void)fd;
	(void)what;
	if ((e->state == GREETING || e->state == LOGIN) &&
	    now - e->since_ms > LOGIN_MS)
		cut(e, "FreeSWITCH did not let us in within 10 seconds", 0);
	give_up(e, now);
	ping(e, now);
}

/* ---- life --------------------------------------------------------------- */

struct esl *
esl_new(const struct esl_options *o)
{
	struct esl *e = text_alloc(sizeof *e);
	const struct line_options line = { .base = o->base,
					   .to = o->to,
					   .tls = o->tls,
					   .peer = "FreeSWITCH",
					   .silence_ms = SILENCE_MS,
					   .connected = on_connected,
					   .got = on_got,
					   .lost = on_lost,
					   .cookie = e };

	e->o = *o;
	e->user = text_dup(o->user);
	e->secret = text_dup(o->secret);
	e->events = text_dup(o->events);
	TAILQ_INIT(&e->asked);
	e->tick = event_new(o->base, -1, EV_PERSIST, on_tick, e);
	if (e->tick == NULL)
		abort();
	e->line = line_new(&line);
	return e;
}

void
esl_free(struct esl *e)
{
	if (e == NULL)
		return;
	e->state = OFF;
	line_free(e->line);
	while (!TAILQ_EMPTY(&e->asked))
		finish(e, TAILQ_FIRST(&e->asked), ESL_LOST, "");
	event_free(e->tick);
	esl_reader_free(e->reader);
	free(e->user);
	free(e->secret);
	free(e->events);
	free(e);
}

bool
esl_is_up(const struct esl *e)
{
	return e->state == UP;
}
