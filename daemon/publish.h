/* publish.h -- gives Redis what only C can make: the policy of our file, and
 * the calendars (opening hours, calling windows) as instants for the weeks to
 * come.  All daemons of a site do it; the same twice is nothing. */
#ifndef RB_PUBLISH_H
#define RB_PUBLISH_H

#include <stdbool.h>

struct policy;
struct publish;
struct store;

enum publish_end {
	PUBLISH_DONE,
	PUBLISH_AWAY, /* Redis did not answer: when the link is up, again */
	PUBLISH_BUSY, /* refused: what it drops is still needed */
};
/* told: after each attempt, with a sentence where it was not done. */
typedef void publish_told(void *cookie, enum publish_end, const char *why);

struct publish *publish_new(
    struct store *, const struct policy *, publish_told *, void *cookie);
void publish_free(struct publish *); /* after rds_free */

/* publish_now: the link is up, or the policy is another: write both.  With
 * must false our policy is written only where Redis has none: another daemon
 * may have reloaded a newer file than ours. */
void publish_now(struct publish *, bool must);
void publish_set_policy(struct publish *, const struct policy *);
/* publish_zone: somebody lives in that zone: the hours in which he may be called
 * go to Redis ahead of what is told about him.  Cheap when it is known. */
void publish_zone(struct publish *, const char *zone);
/* publish_refresh: calendars that are wanted, or run short. */
void publish_refresh(struct publish *);

#endif
