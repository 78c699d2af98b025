#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/freeswitch_inside.h"

#define CALL_SIZE (2 * FREESWITCH_ID_SIZE + 1)

void
freeswitch_set(char **text, const char *value)
{
	if (*value == '\0')
		return;
	free(*text);
	*text = text_dup(value);
}

int64_t
freeswitch_ms(const struct tracker_now *now, int64_t s)
{
	return s > 0 ? s * 1000 - now->ahead_ms : 0;
}

/* ---- what is told ------------------------------------------------------- */

static void
name_call(char ret[CALL_SIZE], const char *session, const char *member)
{
	(void)snprintf(ret, CALL_SIZE, "%s%s%s", session,
		       *session != '\0' && *member != '\0' ? "/" : "", member);
}

static struct record *
event_of(const struct freeswitch_call *call, const char *type, int64_t at_ms)
{
	struct record *e = record_new();
	char id[CALL_SIZE];

	name_call(id, call->session, call->member);
	record_set(e, "type", type);
	record_set(e, "id", id);
	record_set(e, "call", id);
	record_set(e, "from", call->number != NULL ? call->number : "");
	record_set(e, "to", call->to);
	record_set(e, "queue", call->queue);
	record_set(e, "language", call->language);
	/* Who has no name has his number for one. */
	if (call->name != NULL && call->number != NULL &&
	    strcmp(call->name, call->number) != 0)
		record_set(e, "name", call->name);
	if (call->waited_s >= 0)
		record_set_int(e, "waited_s", call->waited_s);
	if (at_ms > 0)
		record_set_int(e, "time", at_ms);
	return e;
}

static void
tell_missed(struct freeswitch_calls *c, struct freeswitch_call *call,
	    int64_t at_ms)
{
	if (call->told_missed)
		return;
	call->told_missed = true;
	c->o.event(c->o.cookie, event_of(call, "call.missed", at_ms));
	if (*call->member != '\0')
		freeswitch_missed_add(&c->table, call->member, call->session);
}

static void
tell_answered(struct freeswitch_calls *c, struct freeswitch_call *call,
	      int64_t talked_ms)
{
	struct record *e;

	freeswitch_table_timed(&c->table, call, false);
	if (call->told_answered)
		return;
	call->told_answered = true;
	e = event_of(call, "call.answered", call->began_ms);
	record_set_int(e, "talked_s", talked_ms / 1000);
	c->o.event(c->o.cookie, e);
}

void
freeswitch_caller_resumed(struct freeswitch_calls *c,
			  const struct freeswitch_missed *m, const char *number,
			  int64_t at_ms)
{
	struct record *e = record_new();
	char id[CALL_SIZE];

	name_call(id, m->session, m->member);
	record_set(e, "type", "call.talking");
	record_set(e, "id", id);
	record_set(e, "call", id);
	record_set(e, "from", number);
	record_set_int(e, "time", at_ms);
	c->o.event(c->o.cookie, e);
}

/* ---- the caller --------------------------------------------------------- */

struct freeswitch_call *
freeswitch_caller_make(struct freeswitch_calls *c, const char *session,
		       const struct tracker_now *now)
{
	struct freeswitch_call *call =
	    freeswitch_table_find(&c->table, session);

	if (call == NULL)
		call = freeswitch_table_add(&c->table, session);
	if (call == NULL)
		c->o.reject(c->o.cookie, "too many calls at once");
	else
		call->touched_mono_ms = now->mono_ms;
	return call;
}

static void
forget_talk(struct freeswitch_call *call)
{
	call->talked = call->talking = false;
	call->began_ms = call->talked_ms = 0;
	call->told_missed = call->told_answered = false;
}

void
freeswitch_caller_joins(struct freeswitch_calls *c,
			struct freeswitch_call *call, const char *member,
			const struct tracker_now *now)
{
	freeswitch_caller_pauses(call, now);
	if (call->talked)
		tell_answered(c, call, call->talked_ms);
	freeswitch_table_timed(&c->table, call, false);
	forget_talk(call);
	(void)snprintf(call->member, sizeof call->member, "%s", member);
	call->place = PLACE_QUEUE;
	call->left_ms = 0;
	call->joined_ms = 0;
	call->waited_s = -1;
	call->unsure = call->blind = false;
}

void
freeswitch_caller_talks(struct freeswitch_calls *c,
			struct freeswitch_call *call, int64_t at_ms,
			const struct tracker_now *now)
{
	if (call->talking || call->place == PLACE_ENDED)
		return;
	call->talking = true;
	call->began_mono_ms = now->mono_ms;
	if (!call->talked)
		call->began_ms = at_ms;
	call->talked = true;
	if (!call->told_answered)
		freeswitch_table_timed(&c->table, call, true);
}

void
freeswitch_caller_pauses(struct freeswitch_call *call,
			 const struct tracker_now *now)
{
	if (!call->talking)
		return;
	call->talking = false;
	call->talked_ms += now->mono_ms - call->began_mono_ms;
}

void
freeswitch_caller_talked(struct freeswitch_calls *c,
			 struct freeswitch_call *call, int64_t at_ms,
			 int64_t talked_ms)
{
	call->talking = false;
	if (!call->talked)
		call->began_ms = at_ms;
	call->talked = true;
	if (talked_ms > call->talked_ms)
		call->talked_ms = talked_ms;
	tell_answered(c, call, call->talked_ms);
}

void
freeswitch_caller_ends(struct freeswitch_calls *c, struct freeswitch_call *call,
		       int64_t at_ms, const struct tracker_now *now)
{
	if (call->place == PLACE_ENDED)
		return;
	freeswitch_caller_pauses(call, now);
	if (call->talked)
		tell_answered(c, call, call->talked_ms);
	else
		tell_missed(c, call, at_ms);
	call->place = PLACE_ENDED;
	call->touched_mono_ms = now->mono_ms;
	/* The first to go when room is needed. */
	TAILQ_REMOVE(&c->table.all, call, all);
	TAILQ_INSERT_HEAD(&c->table.all, call, all);
}

/* ---- what is due -------------------------------------------------------- */

/* Ended ones stand first, the newest of them at the head; those that wait
 * come after them, the oldest first. */
static void
forget_old(struct freeswitch_calls *c, const struct tracker_now *now)
{
	struct freeswitch_call *call, *next;

	for (call = TAILQ_FIRST(&c->table.all); call != NULL; call = next) {
		next = TAILQ_NEXT(call, all);
		if (call->place != PLACE_ENDED)
			break;
		if (now->mono_ms - call->touched_mono_ms > 60 * 1000)
			freeswitch_table_remove(&c->table, call);
	}
	if (call != NULL &&
	    now->mono_ms - call->touched_mono_ms > FREESWITCH_AGE_MS)
		freeswitch_caller_ends(c, call, now->wall_ms, now);
}

void
freeswitch_calls_due(struct freeswitch_calls *c, const struct tracker_now *now)
{
	struct freeswitch_call *call, *next;
	int64_t talked;

	if (c->gap)
		return;
	for (call = TAILQ_FIRST(&c->table.timed); call != NULL; call = next) {
		next = TAILQ_NEXT(call, due);
		talked =
		    call->talked_ms +
		    (call->talking ? now->mono_ms - call->began_mono_ms : 0);
		if (talked >= c->o.config->answered_min_ms)
			tell_answered(c, call, talked);
	}
	forget_old(c, now);
}
