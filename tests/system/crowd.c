/* Fifty agents, two daemons, five thousand customers: each is handed out once,
 * the most urgent first, and each alert is raised once.
 *
 * The log is the witness.  It is in the order in which Redis did things, with
 * the time at which it did them: so what waited at any moment, and how urgent
 * each was, is computed here a second time, from the events alone. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/policy/when.h"
#include "tests/system/team.h"

#define ITEMS 5000
#define AGENTS 50
#define LINES 1000
#define FIRST_NUMBER 1001
#define MINUTE INT64_C(60000)

TestSuite(system_crowd, .timeout = 200);

static const struct {
	int64_t value, target_ms;
	double weight;
} tiers[] = {
	{ 0, 60 * MINUTE, 1 },
	{ 3000, 15 * MINUTE, 5 },
	{ 20000, 5 * MINUTE, 16 },
};
static const double severity_weights[] = { 0, 1, 2, 4 };

struct waiter {
	int64_t since_ms;
	int tier, severity, queue; /* queue: 0 sales, 1 billing */
	const char *agent;         /* who has it in his hands; NULL: nobody */
	int closed;                /* how often an outcome was acknowledged */
	bool waits;                /* by the log */
	uint64_t refused;          /* a bit for each agent who gave it back */
};

struct agent {
	struct web *web;
	char name[24];
	struct day_of_work *day;
	bool billing, parks;
	unsigned asked;
	int64_t held;
};

struct day_of_work {
	struct team *team;
	struct waiter items[ITEMS];
	struct agent agents[AGENTS];
	int closed, released, doubles, odd;
};

/* ---- events ------------------------------------------------------------- */

/* Always the same numbers, so that what fails once fails again. */
static unsigned
drawn(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void
add_line(struct text *lines, const struct waiter *w, size_t i)
{
	char time[25];

	when_print(time, w->since_ms);
	text_addf(
	    lines,
	    "{\"type\":\"call.missed\",\"id\":\"c%zu\",\"from\":\"+4930%07zu\","
	    "\"queue\":\"%s\",\"value\":%lld,\"severity\":%d,\"time\":\"%s\"}"
	    "\n",
	    i, 5000000 + i, w->queue == 0 ? "sales" : "billing",
	    (long long)tiers[w->tier].value, w->severity, time);
}

struct batch {
	struct day_of_work *day;
	struct web *web;
	struct text lines;
	struct waiter made[LINES];
	int times; /* sent */
};

/* Who is under which number.  False where the event is kept for later: this
 * machine was too busy. */
static bool
take_number(struct batch *b, size_t i, const char *line)
{
	json_t *json = json_loads(line, 0, NULL);
	const struct web_answer a = { .json = json };
	int64_t status = web_int(&a, "status"), number = web_int(&a, "number");

	cr_assert(status == 201 || status == 202 ||
		      (status == 200 && b->times > 1),
		  "line %zu: %s", i, line);
	if (status != 202) {
		cr_assert(number >= FIRST_NUMBER &&
			      number < FIRST_NUMBER + ITEMS,
			  "line %zu: %s", i, line);
		b->day->items[number - FIRST_NUMBER] = b->made[i];
	}
	json_decref(json);
	return status != 202;
}

/* As sources do: the same is sent again until each has its number. */
static bool
are_made(void *cookie)
{
	struct batch *b = cookie;
	const struct web_answer *a =
	    web_lines(b->web, "/v1/events", b->lines.data);
	const char *s = a->body;
	bool all = true;

	cr_assert_eq(a->status, 200, "%d %s", a->status, a->body);
	b->times++;
	for (size_t i = 0; i < LINES; i++) {
		const char *end = strchr(s, '\n');
		char *line;

		cr_assert_not_null(end, "only %zu answers", i);
		line = text_dup_n(s, (size_t)(end - s));
		all &= take_number(b, i, line);
		free(line);
		s = end + 1;
	}
	return all;
}

static void
load(struct day_of_work *d)
{
	struct batch *b = text_alloc(sizeof *b);
	int64_t now = clock_wall_ms();
	unsigned seed = 4821;

	b->day = d;
	for (size_t first = 0; first < ITEMS; first += LINES) {
		for (size_t i = 0; i < LINES; i++) {
			struct waiter *w = &b->made[i];

			w->tier = (int)(drawn(&seed) % 3);
			w->severity = 1 + (int)(drawn(&seed) % 3);
			w->queue = drawn(&seed) % 3 == 0;
			w->since_ms = now - drawn(&seed) % (90 * 60000);
			add_line(&b->lines, w, first + i);
		}
		b->web = d->team->admin[first / LINES % 2];
		b->times = 0;
		cr_assert(crowd_until(d->team->crowd, are_made, b, 60000),
			  "not all were made");
		text_done(&b->lines);
	}
	for (size_t i = 0; i < ITEMS; i++)
		cr_assert_neq(d->items[i].since_ms, 0, "nobody has %zu",
			      i + FIRST_NUMBER);
	free(b);
}

/* ---- the agents --------------------------------------------------------- */

static void on_card(void *, struct web *, const struct web_answer *);

static void
ask_next(struct agent *a)
{
	const struct web_request r = { .path = "/v1/next",
				       .body =
					   a->parks ? "{\"wait_s\":2}" : "{}" };

	crowd_ask(a->day->team->crowd, a->web, &r, on_card, a);
}

static void
on_released(void *cookie, struct web *w, const struct web_answer *answer)
{
	struct agent *a = cookie;

	(void)w;
	if (answer->status != 200)
		a->day->odd++;
	ask_next(a);
}

static void
give_back(struct agent *a)
{
	const struct web_request r = { .path = "/v1/items/held/release",
				       .body = "{}" };

	/* From here on somebody else may have it before we hear of it. */
	a->day->items[a->held - FIRST_NUMBER].agent = NULL;
	a->day->released++;
	crowd_ask(a->day->team->crowd, a->web, &r, on_released, a);
}

static void
on_done(void *cookie, struct web *w, const struct web_answer *answer)
{
	struct agent *a = cookie;
	struct waiter *item = &a->day->items[a->held - FIRST_NUMBER];

	if (answer->status != 200 ||
	    strcmp(web_text(answer, "item.state"), "closed") != 0) {
		a->day->odd++;
		return;
	}
	item->closed++;
	item->agent = NULL;
	a->day->closed++;
	on_card(cookie, w, answer);
}

static void
finish(struct agent *a, int64_t fence)
{
	char path[64], body[100];
	const struct web_request r = { .path = path, .body = body };

	(void)snprintf(path, sizeof path, "/v1/items/%lld/outcome",
		       (long long)a->held);
	(void)snprintf(body, sizeof body,
		       "{\"outcome\":\"done\",\"fence\":%lld,\"next\":true}",
		       (long long)fence);
	crowd_ask(a->day->team->crowd, a->web, &r, on_done, a);
}

/* A card, alone or beside the answer to an outcome; or there was nothing. */
static void
on_card(void *cookie, struct web *w, const struct web_answer *answer)
{
	struct agent *a = cookie;
	json_t *card = json_object_get(answer->json, "next");
	const struct web_answer part = { .json = card != NULL ? card
							      : answer->json };
	int64_t number = web_int(&part, "item.number");

	(void)w;
	if (answer->status != 200) {
		a->day->odd++;
		return;
	}
	if (number < FIRST_NUMBER) {
		if (a->day->closed < ITEMS)
			ask_next(a);
		return;
	}
	if (a->day->items[number - FIRST_NUMBER].agent != NULL)
		a->day->doubles++;
	a->day->items[number - FIRST_NUMBER].agent = a->name;
	a->held = number;
	if (++a->asked % 23 == 0 && a->day->closed < ITEMS - 200)
		give_back(a);
	else
		finish(a, web_int(&part, "item.fence"));
}

static bool
all_closed(void *cookie)
{
	const struct day_of_work *d = cookie;

	return d->closed >= ITEMS || d->odd > 0;
}

static void
come_to_work(struct day_of_work *d)
{
	for (size_t i = 0; i < AGENTS; i++) {
		struct agent *a = &d->agents[i];

		(void)snprintf(a->name, sizeof a->name, "agent%zu", i);
		a->day = d;
		a->parks = i % 3 == 0;
		a->billing = i % 2 == 0;
		a->web = team_agent(d->team, i / 2 % 2, a->name, "sales", NULL);
		if (a->billing)
			team_serve(d->team, a->name, "billing");
	}
}

/* ---- what the log bears witness of -------------------------------------- */

static double
urgency(const struct waiter *w, int64_t at_ms)
{
	return tiers[w->tier].weight * severity_weights[w->severity] *
	       (double)(at_ms - w->since_ms) / (double)tiers[w->tier].target_ms;
}

/* What two roundings to a millisecond may make. */
static double
slack(const struct waiter *w)
{
	return 3 * tiers[w->tier].weight * severity_weights[w->severity] /
	       (double)tiers[w->tier].target_ms;
}

static void
check_choice(const struct day_of_work *d, const struct team_entry *e)
{
	const struct waiter *chosen = &d->items[e->number - FIRST_NUMBER];
	size_t who = strtoul(e->agent + 5, NULL, 10);
	double mine = urgency(chosen, e->at_ms);

	for (size_t i = 0; i < ITEMS; i++) {
		const struct waiter *w = &d->items[i];

		if (!w->waits || (w->refused >> who & 1) != 0 ||
		    (w->queue == 1 && !d->agents[who].billing))
			continue;
		cr_assert(urgency(w, e->at_ms) <=
			      mine + slack(w) + slack(chosen),
			  "%s got %lld (%f) while %zu (%f) waited", e->agent,
			  (long long)e->number, mine, i + FIRST_NUMBER,
			  urgency(w, e->at_ms));
	}
}

static void
follow(struct day_of_work *d, const struct team_entry *e)
{
	struct waiter *w = &d->items[e->number - FIRST_NUMBER];

	if (strcmp(e->type, "made") == 0) {
		w->waits = true;
	} else if (strcmp(e->type, "held") == 0) {
		cr_assert(w->waits && w->agent == NULL,
			  "%lld was handed out twice", (long long)e->number);
		w->waits = false;
		w->agent = e->agent;
		check_choice(d, e);
	} else if (strcmp(e->type, "released") == 0) {
		cr_assert(w->agent != NULL && strcmp(w->agent, e->agent) == 0);
		w->waits = true;
		w->agent = NULL;
		w->refused |= UINT64_C(1) << strtoul(e->agent + 5, NULL, 10);
	} else if (strcmp(e->type, "closed") == 0) {
		cr_assert(w->agent != NULL && strcmp(w->agent, e->agent) == 0);
		w->agent = NULL;
		w->closed++;
	} else {
		cr_assert_str_eq(e->type, "alert");
	}
}

static void
check_log(struct day_of_work *d)
{
	size_t count;
	struct team_entry *list = team_log(d->team, &count);

	for (size_t i = 0; i < ITEMS; i++) {
		cr_assert_eq(d->items[i].closed, 1, "by the agents");
		d->items[i].agent = NULL;
	}
	for (size_t i = 0; i < count; i++) {
		if (list[i].number >= FIRST_NUMBER)
			follow(d, &list[i]);
	}
	for (size_t i = 0; i < ITEMS; i++)
		cr_assert_eq(d->items[i].closed, 2, "by agents and log");
	free(list);
}

static void
check_alerts(struct day_of_work *d, int64_t until_ms)
{
	static const struct {
		const char *name;
		double at;
	} steps[] = { { "at-risk", 0.75 }, { "broken", 1 } };
	int(*raised)[2] = text_alloc(ITEMS * sizeof *raised);
	size_t count;
	struct team_entry *list = team_log(d->team, &count);

	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < 2; k++)
			raised[list[i].number >= FIRST_NUMBER
				   ? list[i].number - FIRST_NUMBER
				   : 0][k] +=
			    strcmp(list[i].alert, steps[k].name) == 0;
	}
	for (size_t i = 0; i < ITEMS; i++) {
		const struct waiter *w = &d->items[i];
		double share = (double)(until_ms - w->since_ms) /
			       (double)tiers[w->tier].target_ms;

		for (size_t k = 0; k < 2; k++)
			cr_assert(raised[i][k] == 1 || (raised[i][k] == 0 &&
							share < steps[k].at),
				  "%s of %zu (share %f): %d times",
				  steps[k].name, i + FIRST_NUMBER, share,
				  raised[i][k]);
	}
	free(raised);
	free(list);
}

/* As many alerts as promises that are over by now. */
static bool
are_told(void *cookie)
{
	struct day_of_work *d = cookie;
	int64_t now = clock_wall_ms();
	int due = 0;

	for (size_t i = 0; i < ITEMS; i++) {
		const struct waiter *w = &d->items[i];
		double share = (double)(now - w->since_ms) /
			       (double)tiers[w->tier].target_ms;

		due += (share >= 0.75) + (share >= 1);
	}
	return team_logged(d->team, "alert", 0) >= due;
}

Test(system_crowd, each_customer_is_handed_out_once_and_the_most_urgent_first)
{
	struct day_of_work *d = text_alloc(sizeof *d);
	int64_t until_ms, began_ms;

	d->team = team_start(
	    2, &(struct daemon_options){ .head = "event_rate = 0\n" });
	come_to_work(d);
	load(d);
	cr_assert(crowd_until(d->team->crowd, are_told, d, 60000),
		  "not all alerts were raised");
	until_ms = clock_wall_ms() - 2000;
	began_ms = clock_mono_ms();
	for (size_t i = 0; i < AGENTS; i++)
		ask_next(&d->agents[i]);
	(void)crowd_until(d->team->crowd, all_closed, d, 120000);
	cr_log_info("%d closed, %d given back in %lld ms", d->closed,
		    d->released, (long long)(clock_mono_ms() - began_ms));
	cr_assert_eq(d->odd, 0, "%d odd answers", d->odd);
	cr_assert_eq(d->doubles, 0, "%d had two agents", d->doubles);
	cr_assert_eq(d->closed, ITEMS);
	cr_assert(crowd_until(d->team->crowd, NULL, NULL, 10000),
		  "%d still ask", crowd_open(d->team->crowd));
	check_log(d);
	check_alerts(d, until_ms);
	for (size_t i = 0; i < AGENTS; i++)
		web_free(d->agents[i].web);
	team_stop(d->team);
	free(d);
}
