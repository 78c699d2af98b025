/* A whole session with what calls itself an Asterisk, over a real link: its
 * greeting, and when we ask, all that it ever says.  The ids of our actions are
 * counted from @1, so what answers them can be guessed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/listener.h>

#include "daemon/base/address.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/sources/ami.h"
#include "daemon/sources/feed.h"
#include "tests/fuzz/fuzz.h"

#define TURNS 1000

struct session {
	const uint8_t *data;
	size_t len;
	struct ami *ami;
	int fd; /* its end of the link, open until all is over */
	struct event *asks;
	int ups, downs, asked, ended, events;
};

/* It fits into a socket's buffer; who has hung up does not hear it. */
static void
say(const struct session *s, const char *text, size_t len)
{
	fuzz_must(len == 0 ||
		  send(s->fd, text, len, MSG_NOSIGNAL) == (ssize_t)len ||
		  errno == EPIPE);
}

/* The rest, in which "@" stands for what our ids begin with. */
static void
on_asked(evutil_socket_t fd, short what, void *cookie)
{
	struct session *s = cookie;
	struct text rest = { 0 };
	char asked[1000] = "", *id;
	size_t n;

	(void)what;
	if (recv(fd, asked, sizeof asked - 1, 0) <= 0)
		return;
	id = strstr(asked, "ActionID: ");
	fuzz_must(id != NULL);
	id += strlen("ActionID: ");
	n = strcspn(id, "-") + 1;
	for (; s->len > 0 && rest.len < 65536; s->data++, s->len--) {
		if (*s->data == '@')
			text_add(&rest, id, n);
		else
			text_add(&rest, (const char *)s->data, 1);
	}
	say(s, rest.data, rest.len);
	text_done(&rest);
	(void)shutdown(fd, SHUT_WR);
}

/* The length of a first line that greets, so that we are asked; 0: it does not.
 */
static size_t
greeting(const struct session *s)
{
	char *text = fuzz_text(s->data, s->len), *end = strchr(text, '\n');
	size_t n = 0;

	if (end != NULL) {
		*end = '\0';
		if (strstr(text, "Call Manager") != NULL &&
		    strchr(text, ':') == NULL)
			n = (size_t)(end + 1 - text);
	}
	free(text);
	return n;
}

static void
on_client(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from,
	  int len, void *cookie)
{
	struct session *s = cookie;
	size_t n = greeting(s);

	(void)from;
	(void)len;
	fuzz_must(s->fd < 0);
	s->fd = fd;
	(void)evutil_make_socket_closeonexec(fd);
	say(s, (const char *)s->data, n > 0 ? n : s->len);
	s->data += n;
	s->len -= n;
	if (n == 0)
		(void)shutdown(fd, SHUT_WR);
	s->asks =
	    event_new(evconnlistener_get_base(l), fd, EV_READ, on_asked, s);
	fuzz_must(s->asks != NULL && event_add(s->asks, NULL) == 0);
}

static void
on_answered(void *cookie, enum ami_end end, const struct ami_packet *p)
{
	struct session *s = cookie;

	s->ended++;
	fuzz_must((end == AMI_LOST) == (p == NULL));
	fuzz_must(s->ended <= s->asked);
}

static void
on_listed(void *cookie, const struct ami_packet *p)
{
	struct session *s = cookie;

	fuzz_must(p->kind == AMI_EVENT && *ami_get(p, "ActionID") != '\0');
	s->events++;
}

static void
on_event(void *cookie, const struct ami_packet *p)
{
	struct session *s = cookie;

	fuzz_must(p->kind == AMI_EVENT && ami_is_up(s->ami));
	s->events++;
}

static void
ask(struct session *s, const char *action, const char *id)
{
	const struct ami_act act = { .action = action,
				     .id = id,
				     .answered = on_answered,
				     .listed = on_listed,
				     .cookie = s };

	if (ami_act(s->ami, &act) == 0)
		s->asked++;
}

static void
on_changed(void *cookie, bool up)
{
	struct session *s = cookie;

	if (up)
		s->ups++;
	else
		s->downs++;
	fuzz_must(s->ups - s->downs == (up ? 1 : 0));
	ask(s, "QueueStatus", "list");
	ask(s, "QueuePause", NULL);
	fuzz_must(up || s->ended == s->asked);
}

static struct evconnlistener *
listen_at(struct event_base *base, const char *path, struct session *s)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct evconnlistener *l;

	(void)memccpy(sun.sun_path, path, '\0', sizeof sun.sun_path - 1);
	(void)unlink(path);
	l = evconnlistener_new_bind(
	    base, on_client, s, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
	    8, (struct sockaddr *)&sun, sizeof sun);
	fuzz_must(l != NULL);
	return l;
}

static bool
is_over(const struct feed *f)
{
	struct feed_state state;

	feed_look(f, &state);
	return state.asked && !state.up;
}

FUZZ(ami_session)
{
	struct event_base *base = event_base_new();
	struct session s = { .data = data, .len = len, .fd = -1 };
	const struct feed_options feed = { .base = base, .name = "pbx" };
	struct address to = { .kind = ADDRESS_UNIX };
	struct ami_options o = { .base = base,
				 .to = &to,
				 .user = "u",
				 .secret = "s",
				 .events = "agent",
				 .event = on_event,
				 .changed = on_changed,
				 .cookie = &s };
	struct sockaddr_un *sun = (struct sockaddr_un *)&to.sa;
	struct evconnlistener *l;

	log_open(LOG_LEVEL_ERROR);
	sun->sun_family = AF_UNIX;
	(void)snprintf(sun->sun_path, sizeof sun->sun_path,
		       "/tmp/rb-fuzz-ami-%d", (int)getpid());
	to.sa_len = sizeof *sun;
	l = listen_at(base, sun->sun_path, &s);
	o.feed = feed_new(&feed, NULL);
	s.ami = ami_new(&o);
	for (int i = 0; i < TURNS && !is_over(o.feed); i++)
		(void)event_base_loop(base, EVLOOP_ONCE);
	fuzz_must(is_over(o.feed));
	fuzz_must(s.ups == s.downs && s.ended == s.asked);
	ami_free(s.ami);
	feed_free(o.feed);
	evconnlistener_free(l);
	if (s.asks != NULL)
		event_free(s.asks);
	(void)unlink(sun->sun_path);
	if (s.fd >= 0)
		(void)close(s.fd);
	event_base_free(base);
}
