/* parking.h -- agents who wait for their next customer, with the request that
 * will bring him.  A hint says for whom to ask again; the hold is taken by that
 * asking, so a hint that is lost or late costs nobody anything. */
#ifndef RB_API_PARKING_H
#define RB_API_PARKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct parking;
struct req;

struct parking *parking_new(struct event_base *);
/* parking_free: when no request is parked any more. */
void parking_free(struct parking *);

/* parking_enter: of a request that is to wait: it counts, parked or just being
 * asked for, until parking_exit.  False, and counts nothing, where `most` wait
 * already. */
bool parking_enter(struct parking *, size_t most);
void parking_exit(struct parking *);

/* A place: until it ends, exactly once, in one of the three ways. */
enum parking_end {
	PARKING_ASK,  /* something may have come: ask again */
	PARKING_OVER, /* the time is up */
	PARKING_GONE, /* the client left: answer, but ask for nothing */
};
typedef void parking_done(void *cookie, enum parking_end);

/* parking_add: agent is copied.  The request must not be answered while it is
 * parked. */
void parking_add(struct parking *, struct req *, const char *agent,
    int64_t wait_ms, parking_done *, void *cookie);

/* parking_wake: ask again for that agent; parking_wake_all: for everybody (the
 * link to Redis is back, hints may have been lost). */
void parking_wake(struct parking *, const char *agent);
void parking_wake_all(struct parking *);
/* parking_end_all: the daemon stops: everybody's time is up, and from now on
 * nobody is to wait. */
void parking_end_all(struct parking *);
bool parking_is_over(const struct parking *);

#endif
