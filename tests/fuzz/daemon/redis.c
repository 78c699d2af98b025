#include "tests/fuzz/daemon/redis.h"

#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <hiredis/hiredis.h>

#include "tests/fuzz/fuzz.h"

#define MOST_LINKS 4

static struct event_base *loop;
static struct evconnlistener *listener;
static struct bufferevent *links[MOST_LINKS];
static redisReader *readers[MOST_LINKS];
static size_t link_count, left_len;
static const uint8_t *left;

static void
answer_one(struct bufferevent *b)
{
	static const char enough[] = "-ERR enough\r\n";
	char *piece;

	if (left_len == 0) {
		(void)bufferevent_write(b, enough, sizeof enough - 1);
		return;
	}
	piece = fuzz_cut(&left, &left_len);
	(void)bufferevent_write(b, piece, strlen(piece));
	free(piece);
}

/* A call has the form of a reply, so hiredis can count them. */
static void
on_calls(struct bufferevent *b, void *cookie)
{
	redisReader *reader = readers[(size_t)(uintptr_t)cookie];
	struct evbuffer *in = bufferevent_get_input(b);
	size_t n = evbuffer_get_length(in);
	void *call = NULL;

	fuzz_must(redisReaderFeed(reader, (const char *)evbuffer_pullup(in, -1),
				  n) == REDIS_OK);
	(void)evbuffer_drain(in, n);
	while (redisReaderGetReply(reader, &call) == REDIS_OK && call != NULL) {
		freeReplyObject(call);
		answer_one(b);
	}
}

static void
on_link(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from,
	int len, void *cookie)
{
	size_t i = link_count;

	(void)l;
	(void)from;
	(void)len;
	(void)cookie;
	if (i == MOST_LINKS) {
		(void)close(fd);
		return;
	}
	link_count++;
	readers[i] = redisReaderCreate();
	links[i] = bufferevent_socket_new(loop, fd, BEV_OPT_CLOSE_ON_FREE);
	fuzz_must(links[i] != NULL && readers[i] != NULL);
	bufferevent_setcb(links[i], on_calls, NULL, NULL, (void *)(uintptr_t)i);
	(void)bufferevent_enable(links[i], EV_READ | EV_WRITE);
}

void
redis_open(struct event_base *base, const char *path, const uint8_t *data,
	   size_t len)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	(void)memccpy(sun.sun_path, path, '\0', sizeof sun.sun_path - 1);
	loop = base;
	left = data;
	left_len = len;
	listener = evconnlistener_new_bind(
	    base, on_link, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
	    8, (struct sockaddr *)&sun, sizeof sun);
	fuzz_must(listener != NULL);
}

void
redis_close(void)
{
	for (; link_count > 0; link_count--) {
		bufferevent_free(links[link_count - 1]);
		redisReaderFree(readers[link_count - 1]);
	}
	evconnlistener_free(listener);
}
