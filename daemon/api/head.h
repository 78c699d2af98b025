/* head.h -- reads the raw bytes of a request's head, strictly by RFC 9112,
 * before evhttp does: what it lets through, hides or answers by itself, and
 * what two readers would read differently, is refused here.  Pure. */
#ifndef RB_API_HEAD_H
#define RB_API_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/api/denial.h"

struct head_limits {
	size_t bytes;   /* of the whole head */
	size_t headers; /* their count */
	size_t target;  /* bytes of the address in the first line */
};

enum head_at {
	HEAD_METHOD,
	HEAD_TARGET,
	HEAD_VERSION,
	HEAD_NAME,
	HEAD_VALUE,
	HEAD_DONE, /* the empty line was seen; what follows is not head */
};

struct head {
	enum head_at at;
	size_t bytes, headers, in_part;
	bool after_cr;
	/* the part that is being read; what is longer is nothing we know */
	char part[32];
	char name[20]; /* of the header, in lower case */
	/* what it says */
	bool takes_body; /* POST, PUT and PATCH: evhttp reads none for others */
	bool old;        /* HTTP/1.0 */
	bool chunked;
	bool connection; /* there is such a header, and it does not say close */
	int lengths, hosts, encodings, expects;
	uint64_t length;
};

/* head_feed: up to the end of the head; says how many bytes were taken.  Stops
 * as soon as the denial is set. */
size_t head_feed(struct head *, const struct head_limits *, const char *,
		 size_t len, struct denial *);

#endif
