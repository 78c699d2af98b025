#include "tests/torture/sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/policy/when.h"
#include "tests/torture/dice.h"
#include "tests/torture/ledger.h"
#include "tests/torture/world.h"

#define SOURCES 4
#define PHONES 90
#define MOST_LINES 20
#define LIMIT_MS 4000
#define AGAIN_MS 300

struct source {
	struct sources *all;
	struct face face;
	struct dice dice;
	int64_t next_ms;
	size_t line[MOST_LINES], lines; /* what is on its way: pushes */
	bool batch;
};

struct sources {
	struct world *world;
	struct ledger *ledger;
	struct source one[SOURCES];
	bool calm;
	size_t unsettled;    /* all before are acknowledged */
	size_t repeat, upto; /* of those that are pushed once more */
};

struct sources *
sources_new(struct world *w, struct ledger *l, uint64_t seed)
{
	struct sources *s = text_alloc(sizeof *s);

	s->world = w;
	s->ledger = l;
	for (size_t i = 0; i < SOURCES; i++) {
		struct source *o = &s->one[i];

		o->all = s;
		o->dice = dice_of(seed, "source", i);
		o->face.at = i % DAEMONS;
		face_open(&o->face, w, i % 2 == 0 ? w->source_token : NULL,
			  LIMIT_MS);
	}
	return s;
}

void
sources_free(struct sources *s)
{
	for (size_t i = 0; i < SOURCES; i++)
		face_close(&s->one[i].face);
	free(s);
}

void
sources_calm(struct sources *s)
{
	s->calm = true;
}

/* ---- what is told ------------------------------------------------------- */

static const char *
some_type(struct dice *d)
{
	int n = dice_from(d, 1, 100);

	if (n <= 74)
		return "call.missed";
	if (n <= 84)
		return "complaint";
	if (n <= 91)
		return "callback.requested";
	if (n <= 97)
		return "call.answered";
	return "feedback";
}

static size_t
new_push(struct source *o)
{
	struct ledger *l = o->all->ledger;
	size_t i = ledger_push(l);
	struct push *p = &l->push[i];

	(void)snprintf(p->id, sizeof p->id, "e%zu", i);
	(void)snprintf(p->phone, sizeof p->phone, "+49301820%03d",
		       dice_from(&o->dice, 0, PHONES - 1));
	p->type = some_type(&o->dice);
	p->queue = dice_percent(&o->dice, 70) ? "sales" : "billing";
	p->time_ms = world_wall_ms();
	return i;
}

static void
print_push(struct text *t, const struct push *p)
{
	char time[25];

	when_print(time, p->time_ms);
	text_addf(t,
		  "{\"type\":\"%s\",\"id\":\"%s\",\"source\":\"torture\","
		  "\"from\":\"%s\",\"queue\":\"%s\",\"time\":\"%s\"}\n",
		  p->type, p->id, p->phone, p->queue, time);
}

/* ---- what is answered --------------------------------------------------- */

static const char *
member(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s != NULL ? s : "";
}

/* The same event has the same answer, whoever gives it and whenever. */
static void
compare(struct ledger *l, struct push *p, int64_t number, const char *words)
{
	bool told = p->number != 0 || p->words[0] != '\0';

	if (!told) {
		p->number = number;
		(void)snprintf(p->words, sizeof p->words, "%s", words);
	} else if (p->number != number || strcmp(p->words, words) != 0) {
		ledger_surprise(
		    l, "event %s (%s): was item %lld %s, now item %lld %s",
		    p->id, p->type, (long long)p->number, p->words,
		    (long long)number, words);
	}
}

static void
acknowledged(struct ledger *l, struct push *p, int status, const json_t *o)
{
	const json_t *number = json_object_get(o, "number");
	char words[64] = "";

	/* One that only a journal has may become an item by another way. */
	if (status == 201 && (p->number != 0 || p->words[0] != '\0'))
		ledger_surprise(l, "event %s was acknowledged and is made anew",
				p->id);
	if (!p->acknowledged) {
		p->kept = status == 202;
		p->recovered = status == 200 && p->attempts > 1;
	}
	p->acknowledged = true;
	if (status == 202)
		return;
	if (!json_is_integer(number))
		(void)snprintf(words, sizeof words, "%s %s", member(o, "state"),
			       member(o, "reason"));
	compare(l, p, json_integer_value(number), words);
}

static void
take_answer(struct source *o, struct push *p, int status, const json_t *said)
{
	struct ledger *l = o->all->ledger;

	p->open = false;
	if (status / 100 == 2)
		acknowledged(l, p, status, said);
	else if (status / 100 == 4 && status != 429)
		ledger_surprise(l, "event %s: %d %s", p->id, status,
				member(said, "detail"));
	else
		p->again_ms = world_mono_ms() + AGAIN_MS;
}

static void
take_lines(struct source *o, const char *body)
{
	for (size_t i = 0; i < o->lines; i++) {
		size_t len = strcspn(body, "\n");
		json_t *said = json_loadb(body, len, 0, NULL);
		int status =
		    (int)json_integer_value(json_object_get(said, "status"));

		take_answer(o, &o->all->ledger->push[o->line[i]], status, said);
		json_decref(said);
		body += len + (body[len] == '\n');
	}
}

static void
on_answer(void *cookie, struct web *w, const struct web_answer *a)
{
	struct source *o = cookie;
	struct push *list = o->all->ledger->push;

	(void)w;
	o->face.busy = false;
	if (o->batch && a->status == 200)
		take_lines(o, a->body);
	else
		for (size_t i = 0; i < o->lines; i++)
			take_answer(o, &list[o->line[i]], a->status, a->json);
	if (a->status / 100 != 2 || dice_percent(&o->dice, 10))
		face_turn(&o->face);
}

/* ---- what is sent ------------------------------------------------------- */

static void
send(struct source *o)
{
	struct web_request r = { .path = "/v1/events" };
	struct text t = { 0 };

	o->batch = o->lines > 1;
	if (o->batch)
		r.type = "application/x-ndjson";
	for (size_t i = 0; i < o->lines; i++) {
		struct push *p = &o->all->ledger->push[o->line[i]];

		p->attempts++;
		p->open = true;
		print_push(&t, p);
	}
	r.body = t.data;
	face_ask(&o->face, o->all->world, &r, on_answer, o);
	text_done(&t);
}

/* Those that nobody has acknowledged, from the oldest on. */
static void
choose_unacknowledged(struct source *o, size_t most)
{
	struct sources *s = o->all;
	struct push *list = s->ledger->push;
	int64_t now = world_mono_ms();

	while (s->unsettled < s->ledger->pushes &&
	       list[s->unsettled].acknowledged)
		s->unsettled++;
	for (size_t i = s->unsettled; i < s->ledger->pushes && o->lines < most;
	     i++) {
		const struct push *p = &list[i];

		if (!p->acknowledged && !p->open && p->attempts > 0 &&
		    p->again_ms <= now)
			o->line[o->lines++] = i;
	}
}

/* Only a journal has said that it has it, so far. */
static bool
is_untold(const struct push *p)
{
	return p->number == 0 && p->words[0] == '\0';
}

/* Each once, and who is answered 202 again until he is told what came of it. */
static void
choose_repeats(struct source *o)
{
	struct sources *s = o->all;
	int64_t now = world_mono_ms();

	while (s->repeat < s->upto && o->lines < MOST_LINES)
		o->line[o->lines++] = s->repeat++;
	for (size_t i = 0; i < s->upto && o->lines < MOST_LINES; i++) {
		struct push *p = &s->ledger->push[i];

		if (is_untold(p) && !p->open && p->again_ms <= now) {
			p->again_ms = now + AGAIN_MS;
			o->line[o->lines++] = i;
		}
	}
}

/* What a second copy of the telephony system tells, too. */
static void
choose_known(struct source *o)
{
	struct ledger *l = o->all->ledger;
	size_t i;

	if (l->pushes == 0)
		return;
	i = (size_t)dice_from(&o->dice, 0, (int)l->pushes - 1);
	if (l->push[i].acknowledged && !l->push[i].open)
		o->line[o->lines++] = i;
}

static void
choose_new(struct source *o)
{
	size_t n = 1;

	if (dice_percent(&o->dice, 15))
		n = (size_t)dice_from(&o->dice, 2, MOST_LINES);
	while (n-- > 0)
		o->line[o->lines++] = new_push(o);
}

static void
turn(struct source *o)
{
	int64_t now = world_mono_ms();
	bool calm = o->all->calm;

	if (o->face.busy || now < o->next_ms)
		return;
	o->next_ms = now + (calm ? 20 : dice_from(&o->dice, 30, 160));
	o->lines = 0;
	choose_unacknowledged(o, calm || dice_percent(&o->dice, 30) ? MOST_LINES
								    : 1);
	if (o->lines == 0)
		choose_repeats(o);
	if (o->lines == 0 && !calm && dice_percent(&o->dice, 12))
		choose_known(o);
	if (o->lines == 0 && !calm)
		choose_new(o);
	if (o->lines > 0)
		send(o);
}

void
sources_turn(struct sources *s)
{
	for (size_t i = 0; i < SOURCES; i++)
		turn(&s->one[i]);
}

bool
sources_idle(const struct sources *s)
{
	if (s->repeat < s->upto)
		return false;
	for (size_t i = 0; i < SOURCES; i++) {
		if (s->one[i].face.busy)
			return false;
	}
	for (size_t i = 0; i < s->ledger->pushes; i++) {
		const struct push *p = &s->ledger->push[i];

		if (!p->acknowledged || (i < s->upto && is_untold(p)))
			return false;
	}
	return true;
}

void
sources_repeat_all(struct sources *s)
{
	s->repeat = 0;
	s->upto = s->ledger->pushes;
}
