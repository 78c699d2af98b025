#include "daemon/api/http_deny.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "daemon/api/http_conn.h"

void
deny_end(struct conn *c)
{
	evhttp_connection_free(c->evcon); /* and so we hear that it is closed */
}

/* The end of our side says that nothing more comes; closing now would take the
 * answer from the client if it is still sending (RFC 9112, 9.6). */
static void
on_said(struct bufferevent *bev, void *cookie)
{
	(void)cookie;
	(void)shutdown(bufferevent_getfd(bev), SHUT_WR);
}

static void
on_event(struct bufferevent *bev, short what, void *cookie)
{
	(void)bev;
	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) != 0)
		deny_end(cookie);
}

void
deny(struct conn *c)
{
	size_t len;
	char *text = denial_text(&c->denial, &len);

	bufferevent_setcb(c->bev, NULL, on_said, on_event, c);
	(void)evbuffer_add(bufferevent_get_output(c->bev), text, len);
	(void)bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	free(text);
}
