#include "daemon/api/http_conn.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/bufferevent_struct.h>
#include <event2/http_struct.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "daemon/api/http_deny.h"
#include "daemon/api/room.h"
#include "daemon/api/tls.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"

/* In which a client must have read why it was denied. */
#define DENY_MS 2000
#define DENIED_RETRY_S 5
#define TELL_AGAIN_MS 60000

LIST_HEAD(conn_list, conn);

struct conns {
	struct event_base *base;         /* borrowed */
	struct evconnlistener *listener; /* borrowed; NULL when stopped */
	struct tls *tls;                 /* borrowed; NULL: none */
	struct conns_options options;
	struct conn_list alive, dead, to_deny;
	size_t count; /* of alive and dead */
	int64_t told_full_ms; /* monotonic; 0: never */
	struct conn **by_fd; /* owned; who spoke last on that number */
	size_t fds;
	struct event *sweep, *reaper, *adopter, *denier; /* owned */
};

/* ---- accepting ---------------------------------------------------------- */

static void
pause_accepting(struct conns *cs)
{
	if (cs->listener != NULL)
		(void)evconnlistener_disable(cs->listener);
}

static bool
is_full(const struct conns *cs)
{
	return cs->count >= cs->options.most || room_full(cs->options.room);
}

/* Once a minute: who cannot get in is not told, so the administrator is. */
static void
tell_full(struct conns *cs)
{
	int64_t now = clock_mono_ms();

	if (cs->told_full_ms != 0 && now - cs->told_full_ms < TELL_AGAIN_MS)
		return;
	cs->told_full_ms = now;
	log_warn("http", "all connections are taken (%zu here%s); others wait",
	    cs->count,
	    cs->count < cs->options.most ? ", no more files are left" : "");
}

static void
resume_accepting(struct conns *cs)
{
	if (cs->listener != NULL && !is_full(cs))
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

/* Nothing more is taken; told as soon as what was taken is answered. */
static void
deny_soon(struct conn *c)
{
	struct conns *cs = c->owner;
	struct evbuffer *input = bufferevent_get_input(c->bev);

	c->deaf = true;
	(void)evbuffer_drain(input, evbuffer_get_length(input));
	if (c->held || c->writing || c->to_deny || c->denying)
		return;
	c->to_deny = true;
	LIST_INSERT_HEAD(&cs->to_deny, c, denied);
	event_active(cs->denier, EV_TIMEOUT, 0);
}

/* The bytes from offset on, before evhttp reads them. */
static void
look_at(struct conn *c, struct evbuffer *input, size_t offset)
{
	struct evbuffer_ptr at;

	if (evbuffer_ptr_set(input, &at, offset, EVBUFFER_PTR_SET) < 0)
		return;
	while (!frame_whole(&c->frame) && c->denial.status == 0) {
		struct evbuffer_iovec v;

		if (evbuffer_peek(input, -1, &at, &v, 1) < 1 || v.iov_len == 0)
			break;
		frame_feed(&c->frame, &c->owner->options.frame, v.iov_base,
		    v.iov_len, &c->denial);
		if (evbuffer_ptr_set(input, &at, v.iov_len, EVBUFFER_PTR_ADD) <
		    0)
			break;
	}
	if (c->denial.status != 0)
		deny_soon(c);
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
	if (c->deaf) {
		(void)evbuffer_drain(input, evbuffer_get_length(input));
		return;
	}
	if (c->fd < 0)
		first_byte(c);
	if (c->begun_ms == 0)
		c->begun_ms = clock_mono_ms();
	if (!frame_whole(&c->frame))
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

/* One whole request (or one chunk with what surrounds it), and the beginning of
 * the next one. */
static size_t
most_input(const struct conns *cs)
{
	const struct frame_limits *l = &cs->options.frame;

	return (size_t)l->body + 2 * l->head.bytes + 64;
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
	bufferevent_setwatermark(bev, EV_READ, 0, most_input(cs));
	if (evbuffer_add_cb(bufferevent_get_input(bev), on_input, c) == NULL)
		abort();
	c->fresh = true;
	LIST_INSERT_HEAD(&cs->alive, c, all);
	event_active(cs->adopter, EV_TIMEOUT, 0);
	cs->count++;
	room_take(cs->options.room);
	if (is_full(cs)) {
		tell_full(cs);
		pause_accepting(cs);
	}
	return bev;
}

/* ---- ending ------------------------------------------------------------- */

static void
free_conn(struct conn *c)
{
	struct conns *cs = c->owner;

	LIST_REMOVE(c, all);
	cs->count--;
	room_give(cs->options.room);
	if (c->evcon != NULL)
		room_leave(cs->options.room, c->origin.counted);
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
	if (c->to_deny)
		LIST_REMOVE(c, denied);
	c->to_deny = false;
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
	struct room *room = c->owner->options.room;

	c->evcon = evcon;
	evhttp_connection_set_closecb(evcon, on_evhttp_close, c);
	origin_of(&c->origin, bufferevent_getfd(c->bev));
	if (room_enter(room, c->origin.counted))
		return;
	denial_set(&c->denial, 429, "too many connections",
	    "%s has %zu connections already, which is as many as it may have.",
	    c->origin.counted, room_by_address(room));
	c->denial.retry_after_s = DENIED_RETRY_S;
	deny_soon(c);
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

/* ---- what takes too long ------------------------------------------------ */

static void
on_deny(evutil_socket_t fd, short what, void *cookie)
{
	struct conns *cs = cookie;
	struct conn *c;

	(void)fd;
	(void)what;
	while ((c = LIST_FIRST(&cs->to_deny)) != NULL) {
		LIST_REMOVE(c, denied);
		c->to_deny = false;
		c->denying = true;
		c->begun_ms = clock_mono_ms();
		deny(c);
	}
}

/* At once and by a reset: what it has not read is not kept for it, here or by
 * the kernel. */
static void
cut(struct conn *c)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(bufferevent_getfd(c->bev), SOL_SOCKET, SO_LINGER,
	    &at_once, sizeof at_once);
	conn_drop(c);
}

/* At the limit those who only sit there make room: a request must come sooner,
 * and between two requests nobody stays. */
static void
sweep_one(struct conn *c, int64_t now, bool full)
{
	const struct conns_options *o = &c->owner->options;
	int64_t waited = c->begun_ms != 0 ? now - c->begun_ms : 0;

	if (c->denying) {
		if (waited > DENY_MS)
			deny_end(c);
	} else if (c->writing) {
		if (now - c->answer_ms > o->answer_ms)
			cut(c);
	} else if (c->held || c->deaf) {
		return;
	} else if (c->frame.bytes == 0) {
		if (waited > o->request_ms / (full ? 5 : 1) ||
		    (full && c->begun_ms == 0))
			conn_drop(c);
	} else if (waited > o->request_ms / (full ? 5 : 1)) {
		denial_set(&c->denial, 408, "too slow",
		    "The request has not come as a whole within %lld seconds.",
		    (long long)(o->request_ms + 999) / 1000);
		deny_soon(c);
	}
}

static void
on_sweep(evutil_socket_t fd, short what, void *cookie)
{
	struct conns *cs = cookie;
	int64_t now = clock_mono_ms();
	bool full;
	struct conn *c, *next;

	(void)fd;
	(void)what;
	room_look(cs->options.room);
	full = is_full(cs);
	for (c = LIST_FIRST(&cs->alive); c != NULL; c = next) {
		next = LIST_NEXT(c, all);
		sweep_one(c, now, full);
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

bool
conn_begin(struct conn *c)
{
	struct evbuffer *input = bufferevent_get_input(c->bev);

	c->held = true;
	c->begun_ms = 0;
	c->deaf = c->deaf || c->frame.at == FRAME_UNREAD;
	frame_reset(&c->frame);
	if (c->deaf)
		(void)evbuffer_drain(input, evbuffer_get_length(input));
	else if (evbuffer_get_length(input) > 0) /* the next one, sent ahead */
		look_at(c, input, 0);
	return c->deaf && c->denial.status == 0;
}

static void
on_written(struct evhttp_request *ev, void *cookie)
{
	struct conn *c = cookie;

	(void)ev;
	c->writing = false;
	c->begun_ms = c->frame.bytes > 0 ? clock_mono_ms() : 0;
	if (c->denial.status != 0)
		deny_soon(c);
}

void
conn_answered(struct conn *c, struct evhttp_request *ev)
{
	c->held = false;
	if (c->closed)
		return;
	c->writing = true;
	c->answer_ms = clock_mono_ms();
	evhttp_request_set_on_complete_cb(ev, on_written, c);
}

void
conn_drop(struct conn *c)
{
	if (!c->closed)
		(void)shutdown(bufferevent_getfd(c->bev), SHUT_RDWR);
}

/* ---- life --------------------------------------------------------------- */

struct conns *
conns_new(struct event_base *base, struct evhttp *http,
    const struct conns_options *options)
{
	const struct timeval often = { .tv_usec = 500 * 1000 };
	struct conns *cs = text_alloc(sizeof *cs);

	cs->base = base;
	cs->options = *options;
	LIST_INIT(&cs->alive);
	LIST_INIT(&cs->dead);
	LIST_INIT(&cs->to_deny);
	cs->reaper = event_new(base, -1, 0, on_reap, cs);
	cs->adopter = event_new(base, -1, 0, on_adopt, cs);
	cs->denier = event_new(base, -1, 0, on_deny, cs);
	cs->sweep = event_new(base, -1, EV_PERSIST, on_sweep, cs);
	if (cs->reaper == NULL || cs->adopter == NULL || cs->sweep == NULL ||
	    cs->denier == NULL ||
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
	event_free(cs->denier);
	free(cs->by_fd);
	free(cs);
}
