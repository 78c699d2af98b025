#include "daemon/tick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "daemon/base/clock.h"
#include "daemon/base/day.h"
#include "daemon/base/text.h"
#include "daemon/base/zone.h"
#include "daemon/store/store.h"

#define TICK_MS 500

struct tick {
	struct store *store;     /* borrowed */
	const struct zone *zone; /* of the site */
	struct event *timer;     /* owned */
	int64_t last_ms;
	bool running, stopped;
};

/*
 *	on_timer	a call, unless one is under way
 *	ticked		more to do: at once; else at the next turn
 */
static void ticked(void *, enum store_end, const struct store_answer *);

static void
call(struct tick *t)
{
	struct day day;
	char text[32];

	if (t->running || t->stopped)
		return;
	day_split(&day, zone_local_s(t->zone, clock_wall_ms() / 1000));
	(void)snprintf(text, sizeof text, "%04d-%02d-%02d", day.year,
	    day.month, day.mday);
	t->running = true;
	store_tick(t->store, text, ticked, t);
}

static void
on_timer(evutil_socket_t fd, short what, void *cookie)
{
	(void)fd;
	(void)what;
	call(cookie);
}

struct tick *
tick_new(struct event_base *base, struct store *store, const char *zone)
{
	struct tick *t = text_alloc(sizeof *t);
	const struct timeval every = { .tv_usec = TICK_MS * 1000 };

	t->store = store;
	t->zone = zone_find(zone);
	t->timer = event_new(base, -1, EV_PERSIST, on_timer, t);
	if (t->zone == NULL || t->timer == NULL ||
	    evtimer_add(t->timer, &every) < 0)
		abort();
	return t;
}

void
tick_free(struct tick *t)
{
	if (t == NULL)
		return;
	event_free(t->timer);
	free(t);
}

void
tick_now(struct tick *t)
{
	call(t);
}

void
tick_stop(struct tick *t)
{
	t->stopped = true;
}

int64_t
tick_last_ms(const struct tick *t)
{
	return t->last_ms;
}

static void
ticked(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct tick *t = cookie;

	t->running = false;
	if (end != STORE_DONE)
		return;
	t->last_ms = clock_mono_ms();
	if (strcmp(a->word, "more") == 0)
		call(t);
}
