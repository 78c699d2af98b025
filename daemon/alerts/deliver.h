/* deliver.h -- alerts that reach people who are logged in nowhere: every
 * delivery in the site's outbox is claimed by one daemon of many, and stays
 * there until its program has ended well.  At least once, same id always. */
#ifndef RB_ALERTS_DELIVER_H
#define RB_ALERTS_DELIVER_H

#include <stdbool.h>

struct deliver;
struct event_base;
struct policy;
struct store;

/* deliver_new: borrows all.  child_init comes first. */
struct deliver *deliver_new(
    struct event_base *, struct store *, const struct policy *);
/* deliver_free: what still runs is killed by child_done before. */
void deliver_free(struct deliver *);

void deliver_set_policy(struct deliver *, const struct policy *);
/* deliver_look: look into the outbox now (else it is every second). */
void deliver_look(struct deliver *);
/* deliver_stop: claim nothing more. */
void deliver_stop(struct deliver *);

#endif
