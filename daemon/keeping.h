/* keeping.h -- that what is accepted is kept: the journal, the way of events
 * past it, and their way back to Redis; and what the log says of them. */
#ifndef RB_KEEPING_H
#define RB_KEEPING_H

#include <stdbool.h>

struct event_base;
struct intake;
struct journal;
struct keeping;
struct policy;
struct store;

struct keeping_options {
	struct event_base *base; /* borrowed, as the next two */
	struct store *store;
	const struct policy *policy; /* read by keeping_new only */
	/* ready: does Redis have this site's configuration? */
	bool (*ready)(void *cookie);
	void (*zone)(void *cookie, const char *zone); /* as in replay.h */
	void *cookie;
};

/* keeping_new: begins at once; a journal that cannot be used is told in the
 * log, tried again for ever, and hinders nothing else. */
struct keeping *keeping_new(const struct keeping_options *);
/* keeping_free: after the links are closed; ends what is still open, syncs.
 * NULL is allowed. */
void keeping_free(struct keeping *);

void keeping_set_policy(struct keeping *, const struct policy *);
/* keeping_look: Redis is back, or a second has passed. */
void keeping_look(struct keeping *);

struct intake *keeping_intake(const struct keeping *);
struct journal *keeping_journal(const struct keeping *); /* NULL: off */

#endif
