/* greeting.h -- what is asked of Redis before it is trusted with anything: that
 * it is a master, has its data, keeps what it accepts, and has our functions. */
#ifndef RB_STORE_GREETING_H
#define RB_STORE_GREETING_H

#include <stdbool.h>

struct greeting;
struct rds;

/* greeting_new: site names the keys; with must_keep a Redis that would forget
 * (no AOF, or evicting) is not used at all. */
struct greeting *greeting_new(const char *site, bool must_keep);
void greeting_free(struct greeting *); /* after rds_free */

/* greeting_begin: for rds_options.greet; the cookie is the greeting.  Ends in
 * rds_ready, or in rds_drop with a sentence. */
void greeting_begin(struct rds *, void *greeting);

/* greeting_run_id: of the Redis that was greeted last: 40 hex digits, others
 * whenever it was started anew or is another one; "" before. */
const char *greeting_run_id(const struct greeting *);

#endif
