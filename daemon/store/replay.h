/* replay.h -- from the journal to Redis, in order, as soon as Redis takes it.
 *
 * A record is done only after Redis answered.  What Redis refuses for good goes
 * to refused/ and holds up nothing.  An event that had reached Redis after all
 * is known there by its UUID.  Live events do not wait: they go past. */
#ifndef RB_STORE_REPLAY_H
#define RB_STORE_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct journal;
struct replay;
struct store;

struct replay_options {
	struct event_base *base; /* all borrowed */
	struct store *store;
	struct journal *journal; /* replay becomes its reader */
	/* ready: may events go to Redis now?  NULL: whenever it is there. */
	bool (*ready)(void *cookie);
	/* zone: a customer of this zone comes next; may be NULL. */
	void (*zone)(void *cookie, const char *zone);
	/* refused: this event is in refused/ now, and why, in Redis's words. */
	void (*refused)(void *cookie, const char *uuid, const char *why);
	/* caught_up: nothing is left, after so many records. */
	void (*caught_up)(void *cookie, uint64_t records);
	void *cookie;
};

struct replay_figures {
	uint64_t done;     /* records, since the start, with the next two */
	uint64_t repeated; /* Redis had them already */
	uint64_t refused;
	const char *why; /* Redis takes none at present; "" while it does */
};

struct replay *replay_new(const struct replay_options *); /* copied */
void replay_free(struct replay *); /* after the store's link is closed */

/* replay_look: call it when the journal or the link has changed; once a second
 * besides does no harm. */
void replay_look(struct replay *);
void replay_figures(const struct replay *, struct replay_figures *ret);

#endif
