#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/asterisk_event.h"
#include "daemon/sources/asterisk_inside.h"

void
asterisk_set(char **text, char *taken)
{
	if (taken == NULL)
		return;
	free(*text);
	*text = taken;
}

/* ---- what is due -------------------------------------------------------- */

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* When the talk has lasted long enough. */
static int64_t
talk_due(const struct asterisk_calls *c, const struct caller *w)
{
	int64_t rest = c->o.config->answered_min_ms - w->talked_ms;

	return w->began_mono_ms + (rest > 0 ? rest : 0);
}

static int64_t
due_of(const struct asterisk_calls *c, const struct call *call)
{
	const struct caller *w = &call->who;
	int64_t due = -1;

	if (w->grace_mono_ms > 0)
		due = sooner(due, w->grace_mono_ms);
	if (w->talking && !w->answered_told)
		due = sooner(due, talk_due(c, w));
	if (call->channels == NULL)
		due = sooner(due, call->touched_mono_ms + ASTERISK_AGE_MS);
	return due;
}

void
asterisk_call_watch(struct asterisk_calls *c, struct call *call)
{
	const struct caller *w = &call->who;
	int64_t due;

	/* Whose Hangup comes needs no memory after it. */
	if (call->channels == NULL && w->place == PLACE_NONE &&
	    (c->hears_calls || w->waiter == NULL)) {
		asterisk_table_call_remove(&c->table, call);
		return;
	}
	due = due_of(c, call);
	asterisk_table_call_timed(&c->table, call, due >= 0);
	c->due_mono_ms = sooner(c->due_mono_ms, due);
}

static void
tell_answered(struct asterisk_calls *c, struct call *call, int64_t talked_ms)
{
	if (!call->who.answered_told && !call->ours)
		asterisk_tell_answered(&c->o, call, talked_ms);
	call->who.answered_told = true;
}

static void
tell_missed(struct asterisk_calls *c, struct call *call, int64_t at_ms)
{
	if (!call->who.missed_told && !call->ours)
		asterisk_tell_missed(&c->o, call, at_ms);
	call->who.missed_told = true;
}

/* Something of this one may be due; it may be gone afterwards. */
static void
do_due(struct asterisk_calls *c, struct call *call,
       const struct tracker_now *now)
{
	struct caller *w = &call->who;

	if (w->grace_mono_ms > 0 && c->hears_calls)
		w->grace_mono_ms = 0;
	if (w->grace_mono_ms > 0 && w->grace_mono_ms <= now->mono_ms) {
		w->grace_mono_ms = 0;
		tell_missed(c, call, w->left_ms);
	}
	if (w->talking && talk_due(c, w) <= now->mono_ms)
		tell_answered(c, call,
			      w->talked_ms + now->mono_ms - w->began_mono_ms);
	if (call->channels == NULL &&
	    call->touched_mono_ms + ASTERISK_AGE_MS <= now->mono_ms) {
		asterisk_caller_ends(c, call, now->wall_ms, now);
		asterisk_table_call_remove(&c->table, call);
		return;
	}
	asterisk_call_watch(c, call);
}

int64_t
asterisk_calls_due(struct asterisk_calls *c, const struct tracker_now *now)
{
	struct call *call, *next;

	if (c->gap || c->due_mono_ms < 0)
		return -1;
	if (now->mono_ms < c->due_mono_ms)
		return c->due_mono_ms;
	c->due_mono_ms = -1;
	for (call = c->table.timed; call != NULL; call = next) {
		next = call->timed_after;
		do_due(c, call, now);
	}
	return c->due_mono_ms;
}

/* ---- the caller --------------------------------------------------------- */

void
asterisk_caller_leaves(struct asterisk_calls *c, struct call *call,
		       int64_t at_ms, const struct tracker_now *now)
{
	struct caller *w = &call->who;

	if (w->place != PLACE_QUEUE)
		return;
	w->place = PLACE_LEFT;
	w->left_ms = at_ms;
	if (!c->hears_calls)
		w->grace_mono_ms = now->mono_ms + ASTERISK_GRACE_MS;
}

void
asterisk_caller_talks(struct asterisk_calls *c, struct call *call,
		      const char *partner, int64_t at_ms,
		      const struct tracker_now *now)
{
	struct caller *w = &call->who;

	if (call->ours || (w->place != PLACE_LEFT && w->place != PLACE_DIRECT))
		return;
	asterisk_set(&w->partner, text_dup(partner));
	w->grace_mono_ms = 0;
	if (w->talking)
		return;
	w->talking = true;
	w->began_mono_ms = now->mono_ms;
	if (!w->talked)
		w->began_ms = at_ms;
	w->talked = true;
	if (w->missed_told)
		asterisk_tell_talking(&c->o, call, at_ms);
	if (c->o.config->answered_min_ms == 0)
		tell_answered(c, call, 0);
}

void
asterisk_caller_pauses(struct call *call, const struct tracker_now *now)
{
	struct caller *w = &call->who;

	if (!w->talking)
		return;
	w->talking = false;
	w->talked_ms += now->mono_ms - w->began_mono_ms;
	free(w->partner);
	w->partner = NULL;
}

void
asterisk_caller_ends(struct asterisk_calls *c, struct call *call, int64_t at_ms,
		     const struct tracker_now *now)
{
	struct caller *w = &call->who;

	if (w->place == PLACE_NONE)
		return;
	asterisk_caller_pauses(call, now);
	if (w->talked)
		tell_answered(c, call, w->talked_ms);
	else
		tell_missed(c, call, at_ms);
	w->place = PLACE_NONE;
	w->grace_mono_ms = 0;
}

void
asterisk_caller_again(struct asterisk_calls *c, struct call *call,
		      int64_t at_ms, const struct tracker_now *now)
{
	struct caller *w = &call->who;

	asterisk_caller_ends(c, call, at_ms, now);
	if (w->waiter != NULL)
		w->visit++;
	w->talked = w->answered_told = w->missed_told = false;
	w->talked_ms = w->joined_ms = w->left_ms = 0;
}

/* What the origin of the call says of him is worth more than what a channel
 * says that asked in a queue on his behalf. */
static void
take_over(struct call *from, struct call *to)
{
	struct caller *w = &to->who;
	char *number = w->number, *name = w->name, *dialled = w->to;

	w->number = w->name = w->to = NULL;
	asterisk_caller_done(w);
	*w = from->who;
	from->who = (struct caller){ .visit = 1, .hold_s = -1 };
	if (number != NULL) {
		asterisk_set(&w->number, number);
		asterisk_set(&w->name, name);
		asterisk_set(&w->to, dialled);
		return;
	}
	free(name);
	free(dialled);
}

void
asterisk_caller_moves(struct asterisk_calls *c, struct call *from,
		      struct call *to, const struct tracker_now *now)
{
	struct caller *there = &to->who;

	if (from->who.place == PLACE_NONE)
		return;
	if (there->place != PLACE_NONE && from->who.place == PLACE_QUEUE &&
	    there->talked)
		asterisk_caller_ends(c, to, now->wall_ms, now);
	if (there->place == PLACE_NONE) {
		take_over(from, to);
		return;
	}
	/* Two who waited talk with each other. */
	asterisk_caller_leaves(c, from, now->wall_ms, now);
	asterisk_caller_talks(c, from, "", now->wall_ms, now);
	asterisk_caller_ends(c, from, now->wall_ms, now);
}
