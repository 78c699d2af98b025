/* req_inside.h -- what a request is made of; for req*.c and answer.c alone. */
#ifndef RB_API_REQ_INSIDE_H
#define RB_API_REQ_INSIDE_H

#include <stdint.h>
#include <sys/queue.h>

#include "daemon/api/caller.h"
#include "daemon/api/http_conn.h"
#include "daemon/api/target.h"

#define REQ_MOST_PARTS 4

struct req;
struct req_home;
struct piece;     /* kept memory */
struct last_wish; /* of req_on_free */

struct stream {
	struct req *req;
	void (*gone)(void *); /* NULL once told */
	void *cookie;
	bool dropped; /* too slow: cut already */
};

struct req {
	LIST_ENTRY(req) all;
	struct req_home *home;
	struct conn *conn;         /* NULL once closed */
	struct evhttp_request *ev; /* NULL once answered */
	struct target target;
	const char *route; /* of the table; NULL before it was found */
	struct origin origin;
	size_t parts[REQ_MOST_PARTS]; /* segments */
	size_t part_count;
	char *body; /* kept; NULL until asked */
	size_t body_len;
	struct caller caller;
	void *app; /* borrowed */
	struct piece *pieces;
	struct last_wish *wishes;
	struct event *watch; /* owned; for on_gone */
	void (*gone)(void *);
	void *gone_cookie;
	bool loose;
	bool resting; /* waits for something to happen; takes nobody's turn */
	struct stream stream; /* .req is NULL where it is none */
};

/* req_detach: the request is with evhttp for the last time; its struct and
 * memory are freed from the loop.  conn and ev must have been used. */
void req_detach(struct req *);
bool req_closing(const struct req *); /* the server is about to stop */
/* req_refused: true when it was not in order, and so answered. */
bool req_refused(struct req *);
size_t req_max_body(const struct req *);
size_t req_max_unsent(const struct req *);

#endif
