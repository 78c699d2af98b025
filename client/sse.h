/* sse.h -- Server-Sent Events: bytes in, events out.  Pure.  Lines end with
 * LF, CR or CRLF; what is longer than the bounds is dropped, not collected. */
#ifndef RB_CLIENT_SSE_H
#define RB_CLIENT_SSE_H

#include <stdbool.h>
#include <stddef.h>

#include "client/buf.h"

#define SSE_ID_MAX 128

struct sse {
	struct buf line;
	struct buf data;
	char event[64];
	char id[SSE_ID_MAX]; /* of the last event that had one */
	bool after_cr;
	bool too_long; /* the line, or what stands in data */
};

/* {0} is a new one. */
typedef void sse_event(void *cookie, const char *id, const char *event,
		       const char *data);

void sse_feed(struct sse *, const char *, size_t len, sse_event *,
	      void *cookie);
/* sse_restart: a new stream begins; the id is kept. */
void sse_restart(struct sse *);
void sse_done(struct sse *);

#endif
