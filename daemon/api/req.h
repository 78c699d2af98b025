/* req.h -- one request, answered exactly once.
 *
 * A handler keeps what it needs with req_keep and hands the request on until
 * one step answers.  The memory goes soon after the answer: a step answers,
 * then returns. */
#ifndef RB_API_REQ_H
#define RB_API_REQ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "daemon/api/caller.h"

struct req;
struct stream;

/* ---- what was asked (borrowed until the answer) */
const char *req_method(const struct req *);
const char *req_path(const struct req *); /* decoded, without the query */
/* req_route: the pattern of the path, for the log: a path may have somebody's
 * number in it. */
const char *req_route(const struct req *);
/* req_part: the i-th wildcard of the route, decoded; UTF-8 of at most 200
 * bytes without control characters, but not checked further.  "" if none. */
const char *req_part(const struct req *, size_t i);
/* req_query: decoded, UTF-8; the first where there are several; NULL if absent.
 * A '+' is a '+': times and phone numbers have them. */
const char *req_query(const struct req *, const char *name);
/* req_query_name: the i-th name, to refuse unknown ones; NULL after the last. */
const char *req_query_name(const struct req *, size_t i);
const char *req_header(const struct req *, const char *name); /* or NULL */
/* req_type_is: that the body's Content-Type is this one, whatever its
 * parameters. */
bool req_type_is(const struct req *, const char *type);
/* req_target: path and query as they were sent, for a signature; it may have a
 * token in it. */
const char *req_target(const struct req *);
/* req_login: "name:password" of Basic (RFC 7617); "" where there is none. */
const char *req_login(struct req *);
size_t req_header_count(const struct req *, const char *name);
/* req_body: NUL-terminated besides; may hold anything. */
const char *req_body(struct req *, size_t *ret_len);
const struct caller *req_caller(const struct req *);
/* req_from: where it came from: "unix:1000", "203.0.113.5" (origin.h); never
 * NULL, and stays when the client leaves. */
const char *req_from(const struct req *);
const char *req_counted(const struct req *); /* who limits count as one */

/* ---- memory */
void *req_keep(struct req *, size_t); /* zeroed */
char *req_keep_text(struct req *, const char *); /* NULL gives NULL */
char *req_keep_print(struct req *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* req_on_free: called when it has been answered, last one first. */
void req_on_free(struct req *, void (*)(void *), void *);

/* ---- the answer: one of these, once */
void req_answer(struct req *, int status, json_t *body /* taken */);
void req_answer_text(struct req *, int status, const char *type,
    const char *text, size_t len);
/* req_fail: a problem document (RFC 9457). */
void req_fail(struct req *, int status, const char *title,
    const char *detail_fmt, ...) __attribute__((format(printf, 4, 5)));
void req_fail_with(struct req *, int status, const char *title,
    const char *detail, json_t *extra /* taken, merged; NULL: none */);
/* req_add_header: before the answer.  One with a control character in its
 * value is dropped: no other function adds one. */
void req_add_header(struct req *, const char *name, const char *value);
void req_close_after(struct req *); /* "Connection: close" */

/* ---- the one who asked */
bool req_alive(const struct req *); /* has not gone; asks the kernel */
/* req_on_gone: told from the loop, once, if the client leaves before the
 * answer; the request must be answered all the same.  NULL: no longer. */
void req_on_gone(struct req *, void (*)(void *), void *);

/* req_rest: it waits for something to happen in the site (an agent who is
 * parked, a listener): not counted as being worked on. */
void req_rest(struct req *, bool);
size_t req_working(const struct req *); /* of all in this server */

/* ---- an answer without an end (Server-Sent Events) */
/* req_stream: sends the head.  The request and its memory live on until
 * stream_end.  gone: the listener left or was too slow; then call
 * stream_end, there or later. */
struct stream *req_stream(struct req *, const char *content_type,
    void (*gone)(void *), void *cookie);
/* stream_send: 0, or -1 when nobody listens any more: gone, or more than the
 * limit of unsent bytes, then cut (gone is told from the loop). */
int stream_send(struct stream *, const char *, size_t);
void stream_end(struct stream *); /* exactly once */

/* ---- what the handlers stand on (api.h); set before the table is asked */
void req_set_app(struct req *, void *);
void *req_app(const struct req *);

/* ---- for http, access and route */
struct conn;
struct conn_peer;
struct event_base;
struct evhttp_request;
struct req_home; /* what the requests of one server share */

struct req_home *req_home_new(
    struct event_base *, size_t max_body, size_t max_unsent);
void req_home_free(struct req_home *); /* NULL is allowed */
size_t req_home_open(const struct req_home *); /* neither answered nor ended */
void req_home_end_streams(struct req_home *);  /* gone is told to each */
/* req_home_close: from now on every answer closes its connection. */
void req_home_close(struct req_home *);
/* req_new: NULL when it was refused, and answered, at once. */
struct req *req_new(
    struct req_home *, struct conn *, struct evhttp_request *);
void req_peer(const struct req *, struct conn_peer *ret);
void req_set_caller(struct req *, const struct caller *); /* copied */
size_t req_segments(const struct req *);
const char *req_segment(const struct req *, size_t i);
/* req_set_part: which segment of the path is the i-th wildcard. */
void req_set_part(struct req *, size_t i, size_t segment);
void req_set_route(struct req *, const char *pattern); /* borrowed for good */
/* req_loosen: its token may stand in its address, or be a password. */
void req_loosen(struct req *);
bool req_is_loose(const struct req *);

#endif
