#include "daemon/sources/asterisk_listen.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/ami.h"
#include "daemon/sources/asterisk_calls.h"
#include "daemon/sources/feed.h"
#include "daemon/sources/queue_log_read.h"
#include "daemon/sources/source.h"

/*
 * After a login:
 *	channels_asked	which channels are there
 *	queues_asked	who waits in the queues
 *	log_was_read	what happened meanwhile, where it is written down
 *	settle		the tracker knows all that can be known
 */
struct asterisk_listen {
	struct source_options o;
	struct ami *ami; /* borrowed */
	struct asterisk_calls *calls;
	struct event *timer;
	int64_t timer_at; /* mono; -1: not set */
	bool up;
	int64_t down_ms; /* wall, by Redis's clock: when the link was lost */
	struct asterisk_gap gap;
	struct queue_log_read *reading; /* owned by itself; NULL */
	char *why; /* owned: what was last said of queue_log */
	bool told_of_rights;
};
static void channels_asked(void *, enum ami_end, const struct ami_packet *);
static void queues_asked(void *, enum ami_end, const struct ami_packet *);
static void read_log(struct asterisk_listen *);
static queue_log_was_read log_was_read;
static void settle(struct asterisk_listen *, const struct queue_log *);

static void
wait_for_due(struct asterisk_listen *l, const struct tracker_now *now)
{
	int64_t at = asterisk_calls_due(l->calls, now), wait;
	struct timeval tv;

	if (at < 0 || (l->timer_at >= 0 && l->timer_at <= at))
		return;
	wait = at > now->mono_ms ? at - now->mono_ms : 0;
	tv.tv_sec = (time_t)(wait / 1000);
	tv.tv_usec = (suseconds_t)(wait % 1000 * 1000);
	l->timer_at = at;
	(void)evtimer_add(l->timer, &tv);
}

static void
on_timer(evutil_socket_t fd, short what, void *cookie)
{
	struct asterisk_listen *l = cookie;
	struct tracker_now now = tracker_clocks(l->o.feed, l->o.store);

	(void)fd;
	(void)what;
	l->timer_at = -1;
	wait_for_due(l, &now);
}

static void
on_call_event(void *cookie, struct record *event)
{
	const struct asterisk_listen *l = cookie;

	feed_event(l->o.feed, event);
}

static void
on_reject(void *cookie, const char *why)
{
	const struct asterisk_listen *l = cookie;

	feed_reject(l->o.feed, why, NULL);
}

struct asterisk_listen *
asterisk_listen_new(const struct source_options *o, struct ami *ami)
{
	struct asterisk_listen *l = text_alloc(sizeof *l);
	const struct tracker_options calls = { .config = o->config,
					       .event = on_call_event,
					       .reject = on_reject,
					       .cookie = l };

	l->o = *o;
	l->ami = ami;
	l->calls = asterisk_calls_new(&calls);
	l->timer_at = -1;
	l->timer = evtimer_new(o->base, on_timer, l);
	if (l->timer == NULL)
		abort();
	return l;
}

void
asterisk_listen_free(struct asterisk_listen *l)
{
	if (l == NULL)
		return;
	queue_log_read_forget(l->reading);
	event_free(l->timer);
	asterisk_calls_free(l->calls);
	free(l->why);
	free(l);
}

void
asterisk_listen_use(struct asterisk_listen *l,
		    const struct policy_source *config)
{
	struct tracker_now now = tracker_clocks(l->o.feed, l->o.store);

	l->o.config = config;
	asterisk_calls_use(l->calls, config);
	wait_for_due(l, &now);
}

void
asterisk_listen_event(struct asterisk_listen *l, const struct ami_packet *p)
{
	struct tracker_now now = tracker_clocks(l->o.feed, l->o.store);

	asterisk_calls_packet(l->calls, p, &now);
	wait_for_due(l, &now);
}

/* ---- after a login ------------------------------------------------------ */

/* Since when nobody listened: no daemon of the site, as far as is known. */
static int64_t
since(const struct asterisk_listen *l)
{
	int64_t heard = l->o.heard_until(l->o.cookie, l->o.config->name);

	return heard > l->down_ms ? heard : l->down_ms;
}

static void
on_listed(void *cookie, const struct ami_packet *p)
{
	struct asterisk_listen *l = cookie;
	struct tracker_now now = tracker_clocks(l->o.feed, l->o.store);

	asterisk_calls_packet(l->calls, p, &now);
}

/* A refusal is an answer, too. */
static void
ask(struct asterisk_listen *l, const char *action, ami_answered *answered)
{
	const struct ami_act act = { .action = action,
				     .answered = answered,
				     .listed = on_listed,
				     .cookie = l };

	if (ami_act(l->ami, &act) < 0)
		answered(l, AMI_LOST, NULL);
}

void
asterisk_listen_changed(struct asterisk_listen *l, bool up)
{
	struct tracker_now now;

	queue_log_read_forget(l->reading);
	l->reading = NULL;
	l->up = up;
	if (!up) {
		now = tracker_clocks(l->o.feed, l->o.store);
		l->down_ms = now.wall_ms;
		asterisk_calls_down(l->calls, &now);
		return;
	}
	l->gap = (struct asterisk_gap){ .since_ms = since(l) };
	asterisk_calls_up(l->calls);
	ask(l, "Status", channels_asked);
}

static void
channels_asked(void *cookie, enum ami_end end, const struct ami_packet *p)
{
	struct asterisk_listen *l = cookie;
	char said[200];

	if (!l->up || (end == AMI_LOST && !ami_is_up(l->ami)))
		return; /* the next login asks again */
	l->gap.channels = end == AMI_DONE;
	if (end == AMI_REFUSED && !l->told_of_rights) {
		l->told_of_rights = true;
		log_info(
		    "source",
		    "source=%s does not tell which calls there are, said=%s: "
		    "write = call in manager.conf helps to know after a gap "
		    "who "
		    "is still there",
		    l->o.config->name,
		    log_value(said, sizeof said, ami_get(p, "Message")));
	}
	ask(l, "QueueStatus", queues_asked);
}

static void
queues_asked(void *cookie, enum ami_end end, const struct ami_packet *p)
{
	struct asterisk_listen *l = cookie;

	(void)p;
	if (!l->up || (end == AMI_LOST && !ami_is_up(l->ami)))
		return;
	l->gap.queues = end == AMI_DONE;
	read_log(l);
}

/* Of a source that nobody ever heard, the past is not told. */
static void
read_log(struct asterisk_listen *l)
{
	struct tracker_now now = tracker_clocks(l->o.feed, l->o.store);
	int64_t oldest = now.wall_ms - QUEUE_LOG_OLDEST_MS;

	if (*l->o.config->queue_log == '\0' || l->gap.since_ms == 0) {
		settle(l, NULL);
		return;
	}
	if (l->gap.since_ms < oldest)
		l->gap.since_ms = oldest;
	l->reading =
	    queue_log_read(l->o.config->queue_log,
			   l->gap.since_ms + now.ahead_ms, log_was_read, l);
}

static void
log_was_read(void *cookie, const struct queue_log *log, const char *why)
{
	struct asterisk_listen *l = cookie;
	char value[400];

	l->reading = NULL;
	if (why != NULL && (l->why == NULL || strcmp(l->why, why) != 0)) {
		free(l->why);
		l->why = text_dup(why);
		log_warn("source", "queue_log source=%s why=%s",
			 l->o.config->name,
			 log_value(value, sizeof value, why));
	}
	settle(l, log);
}

static void
settle(struct asterisk_listen *l, const struct queue_log *log)
{
	struct tracker_now now = tracker_clocks(l->o.feed, l->o.store);

	l->gap.log = log;
	asterisk_calls_settle(l->calls, &l->gap, &now);
	l->gap.log = NULL;
	wait_for_due(l, &now);
}
