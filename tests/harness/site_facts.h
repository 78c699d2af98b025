/* site_facts.h -- a site that has an epoch, as daemons see it, and a Redis that
 * forgets its last moments, as one does that took over. */
#ifndef RB_TESTS_HARNESS_SITE_FACTS_H
#define RB_TESTS_HARNESS_SITE_FACTS_H

#include <stddef.h>
#include <stdint.h>

struct site;
struct reply;
struct site_copy;
struct json_t;

/* site_epoch: a daemon's link to this Redis is up; it tells the facts that it
 * has kept and asks for the end.  From here on all calls have the epoch and
 * their facts are kept.  Returns how many were told again. */
int64_t site_epoch(struct site *, const char *daemon, const char *run_id);
/* The same, step by step. */
struct reply *site_resume(struct site *, const char *daemon,
			  const char *run_id);
size_t site_tell_facts(struct site *, const char *daemon);
struct reply *site_recover(struct site *); /* until it says "ok" or "wait" */

size_t site_fact_count(const struct site *);
/* site_keep_facts: only the facts from the n-th on are still known. */
void site_keep_facts(struct site *, size_t from);
/* site_note_fact: for site_call: what the reply says of one. */
void site_note_fact(struct site *, const char *function, int argc,
		    const char *const *argv, const struct reply *);
void site_facts_free(struct site *);

/* site_copy_take: all keys as they are now.  site_copy_put: all is as it was.
 * A copy is the caller's (site_copy_free). */
struct site_copy *site_copy_take(struct site *);
void site_copy_put(struct site *, const struct site_copy *);
void site_copy_free(struct site_copy *);

/* site_picture: every key that tells of customers, items, agents, with a digest
 * of its value, and the log without its ids; the caller's (json_decref). */
struct json_t *site_picture(struct site *);

#endif
