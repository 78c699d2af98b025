#include <string.h>

#include "daemon/sources/freeswitch_inside.h"

void
freeswitch_calls_up(struct freeswitch_calls *c, const struct tracker_now *now)
{
	c->gap = false;
	c->up_ms = now->wall_ms;
}

void
freeswitch_calls_down(struct freeswitch_calls *c, const struct tracker_now *now)
{
	struct freeswitch_call *call;

	(void)now;
	c->gap = true;
	TAILQ_FOREACH(call, &c->table.all, all)
	call->unsure = call->blind = call->place != PLACE_ENDED;
}

static void
take_row(struct freeswitch_call *call, const struct freeswitch_row *row,
	 const struct tracker_now *now)
{
	freeswitch_set(&call->queue, row->queue);
	freeswitch_set(&call->number, row->number);
	freeswitch_set(&call->name, row->name);
	call->joined_ms = freeswitch_ms(now, row->joined_s);
	call->left_ms = freeswitch_ms(now, row->left_s);
	if (row->joined_s > 0 && row->left_s >= row->joined_s)
		call->waited_s = row->left_s - row->joined_s;
}

/* Who gave up while nobody listened; his channel is not known any more, so his
 * visit is the id. */
static void
gave_up(struct freeswitch_calls *c, const struct freeswitch_row *row,
	int64_t since_ms, const struct tracker_now *now)
{
	int64_t left = freeswitch_ms(now, row->left_s);
	struct freeswitch_call *call;

	if (since_ms <= 0 || left <= since_ms || *row->member == '\0' ||
	    freeswitch_missed_of(&c->table, row->member) != NULL)
		return;
	call = freeswitch_caller_make(c, row->member, now);
	if (call == NULL || call->place == PLACE_ENDED)
		return;
	call->place = PLACE_LEFT;
	take_row(call, row, now);
	freeswitch_caller_ends(c, call, left, now);
	freeswitch_missed_add(&c->table, row->member, "");
}

void
freeswitch_calls_row(struct freeswitch_calls *c,
		     const struct freeswitch_row *row, int64_t since_ms,
		     const struct tracker_now *now)
{
	struct freeswitch_call *call =
	    freeswitch_table_member(&c->table, row->member);
	bool abandoned = strcmp(row->state, "Abandoned") == 0;

	if (*row->member == '\0')
		return;
	if (call == NULL && abandoned) {
		gave_up(c, row, since_ms, now);
	} else if (call == NULL && *row->session != '\0' &&
		   strcmp(row->state, "Answered") != 0) {
		call = freeswitch_caller_make(c, row->session, now);
		if (call == NULL)
			return;
		freeswitch_caller_joins(c, call, row->member, now);
		take_row(call, row, now);
	} else if (call != NULL && call->place == PLACE_QUEUE && abandoned) {
		call->place = PLACE_LEFT;
		take_row(call, row, now);
	} else if (call != NULL && strcmp(row->state, "Answered") == 0) {
		freeswitch_caller_talks(c, call, now->wall_ms, now);
	}
}

const char *
freeswitch_calls_unsure(const struct freeswitch_calls *c)
{
	const struct freeswitch_call *call;

	TAILQ_FOREACH(call, &c->table.all, all)
	{
		if (call->unsure && call->place != PLACE_ENDED)
			return call->session;
	}
	return NULL;
}

void
freeswitch_calls_sure(struct freeswitch_calls *c, const char *session,
		      bool lives, const struct tracker_now *now)
{
	struct freeswitch_call *call =
	    freeswitch_table_find(&c->table, session);

	if (call == NULL)
		return;
	if (!lives) {
		freeswitch_caller_ends(
		    c, call, call->left_ms > 0 ? call->left_ms : now->wall_ms,
		    now);
		freeswitch_table_remove(&c->table, call);
		return;
	}
	call->unsure = false;
	call->touched_mono_ms = now->mono_ms;
	TAILQ_REMOVE(&c->table.all, call, all);
	TAILQ_INSERT_TAIL(&c->table.all, call, all);
}
