#include "daemon/api/http.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/api/http_conn.h"
#include "daemon/api/req.h"
#include "daemon/api/room.h"
#include "daemon/base/address.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"

#define BACKLOG 511
#define ALL_METHODS                                                            \
	(EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |                  \
	    EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS |          \
	    EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH)

/* Each has an evhttp of its own, so that a crowd on one address does not shut
 * the others out. */
struct listener {
	SLIST_ENTRY(listener) all;
	struct http *owner;
	struct evhttp *evhttp;              /* owned */
	struct evhttp_bound_socket *socket; /* owned by evhttp; NULL: stopped */
	struct conns *conns;                /* owned */
	struct address address;             /* of a Unix socket that we made */
	dev_t dev;                          /* and which file that is */
	ino_t ino;
	uint16_t port;
	bool tls;
};

struct http {
	struct event_base *base; /* borrowed */
	struct http_options options;
	struct req_home *home; /* owned */
	struct room *room;     /* owned */
	mode_t socket_mode;
	gid_t socket_group; /* -1: ours */
	SLIST_HEAD(, listener) listeners;
};

/* ---- requests ----------------------------------------------------------- */

static void
on_request(struct evhttp_request *ev, void *cookie)
{
	struct listener *l = cookie;
	struct http *h = l->owner;
	struct conn *conn = conns_find(l->conns, ev);
	struct req *r;

	if (conn == NULL) {
		evhttp_send_error(ev, 500, NULL);
		return;
	}
	r = req_new(h->home, conn, ev);
	if (r != NULL)
		h->options.handle(r, h->options.cookie);
}

/* ---- listening ---------------------------------------------------------- */

/* Before anybody can connect, which needs the listen that follows. */
static int
set_access(const struct http *h, const char *path, struct fault *fault)
{
	if (h->socket_group != (gid_t)-1 &&
	    chown(path, (uid_t)-1, h->socket_group) < 0) {
		fault_set(fault,
		    "socket_group: %s cannot be given to that group: %s. The "
		    "daemon's user must be a member of it.",
		    path, strerror(errno));
		return -1;
	}
	if (chmod(path, h->socket_mode) == 0)
		return 0;
	fault_set(fault, "Cannot set the mode of %s: %s.", path,
	    strerror(errno));
	return -1;
}

static int
set_up_socket(const struct http *h, int fd, const struct address *a,
    struct fault *fault)
{
	bool bound;

	int one = 1;

	if (a->kind == ADDRESS_IP)
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (a->sa.ss_family == AF_INET6)
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
	/* Inherited by what is accepted. */
	if (a->kind == ADDRESS_IP)
		(void)setsockopt(
		    fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	bound = bind(fd, (const struct sockaddr *)&a->sa, a->sa_len) == 0;
	if (bound && a->kind == ADDRESS_UNIX &&
	    set_access(h, a->host, fault) < 0) {
		(void)unlink(a->host);
		return -1;
	}
	if (!bound || listen(fd, BACKLOG) < 0) {
		fault_set(fault, "Cannot listen on %s%s: %s.", a->host,
		    a->kind == ADDRESS_IP ? " at that port" : "",
		    strerror(errno));
		return -1;
	}
	return 0;
}

/* A socket file of a daemon that died may go; one that lives may not. */
static int
clear_path(const struct address *a, struct fault *fault)
{
	struct stat st;
	int fd, rc;

	if (lstat(a->host, &st) < 0)
		return 0; /* bind will say what is wrong, if anything */
	if (!S_ISSOCK(st.st_mode)) {
		fault_set(fault, "%s is there already and is no socket.",
		    a->host);
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		fault_set(fault, "%s: %s.", a->host, strerror(errno));
		return -1;
	}
	rc = connect(fd, (const struct sockaddr *)&a->sa, a->sa_len);
	if (rc < 0 && errno == ECONNREFUSED)
		rc = unlink(a->host);
	else
		rc = -2;
	(void)close(fd);
	if (rc == 0)
		return 0;
	fault_set(fault, rc == -2
		? "Another program listens on %s already."
		: "%s is left over and cannot be removed.", a->host);
	return -1;
}

static int
open_socket(const struct http *h, const struct address *a, struct fault *fault)
{
	int fd;

	if (a->kind == ADDRESS_NAME) {
		fault_set(fault, "\"%s\" is a name: to listen, give a number "
				 "such as 127.0.0.1, or a path.", a->host);
		return -1;
	}
	if (a->kind == ADDRESS_UNIX && clear_path(a, fault) < 0)
		return -1;
	fd = socket(a->sa.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		fault_set(fault, "%s: %s.", a->host, strerror(errno));
		return -1;
	}
	if (set_up_socket(h, fd, a, fault) < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof sa;

	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		return 0;
	if (sa.ss_family == AF_INET)
		return ntohs(((struct sockaddr_in *)&sa)->sin_port);
	if (sa.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&sa)->sin6_port);
	return 0;
}

static struct listener *
new_listener(struct http *h, int fd)
{
	const struct http_options *o = &h->options;
	const struct timeval idle = { .tv_sec = o->idle_ms / 1000,
		.tv_usec = o->idle_ms % 1000 * 1000 };
	const struct conns_options conns = { .most = o->max_connections,
		.request_ms = o->request_ms,
		.answer_ms = o->answer_ms,
		.frame.head = { .bytes = o->max_head,
		    .headers = o->max_headers,
		    .target = o->max_target },
		.frame.body = o->max_body,
		.room = h->room };
	struct listener *l = text_alloc(sizeof *l);

	l->owner = h;
	l->port = port_of(fd);
	l->evhttp = evhttp_new(h->base);
	if (l->evhttp == NULL)
		abort();
	/* Ours, in frame.h, are smaller: the refusal is ours. */
	evhttp_set_max_headers_size(l->evhttp, (ev_ssize_t)(2 * o->max_head));
	evhttp_set_max_body_size(l->evhttp, (ev_ssize_t)(2 * o->max_body));
	evhttp_set_allowed_methods(l->evhttp, ALL_METHODS);
	evhttp_set_gencb(l->evhttp, on_request, l);
	evhttp_set_timeout_tv(l->evhttp, &idle);
	l->conns = conns_new(h->base, l->evhttp, &conns);
	l->socket = evhttp_accept_socket_with_handle(l->evhttp, fd);
	if (l->socket == NULL)
		abort();
	conns_listen(l->conns, evhttp_bound_socket_get_listener(l->socket));
	SLIST_INSERT_HEAD(&h->listeners, l, all);
	return l;
}

static void
use_tls(struct listener *l, struct tls *tls)
{
	l->tls = tls != NULL;
	conns_use_tls(l->conns, tls);
}

int
http_listen(struct http *h, const char *text, struct fault *fault)
{
	return http_listen_tls(h, text, NULL, fault);
}

int
http_listen_tls(struct http *h, const char *text, struct tls *tls,
    struct fault *fault)
{
	struct address a;
	struct stat st;
	struct listener *l;
	int fd;

	if (address_parse(&a, text, -1, fault) < 0)
		return -1;
	fd = open_socket(h, &a, fault);
	if (fd < 0)
		return -1;
	l = new_listener(h, fd);
	use_tls(l, tls);
	l->address = a;
	if (a.kind == ADDRESS_UNIX && stat(a.host, &st) == 0) {
		l->dev = st.st_dev;
		l->ino = st.st_ino;
	}
	return 0;
}

int
http_listen_fd(struct http *h, int fd, struct tls *tls, struct fault *fault)
{
	struct listener *l;
	int listening = 0, flags = fcntl(fd, F_GETFL);
	socklen_t len = sizeof listening;

	if (flags < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) < 0 ||
	    !listening || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
		fault_set(fault, "File descriptor %d is no listening socket.",
		    fd);
		return -1;
	}
	l = new_listener(h, fd);
	l->address.kind = ADDRESS_IP; /* no file of ours */
	use_tls(l, tls);
	return 0;
}

static uint16_t
first_port(const struct http *h, bool tls)
{
	const struct listener *l;
	uint16_t port = 0;

	SLIST_FOREACH(l, &h->listeners, all)
	{
		if (l->port != 0 && l->tls == tls)
			port = l->port; /* the last here is the first made */
	}
	return port;
}

uint16_t
http_port(const struct http *h)
{
	return first_port(h, false);
}

uint16_t
http_tls_port(const struct http *h)
{
	return first_port(h, true);
}

/* ---- stopping ----------------------------------------------------------- */

/* Only if the path is still the file that we made. */
static void
remove_path(const struct listener *l)
{
	struct stat st;

	if (l->address.kind == ADDRESS_UNIX && l->ino != 0 &&
	    lstat(l->address.host, &st) == 0 && st.st_dev == l->dev &&
	    st.st_ino == l->ino)
		(void)unlink(l->address.host);
}

static void
stop(struct listener *l)
{
	if (l->socket == NULL)
		return;
	remove_path(l);
	conns_stop(l->conns);
	evhttp_del_accept_socket(l->evhttp, l->socket);
	l->socket = NULL;
}

void
http_stop_listening(struct http *h)
{
	struct listener *l;

	SLIST_FOREACH(l, &h->listeners, all)
		stop(l);
	req_home_close(h->home);
}

size_t
http_open_requests(const struct http *h)
{
	const struct listener *l;
	size_t lost, n = 0;

	SLIST_FOREACH(l, &h->listeners, all)
		n += conns_busy(l->conns);
	/* Those whose client has left wait for their answer all the same. */
	lost = req_home_open(h->home);
	return n > lost ? n : lost;
}

void
http_end_streams(struct http *h)
{
	req_home_end_streams(h->home);
}

void
http_free(struct http *h)
{
	struct listener *l;

	if (h == NULL)
		return;
	assert(req_home_open(h->home) == 0);
	while ((l = SLIST_FIRST(&h->listeners)) != NULL) {
		SLIST_REMOVE_HEAD(&h->listeners, all);
		stop(l);
		evhttp_free(l->evhttp);
		conns_free(l->conns);
		free(l);
	}
	req_home_free(h->home);
	room_free(h->room);
	free(h);
}

/* ---- life --------------------------------------------------------------- */

static void
on_libevent_log(int severity, const char *message)
{
	if (severity >= EVENT_LOG_WARN)
		log_debug("libevent", "%s", message);
}

int
http_socket_access(
    struct http *h, mode_t mode, const char *group, struct fault *fault)
{
	struct group entry, *found = NULL;
	char buf[16 * 1024];

	h->socket_mode = mode;
	h->socket_group = (gid_t)-1;
	if (*group == '\0')
		return 0;
	if (getgrnam_r(group, &entry, buf, sizeof buf, &found) != 0 ||
	    found == NULL) {
		fault_set(fault,
		    "socket_group: there is no Unix group %s. Make it with: "
		    "sudo addgroup %s", group, group);
		return -1;
	}
	h->socket_group = found->gr_gid;
	return 0;
}

static void
set_default(size_t *option, size_t otherwise)
{
	if (*option == 0)
		*option = otherwise;
}

static void
set_defaults(struct http_options *o)
{
	set_default(&o->max_body, 1024 * 1024);
	set_default(&o->max_head, 16 * 1024);
	set_default(&o->max_headers, 100);
	set_default(&o->max_target, 8192);
	set_default(&o->max_connections, 1000);
	set_default(&o->max_unsent, 1024 * 1024);
	if (o->request_ms == 0)
		o->request_ms = 15 * 1000;
	if (o->answer_ms == 0)
		o->answer_ms = 60 * 1000;
	if (o->idle_ms == 0)
		o->idle_ms = 60 * 1000;
}

struct http *
http_new(struct event_base *base, const struct http_options *options)
{
	struct http *h = text_alloc(sizeof *h);
	struct http_options *o = &h->options;

	assert(options->handle != NULL);
	h->base = base;
	*o = *options;
	set_defaults(o);
	h->socket_mode = 0666;
	h->socket_group = (gid_t)-1;
	h->home = req_home_new(base, o->max_body, o->max_unsent);
	h->room = room_new(o->max_by_address);
	SLIST_INIT(&h->listeners);
	/* Clients make libevent warn; they must not fill our log. */
	event_set_log_callback(on_libevent_log);
	return h;
}
