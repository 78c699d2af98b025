/* store.h -- one typed call per Redis function.  Nobody above knows Redis.
 *
 * Every call ends exactly once in its store_done, never from inside the call
 * that asked.  Arguments are copied before the call returns.  The answer is
 * borrowed: it lives until store_done returns. */
#ifndef RB_STORE_STORE_H
#define RB_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/store/ending.h"

struct event_base;
struct rds;
struct record;
struct store;

struct section {
	char *name;            /* "item", "customer", "also", ... */
	struct record *fields; /* never NULL */
};

/* A function answers a word, then sections. */
struct store_answer {
	const char *word; /* "ok", "held", "taken", ...; "" unless STORE_DONE */
	const char *error; /* STORE_REFUSED: what Redis said; else NULL */
	const struct section *sections;
	size_t count;
};
typedef void store_done(void *cookie, enum store_end, const struct store_answer *);

/* answer_section: the first section of that name, or NULL. */
const struct record *answer_section(
    const struct store_answer *, const char *name);

/* store_new: borrows rds; site names the keys ("rb:{site}"). */
struct store *store_new(struct rds *, const char *site);
void store_free(struct store *);
/* store_set_virtual: tests only: the time that functions are told. */
void store_set_virtual(struct store *, int64_t now_ms);


#endif
