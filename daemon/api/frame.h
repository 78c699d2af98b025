/* frame.h -- reads the raw bytes of a connection request by request: head and
 * body, so that it is known where each one ends, whatever evhttp believes.
 * Pure. */
#ifndef RB_API_FRAME_H
#define RB_API_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/api/denial.h"
#include "daemon/api/head.h"

struct frame_limits {
	struct head_limits head;
	uint64_t body; /* bytes, without what chunks add */
};

enum frame_at {
	FRAME_HEAD,
	FRAME_LENGTH, /* a body whose length was told */
	FRAME_SIZE,   /* a chunk's first line */
	FRAME_CHUNK,
	FRAME_AFTER_CHUNK, /* the line end that follows it */
	FRAME_LAST,        /* the line end after the last chunk */
	FRAME_DONE,        /* the request is whole */
	FRAME_UNREAD,      /* done, but a body follows that evhttp never reads:
			      nothing more can come over this connection */
};

struct frame {
	enum frame_at at;
	struct head head;
	uint64_t left, body;
	int digits;
	bool after_cr;
	size_t bytes; /* of all of it; up to SIZE_MAX */
};

void frame_reset(struct frame *);
/* frame_feed: stops where the request ends, or as soon as the denial is set. */
void frame_feed(struct frame *, const struct frame_limits *, const char *,
		size_t len, struct denial *);
bool frame_whole(const struct frame *);

#endif
