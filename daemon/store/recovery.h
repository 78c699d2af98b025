/* recovery.h -- after every new link: what a Redis that took over has forgotten
 * is told again by all daemons, in the order in which it happened, before
 * anybody acts (lua/recovery.lua).
 *
 * The last moments' acknowledged acts are kept in memory (recent.h).  As long
 * as the site recovers, writing calls end NOT_SENT; that lasts a few
 * milliseconds, and at most three seconds when a daemon that was alive does not
 * come. */
#ifndef RB_STORE_RECOVERY_H
#define RB_STORE_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct recovery;
struct store;

struct recovery_options {
	struct event_base *base; /* borrowed */
	struct store *store;     /* borrowed; watched from here on */
	int64_t keep_ms;         /* how long acts are kept; 0: none is */
	/* run_id: of the Redis behind the link; log_id: the greatest that was
	 * ever seen.  Borrowed until the call returns. */
	const char *(*run_id)(void *cookie);
	const char *(*log_id)(void *cookie);
	/* over: the site may be acted on. */
	void (*over)(void *cookie);
	void *cookie;
};

struct recovery *recovery_new(const struct recovery_options *);
void recovery_set_keep(struct recovery *, int64_t keep_ms);
/* recovery_free: after the link's last call has ended; NULL is allowed. */
void recovery_free(struct recovery *);

/* recovery_link: the link is ready, or away. */
void recovery_link(struct recovery *, bool up);

#endif
