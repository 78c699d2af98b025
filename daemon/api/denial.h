/* denial.h -- what a connection is told that gets no further: the first thing
 * that was wrong with it.  Pure. */
#ifndef RB_API_DENIAL_H
#define RB_API_DENIAL_H

#include <stddef.h>

struct denial {
	int status; /* 0: nothing was wrong */
	const char *title;
	char why[160];     /* a sentence */
	int retry_after_s; /* 0: it would not help */
};

/* denial_set: where nothing was set before. */
void denial_set(struct denial *, int status, const char *title,
		const char *why_fmt, ...) __attribute__((format(printf, 4, 5)));

/* denial_text: the whole answer: a problem document (RFC 9457), with
 * "Connection: close".  The caller frees it. */
char *denial_text(const struct denial *, size_t *ret_len);

/* denial_phrase: "Content Too Large"; NULL where evhttp knows it. */
const char *denial_phrase(int status);

#endif
