/* What was missed while nobody listened: who is still there says the system,
 * what became of the others its queue_log. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/sources/ami_packet.h"
#include "daemon/sources/asterisk_event.h"
#include "daemon/sources/asterisk_inside.h"
#include "daemon/sources/queue_log.h"

/* What ended so shortly before nobody listened is told once more: the same ids
 * make it nothing new. */
#define MARGIN_MS (INT64_C(60) * 1000)
/* Half of what may wait for Redis (FEED_MOST). */
#define TOLD_MOST 10000

/* ---- lists -------------------------------------------------------------- */

static void
came_in(struct asterisk_calls *c, struct call *call, const struct packet *p)
{
	int64_t age;

	asterisk_caller_comes_in(c, call, p);
	asterisk_set(&call->who.to, asterisk_dialled(ami_get(p->ami, "DNID")));
	if (call->who.place == PLACE_DIRECT &&
	    text_int64(&age, ami_get(p->ami, "Seconds"), 0, 1000000) == 0)
		call->who.joined_ms -= age * 1000;
}

/* Status, which has DNID, what was dialled; or CoreShowChannels. */
void
asterisk_gap_channel(struct asterisk_calls *c, const struct packet *p)
{
	bool known = asterisk_table_channel(&c->table, p->uniqueid) != NULL;
	struct channel *ch = asterisk_channel_of(c, p);
	const char *bridge = asterisk_packet_id(p->ami, "BridgeId");

	if (ch == NULL)
		return;
	if (!known && asterisk_packet_is_first(p) &&
	    ch->call->who.place == PLACE_NONE &&
	    strncmp(ami_get(p->ami, "Application"), "AppDial", 7) != 0)
		came_in(c, ch->call, p);
	if (*bridge == '\0' || (ch->bridge != NULL && known))
		return;
	asterisk_table_enter(&c->table, ch, bridge);
	asterisk_channel_meets(c, ch, p);
}

/* QueueStatus: who waits, and for how long. */
void
asterisk_gap_queue_entry(struct asterisk_calls *c, const struct packet *p)
{
	struct call *call = asterisk_caller_of(c, p);
	int64_t wait;

	if (call == NULL || *p->uniqueid == '\0')
		return;
	/* The list may be older than what was heard meanwhile. */
	if (call->heard)
		return;
	if (call->who.place == PLACE_QUEUE) {
		asterisk_set(&call->who.queue,
			     asterisk_text(ami_get(p->ami, "Queue")));
		return;
	}
	if (call->who.talked)
		asterisk_caller_again(c, call, p->at_ms, p->now);
	asterisk_take_queue(call, p);
	if (text_int64(&wait, ami_get(p->ami, "Wait"), 0, 1000000) < 0)
		wait = 0;
	asterisk_caller_joins(call, p->at_ms - wait * 1000);
	asterisk_call_watch(c, call);
}

void
asterisk_calls_down(struct asterisk_calls *c, const struct tracker_now *now)
{
	/* One that was up again for too short a while is the same gap. */
	if (!c->gap)
		c->down_ms = now->wall_ms;
	c->gap = true;
}

void
asterisk_calls_up(struct asterisk_calls *c)
{
	c->gap = true;
	c->hears_calls = false;
	for (struct call *call = c->table.oldest; call != NULL;
	     call = call->newer) {
		call->seen = call->heard = false;
		for (struct channel *ch = call->channels; ch != NULL;
		     ch = ch->after)
			ch->seen = false;
	}
}

/* ---- what queue_log says ------------------------------------------------ */

static int64_t
ours_of(int64_t theirs_ms, const struct tracker_now *now)
{
	return theirs_ms > 0 ? theirs_ms - now->ahead_ms : 0;
}

/* When that stay ended, by our clock; 0: it did not. */
static int64_t
end_of(const struct queue_log_stay *s, const struct tracker_now *now)
{
	switch (s->state) {
	case QUEUE_LOG_TALKED: return ours_of(s->ended_ms, now);
	case QUEUE_LOG_GONE:
	case QUEUE_LOG_LEFT: return ours_of(s->left_ms, now);
	case QUEUE_LOG_WAITS:
	case QUEUE_LOG_TALKS:
	default: return 0;
	}
}

/* The call becomes what that stay says. */
static void
take_stay(struct asterisk_calls *c, struct call *call,
	  const struct queue_log_stay *s, const struct tracker_now *now)
{
	struct caller *w = &call->who;

	asterisk_set(&w->waiter, text_dup(s->uniqueid));
	asterisk_set(&w->leg, text_dup(s->uniqueid));
	asterisk_set(&w->queue, asterisk_text(s->queue));
	if (w->number == NULL)
		w->number = asterisk_text(s->number);
	w->visit = s->visit;
	asterisk_caller_joins(call, ours_of(s->joined_ms, now));
	if (s->waited_s >= 0)
		w->hold_s = s->waited_s;
	if (s->state == QUEUE_LOG_WAITS)
		return;
	w->place = PLACE_LEFT;
	w->left_ms = ours_of(s->left_ms, now);
	if (s->began_ms == 0)
		return;
	w->talked = true;
	w->talking = s->state == QUEUE_LOG_TALKS;
	w->began_ms = ours_of(s->began_ms, now);
	w->began_mono_ms = now->mono_ms;
	w->talked_ms = (w->talking ? now->wall_ms : ours_of(s->ended_ms, now)) -
		       w->began_ms;
	if (w->talked_ms < 0)
		w->talked_ms = 0;
	if (w->missed_told)
		asterisk_tell_talking(&c->o, call, w->began_ms);
}

/* Told as if it had been heard: a call that lives no more, and was not known,
 * or a stay before the one in which it is now. */
static void
tell_stay(struct asterisk_calls *c, const struct queue_log_stay *s,
	  const struct tracker_now *now)
{
	char *apart = text_print("%s/log", s->uniqueid); /* no Linkedid */
	struct call *call = asterisk_call_make(c, apart, now);
	int64_t end = end_of(s, now);

	free(apart);
	if (call == NULL)
		return;
	take_stay(c, call, s, now);
	asterisk_caller_ends(c, call, end > 0 ? end : now->wall_ms, now);
	asterisk_table_call_remove(&c->table, call);
}

static struct call *
call_waiting_as(const struct asterisk_calls *c, const char *uniqueid,
		bool channels_known)
{
	struct channel *ch = asterisk_table_channel(&c->table, uniqueid);
	struct call *call =
	    ch != NULL ? ch->call : asterisk_table_call(&c->table, uniqueid);

	if (call != NULL || channels_known)
		return call;
	for (call = c->table.oldest; call != NULL; call = call->newer) {
		if (call->who.waiter != NULL &&
		    strcmp(call->who.waiter, uniqueid) == 0)
			return call;
	}
	return NULL;
}

/* Who is there now goes on from what it says: where nothing of him was heard,
 * which would be more than what is written. */
static void
go_on(struct asterisk_calls *c, struct call *call,
      const struct queue_log_stay *s, const struct tracker_now *now)
{
	struct caller *w = &call->who;

	if (!call->seen || call->heard || w->talked || w->missed_told)
		return;
	if (w->place != PLACE_QUEUE)
		take_stay(c, call, s, now);
	else if (s->joined_ms > 0) {
		w->visit = s->visit;
		w->joined_ms = ours_of(s->joined_ms, now);
	}
	asterisk_call_watch(c, call);
}

/* The newest first: should it be too much at once, the oldest are left out. */
static void
read_log(struct asterisk_calls *c, const struct asterisk_gap *gap,
	 const struct tracker_now *now)
{
	size_t told = 0;

	for (size_t i = queue_log_count(gap->log); i-- > 0;) {
		const struct queue_log_stay *s = queue_log_at(gap->log, i);
		int64_t end = end_of(s, now);
		struct call *call;

		if (end > 0 && end < gap->since_ms - MARGIN_MS)
			continue;
		call = call_waiting_as(c, s->uniqueid, gap->channels);
		if (call != NULL && queue_log_stay(gap->log, s->uniqueid) == s)
			go_on(c, call, s, now);
		else if (told++ < TOLD_MOST)
			tell_stay(c, s, now);
		else
			c->o.reject(c->o.cookie,
				    "too much at once in queue_log");
	}
}

/* ---- what was known, and lives no more ---------------------------------- */

static void
drop_unseen(struct asterisk_calls *c, struct call *call)
{
	struct channel *ch, *next;

	for (ch = call->channels; ch != NULL; ch = next) {
		next = ch->after;
		if (!ch->seen)
			asterisk_table_channel_remove(&c->table, ch);
	}
}

/* By the channel of whose Hangup the caller's end would have been known; where
 * channels are not told, only who waits in a queue is. */
static bool
has_ended(const struct asterisk_calls *c, const struct call *call,
	  const struct asterisk_gap *gap)
{
	const struct caller *w = &call->who;

	if (w->place == PLACE_NONE)
		return false;
	if (gap->channels)
		return w->leg == NULL ||
		       asterisk_table_channel(&c->table, w->leg) == NULL;
	return !call->seen && !w->talked &&
	       (w->place != PLACE_QUEUE || gap->queues);
}

/* When he went: as is written, or as soon as nobody listened; so that whatever
 * he did later came later. */
static int64_t
ended_ms(const struct asterisk_calls *c, const struct call *call,
	 const struct queue_log_stay *s, const struct tracker_now *now)
{
	int64_t end = s != NULL ? end_of(s, now) : 0;

	if (end > 0)
		return end;
	return c->down_ms > 0 && !call->seen ? c->down_ms : now->wall_ms;
}

static void
settle(struct asterisk_calls *c, struct call *call,
       const struct asterisk_gap *gap, const struct tracker_now *now)
{
	const struct queue_log_stay *s = NULL;
	struct caller *w = &call->who;

	drop_unseen(c, call);
	if (!has_ended(c, call, gap)) {
		asterisk_call_watch(c, call);
		return;
	}
	if (gap->log != NULL && w->waiter != NULL)
		s = queue_log_stay(gap->log, w->waiter);
	if (s != NULL && !w->talked && s->visit >= w->visit)
		take_stay(c, call, s, now);
	asterisk_caller_ends(c, call, ended_ms(c, call, s, now), now);
	if (call->channels == NULL)
		asterisk_table_call_remove(&c->table, call);
	else
		asterisk_call_watch(c, call);
}

void
asterisk_calls_settle(struct asterisk_calls *c, const struct asterisk_gap *gap,
		      const struct tracker_now *now)
{
	struct call *call, *next;

	if (gap->log != NULL)
		read_log(c, gap, now);
	for (call = c->table.oldest; call != NULL; call = next) {
		next = call->newer;
		settle(c, call, gap, now);
	}
	c->gap = false;
	c->down_ms = 0;
	c->due_mono_ms = 0;
}
