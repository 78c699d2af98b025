#include "tests/torture/agents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/policy/when.h"
#include "tests/torture/dice.h"
#include "tests/torture/ledger.h"
#include "tests/torture/world.h"

#define LIMIT_MS 4000
#define WAIT_S 2
#define AGAIN_MS 150
#define LATE_MS 8000 /* nothing is frozen for longer */

enum doing { PULLING, THINKING, ACTING, FORGETTING };

struct one {
	struct agents *all;
	size_t number;
	struct face face;
	struct dice dice;
	enum doing doing;
	int64_t next_ms;
	size_t act; /* in the ledger: while ACTING */
	/* What he holds, and what he did last. */
	int64_t held, fence, until_ms, finished;
};

struct agents {
	struct world *world;
	struct ledger *ledger;
	struct one one[AGENTS];
	bool tidy, stopped;
};

struct agents *
agents_new(struct world *w, struct ledger *l, uint64_t seed)
{
	struct agents *s = text_alloc(sizeof *s);

	s->world = w;
	s->ledger = l;
	for (size_t i = 0; i < AGENTS; i++) {
		struct one *o = &s->one[i];

		o->all = s;
		o->number = i;
		o->dice = dice_of(seed, "agent", i);
		o->face.at = i % DAEMONS;
		face_open(&o->face, w, w->agent_token[i], LIMIT_MS);
	}
	return s;
}

void
agents_free(struct agents *s)
{
	for (size_t i = 0; i < AGENTS; i++)
		face_close(&s->one[i].face);
	free(s);
}

void
agents_tidy(struct agents *s)
{
	s->tidy = true;
}

void
agents_stop(struct agents *s)
{
	s->stopped = true;
}

bool
agents_idle(const struct agents *s)
{
	for (size_t i = 0; i < AGENTS; i++) {
		if (s->one[i].face.busy || s->one[i].doing == ACTING)
			return false;
	}
	return true;
}

static void
rest(struct one *o, int least, int most)
{
	o->next_ms = world_mono_ms() + dice_from(&o->dice, least, most);
}

/* ---- what he holds ------------------------------------------------------ */

/* The time of an answer: "2026-11-22T09:20:00.000Z". */
static int64_t
time_of(const struct web_answer *a, const char *path)
{
	int64_t ms = 0;

	return when_rfc3339(&ms, web_text(a, path)) == 0 ? ms : 0;
}

/* A card of an item that is his: from next, extend or undo. */
static void
note_grip(struct one *o, const struct web_answer *a)
{
	struct grip *g;
	int64_t until = time_of(a, "item.hold_until");

	o->held = web_int(a, "item.number");
	o->fence = web_int(a, "item.fence");
	if (o->fence <= 0 || until == 0) {
		ledger_surprise(o->all->ledger, "a hold without %s: %.150s",
				until == 0 ? "an end" : "a fence", a->body);
		return;
	}
	g = ledger_grip(o->all->ledger, o->number, o->fence);
	g->number = o->held;
	(void)snprintf(g->person, sizeof g->person, "%s",
		       web_text(a, "item.phone"));
	if (until > g->until_ms)
		g->until_ms = until;
	o->until_ms = g->until_ms;
}

static void
on_next(void *cookie, struct web *w, const struct web_answer *a)
{
	struct one *o = cookie;

	(void)w;
	o->face.busy = false;
	if (a->status == 200 && web_int(a, "item.number") > 0) {
		note_grip(o, a);
		o->doing = THINKING;
		if (o->all->tidy)
			rest(o, 0, 5);
		else
			rest(o, 10, 250);
		return;
	}
	if (a->status / 100 == 4)
		ledger_surprise(o->all->ledger, "next: %d %.150s", a->status,
				a->body);
	if (a->status / 100 != 2)
		face_turn(&o->face);
	rest(o, 100, 300);
}

static void
pull(struct one *o)
{
	struct web_request r = { .path = "/v1/next", .body = "{}" };
	char body[32];

	if (o->all->stopped)
		return;
	(void)snprintf(body, sizeof body, "{\"wait_s\":%d}", WAIT_S);
	if (!o->all->tidy && dice_percent(&o->dice, 50))
		r.body = body;
	face_ask(&o->face, o->all->world, &r, on_next, o);
}

/* ---- what he does with it ----------------------------------------------- */

static bool
ends_hold(const struct act *a)
{
	return a->kind == ACT_OUTCOME || a->kind == ACT_RELEASE ||
	       a->kind == ACT_MOVE || a->kind == ACT_UNDO;
}

static struct act *
begin_act(struct one *o, enum act_kind kind)
{
	struct ledger *l = o->all->ledger;
	struct act *a;

	o->act = ledger_act(l);
	a = &l->act[o->act];
	a->kind = kind;
	a->agent = o->number;
	a->number = o->held;
	a->fence = o->fence;
	o->doing = ACTING;
	o->next_ms = 0;
	return a;
}

static void
begin_outcome(struct one *o, const char *code)
{
	struct act *a = begin_act(o, ACT_OUTCOME);

	a->code = code;
	(void)snprintf(a->note, sizeof a->note, "n%zu.", o->act);
	if (strcmp(code, "later") == 0)
		a->at_ms = world_wall_ms() + dice_from(&o->dice, 1500, 4000);
}

static void
choose(struct one *o)
{
	int n = o->all->tidy ? 1 : dice_from(&o->dice, 1, 100);

	if (n <= 55)
		begin_outcome(o, "done");
	else if (n <= 68)
		begin_outcome(o, "no-answer");
	else if (n <= 73)
		begin_outcome(o, "busy");
	else if (n <= 78)
		begin_outcome(o, "later");
	else if (n <= 84)
		(void)begin_act(o, ACT_RELEASE);
	else if (n <= 90)
		(void)begin_act(o, ACT_EXTEND);
	else if (n <= 92)
		(void)begin_act(o, ACT_NOTE);
	else if (n <= 95)
		(void)begin_act(o, ACT_MOVE);
	else
		o->doing = FORGETTING;
}

static void
print_act(const struct act *a, char path[64], struct text *body)
{
	static const char *const verb[] = { "outcome", "release", "extend",
					    "note",    "move",    "undo" };
	char at[25];

	(void)snprintf(path, 64, "/v1/items/%lld/%s", (long long)a->number,
		       verb[a->kind]);
	text_add_str(body, "{");
	if (a->kind == ACT_OUTCOME) {
		text_addf(body,
			  "\"outcome\":\"%s\",\"fence\":%lld,\"note\":\"%s\"",
			  a->code, (long long)a->fence, a->note);
		when_print(at, a->at_ms);
		if (a->at_ms != 0)
			text_addf(body, ",\"at\":\"%s\"", at);
	} else if (a->kind == ACT_NOTE) {
		text_add_str(body, "\"note\":\"a word\"");
	} else if (a->kind == ACT_MOVE) {
		text_addf(body, "\"to\":\"billing\",\"fence\":%lld",
			  (long long)a->fence);
	} else if (a->kind == ACT_RELEASE) {
		text_addf(body, "\"fence\":%lld", (long long)a->fence);
	}
	text_add_str(body, "}");
}

/* He holds it no longer, as far as he knows; or still. */
static void
after_act(struct one *o, const struct act *a, const struct web_answer *w)
{
	bool held = a->kind == ACT_EXTEND || a->kind == ACT_NOTE;

	o->doing = PULLING;
	rest(o, 0, 60);
	if (a->status / 100 != 2)
		return;
	if (a->kind == ACT_EXTEND || a->kind == ACT_UNDO)
		note_grip(o, w);
	if (held || a->kind == ACT_UNDO) {
		o->doing = THINKING;
		return;
	}
	o->finished = a->kind == ACT_OUTCOME ? a->number : 0;
	if (!o->all->tidy && o->finished != 0 && dice_percent(&o->dice, 5)) {
		o->held = o->finished;
		(void)begin_act(o, ACT_UNDO);
	}
}

/* What is refused with these is a rule, not a fault: the hold ran out
 * meanwhile, somebody else has the customer, the moment has passed. */
static bool
is_a_rule(int status)
{
	return status == 409 || status == 410 || status == 404 || status == 403;
}

static void
on_act(void *cookie, struct web *w, const struct web_answer *answer)
{
	struct one *o = cookie;
	struct act *a = &o->all->ledger->act[o->act];

	(void)w;
	o->face.busy = false;
	if (answer->status == 0 || answer->status / 100 == 5) {
		a->unsure = a->unsure || answer->status != 503;
		face_turn(&o->face);
		o->next_ms = world_mono_ms() + AGAIN_MS;
		/* A note and an undo have no mark by which a repeat is known.
		 */
		if (a->kind == ACT_NOTE || a->kind == ACT_UNDO) {
			o->doing = PULLING;
			a->unsure = true;
		}
		return;
	}
	a->status = answer->status;
	if (a->status / 100 == 4 && !is_a_rule(a->status) &&
	    !(a->at_ms != 0 && a->status == 422))
		ledger_surprise(o->all->ledger, "act %d on %lld: %d %.150s",
				(int)a->kind, (long long)a->number, a->status,
				answer->body);
	after_act(o, a, answer);
}

static void
send_act(struct one *o)
{
	struct ledger *l = o->all->ledger;
	struct act *a = &l->act[o->act];
	struct web_request r = { 0 };
	struct text body = { 0 };
	char path[64];

	/* An hour that has passed meanwhile is refused; then he says another.
	 */
	if (ends_hold(a) && a->fence > 0) {
		struct grip *g = ledger_grip(l, o->number, a->fence);

		if (g->first_end_ms == 0)
			g->first_end_ms = world_wall_ms();
	}
	a->attempts++;
	print_act(a, path, &body);
	r.path = path;
	r.body = body.data;
	face_ask(&o->face, o->all->world, &r, on_act, o);
	text_done(&body);
}

/* He went away without a word.  Some say it all the same, too late. */
static void
come_back(struct one *o)
{
	if (world_wall_ms() < o->until_ms + 300)
		return;
	o->doing = PULLING;
	if (dice_percent(&o->dice, 40))
		begin_outcome(o, "done");
}

void
agents_turn(struct agents *s)
{
	int64_t now = world_mono_ms();

	for (size_t i = 0; i < AGENTS; i++) {
		struct one *o = &s->one[i];

		if (o->face.busy || now < o->next_ms)
			continue;
		if (o->doing == PULLING)
			pull(o);
		else if (o->doing == THINKING)
			choose(o);
		else if (o->doing == FORGETTING)
			come_back(o);
		if (o->doing == ACTING && !o->face.busy)
			send_act(o);
	}
}
