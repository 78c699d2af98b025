/* fake.h -- a daemon that says what the test wants, on a Unix socket in a
 * folder of its own.  Each connection is a process, so that one answer may
 * hang while another is given. */
#ifndef RB_TESTS_CLIENT_FAKE_H
#define RB_TESTS_CLIENT_FAKE_H

#include <stdbool.h>
#include <stddef.h>

enum fake_way {
	FAKE_JSON,    /* body with a proper head */
	FAKE_RAW,     /* body as it is, then the end */
	FAKE_ENDLESS, /* ... and its last line again and again, without end */
	FAKE_HANG     /* never an answer */
};

struct fake_rule {
	const char *request; /* how the first line begins: "POST /v1/next" */
	int status;
	const char *body;
	enum fake_way way;
	int times; /* afterwards the rule is passed over; 0: always */
};

struct fake;

/* fake_start: rules end with one whose request is NULL; borrowed. */
struct fake *fake_start(const struct fake_rule *rules);
void fake_stop(struct fake *);
const char *fake_socket(const struct fake *);
/* fake_heard: all requests so far, first lines, heads and bodies. */
const char *fake_heard(struct fake *);
bool fake_await(struct fake *, const char *text); /* until it was heard */

/* One command line, run in a process of its own. */
struct ran {
	int code;        /* 128 + signal where one ended it */
	const char *out; /* both live as long as the test */
	const char *err;
};
/* run: words up to NULL; the fake (or NULL) is the daemon. */
struct ran run(struct fake *, ...) __attribute__((sentinel));
struct ran run_input(struct fake *, const char *input, ...)
    __attribute__((sentinel));

/* A command on a terminal of its own. */
struct tty;
/* tty_start: words with a blank between; 30 rows of 80. */
struct tty *tty_start(struct fake *, const char *words);
struct tty *tty_start_size(struct fake *, const char *words,
			   unsigned short rows, unsigned short columns);
void tty_type(struct tty *, const char *keys);
/* tty_await: until the text was printed since the last await; false: never. */
bool tty_await(struct tty *, const char *text);
bool tty_saw(const struct tty *, const char *text); /* so far */
int tty_end(struct tty *); /* waits for its end: the exit code, -1 if none */

#endif
