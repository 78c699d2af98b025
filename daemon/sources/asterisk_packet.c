/* Whose call a packet is of. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/sources/ami_packet.h"
#include "daemon/sources/asterisk_event.h"
#include "daemon/sources/asterisk_inside.h"

/* A packet's own time further from ours than this is not believed. */
#define TIME_OFF_MS (INT64_C(10) * 60 * 1000)
#define EXTEN_LEAST 6 /* digits of a number that the world can dial */

/* ---- a packet ----------------------------------------------------------- */

/* Its own, where timestampevents is set. */
static int64_t
time_of(const struct ami_packet *p, const struct tracker_now *now)
{
	int64_t stamp = ami_stamp_ms(p), at = stamp - now->ahead_ms;
	int64_t off = at - now->wall_ms;

	return stamp == 0 || off > TIME_OFF_MS || off < -TIME_OFF_MS
		   ? now->wall_ms
		   : at;
}

const char *
asterisk_packet_id(const struct ami_packet *p, const char *name)
{
	const char *id = ami_get(p, name);

	return strlen(id) <= ASTERISK_ID_MOST && strcmp(id, "<unknown>") != 0
		   ? id
		   : "";
}

bool
asterisk_packet_is_call(const struct ami_packet *p)
{
	const char *classes = ami_get(p, "Privilege");

	return strncmp(classes, "call,", 5) == 0 ||
	       strstr(classes, ",call,") != NULL;
}

/* ---- calls and channels ------------------------------------------------- */

struct call *
asterisk_call_make(struct asterisk_calls *c, const char *linkedid,
		   const struct tracker_now *now)
{
	struct call *call;

	if (*linkedid == '\0')
		return NULL;
	call = asterisk_table_call(&c->table, linkedid);
	if (call != NULL)
		return call;
	if (c->table.calls.count >= ASTERISK_CALLS_MOST) {
		call = asterisk_table_call_loose(&c->table);
		if (call == NULL) {
			c->o.reject(c->o.cookie, "too many calls at once");
			return NULL;
		}
		asterisk_caller_ends(c, call, now->wall_ms, now);
		asterisk_table_call_remove(&c->table, call);
	}
	call = asterisk_table_call_add(&c->table, linkedid);
	call->ours =
	    strncmp(linkedid, ASTERISK_OURS, strlen(ASTERISK_OURS)) == 0;
	call->touched_mono_ms = now->mono_ms;
	call->seen = true;
	return call;
}

static void
merge(struct asterisk_calls *c, struct call *from, const char *linkedid,
      const struct tracker_now *now)
{
	struct call *to = asterisk_call_make(c, linkedid, now);

	if (to == NULL || to == from)
		return;
	if (from->who.place != PLACE_NONE)
		to->ours = from->ours;
	asterisk_caller_moves(c, from, to, now);
	while (from->channels != NULL)
		asterisk_table_channel_move(&c->table, from->channels, to);
	from->who.place = PLACE_NONE;
	asterisk_table_call_remove(&c->table, from);
	asterisk_call_watch(c, to);
}

struct call *
asterisk_call_of(struct asterisk_calls *c, const struct packet *p)
{
	struct channel *ch = asterisk_table_channel(&c->table, p->uniqueid);
	struct call *call;

	if (ch != NULL && *p->linkedid != '\0' &&
	    strcmp(ch->linked, p->linkedid) != 0) {
		free(ch->linked);
		ch->linked = text_dup(p->linkedid);
		merge(c, ch->call, p->linkedid, p->now);
	}
	if (ch != NULL)
		ch->seen = true;
	call =
	    ch != NULL ? ch->call : asterisk_table_call(&c->table, p->linkedid);
	/* Of a queue's list only the channel is known. */
	if (call == NULL)
		call = asterisk_table_call(&c->table, p->uniqueid);
	if (call != NULL) {
		call->seen = true;
		call->touched_mono_ms = p->now->mono_ms;
	}
	return call;
}

struct channel *
asterisk_channel_of(struct asterisk_calls *c, const struct packet *p)
{
	struct call *call = asterisk_call_of(c, p);
	struct channel *ch = asterisk_table_channel(&c->table, p->uniqueid);

	if (ch != NULL || *p->uniqueid == '\0')
		return ch;
	if (c->table.channels.count >= ASTERISK_CHANNELS_MOST) {
		c->o.reject(c->o.cookie, "too many channels at once");
		return NULL;
	}
	if (call == NULL)
		call = asterisk_call_make(c, p->linkedid, p->now);
	if (call == NULL)
		return NULL;
	ch = asterisk_table_channel_add(&c->table, call, p->uniqueid,
					ami_get(p->ami, "Channel"));
	ch->seen = true;
	if (strncmp(p->uniqueid, ASTERISK_OURS, strlen(ASTERISK_OURS)) == 0)
		call->ours = true;
	asterisk_call_watch(c, call);
	return ch;
}

bool
asterisk_packet_is_first(const struct packet *p)
{
	return strcmp(p->uniqueid, p->linkedid) == 0;
}

void
asterisk_take_caller(struct call *call, const struct packet *p)
{
	struct caller *w = &call->who;

	asterisk_set(&w->number, asterisk_text(ami_get(p->ami, "CallerIDNum")));
	asterisk_set(&w->name, asterisk_text(ami_get(p->ami, "CallerIDName")));
	asterisk_set(&w->language, asterisk_text(ami_get(p->ami, "Language")));
}

struct packet
asterisk_packet_of(const struct ami_packet *ami, const struct tracker_now *now)
{
	return (struct packet){ .ami = ami,
				.now = now,
				.uniqueid = asterisk_packet_id(ami, "Uniqueid"),
				.linkedid = asterisk_packet_id(ami, "Linkedid"),
				.at_ms = time_of(ami, now) };
}

/* ---- a caller in a queue ------------------------------------------------ */

struct call *
asterisk_caller_of(struct asterisk_calls *c, const struct packet *p)
{
	struct call *call = asterisk_call_of(c, p);

	if (*p->uniqueid == '\0')
		return call;
	return call != NULL
		   ? call
		   : asterisk_call_make(
			 c, *p->linkedid != '\0' ? p->linkedid : p->uniqueid,
			 p->now);
}

void
asterisk_take_queue(struct call *call, const struct packet *p)
{
	struct caller *w = &call->who;

	asterisk_take_caller(call, p);
	asterisk_set(&w->queue, asterisk_text(ami_get(p->ami, "Queue")));
	if (w->waiter == NULL || strcmp(w->waiter, p->uniqueid) != 0) {
		if (w->waiter != NULL)
			w->visit = 1;
		asterisk_set(&w->waiter, text_dup(p->uniqueid));
	}
	asterisk_set(&w->leg, text_dup(p->uniqueid));
	/* Where it came in is not known; a short one is of the house. */
	if (w->to == NULL && strlen(ami_get(p->ami, "Exten")) >= EXTEN_LEAST)
		w->to = asterisk_dialled(ami_get(p->ami, "Exten"));
}

void
asterisk_caller_joins(struct call *call, int64_t at_ms)
{
	struct caller *w = &call->who;

	if (w->place != PLACE_LEFT || w->joined_ms == 0)
		w->joined_ms = at_ms;
	w->place = PLACE_QUEUE;
	w->left_ms = 0;
	w->hold_s = -1;
	w->grace_mono_ms = 0;
}
