/* Who comes into a queue of mod_callcenter or mod_fifo, and leaves it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/sources/freeswitch_inside.h"

static void
take_member(struct freeswitch_call *call, const struct freeswitch_event *e)
{
	int64_t joined = freeswitch_epoch_s(e, "CC-Member-Joined-Time");

	if (strcmp(e->uuid, call->session) == 0)
		freeswitch_take_caller(call, e);
	freeswitch_set(&call->number,
		       freeswitch_get(e, "CC-Member-CID-Number"));
	freeswitch_set(&call->name, freeswitch_get(e, "CC-Member-CID-Name"));
	freeswitch_set(&call->queue, freeswitch_get(e, "CC-Queue"));
	if (joined > 0)
		call->joined_ms = freeswitch_ms(e->now, joined);
}

static void
waited(struct freeswitch_call *call, const struct freeswitch_event *e,
       int64_t until_s)
{
	int64_t since = freeswitch_epoch_s(e, "CC-Member-Joined-Time");

	if (since > 0 && until_s >= since)
		call->waited_s = until_s - since;
}

/* ---- mod_callcenter ----------------------------------------------------- */

/* He who makes this visit to a queue, whether its begin was heard or not. */
static struct freeswitch_call *
member_of(struct freeswitch_calls *c, const struct freeswitch_event *e)
{
	const char *member = freeswitch_get(e, "CC-Member-UUID");
	struct freeswitch_call *call = freeswitch_caller_make(
	    c, freeswitch_get(e, "CC-Member-Session-UUID"), e->now);

	if (call == NULL)
		return NULL;
	if (strcmp(call->member, member) != 0 || call->place == PLACE_DIRECT)
		freeswitch_caller_joins(c, call, member, e->now);
	take_member(call, e);
	return call;
}

static void
on_start(struct freeswitch_calls *c, const struct freeswitch_event *e)
{
	struct freeswitch_call *call = member_of(c, e);

	if (call != NULL && call->joined_ms == 0)
		call->joined_ms = e->at_ms;
}

static void
on_resume(struct freeswitch_calls *c, const struct freeswitch_event *e)
{
	const struct freeswitch_missed *before = freeswitch_missed_of(
	    &c->table, freeswitch_get(e, "CC-Member-UUID"));

	if (before != NULL &&
	    strcmp(before->session,
		   freeswitch_get(e, "CC-Member-Session-UUID")) != 0)
		freeswitch_caller_resumed(
		    c, before, freeswitch_get(e, "CC-Member-CID-Number"),
		    e->at_ms);
	on_start(c, e);
}

static void
on_agent(struct freeswitch_calls *c, const struct freeswitch_event *e)
{
	struct freeswitch_call *call = member_of(c, e);

	if (call == NULL)
		return;
	waited(call, e, freeswitch_epoch_s(e, "CC-Agent-Answered-Time"));
	freeswitch_caller_talks(c, call, e->at_ms, e->now);
}

static void
on_agent_end(struct freeswitch_calls *c, const struct freeswitch_event *e)
{
	struct freeswitch_call *call = freeswitch_table_find(
	    &c->table, freeswitch_get(e, "CC-Member-Session-UUID"));

	if (call == NULL)
		return;
	freeswitch_caller_pauses(call, e->now);
	/* The agent was there, and the caller was not any more. */
	if (strcmp(freeswitch_get(e, "CC-Agent-Bridged"), "false") == 0 &&
	    !call->told_answered) {
		freeswitch_table_timed(&c->table, call, false);
		call->talked = false;
		call->talked_ms = 0;
	}
}

/* Cancel: whatever the reason, he is told as missed only when his channel ends
 * and nobody talked with him.  Terminated: an agent did. */
static void
on_leave(struct freeswitch_calls *c, const struct freeswitch_event *e)
{
	struct freeswitch_call *call = member_of(c, e);
	int64_t left = freeswitch_epoch_s(e, "CC-Member-Leaving-Time");
	int64_t answered = freeswitch_epoch_s(e, "CC-Agent-Answered-Time");

	if (call == NULL)
		return;
	if (call->place == PLACE_QUEUE)
		call->place = PLACE_LEFT;
	call->left_ms = freeswitch_ms(e->now, left);
	if (strcmp(freeswitch_get(e, "CC-Cause"), "Terminated") == 0 &&
	    answered > 0) {
		waited(call, e, answered);
		freeswitch_caller_talked(
		    c, call, freeswitch_ms(e->now, answered),
		    left > answered ? (left - answered) * 1000 : 0);
	} else {
		waited(call, e, left);
	}
	if (freeswitch_is_ended(e))
		freeswitch_caller_ends(c, call, e->at_ms, e->now);
}

/* ---- mod_fifo ----------------------------------------------------------- */

/* It has no id for a visit: one after a talk is named by when it began, by its
 * clock; from a queue to the next without a talk it is the same. */
static void
name_visit(char ret[FREESWITCH_ID_SIZE], const struct freeswitch_call *call,
	   const struct freeswitch_event *e)
{
	*ret = '\0';
	if (call->talked)
		(void)snprintf(ret, FREESWITCH_ID_SIZE, "fifo-%" PRId64,
			       (e->at_ms + e->now->ahead_ms) / 1000);
	else if (strncmp(call->member, "fifo-", 5) == 0)
		(void)snprintf(ret, FREESWITCH_ID_SIZE, "%s", call->member);
}

static void
on_push(struct freeswitch_calls *c, const struct freeswitch_event *e)
{
	struct freeswitch_call *call =
	    freeswitch_caller_make(c, e->uuid, e->now);
	char member[FREESWITCH_ID_SIZE];

	if (call == NULL)
		return;
	name_visit(member, call, e);
	freeswitch_caller_joins(c, call, member, e->now);
	freeswitch_take_caller(call, e);
	freeswitch_set(&call->queue, freeswitch_get(e, "FIFO-Name"));
	call->joined_ms = e->at_ms;
}

static struct freeswitch_call *
waiter_of(struct freeswitch_calls *c, const struct freeswitch_event *e)
{
	struct freeswitch_call *call =
	    freeswitch_table_find(&c->table, e->uuid);

	if (call != NULL)
		return call;
	call = freeswitch_caller_make(c, e->uuid, e->now);
	if (call == NULL)
		return NULL;
	freeswitch_caller_joins(c, call, "", e->now);
	freeswitch_take_caller(call, e);
	freeswitch_set(&call->queue, freeswitch_get(e, "FIFO-Name"));
	return call;
}

static void
on_fifo_leave(struct freeswitch_calls *c, const struct freeswitch_event *e)
{
	struct freeswitch_call *call = waiter_of(c, e);

	if (call == NULL || call->place != PLACE_QUEUE)
		return;
	call->place = PLACE_LEFT;
	call->left_ms = e->at_ms;
	if (call->joined_ms > 0 && e->at_ms >= call->joined_ms)
		call->waited_s = (e->at_ms - call->joined_ms) / 1000;
	if (freeswitch_is_ended(e))
		freeswitch_caller_ends(c, call, e->at_ms, e->now);
}

static void
on_fifo_talk(struct freeswitch_calls *c, const struct freeswitch_event *e)
{
	struct freeswitch_call *call = waiter_of(c, e);

	if (call == NULL)
		return;
	if (!call->talked && call->joined_ms > 0 && e->at_ms >= call->joined_ms)
		call->waited_s = (e->at_ms - call->joined_ms) / 1000;
	freeswitch_caller_talks(c, call, e->at_ms, e->now);
	call->place = PLACE_LEFT;
}

static void
on_fifo_talked(struct freeswitch_calls *c, const struct freeswitch_event *e)
{
	struct freeswitch_call *call =
	    freeswitch_table_find(&c->table, e->uuid);

	if (call != NULL)
		freeswitch_caller_pauses(call, e->now);
}

/* ---- both --------------------------------------------------------------- */

/* clang-format off */
static const struct row {
	const char *what, *field, *value;
	void (*happened)(struct freeswitch_calls *,
			 const struct freeswitch_event *);
} rows[] = {
	{ "callcenter::info", "CC-Action", "member-queue-start",  on_start },
	{ "callcenter::info", "CC-Action", "member-queue-resume", on_resume },
	{ "callcenter::info", "CC-Action", "member-queue-end",    on_leave },
	{ "callcenter::info", "CC-Action", "bridge-agent-start",  on_agent },
	{ "callcenter::info", "CC-Action", "bridge-agent-end",    on_agent_end },
	{ "fifo::info", "FIFO-Action", "push",                on_push },
	{ "fifo::info", "FIFO-Action", "abort",               on_fifo_leave },
	{ "fifo::info", "FIFO-Action", "timeout",             on_fifo_leave },
	{ "fifo::info", "FIFO-Action", "bridge-caller-start", on_fifo_talk },
	{ "fifo::info", "FIFO-Action", "bridge-caller-stop",  on_fifo_talked },
};
/* clang-format on */

void
freeswitch_queue_event(struct freeswitch_calls *c, const char *subclass,
		       const struct freeswitch_event *e)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *r = &rows[i];

		if (strcmp(r->what, subclass) != 0 ||
		    strcmp(freeswitch_get(e, r->field), r->value) != 0)
			continue;
		r->happened(c, e);
		return;
	}
}
