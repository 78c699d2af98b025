#include "daemon/api/http_conn.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/bufferevent_struct.h>
#include <event2/http_struct.h>
#include <event2/listener.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "daemon/api/tls.h"
#include "daemon/base/clock.h"
#include "daemon/base/text.h"

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

LIST_HEAD(conn_list, conn);

struct conns {
	struct event_base *base;         /* borrowed */
	struct evconnlistener *listener; /* borrowed; NULL when stopped */
	struct tls *tls;                 /* borrowed; NULL: none */
	struct conn_list alive, dead;
	size_t count; /* of both */
	size_t most, most_input;
	int64_t request_ms;
	struct conn **by_fd; /* owned; who spoke last on that number */
	size_t fds;
	struct event *sweep, *reaper, *adopter; /* owned */
};

/* ---- accepting ---------------------------------------------------------- */

static void
pause_accepting(struct conns *cs)
{
	if (cs->listener != NULL)
		(void)evconnlistener_disable(cs->listener);
}

static void
resume_accepting(struct conns *cs)
{
	if (cs->listener != NULL && cs->count < cs->most)
		(void)evconnlistener_enable(cs->listener);
}

/* Out of descriptors, say: the connection stays in the queue, so trying again
 * at once would only spin.  The sweep goes on.  The cookie is evhttp's. */
static void
on_accept_error(struct evconnlistener *listener, void *cookie)
{
	(void)cookie;
	(void)evconnlistener_disable(listener);
}

static void
remember_fd(struct conn *c, int fd)
{
	struct conns *cs = c->owner;
	size_t need = (size_t)fd + 1;

	if (need > cs->fds) {
		cs->by_fd =
		    text_realloc(cs->by_fd, need * 2 * sizeof *cs->by_fd);
		for (size_t i = cs->fds; i < need * 2; i++)
			cs->by_fd[i] = NULL;
		cs->fds = need * 2;
	}
	cs->by_fd[fd] = c;
	c->fd = fd;
}

/* The bytes from offset on, before evhttp reads them. */
static void
look_at(struct conn *c, struct evbuffer *input, size_t offset)
{
	struct evbuffer_ptr at;

	if (evbuffer_ptr_set(input, &at, offset, EVBUFFER_PTR_SET) < 0)
		return;
	while (!c->head.done) {
		struct evbuffer_iovec v;

		if (evbuffer_peek(input, -1, &at, &v, 1) < 1 || v.iov_len == 0)
			return;
		head_feed(&c->head, v.iov_base, v.iov_len);
		if (evbuffer_ptr_set(input, &at, v.iov_len, EVBUFFER_PTR_ADD) <
		    0)
			return;
	}
}

/* The handshake is over, so that it is known whose certificate it was. */
static void
first_byte(struct conn *c)
{
	char name[TLS_NAME_SIZE] = "", address[ORIGIN_SIZE];

	remember_fd(c, bufferevent_getfd(c->bev));
	if (c->ssl != NULL)
		tls_peer_name(c->ssl, name);
	if (*name == '\0')
		return;
	(void)snprintf(address, sizeof address, "%.*s", ORIGIN_SIZE - 1,
	    c->origin.from);
	(void)snprintf(c->origin.from, sizeof c->origin.from, "%s@%s", name,
	    address);
}

static void
on_input(struct evbuffer *input, const struct evbuffer_cb_info *info,
    void *cookie)
{
	struct conn *c = cookie;

	if (info->n_added == 0 || c->closed)
		return;
	if (c->fd < 0)
		first_byte(c);
	if (c->begun_ms == 0)
		c->begun_ms = clock_mono_ms();
	if (!c->head.done)
		look_at(c, input, evbuffer_get_length(input) - info->n_added);
}

/* The socket is set by evhttp afterwards, and the handshake begins. */
static struct bufferevent *
new_bev(struct conns *cs, struct event_base *base, struct ssl_st **ret_ssl)
{
	struct bufferevent *bev;
	struct ssl_st *ssl;

	if (cs->tls == NULL)
		return bufferevent_socket_new(base, -1, 0);
	ssl = tls_accept(cs->tls);
	if (ssl == NULL)
		return NULL;
	bev = bufferevent_openssl_socket_new(
	    base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, 0);
	if (bev == NULL)
		tls_end(ssl);
	else
		*ret_ssl = ssl;
	return bev;
}

/* evhttp asks for a bufferevent as it accepts.  Without BEV_OPT_CLOSE_ON_FREE
 * it closes the socket itself, whatever references we hold, and the SSL stays
 * ours. */
static struct bufferevent *
on_accept(struct event_base *base, void *cookie)
{
	struct conns *cs = cookie;
	struct ssl_st *ssl = NULL;
	struct bufferevent *bev = new_bev(cs, base, &ssl);
	struct conn *c;

	if (bev == NULL)
		return NULL;
	c = text_alloc(sizeof *c);
	c->owner = cs;
	c->ssl = ssl;
	c->fd = -1;
	c->bev = bev;
	c->begun_ms = clock_mono_ms(); /* the first request is due as well */
	bufferevent_incref(bev);
	bufferevent_setwatermark(bev, EV_READ, 0, cs->most_input);
	if (evbuffer_add_cb(bufferevent_get_input(bev), on_input, c) == NULL)
		abort();
	c->fresh = true;
	LIST_INSERT_HEAD(&cs->alive, c, all);
	event_active(cs->adopter, EV_TIMEOUT, 0);
	cs->count++;
	if (cs->count >= cs->most)
		pause_accepting(cs);
	return bev;
}

/* ---- ending ------------------------------------------------------------- */

static void
free_conn(struct conn *c)
{
	struct conns *cs = c->owner;

	LIST_REMOVE(c, all);
	cs->count--;
	if (c->fd >= 0 && cs->by_fd[c->fd] == c)
		cs->by_fd[c->fd] = NULL;
	(void)evbuffer_remove_cb(bufferevent_get_input(c->bev), on_input, c);
	(void)bufferevent_decref(c->bev);
	tls_end(c->ssl);
	free(c);
}

static void
on_reap(evutil_socket_t fd, short what, void *cookie)
{
	struct conns *cs = cookie;
	struct conn *c;

	(void)fd;
	(void)what;
	while ((c = LIST_FIRST(&cs->dead)) != NULL)
		free_conn(c);
	resume_accepting(cs);
}

/* A client may have left OpenSSL waiting to write what it must before it reads
 * on; then libevent's own disabling would keep the event. */
static void
end_tls(struct conn *c)
{
	unsigned long error = bufferevent_get_openssl_error(c->bev);

	if (error == 0)
		tls_bye(c->ssl);
	else if (c->fd < 0) /* not a byte came through */
		tls_failed(c->owner->tls, error, c->origin.from);
	(void)event_del(&c->bev->ev_read);
	(void)event_del(&c->bev->ev_write);
}

/* The memory goes from the loop: evhttp is still in the middle of it.  The
 * events go now: evhttp closes the socket, and the next one may get the same
 * number while libevent still believes that it watches it. */
static void
close_conn(struct conn *c)
{
	struct conns *cs = c->owner;
	void (*told)(void *) = c->on_closed;

	if (c->closed)
		return;
	c->closed = true;
	if (c->ssl != NULL)
		end_tls(c);
	(void)bufferevent_disable(c->bev, EV_READ | EV_WRITE);
	c->held = c->writing = false;
	c->on_closed = NULL;
	LIST_REMOVE(c, all);
	LIST_INSERT_HEAD(&cs->dead, c, all);
	event_active(cs->reaper, EV_TIMEOUT, 0);
	if (told != NULL)
		told(c->cookie);
}

static void
on_evhttp_close(struct evhttp_connection *evcon, void *cookie)
{
	(void)evcon;
	close_conn(cookie);
}

static void
adopt(struct conn *c, struct evhttp_connection *evcon)
{
	evhttp_connection_set_closecb(evcon, on_evhttp_close, c);
	origin_of(&c->origin, bufferevent_getfd(c->bev));
}

/* As soon as evhttp has put its callbacks on the bufferevent: their argument is
 * its connection.  It must tell us of its end also where no whole request ever
 * came, or where it refused one by itself. */
static void
on_adopt(evutil_socket_t fd, short what, void *cookie)
{
	struct conns *cs = cookie;
	struct conn *c, *next;

	(void)fd;
	(void)what;
	/* New ones stand in front. */
	for (c = LIST_FIRST(&cs->alive); c != NULL && c->fresh; c = next) {
		bufferevent_event_cb event_cb = NULL;
		void *evcon = NULL;

		next = LIST_NEXT(c, all);
		c->fresh = false;
		bufferevent_getcb(c->bev, NULL, NULL, &event_cb, &evcon);
		if (event_cb == NULL || evcon == NULL)
			close_conn(c); /* freed as it was made */
		else
			adopt(c, evcon);
	}
}

/* At the limit those who only sit there make room: a request must come sooner,
 * and between two requests nobody stays. */
static bool
is_overdue(const struct conn *c, int64_t now, bool full)
{
	int64_t limit = c->owner->request_ms / (full ? 5 : 1);

	if (c->held || c->writing)
		return false;
	return c->begun_ms != 0 ? now - c->begun_ms > limit : full;
}

static void
on_sweep(evutil_socket_t fd, short what, void *cookie)
{
	struct conns *cs = cookie;
	int64_t now = clock_mono_ms();
	bool full = cs->count >= cs->most;
	struct conn *c, *next;

	(void)fd;
	(void)what;
	for (c = LIST_FIRST(&cs->alive); c != NULL; c = next) {
		next = LIST_NEXT(c, all);
		if (is_overdue(c, now, full))
			conn_drop(c);
	}
	resume_accepting(cs);
}

/* ---- requests ----------------------------------------------------------- */

struct conn *
conns_find(struct conns *cs, struct evhttp_request *ev)
{
	struct evhttp_connection *evcon = evhttp_request_get_connection(ev);
	int fd =
	    bufferevent_getfd(evhttp_connection_get_bufferevent(evcon));

	if (fd < 0 || (size_t)fd >= cs->fds)
		return NULL;
	return cs->by_fd[fd];
}

size_t
conns_busy(const struct conns *cs)
{
	size_t n = 0;
	const struct conn *c;

	LIST_FOREACH(c, &cs->alive, all)
		n += c->held || c->writing;
	return n;
}

void
conn_begin(struct conn *c)
{
	struct evbuffer *input = bufferevent_get_input(c->bev);

	c->held = true;
	c->begun_ms = 0;
	head_reset(&c->head);
	if (evbuffer_get_length(input) > 0) /* the next one, sent ahead */
		look_at(c, input, 0);
}

static void
on_written(struct evhttp_request *ev, void *cookie)
{
	struct conn *c = cookie;

	(void)ev;
	c->writing = false;
	c->begun_ms = c->head.bytes > 0 ? clock_mono_ms() : 0;
}

void
conn_answered(struct conn *c, struct evhttp_request *ev)
{
	c->held = false;
	if (c->closed)
		return;
	c->writing = true;
	evhttp_request_set_on_complete_cb(ev, on_written, c);
}

void
conn_drop(struct conn *c)
{
	if (!c->closed)
		(void)shutdown(bufferevent_getfd(c->bev), SHUT_RDWR);
}

/* Not by reading ahead: what lies there unread would hide the end. */
bool
conn_alive(const struct conn *c)
{
	struct pollfd p = { .events = POLLRDHUP };

	if (c->closed)
		return false;
	p.fd = bufferevent_getfd(c->bev);
	return poll(&p, 1, 0) <= 0 ||
	    (p.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) == 0;
}

void
conn_peer(const struct conn *c, struct conn_peer *ret)
{
	struct ucred cred;
	socklen_t len = sizeof cred;
	struct sockaddr_storage sa = { 0 };
	socklen_t sa_len = sizeof sa;
	int fd = bufferevent_getfd(c->bev);

	*ret = (struct conn_peer){ 0 };
	if (c->closed ||
	    getsockname(fd, (struct sockaddr *)&sa, &sa_len) < 0 ||
	    sa.ss_family != AF_UNIX ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return;
	ret->local = true;
	ret->uid = cred.uid;
	ret->gid = cred.gid;
	len = sizeof ret->groups;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, ret->groups, &len) == 0)
		ret->count = len / sizeof *ret->groups;
}

const char *
conn_from(const struct conn *c)
{
	return c->origin.from;
}

/* ---- life --------------------------------------------------------------- */

struct conns *
conns_new(struct event_base *base, struct evhttp *http, size_t most,
    int64_t request_ms, size_t most_input)
{
	const struct timeval often = { .tv_usec = 500 * 1000 };
	struct conns *cs = text_alloc(sizeof *cs);

	cs->base = base;
	cs->most = most;
	cs->most_input = most_input;
	cs->request_ms = request_ms;
	LIST_INIT(&cs->alive);
	LIST_INIT(&cs->dead);
	cs->reaper = event_new(base, -1, 0, on_reap, cs);
	cs->adopter = event_new(base, -1, 0, on_adopt, cs);
	cs->sweep = event_new(base, -1, EV_PERSIST, on_sweep, cs);
	if (cs->reaper == NULL || cs->adopter == NULL || cs->sweep == NULL ||
	    event_add(cs->sweep, &often) < 0)
		abort();
	evhttp_set_bevcb(http, on_accept, cs);
	return cs;
}

void
conns_use_tls(struct conns *cs, struct tls *tls)
{
	cs->tls = tls;
}

void
conns_listen(struct conns *cs, struct evconnlistener *listener)
{
	cs->listener = listener;
	evconnlistener_set_error_cb(listener, on_accept_error);
}

void
conns_stop(struct conns *cs)
{
	cs->listener = NULL;
}

void
conns_free(struct conns *cs)
{
	struct conn *c;

	if (cs == NULL)
		return;
	while ((c = LIST_FIRST(&cs->alive)) != NULL)
		free_conn(c);
	while ((c = LIST_FIRST(&cs->dead)) != NULL)
		free_conn(c);
	event_free(cs->sweep);
	event_free(cs->reaper);
	event_free(cs->adopter);
	free(cs->by_fd);
	free(cs);
}
