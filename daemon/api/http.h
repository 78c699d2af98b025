/* http.h -- the evhttp server: listeners, limits, stop.  What a request is
 * stands in req.h; who may do what in access.h; the table in route.h.
 *
 * SIGPIPE must be ignored.  Stop order: http_stop_listening; wait until
 * http_open_requests is 0, up to the grace limit; answer what is left (freeing
 * rds does); http_end_streams; run the loop until http_open_requests is 0
 * again; http_free. */
#ifndef RB_API_HTTP_H
#define RB_API_HTTP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/base/fault.h"

struct event_base;
struct http;
struct req;
struct tls;

struct http_options {
	void (*handle)(struct req *, void *cookie); /* each good request */
	void *cookie;
	size_t max_body;        /* bytes; 0: 1 MiB */
	size_t max_head;        /* bytes; 0: 16 KiB */
	size_t max_headers;     /* 0: 100 */
	size_t max_target;      /* bytes of the address; 0: 8192 */
	size_t max_connections; /* of each listener; 0: 1000 */
	size_t max_by_address;  /* of all listeners; 0: no limit */
	size_t max_unsent;      /* of one stream; 0: 1 MiB */
	int64_t request_ms;     /* in which it must have come; 0: 15 s */
	int64_t answer_ms;      /* and its answer been read; 0: 60 s */
	int64_t idle_ms;        /* between two requests; 0: 60 s */
};

struct http *http_new(struct event_base *, const struct http_options *);

/* http_socket_access: of the Unix sockets that are made from now on: mode, 0666
 * before, and the name of a group, "" for our own.  -1 and a sentence where the
 * system knows no such group. */
int http_socket_access(
    struct http *, mode_t mode, const char *group, struct fault *);
/* http_listen: an address as in address.h (a Unix socket that nobody answers on
 * is replaced).  0, or -1 and a sentence. */
int http_listen(struct http *, const char *address, struct fault *);
/* http_listen_tls: the same, and all that come speak TLS (borrowed). */
int http_listen_tls(
    struct http *, const char *address, struct tls *, struct fault *);
/* http_listen_fd: a listening socket that somebody else made; taken.  tls may
 * be NULL. */
int http_listen_fd(struct http *, int fd, struct tls *, struct fault *);
/* http_port, http_tls_port: of the first TCP listener without and with TLS; 0
 * where there is none. */
uint16_t http_port(const struct http *);
uint16_t http_tls_port(const struct http *);

void http_stop_listening(struct http *);
/* http_open_requests: with handlers, streams, and answers on their way. */
size_t http_open_requests(const struct http *);
void http_end_streams(struct http *); /* tells each that it is gone */
void http_free(struct http *); /* only when none is open; NULL is allowed */

#endif
