/* line.h -- a link to a telephone system that is made again for ever: connects,
 * hands over what comes, sends, and says why it is lost.
 *
 * The wait before the next attempt doubles from 0.5 s to 30 s, each a little at
 * random, until line_good.  To connect it has 10 s.  So much is read in one
 * turn of the loop, and so much kept that the other side does not read, that
 * neither a flood nor a frozen system harms anything else. */
#ifndef RB_SOURCES_LINE_H
#define RB_SOURCES_LINE_H

#include <stddef.h>
#include <stdint.h>

struct address;
struct event_base;
struct line;
struct tls_client;

#define LINE_READ (16 * 1024)         /* bytes a turn */
#define LINE_UNSENT_MOST (256 * 1024) /* more: it is cut */

struct line_options {
	struct event_base *base;  /* borrowed, as tls */
	const struct address *to; /* copied */
	struct tls_client *tls;   /* NULL: none */
	const char *peer;   /* what sentences call it: "Asterisk"; copied */
	int64_t silence_ms; /* it is cut when it says nothing so long */
	void (*connected)(void *cookie);
	void (*got)(void *cookie, const char *bytes, size_t len);
	/* Also when connecting failed: the next attempt comes by itself.  why
	 * is a few words.  Never from inside line_send or line_cut. */
	void (*lost)(void *cookie, const char *why);
	void *cookie;
};
struct line *line_new(const struct line_options *);
/* line_free: at any time, nothing is told any more.  NULL is allowed. */
void line_free(struct line *);

/* line_send: all of it, later at the latest; lost where there is no link. */
void line_send(struct line *, const char *bytes, size_t len);

/* line_good: the other side is who it should be and speaks with us. */
void line_good(struct line *);
/* line_cut: hangs up; got is not called any more, lost is.  The next attempt
 * waits at least so long. */
void line_cut(struct line *, const char *why, int64_t rest_ms);

#endif
