/* tracker.h -- what those who follow the calls of a telephone system
 * (asterisk_calls.h, freeswitch_calls.h) have in common: the clocks that they
 * are given, and whom they tell. */
#ifndef RB_SOURCES_TRACKER_H
#define RB_SOURCES_TRACKER_H

#include <stdint.h>

struct feed;
struct policy_source;
struct record;
struct store;

struct tracker_now {
	int64_t mono_ms;  /* to wait by */
	int64_t wall_ms;  /* by Redis's clock: store_now_ms */
	int64_t ahead_ms; /* so far is the system's clock ahead of that */
};

/* tracker_clocks: as they stand; the system's is taken for Redis's as long as
 * the feed does not know it. */
struct tracker_now tracker_clocks(const struct feed *, const struct store *);

struct tracker_options {
	const struct policy_source *config; /* borrowed, until use */
	/* An event of policy/event.h, which is taken. */
	void (*event)(void *cookie, struct record *);
	/* Something is not taken: why is a few words. */
	void (*reject)(void *cookie, const char *why);
	void *cookie;
};

#endif
