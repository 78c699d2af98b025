/* http_conn.h -- the connections of one listener, beside evhttp, which has no limit
 * of them, no limit of time for a request and no word when a client leaves.
 * Only http.c and req.c include it. */
#ifndef RB_API_HTTP_CONN_H
#define RB_API_HTTP_CONN_H

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "daemon/api/denial.h"
#include "daemon/api/frame.h"
#include "daemon/api/origin.h"

#define CONN_MOST_GROUPS 1024

struct conns;
struct room;
struct ssl_st;
struct tls;

/* Who sits at the other end of a Unix socket, as the kernel says. */
struct conn_peer {
	bool local; /* a Unix socket; else the rest means nothing */
	uid_t uid;
	gid_t gid;
	gid_t groups[CONN_MOST_GROUPS];
	size_t count;
};

struct conn {
	LIST_ENTRY(conn) all, denied;
	struct conns *owner;
	struct bufferevent *bev;         /* a reference of our own */
	struct evhttp_connection *evcon; /* NULL until it was adopted */
	struct ssl_st *ssl;              /* owned; NULL without TLS */
	int fd;                          /* -1 until the first byte came */
	struct origin origin; /* "" until it was adopted, soon after accept */
	struct frame frame;   /* the request that is coming */
	struct denial denial; /* why nothing more is taken */
	int64_t begun_ms;     /* monotonic: its first byte; 0: none yet */
	int64_t answer_ms;    /* monotonic: when the answer was given */
	bool fresh;           /* accepted, and not yet adopted */
	bool held;            /* a request is with its handler */
	bool writing;         /* an answer is on its way */
	bool deaf;            /* what comes is read away */
	bool to_deny;         /* in the list of those */
	bool denying;         /* evhttp has nothing to say any more */
	bool closed;          /* evhttp has let go of it */
	/* told once when the connection ends while the request is held or the
	 * answer is a stream; set by req.c */
	void (*on_closed)(void *);
	void *cookie;
};

struct conns_options {
	size_t most; /* then accepting pauses, and who only sits there makes
	                room */
	int64_t request_ms; /* a whole request must have come within it */
	int64_t answer_ms;  /* and its answer been read within this */
	struct frame_limits frame;
	struct room *room; /* borrowed; of all listeners together */
};

/* conns_new: watches all connections of that evhttp. */
struct conns *conns_new(
    struct event_base *, struct evhttp *, const struct conns_options *);
/* conns_use_tls: for all that come from now on; borrowed. */
void conns_use_tls(struct conns *, struct tls *);
/* conns_listen: borrows; at the limit it is disabled for a while. */
void conns_listen(struct conns *, struct evconnlistener *);
void conns_stop(struct conns *); /* never enable the listener again */
/* conns_free: after evhttp_free.  NULL is allowed. */
void conns_free(struct conns *);

/* conns_find: the connection of a request that evhttp hands over. */
struct conn *conns_find(struct conns *, struct evhttp_request *);
/* conns_busy: requests with handlers, and answers on their way. */
size_t conns_busy(const struct conns *);

/* conn_begin: held from now on.  true: a body follows that nobody reads, so
 * the connection must be closed after the answer. */
bool conn_begin(struct conn *);
void conn_answered(struct conn *, struct evhttp_request *); /* now writing */
void conn_drop(struct conn *); /* cut; evhttp sees the end from the loop */
bool conn_alive(const struct conn *); /* the peer has not gone */
void conn_peer(const struct conn *, struct conn_peer *ret);
/* conn_from: "unix:1000" or "203.0.113.5" (origin.h); lives as long as it. */
const char *conn_from(const struct conn *);

#endif
