/* order.h -- a call that we ordered of a telephone system, as far as it is the
 * same whatever the system: who is told of it, its limits in time, its one end.
 * What the system says of it is asterisk_originate.c's and
 * freeswitch_originate.c's. */
#ifndef RB_SOURCES_ORDER_H
#define RB_SOURCES_ORDER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "daemon/sources/originate.h"

#define ORDER_ID_SIZE 37 /* a UUID */
/* Beyond the time that a phone rings: for the system to say so. */
#define ORDER_SAY_MS 5000

struct order { /* the first member of what a system knows of it */
	TAILQ_ENTRY(order) all;
	struct orders *list;
	char id[ORDER_ID_SIZE];
	struct originate_news news;
	originate_told *told;
	void *cookie;
	struct event *timer; /* owned */
	int64_t customer_ms; /* so long the customer's phone rings */
	int64_t talk_ms;     /* monotonic: the talk began */
	bool asked;          /* the system has not answered the order yet */
	bool given_up;       /* by hang_up */
	bool rung_out;       /* the customer's phone rang long enough */
	char why[120];
};
TAILQ_HEAD(orders, order);

/* order_init: a zeroed one that text_alloc gave, with whatever stands behind
 * it.  on_time has it for a cookie.  order_free: of one that never began. */
void order_init(struct order *, struct event_base *, const struct originate *,
		event_callback_fn on_time);
void order_free(struct order *);

/* order_begin: it was sent, the agent's phone rings for so long.
 * order_answered: the system answered that; false: the order had ended, and is
 * freed now. */
void order_begin(struct order *, struct orders *, int64_t agent_ms);
bool order_answered(struct order *);

/* order_find: NULL where it has ended. */
struct order *order_find(const struct orders *, const char *id);

/* order_give_up: the agent wants it no more; the caller hangs up what there is
 * of it, and the end is to come soon.  NULL where it has ended, or was given up
 * before: once is enough, for of an impatient key each time would put off its
 * end. */
struct order *order_give_up(const struct orders *, const char *id);

/* order_timer: on_time comes then, and not before. */
void order_timer(struct order *, int64_t ms);
/* order_say: nothing where it is there already, or beyond. */
void order_say(struct order *, enum originate_state);
/* order_talks: from now on. */
void order_talks(struct order *);

/* order_end: out of the list, then told; freed when nothing more will come of
 * it.  why: in the system's words, or ours.  order_end_all: all are LOST. */
void order_end(struct order *, enum originate_result, const char *why);
void order_end_all(struct orders *, const char *why);

#endif
