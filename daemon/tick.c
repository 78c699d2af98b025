#include "daemon/tick.h"

#include <inttypes.h>
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

/* When yesterday and the three days after it begin: enough of them that it does
 * not matter how exactly this machine knows the time. */
static void
add_days(struct text *list, const struct zone *zone)
{
	int64_t today = day_floor(zone_local_s(zone, clock_wall_ms() / 1000));

	for (int64_t i = today - 1; i <= today + 2; i++) {
		struct day day;

		day_split(&day, i * DAY_SECONDS);
		text_addf(list, "%s%04d-%02d-%02d=%" PRId64,
		    list->len > 0 ? "," : "", day.year, day.month, day.mday,
		    zone_moment(zone, i * DAY_SECONDS).first_s * 1000);
	}
}

static void
call(struct tick *t)
{
	struct text days = { 0 };

	if (t->running || t->stopped)
		return;
	add_days(&days, t->zone);
	t->running = true;
	store_tick(t->store, days.data, ticked, t);
	text_done(&days);
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
