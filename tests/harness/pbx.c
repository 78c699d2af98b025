#include "tests/harness/pbx.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/harness/loop.h"

#define FLOOD_MOST (1024 * 1024)

struct pbx {
	struct event_base *base;         /* borrowed */
	struct evconnlistener *listener; /* owned; NULL: it refuses */
	int reserved; /* bound to the port while it refuses, or -1 */
	SSL_CTX *tls; /* owned; NULL: none */
	struct bufferevent *link;   /* owned; the newest; NULL: none */
	struct bufferevent *old[8]; /* owned; those before */
	uint16_t port;
	char address[32];
	int times, wanted;
	bool gone;
	char *line, *block; /* owned; the last ones */
};

static _Noreturn void
give_up(const char *why)
{
	(void)fprintf(stderr, "harness: pbx: %s\n", why);
	abort();
}

/* ---- who comes ----------------------------------------------------------- */

static void
on_event(struct bufferevent *link, short what, void *cookie)
{
	struct pbx *p = cookie;

	if ((what & BEV_EVENT_CONNECTED) != 0)
		p->times++; /* TLS is greeted */
	else if (link == p->link)
		p->gone = true;
}

/* What the client before said is lost, but goes on being read. */
static void
keep_old(struct pbx *p)
{
	size_t most = sizeof p->old / sizeof *p->old;

	if (p->link == NULL)
		return;
	if (p->old[most - 1] != NULL)
		bufferevent_free(p->old[most - 1]);
	memmove(&p->old[1], &p->old[0], (most - 1) * sizeof *p->old);
	p->old[0] = p->link;
}

static void
on_client(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from,
	  int len, void *cookie)
{
	struct pbx *p = cookie;
	int one = 1;

	(void)l;
	(void)from;
	(void)len;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	keep_old(p);
	p->gone = false;
	p->link =
	    p->tls != NULL
		? bufferevent_openssl_socket_new(p->base, fd, SSL_new(p->tls),
						 BUFFEREVENT_SSL_ACCEPTING,
						 BEV_OPT_CLOSE_ON_FREE)
		: bufferevent_socket_new(p->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (p->link == NULL)
		give_up("no link for a client");
	if (p->tls == NULL)
		p->times++;
	bufferevent_setcb(p->link, NULL, NULL, on_event, p);
	(void)bufferevent_enable(p->link, EV_READ | EV_WRITE);
}

static struct sockaddr_in
address_of(uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };

	sin.sin_port = htons(port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sin;
}

static struct pbx *
start(struct event_base *base, SSL_CTX *tls)
{
	struct pbx *p = calloc(1, sizeof *p);
	struct sockaddr_in sin = address_of(0);
	socklen_t len = sizeof sin;

	if (p == NULL)
		abort();
	p->base = base;
	p->tls = tls;
	p->reserved = -1;
	p->listener = evconnlistener_new_bind(
	    base, on_client, p,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
	    16, (struct sockaddr *)&sin, sizeof sin);
	if (p->listener == NULL ||
	    getsockname(evconnlistener_get_fd(p->listener),
			(struct sockaddr *)&sin, &len) < 0)
		give_up("cannot listen at 127.0.0.1");
	p->port = ntohs(sin.sin_port);
	(void)snprintf(p->address, sizeof p->address, "127.0.0.1:%u", p->port);
	return p;
}

struct pbx *
pbx_start(struct event_base *base)
{
	return start(base, NULL);
}

struct pbx *
pbx_start_tls(struct event_base *base, const char *folder, const char *name)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	char cert[4096], key[4096];

	(void)snprintf(cert, sizeof cert, "%s/%s.pem", folder, name);
	(void)snprintf(key, sizeof key, "%s/%s.key", folder, name);
	if (tls == NULL || SSL_CTX_use_certificate_chain_file(tls, cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1)
		give_up("its certificate cannot be read");
	return start(base, tls);
}

void
pbx_stop(struct pbx *p)
{
	if (p == NULL)
		return;
	if (p->listener != NULL)
		evconnlistener_free(p->listener);
	if (p->reserved >= 0)
		(void)close(p->reserved);
	if (p->link != NULL)
		bufferevent_free(p->link);
	for (size_t i = 0; i < sizeof p->old / sizeof *p->old; i++) {
		if (p->old[i] != NULL)
			bufferevent_free(p->old[i]);
	}
	SSL_CTX_free(p->tls);
	free(p->line);
	free(p->block);
	free(p);
}

uint16_t
pbx_port(const struct pbx *p)
{
	return p->port;
}

const char *
pbx_address(const struct pbx *p)
{
	return p->address;
}

static bool
has_come(void *cookie)
{
	const struct pbx *p = cookie;

	return p->times >= p->wanted;
}

bool
pbx_came(struct pbx *p, int times, int limit_ms)
{
	p->wanted = times;
	return loop_until(p->base, has_come, p, limit_ms);
}

int
pbx_times(const struct pbx *p)
{
	return p->times;
}

static bool
is_gone(void *cookie)
{
	const struct pbx *p = cookie;

	return p->link == NULL || p->gone;
}

bool
pbx_gone(struct pbx *p, int limit_ms)
{
	return loop_until(p->base, is_gone, p, limit_ms);
}

/* ---- what it says -------------------------------------------------------- */

static bool
has_line(void *cookie)
{
	struct pbx *p = cookie;

	if (p->link != NULL && p->line == NULL)
		p->line = evbuffer_readln(bufferevent_get_input(p->link), NULL,
					  EVBUFFER_EOL_CRLF);
	return p->line != NULL || is_gone(p);
}

const char *
pbx_line(struct pbx *p, int limit_ms)
{
	free(p->line);
	p->line = NULL;
	(void)loop_until(p->base, has_line, p, limit_ms);
	return p->line;
}

const char *
pbx_block(struct pbx *p, int limit_ms)
{
	char *block = strdup(""), *more;
	const char *line;

	for (;;) {
		line = pbx_line(p, limit_ms);
		if (block == NULL)
			abort();
		if (line == NULL) {
			*block = '\0';
			break;
		}
		if (*line == '\0' && *block != '\0')
			break;
		if (*line == '\0')
			continue;
		if (asprintf(&more, "%s%s\n", block, line) < 0)
			abort();
		free(block);
		block = more;
	}
	free(p->block);
	p->block = block;
	return block;
}

const char *
pbx_last(const struct pbx *p)
{
	return p->block != NULL ? p->block : "";
}

/* Where a line of the last block begins so; NULL: nowhere. */
static const char *
find_line(const struct pbx *p, const char *begin)
{
	const char *at = p->block;

	while (at != NULL && *at != '\0') {
		if (strncmp(at, begin, strlen(begin)) == 0)
			return at;
		at += strcspn(at, "\n") + 1;
	}
	return NULL;
}

const char *
pbx_field(const struct pbx *p, const char *name)
{
	static char value[1024];
	char begin[128];
	const char *at;

	(void)snprintf(begin, sizeof begin, "%s: ", name);
	at = find_line(p, begin);
	if (at == NULL)
		return "";
	at += strlen(begin);
	(void)snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\n"), at);
	return value;
}

bool
pbx_asked(struct pbx *p, const char *line, int limit_ms)
{
	while (*pbx_block(p, limit_ms) != '\0') {
		if (find_line(p, line) != NULL)
			return true;
	}
	return false;
}

/* ---- what is said to it -------------------------------------------------- */

void
pbx_send(struct pbx *p, const char *bytes, size_t len)
{
	if (p->link == NULL)
		give_up("nobody has come to be spoken to");
	(void)bufferevent_write(p->link, bytes, len);
}

void
pbx_say(struct pbx *p, const char *text)
{
	pbx_send(p, text, strlen(text));
}

void
pbx_sayf(struct pbx *p, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	pbx_say(p, text);
	free(text);
}

static bool
is_flushed(void *cookie)
{
	struct pbx *p = cookie;

	return is_gone(p) ||
	       evbuffer_get_length(bufferevent_get_output(p->link)) == 0;
}

bool
pbx_flush(struct pbx *p, int limit_ms)
{
	return loop_until(p->base, is_flushed, p, limit_ms) && !is_gone(p);
}

void
pbx_pieces(struct pbx *p, const char *bytes, size_t len, size_t piece)
{
	for (size_t at = 0; at < len; at += piece) {
		pbx_send(p, bytes + at, len - at < piece ? len - at : piece);
		if (!pbx_flush(p, 10000))
			return;
	}
}

static bool
has_room(void *cookie)
{
	struct pbx *p = cookie;

	return is_gone(p) || evbuffer_get_length(
				 bufferevent_get_output(p->link)) < FLOOD_MOST;
}

bool
pbx_flood(struct pbx *p, const char *text, int times, int limit_ms)
{
	for (int i = 0; i < times; i++) {
		if (!has_room(p) && !loop_until(p->base, has_room, p, limit_ms))
			return false;
		if (is_gone(p))
			return false;
		pbx_say(p, text);
	}
	return pbx_flush(p, limit_ms);
}

/* ---- what goes wrong ----------------------------------------------------- */

static void
forget(struct pbx *p)
{
	if (p->link != NULL)
		bufferevent_free(p->link);
	p->link = NULL;
}

/* To close what has bytes to read would be a reset. */
void
pbx_drop(struct pbx *p)
{
	if (pbx_flush(p, 1000) && p->tls == NULL) {
		(void)shutdown(bufferevent_getfd(p->link), SHUT_WR);
		(void)pbx_gone(p, 1000);
	}
	forget(p);
}

void
pbx_reset(struct pbx *p)
{
	const struct linger hard = { .l_onoff = 1 };

	if (pbx_flush(p, 1000))
		(void)setsockopt(bufferevent_getfd(p->link), SOL_SOCKET,
				 SO_LINGER, &hard, sizeof hard);
	forget(p);
}

/* Keeps the port for us; whoever connects there is refused. */
static void
reserve(struct pbx *p)
{
	struct sockaddr_in sin = address_of(p->port);
	int one = 1;

	p->reserved =
	    socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	(void)setsockopt(p->reserved, SOL_SOCKET, SO_REUSEADDR, &one,
			 sizeof one);
	if (p->reserved < 0 ||
	    bind(p->reserved, (struct sockaddr *)&sin, sizeof sin) < 0)
		give_up("its port is taken by another");
}

void
pbx_refuse(struct pbx *p, bool refuse)
{
	if (refuse == (p->listener == NULL))
		return;
	if (refuse) {
		evconnlistener_free(p->listener);
		p->listener = NULL;
		reserve(p);
		return;
	}
	p->listener = evconnlistener_new(
	    p->base, on_client, p, LEV_OPT_CLOSE_ON_FREE, 16, p->reserved);
	if (p->listener == NULL)
		give_up("cannot listen again");
	p->reserved = -1;
}

void
pbx_stall(struct pbx *p, bool stall)
{
	if (p->link == NULL)
		return;
	if (stall)
		(void)bufferevent_disable(p->link, EV_READ);
	else
		(void)bufferevent_enable(p->link, EV_READ);
}
