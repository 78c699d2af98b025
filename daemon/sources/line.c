#include "daemon/sources/line.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/util.h>

#include "daemon/base/address.h"
#include "daemon/base/clock.h"
#include "daemon/base/dial.h"
#include "daemon/base/text.h"

#define CONNECT_MS 10000
#define REST_LEAST_MS 500
#define REST_MOST_MS 30000

struct line {
	struct line_options o;
	struct address to;
	char peer[40];
	struct dial *dial;        /* owned; while it connects */
	struct bufferevent *link; /* owned; NULL: it is not connected */
	struct event *guard; /* owned; connecting or silence takes too long */
	struct event *again; /* owned; the next attempt */
	struct event *later; /* owned; to tell that it is lost */
	unsigned attempt;
	int64_t rest_ms;       /* before the next attempt */
	int64_t rest_least_ms; /* and this one at least */
	int64_t heard_ms;      /* monotonic */
	bool ended; /* by the other side; what came before is still to read */
	char why[160];
};

/*
 *	on_again	an attempt
 *	on_dialed	there is a link
 *	on_read		what comes
 *	doom		there is none any more
 *	on_lost		told; the next attempt after a while
 */
static void on_dialed(void *, struct bufferevent *, const char *);
static void on_read(struct bufferevent *, void *);
static void on_event(struct bufferevent *, short, void *);

static void
arm(struct event *timer, int64_t ms)
{
	const struct timeval tv = { .tv_sec = (time_t)(ms / 1000),
				    .tv_usec =
					(suseconds_t)(ms % 1000 * 1000) };

	(void)evtimer_add(timer, &tv);
}

static void
on_again(evutil_socket_t fd, short what, void *cookie)
{
	struct line *l = cookie;
	const struct dial_options dial = { .base = l->o.base,
					   .to = &l->to,
					   .tls = l->o.tls,
					   .attempt = l->attempt++,
					   .peer = l->peer };

	(void)fd;
	(void)what;
	arm(l->guard, CONNECT_MS);
	l->dial = dial_new(&dial, on_dialed, l);
}

static void
hang_up(struct line *l)
{
	dial_free(l->dial);
	l->dial = NULL;
	if (l->link != NULL)
		bufferevent_free(l->link);
	l->link = NULL;
	l->ended = false;
	(void)event_del(l->guard);
}

static void
doom(struct line *l, const char *why)
{
	(void)snprintf(l->why, sizeof l->why, "%s", why);
	hang_up(l);
	event_active(l->later, EV_TIMEOUT, 0);
}

static void
on_dialed(void *cookie, struct bufferevent *link, const char *why)
{
	struct line *l = cookie;

	if (link == NULL) {
		doom(l, why);
		return;
	}
	dial_free(l->dial);
	l->dial = NULL;
	l->link = link;
	l->heard_ms = clock_mono_ms();
	arm(l->guard, l->o.silence_ms);
	bufferevent_setcb(link, on_read, NULL, on_event, l);
	bufferevent_setwatermark(link, EV_READ, 0, 2 * LINE_READ);
	(void)bufferevent_enable(link, EV_READ | EV_WRITE);
	/* Who speaks first may have done so before we knew that we are
	 * connected. */
	if (evbuffer_get_length(bufferevent_get_input(link)) > 0)
		bufferevent_trigger(link, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
	l->o.connected(l->o.cookie);
}

/* What does not fit into one turn is read in the next: the loop has others to
 * serve.  The callback comes last, it may hang up or free the line. */
static void
on_read(struct bufferevent *link, void *cookie)
{
	struct line *l = cookie;
	char bytes[LINE_READ];
	size_t n = bufferevent_read(link, bytes, sizeof bytes);

	l->heard_ms = clock_mono_ms();
	if (evbuffer_get_length(bufferevent_get_input(link)) > 0)
		bufferevent_trigger(link, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
	else if (l->ended)
		event_active(l->later, EV_TIMEOUT, 0);
	if (n > 0)
		l->o.got(l->o.cookie, bytes, n);
}

/* What came before the end is handed over first. */
static void
on_event(struct bufferevent *link, short what, void *cookie)
{
	struct line *l = cookie;

	(void)snprintf(l->why, sizeof l->why, "%s",
		       dial_loss(link, what, l->peer));
	l->ended = true;
	bufferevent_trigger(link, EV_READ,
			    BEV_TRIG_IGNORE_WATERMARKS |
				BEV_TRIG_DEFER_CALLBACKS);
}

static void
on_guard(evutil_socket_t fd, short what, void *cookie)
{
	struct line *l = cookie;
	int64_t left = l->heard_ms + l->o.silence_ms - clock_mono_ms();
	char why[100], words[40];

	(void)fd;
	(void)what;
	if (l->link == NULL) {
		(void)snprintf(why, sizeof why,
			       "it did not answer within %d seconds",
			       CONNECT_MS / 1000);
		doom(l, why);
		return;
	}
	if (left > 0) {
		arm(l->guard, left);
		return;
	}
	text_duration_words(words, sizeof words, l->o.silence_ms);
	(void)snprintf(why, sizeof why, "%s said nothing for %s", l->peer,
		       words);
	doom(l, why);
}

/* Daemons that lost the same system at once do not come back at once. */
static int64_t
about(int64_t ms)
{
	uint16_t random;

	if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
		return ms;
	return ms * 3 / 4 + ms / 2 * random / UINT16_MAX;
}

static void
on_lost(evutil_socket_t fd, short what, void *cookie)
{
	struct line *l = cookie;
	int64_t rest = l->rest_ms;

	(void)fd;
	(void)what;
	hang_up(l);
	if (rest < l->rest_least_ms)
		rest = l->rest_least_ms;
	l->rest_least_ms = 0;
	l->rest_ms = rest * 2 < REST_MOST_MS ? rest * 2 : REST_MOST_MS;
	arm(l->again, about(rest));
	l->o.lost(l->o.cookie, l->why);
}

struct line *
line_new(const struct line_options *o)
{
	struct line *l = text_alloc(sizeof *l);

	l->o = *o;
	l->to = *o->to;
	(void)snprintf(l->peer, sizeof l->peer, "%s", o->peer);
	l->guard = evtimer_new(o->base, on_guard, l);
	l->again = evtimer_new(o->base, on_again, l);
	l->later = event_new(o->base, -1, 0, on_lost, l);
	if (l->guard == NULL || l->again == NULL || l->later == NULL)
		abort();
	l->rest_ms = REST_LEAST_MS;
	arm(l->again, 0);
	return l;
}

void
line_free(struct line *l)
{
	if (l == NULL)
		return;
	hang_up(l);
	event_free(l->guard);
	event_free(l->again);
	event_free(l->later);
	free(l);
}

void
line_send(struct line *l, const char *bytes, size_t len)
{
	char why[80];

	if (l->link == NULL)
		return;
	(void)bufferevent_write(l->link, bytes, len);
	if (evbuffer_get_length(bufferevent_get_output(l->link)) <=
	    LINE_UNSENT_MOST)
		return;
	(void)snprintf(why, sizeof why, "%s does not read what it is sent",
		       l->peer);
	doom(l, why);
}

void
line_good(struct line *l)
{
	l->rest_ms = REST_LEAST_MS;
}

void
line_cut(struct line *l, const char *why, int64_t rest_ms)
{
	if (l->link == NULL)
		return;
	l->rest_least_ms = rest_ms;
	doom(l, why);
}
