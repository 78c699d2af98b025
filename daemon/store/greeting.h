/* greeting.h -- what is said and asked before a Redis is trusted with anything:
 * who we are, and whether it is a master, has its data, keeps what it accepts,
 * has our functions and lets us use them. */
#ifndef RB_STORE_GREETING_H
#define RB_STORE_GREETING_H

#include <stdbool.h>

struct credentials;
struct greeting;
struct rds;

enum greeting_kind {
	GREETING_CALLS,  /* all of it: the link that calls functions */
	GREETING_FOLLOW, /* all but the functions: the link that reads the log */
	GREETING_ASK,    /* only who we are: a sentinel, a node of a Cluster */
};

struct greeting_options {
	enum greeting_kind kind;
	const char *site; /* names the keys; not for GREETING_ASK */
	bool must_keep;   /* no Redis that would forget (no AOF, or evicting) */
	const struct credentials *who; /* borrowed; read at each greeting */
};

struct greeting *greeting_new(const struct greeting_options *);
void greeting_free(struct greeting *); /* after rds_free */

/* greeting_begin: for rds_options.greet; the cookie is the greeting.  Ends in
 * rds_ready, or in rds_drop with a sentence; where we were not let in, not
 * again for a while. */
void greeting_begin(struct rds *, void *greeting);

/* greeting_run_id: of the Redis that was greeted last: 40 hex digits, others
 * whenever it was started anew or is another one; "" before. */
const char *greeting_run_id(const struct greeting *);

#endif
