/* push.h -- telephone systems that tell of calls by HTTP, each in words of its
 * own.  One of them is a file here that reads a request into an event, a row
 * of push.c, and a row of its address in daemon/api/table.c.  Pure: nothing
 * here speaks HTTP or has a clock. */
#ifndef RB_SOURCES_PUSH_H
#define RB_SOURCES_PUSH_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/fault.h"

struct policy_source;
struct record;

#define PUSH_LONGEST 65536 /* bytes of a body */

/* What came; all is borrowed. */
struct push {
	const struct policy_source *config;
	const char *secret; /* of its secret_file; "" */
	const char *target; /* path and query, as they were sent */
	const char *login;  /* "name:password" as it was sent, or "" */
	const char *type;   /* of the body, without parameters; "" */
	const char *body;
	size_t len;
	/* header: the value, or NULL; where it came twice, too. */
	const char *(*header)(void *cookie, const char *name);
	void *cookie;
};

enum push_proof {
	PUSH_ASKS, /* proves nothing: the sender needs a token */
	PUSH_GOOD,
	PUSH_BAD, /* forged, or not signed where it must be */
};

/* What it says: an event of the source without source, time where the system
 * tells none, and with the system's own word for the queue.  And how the
 * system wants to be answered when the event is kept. */
struct push_said {
	struct record *event; /* the caller's; NULL: nothing that counts */
	char *answer;         /* free() */
	const char *answer_type;
};

struct push_format {
	const char *name; /* the type of its source; stands in the address */
	bool signs;       /* always: a token is of no use */
	bool json;        /* besides forms */
	/* proof: *ret_why is a few words for a feed where it is bad. */
	enum push_proof (*proof)(const struct push *, const char **ret_why);
	/* read: 0, or -1 and a sentence; *ret is untouched then. */
	int (*read)(const struct push *, struct push_said *ret, struct fault *);
};

/* push_format: by name, or NULL. */
const struct push_format *push_format(const char *name);

/* push_equal: as long as the other and the same, in a time that says nothing
 * about where they differ. */
bool push_equal(const char *, const char *);

/* push_url_ok: http:// or https:// with a host. */
bool push_url_ok(const char *url);

#endif
