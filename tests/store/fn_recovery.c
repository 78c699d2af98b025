/* A Redis that took over has forgotten the last moments: they are told again.
 */
#include "tests/store/fn.h"

#include <jansson.h>

#include "tests/harness/site_facts.h"

FUNCTIONS(fn_recovery);

#define OLD "1111111111111111111111111111111111111111"
#define NEW "2222222222222222222222222222222222222222"

/* What the pictures differ in; "" for nothing. */
static const char *
difference(const json_t *a, const json_t *b)
{
	static char text[4000];
	const char *key;
	json_t *value;

	text[0] = '\0';
	json_object_foreach((json_t *)(uintptr_t)a, key, value)
	{
		const json_t *other = json_object_get(b, key);
		size_t n = strlen(text), i = 0;
		char *was, *is;

		if (json_equal(value, other))
			continue;
		/* Of the log only the first entry that differs. */
		while (json_is_array(value) && i < json_array_size(value) &&
		       json_equal(json_array_get(value, i),
				  json_array_get(other, i)))
			i++;
		if (json_is_array(value)) {
			value = json_array_get(value, i);
			other = json_array_get(other, i);
		}
		was = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
		is = json_dumps(other, JSON_COMPACT | JSON_ENCODE_ANY);
		(void)snprintf(text + n, sizeof text - n,
			       "%s: %.700s\n  now %.700s\n", key, was,
			       is != NULL ? is : "nothing");
		free(was);
		free(is);
	}
	return text;
}

static void
same_as(json_t *before)
{
	json_t *after = site_picture(s);

	cr_expect_str_empty(difference(before, after),
			    "was, and is no more:\n%s",
			    difference(before, after));
	cr_assert_str_empty(difference(after, before), "is, and was not:\n%s",
			    difference(after, before));
	json_decref(before);
	json_decref(after);
}

static void
begin(void)
{
	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	site_serve(s, "billing", "anna");
	cr_assert_eq(site_epoch(s, "d1", OLD), 0);
}

/* Another Redis takes over: all since the copy is forgotten. */
static void
take_over(struct site_copy *copy)
{
	site_copy_put(s, copy);
	site_copy_free(copy);
}

Test(fn_recovery, a_site_that_begins_has_nothing_to_recover)
{
	struct reply *r = site_resume(s, "d1", OLD);

	SAYS(r, "recovering");
	cr_assert_eq(reply_count(r, "cut"), 0);
	(void)site_tell_facts(s, "d1");
	SAYS(site_recover(s), "ok");
	SAYS(site_resume(s, "d2", OLD), "ok");
	cr_assert_eq(site_logged(s, "recovered", 0), 0);
}

Test(fn_recovery, nobody_acts_while_the_site_recovers)
{
	begin();
	(void)site_missed(s, "sales", ANN);
	(void)site_resume(s, "d1", NEW);
	SAYS(site_call(s, "next", "anna", "", "d1", "0", NULL), "recovering");
	SAYS(site_event(s, "call.missed", BEA, "queue", "sales", NULL),
	     "recovering");
	SAYS(site_call(s, "tick", "", "d1", NULL), "recovering");
	SAYS(site_call(s, "me", "anna", NULL), "ok");
	(void)site_tell_facts(s, "d1");
	SAYS(site_recover(s), "ok");
	cr_assert_eq(site_next(s, "anna", ""), 1001);
}

Test(fn_recovery, who_believes_in_another_redis_may_not_act)
{
	begin();
	(void)snprintf(s->epoch, sizeof s->epoch, "%s", NEW ".1");
	SAYS(site_event(s, "call.missed", BEA, "queue", "sales", NULL),
	     "recovering");
	cr_assert_str_empty(site_state(s, 1001));
}

Test(fn_recovery, a_lost_call_has_its_number_again)
{
	struct site_copy *copy;
	json_t *before;

	begin();
	copy = site_copy_take(s);
	(void)site_missed(s, "sales", ANN);
	(void)site_missed(s, "billing", BEA);
	before = site_picture(s);
	take_over(copy);
	site_after(s, 2000);
	cr_assert_eq(site_epoch(s, "d1", NEW), 2);
	same_as(before);
	IS(INT64_C(1002), "phone", BEA);
	cr_assert_eq(site_missed(s, "sales", CAT), 1003);
}

Test(fn_recovery, a_lost_hold_is_the_agents_again_under_its_fence)
{
	struct site_copy *copy;
	json_t *before;

	begin();
	(void)site_missed(s, "sales", ANN);
	(void)site_missed(s, "sales", BEA);
	copy = site_copy_take(s);
	site_after(s, 1000);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
	before = site_picture(s);
	take_over(copy);
	site_after(s, 1000);
	cr_assert_eq(site_epoch(s, "d1", NEW), 1);
	same_as(before);
	IS(INT64_C(1001), "agent", "ben");
	cr_assert_eq(site_next(s, "anna", ""), 1002);
}

Test(fn_recovery, a_lost_outcome_counts_once)
{
	struct site_copy *copy;
	json_t *before;

	begin();
	(void)site_missed(s, "sales", ANN);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
	copy = site_copy_take(s);
	site_after(s, 1000);
	SAYS(
	    site_outcome(s, "anna", "no-answer", "note", "rang for long", NULL),
	    "ok");
	before = site_picture(s);
	take_over(copy);
	IS(INT64_C(1001), "state", "held");
	cr_assert_eq(site_epoch(s, "d1", NEW), 1);
	same_as(before);
	IS(INT64_C(1001), "tries", "1");
	/* The daemon tells all it has once more: nothing is done twice. */
	cr_assert_eq(site_epoch(s, "d1", NEW), 0);
	IS(INT64_C(1001), "tries", "1");
}

Test(fn_recovery, a_lost_call_to_a_customer_is_known_again)
{
	struct site_copy *copy;
	json_t *before;

	begin();
	(void)site_call(s, "agent_phone", "anna", "201", "anna", NULL);
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	copy = site_copy_take(s);
	(void)site_call(s, "dial", "anna", "", "1001", "", "c1", "", NULL);
	site_after(s, 1000);
	SAYS(site_call(s, "dialled", "anna", "1001", "c1", "busy", "busy", "0",
		       NULL),
	     "ok");
	(void)site_call(s, "dial", "anna", "", "1001", "", "c2", "", NULL);
	(void)site_call(s, "dialling", "anna", "1001", "c2", "talking", NULL);
	before = site_picture(s);
	take_over(copy);
	site_after(s, 1000);
	cr_assert_eq(site_epoch(s, "d1", NEW), 4);
	same_as(before);
	SAYS(site_call(s, "dial", "anna", "", "1001", "", "c3", "", NULL),
	     "calling");
}

Test(fn_recovery, many_lost_ones_are_told_again_some_a_call)
{
	struct site_copy *copy;
	json_t *before;
	char phone[32];

	begin();
	copy = site_copy_take(s);
	for (int i = 0; i < 250; i++) {
		(void)snprintf(phone, sizeof phone, "+4930902%04d", i);
		(void)site_missed(s, "sales", phone);
	}
	before = site_picture(s);
	take_over(copy);
	(void)site_resume(s, "d1", NEW);
	(void)site_tell_facts(s, "d1");
	SAYS(site_call(s, "recover", NULL), "more");
	SAYS(site_event(s, "call.missed", ANN, "queue", "sales", NULL),
	     "recovering");
	SAYS(site_recover(s), "ok");
	same_as(before);
}

Test(fn_recovery, what_the_new_redis_knows_is_skipped)
{
	json_t *before;

	begin();
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "no-answer", NULL);
	before = site_picture(s);
	cr_assert_eq(site_epoch(s, "d1", NEW), 0);
	same_as(before);
}

Test(fn_recovery, daemons_tell_in_any_order_what_happened_in_one)
{
	struct site_copy *copy;
	json_t *before;

	begin();
	(void)site_call(s, "tick", "", "d1", NULL);
	(void)site_call(s, "tick", "", "d2", NULL);
	site_keep_facts(s, site_fact_count(s));
	copy = site_copy_take(s);
	(void)site_missed(s, "sales", ANN);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
	(void)site_outcome(s, "anna", "busy", NULL);
	before = site_picture(s);
	take_over(copy);
	/* d2 has the two later ones, and comes first. */
	SAYS(site_resume(s, "d2", NEW), "recovering");
	(void)site_tell_facts(s, "d2");
	SAYS(site_recover(s), "wait");
	SAYS(site_resume(s, "d1", NEW), "recovering");
	(void)site_tell_facts(s, "d1");
	SAYS(site_recover(s), "ok");
	same_as(before);
}

Test(fn_recovery, a_daemon_that_died_is_waited_for_only_a_moment)
{
	begin();
	(void)site_call(s, "tick", "", "d2", NULL);
	(void)site_resume(s, "d1", NEW);
	(void)site_tell_facts(s, "d1");
	SAYS(site_recover(s), "wait");
	site_after(s, 2999);
	SAYS(site_recover(s), "wait");
	site_after(s, 1);
	SAYS(site_recover(s), "ok");
	cr_assert_geq(site_missed(s, "sales", ANN), 1001);
}

Test(fn_recovery, one_who_tells_late_takes_nobody_from_the_agent_who_has_him)
{
	struct site_copy *copy;

	begin();
	(void)site_missed(s, "sales", ANN);
	copy = site_copy_take(s);
	site_after(s, 1000);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
	take_over(copy);
	/* Nobody tells of anna's hold in time. */
	(void)site_resume(s, "d1", NEW);
	site_after(s, 5000);
	SAYS(site_recover(s), "ok");
	cr_assert_eq(site_next(s, "ben", ""), 1001);
	/* Now the daemon that was frozen comes. */
	(void)site_epoch(s, "d2", NEW);
	IS(INT64_C(1001), "agent", "ben");
	SAYS(site_outcome(s, "ben", "done", NULL), "ok");
}

Test(fn_recovery, one_who_tells_late_restores_what_nobody_has)
{
	struct site_copy *copy;

	begin();
	(void)site_missed(s, "sales", ANN);
	copy = site_copy_take(s);
	site_after(s, 1000);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
	(void)site_missed(s, "sales", BEA);
	take_over(copy);
	(void)site_resume(s, "d1", NEW);
	site_after(s, 5000);
	SAYS(site_recover(s), "ok");
	/* The number has been given to somebody else meanwhile. */
	cr_assert_eq(site_missed(s, "sales", CAT), 1002);
	cr_assert_eq(site_epoch(s, "d2", NEW), 2);
	IS(INT64_C(1001), "agent", "anna");
	IS(INT64_C(1002), "phone", CAT);
	IS(INT64_C(1003), "phone", BEA);
}

Test(fn_recovery, an_empty_redis_learns_what_daemons_still_know)
{
	begin();
	(void)site_missed(s, "sales", ANN);
	redis_must(s->redis, "FLUSHALL", NULL);
	redis_must(s->redis, "SET", site_key("virtual"), "1", NULL);
	site_after(s, 1000);
	SAYS(site_resume(s, "d1", OLD), "recovering");
	(void)site_tell_facts(s, "d1");
	/* They mean nothing before somebody has written the policy. */
	SAYS(site_recover(s), "wait");
	s->epoch[0] = '\0';
	SAYS(site_policy(s, NULL), "ok");
	SAYS(site_recover(s), "ok");
	IS(INT64_C(1001), "phone", ANN);
}

/* The second has heard less of the log than the first, and more than is left.
 */
Test(fn_recovery,
     daemons_that_heard_different_ends_of_the_log_may_all_come_back)
{
	(void)site_missed(s, "sales", ANN);
	SAYS(site_call(s, "resume", "d1", NEW, "0", "0", "1900000000000-5",
		       NULL),
	     "recovering");
	SAYS(site_call(s, "resume", "d2", NEW, "0", "0", "1900000000000-2",
		       NULL),
	     "recovering");
}

Test(fn_recovery, numbers_fences_and_log_ids_never_go_back)
{
	struct reply *r;

	begin();
	r = site_call(s, "resume", "d1", NEW, "1900000000000", "5000",
		      "1900000000000-7", NULL);
	SAYS(r, "recovering");
	(void)snprintf(s->epoch, sizeof s->epoch, "%s",
		       reply_get(r, "site", "epoch"));
	(void)site_tell_facts(s, "d1");
	SAYS(site_recover(s), "ok");
	cr_assert_eq(site_missed(s, "sales", ANN), 5001);
	cr_assert_eq(site_next(s, "anna", ""), 5001);
	cr_assert_gt(strtoll(site_field(s, 5001, "fence"), NULL, 10),
		     INT64_C(1900000000000));
	cr_assert_str_eq(redis_str(s->redis, "EVAL",
				   "return redis.call('XREVRANGE', KEYS[1], "
				   "'+', '-', 'COUNT', 1)[1][1] > ARGV[1] "
				   "and 'greater' or 'not'",
				   "1", site_key("log"), "1900000000000-7",
				   NULL),
			 "greater");
}

Test(fn_recovery, facts_survive_a_second_redis_that_takes_over)
{
	struct site_copy *copy, *second;
	json_t *before;

	begin();
	copy = site_copy_take(s);
	(void)site_missed(s, "sales", ANN);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
	before = site_picture(s);
	take_over(copy);
	cr_assert_eq(site_epoch(s, "d1", NEW), 2);
	second = site_copy_take(s);
	/* The second has seen the facts told again: they are not told twice. */
	take_over(second);
	cr_assert_eq(site_epoch(s, "d1", OLD), 0);
	same_as(before);
}

/* ---- anything at all ---------------------------------------------------- */

static unsigned seed;

static unsigned
pick(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static const char *const agents[] = { "anna", "ben" };
static const char *const phones[] = { ANN, BEA,           CAT,
				      DAN, "+4930901005", "+4930901006" };

static void
random_event(void)
{
	static const char *const types[] = { "call.missed",   "call.missed",
					     "call.missed",   "complaint",
					     "call.answered", "feedback" };
	static const char *const queues[] = { "sales", "billing", "always" };

	(void)site_event(s, types[pick(6)], phones[pick(6)], "queue",
			 queues[pick(3)], "talked_s", "60", "text", "words",
			 NULL);
}

static void
random_outcome(const char *agent)
{
	static const char *const codes[] = { "done",     "no-answer",
					     "busy",     "voicemail",
					     "declined", "never-call" };

	if (pick(5) == 0)
		(void)site_outcome(s, agent, "later", "at",
				   id(s->now_ms + SITE_HOUR), NULL);
	else
		(void)site_outcome(s, agent, codes[pick(6)], "note", "a note",
				   "next", pick(2) ? "1" : "0", NULL);
}

static void
random_act(void)
{
	const char *agent = agents[pick(2)];

	switch (pick(11)) {
	case 0:
	case 1:
	case 2: random_event(); break;
	case 3:
	case 4: (void)site_next(s, agent, "rb-agents"); break;
	case 5:
	case 6: random_outcome(agent); break;
	case 7:
		(void)site_call(s, "release", agent, "", "1", "held", "", NULL);
		break;
	case 8: (void)site_call(s, "undo", agent, "", "", NULL); break;
	case 9:
		(void)site_call(s, "move", agent, "", "1", "held",
				pick(2) ? "up" : "billing", "", NULL);
		break;
	default:
		site_after(s, (int64_t)pick(600) * 1000);
		(void)site_call(s, "tick", "2026-11-23", "d1", NULL);
	}
	site_after(s, pick(3) * 7);
}

static void
lose_and_recover(unsigned with)
{
	struct site_copy *copy;
	json_t *before;
	size_t lost;

	seed = with;
	begin();
	for (unsigned i = 0, n = 20 + pick(60); i < n; i++)
		random_act();
	site_keep_facts(s, site_fact_count(s) / 2);
	copy = site_copy_take(s);
	lost = site_fact_count(s);
	for (unsigned i = 0; i < 60; i++)
		random_act();
	lost = site_fact_count(s) - lost;
	before = site_picture(s);
	take_over(copy);
	site_after(s, 500);
	cr_assert_eq((size_t)site_epoch(s, "d1", NEW), lost,
		     "not all was told again, by the seed %u", with);
	same_as(before);
}

Test(fn_recovery, whatever_was_lost_all_is_as_it_was, .timeout = 120)
{
	for (unsigned with = 1; with <= 40; with++) {
		lose_and_recover(with);
		site_stop(s);
		s = site_start();
	}
}
