/* tick.h -- what time does: appointments and retries come due, holds run out,
 * the ladder climbs.  Every daemon of a site does it; what one has done the
 * others do not find any more. */
#ifndef RB_TICK_H
#define RB_TICK_H

#include <stdint.h>

struct event_base;
struct store;
struct tick;

/* tick_new: zone is the site's, which says what day it is. */
struct tick *tick_new(
    struct event_base *, struct store *, const char *zone);
void tick_free(struct tick *); /* after rds_free */
/* tick_now: not only at the next turn: the link is up. */
void tick_now(struct tick *);
void tick_stop(struct tick *);
/* tick_last_ms: monotonic time of the last one that Redis answered; 0 none. */
int64_t tick_last_ms(const struct tick *);

#endif
