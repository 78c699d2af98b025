#include "daemon/base/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/util.h>

#include "daemon/base/address.h"
#include "daemon/base/resolve.h"
#include "daemon/base/text.h"
#include "daemon/base/tls_client.h"

struct dial {
	struct event_base *base;
	struct address to;
	struct tls_client *tls;   /* borrowed */
	struct resolve *resolve;  /* owned; NULL where the address is known */
	struct bufferevent *link; /* owned until it is told */
	struct event *later;      /* owned: tells what failed at once */
	dial_done *done;
	void *cookie;
	char peer[40];
	char why[160];
};

/*
 *	dial_new	a name is looked up first
 *	on_found
 *	connect_to
 *	on_event	connected, and known to be who it should be
 */
static void connect_to(struct dial *, const struct sockaddr *, socklen_t);

static void
on_later(evutil_socket_t fd, short what, void *cookie)
{
	struct dial *d = cookie;

	(void)fd;
	(void)what;
	d->done(d->cookie, NULL, d->why);
}

static void
fail(struct dial *d, const char *why)
{
	(void)snprintf(d->why, sizeof d->why, "%s", why);
	event_active(d->later, EV_TIMEOUT, 0);
}

static void
on_found(void *cookie, const struct sockaddr *sa, socklen_t len,
	 const char *why)
{
	struct dial *d = cookie;

	if (sa != NULL)
		connect_to(d, sa, len);
	else
		fail(d, why);
}

struct dial *
dial_new(const struct dial_options *o, dial_done *done, void *cookie)
{
	struct dial *d = text_alloc(sizeof *d);
	const struct resolve_options resolve = { .base = o->base,
						 .host = d->to.host,
						 .port = o->to->port,
						 .attempt = o->attempt };

	d->base = o->base;
	d->to = *o->to;
	d->tls = o->to->kind != ADDRESS_UNIX ? o->tls : NULL;
	(void)snprintf(d->peer, sizeof d->peer, "%s", o->peer);
	d->done = done;
	d->cookie = cookie;
	d->later = event_new(o->base, -1, 0, on_later, d);
	if (d->later == NULL)
		abort();
	if (d->to.kind == ADDRESS_NAME)
		d->resolve = resolve_new(&resolve, on_found, d);
	else
		connect_to(d, (struct sockaddr *)&d->to.sa, d->to.sa_len);
	return d;
}

void
dial_free(struct dial *d)
{
	if (d == NULL)
		return;
	resolve_free(d->resolve);
	if (d->link != NULL)
		bufferevent_free(d->link);
	event_free(d->later);
	free(d);
}

const char *
dial_loss(struct bufferevent *link, short what, const char *peer)
{
	static char why[80];
	int error = EVUTIL_SOCKET_ERROR();
	const char *tls = tls_client_why(link);

	if (tls != NULL)
		return tls;
	if ((what & BEV_EVENT_EOF) == 0 && error != 0)
		return evutil_socket_error_to_string(error);
	(void)snprintf(why, sizeof why, "%s closed the connection", peer);
	return why;
}

/* A link with TLS tells of a refused connection as of one that was closed. */
static bool
nobody_was_there(struct bufferevent *link)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof peer;

	return getpeername(bufferevent_getfd(link), (struct sockaddr *)&peer,
			   &len) < 0;
}

static void
on_event(struct bufferevent *link, short what, void *cookie)
{
	struct dial *d = cookie;
	int one = 1, error = EVUTIL_SOCKET_ERROR();

	if ((what & BEV_EVENT_CONNECTED) == 0) {
		fail(d, error != 0 && nobody_was_there(link)
			    ? evutil_socket_error_to_string(error)
			    : dial_loss(link, what, d->peer));
		return;
	}
	if (d->to.kind != ADDRESS_UNIX) {
		(void)setsockopt(bufferevent_getfd(link), IPPROTO_TCP,
				 TCP_NODELAY, &one, sizeof one);
		(void)setsockopt(bufferevent_getfd(link), SOL_SOCKET,
				 SO_KEEPALIVE, &one, sizeof one);
	}
	d->link = NULL;
	d->done(d->cookie, link, "");
}

static void
connect_to(struct dial *d, const struct sockaddr *sa, socklen_t len)
{
	d->link =
	    d->tls != NULL
		? tls_client_link(d->tls, d->base, d->to.host,
				  d->to.kind == ADDRESS_IP)
		: bufferevent_socket_new(d->base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (d->link == NULL) {
		fail(d, "no memory or file descriptors for the link");
		return;
	}
	bufferevent_setcb(d->link, NULL, NULL, on_event, d);
	errno = 0;
	if (bufferevent_socket_connect(d->link, sa, (int)len) < 0 ||
	    bufferevent_enable(d->link, EV_READ | EV_WRITE) < 0)
		fail(d, errno != 0 ? strerror(errno) : "cannot be connected");
}
