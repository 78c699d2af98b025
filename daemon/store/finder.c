#include "daemon/store/finder.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <hiredis/hiredis.h>

#include "daemon/base/clock.h"
#include "daemon/base/redis_url.h"
#include "daemon/base/text.h"
#include "daemon/store/greeting.h"
#include "daemon/store/rds.h"
#include "daemon/store/whereabouts.h"

#define POLL_MS 500
#define ANSWER_MS 700
#define FRESH_MS 2000
#define DOUBT_MS 5000
#define MOST_ASKERS 2

struct witness { /* a sentinel or a node */
	struct finder *finder;
	struct rds *rds;     /* owned */
	struct address at;   /* its own */
	struct address says; /* where the site's Redis is; while known */
	bool known, asking;
	unsigned asked_in, answered_in; /* rounds */
	int64_t heard_at;
};

struct finder {
	struct finder_options options;
	struct redis_url url;
	char *site;
	struct greeting *greeting; /* owned: of all witnesses */
	struct witness witnesses[REDIS_URL_HOSTS];
	unsigned round;
	struct rds *askers[MOST_ASKERS]; /* NULL: none */
	unsigned asked_in;               /* what they may be told is of then */
	struct event *poll, *limit;      /* owned */
	struct address given; /* what was found last; while in_use */
	bool in_use, hinted;  /* hinted: given comes from a MOVED */
	int64_t doubt_since;
};

static bool
same(const struct address *a, const struct address *b)
{
	return a->port == b->port && strcmp(a->host, b->host) == 0;
}

static bool
by_sentinels(const struct finder *f)
{
	return f->url.kind == REDIS_SENTINEL;
}

/* How many of them name an address, of those whose word is not too old. */
static size_t
voices(const struct finder *f, const struct address *a, unsigned least_round,
    int64_t heard_since)
{
	size_t n = 0;

	for (size_t i = 0; i < f->url.count; i++) {
		const struct witness *w = &f->witnesses[i];

		if (w->known && (int)(w->answered_in - least_round) >= 0 &&
		    w->heard_at >= heard_since &&
		    (a == NULL || same(&w->says, a)))
			n++;
	}
	return n;
}

static void
tell_askers(struct finder *f, const struct address *found, const char *why)
{
	struct rds *askers[MOST_ASKERS];

	memcpy(askers, f->askers, sizeof askers);
	memset(f->askers, 0, sizeof f->askers);
	(void)event_del(f->limit);
	if (found != NULL) {
		f->given = *found;
		f->in_use = true;
		f->doubt_since = 0;
	}
	for (size_t i = 0; i < MOST_ASKERS; i++) {
		if (askers[i] != NULL && found != NULL)
			rds_found(askers[i], &f->given);
		else if (askers[i] != NULL)
			rds_drop(askers[i], why);
	}
}

static bool
is_asked(const struct finder *f)
{
	return f->askers[0] != NULL || f->askers[1] != NULL;
}

static const char *
not_found(const struct finder *f)
{
	size_t n = voices(f, NULL, f->asked_in, 0);

	if (!by_sentinels(f))
		return n > 0 ? "the nodes do not agree on who has the site"
			     : "no node of the Cluster says who has the site";
	return n <= f->url.count / 2
	    ? "most of its sentinels do not answer, or do not know this master"
	    : "its sentinels do not agree on the master";
}

/* over: no more answers will come in time. */
static void
decide(struct finder *f, bool over)
{
	const struct witness *best = NULL;
	size_t most = 0;

	if (!is_asked(f))
		return;
	for (size_t i = 0; i < f->url.count; i++) {
		const struct witness *w = &f->witnesses[i];
		size_t n =
		    w->known ? voices(f, &w->says, f->asked_in, 0) : 0;

		if (n > most) {
			most = n;
			best = w;
		}
	}
	if (most > f->url.count / 2 || (over && most > 0 && !by_sentinels(f)))
		tell_askers(f, &best->says, "");
	else if (over)
		tell_askers(f, NULL, not_found(f));
}

/* Is what the links use still what the sentinels say? */
static void
doubt(struct finder *f)
{
	int64_t now = clock_mono_ms();
	size_t ours = voices(f, &f->given, 0, now - FRESH_MS);
	size_t all = voices(f, NULL, 0, now - FRESH_MS);

	if (!f->in_use || !by_sentinels(f))
		return;
	if (ours > f->url.count / 2) {
		f->doubt_since = 0;
		return;
	}
	if (f->doubt_since == 0)
		f->doubt_since = now;
	if (ours == all && now - f->doubt_since < DOUBT_MS)
		return;
	f->in_use = false;
	f->options.lost(f->options.cookie,
	    ours < all ? "its sentinels name another master"
		       : "most of its sentinels do not answer");
}

/* ---- asking ---------------------------------------------------------------- */

static void heard(void *, enum store_end, const redisReply *);

static void
ask_one(struct witness *w)
{
	struct finder *f = w->finder;
	const char *const sentinel[] = { "SENTINEL", "GET-MASTER-ADDR-BY-NAME",
		f->url.master };
	static const char *const node[] = { "CLUSTER", "SLOTS" };

	if (w->asking)
		return; /* again when that has ended */
	w->asking = true;
	w->asked_in = f->round;
	if (by_sentinels(f))
		rds_call(w->rds, 3, sentinel, NULL, heard, w);
	else
		rds_call(w->rds, 2, node, NULL, heard, w);
}

static bool
all_have_answered(const struct finder *f)
{
	for (size_t i = 0; i < f->url.count; i++) {
		if ((int)(f->witnesses[i].answered_in - f->asked_in) < 0)
			return false;
	}
	return true;
}

static void
heard(void *cookie, enum store_end end, const redisReply *r)
{
	struct witness *w = cookie;
	struct finder *f = w->finder;
	int rc = -1;

	w->asking = false;
	w->answered_in = w->asked_in;
	if (end == STORE_DONE && by_sentinels(f))
		rc = whereabouts_sentinel(&w->says, r);
	else if (end == STORE_DONE)
		rc = whereabouts_cluster(&w->says, r,
		    whereabouts_slot(f->site), &w->at);
	w->known = rc == 0;
	w->heard_at = clock_mono_ms();
	if (is_asked(f) && (int)(w->answered_in - f->asked_in) < 0)
		ask_one(w);
	decide(f, all_have_answered(f));
	doubt(f);
}

static void
ask_all(struct finder *f)
{
	f->round++;
	for (size_t i = 0; i < f->url.count; i++)
		ask_one(&f->witnesses[i]);
}

static void
on_poll(evutil_socket_t fd, short what, void *cookie)
{
	struct finder *f = cookie;

	(void)fd;
	(void)what;
	ask_all(f);
	doubt(f);
}

static void
on_limit(evutil_socket_t fd, short what, void *cookie)
{
	(void)fd;
	(void)what;
	decide(cookie, true);
}

void
finder_ask(struct finder *f, struct rds *rds)
{
	const struct timeval tv = { .tv_usec = ANSWER_MS * 1000 };
	size_t i = f->askers[0] == NULL || f->askers[0] == rds ? 0 : 1;

	if (f->url.kind == REDIS_FIXED || f->hinted) {
		f->hinted = false;
		rds_found(rds,
		    f->url.kind == REDIS_FIXED ? &f->url.hosts[0] : &f->given);
		return;
	}
	f->askers[i] = rds;
	ask_all(f);
	f->asked_in = f->round;
	(void)event_add(f->limit, &tv);
}

void
finder_moved(struct finder *f, const char *error)
{
	if (f->url.kind == REDIS_CLUSTER &&
	    whereabouts_moved(&f->given, error, &f->given) == 0)
		f->hinted = true;
}

/* ---- life -------------------------------------------------------------------- */

static void
add_witness(struct finder *f, size_t i)
{
	struct witness *w = &f->witnesses[i];
	struct fault ignored;
	/* Found by itself: its address is known and never changes. */
	const struct rds_options o = { .to = &f->url.hosts[i],
		.tls = f->options.tls,
		.call_ms = ANSWER_MS,
		.connect_ms = ANSWER_MS,
		.greet = greeting_begin,
		.cookie = f->greeting };

	w->finder = f;
	w->at = f->url.hosts[i];
	w->rds = rds_new(f->options.base, &o, &ignored);
	if (w->rds == NULL)
		abort();
}

struct finder *
finder_new(const struct finder_options *o)
{
	struct finder *f = text_alloc(sizeof *f);
	const struct greeting_options greeting = { .kind = GREETING_ASK,
		.who = o->who };
	const struct timeval tv = { .tv_usec = POLL_MS * 1000 };

	f->options = *o;
	f->url = *o->url;
	f->site = text_dup(o->site);
	f->greeting = greeting_new(&greeting);
	f->poll = event_new(o->base, -1, EV_PERSIST, on_poll, f);
	f->limit = event_new(o->base, -1, 0, on_limit, f);
	if (f->poll == NULL || f->limit == NULL)
		abort();
	for (size_t i = 0; f->url.kind != REDIS_FIXED && i < f->url.count; i++)
		add_witness(f, i);
	if (by_sentinels(f))
		(void)event_add(f->poll, &tv);
	return f;
}

void
finder_free(struct finder *f)
{
	if (f == NULL)
		return;
	memset(f->askers, 0, sizeof f->askers);
	f->in_use = false;
	for (size_t i = 0; i < f->url.count; i++)
		rds_free(f->witnesses[i].rds);
	greeting_free(f->greeting);
	event_free(f->poll);
	event_free(f->limit);
	free(f->site);
	free(f);
}
