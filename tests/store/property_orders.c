/* Who is next and who may pull, once more and by other means: by brute force
 * over all that wait. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/store/property_run.h"

/* ---- who may pull ------------------------------------------------------- */

static const struct customer *
customer_of(const struct run *r, const struct thing *t)
{
	int k = model_customer(t->f[F_CUSTOMER]);

	return k >= 0 && r->m->customers[k].exists ? &r->m->customers[k] : NULL;
}

static bool
agent_on_duty(const struct run *r, const char *name)
{
	int a = model_agent(name);

	return a >= 0 && model_on_duty(r->m, a);
}

static const char *
own_agent(const struct run *r, const struct thing *t, double share, int step)
{
	const struct ladder_steps *l = &ladders[r->m->queues[t->queue].ladder];
	const struct customer *c = customer_of(r, t);

	if (has(t->f[F_GIVEN]) && share < t->given_until)
		return t->f[F_GIVEN];
	if (step >= 0 && strcmp(l->steps[step].to, "own-agent") == 0 &&
	    c != NULL && c->agent >= 0)
		return r->m->agents[c->agent].name;
	return "";
}

static bool
refused(const struct run *r, const struct thing *t, int agent)
{
	const struct snapshot *s = r->after;

	for (int i = 0; i < s->entry_count; i++) {
		const struct entry *e = &s->entries[i];

		if (e->tag == 'R' &&
		    strcmp(e->word[0], r->m->agents[agent].name) == 0 &&
		    strtoll(e->word[1], NULL, 10) == t->number)
			return strtod(e->word[2], NULL) >
			       (double)r->site->now_ms;
	}
	return false;
}

/* On duty, and has not just given the item back. */
static bool
agent_would(const struct run *r, const char *name, const struct thing *t)
{
	int a = model_agent(name);

	return a >= 0 && model_on_duty(r->m, a) && !refused(r, t, a);
}

static bool
group_would(const struct run *r, const char *group, const struct thing *t)
{
	for (int i = 0; i < AGENTS; i++)
		if (model_in_group(r->m, i, group) &&
		    model_on_duty(r->m, i) && !refused(r, t, i))
			return true;
	return false;
}

static void
pool_of(const struct run *r, const struct thing *t, double share, char buf[64])
{
	const struct ladder_steps *l = &ladders[r->m->queues[t->queue].ladder];
	const char *own;
	int at = -1;

	for (int i = 0; i < l->count; i++)
		at = share >= l->steps[i].at ? i : at;
	if (has(t->f[F_UP]) && group_would(r, t->f[F_UP], t)) {
		(void)snprintf(buf, 64, "group=%s", t->f[F_UP]);
		return;
	}
	if (has(t->f[F_APPOINTMENT]) && has(t->f[F_GIVEN]) && share < 1 &&
	    agent_would(r, t->f[F_GIVEN], t)) {
		(void)snprintf(buf, 64, "appt=%s", t->f[F_GIVEN]);
		return;
	}
	own = own_agent(r, t, share, at);
	if (has(own) && agent_would(r, own, t)) {
		(void)snprintf(buf, 64, "own=%s", own);
		return;
	}
	for (; at >= 0 && at < l->count; at++) {
		const struct ladder_step *step = &l->steps[at];
		bool own_step = strcmp(step->to, "own-agent") == 0;

		if (strcmp(step->to, "agents") == 0 || !step->only ||
		    (has(t->f[F_PROMISE]) && !own_step))
			break;
		if (!own_step && group_would(r, step->to, t)) {
			(void)snprintf(buf, 64, "group=%s", step->to);
			return;
		}
	}
	(void)snprintf(buf, 64, "agents");
}

static void
class_of(const struct run *r, const struct thing *t, double share,
	 char buf[200])
{
	int64_t target = r->m->queues[t->queue].target[t->tier][t->kind];
	char pool[64];

	pool_of(r, t, share, pool);
	(void)snprintf(
	    buf, 200, "%s|%s|%s|%s|%d|%lld|%s", t->f[F_QUEUE], pool,
	    t->f[F_TIER], t->f[F_KIND], t->severity,
	    (long long)(has(t->f[F_APPOINTMENT]) ? t->target : target),
	    has(t->f[F_PROMISE]) ? "kept" : "open");
}

/* The record and the class agree on what the order looks at. */
static void
check_alike(const struct run *r, const struct thing *t)
{
	const char *pool_end = strchr(strchr(t->f[F_CLASS], '|') + 1, '|');
	char class[200];

	(void)snprintf(class, sizeof class, "|%s|%s|%d|%lld|%s", t->f[F_TIER],
		       t->f[F_KIND], t->severity, (long long)t->target,
		       has(t->f[F_PROMISE]) ? "kept" : "open");
	if (strcmp(pool_end, class) != 0)
		run_fail(r, t, "waits in %s and is %s", t->f[F_CLASS], class);
}

/* An item that has just begun to wait does so where it belongs. */
static void
check_class(const struct run *r, const struct thing *t)
{
	char right[200], other[200];
	double share = share_now(r, t);

	class_of(r, t, share, right);
	class_of(r, t, share - 2.0 / (double)t->target, other);
	if (strcmp(t->f[F_CLASS], right) != 0 &&
	    strcmp(t->f[F_CLASS], other) != 0)
		run_fail(r, t, "waits in %s instead of %s", t->f[F_CLASS],
			 right);
}

/* It may be rung now, and until when is known. */
static void
check_window(const struct run *r, const struct thing *t)
{
	const struct calendar *c;
	int64_t ends;

	if (!has(t->f[F_WINDOW]))
		return;
	c = model_calendar(r->m, t->f[F_WINDOW]);
	if (c == NULL || !c->known || !model_open(c, r->site->now_ms, &ends))
		run_fail(r, t, "begins to wait outside its calling window");
	if (strtod(t->f[F_ENDS_AT], NULL) != (double)ends)
		run_fail(r, t, "its calling window ends at another time");
}

static void
check_whose(const struct run *r, const struct thing *t)
{
	const struct customer *c = customer_of(r, t);
	char person[64];

	if (c != NULL && t->state != ST_HELD && model_tier_of(c) != t->tier)
		run_fail(r, t, "has not the tier of its customer");
	if ((c != NULL && c->shared) ||
	    (!has(t->f[F_CUSTOMER]) && !has(t->f[F_PHONE])))
		(void)snprintf(person, sizeof person, "n:%lld",
			       (long long)t->number);
	else if (has(t->f[F_CUSTOMER]))
		(void)snprintf(person, sizeof person, "c:%s", t->f[F_CUSTOMER]);
	else
		(void)snprintf(person, sizeof person, "p:%s", t->f[F_PHONE]);
	if (t->state != ST_HELD && strcmp(person, t->f[F_PERSON]) != 0)
		run_fail(r, t, "is of person %s instead of %s", t->f[F_PERSON],
			 person);
}

/* What is to be looked at on the ladder is on it, in time. */
static void
check_ladder(const struct run *r, const struct thing *t)
{
	const struct ladder_steps *l = &ladders[r->m->queues[t->queue].ladder];
	double share = share_now(r, t), next = -1;

	for (int i = l->count - 1; i >= 0; i--) {
		const struct ladder_step *step = &l->steps[i];
		bool untold = step->at > t->told && has(step->alert) &&
			      !has(t->f[F_PROMISE]);

		if (step->at > share)
			next = step->at;
		else if (untold)
			next = share;
	}
	if (next < 0)
		return;
	if (t->in_ladder == 0)
		run_fail(r, t, "is not looked at when it has used %g", next);
	if (t->ladder_score > (double)t->base + next * (double)t->target + 2)
		run_fail(r, t, "is looked at too late for %g", next);
}

/* After a tick that got through, nothing is left to do. */
static void
check_settled(const struct run *r, const struct thing *t)
{
	const struct ladder_steps *l = &ladders[r->m->queues[t->queue].ladder];
	int64_t now = r->site->now_ms;
	char pool[64];
	const char *name = NULL;

	if (t->state == ST_SCHEDULED && t->due <= now)
		run_fail(r, t, "is due and still put off");
	if (t->state == ST_WAITING && t->in_windows > 0 &&
	    t->windows_score <= (double)now)
		run_fail(r, t, "waits after its calling window");
	for (int i = 0; i < l->count && thing_ages(t); i++) {
		const struct ladder_step *step = &l->steps[i];

		if (has(step->alert) && !has(t->f[F_PROMISE]) &&
		    share_now(r, t) > step->at + 2.0 / (double)t->target &&
		    t->told < step->at)
			run_fail(r, t, "was not told of at %g", step->at);
	}
	if (t->state != ST_WAITING)
		return;
	(void)snprintf(pool, sizeof pool, "%s", strchr(t->f[F_CLASS], '|') + 1);
	*strchr(pool, '|') = '\0';
	name = strchr(pool, '=');
	if (name == NULL)
		return;
	if (*pool == 'g' ? !model_group_on_duty(r->m, name + 1)
			 : !agent_on_duty(r, name + 1))
		run_fail(r, t, "waits for somebody who is off duty");
}

/* ---- who is next -------------------------------------------------------- */

struct rank {
	int line; /* 0 his appointment, 1 escalated, 2 served; 3 not for him */
	double priority, rate;
	int64_t number;
};

static double
reached_by(const struct run *r, int queue, const char *group)
{
	const struct ladder_steps *l = &ladders[r->m->queues[queue].ladder];

	for (int i = 0; i < l->count; i++) {
		if (strcmp(l->steps[i].to, group) == 0)
			return l->steps[i].at;
	}
	return -1;
}

static bool
escalated_to(const struct run *r, const struct thing *t, int agent,
	     const char *pool, double share)
{
	static const char *const groups[] = { "leads", "bosses" };

	for (int i = 0; i < 2; i++) {
		double least = reached_by(r, t->queue, groups[i]);

		if (!model_in_group(r->m, agent, groups[i]))
			continue;
		if (strncmp(pool, "group=", 6) == 0 &&
		    strcmp(pool + 6, groups[i]) == 0)
			return true;
		if (strcmp(pool, "agents") == 0 && least >= 0 &&
		    share >= least && !has(t->f[F_PROMISE]))
			return true;
	}
	return false;
}

static struct rank
rank_of(const struct run *r, const struct thing *t, int agent, const char *pool)
{
	double factor = r->m->agents[agent].factor[t->queue];
	double share = share_now(r, t);
	double weight =
	    r->m->weight[t->tier] * severity_weights[t->severity - 1];
	const char *name = r->m->agents[agent].name;
	const char *is = strchr(pool, '=');
	bool his = is != NULL && strcmp(is + 1, name) == 0 && *pool != 'g';
	struct rank rank = { 3, 0, 0, t->number };

	if (his && *pool == 'a')
		rank.line = 0;
	else if (!model_queue_open(r->m, t->queue))
		return rank;
	else if (escalated_to(r, t, agent, pool, share))
		rank.line = 1;
	else if (his || (factor > 0 && strcmp(pool, "agents") == 0))
		rank.line = 2;
	if (rank.line != 2 || factor <= 0)
		factor = 1;
	rank.priority = weight * share * factor;
	rank.rate = weight / (double)t->target * factor;
	return rank;
}

static void
pool_in(const char *class, char buf[64])
{
	const char *from = strchr(class, '|') + 1;

	(void)snprintf(buf, 64, "%.*s", (int)strcspn(from, "|"), from);
}

static bool
before(const struct rank *a, const struct rank *b, double slack)
{
	if (a->line != b->line)
		return a->line < b->line;
	if (a->priority > b->priority + slack)
		return true;
	if (a->priority < b->priority - slack || slack > 0)
		return false;
	if (a->rate > b->rate * (1 + 1e-12))
		return true;
	if (a->rate < b->rate * (1 - 1e-12))
		return false;
	return a->number < b->number;
}

static void
check_callable(const struct run *r, const struct thing *t)
{
	int phone = model_phone(t->f[F_PHONE]);
	const struct customer *c = customer_of(r, t);
	const struct calendar *w = model_calendar(r->m, t->f[F_WINDOW]);

	if ((phone >= 0 && r->m->never_phone[phone]) || (c != NULL && c->never))
		run_fail(r, t, "is never to be called and was handed out");
	if (w != NULL && !model_open(w, r->site->now_ms, NULL))
		run_fail(r, t, "was handed out outside its calling window");
}

/* The rank of what was handed out, from before it was. */
static struct rank
rank_handed(const struct run *r, const struct thing *t, double *slack)
{
	const struct thing *b = snapshot_find(r->before, t->number);
	char pool[64];

	if (b != NULL && b->state == ST_WAITING && b->rev + 1 == t->rev) {
		*slack = 0;
		pool_in(b->f[F_CLASS], pool);
		return rank_of(r, b, r->step.agent, pool);
	}
	/* It came back within the same call: its score is off by a rounding. */
	*slack = 3 * 64.0 / (double)t->target;
	pool_of(r, t, share_now(r, t), pool);
	return rank_of(r, t, r->step.agent, pool);
}

static void
check_choice(const struct run *r)
{
	const struct thing *t = snapshot_find(r->after, r->step.handed);
	struct rank handed = { 4, 0, 0, 0 };
	double slack = 0;

	if (r->step.handed != 0) {
		if (t == NULL || t->state != ST_HELD)
			run_fail(r, t, "was handed out and is not held");
		check_callable(r, t);
		if (refused(r, t, r->step.agent))
			run_fail(r, t, "was given back by whom it comes to");
		handed = rank_handed(r, t, &slack);
		if (handed.line == 3 && slack == 0)
			run_fail(r, t, "was handed out to one it is not for");
	}
	for (int i = 0; i < r->after->count; i++) {
		const struct thing *o = &r->after->things[i];
		char pool[64];
		struct rank rank;

		if (o->state != ST_WAITING || refused(r, o, r->step.agent))
			continue;
		pool_in(o->f[F_CLASS], pool);
		rank = rank_of(r, o, r->step.agent, pool);
		if (rank.line < 3 && r->step.handed == 0)
			run_fail(r, o, "waits for one who was told: nothing");
		if (rank.line < 3 && before(&rank, &handed, slack))
			run_fail(
			    r, o,
			    "comes before %lld (%d %.9g %.9g, %d %.9g %.9g)",
			    (long long)handed.number, rank.line, rank.priority,
			    rank.rate, handed.line, handed.priority,
			    handed.rate);
	}
}

static int
named_agents(const struct run *r)
{
	int n = 0;

	for (int i = 0; i < r->after->entry_count; i++)
		n += r->after->entries[i].tag == 'M' ? 1 : 0;
	return n;
}

static int
items_for(const struct run *r, int agent)
{
	int n = 0;

	for (int i = 0; i < r->after->count; i++) {
		const struct thing *t = &r->after->things[i];
		char pool[64];

		if (t->state != ST_WAITING || refused(r, t, agent))
			continue;
		pool_in(t->f[F_CLASS], pool);
		n += rank_of(r, t, agent, pool).line < 3 ? 1 : 0;
	}
	return n;
}

/* Nobody waits for what is there: at each tick one who waits is named for each
 * item that he could have. */
static void
check_waiters(const struct run *r)
{
	for (int a = 0; a < AGENTS; a++) {
		const char *name = r->m->agents[a].name;

		if (snapshot_entry(r->after, 'A', name) == NULL ||
		    snapshot_entry(r->after, 'M', name) != NULL ||
		    r->waits_until[a] <= r->site->now_ms)
			continue;
		if (items_for(r, a) > named_agents(r))
			run_fail(r, NULL, "%s waits, %d are there for him",
				 name, items_for(r, a));
	}
}

void
check_orders(struct run *r)
{
	bool settled =
	    r->step.what == DID_TICK && strcmp(r->step.word, "ok") == 0;

	if (r->step.sought)
		check_choice(r);
	if (settled)
		check_waiters(r);
	for (int i = 0; i < r->after->count; i++) {
		const struct thing *t = &r->after->things[i];
		const struct thing *b = snapshot_find(r->before, t->number);
		bool entered = b == NULL || b->state != ST_WAITING ||
			       strcmp(b->f[F_CLASS], t->f[F_CLASS]) != 0;

		if (thing_open(t))
			check_whose(r, t);
		if (t->state == ST_WAITING)
			check_alike(r, t);
		if (t->state == ST_WAITING && entered) {
			check_class(r, t);
			check_window(r, t);
		}
		if (thing_ages(t))
			check_ladder(r, t);
		if (settled && thing_open(t))
			check_settled(r, t);
	}
}
