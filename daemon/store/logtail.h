/* logtail.h -- the site's log: read in pages, and followed as it grows.  With
 * it come the hints: which waiting agent is to be asked for again. */
#ifndef RB_STORE_LOGTAIL_H
#define RB_STORE_LOGTAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/store/ending.h"

struct logtail;
struct rds;
struct record;

/* An id is "<ms>-<n>".  logtail_id_ok: well-formed.  logtail_compare: -1, 0, 1
 * as by the numbers. */
bool logtail_id_ok(const char *id);
int logtail_compare(const char *a, const char *b);

struct logtail_hooks {
	/* An entry of the log, in order.  The fields are borrowed. */
	void (*entry)(void *cookie, const char *id, const struct record *);
	/* This agent, parked at that daemon, may find something now. */
	void (*hint)(void *cookie, const char *agent, const char *daemon);
	/* After each link: what comes from here on is told, and what came while
	 * there was none may have been missed (hints), or told late.  NULL:
	 * nobody wants to know. */
	void (*following)(void *cookie);
	void *cookie;
};

/* logtail_new: borrows a link of its own (its calls block in Redis); follows
 * from the log's end. */
struct logtail *logtail_new(
    struct rds *, const char *site, const struct logtail_hooks *);
void logtail_free(struct logtail *); /* after rds_free */
/* logtail_link: the link became ready, or is away: for rds_options.changed. */
void logtail_link(struct logtail *, bool up);
/* logtail_last: the id up to which it has followed; "0-0" at first. */
const char *logtail_last(const struct logtail *);
/* logtail_greatest: the greatest id that it ever saw, whatever Redis has now. */
const char *logtail_greatest(const struct logtail *);

struct logtail_page {
	const char *oldest; /* id of the oldest entry that is kept; "" none */
	const char *newest; /* of those before the page was read; "0-0" none */
	const char *const *ids;
	struct record *const *entries;
	size_t count;
};
typedef void logtail_read(
    void *cookie, enum store_end, const struct logtail_page *);

/* logtail_page: at most count entries after the id, and the log's ends; over the
 * ordinary link.  Borrowed until logtail_read returns. */
void logtail_page(struct rds *, const char *site, const char *after,
    logtail_read *, void *cookie);
#define LOGTAIL_PAGE 200

#endif
