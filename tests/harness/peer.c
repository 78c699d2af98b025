#include "tests/harness/peer.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/harness/loop.h"

struct peer {
	struct event_base *base; /* borrowed */
	struct bufferevent *bev; /* owned */
	char *answer;            /* owned; the last one */
	bool closed;
	const char *sought;
};

static void
on_event(struct bufferevent *bev, short what, void *cookie)
{
	struct peer *p = cookie;

	(void)bev;
	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0)
		p->closed = true;
}

static struct peer *
connect_peer(struct event_base *base, const struct sockaddr *sa, size_t len)
{
	struct peer *p = calloc(1, sizeof *p);

	if (p == NULL)
		abort();
	p->base = base;
	p->bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(p->bev, NULL, NULL, on_event, p);
	if (bufferevent_socket_connect(p->bev, sa, (int)len) < 0)
		p->closed = true;
	else
		(void)bufferevent_enable(p->bev, EV_READ | EV_WRITE);
	return p;
}

struct peer *
peer_unix(struct event_base *base, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	(void)snprintf(sun.sun_path, sizeof sun.sun_path, "%s", path);
	return connect_peer(base, (struct sockaddr *)&sun, sizeof sun);
}

struct peer *
peer_tcp(struct event_base *base, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };

	sin.sin_port = htons(port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return connect_peer(base, (struct sockaddr *)&sin, sizeof sin);
}

void
peer_free(struct peer *p)
{
	if (p == NULL)
		return;
	bufferevent_free(p->bev);
	free(p->answer);
	free(p);
}

void
peer_send(struct peer *p, const char *data, size_t len)
{
	(void)bufferevent_write(p->bev, data, len);
}

void
peer_say(struct peer *p, const char *text)
{
	peer_send(p, text, strlen(text));
}

/* The length of a whole answer at the head of what came; 0: not yet. */
static size_t
whole(struct peer *p)
{
	struct evbuffer *in = bufferevent_get_input(p->bev);
	size_t have = evbuffer_get_length(in), head, body = 0;
	struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	char *text, *line;

	if (end.pos < 0)
		return p->closed ? have : 0;
	head = (size_t)end.pos + 4;
	text = calloc(1, head + 1);
	if (text == NULL)
		abort();
	(void)evbuffer_copyout(in, text, head);
	line = strcasestr(text, "\r\nContent-Length:");
	if (line != NULL)
		body = strtoul(line + 17, NULL, 10);
	free(text);
	if (line == NULL)
		return p->closed ? have : 0;
	return have >= head + body ? head + body : p->closed ? have : 0;
}

static bool
is_whole(void *cookie)
{
	struct peer *p = cookie;

	return p->closed || whole(p) > 0;
}

const char *
peer_answer(struct peer *p, int limit_ms)
{
	size_t n;

	(void)loop_until(p->base, is_whole, p, limit_ms);
	n = whole(p);
	free(p->answer);
	p->answer = calloc(1, n + 1);
	if (p->answer == NULL)
		abort();
	(void)bufferevent_read(p->bev, p->answer, n);
	return p->answer;
}

int
peer_status(struct peer *p, int limit_ms)
{
	const char *answer = peer_answer(p, limit_ms);

	if (strncmp(answer, "HTTP/1.", 7) != 0 || strlen(answer) < 12)
		return 0;
	return (int)strtol(answer + 9, NULL, 10);
}

static bool
found(void *cookie)
{
	struct peer *p = cookie;
	struct evbuffer_ptr at = evbuffer_search(
	    bufferevent_get_input(p->bev), p->sought, strlen(p->sought), NULL);

	return at.pos >= 0;
}

bool
peer_has(struct peer *p, const char *text, int limit_ms)
{
	p->sought = text;
	return loop_until(p->base, found, p, limit_ms);
}

static bool
is_closed(void *cookie)
{
	const struct peer *p = cookie;

	return p->closed;
}

bool
peer_closed(struct peer *p, int limit_ms)
{
	return loop_until(p->base, is_closed, p, limit_ms);
}

void
peer_stop_reading(struct peer *p)
{
	(void)bufferevent_disable(p->bev, EV_READ);
}

void
peer_reset(struct peer *p)
{
	const struct linger hard = { .l_onoff = 1 };

	(void)setsockopt(bufferevent_getfd(p->bev), SOL_SOCKET, SO_LINGER,
	    &hard, sizeof hard);
	peer_free(p);
}
