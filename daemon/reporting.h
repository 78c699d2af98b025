/* reporting.h -- how the sources do, told to the site: each feed of this daemon
 * at every change and every few seconds, and what the other daemons know of the
 * same sources.  It begins once the site's configuration is in Redis; what
 * Redis does not take is told again. */
#ifndef RB_REPORTING_H
#define RB_REPORTING_H

#include <stdint.h>

struct event_base;
struct feeds;
struct policy;
struct reporting;
struct store;

struct reporting_options {
	struct event_base *base; /* borrowed, as all of these */
	struct store *store;
	const struct policy *policy; /* until reporting_set_policy */
	/* known: since when sources were not heard is known from now on.  Once.
	 */
	void (*known)(void *cookie);
	void *cookie;
};
struct reporting *reporting_new(const struct reporting_options *);
/* reporting_free: after the links to Redis are closed; NULL is allowed. */
void reporting_free(struct reporting *);
void reporting_set_policy(struct reporting *, const struct policy *);

/* reporting_begin: the feeds, borrowed.  Twice is allowed. */
void reporting_begin(struct reporting *, const struct feeds *);
/* reporting_anew: this Redis may have forgotten what it was told. */
void reporting_anew(struct reporting *);
void reporting_stop(struct reporting *);

/* reporting_heard_until: of that source, wall ms by Redis's clock, for
 * source_options.heard_until; 0: never.  While this daemon has no link to it,
 * when any daemon last heard it; from then on the same for some seconds, for
 * what the new link must catch up with. */
int64_t reporting_heard_until(const struct reporting *, const char *name);

#endif
