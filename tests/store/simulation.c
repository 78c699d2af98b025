/* Whole days by the real functions in made-up time: what the order promises
 * (see simulation_day.h for the same days by plain arithmetic). */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/site.h"
#include "tests/store/simulation_day.h"

#define SEEDS 3
#define MOST_AGENTS 12

static const char *const values[DAY_TIERS] = { "20000", "3000", "0" };
static const char *const names[MOST_AGENTS] = { "a0", "a1", "a2", "a3",
						"a4", "a5", "a6", "a7",
						"a8", "a9", "b0", "b1" };

static void
setup_agents(struct site *s, const char *queue, int count)
{
	for (int a = 0; a < count; a++)
		site_serve(s, queue, names[a]);
}

/* ---- the day with two peaks --------------------------------------------- */

struct shift {
	struct site *s;
	const struct day *d;
	int sent; /* calls that have come in */
	int64_t ticked;
	int64_t free_at[MOST_AGENTS];
	int holds[MOST_AGENTS]; /* call, or -1 */
	int64_t first_number;
	struct day_result *result;
};

static void
send_call(struct shift *w, int i)
{
	const struct call *c = &w->d->calls[i];
	char phone[20];
	struct reply *r;

	(void)snprintf(phone, sizeof phone, "+4930%06d", i);
	w->s->now_ms = SITE_T0 + c->at;
	r = site_event(w->s, "call.missed", phone, "queue", "always", "value",
		       values[c->tier], NULL);
	cr_assert(reply_is(r, "made"));
	if (i == 0)
		w->first_number = reply_int(r, "item", "number");
}

/* What has come in and what time has done until then. */
static void
let_pass(struct shift *w, int64_t until)
{
	for (;;) {
		int64_t at =
		    w->sent < w->d->count ? w->d->calls[w->sent].at : INT64_MAX;

		if (at <= until && at <= w->ticked + DAY_MINUTE) {
			send_call(w, w->sent++);
		} else if (w->ticked + DAY_MINUTE <= until) {
			w->ticked += DAY_MINUTE;
			w->s->now_ms = SITE_T0 + w->ticked;
			site_tick(w->s);
		} else {
			break;
		}
	}
	w->s->now_ms = SITE_T0 + until;
}

static void
finish_call(struct shift *w, int agent)
{
	const char *name = names[agent];

	if (w->holds[agent] >= 0)
		cr_assert(
		    reply_is(site_outcome(w->s, name, "done", NULL), "ok"));
	w->holds[agent] = -1;
}

/* The next call of the agent, by the real order; false: there is none. */
static bool
begin_call(struct shift *w, int agent)
{
	int64_t number, now = w->free_at[agent];
	const char *name = names[agent];
	const struct call *c;

	number = site_next(w->s, name, "");
	if (number == 0)
		return false;
	w->holds[agent] = (int)(number - w->first_number);
	c = &w->d->calls[w->holds[agent]];
	cr_assert(reply_is(site_outcome(w->s, name, "reached", NULL), "ok"));
	cr_assert_str_eq(site_field(w->s, number, "promise"),
			 now - c->at <= day_targets[c->tier] ? "kept"
							     : "broken");
	day_tried(w->result, c, now - c->at);
	w->free_at[agent] += c->service;
	return true;
}

static void
run_really(const struct day *d, struct day_result *ret)
{
	struct shift w = { .s = site_start(), .d = d, .result = ret };
	int left = d->count;

	(void)memset(ret, 0, sizeof *ret);
	setup_agents(w.s, "always", d->agents);
	for (int a = 0; a < d->agents; a++)
		w.holds[a] = -1;
	while (left > 0) {
		int agent = 0;

		for (int a = 1; a < d->agents; a++)
			agent = w.free_at[a] < w.free_at[agent] ? a : agent;
		let_pass(&w, w.free_at[agent]);
		finish_call(&w, agent);
		if (begin_call(&w, agent))
			left--;
		else
			w.free_at[agent] = d->calls[w.sent].at;
	}
	site_stop(w.s);
}

static void
tell(const char *order, const struct day_result *r)
{
	(void)fprintf(
	    stderr,
	    "simulation: %-22s platinum %3.0f %% gold %3.0f %% standard %3.0f "
	    "%% by value %3.0f %%, longest %lld min\n",
	    order, day_kept(r, 0), day_kept(r, 1), day_kept(r, 2),
	    day_kept_by_value(r), (long long)(r->longest[2] / DAY_MINUTE));
}

static struct day_result sums[DAY_ORDERS], real;

static void
simulate_days(void)
{
	static const char *const orders[DAY_ORDERS] = {
		"first come",   "earliest deadline", "share",
		"root weights", "weight x share",    "strict value"
	};
	static struct day d;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct day_result r;

		day_make(&d, seed);
		for (int o = 0; o < DAY_ORDERS; o++) {
			day_run(&d, (enum day_order)o, &r);
			day_add(&sums[o], &r);
		}
		run_really(&d, &r);
		day_add(&real, &r);
	}
	for (int o = 0; o < DAY_ORDERS; o++)
		tell(orders[o], &sums[o]);
	tell("the real functions", &real);
}

Test(simulation, the_functions_keep_what_weight_times_share_promises)
{
	const struct day_result *strict = &sums[DAY_STRICT];

	simulate_days();
	for (int t = 0; t < DAY_TIERS; t++) {
		cr_expect_float_eq(day_kept(&real, t),
				   day_kept(&sums[DAY_WEIGHTED], t), 3);
		cr_expect_float_eq(day_kept(&real, t), day_kept(strict, t), 3);
	}
	cr_expect_gt(day_kept_by_value(&real), day_kept_by_value(strict) - 3);
	for (int o = DAY_FIRST_COME; o <= DAY_SHARE; o++)
		cr_expect_gt(day_kept_by_value(&real),
			     day_kept_by_value(&sums[o]) + 20);
	cr_expect_leq(real.longest[2], strict->longest[2] + 2 * DAY_MINUTE);
}

/* ---- tries that nobody answers ------------------------------------------ */

#define TRIED_CALLS 500
#define NO_ANSWER 0.45

struct tried {
	struct site *s;
	uint64_t random;
	int agents;
	int64_t free_at[MOST_AGENTS];
	int64_t came[TRIED_CALLS]; /* ms after the start */
	int64_t first[TRIED_CALLS];
	int64_t numbers[TRIED_CALLS];
	int tiers[TRIED_CALLS];
	int sent, tries, unanswered;
};

static void
missed_now(struct tried *w)
{
	int i = w->sent++;
	char phone[20];
	struct reply *r;

	w->tiers[i] = (int)(day_random(&w->random) * DAY_TIERS);
	(void)snprintf(phone, sizeof phone, "+4930%06d", i);
	r = site_event(w->s, "call.missed", phone, "queue", "sales", "value",
		       values[w->tiers[i]], NULL);
	w->numbers[i] = reply_int(r, "item", "number");
	w->first[i] = -1;
}

static void
try_one(struct tried *w, int agent, int64_t number)
{
	bool answered = day_random(&w->random) >= NO_ANSWER;
	int i = (int)(number - w->numbers[0]);
	int64_t now = w->s->now_ms - SITE_T0;

	if (w->first[i] < 0)
		w->first[i] = now - w->came[i];
	w->tries++;
	w->unanswered += answered ? 0 : 1;
	(void)site_outcome(w->s, names[agent], answered ? "done" : "no-answer",
			   NULL);
	w->free_at[agent] =
	    now + (int64_t)((answered ? 4.0 : 1.0) * DAY_MINUTE);
}

static void
let_agents_pull(struct tried *w)
{
	for (int a = 0; a < w->agents; a++) {
		int64_t number;

		if (w->free_at[a] > w->s->now_ms - SITE_T0)
			continue;
		number = site_next(w->s, names[a], "");
		if (number == 0)
			return;
		try_one(w, a, number);
	}
}

/* From 10 to 17:30; the last come in at 16. */
static void
run_tries(struct tried *w)
{
	double at[TRIED_CALLS], rate = TRIED_CALLS / (6.0 * SITE_HOUR), t = 0;

	for (int i = 0; i < TRIED_CALLS; i++) {
		t += -log(1 - day_random(&w->random)) / rate;
		at[i] = t;
	}
	for (int64_t now = 0; now < 15 * SITE_HOUR / 2; now += 20000) {
		w->s->now_ms = SITE_T0 + now;
		while (w->sent < TRIED_CALLS && at[w->sent] <= (double)now) {
			w->came[w->sent] = now;
			missed_now(w);
		}
		site_tick(w->s);
		let_agents_pull(w);
	}
}

Test(simulation, nothing_whose_first_try_was_in_time_is_ever_told_as_broken)
{
	static struct tried w = { .random = 7, .agents = MOST_AGENTS };
	int late = 0;

	w.s = site_start();
	setup_agents(w.s, "sales", w.agents);
	run_tries(&w);
	for (int i = 0; i < w.sent; i++) {
		bool in_time =
		    w.first[i] >= 0 && w.first[i] <= day_targets[w.tiers[i]];

		if (w.first[i] >= 0)
			cr_expect_str_eq(
			    site_field(w.s, w.numbers[i], "promise"),
			    in_time ? "kept" : "broken");
		late += in_time ? 0 : 1;
	}
	cr_expect_eq(w.sent, TRIED_CALLS);
	cr_expect_gt(w.unanswered, w.tries / 3);
	cr_expect_eq(late, 0, "%d late: there were too few agents", late);
	cr_expect_eq(site_logged(w.s, "alert:broken", 0), 0);
	cr_expect_eq(site_logged(w.s, "alert:at-risk", 0), 0);
	site_stop(w.s);
}

/* ---- what may not be called now ----------------------------------------- */

#define MOST_OUTSIDE 10000
#define FAR_AWAY "window:America/Los_Angeles|09:00-20:00"

/* Commands that Redis has run so far, in functions too. */
static int64_t
commands(struct site *s)
{
	const char *at = redis_str(s->redis, "INFO", "commandstats", NULL);
	int64_t sum = 0;

	for (at = strstr(at, "calls="); at != NULL; at = strstr(at, "calls="))
		sum += strtoll(at += 6, NULL, 10);
	return sum;
}

/* The work of one next, which hands out the one who may be called, and of one
 * that finds nobody. */
static void
measure(struct site *s, const char *phone, int64_t work[2])
{
	int64_t before, number = site_missed(s, "sales", phone);

	before = commands(s);
	cr_assert_eq(site_next(s, "anna", ""), number);
	work[0] = commands(s) - before;
	(void)site_outcome(s, "anna", "done", NULL);
	before = commands(s);
	cr_assert_eq(site_next(s, "anna", ""), 0);
	work[1] = commands(s) - before;
}

static void
miss_far_away(struct site *s, int from, int to)
{
	for (int i = from; i < to; i++) {
		char phone[20];

		(void)snprintf(phone, sizeof phone, "+1213%07d", i);
		(void)site_event(s, "call.missed", phone, "queue", "sales",
				 "value", values[0], "zone",
				 "America/Los_Angeles", NULL);
	}
}

Test(simulation, ten_thousand_who_may_not_be_called_now_make_next_no_slower)
{
	struct site *s = site_start();
	int64_t few[2], many[2];

	site_calendar(s, FAR_AWAY, 17 * 60, 28 * 60, -1);
	site_serve(s, "sales", "anna");
	miss_far_away(s, 0, 60);
	/* Not her first request: with that she comes on duty. */
	measure(s, "+49305555550", few);
	measure(s, "+49305555551", few);
	miss_far_away(s, 60, MOST_OUTSIDE);
	measure(s, "+49305555552", many);
	cr_expect_eq(redis_int(s->redis, "ZCARD", site_key("scheduled"), NULL),
		     MOST_OUTSIDE);
	cr_expect_eq(many[0], few[0], "%lld commands instead of %lld",
		     (long long)many[0], (long long)few[0]);
	cr_expect_eq(many[1], few[1], "%lld commands instead of %lld",
		     (long long)many[1], (long long)few[1]);
	site_stop(s);
}

#define NIGHT_CALLS 300

Test(simulation, calls_of_the_night_come_out_in_the_order_they_came_in)
{
	struct site *s = site_start();
	int64_t numbers[NIGHT_CALLS];

	site_serve(s, "sales", "anna");
	site_pass(s, 12 * SITE_HOUR); /* it is 22 o'clock */
	for (int i = 0; i < NIGHT_CALLS; i++) {
		char phone[20];

		(void)snprintf(phone, sizeof phone, "+4930%06d", i);
		numbers[i] = site_missed(s, "sales", phone);
		site_pass(s, 97 * 1000);
	}
	cr_assert_eq(site_next(s, "anna", ""), 0);
	/* The day's first minute in which people may be called. */
	s->now_ms = SITE_T0 + 23 * SITE_HOUR;
	site_tick(s);
	for (int i = 0; i < NIGHT_CALLS; i++) {
		cr_assert_eq(site_next(s, "anna", ""), numbers[i],
			     "the %dth of the night", i);
		(void)site_outcome(s, "anna", "done", NULL);
		site_after(s, 7000);
	}
	site_stop(s);
}
