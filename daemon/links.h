/* links.h -- the daemon's links to Redis: one for calls, one that follows the
 * log (its calls block in Redis), and what stands on them.  They connect by
 * themselves; each new reason for Redis being away is logged once. */
#ifndef RB_LINKS_H
#define RB_LINKS_H

#include <stdbool.h>

#include "daemon/base/fault.h"
#include "daemon/store/logtail.h"

struct event_base;
struct links;
struct policy;
struct rds;
struct store;

struct links_options {
	struct event_base *base; /* borrowed */
	const struct policy
	    *policy;        /* site, redis_url, ...; read by links_new only */
	const char *daemon; /* this process's name among the others */
	/* Each but recovered may be NULL.
	 * changed: the link for calls is ready, or is away (told once). */
	void (*changed)(void *cookie, bool up);
	/* recovered: the site may be acted on: soon after the link is ready. */
	void (*recovered)(void *cookie);
	struct logtail_hooks tail; /* what is followed, with its own cookie */
	void *cookie;
};

/* links_check: the files that the policy names for Redis (passwords,
 * certificates) can be read and are fit for use; else -1 with a sentence. */
int links_check(const struct policy *, struct fault *);

/* links_new: begins to connect.  NULL and a sentence. */
struct links *links_new(const struct links_options *, struct fault *);

/* links_reload: reads the files anew that the policy names (passwords,
 * certificates): they count from the next connecting on, which is at once where
 * Redis did not let us in.  -1 with a sentence, and all stays as it was. */
int links_reload(struct links *, const struct policy *, struct fault *);

/* links_close: ends every call that is open (NOT_SENT or UNKNOWN) before it
 * returns, and every later one; the store stays usable.  Twice is allowed. */
void links_close(struct links *);
/* links_free: after links_close, and after all that uses the store; NULL is
 * allowed. */
void links_free(struct links *);

struct store *links_store(const struct links *);
struct rds *links_rds(const struct links *); /* for pages of the log */
/* links_run_id: of the Redis that calls go to; "" before the first. */
const char *links_run_id(const struct links *);
/* links_set_policy: after a reload. */
void links_set_policy(struct links *, const struct policy *);
/* links_look: once a second: says why Redis is away, or takes nothing, when that
 * has changed. */
void links_look(struct links *);

#endif
