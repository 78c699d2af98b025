/* feeds.h -- all sources of a site: the feed of each, the link to those that we
 * ask, through reloads. */
#ifndef RB_SOURCES_FEEDS_H
#define RB_SOURCES_FEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/fault.h"
#include "daemon/sources/source.h"

struct feed;
struct feeds;
struct intake;
struct policy;

/* How many sources that the configuration does not name are told apart. */
#define FEEDS_MOST_OTHERS 200

struct feeds_options {
	struct event_base *base; /* borrowed, as all of these */
	struct intake *intake;
	struct store *store;
	const struct policy *policy; /* until feeds_set_policy or feeds_free */
	void (*zone)(void *cookie, const char *zone);
	int64_t (*heard_until)(void *cookie, const char *name);
	void *cookie;
};

/* feeds_check: every type is known and has what it needs, secrets can be read.
 * -1 and a sentence. */
int feeds_check(const struct policy *, struct fault *);

/* feeds_new: feeds only; feeds_begin connects, once the site's configuration is
 * in Redis.  Twice is allowed. */
struct feeds *feeds_new(const struct feeds_options *);
void feeds_begin(struct feeds *);
/* feeds_stop: lets all links go.  feeds_free: after the intake is
 * gone; NULL is allowed. */
void feeds_stop(struct feeds *);
void feeds_free(struct feeds *);

/* feeds_set_policy: what its section did not change goes on as it is. */
void feeds_set_policy(struct feeds *, const struct policy *);

/* feeds_of: the feed of that source; made for one that the configuration does
 * not name.  NULL where there are too many of these. */
struct feed *feeds_of(struct feeds *, const char *name);
/* feeds_secret: what is in the secret_file of that source; "". */
const char *feeds_secret(const struct feeds *, const char *name);
size_t feeds_count(const struct feeds *);
struct feed *feeds_at(const struct feeds *, size_t);

/* feeds_waiting: how many events of all are not yet in Redis or the journal. */
size_t feeds_waiting(const struct feeds *);

/* feeds_caller: a source through which customers can be called (dial_agent and
 * dial_customer are set, the type can): the one of that name if it can, else
 * the first that can and is up, else the first that can.  False where none
 * can. */
struct feeds_caller { /* borrowed, until the next reload or feeds_stop */
	const char *name;
	struct source *source;
	const struct source_type *type;
	const struct feed *feed;
};
bool feeds_caller(const struct feeds *, const char *name,
		  struct feeds_caller *ret);

/* feeds_pause: at all of them, see source.h. */
void feeds_pause(const struct feeds *, const char *phone, bool paused);

#endif
