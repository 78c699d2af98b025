/* ask.h -- the way to the daemon: HTTP over its Unix socket, or over TCP with
 * a token.  Requests run side by side; nothing here blocks but ask_wait and
 * ask_do.  Answers are bounded (16 MiB). */
#ifndef RB_CLIENT_ASK_H
#define RB_CLIENT_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct ask;
struct call; /* one request on its way */

enum exit_code {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1,
	EXIT_USAGE = 2,
	EXIT_NOTHING = 3, /* nothing to do */
	EXIT_AWAY = 4     /* the daemon or Redis is away */
};

/* NULL: the environment (RINGBACK_SOCKET, RINGBACK_URL, RINGBACK_TOKEN_FILE),
 * then the defaults. */
struct ask_where {
	const char *socket;
	const char *url;
	const char *token_file;
};

/* A part of a streamed answer of status 200; false ends the call. */
typedef bool ask_data(void *cookie, const char *, size_t len);

struct request {
	const char *method;
	const char *path;
	const json_t *body;  /* borrowed; NULL: "{}" for POST, else none */
	const char *lines;   /* borrowed: NDJSON instead of a body */
	int timeout_s;       /* 0: 20 seconds; -1: none */
	const char *last_id; /* a stream: Last-Event-ID, or NULL */
	ask_data *on_data;   /* a stream: its parts, as they come */
	void *cookie;
};

struct answer {
	int status;   /* of HTTP; 0: none came, see fault */
	json_t *json; /* owned; NULL where the answer was no JSON */
	char *text;   /* owned, never NULL: the answer as it came */
	size_t len;
	char fault[512]; /* why no answer came: one sentence */
	char help[512];  /* what helps, lines */
};

/* ask_open: -1 with a sentence where the way is not usable. */
int ask_open(struct ask **ret, const struct ask_where *, char *why,
	     size_t size);
void ask_close(struct ask *);             /* after all its calls are gone */
const char *ask_name(const struct ask *); /* the socket or URL, for sentences */

/* ask_do: the request and its answer; answer_done afterwards. */
void ask_do(struct ask *, const struct request *, struct answer *ret);

struct call *call_start(struct ask *, const struct request *);
bool call_is_done(const struct call *);
int call_status(const struct call *); /* of HTTP, as soon as known; else 0 */
/* call_take: the answer of a call that is done; the call is gone. */
void call_take(struct call *, struct answer *ret);
void call_drop(struct call *); /* at any time; NULL is allowed */

/* ask_wait: lets the calls go on, at most so long; true where fd (-1: none)
 * has something to read. */
bool ask_wait(struct ask *, int fd, int ms);

bool answer_ok(const struct answer *); /* 2xx */
enum exit_code answer_exit(const struct answer *);
void answer_done(struct answer *);

#endif
