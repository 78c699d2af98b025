/* The property test: by chance whatever may happen at a site, in any order,
 * and after each step all that must be true of it.  What failed is told with
 * the seed and the last steps; RINGBACK_SEED and RINGBACK_STEPS repeat it. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/store/property_run.h"

#define STEPS 10000
#define LIMIT_S 32 /* on a busy machine fewer steps are made */

void
run_note(struct run *r, const char *fmt, ...)
{
	char *line = r->trail[r->notes++ % TRAIL];
	int n = snprintf(line, sizeof r->trail[0], "%d. %lld ", r->steps,
			 (long long)(r->site->now_ms - SITE_T0) / 1000);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line + n, sizeof r->trail[0] - (size_t)n, fmt, ap);
	va_end(ap);
}

static void
show_thing(const char *when, const struct thing *t)
{
	static const char *const names[] = {
		"state",      "kind",        "queue",    "tier",
		"severity",   "person",      "customer", "phone",
		"agent",      "last_agent",  "class",    "base",
		"target",     "share",       "told",     "promise",
		"promise_at", "due",         "why",      "ends_at",
		"window",     "fence",       "given",    "given_until",
		"up",         "appointment", "calls",    "tries",
		"indexed",    "rev",         "reason",   "closed_at",
		"zone"
	};

	(void)fprintf(stderr, "  %s: %lld", when, (long long)t->number);
	for (int i = 0; i < FIELDS; i++) {
		if (has(t->f[i]))
			(void)fprintf(stderr, " %s=%s", names[i], t->f[i]);
	}
	(void)fprintf(stderr, "\n");
}

void
run_fail(const struct run *r, const struct thing *t, const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "property: RINGBACK_SEED=%llu, step %d: ",
		      (unsigned long long)r->m->seed, r->steps);
	if (t != NULL)
		(void)fprintf(stderr, "item %lld ", (long long)t->number);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "\n  the last steps (%s):\n",
		      r->step.reply == NULL ? "?" : reply_word(r->step.reply));
	for (unsigned i = r->notes < TRAIL ? 0 : r->notes - TRAIL; i < r->notes;
	     i++)
		(void)fprintf(stderr, "    %s\n", r->trail[i % TRAIL]);
	if (t != NULL) {
		const struct thing *b = snapshot_find(r->before, t->number);
		const struct thing *a = snapshot_find(r->after, t->number);

		if (b != NULL)
			show_thing("before", b);
		if (a != NULL)
			show_thing("after ", a);
	}
	abort();
}

static struct run *
run_new(uint64_t seed)
{
	struct run *r = calloc(1, sizeof *r);

	if (r == NULL)
		abort();
	r->site = site_start();
	/* Records are asked for many fields: let Redis find them quickly. */
	redis_must(r->site->redis, "CONFIG", "SET", "hash-max-listpack-entries",
		   "8", NULL);
	r->m = model_new(r->site, seed);
	r->before = snapshot_new();
	r->after = snapshot_new();
	(void)snprintf(r->log_from, sizeof r->log_from, "-");
	return r;
}

static void
run_free(struct run *r)
{
	snapshot_free(r->before);
	snapshot_free(r->after);
	model_free(r->m);
	site_stop(r->site);
	free(r);
}

/* Mostly seconds, sometimes hours; now and then the clock is set back. */
static void
pass_time(struct run *r)
{
	unsigned n = model_any(r->m, 1000);
	int64_t ms;

	if (n < 500)
		ms = model_any(r->m, 3000);
	else if (n < 930)
		ms = model_any(r->m, 60000);
	else if (n < 987)
		ms = model_any(r->m, 900000);
	else if (n < 990)
		ms = (int64_t)model_any(r->m, 10 * 3600) * 1000;
	else
		ms = -(int64_t)model_any(r->m, 300000);
	site_after(r->site, ms);
}

static int
open_items(const struct run *r)
{
	int n = 0;

	for (int i = 0; i < r->before->count; i++)
		n += thing_open(&r->before->things[i]) ? 1 : 0;
	return n;
}

static void
any_step(struct run *r)
{
	unsigned n = model_any(r->m, 1000);
	unsigned events = open_items(r) > 70 ? 90 : r->mode;

	if (n < events)
		step_event(r);
	else if (n < events + 40)
		step_repeat(r);
	else if (n < events + 190)
		step_next(r);
	else if (n < events + 360)
		step_outcome(r);
	else if (n < events + 400)
		step_take(r);
	else if (n < events + 440)
		step_release(r);
	else if (n < events + 480)
		step_move(r);
	else if (n < events + 510)
		step_undo(r);
	else if (n < events + 530)
		step_small(r);
	else if (n < events + 570)
		step_put(r);
	else if (n < events + 580)
		step_delete(r);
	else if (n < events + 630)
		step_site(r);
	else
		step_tick(r);
}

/* What is looked at in the next picture beside what is open: what was closed.
 */
static void
ask_for_all(struct run *r)
{
	r->asked_count = 0;
	for (int i = 0; i < r->after->count; i++) {
		const struct thing *t = &r->after->things[i];

		r->asked[r->asked_count++] = t->number;
		if (t->number > r->most_number)
			r->most_number = t->number;
	}
}

static void
look_at_all(struct run *r)
{
	struct snapshot *swap = r->before;

	snapshot_take(r->after, r->site, r->asked, r->asked_count, r->log_from);
	check_sets(r);
	check_shares(r);
	check_log(r);
	check_orders(r);
	ask_for_all(r);
	r->before = r->after;
	r->after = swap;
}

static void
one_step(struct run *r)
{
	r->steps++;
	(void)memset(&r->step, 0, sizeof r->step);
	r->step.agent = -1;
	r->step.what = DID_READ;
	pass_time(r);
	if (r->steps % 500 == 0)
		r->mode = 150 + model_any(r->m, 200);
	any_step(r);
	if (r->step.what != DID_READ)
		model_wrote(r->m);
	r->step.word = r->step.reply == NULL ? "" : reply_word(r->step.reply);
	look_at_all(r);
}

static uint64_t
from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text == NULL || *text == '\0' ? otherwise
					     : strtoull(text, NULL, 10);
}

static int64_t
seconds(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return (int64_t)now.tv_sec;
}

/* Another seed at each run, unless one is given; then all steps are made. */
static void
run_whole(uint64_t which)
{
	int steps = (int)from_environment("RINGBACK_STEPS", STEPS);
	uint64_t seed = (uint64_t)seconds(CLOCK_REALTIME) * 10 + which;
	int64_t end = seconds(CLOCK_MONOTONIC) + LIMIT_S;
	bool all = getenv("RINGBACK_STEPS") != NULL;
	struct run *r = run_new(from_environment("RINGBACK_SEED", seed));

	r->mode = 250;
	while (r->steps < steps && (all || seconds(CLOCK_MONOTONIC) < end)) {
		one_step(r);
		if (r->steps == 3000)
			model_open_zone(r->m);
	}
	cr_assert_gt(r->handed, (unsigned)r->steps / 50);
	(void)fprintf(
	    stderr,
	    "property: RINGBACK_SEED=%llu: %d steps, %lld items, %u handed "
	    "out\n",
	    (unsigned long long)r->m->seed, r->steps,
	    (long long)r->most_number - 1000, r->handed);
	run_free(r);
}

Test(property, whatever_happens_the_site_stays_whole)
{
	run_whole(1);
}

Test(property, whatever_happens_the_site_stays_whole_with_another_seed)
{
	run_whole(2);
}
