/* source.h -- what a telephone system must do that ringbackd asks by itself.  A
 * type is one file of its own and one row of table.c; it turns what it hears
 * into events of its feed and nothing more. */
#ifndef RB_SOURCES_SOURCE_H
#define RB_SOURCES_SOURCE_H

#include <stdbool.h>

#include "daemon/base/fault.h"
#include "daemon/sources/originate.h"

struct event_base;
struct feed;
struct policy_source;
struct source; /* one link to one system; each type has its own */
struct store;
struct tls_client;

struct source_options {
	struct event_base *base;            /* borrowed, as all of these */
	const struct policy_source *config; /* until stop, or use */
	const char *secret;                 /* of secret_file; "" for none */
	struct tls_client *tls;             /* NULL: no TLS */
	struct feed *feed;
	struct store *store; /* its clock counts */
	/* Events may have been missed from then to now, wall ms by Redis's
	 * clock: when any daemon of the site last heard this source; 0: never,
	 * or Redis has not told yet. */
	int64_t (*heard_until)(void *cookie, const char *name);
	void *cookie;
};

struct source_type {
	const char *name; /* "asterisk": the option type */
	/* check: what this type needs of its section; -1 and a sentence. */
	int (*check)(const struct policy_source *, struct fault *);
	/* start: begins to connect and goes on for ever, with back-off.  NULL
	 * for a system that pushes to us. */
	struct source *(*start)(const struct source_options *);
	/* stop: at any time; what is ordered ends LOST, before it returns. */
	void (*stop)(struct source *);
	/* use: the same section after a reload; what its link needs has not
	 * changed. */
	void (*use)(struct source *, const struct policy_source *);

	/* For calling back; NULL where the system cannot. */
	int (*originate)(struct source *, const struct originate *,
			 originate_told *, void *cookie, struct fault *);
	/* hang_up: the call of that id; nothing where it has ended. */
	void (*hang_up)(struct source *, const char *id);
	/* pause: its queues do not ring this phone (digits), or do again.  Only
	 * a pause of ours is ended.  Also called again after it was up anew. */
	void (*pause)(struct source *, const char *phone, bool paused);
};

/* source_types: all of them, the last has no name.  source_type: by name, or
 * NULL. */
extern const struct source_type source_types[];
const struct source_type *source_type(const char *name);

#endif
