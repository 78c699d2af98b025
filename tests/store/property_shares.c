/* An item owns its share: it grows with the clock of its queue while the item
 * ages, stands still while it is put off, and no transition changes it, but
 * for the three that say so (a retry that comes due, an appointment, undo). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/store/property_run.h"

#define ROUNDED 6 /* ms: each leave and enter may round one up */
#define TINY 1e-9

double
share_now(const struct run *r, const struct thing *t)
{
	if (!thing_ages(t))
		return t->share;
	return (double)(r->m->queues[t->queue].clock - t->base) /
	       (double)t->target;
}

static double
retried(const struct run *r, const struct thing *t)
{
	(void)t;
	return r->m->retry_share;
}

static double
appointed(const struct run *r, const struct thing *t)
{
	double target = (double)r->m->queues[t->queue].target[t->tier][t->kind];

	return 1 - APPOINTMENT_MS / fmax(target, APPOINTMENT_MS);
}

static bool
came_due(const struct run *r, const struct thing *b, const struct thing *t)
{
	return r->step.what == DID_TICK && b->state == ST_SCHEDULED &&
	       b->due <= r->site->now_ms && t->rev != b->rev;
}

/* The share that the item must have, by what it had before the step. */
static double
expected(const struct run *r, const struct thing *b, const struct thing *t)
{
	if (came_due(r, b, t) && strcmp(b->f[F_WHY], "retry") == 0)
		return retried(r, t);
	if (came_due(r, b, t) && strcmp(b->f[F_WHY], "appointment") == 0)
		return appointed(r, t);
	if (r->step.what == DID_UNDO && r->step.number == t->number) {
		const struct remembered *u = &r->undo[r->step.agent];

		if (!u->aged)
			return u->share;
		return (double)(r->m->queues[u->queue].clock - u->base) /
		       (double)u->target;
	}
	return share_now(r, b);
}

/* A step may lead through several tiers: what is rounded up by a millisecond of
 * a short target is more of the share. */
static double
rounding(const struct run *r, const struct thing *b, const struct thing *t)
{
	double least = (double)(b->target < t->target ? b->target : t->target);

	for (int tier = 0; tier < TIERS; tier++)
		least =
		    fmin(least,
			 (double)r->m->queues[t->queue].target[tier][t->kind]);
	return ROUNDED / least;
}

static void
check_share(const struct run *r, const struct thing *b, const struct thing *t)
{
	double right = expected(r, b, t), is = share_now(r, t);
	double most = right + rounding(r, b, t);

	if (is < right - TINY)
		run_fail(r, t, "its share fell from %.9f to %.9f", right, is);
	if (is > most + TINY)
		run_fail(r, t, "its share rose from %.9f to %.9f", right, is);
}

static void
check_told(const struct run *r, const struct thing *b, const struct thing *t)
{
	if (t->told < b->told)
		run_fail(r, t, "told fell from %g to %g", b->told, t->told);
	if (t->told > b->told && t->told > share_now(r, t) + TINY &&
	    !came_due(r, b, t))
		run_fail(r, t, "was told of %g at %g", t->told,
			 share_now(r, t));
}

static void
check_settled(const struct run *r, const struct thing *b, const struct thing *t)
{
	double share = share_now(r, b);
	const char *right = share <= 1 ? "kept" : "broken";

	if (r->step.what != DID_OUTCOME || r->step.number != t->number)
		run_fail(r, t, "its promise is settled by no outcome");
	if (fabs(share - 1) * (double)t->target > ROUNDED &&
	    strcmp(t->f[F_PROMISE], right) != 0)
		run_fail(r, t, "is %s with a share of %.6f", t->f[F_PROMISE],
			 share);
}

static void
check_promise(const struct run *r, const struct thing *b, const struct thing *t)
{
	const char *was = b->f[F_PROMISE], *is = t->f[F_PROMISE];

	if (r->step.what == DID_UNDO && r->step.number == t->number) {
		if (has(is) != r->undo[r->step.agent].promised)
			run_fail(r, t, "undo left the promise %s", is);
		return;
	}
	if (strcmp(was, is) == 0 &&
	    strcmp(b->f[F_PROMISE_AT], t->f[F_PROMISE_AT]) == 0)
		return;
	if (has(was))
		run_fail(r, t, "its promise is told twice: %s, %s", was, is);
	check_settled(r, b, t);
}

/* A new item has used what its queue was open since the event's own time. */
static void
check_new(const struct run *r, const struct thing *t)
{
	const struct queue *q = &r->m->queues[t->queue];
	int64_t now = r->site->now_ms, since = r->step.event_time;
	double right;

	if (r->step.what != DID_EVENT)
		run_fail(r, t, "came out of nothing");
	if (t->number <= r->most_number)
		run_fail(r, t, "a number is given twice");
	if (since > now)
		since = now;
	if (since < now - 7 * SITE_DAY)
		since = now - 7 * SITE_DAY;
	right = (double)model_open_ms(model_hours(r->m, t->queue), since, now) /
		(double)q->target[t->tier][t->kind];
	if (t->state == ST_SCHEDULED && strcmp(t->f[F_WHY], "appointment") == 0)
		right = 0;
	if (t->target != q->target[t->tier][t->kind])
		run_fail(r, t, "has the target of something else");
	if (fabs(share_now(r, t) - right) * (double)t->target > ROUNDED)
		run_fail(r, t, "enters with %.6f instead of %.6f",
			 share_now(r, t), right);
}

static void
check_gone(const struct run *r, const struct thing *b)
{
	double closed =
	    has(b->f[F_CLOSED_AT]) ? strtod(b->f[F_CLOSED_AT], NULL) : 0;

	if (b->state != ST_CLOSED || r->step.what != DID_TICK ||
	    closed > (double)(r->site->now_ms - KEEP_MS))
		run_fail(r, b, "is gone");
}

void
check_shares(struct run *r)
{
	struct snapshot *s = r->after;

	for (int i = 0; i < s->count; i++) {
		const struct thing *t = &s->things[i];
		const struct thing *b = snapshot_find(r->before, t->number);

		if (b == NULL) {
			check_new(r, t);
			continue;
		}
		if (r->step.nothing_changed && t->rev != b->rev)
			run_fail(r, t, "changed, and nothing was to change");
		if (t->rev < b->rev)
			run_fail(r, t, "went back to an older record");
		check_share(r, b, t);
		check_told(r, b, t);
		check_promise(r, b, t);
	}
	for (int i = 0; i < r->before->count; i++) {
		const struct thing *b = &r->before->things[i];

		if (snapshot_find(s, b->number) == NULL)
			check_gone(r, b);
	}
}

/* ---- the log ------------------------------------------------------------- */

#define STATE(id, name) MOVED_##id,
#define MOVE(from, to)
enum {
	MOVED_NONE = -1,
#include "daemon/policy/states.def"
	MOVED_STATES
};
#undef STATE
#undef MOVE

static bool
may_move(int from, int to)
{
	static const signed char moves[][2] = {
#define STATE(id, name)
#define MOVE(from, to) { MOVED_##from, MOVED_##to },
#include "daemon/policy/states.def"
#undef STATE
#undef MOVE
	};

	for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
		if (moves[i][0] == from && moves[i][1] == to)
			return true;
	}
	return false;
}

static int
state_named(const char *name)
{
	for (int i = 0; i < STATES; i++) {
		if (strcmp(state_names[i], name) == 0)
			return i;
	}
	return -1;
}

static void
check_alert(struct run *r, const struct entry *e, int64_t number)
{
	const struct thing *b = snapshot_find(r->before, number);
	const char *what = e->word[4];
	bool by_share =
	    strcmp(what, "broken") == 0 || strcmp(what, "at-risk") == 0;

	if (!by_share)
		return;
	if (has(e->word[6]) || (b != NULL && has(b->f[F_PROMISE])))
		run_fail(r, b, "%s is told after the promise was settled",
			 what);
	if (strcmp(what, "broken") != 0)
		return;
	if (strtod(e->word[5], NULL) < 100)
		run_fail(r, b, "broken is told at %s %%", e->word[5]);
	if (++r->broken[number - 1000] > 1)
		run_fail(r, b, "broken is told twice");
}

static void
check_entry(struct run *r, const struct entry *e)
{
	int64_t number = (int64_t)strtoll(e->word[1], NULL, 10);
	int state = state_named(e->word[2]), from = state_named(e->word[3]);

	if (number == 0)
		return;
	if (state < 0)
		run_fail(r, NULL, "log entry %s of %lld names no state",
			 e->word[0], (long long)number);
	if (from >= 0 && !may_move(from, state))
		run_fail(r, NULL, "item %lld moved from %s to %s",
			 (long long)number, e->word[3], e->word[2]);
	r->logged[number - 1000] = (signed char)state;
	if (strcmp(e->word[0], "alert") == 0)
		check_alert(r, e, number);
}

/* Who reads the log alone knows the state of every item. */
void
check_log(struct run *r)
{
	for (int i = 0; i < r->after->entry_count; i++) {
		if (r->after->entries[i].tag == 'G')
			check_entry(r, &r->after->entries[i]);
	}
	for (int i = 0; i < r->after->count; i++) {
		const struct thing *t = &r->after->things[i];

		if (r->logged[t->number - 1000] != (signed char)t->state)
			run_fail(r, t, "the log has it as %s",
				 state_names[(int)r->logged[t->number - 1000]]);
	}
}
