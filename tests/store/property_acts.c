/* What agents do: they pull, they tell what came of it, they give back, move
 * on, take, and take back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/store/property_run.h"

#define WAIT_MS 60000

static int
any_agent(struct run *r)
{
	return (int)model_any(r->m, AGENTS);
}

static const char *
rank_text(const struct run *r, int agent)
{
	static const char *const ranks[] = { "0", "1", "2", "3" };

	return ranks[r->m->agents[agent].rank];
}

static void
begin(struct run *r, enum what what, int agent)
{
	r->step.what = what;
	r->step.agent = agent;
	model_saw(r->m, agent);
}

int64_t
step_any_item(struct run *r)
{
	const struct snapshot *s = r->before;

	return s->count == 0
		   ? 0
		   : s->things[model_any(r->m, (unsigned)s->count)].number;
}

static int64_t
any_open_item(struct run *r)
{
	for (int tries = 0; tries < 20; tries++) {
		int64_t number = step_any_item(r);
		struct thing *t = snapshot_find(r->before, number);

		if (t != NULL && thing_open(t))
			return number;
	}
	return 0;
}

/* Any of what he holds; not always what the hold began with. */
int64_t
step_held(struct run *r, int agent, int64_t *fence)
{
	const char *name = r->m->agents[agent].name;
	const struct entry *h = snapshot_entry(r->before, 'H', name);
	int64_t number = 0;

	if (h == NULL)
		return 0;
	*fence = strtoll(h->word[3], NULL, 10);
	number = strtoll(h->word[2], NULL, 10);
	for (int i = 0; i < r->before->count && model_chance(r->m, 300); i++) {
		const struct thing *t = &r->before->things[i];

		if (t->state == ST_HELD && strcmp(t->f[F_AGENT], name) == 0)
			return t->number;
	}
	return number;
}

static void
text_of(int64_t n, char buf[24])
{
	(void)snprintf(buf, 24, "%lld", (long long)n);
}

/* ---- next --------------------------------------------------------------- */

static bool
has_living_hold(const struct run *r, int agent)
{
	const struct entry *h =
	    snapshot_entry(r->before, 'H', r->m->agents[agent].name);

	return h != NULL && strtoll(h->word[5], NULL, 10) > r->site->now_ms;
}

void
step_next(struct run *r)
{
	int agent = any_agent(r);
	const struct agent *a = &r->m->agents[agent];
	const struct entry *h = snapshot_entry(r->before, 'H', a->name);
	bool living = has_living_hold(r, agent);
	bool waits = model_chance(r->m, 300);
	int64_t number;

	run_note(r, "%s next%s", a->name, waits ? " and waits" : "");
	/* Who asks for his next one has ended his pause. */
	r->m->agents[agent].paused = false;
	begin(r, DID_NEXT, agent);
	r->step.reply = site_call(r->site, "next", a->name, a->groups,
				  model_chance(r->m, 500) ? "d1" : "d2",
				  waits ? "60000" : "0", NULL); /* WAIT_MS */
	number = reply_is(r->step.reply, "held")
		     ? reply_int(r->step.reply, "item", "number")
		     : 0;
	if (reply_is(r->step.reply, "parked"))
		r->waits_until[agent] = r->site->now_ms + WAIT_MS;
	r->step.sought = !living;
	r->step.handed = living ? 0 : number;
	if (living && number != strtoll(h->word[2], NULL, 10))
		run_fail(r, NULL, "%s holds %s and gets %lld", a->name,
			 h->word[2], (long long)number);
	r->handed += r->step.handed != 0;
}

/* ---- outcomes ----------------------------------------------------------- */

static const char *
any_code(struct run *r)
{
	static const char *const codes[] = {
		"done",       "done",  "done",      "no-answer",
		"no-answer",  "busy",  "voicemail", "reached",
		"later",      "later", "declined",  "bad-number",
		"never-call", "odd"
	};

	return codes[model_any(r->m, sizeof codes / sizeof *codes)];
}

static bool
is_never(const struct run *r, const struct remembered *u)
{
	return (u->phone >= 0 && r->m->never_phone[u->phone]) ||
	       (u->customer >= 0 && r->m->customers[u->customer].exists &&
		r->m->customers[u->customer].never);
}

static void
remember(struct run *r, int agent, int64_t number, const char *code)
{
	const struct thing *b = snapshot_find(r->before, number);
	struct remembered *u = &r->undo[agent];

	if (b == NULL)
		return;
	*u = (struct remembered){ .is = true,
				  .number = number,
				  .base = b->base,
				  .target = b->target,
				  .queue = b->queue,
				  .aged = thing_ages(b),
				  .share = b->share,
				  .promised = has(b->f[F_PROMISE]),
				  .phone = model_phone(b->f[F_PHONE]),
				  .customer = model_customer(reply_get(
				      r->step.reply, "done", "customer")) };
	if (strcmp(code, "never-call") == 0)
		u->marks = !is_never(r, u);
}

static void
mark_never(struct run *r, const struct remembered *u, bool on)
{
	if (u->phone >= 0)
		r->m->never_phone[u->phone] = on;
	if (u->customer >= 0 && r->m->customers[u->customer].exists)
		r->m->customers[u->customer].never = on;
}

/* In time or late: it counted. */
static bool
counted(const struct run *r)
{
	return reply_is(r->step.reply, "ok") || reply_is(r->step.reply, "late");
}

/* What goes with an outcome. */
struct report {
	const char *name, *groups, *rank, *code;
	char id[24], fence[24], at[24];
	bool next, anyone;
};

static struct reply *
send_outcome(struct run *r, const struct report *o)
{
	return site_call(r->site, "outcome", o->name, o->groups, o->rank, o->id,
			 o->fence, o->code, "at", o->at, "anyone",
			 o->anyone ? "1" : "", "next", o->next ? "1" : "",
			 "note", "words", NULL);
}

/* What he has, or what he had: late, and perhaps another's by now. */
static int64_t
choose_item(struct run *r, int agent, int64_t *fence)
{
	int64_t number = step_held(r, agent, fence);

	if (number == 0 || model_chance(r->m, 60)) {
		*fence = 0;
		number = step_any_item(r);
	}
	return number;
}

/* An agent's outcome counts only while nobody else has the customer. */
static void
check_his(const struct run *r, int agent, int64_t number)
{
	const struct thing *b = snapshot_find(r->before, number);
	const char *name = r->m->agents[agent].name;
	const struct entry *holder =
	    b == NULL ? NULL : snapshot_entry(r->before, 'O', b->f[F_PERSON]);

	if (r->m->agents[agent].rank < 2 && holder != NULL &&
	    strcmp(holder->word[1], name) != 0)
		run_fail(r, b, "%s acted on it, %s has the customer", name,
			 holder->word[1]);
}

static void
note_outcome(struct run *r, int agent, const struct report *o, int64_t number)
{
	r->step.number = number;
	if (!counted(r))
		return;
	check_his(r, agent, number);
	remember(r, agent, number, o->code);
	if (strcmp(o->code, "never-call") == 0)
		mark_never(r, &r->undo[agent], true);
	if (o->next &&
	    strcmp(reply_get(r->step.reply, "next", "word"), "held") != 0)
		r->step.sought = true;
}

/* The order was asked again only if the outcome ended the hold. */
static void
note_following(struct run *r, int agent, const struct report *o)
{
	int64_t next = reply_int(r->step.reply, "item", "number");
	int64_t fence = reply_int(r->step.reply, "item", "fence");
	const struct entry *h =
	    snapshot_entry(r->before, 'H', r->m->agents[agent].name);

	if (!o->next ||
	    strcmp(reply_get(r->step.reply, "next", "word"), "held") != 0)
		return;
	if (h != NULL && fence == strtoll(h->word[3], NULL, 10))
		return;
	r->step.sought = true;
	r->step.handed = next;
	r->handed++;
}

/* Lost replies: the same request again must say the same and do nothing. */
static void
send_again(struct run *r, const struct report *o)
{
	static const struct {
		const char *section, *field;
	} same[] = { { "done", "state" },  { "done", "number" },
		     { "done", "tries" },  { "done", "try_at" },
		     { "done", "reason" }, { "next", "word" },
		     { "item", "number" }, { "item", "fence" } };
	struct reply *again;

	if (strcmp(o->code, "reached") == 0 || o->fence[0] == '\0' ||
	    !model_chance(r->m, 300))
		return;
	again = send_outcome(r, o);
	if (!reply_is(again, "repeated"))
		run_fail(r, NULL, "told again: %s", reply_word(again));
	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		const char *was =
		    reply_get(r->step.reply, same[i].section, same[i].field);
		const char *is =
		    reply_get(again, same[i].section, same[i].field);

		if (strcmp(was, is) != 0)
			run_fail(r, NULL, "told again: %s %s %s instead of %s",
				 same[i].section, same[i].field, is, was);
	}
}

void
step_outcome(struct run *r)
{
	int agent = any_agent(r);
	int64_t fence = 0, number = choose_item(r, agent, &fence);
	struct report o = { .name = r->m->agents[agent].name,
			    .groups = r->m->agents[agent].groups,
			    .rank = rank_text(r, agent),
			    .code = any_code(r),
			    .next = model_chance(r->m, 400),
			    .anyone = model_chance(r->m, 300) };

	if (number == 0)
		return;
	text_of(number, o.id);
	if (fence != 0 && !model_chance(r->m, 200))
		text_of(model_chance(r->m, 30) ? fence - 1 : fence, o.fence);
	text_of(r->site->now_ms - 60000 + model_any(r->m, 10800000), o.at);
	run_note(r, "%s outcome %s of %s fence %s%s", o.name, o.code, o.id,
		 o.fence, o.next ? " and next" : "");
	begin(r, DID_OUTCOME, agent);
	r->step.reply = send_outcome(r, &o);
	note_outcome(r, agent, &o, number);
	if (!counted(r))
		return;
	note_following(r, agent, &o);
	send_again(r, &o);
}

/* ---- the rest ----------------------------------------------------------- */

void
step_take(struct run *r)
{
	int agent = any_agent(r);
	const struct agent *a = &r->m->agents[agent];
	int64_t number = any_open_item(r);
	char id[24];

	if (number == 0)
		return;
	text_of(number, id);
	run_note(r, "%s takes %s", a->name, id);
	begin(r, DID_TAKE, agent);
	r->step.number = number;
	r->step.reply = site_call(r->site, "hold", a->name, a->groups,
				  rank_text(r, agent), id, NULL);
}

/* What somebody does with what another holds, nobody takes back. */
static void
did(struct run *r, int agent, int owner, int64_t number, const char *what)
{
	if (owner == agent) {
		remember(r, agent, number, what);
		return;
	}
	r->undo[agent].is = false;
	if (owner >= 0)
		r->undo[owner].is = false;
}

void
step_release(struct run *r)
{
	int agent = any_agent(r), owner = agent;
	int64_t fence, number = step_held(r, agent, &fence);
	struct thing *t;
	char id[24];

	if (model_chance(r->m, 100))
		number = any_open_item(r);
	if (number == 0)
		return;
	text_of(number, id);
	run_note(r, "%s releases %s", r->m->agents[agent].name, id);
	t = snapshot_find(r->before, number);
	begin(r, DID_RELEASE, agent);
	r->step.reply = site_call(r->site, "release", r->m->agents[agent].name,
				  r->m->agents[agent].groups,
				  rank_text(r, agent), id, "not for me", NULL);
	if (reply_is(r->step.reply, "ok") && t != NULL) {
		owner = model_agent(t->f[F_AGENT]);
		did(r, agent, owner, number, "release");
	}
}

static const char *
any_place(struct run *r)
{
	unsigned n = model_any(r->m, 100);

	if (n < 45)
		return r->m->queues[model_any(r->m, QUEUES)].name;
	if (n < 75)
		return r->m->agents[model_any(r->m, AGENTS)].name;
	return n < 97 ? "up" : "nowhere";
}

void
step_move(struct run *r)
{
	int agent = any_agent(r);
	int64_t fence, number = step_held(r, agent, &fence);
	const char *to = any_place(r);
	struct thing *t;
	char id[24];

	if (model_chance(r->m, 300))
		number = any_open_item(r);
	if (number == 0)
		return;
	text_of(number, id);
	run_note(r, "%s moves %s to %s", r->m->agents[agent].name, id, to);
	t = snapshot_find(r->before, number);
	begin(r, DID_MOVE, agent);
	r->step.reply = site_call(r->site, "move", r->m->agents[agent].name,
				  r->m->agents[agent].groups,
				  rank_text(r, agent), id, to, "", NULL);
	if (reply_is(r->step.reply, "ok") && t != NULL)
		did(r, agent,
		    t->state == ST_HELD ? model_agent(t->f[F_AGENT]) : -1,
		    number, "move");
}

void
step_undo(struct run *r)
{
	int agent = any_agent(r);
	const struct agent *a = &r->m->agents[agent];
	struct remembered *u = &r->undo[agent];
	int64_t number;

	run_note(r, "%s undo (%lld)", a->name, (long long)u->number);
	begin(r, DID_UNDO, agent);
	r->step.reply = site_call(r->site, "undo", a->name, a->groups, NULL);
	if (!reply_is(r->step.reply, "held"))
		return;
	number = reply_int(r->step.reply, "item", "number");
	if (!u->is || u->number != number)
		run_fail(r, NULL, "%s took back %lld instead of %lld", a->name,
			 (long long)number, (long long)u->number);
	r->step.number = number;
	if (u->marks)
		mark_never(r, u, false);
	u->is = false;
}

void
step_small(struct run *r)
{
	int agent = any_agent(r);
	const struct agent *a = &r->m->agents[agent];
	int64_t number = step_any_item(r);
	char id[24];

	if (number == 0)
		return;
	text_of(number, id);
	if (model_chance(r->m, 500)) {
		run_note(r, "%s note on %s", a->name, id);
		begin(r, DID_NOTE, agent);
		r->step.reply = site_call(r->site, "note", a->name, a->groups,
					  id, "a note", NULL);
		/* From here on it is the note that undo takes back. */
		r->undo[agent].is = false;
	} else {
		run_note(r, "%s extend", a->name);
		begin(r, DID_EXTEND, agent);
		r->step.reply =
		    site_call(r->site, "extend", a->name, a->groups, NULL);
	}
	r->step.nothing_changed = true;
}
