/* What came of a try. */
#include "tests/store/fn.h"

FUNCTIONS(fn_outcome);

static struct reply *
outcome_on(const char *agent, const char *rank, const char *item,
	   const char *fence, const char *code)
{
	return site_call(s, "outcome", agent, "", rank, item, fence, code,
			 NULL);
}

static int64_t
tally(const char *what)
{
	return redis_int(s->redis, "HGET", site_key("tally:2026-11-23"), what,
			 NULL);
}

/* anna holds ANN's call-back 1001; ben is there, too. */
static const char *
anna_holds(void)
{
	static char fence[24];

	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	(void)site_missed(s, "sales", ANN);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
	(void)snprintf(fence, sizeof fence, "%s", site_field(s, 1001, "fence"));
	return fence;
}

Test(fn_outcome, done_closes_and_keeps_the_promise)
{
	struct reply *r;

	(void)anna_holds();
	r = site_outcome(s, "anna", "done", "note", "wants the invoice", NULL);
	SAYS(r, "ok");
	HAS(r, "done", "state", "closed");
	HAS(r, "done", "reason", "done");
	HAS(r, "done", "promise", "kept");
	cr_assert_eq(tally("sales|kept"), 1);
	cr_assert_eq(site_logged(s, "closed", 1001), 1);
	HAS(site_call(s, "me", "anna", NULL), "me", "done", "1");
}

Test(fn_outcome, exactly_in_time_is_kept_and_a_moment_later_is_broken)
{
	site_serve(s, "sales", "anna");
	(void)site_missed(s, "sales", ANN);
	(void)site_missed(s, "sales", BEA);
	site_pass(s, 15 * SITE_MIN);
	(void)site_next(s, "anna", "");
	HAS(site_outcome(s, "anna", "done", NULL), "done", "promise", "kept");
	site_after(s, 1);
	(void)site_next(s, "anna", "");
	HAS(site_outcome(s, "anna", "done", NULL), "done", "promise", "broken");
}

Test(fn_outcome, the_first_try_settles_the_promise_for_good)
{
	(void)anna_holds();
	(void)site_outcome(s, "anna", "no-answer", NULL);
	IS(INT64_C(1001), "promise", "kept");
	for (int i = 0; i < 5; i++)
		site_pass(s, SITE_HOUR);
	cr_assert_eq(site_logged(s, "alert", 1001), 0);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
	(void)site_outcome(s, "anna", "done", NULL);
	IS(INT64_C(1001), "promise", "kept");
	cr_assert_eq(tally("sales|kept"), 1);
}

Test(fn_outcome, a_retry_enters_with_nothing_used)
{
	struct reply *r;

	(void)anna_holds();
	site_after(s, 9 * SITE_MIN);
	r = site_outcome(s, "anna", "no-answer", NULL);
	HAS(r, "done", "state", "scheduled");
	HAS(r, "done", "why", "retry");
	HAS(r, "done", "used", "60");
	cr_assert_eq(reply_int(r, "done", "try_at"), s->now_ms + 30 * SITE_MIN);
	site_pass(s, 30 * SITE_MIN - 1);
	cr_assert_eq(site_next(s, "ben", ""), 0);
	site_pass(s, 1);
	cr_assert_eq(site_used(s, 1001), 0);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
}

Test(fn_outcome, a_retry_enters_with_the_share_of_its_plan)
{
	(void)anna_holds();
	(void)site_queue(s, "sales", "retry_share", "0.5", NULL);
	(void)site_outcome(s, "anna", "busy", NULL);
	site_pass(s, 5 * SITE_MIN);
	cr_assert_eq(site_used(s, 1001), 50);
}

Test(fn_outcome, each_outcome_has_its_own_list_of_tries)
{
	static const struct {
		const char *code;
		int64_t minutes;
	} tries[] = { { "busy", 5 },
		      { "no-answer", 120 },
		      { "other-person", 240 } };

	(void)anna_holds();
	for (size_t i = 0; i < 3; i++) {
		struct reply *r = site_outcome(s, "anna", tries[i].code, NULL);

		cr_assert_eq(reply_int(r, "done", "try_at"),
			     s->now_ms + tries[i].minutes * SITE_MIN);
		site_pass(s, tries[i].minutes * SITE_MIN);
		cr_assert_eq(site_next(s, "anna", ""), 1001);
	}
}

Test(fn_outcome, the_last_try_closes_unreachable_with_an_alert)
{
	(void)anna_holds();
	for (int i = 0; i < 3; i++) {
		(void)site_outcome(s, "anna", "no-answer", NULL);
		IS(INT64_C(1001), "state", "scheduled");
		site_pass(s, 4 * SITE_HOUR);
		if (site_next(s, "anna", "") == 0) { /* the next morning */
			s->now_ms += 16 * SITE_HOUR;
			site_tick(s);
			cr_assert_eq(site_next(s, "anna", ""), 1001);
		}
	}
	HAS(site_outcome(s, "anna", "no-answer", NULL), "done", "reason",
	    "unreachable");
	IS(INT64_C(1001), "tries", "4");
	cr_assert_eq(site_logged(s, "alert:unreachable", 1001), 1);
}

Test(fn_outcome, after_the_days_of_the_plan_there_is_no_next_try)
{
	(void)site_queue(s, "sales", "days", "1", NULL);
	(void)anna_holds();
	(void)site_outcome(s, "anna", "no-answer", NULL);
	s->now_ms += 25 * SITE_HOUR;
	site_tick(s);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
	HAS(site_outcome(s, "anna", "no-answer", NULL), "done", "reason",
	    "unreachable");
}

Test(fn_outcome, what_else_the_unreached_person_waits_for_waits_too)
{
	(void)anna_holds();
	(void)site_event(s, "complaint", ANN, "queue", "sales", NULL);
	(void)site_missed(s, "sales", BEA);
	(void)site_outcome(s, "anna", "no-answer", NULL);
	IS(INT64_C(1002), "state", "scheduled");
	IS(INT64_C(1002), "why", "with");
	IS(INT64_C(1002), "due", site_field(s, 1001, "due"));
	cr_assert_eq(site_next(s, "anna", ""), 1003);
	cr_assert_eq(site_next(s, "ben", ""), 0);
}

Test(fn_outcome, no_answer_on_the_second_item_frees_the_agent)
{
	(void)anna_holds();
	(void)site_event(s, "complaint", ANN, "queue", "sales", NULL);
	(void)site_missed(s, "sales", BEA);
	SAYS(outcome_on("anna", "1", "1002", "", "no-answer"), "ok");
	IS(INT64_C(1001), "state", "scheduled");
	IS(INT64_C(1002), "state", "scheduled");
	cr_assert_eq(redis_int(s->redis, "EXISTS", site_key("hold:anna"), NULL),
		     0);
	cr_assert_eq(site_next(s, "anna", ""), 1003);
}

Test(fn_outcome, done_on_the_second_item_keeps_the_first)
{
	(void)anna_holds();
	(void)site_event(s, "complaint", ANN, "queue", "sales", NULL);
	SAYS(outcome_on("anna", "1", "1002", "", "done"), "ok");
	IS(INT64_C(1002), "state", "closed");
	IS(INT64_C(1001), "state", "held");
	cr_assert_eq(site_next(s, "anna", ""), 1001);
}

Test(fn_outcome, reached_goes_on_and_renews_the_hold)
{
	(void)anna_holds();
	site_after(s, 10 * SITE_MIN);
	HAS(site_outcome(s, "anna", "reached", NULL), "done", "state", "held");
	IS(INT64_C(1001), "promise", "kept");
	site_pass(s, 10 * SITE_MIN);
	IS(INT64_C(1001), "state", "held");
}

Test(fn_outcome, an_outcome_and_the_next_come_in_one_answer)
{
	struct reply *r;

	(void)anna_holds();
	(void)site_missed(s, "sales", BEA);
	r = site_outcome(s, "anna", "done", "next", "1", NULL);
	SAYS(r, "ok");
	HAS(r, "done", "number", "1001");
	HAS(r, "next", "word", "held");
	HAS(r, "item", "number", "1002");
	r = site_outcome(s, "anna", "done", "next", "1", NULL);
	HAS(r, "next", "word", "none");
	HAS(r, "nothing", "queues", "sales");
}

Test(fn_outcome, a_repeat_after_a_lost_answer_says_the_same)
{
	const char *fence = anna_holds();

	SAYS(outcome_on("anna", "1", "1001", fence, "no-answer"), "ok");
	HAS(outcome_on("anna", "1", "1001", fence, "no-answer"), "done",
	    "state", "scheduled");
	SAYS(outcome_on("anna", "1", "1001", fence, "no-answer"), "repeated");
	IS(INT64_C(1001), "tries", "1");
}

Test(fn_outcome, a_repeat_about_what_was_held_does_not_touch_the_next_one)
{
	const char *fence = anna_holds();
	struct reply *r;

	(void)site_missed(s, "sales", BEA);
	(void)site_call(s, "outcome", "anna", "", "1", "held", fence, "done",
			"next", "1", NULL);
	r = site_call(s, "outcome", "anna", "", "1", "held", fence, "done",
		      "next", "1", NULL);
	SAYS(r, "repeated");
	HAS(r, "done", "number", "1001");
	HAS(r, "item", "number", "1002");
	IS(INT64_C(1002), "state", "held");
}

Test(fn_outcome, a_repeated_reached_counts_once)
{
	const char *fence = anna_holds();

	SAYS(outcome_on("anna", "1", "held", fence, "reached"), "ok");
	SAYS(outcome_on("anna", "1", "held", fence, "reached"), "repeated");
	IS(INT64_C(1001), "tries", "1");
}

Test(fn_outcome, a_fence_of_an_earlier_hold_is_stale)
{
	const char *fence = anna_holds();

	(void)site_call(s, "release", "anna", "", "1", "held", "", NULL);
	site_after(s, 1000);
	SAYS(site_call(s, "hold", "anna", "", "1", "1001", NULL), "held");
	SAYS(outcome_on("anna", "1", "1001", fence, "done"), "stale");
	IS(INT64_C(1001), "state", "held");
}

Test(fn_outcome, late_it_counts_while_nobody_else_has_the_customer)
{
	const char *fence = anna_holds();

	site_pass(s, 16 * SITE_MIN);
	IS(INT64_C(1001), "state", "waiting");
	SAYS(outcome_on("anna", "1", "1001", fence, "done"), "late");
	IS(INT64_C(1001), "state", "closed");
	SAYS(outcome_on("anna", "1", "1001", fence, "done"), "repeated");
}

Test(fn_outcome, late_it_is_told_to_who_has_the_customer_now)
{
	const char *fence = anna_holds();
	struct reply *r;

	site_pass(s, 16 * SITE_MIN);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
	r = outcome_on("anna", "1", "1001", fence, "no-answer");
	SAYS(r, "taken");
	HAS(r, "item", "agent", "ben");
	HAS(r, "kept", "late", "1");
	IS(INT64_C(1001), "state", "held");
	IS(INT64_C(1001), "tries", "0");
	HAS(site_call(s, "next", "ben", "", "d1", "0", NULL), "told", "text",
	    "anna tried before you: no-answer.");
}

Test(fn_outcome, late_it_stays_in_the_history_of_what_is_closed)
{
	const char *fence = anna_holds();
	struct reply *r;

	site_pass(s, 16 * SITE_MIN);
	(void)site_next(s, "ben", "");
	(void)site_outcome(s, "ben", "done", NULL);
	r = outcome_on("anna", "1", "1001", fence, "no-answer");
	SAYS(r, "closed");
	HAS(r, "kept", "late", "1");
	cr_assert_eq(site_logged(s, "late", 1001), 1);
	IS(INT64_C(1001), "reason", "done");
}

Test(fn_outcome, late_about_one_it_leaves_alone_what_is_held_now)
{
	const char *fence = anna_holds();

	site_pass(s, 16 * SITE_MIN);
	(void)site_event(s, "complaint", BEA, "queue", "sales", NULL);
	SAYS(site_call(s, "hold", "anna", "", "1", "1002", NULL), "held");
	SAYS(outcome_on("anna", "1", "1001", fence, "no-answer"), "late");
	IS(INT64_C(1001), "state", "scheduled");
	IS(INT64_C(1002), "state", "held");
	cr_assert_eq(site_next(s, "anna", ""), 1002);
}

Test(fn_outcome, late_about_a_person_who_is_held_by_another_does_not_count)
{
	const char *fence = anna_holds();

	(void)site_outcome(s, "anna", "no-answer", NULL);
	(void)site_event(s, "complaint", ANN, "queue", "sales", NULL);
	cr_assert_eq(site_next(s, "ben", ""), 1002);
	SAYS(outcome_on("anna", "1", "1001", fence, "done"), "taken");
	IS(INT64_C(1001), "state", "scheduled");
}

Test(fn_outcome, who_never_had_the_item_may_not_close_it)
{
	(void)anna_holds();
	SAYS(outcome_on("ben", "1", "1001", "", "done"), "taken");
	(void)site_call(s, "release", "anna", "", "1", "held", "", NULL);
	SAYS(outcome_on("ben", "1", "1001", "", "done"), "not-held");
	SAYS(outcome_on("ben", "1", "7", "", "done"), "no-item");
	SAYS(outcome_on("ben", "1", "held", "", "done"), "no-item");
	SAYS(outcome_on("lea", "2", "1001", "", "done"), "ok");
	IS(INT64_C(1001), "state", "closed");
}

Test(fn_outcome, an_unknown_outcome_lists_the_known_ones)
{
	struct reply *r;

	(void)anna_holds();
	r = site_outcome(s, "anna", "no-anser", NULL);
	SAYS(r, "unknown");
	HAS(r, "outcomes", "known",
	    "bad-number,busy,declined,done,later,left-message,never-call,"
	    "no-answer,other-person,reached,voicemail,wrong-number");
	IS(INT64_C(1001), "state", "held");
}

Test(fn_outcome, a_complaint_is_closed_only_with_what_the_queue_needs)
{
	struct reply *r;

	(void)site_queue(s, "sales", "close_needs", "[\"cause\"]", NULL);
	site_serve(s, "sales", "anna");
	(void)site_event(s, "complaint", ANN, "queue", "sales", NULL);
	(void)site_next(s, "anna", "");
	r = site_outcome(s, "anna", "done", NULL);
	SAYS(r, "needs");
	HAS(r, "needs", "needs", "cause");
	SAYS(site_outcome(s, "anna", "done", "cause", "late delivery", NULL),
	     "ok");
	IS(INT64_C(1001), "cause", "late delivery");
}

Test(fn_outcome, never_call_closes_all_call_backs_of_the_person_and_marks_him)
{
	(void)site_customer(s, "C1", "phones", ANN, NULL);
	(void)anna_holds();
	(void)site_missed(s, "billing", ANN);
	(void)site_event(s, "complaint", ANN, "queue", "sales", NULL);
	(void)site_outcome(s, "anna", "never-call", NULL);
	IS(INT64_C(1001), "reason", "never-call");
	IS(INT64_C(1002), "reason", "never-call");
	cr_assert_str_eq(redis_str(s->redis, "HGET", site_key("customer:C1"),
				   "never_call", NULL),
			 "1");
	SAYS(site_event(s, "call.missed", ANN, "queue", "sales", NULL), "none");
	cr_assert_eq(site_next(s, "ben", ""), 0);
}

Test(fn_outcome, never_call_of_an_unknown_caller_is_known_by_the_number)
{
	(void)anna_holds();
	(void)site_outcome(s, "anna", "never-call", NULL);
	HAS(site_event(s, "call.missed", ANN, "queue", "sales", NULL), "event",
	    "reason", "never-call");
}

Test(fn_outcome, a_try_is_an_entry_without_name_number_or_text)
{
	(void)anna_holds();
	(void)site_outcome(s, "anna", "no-answer", "note", "in the bath", NULL);
	cr_assert_eq(site_logged(s, "tried", 1001), 1);
}

/* A daemon that was frozen for a while carries out what it was told before. */
Test(fn_outcome, a_release_or_move_that_comes_late_does_not_end_a_later_hold)
{
	char fence[24];

	(void)anna_holds();
	(void)snprintf(fence, sizeof fence, "%s", site_field(s, 1001, "fence"));
	site_after(s, 16 * SITE_MIN);
	site_tick(s);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
	SAYS(site_call(s, "release", "anna", "", "1", "1001", "", fence, NULL),
	     "stale");
	SAYS(site_call(s, "move", "anna", "", "1", "1001", "billing", "", fence,
		       NULL),
	     "stale");
	IS(INT64_C(1001), "state", "held");
	(void)snprintf(fence, sizeof fence, "%s", site_field(s, 1001, "fence"));
	SAYS(site_call(s, "release", "anna", "", "1", "1001", "", fence, NULL),
	     "ok");
}

Test(fn_outcome, a_released_item_is_not_offered_again_to_the_same_agent_at_once)
{
	(void)anna_holds();
	site_serve(s, "sales", "ben");
	(void)site_call(s, "seen", "ben", "", NULL);
	SAYS(site_call(s, "release", "anna", "", "1", "held", "not mine", NULL),
	     "ok");
	IS(INT64_C(1001), "state", "waiting");
	cr_assert_eq(site_next(s, "anna", ""), 0);
	site_after(s, 29 * SITE_MIN);
	cr_assert_eq(site_next(s, "anna", ""), 0);
	site_after(s, SITE_MIN);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
}

Test(fn_outcome, how_late_it_was_is_kept_with_what_was_promised)
{
	struct reply *r;

	site_serve(s, "sales", "anna");
	(void)site_missed(s, "sales", ANN);
	site_after(s, 20 * SITE_MIN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "done", NULL);
	r = site_call(s, "item", "1001", "", NULL);
	HAS(r, "item", "promise", "broken");
	cr_assert_eq(reply_int(r, "item", "due"), SITE_T0 + 15 * SITE_MIN);
	cr_assert_eq(reply_int(r, "item", "late_ms"), 5 * SITE_MIN);
}

Test(fn_outcome, where_nobody_else_is_there_it_comes_back_after_a_minute)
{
	(void)anna_holds();
	(void)site_call(s, "release", "anna", "", "1", "held", "", NULL);
	cr_assert_eq(site_next(s, "anna", ""), 0);
	site_after(s, SITE_MIN);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
}

Test(fn_outcome, what_he_said_is_undone_before_he_says_something_else)
{
	struct reply *r;

	(void)anna_holds();
	(void)site_outcome(s, "anna", "no-answer", NULL);
	r = outcome_on("anna", "1", "1001", "", "busy");
	SAYS(r, "said");
	HAS(r, "item", "said", "no-answer");
	IS(INT64_C(1001), "tries", "1");
	site_after(s, SITE_MIN);
	SAYS(outcome_on("anna", "1", "1001", "", "done"), "ok");
}

Test(fn_outcome, who_lost_his_hold_is_told_which_it_was)
{
	struct reply *r;

	(void)anna_holds();
	site_pass(s, 15 * SITE_MIN);
	r = site_outcome(s, "anna", "done", NULL);
	SAYS(r, "no-item");
	HAS(r, "ran_out", "number", "1001");
	SAYS(outcome_on("anna", "1", "1001", "", "done"), "late");
}

Test(fn_outcome, what_a_lead_did_is_not_the_agents_to_take_back)
{
	(void)anna_holds();
	(void)site_call(s, "move", "carla", "leads", "2", "1001", "billing", "",
			NULL);
	SAYS(site_call(s, "undo", "anna", "", "", NULL), "nothing");
	SAYS(site_call(s, "undo", "carla", "leads", "", NULL), "nothing");
	IS(INT64_C(1001), "queue", "billing");
}

Test(fn_outcome, a_released_item_goes_to_the_next_agent_with_its_share)
{
	(void)anna_holds();
	site_after(s, 3 * SITE_MIN);
	(void)site_call(s, "release", "anna", "", "1", "held", "", NULL);
	cr_assert_eq(site_used(s, 1001), 20);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
}

Test(fn_outcome, releasing_is_refused_where_nothing_is_held)
{
	(void)anna_holds();
	SAYS(site_call(s, "release", "ben", "", "1", "1001", "", NULL),
	     "taken");
	SAYS(site_call(s, "release", "ben", "", "1", "held", "", NULL),
	     "no-item");
	SAYS(site_call(s, "release", "lea", "", "2", "1001", "", NULL), "ok");
	SAYS(site_call(s, "release", "anna", "", "1", "1001", "", NULL),
	     "not-held");
	(void)site_next(s, "ben", "");
	(void)site_outcome(s, "ben", "done", NULL);
	SAYS(site_call(s, "release", "ben", "", "1", "1001", "", NULL),
	     "closed");
}

Test(fn_outcome, a_note_is_kept_and_renews_the_hold)
{
	struct reply *r;

	(void)anna_holds();
	site_after(s, 10 * SITE_MIN);
	SAYS(site_call(s, "note", "anna", "", "held", "a|b", NULL), "ok");
	SAYS(site_call(s, "note", "anna", "", "9999", "x", NULL), "no-item");
	site_pass(s, 10 * SITE_MIN);
	IS(INT64_C(1001), "state", "held");
	r = site_call(s, "item", "1001", "anna", NULL);
	cr_assert_str_eq(reply_get_nth(r, "history", 1, "type"), "note");
	cr_assert_str_eq(reply_get_nth(r, "history", 1, "text"), "a|b");
}
