#include "daemon/sources/freeswitch.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "daemon/base/address.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/esl.h"
#include "daemon/sources/feed.h"
#include "daemon/sources/freeswitch_calls.h"
#include "daemon/sources/freeswitch_gap.h"
#include "daemon/sources/freeswitch_originate.h"
#include "daemon/sources/freeswitch_pause.h"
#include "daemon/sources/section.h"

#define PORT 8021

struct source {
	struct source_options o;
	struct esl *esl; /* owned, as all of these */
	struct freeswitch_calls *calls;
	struct freeswitch_gap *gap;
	struct freeswitch_originate *originate;
	struct freeswitch_pause *pause;
	struct event *tick; /* every second */
};

int
freeswitch_check(const struct policy_source *s, struct fault *fault)
{
	const struct section_need needs[] = {
		{ "address", s->address,
		  "where its event socket listens, such as "
		  "\"127.0.0.1:8021\"" },
		{ "secret_file", s->secret_file,
		  "the file with the password of event_socket.conf.xml" },
	};
	struct address to;

	if (section_check(s, needs, sizeof needs / sizeof *needs, fault) < 0 ||
	    freeswitch_originate_check(s, fault) < 0 ||
	    freeswitch_pause_check(s, fault) < 0)
		return -1;
	return section_address(&to, s, PORT, fault);
}

static void
look_at_clocks(void *cookie, struct tracker_now *ret)
{
	struct source *s = cookie;

	*ret = tracker_clocks(s->o.feed, s->o.store);
}

static void
on_call(void *cookie, struct record *e)
{
	struct source *s = cookie;

	feed_event(s->o.feed, e);
}

static void
on_reject(void *cookie, const char *why)
{
	struct source *s = cookie;

	feed_reject(s->o.feed, why, NULL);
}

static void
on_event(void *cookie, const struct esl_packet *p)
{
	struct source *s = cookie;
	struct tracker_now now;

	look_at_clocks(s, &now);
	freeswitch_calls_event(s->calls, p, &now);
	freeswitch_originate_event(s->originate, p);
}

static void
on_changed(void *cookie, bool up)
{
	struct source *s = cookie;
	struct tracker_now now;

	look_at_clocks(s, &now);
	if (up) {
		freeswitch_calls_up(s->calls, &now);
		freeswitch_gap_close(
		    s->gap, s->o.heard_until(s->o.cookie, s->o.config->name));
		return;
	}
	freeswitch_calls_down(s->calls, &now);
	freeswitch_originate_lost(s->originate);
	freeswitch_pause_lost(s->pause);
}

static void
on_tick(evutil_socket_t fd, short what, void *cookie)
{
	struct source *s = cookie;
	struct tracker_now now;

	(void)fd;
	(void)what;
	look_at_clocks(s, &now);
	freeswitch_calls_due(s->calls, &now);
}

static void
start_parts(struct source *s)
{
	const struct freeswitch_gap_options gap = { .esl = s->esl,
						    .calls = s->calls,
						    .now = look_at_clocks,
						    .cookie = s };
	const struct timeval second = { .tv_sec = 1 };

	s->gap = freeswitch_gap_new(&gap);
	s->originate = freeswitch_originate_new(s->o.base, s->esl);
	s->pause = freeswitch_pause_new(s->esl, s->o.config->name);
	s->tick = event_new(s->o.base, -1, EV_PERSIST, on_tick, s);
	if (s->tick == NULL)
		abort();
	(void)event_add(s->tick, &second);
}

struct source *
freeswitch_start(const struct source_options *o)
{
	struct source *s = text_alloc(sizeof *s);
	struct fault fault = { "" };
	struct address to;
	const struct esl_options esl = { .base = o->base,
					 .to = &to,
					 .user = o->config->user,
					 .secret = o->secret,
					 .events = FREESWITCH_EVENTS,
					 .tls = o->tls,
					 .feed = o->feed,
					 .event = on_event,
					 .changed = on_changed,
					 .cookie = s };
	const struct tracker_options calls = { .config = o->config,
					       .event = on_call,
					       .reject = on_reject,
					       .cookie = s };

	s->o = *o;
	if (section_address(&to, o->config, PORT, &fault) < 0)
		abort(); /* it was checked */
	s->calls = freeswitch_calls_new(&calls);
	s->esl = esl_new(&esl);
	start_parts(s);
	return s;
}

/* The session first: what was asked of it ends, and is told to the others. */
void
freeswitch_stop(struct source *s)
{
	esl_free(s->esl);
	event_free(s->tick);
	freeswitch_gap_free(s->gap);
	freeswitch_originate_free(s->originate);
	freeswitch_pause_free(s->pause);
	freeswitch_calls_free(s->calls);
	free(s);
}

void
freeswitch_use(struct source *s, const struct policy_source *config)
{
	if (s->o.config->pause_agents && !config->pause_agents)
		freeswitch_pause_end(s->pause);
	s->o.config = config;
	freeswitch_calls_use(s->calls, config);
}

int
freeswitch_originate(struct source *s, const struct originate *order,
		     originate_told *told, void *cookie, struct fault *fault)
{
	return freeswitch_originate_order(s->originate, s->o.config, order,
					  told, cookie, fault);
}

void
freeswitch_hang_up(struct source *s, const char *id)
{
	freeswitch_originate_hang_up(s->originate, id);
}

void
freeswitch_pause(struct source *s, const char *phone, bool paused)
{
	freeswitch_pause_set(s->pause, s->o.config, phone, paused);
}
