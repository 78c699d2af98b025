/* Packets to what they mean.  A handler is a row of the table below; they stand
 * in the order in which a call goes through them. */
#include "daemon/sources/asterisk_calls.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/ami_packet.h"
#include "daemon/sources/asterisk_event.h"
#include "daemon/sources/asterisk_inside.h"

struct asterisk_calls *
asterisk_calls_new(const struct tracker_options *o)
{
	struct asterisk_calls *c = text_alloc(sizeof *c);

	c->o = *o;
	c->due_mono_ms = -1;
	return c;
}

void
asterisk_calls_free(struct asterisk_calls *c)
{
	if (c == NULL)
		return;
	asterisk_table_done(&c->table);
	free(c);
}

void
asterisk_calls_use(struct asterisk_calls *c, const struct policy_source *config)
{
	c->o.config = config;
	c->due_mono_ms = 0; /* answered_min may be another */
}

size_t
asterisk_calls_count(const struct asterisk_calls *c)
{
	return c->table.calls.count;
}

/* ---- coming in ---------------------------------------------------------- */

static bool
counts_here(const struct asterisk_calls *c, const char *context)
{
	for (size_t i = 0; i < c->o.config->contexts.count; i++) {
		if (strcmp(c->o.config->contexts.list[i], context) == 0)
			return true;
	}
	return false;
}

void
asterisk_caller_comes_in(struct asterisk_calls *c, struct call *call,
			 const struct packet *p)
{
	asterisk_take_caller(call, p);
	asterisk_set(&call->who.to, asterisk_dialled(ami_get(p->ami, "Exten")));
	if (call->ours || !counts_here(c, ami_get(p->ami, "Context")))
		return;
	call->who.place = PLACE_DIRECT;
	call->who.joined_ms = p->at_ms;
	asterisk_set(&call->who.leg, text_dup(p->uniqueid));
}

/* ---- class call --------------------------------------------------------- */

static void
on_newchannel(struct asterisk_calls *c, const struct packet *p)
{
	struct channel *ch = asterisk_channel_of(c, p);

	/* Ring: it came in; one that is dialled is Down. */
	if (ch != NULL && asterisk_packet_is_first(p) &&
	    ch->call->who.place == PLACE_NONE &&
	    strcmp(ami_get(p->ami, "ChannelState"), "4") == 0)
		asterisk_caller_comes_in(c, ch->call, p);
}

/* The dialplan found out who that is. */
static void
on_new_caller_id(struct asterisk_calls *c, const struct packet *p)
{
	struct call *call = asterisk_call_of(c, p);

	if (call != NULL && asterisk_packet_is_first(p) &&
	    call->who.place == PLACE_DIRECT)
		asterisk_take_caller(call, p);
}

static void
on_dial_end(struct asterisk_calls *c, const struct packet *p)
{
	struct call *call = asterisk_call_of(c, p);

	/* Without a Channel it was nobody's Dial, but an Originate. */
	if (call == NULL || *ami_get(p->ami, "Channel") == '\0' ||
	    strcmp(ami_get(p->ami, "DialStatus"), "ANSWER") != 0 ||
	    !asterisk_somebody(ami_get(p->ami, "DestChannel")))
		return;
	asterisk_caller_talks(c, call,
			      asterisk_packet_id(p->ami, "DestUniqueid"),
			      p->at_ms, p->now);
	asterisk_call_watch(c, call);
}

static void
meet(struct asterisk_calls *c, struct channel *ch, struct channel *other,
     const struct packet *p)
{
	const char *leg = ch->call->who.leg;
	bool is_caller = leg == NULL || strcmp(leg, ch->node.id) == 0;

	asterisk_caller_talks(c, ch->call,
			      is_caller ? other->node.id : ch->node.id,
			      p->at_ms, p->now);
	asterisk_call_watch(c, ch->call);
}

void
asterisk_channel_meets(struct asterisk_calls *c, struct channel *ch,
		       const struct packet *p)
{
	struct channel *other = ch->bridge_after;

	while (other != NULL && !other->somebody)
		other = other->bridge_after;
	if (!ch->somebody || other == NULL)
		return;
	meet(c, ch, other, p);
	if (other->call != ch->call)
		meet(c, other, ch, p);
}

static void
on_bridge_enter(struct asterisk_calls *c, const struct packet *p)
{
	struct channel *ch = asterisk_channel_of(c, p);
	const char *bridge = asterisk_packet_id(p->ami, "BridgeUniqueid");

	if (ch == NULL || *bridge == '\0')
		return;
	if (strcmp(ami_get(p->ami, "BridgeTechnology"), "holding_bridge") ==
	    0) {
		asterisk_table_leave(&c->table, ch);
		return;
	}
	asterisk_table_enter(&c->table, ch, bridge);
	asterisk_channel_meets(c, ch, p);
}

static void
on_bridge_leave(struct asterisk_calls *c, const struct packet *p)
{
	struct channel *ch = asterisk_table_channel(&c->table, p->uniqueid);

	if (ch != NULL)
		asterisk_table_leave(&c->table, ch);
}

/* A Local channel that is optimized away while he talks goes, he stays: by the
 * channel with which the call began. */
static bool
goes_on_without(struct asterisk_calls *c, const struct call *call,
		const struct channel *ch)
{
	const struct channel *first =
	    asterisk_table_channel(&c->table, call->node.id);

	return call->who.talking && ch != NULL && !ch->somebody &&
	       first != NULL && first != ch && first->call == call &&
	       first->somebody;
}

static void
on_hangup(struct asterisk_calls *c, const struct packet *p)
{
	struct call *call = asterisk_call_of(c, p);
	struct channel *ch = asterisk_table_channel(&c->table, p->uniqueid);
	struct caller *w;

	if (call == NULL)
		return;
	w = &call->who;
	if (w->partner != NULL && strcmp(w->partner, p->uniqueid) == 0)
		asterisk_caller_pauses(call, p->now);
	if (w->leg != NULL && strcmp(w->leg, p->uniqueid) == 0) {
		if (goes_on_without(c, call, ch))
			asterisk_set(&w->leg, text_dup(call->node.id));
		else
			asterisk_caller_ends(c, call, p->at_ms, p->now);
	}
	if (ch != NULL)
		asterisk_table_channel_remove(&c->table, ch);
	asterisk_call_watch(c, call);
}

/* ---- class agent -------------------------------------------------------- */

static void
on_join(struct asterisk_calls *c, const struct packet *p)
{
	struct call *call = asterisk_caller_of(c, p);

	if (call == NULL || *p->uniqueid == '\0')
		return;
	if (call->who.talked ||
	    (call->who.missed_told && call->who.place == PLACE_NONE))
		asterisk_caller_again(c, call, p->at_ms, p->now);
	asterisk_take_queue(call, p);
	asterisk_caller_joins(call, p->at_ms);
	call->heard = true;
	asterisk_call_watch(c, call);
}

/* It is in the middle of what happened before anybody listened. */
static void
suppose_joined(struct call *call, const struct packet *p)
{
	struct caller *w = &call->who;

	if (*p->uniqueid == '\0' || w->place == PLACE_QUEUE ||
	    w->place == PLACE_LEFT || w->talked || w->missed_told)
		return;
	asterisk_take_queue(call, p);
	asterisk_caller_joins(call, 0);
}

static void
take_hold(struct call *call, const struct packet *p)
{
	int64_t hold;

	if (text_int64(&hold, ami_get(p->ami, "HoldTime"), 0, 1000000) == 0)
		call->who.hold_s = hold;
}

static void
on_abandon(struct asterisk_calls *c, const struct packet *p)
{
	struct call *call = asterisk_caller_of(c, p);

	if (call == NULL)
		return;
	suppose_joined(call, p);
	take_hold(call, p);
	asterisk_caller_leaves(c, call, p->at_ms, p->now);
	call->heard = true;
	asterisk_call_watch(c, call);
}

static void
on_leave(struct asterisk_calls *c, const struct packet *p)
{
	struct call *call = asterisk_call_of(c, p);

	if (call == NULL)
		return;
	asterisk_caller_leaves(c, call, p->at_ms, p->now);
	call->heard = true;
	asterisk_call_watch(c, call);
}

static void
on_connect(struct asterisk_calls *c, const struct packet *p)
{
	struct call *call = asterisk_caller_of(c, p);

	if (call == NULL)
		return;
	suppose_joined(call, p);
	take_hold(call, p);
	asterisk_caller_leaves(c, call, p->at_ms, p->now);
	asterisk_caller_talks(c, call,
			      asterisk_packet_id(p->ami, "DestUniqueid"),
			      p->at_ms, p->now);
	asterisk_set(&call->who.member, text_dup(ami_get(p->ami, "Interface")));
	call->heard = true;
	asterisk_call_watch(c, call);
}

/* The channels are not told when they are gone by then: an agent has one call
 * of a queue at a time. */
static struct call *
talk_of(const struct asterisk_calls *c, const struct packet *p)
{
	const char *member = ami_get(p->ami, "Interface");
	struct call *call = c->table.newest;
	char *queue = asterisk_text(ami_get(p->ami, "Queue"));

	for (; call != NULL && queue != NULL; call = call->older) {
		const struct caller *w = &call->who;

		if (w->talking && w->member != NULL && w->queue != NULL &&
		    strcmp(w->member, member) == 0 &&
		    strcmp(w->queue, queue) == 0)
			break;
	}
	free(queue);
	return call;
}

static void
on_complete(struct asterisk_calls *c, const struct packet *p)
{
	struct call *call;

	/* It comes also when a colleague talks on: a Hangup says more. */
	if (c->hears_calls)
		return;
	call = *p->uniqueid != '\0' ? asterisk_call_of(c, p) : talk_of(c, p);

	if (call == NULL)
		return;
	asterisk_caller_ends(c, call, p->at_ms, p->now);
	asterisk_call_watch(c, call);
}

/* ---- the table ---------------------------------------------------------- */

void
asterisk_calls_packet(struct asterisk_calls *c, const struct ami_packet *ami,
		      const struct tracker_now *now)
{
	static const struct {
		const char *event;
		void (*act)(struct asterisk_calls *, const struct packet *);
	} rows[] = {
		{ "Newchannel", on_newchannel },
		{ "NewCallerid", on_new_caller_id },
		{ "DialEnd", on_dial_end },
		{ "BridgeEnter", on_bridge_enter },
		{ "BridgeLeave", on_bridge_leave },
		{ "Hangup", on_hangup },
		{ "QueueCallerJoin", on_join },
		{ "QueueCallerAbandon", on_abandon },
		{ "QueueCallerLeave", on_leave },
		{ "AgentConnect", on_connect },
		{ "AgentComplete", on_complete },
		{ "Status", asterisk_gap_channel },
		{ "CoreShowChannel", asterisk_gap_channel },
		{ "QueueEntry", asterisk_gap_queue_entry },
	};
	struct packet p;

	if (ami->kind != AMI_EVENT)
		return;
	c->hears_calls = c->hears_calls || asterisk_packet_is_call(ami);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].event, ami->what) != 0)
			continue;
		p = asterisk_packet_of(ami, now);
		rows[i].act(c, &p);
		return;
	}
}
