#include "tests/harness/loop.h"

#include <event2/event.h>
#include <stdlib.h>

static void
on_limit(evutil_socket_t fd, short what, void *cookie)
{
	bool *over = cookie;

	(void)fd;
	(void)what;
	*over = true;
}

static void
on_tick(evutil_socket_t fd, short what, void *cookie)
{
	(void)fd;
	(void)what;
	(void)cookie;
}

bool
loop_until(struct event_base *base, bool (*holds)(void *), void *arg,
    int limit_ms)
{
	const struct timeval limit = { .tv_sec = limit_ms / 1000,
		.tv_usec = limit_ms % 1000 * 1000 };
	const struct timeval tick = { .tv_usec = 2000 };
	bool over = false, held = holds(arg);
	struct event *end = event_new(base, -1, 0, on_limit, &over);
	struct event *ticks = event_new(base, -1, EV_PERSIST, on_tick, NULL);

	if (end == NULL || ticks == NULL)
		abort();
	(void)event_add(end, &limit);
	(void)event_add(ticks, &tick);
	while (!held && !over) {
		(void)event_base_loop(base, EVLOOP_ONCE);
		held = holds(arg);
	}
	event_free(end);
	event_free(ticks);
	return held;
}

static bool
is_not_zero(void *cookie)
{
	const int *counter = cookie;

	return *counter != 0;
}

bool
loop_while_zero(struct event_base *base, const int *counter, int limit_ms)
{
	union {
		const int *in;
		void *out;
	} arg = { .in = counter };

	return loop_until(base, is_not_zero, arg.out, limit_ms);
}

void
loop_for(struct event_base *base, int ms)
{
	int never = 0;

	(void)loop_while_zero(base, &never, ms);
}
