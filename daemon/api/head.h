/* head.h -- watches the raw bytes of a request's head for what evhttp lets
 * through or hides: NUL, bare CR and LF, folded lines, size.  Pure. */
#ifndef RB_API_HEAD_H
#define RB_API_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#define HEAD_MOST_BYTES (16 * 1024)
#define HEAD_MOST_LINES 101 /* the request line and 100 headers */

struct head {
	size_t bytes, lines, in_line;
	bool after_cr;
	bool done;       /* the empty line was seen; what follows is not head */
	int status;      /* 0: in order so far; else 400 or 431 */
	const char *why; /* a sentence; NULL while status is 0 */
};

void head_reset(struct head *);
/* head_feed: stops looking where the head ends. */
void head_feed(struct head *, const char *, size_t len);

#endif
