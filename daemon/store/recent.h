/* recent.h -- the acts that Redis has acknowledged in the last moments, kept to
 * be told again to a Redis that took over and does not know them.  Memory only:
 * what a daemon forgets with its own death is in Redis, or was never promised.
 *
 * An act is known by the epoch in which it was done and its revision there.
 * They are kept in the order in which they were answered. */
#ifndef RB_STORE_RECENT_H
#define RB_STORE_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recent;
struct record;

struct recent_act {
	const char *epoch;
	const char *function, *from, *word;
	const struct record *fact; /* rev, at, number, fence */
	const char *const *argv;   /* what follows the context */
	size_t argc;
};

/* What is kept of one: nine words before its arguments, as rb1_facts reads
 * them. */
struct recent_kept {
	const struct recent_kept *next; /* the one answered after it, or NULL */
	const char *epoch;
	int64_t rev;
	const char *const *words;
	size_t count;
};

/* recent_new: for so long, and at most so many bytes (then the oldest go, which
 * is logged); keep_ms 0: nothing is kept. */
struct recent *recent_new(int64_t keep_ms, size_t most_bytes);
void recent_set_keep(struct recent *, int64_t keep_ms);
void recent_free(struct recent *); /* NULL is allowed */

void recent_add(struct recent *, const struct recent_act *); /* copied */

/* recent_first: the oldest, or NULL.  While they are pinned none goes, so that
 * they can be walked with pauses between. */
const struct recent_kept *recent_first(const struct recent *);
void recent_pin(struct recent *, bool);

/* The greatest that was ever answered; 0 at first. */
int64_t recent_fence(const struct recent *);
int64_t recent_number(const struct recent *);

#endif
