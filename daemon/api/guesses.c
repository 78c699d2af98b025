#include "daemon/api/guesses.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "daemon/api/origin.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"

#define FREE_TRIES 10
#define FORGET_MS 5000 /* one try */
#define STEP_MS 100
#define LONGEST_MS 2000
#define OVER_MS (60 * 1000) /* of silence: the burst is over */
#define LOOK_S 10

struct guesser {
	TAILQ_ENTRY(guesser) all;
	char address[ORIGIN_SIZE];
	int64_t owed_ms;           /* FORGET_MS for each try not forgotten */
	int64_t begun_ms, last_ms; /* monotonic */
	unsigned long tries, refused;
	size_t waiting;
	bool told; /* the log knows of this burst */
};

struct waiting {
	LIST_ENTRY(waiting) all;
	struct guesses *home;
	char address[ORIGIN_SIZE];
	struct event *timer; /* owned */
	guesses_answer *answer;
	void *cookie;
	bool refused, counted; /* counted: among those who wait */
};

struct guesses {
	struct event_base *base;             /* borrowed */
	TAILQ_HEAD(guessers, guesser) known; /* the last to try in front */
	LIST_HEAD(, waiting) waiting;
	size_t known_count, waiting_count, free_tries;
	struct event *look; /* owned */
	bool ended;         /* nobody waits any more */
};

/* ---- who ---------------------------------------------------------------- */

static struct guesser *
find(struct guesses *gs, const char *address)
{
	struct guesser *g;

	TAILQ_FOREACH(g, &gs->known, all)
	{
		if (strcmp(g->address, address) == 0)
			return g;
	}
	return NULL;
}

static void
forget(struct guesses *gs, struct guesser *g)
{
	if (g->told)
		log_warn("access",
			 "wrong-tokens=over from=%s tries=%lu refused=%lu "
			 "seconds=%lld",
			 g->address, g->tries, g->refused,
			 (long long)((g->last_ms - g->begun_ms) / 1000));
	TAILQ_REMOVE(&gs->known, g, all);
	gs->known_count--;
	free(g);
}

static struct guesser *
find_or_make(struct guesses *gs, const char *address, int64_t now)
{
	struct guesser *g = find(gs, address);

	if (g != NULL) {
		TAILQ_REMOVE(&gs->known, g, all);
	} else {
		if (gs->known_count == GUESSES_ADDRESSES)
			forget(gs, TAILQ_LAST(&gs->known, guessers));
		g = text_alloc(sizeof *g);
		(void)snprintf(g->address, sizeof g->address, "%s", address);
		g->begun_ms = g->last_ms = now;
		gs->known_count++;
	}
	TAILQ_INSERT_HEAD(&gs->known, g, all);
	return g;
}

static void
on_look(evutil_socket_t fd, short what, void *cookie)
{
	struct guesses *gs = cookie;
	int64_t now = clock_mono_ms();
	struct guesser *g;

	(void)fd;
	(void)what;
	while ((g = TAILQ_LAST(&gs->known, guessers)) != NULL &&
	       now - g->last_ms > OVER_MS)
		forget(gs, g);
}

/* ---- how long ----------------------------------------------------------- */

/* Counts it; what it has to wait, or -1: refused. */
static int64_t
count(struct guesses *gs, struct guesser *g, int64_t now)
{
	int64_t free_ms = (int64_t)gs->free_tries * FORGET_MS, ms;

	g->owed_ms -= now - g->last_ms;
	if (g->owed_ms < 0)
		g->owed_ms = 0;
	/* However many there were, it ends soon after they have ended. */
	if (g->owed_ms < 4 * free_ms)
		g->owed_ms += FORGET_MS;
	g->last_ms = now;
	g->tries++;
	if (g->owed_ms <= free_ms)
		return 0;
	if (!g->told)
		log_warn(
		    "access",
		    "wrong-tokens=slowed from=%s tries=%lu; nothing more is "
		    "said until it is over",
		    g->address, g->tries);
	g->told = true;
	ms = (g->owed_ms - free_ms) / FORGET_MS * STEP_MS;
	if (g->owed_ms <= 3 * free_ms && g->waiting < GUESSES_WAITING / 8 &&
	    gs->waiting_count < GUESSES_WAITING)
		return ms < LONGEST_MS ? ms : LONGEST_MS;
	g->refused++;
	return -1;
}

/* ---- waiting ------------------------------------------------------------ */

static void
tell(struct waiting *w)
{
	struct guesses *gs = w->home;
	struct guesser *g = w->counted ? find(gs, w->address) : NULL;

	LIST_REMOVE(w, all);
	gs->waiting_count -= w->counted;
	if (g != NULL && g->waiting > 0)
		g->waiting--;
	event_free(w->timer);
	w->answer(w->cookie, w->refused);
	free(w);
}

static void
on_time(evutil_socket_t fd, short what, void *cookie)
{
	(void)fd;
	(void)what;
	tell(cookie);
}

void
guesses_wrong(struct guesses *gs, const char *address, guesses_answer *answer,
	      void *cookie)
{
	int64_t now = clock_mono_ms();
	struct guesser *g = find_or_make(gs, address, now);
	int64_t ms = count(gs, g, now);
	struct waiting *w = text_alloc(sizeof *w);
	struct timeval tv = { 0 };

	w->home = gs;
	memcpy(w->address, g->address, sizeof w->address);
	w->answer = answer;
	w->cookie = cookie;
	w->refused = ms < 0;
	w->counted = ms > 0;
	gs->waiting_count += w->counted;
	g->waiting += w->counted;
	if (ms > 0 && !gs->ended)
		tv = (struct timeval){ .tv_sec = ms / 1000,
				       .tv_usec = ms % 1000 * 1000 };
	LIST_INSERT_HEAD(&gs->waiting, w, all);
	w->timer = evtimer_new(gs->base, on_time, w);
	if (w->timer == NULL || evtimer_add(w->timer, &tv) < 0)
		abort();
}

void
guesses_end(struct guesses *gs)
{
	struct waiting *w;

	gs->ended = true;
	while ((w = LIST_FIRST(&gs->waiting)) != NULL)
		tell(w);
}

/* ---- life --------------------------------------------------------------- */

void
guesses_set_free(struct guesses *gs, size_t tries)
{
	gs->free_tries = tries;
}

struct guesses *
guesses_new(struct event_base *base)
{
	const struct timeval often = { .tv_sec = LOOK_S };
	struct guesses *gs = text_alloc(sizeof *gs);

	gs->base = base;
	gs->free_tries = FREE_TRIES;
	TAILQ_INIT(&gs->known);
	LIST_INIT(&gs->waiting);
	gs->look = event_new(base, -1, EV_PERSIST, on_look, gs);
	if (gs->look == NULL || evtimer_add(gs->look, &often) < 0)
		abort();
	return gs;
}

void
guesses_free(struct guesses *gs)
{
	struct guesser *g;

	if (gs == NULL)
		return;
	while ((g = TAILQ_FIRST(&gs->known)) != NULL)
		forget(gs, g);
	event_free(gs->look);
	free(gs);
}
