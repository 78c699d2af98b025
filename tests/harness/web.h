/* web.h -- clients of a daemon's API: each with a connection of its own, asking
 * and waiting, or many at once in a crowd. */
#ifndef RB_TESTS_HARNESS_WEB_H
#define RB_TESTS_HARNESS_WEB_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct web;   /* one client */
struct crowd; /* clients that ask at the same time */

struct web_request {
	const char *method; /* NULL: GET, or POST with a body */
	const char *path;
	const char *body;    /* copied; NULL: none */
	const char *type;    /* NULL: application/json */
	const char *last_id; /* Last-Event-ID; NULL: none */
};

struct web_answer {
	int status;       /* 0: none, the connection failed or time ran out */
	const char *body; /* text, never NULL */
	json_t *json;     /* borrowed; NULL where the body is none */
	int retry_after;  /* -1: no such header */
	double took_ms;
};

/* web_unix, web_tcp: token NULL for none. */
struct web *web_unix(const char *socket);
struct web *web_tcp(uint16_t port, const char *token); /* 127.0.0.1 */
/* web_free: hangs up; not while it is asking in a crowd.  NULL is allowed. */
void web_free(struct web *);
void web_limit(struct web *, long ms); /* for one answer; 20 s at first */

/* The answer is the client's, until it asks again. */
const struct web_answer *web_send(struct web *, const struct web_request *);
const struct web_answer *web_ask(struct web *, const char *method,
				 const char *path, const char *body);
/* web_lines: POST as application/x-ndjson. */
const struct web_answer *web_lines(struct web *, const char *path,
				   const char *lines);
/* web_so_far: the body as far as it has come: of a stream, too. */
const char *web_so_far(const struct web *);

/* web_text, web_int: of a member of the answer, "item.state"; "" and -1 where
 * there is none. */
const char *web_text(const struct web_answer *, const char *path);
int64_t web_int(const struct web_answer *, const char *path);

/* ---- many at once ------------------------------------------------------- */
typedef void web_told(void *cookie, struct web *, const struct web_answer *);

struct crowd *crowd_new(void);
void crowd_free(struct crowd *); /* nobody may be asking any more */
/* crowd_ask: told is called from crowd_until, may ask again; NULL: nobody. */
void crowd_ask(struct crowd *, struct web *, const struct web_request *,
	       web_told *told, void *cookie);
/* crowd_drop: the client hangs up in the middle; told is not called. */
void crowd_drop(struct crowd *, struct web *);
int crowd_open(const struct crowd *); /* how many are asking */
/* crowd_until: true as soon as the condition holds (NULL: nobody asks any
 * more); false after limit_ms. */
bool crowd_until(struct crowd *, bool (*holds)(void *), void *, int limit_ms);

#endif
