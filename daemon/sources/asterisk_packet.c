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

/* "1795324735.858121", where timestampevents is set. */
static int64_t
time_of(const struct ami_packet *p, const struct asterisk_now *now)
{
	const char *stamp = ami_get(p, "Timestamp");
	size_t whole = strcspn(stamp, ".");
	int64_t seconds, at, off;
	char digits[16];

	if (whole == 0 || whole >= sizeof digits)
		return now->wall_ms;
	memcpy(digits, stamp, whole);
	digits[whole] = '\0';
	if (text_int64(&seconds, digits, 1, INT64_C(99999999999)) < 0)
		return now->wall_ms;
	at = seconds * 1000;
	stamp += whole;
	for (int64_t worth = 100; worth > 0 && *stamp != '\0'; worth /= 10) {
		stamp++;
		if (*stamp < '0' || *stamp > '9')
			break;
		at += (*stamp - '0') * worth;
	}
	at -= now->ahead_ms;
	off = at - now->wall_ms;
	return off > TIME_OFF_MS || off < -TIME_OFF_MS ? now->wall_ms : at;
}

const char *
packet_id(const struct ami_packet *p, const char *name)
{
	const char *id = ami_get(p, name);

	return strlen(id) <= ASTERISK_ID_MOST && strcmp(id, "<unknown>") != 0
		   ? id
		   : "";
}

bool
packet_is_call(const struct ami_packet *p)
{
	const char *classes = ami_get(p, "Privilege");

	return strncmp(classes, "call,", 5) == 0 ||
	       strstr(classes, ",call,") != NULL;
}

/* ---- calls and channels ------------------------------------------------- */

struct call *
asterisk_call_make(struct asterisk_calls *c, const char *linkedid,
		   const struct asterisk_now *now)
{
	struct call *call;

	if (*linkedid == '\0')
		return NULL;
	call = table_call(&c->table, linkedid);
	if (call != NULL)
		return call;
	if (c->table.calls.count >= ASTERISK_CALLS_MOST) {
		call = table_call_loose(&c->table);
		if (call == NULL) {
			c->o.reject(c->o.cookie, "too many calls at once");
			return NULL;
		}
		caller_ends(c, call, now->wall_ms, now);
		table_call_remove(&c->table, call);
	}
	call = table_call_add(&c->table, linkedid);
	call->ours =
	    strncmp(linkedid, ASTERISK_OURS, strlen(ASTERISK_OURS)) == 0;
	call->touched_mono_ms = now->mono_ms;
	call->seen = true;
	return call;
}

static void
merge(struct asterisk_calls *c, struct call *from, const char *linkedid,
      const struct asterisk_now *now)
{
	struct call *to = asterisk_call_make(c, linkedid, now);

	if (to == NULL || to == from)
		return;
	if (from->who.place != PLACE_NONE)
		to->ours = from->ours;
	caller_moves(c, from, to, now);
	while (from->channels != NULL)
		table_channel_move(&c->table, from->channels, to);
	from->who.place = PLACE_NONE;
	table_call_remove(&c->table, from);
	asterisk_call_watch(c, to);
}

struct call *
call_of(struct asterisk_calls *c, const struct packet *p)
{
	struct channel *ch = table_channel(&c->table, p->uniqueid);
	struct call *call;

	if (ch != NULL && *p->linkedid != '\0' &&
	    strcmp(ch->linked, p->linkedid) != 0) {
		free(ch->linked);
		ch->linked = text_dup(p->linkedid);
		merge(c, ch->call, p->linkedid, p->now);
	}
	if (ch != NULL)
		ch->seen = true;
	call = ch != NULL ? ch->call : table_call(&c->table, p->linkedid);
	/* Of a queue's list only the channel is known. */
	if (call == NULL)
		call = table_call(&c->table, p->uniqueid);
	if (call != NULL) {
		call->seen = true;
		call->touched_mono_ms = p->now->mono_ms;
	}
	return call;
}

struct channel *
channel_of(struct asterisk_calls *c, const struct packet *p)
{
	struct call *call = call_of(c, p);
	struct channel *ch = table_channel(&c->table, p->uniqueid);

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
	ch = table_channel_add(&c->table, call, p->uniqueid,
			       ami_get(p->ami, "Channel"));
	ch->seen = true;
	if (strncmp(p->uniqueid, ASTERISK_OURS, strlen(ASTERISK_OURS)) == 0)
		call->ours = true;
	asterisk_call_watch(c, call);
	return ch;
}

bool
packet_is_first(const struct packet *p)
{
	return strcmp(p->uniqueid, p->linkedid) == 0;
}

void
take_caller(struct call *call, const struct packet *p)
{
	struct caller *w = &call->who;

	asterisk_set(&w->number, asterisk_text(ami_get(p->ami, "CallerIDNum")));
	asterisk_set(&w->name, asterisk_text(ami_get(p->ami, "CallerIDName")));
	asterisk_set(&w->language, asterisk_text(ami_get(p->ami, "Language")));
}

struct packet
packet_of(const struct ami_packet *ami, const struct asterisk_now *now)
{
	return (struct packet){ .ami = ami,
				.now = now,
				.uniqueid = packet_id(ami, "Uniqueid"),
				.linkedid = packet_id(ami, "Linkedid"),
				.at_ms = time_of(ami, now) };
}

/* ---- a caller in a queue ------------------------------------------------ */

struct call *
caller_of(struct asterisk_calls *c, const struct packet *p)
{
	struct call *call = call_of(c, p);

	if (*p->uniqueid == '\0')
		return call;
	return call != NULL
		   ? call
		   : asterisk_call_make(
			 c, *p->linkedid != '\0' ? p->linkedid : p->uniqueid,
			 p->now);
}

void
take_queue(struct call *call, const struct packet *p)
{
	struct caller *w = &call->who;

	take_caller(call, p);
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
caller_joins(struct call *call, int64_t at_ms)
{
	struct caller *w = &call->who;

	if (w->place != PLACE_LEFT || w->joined_ms == 0)
		w->joined_ms = at_ms;
	w->place = PLACE_QUEUE;
	w->left_ms = 0;
	w->hold_s = -1;
	w->grace_mono_ms = 0;
}
