#include "daemon/api/parking.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "daemon/api/req.h"
#include "daemon/base/text.h"

struct place {
	TAILQ_ENTRY(place) all;
	struct parking *parking;
	struct req *req;     /* borrowed: not answered while parked */
	struct event *timer; /* owned */
	char *agent;         /* owned */
	parking_done *done;
	void *cookie;
};

struct parking {
	struct event_base *base;
	TAILQ_HEAD(, place) places; /* longest waiting first */
	size_t count;  /* of places */
	size_t inside; /* who waits: in a place, or asked for */
	bool over;
};

struct parking *
parking_new(struct event_base *base)
{
	struct parking *p = text_alloc(sizeof *p);

	p->base = base;
	TAILQ_INIT(&p->places);
	return p;
}

void
parking_free(struct parking *p)
{
	free(p);
}

bool
parking_enter(struct parking *p, size_t most)
{
	if (p->inside >= most)
		return false;
	p->inside++;
	return true;
}

void
parking_exit(struct parking *p)
{
	assert(p->inside > 0);
	p->inside--;
}

/* Detached first, told last: who is told may park again. */
static void
leave(struct place *place, enum parking_end end)
{
	parking_done *done = place->done;
	void *cookie = place->cookie;

	TAILQ_REMOVE(&place->parking->places, place, all);
	place->parking->count--;
	req_on_gone(place->req, NULL, NULL);
	req_rest(place->req, false);
	event_free(place->timer);
	free(place->agent);
	free(place);
	done(cookie, end);
}

static void
on_time(evutil_socket_t fd, short what, void *cookie)
{
	(void)fd;
	(void)what;
	leave(cookie, PARKING_OVER);
}

static void
on_gone(void *cookie)
{
	leave(cookie, PARKING_GONE);
}

void
parking_add(struct parking *p, struct req *req, const char *agent,
    int64_t wait_ms, parking_done *done, void *cookie)
{
	struct place *place = text_alloc(sizeof *place);
	struct timeval tv = { .tv_sec = wait_ms / 1000,
		.tv_usec = (wait_ms % 1000) * 1000 };

	place->parking = p;
	place->req = req;
	place->agent = text_dup(agent);
	place->done = done;
	place->cookie = cookie;
	place->timer = evtimer_new(p->base, on_time, place);
	if (place->timer == NULL || evtimer_add(place->timer, &tv) < 0)
		abort();
	TAILQ_INSERT_TAIL(&p->places, place, all);
	p->count++;
	req_on_gone(req, on_gone, place);
	req_rest(req, true);
}

static void
wake(struct parking *p, const char *agent, enum parking_end end)
{
	struct place *place, *next;
	size_t left = p->count; /* who parks again meanwhile is not woken */

	for (place = TAILQ_FIRST(&p->places); place != NULL && left > 0;
	     place = next, left--) {
		next = TAILQ_NEXT(place, all);
		if (agent == NULL || strcmp(place->agent, agent) == 0)
			leave(place, req_alive(place->req) ? end : PARKING_GONE);
	}
}

void
parking_wake(struct parking *p, const char *agent)
{
	wake(p, agent, PARKING_ASK);
}

void
parking_wake_all(struct parking *p)
{
	wake(p, NULL, PARKING_ASK);
}

void
parking_end_all(struct parking *p)
{
	p->over = true;
	wake(p, NULL, PARKING_OVER);
}

bool
parking_is_over(const struct parking *p)
{
	return p->over;
}
