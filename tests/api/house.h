/* house.h -- a whole site for one test: a real Redis, one or more real
 * ringbackd, a token of every role, and a look at what is kept.  What cannot
 * be started ends the test at once. */
#ifndef RB_TESTS_API_HOUSE_H
#define RB_TESTS_API_HOUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/api/ask.h"
#include "tests/harness/daemon.h"
#include "tests/harness/redis.h"

struct house;

struct house_options {
	int daemons;        /* 0: one */
	const char *head;   /* lines at the top of the configuration */
	const char *tiers;  /* instead of the usual ones */
	const char *ladder; /* instead of the usual one */
	const char *extra;  /* lines at its end */
	const char *groups; /* instead of the usual ones: agents = ... */
	const char *journal; /* "": none; NULL: one */
};

struct house *house_new(void);
struct house *house_new_with(const struct house_options *);

/* house_free: stops all; fails the test when a daemon did not end well, or
 * wrote a secret, a name or a number into its log. */
void house_free(struct house *);

struct redis *house_redis(const struct house *);
struct daemon *house_daemon(const struct house *, int i);

/* house_token: of a role ("push" ... "admin", or "anna", "ben": agents who
 * serve sales).  NULL for others: "nobody", who has none, and "root", who runs
 * the test. */
const char *house_token(const struct house *, const char *who);

/* house_secret: a text that may stand in no log. */
void house_secret(struct house *, const char *);

/* house_get, house_do: a request by `who`, over TCP with his token, or over
 * the Unix socket ("root").  The answer is the house's, until the next one. */
const struct said *house_get(
    struct house *, const char *who, const char *path);
const struct said *house_do(struct house *, const char *who,
    const char *method, const char *path, const char *body);

/* house_ask: all of it.  A NULL stands for what one would expect. */
struct question {
	const char *who, *method, *path, *type, *body;
	const char *headers; /* whole lines, each with its end */
	size_t len;          /* of body; 0: strlen */
	int daemon;
};
const struct said *house_ask(struct house *, const struct question *);

/* house_event: a call missed at sales; the number of its item. */
int64_t house_event(struct house *, const char *phone);

/* house_digest: of all that is kept, without what time alone changes: who was
 * seen, and the site's clock.  The caller frees it. */
char *house_digest(struct house *);

/* house_unchanged: fails the test unless the digest is `before`, which it
 * frees; `what` stands in the message. */
void house_unchanged(struct house *, char *before, const char *what);

/* house_print: a text that lives as long as the house. */
char *house_print(struct house *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

bool house_await(bool (*holds)(void *), void *, int limit_ms);

#endif
