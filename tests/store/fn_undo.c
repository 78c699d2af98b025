/* The last act is taken back for a while. */
#include "tests/store/fn.h"

FUNCTIONS(fn_undo);

static struct reply *
undo(const char *agent)
{
	return site_call(s, "undo", agent, "", NULL);
}

static int64_t
tally(const char *what)
{
	return redis_int(s->redis, "HGET", site_key("tally:2026-11-23"), what,
			 NULL);
}

static int64_t
anna_holds(void)
{
	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	(void)site_missed(s, "sales", ANN);
	site_after(s, 3 * SITE_MIN);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
	return strtoll(site_field(s, 1001, "fence"), NULL, 10);
}

Test(fn_undo, a_close_is_undone_with_promise_tally_and_a_new_fence)
{
	int64_t fence = anna_holds();
	struct reply *r;

	(void)site_outcome(s, "anna", "done", "cause", "0x10", NULL);
	cr_assert_eq(tally("sales|kept"), 1);
	site_after(s, 30000);
	r = undo("anna");
	SAYS(r, "held");
	HAS(r, "item", "number", "1001");
	HAS(r, "item", "promise", "");
	HAS(r, "item", "reason", "");
	HAS(r, "item", "cause", "");
	HAS(r, "item", "used", "23");
	cr_assert_gt(reply_int(r, "item", "fence"), fence);
	IS(INT64_C(1001), "tries", "0");
	cr_assert_eq(tally("sales|kept"), 0);
	HAS(site_call(s, "me", "anna", NULL), "me", "done", "0");
	HAS(site_call(s, "me", "anna", NULL), "me", "tried", "0");
	cr_assert_eq(redis_int(s->redis, "ZCARD", site_key("closed"), NULL), 0);
	SAYS(undo("anna"), "nothing");
}

Test(fn_undo, a_retry_is_undone)
{
	(void)anna_holds();
	(void)site_event(s, "complaint", ANN, "queue", "sales", NULL);
	(void)site_outcome(s, "anna", "no-answer", NULL);
	IS(INT64_C(1002), "state", "scheduled");
	SAYS(undo("anna"), "held");
	IS(INT64_C(1001), "state", "held");
	IS(INT64_C(1001), "promise", "");
	IS(INT64_C(1002), "state", "held");
	cr_assert_eq(redis_int(s->redis, "ZCARD", site_key("scheduled"), NULL),
		     0);
}

Test(fn_undo, an_appointment_is_undone)
{
	(void)anna_holds();
	(void)site_outcome(s, "anna", "later", "at", id(SITE_T0 + SITE_HOUR),
			   NULL);
	SAYS(undo("anna"), "held");
	IS(INT64_C(1001), "given", "");
	IS(INT64_C(1001), "due", "");
}

Test(fn_undo, a_release_is_undone_and_offered_again)
{
	(void)anna_holds();
	(void)site_call(s, "release", "anna", "", "1", "held", "", NULL);
	SAYS(undo("anna"), "held");
	(void)site_call(s, "agent_duty", "anna", "", "on", NULL);
	site_pass(s, 20 * SITE_MIN);
	IS(INT64_C(1001), "state", "waiting");
	cr_assert_eq(site_next(s, "anna", ""), 1001);
}

Test(fn_undo, a_move_to_another_queue_is_undone)
{
	(void)anna_holds();
	(void)site_call(s, "move", "anna", "", "1", "held", "billing", "",
			NULL);
	IS(INT64_C(1001), "queue", "billing");
	SAYS(undo("anna"), "held");
	IS(INT64_C(1001), "queue", "sales");
	cr_assert_eq(
	    redis_int(s->redis, "HGET", site_key("open"), "queue:sales", NULL),
	    1);
	cr_assert_eq(redis_int(s->redis, "HGET", site_key("open"),
			       "queue:billing", NULL),
		     0);
	cr_assert_eq(site_used(s, 1001), 20);
}

Test(fn_undo, a_reached_is_undone)
{
	(void)anna_holds();
	(void)site_outcome(s, "anna", "reached", NULL);
	SAYS(undo("anna"), "held");
	IS(INT64_C(1001), "promise", "");
	IS(INT64_C(1001), "tries", "0");
}

Test(fn_undo, the_next_customer_held_already_goes_back_on_top)
{
	struct reply *r;

	(void)anna_holds();
	(void)site_missed(s, "sales", BEA);
	r = site_outcome(s, "anna", "done", "next", "1", NULL);
	HAS(r, "item", "number", "1002");
	r = undo("anna");
	HAS(r, "item", "number", "1001");
	HAS(r, "put_back", "number", "1002");
	IS(INT64_C(1002), "state", "waiting");
	cr_assert_eq(site_next(s, "ben", ""), 1002);
}

Test(fn_undo, of_another_item_than_the_last_act_is_refused)
{
	struct reply *r;

	(void)anna_holds();
	(void)site_missed(s, "sales", BEA);
	(void)site_outcome(s, "anna", "done", NULL);
	r = site_call(s, "undo", "anna", "", "1002", NULL);
	SAYS(r, "other");
	HAS(r, "item", "number", "1001");
	IS(INT64_C(1001), "state", "closed");
	SAYS(site_call(s, "undo", "anna", "", "1001", NULL), "held");
}

Test(fn_undo, a_note_is_taken_back_and_nothing_else)
{
	struct reply *r;

	(void)anna_holds();
	(void)site_call(s, "note", "anna", "", "held", "wrong", NULL);
	r = undo("anna");
	SAYS(r, "ok");
	HAS(r, "undone", "what", "note");
	IS(INT64_C(1001), "state", "held");
	r = site_call(s, "item", "1001", "", NULL);
	for (size_t i = 0; i < reply_count(r, "history"); i++)
		cr_assert_str_neq(reply_get_nth(r, "history", i, "text"),
				  "wrong");
	SAYS(undo("anna"), "nothing");
}

Test(fn_undo, a_never_call_is_undone_with_all_that_it_closed)
{
	(void)site_customer(s, "C1", "phones", ANN, NULL);
	(void)anna_holds();
	(void)site_missed(s, "billing", ANN);
	(void)site_outcome(s, "anna", "never-call", NULL);
	IS(INT64_C(1002), "state", "closed");
	SAYS(undo("anna"), "held");
	IS(INT64_C(1001), "state", "held");
	IS(INT64_C(1002), "state", "held");
	cr_assert_eq(redis_int(s->redis, "SCARD", site_key("never_call"), NULL),
		     0);
	cr_assert_str_neq(redis_str(s->redis, "HGET", site_key("customer:C1"),
				    "never_call", NULL),
			  "1");
}

Test(fn_undo, an_undo_clears_no_mark_that_the_act_did_not_set)
{
	(void)site_customer(s, "C1", "phones", ANN, NULL);
	(void)anna_holds();
	(void)site_outcome(s, "anna", "done", NULL);
	(void)site_customer(s, "C1", "phones", ANN, "never_call", "1", NULL);
	SAYS(undo("anna"), "held");
	cr_assert_str_eq(redis_str(s->redis, "HGET", site_key("customer:C1"),
				   "never_call", NULL),
			 "1");
}

Test(fn_undo, not_after_somebody_else_has_had_the_customer)
{
	(void)anna_holds();
	(void)site_call(s, "release", "anna", "", "1", "held", "", NULL);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
	SAYS(undo("anna"), "taken");
	(void)site_call(s, "release", "ben", "", "1", "held", "", NULL);
	SAYS(undo("anna"), "taken");
	IS(INT64_C(1001), "state", "waiting");
}

Test(fn_undo, not_after_the_customer_got_through)
{
	(void)anna_holds();
	(void)site_call(s, "release", "anna", "", "1", "held", "", NULL);
	site_after(s, 1000);
	(void)site_event(s, "call.answered", ANN, "queue", "sales", NULL);
	SAYS(undo("anna"), "taken");
	IS(INT64_C(1001), "reason", "got-through");
}

Test(fn_undo, not_without_an_act)
{
	(void)anna_holds();
	SAYS(undo("anna"), "nothing");
	SAYS(undo("nobody"), "nothing");
}

Test(fn_undo, the_time_for_it_is_bounded)
{
	int64_t ttl;

	(void)anna_holds();
	(void)site_outcome(s, "anna", "done", NULL);
	ttl = redis_int(s->redis, "PTTL", site_key("undo:anna"), NULL);
	cr_assert(ttl > 50000 && ttl <= 60000);
}

Test(fn_undo, of_a_late_outcome_on_a_retry_restores_its_share)
{
	(void)anna_holds();
	(void)site_outcome(s, "anna", "busy", NULL);
	site_after(s, 4 * SITE_MIN);
	SAYS(site_call(s, "outcome", "anna", "", "1", "1001", "", "done", NULL),
	     "ok");
	SAYS(undo("anna"), "held");
	cr_assert_eq(site_used(s, 1001), 20);
	IS(INT64_C(1001), "promise", "kept");
}

Test(fn_undo, names_that_look_like_numbers_stay_names)
{
	site_serve(s, "sales", "007");
	(void)site_call(s, "agent_duty", "007", "", "on", NULL);
	(void)anna_holds();
	(void)site_call(s, "move", "lea", "", "2", "1001", "007", "", NULL);
	IS(INT64_C(1001), "given", "007");
	cr_assert_eq(site_next(s, "007", ""), 1001);
	(void)site_outcome(s, "007", "done", NULL);
	SAYS(undo("007"), "held");
	IS(INT64_C(1001), "given", "007");
}
