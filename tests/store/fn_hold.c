/* An agent's exclusive right to a customer for a while. */
#include "tests/store/fn.h"

FUNCTIONS(fn_hold);

static struct reply *
take(const char *agent, const char *rank, const char *item)
{
	return site_call(s, "hold", agent, "", rank, item, NULL);
}

static struct reply *
next(const char *agent)
{
	return site_call(s, "next", agent, "", "d1", "0", NULL);
}

static void
two_agents(void)
{
	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	site_serve(s, "billing", "anna");
}

Test(fn_hold, a_hold_covers_all_the_persons_items_under_one_fence)
{
	struct reply *r;

	two_agents();
	(void)site_missed(s, "sales", ANN);
	(void)site_missed(s, "billing", ANN);
	(void)site_event(s, "complaint", ANN, "queue", "sales", NULL);
	(void)site_missed(s, "sales", BEA);
	r = next("anna");
	cr_assert_eq(reply_count(r, "also"), 2);
	for (int64_t n = 1001; n <= 1003; n++) {
		IS(n, "state", "held");
		IS(n, "agent", "anna");
		IS(n, "fence", reply_get(r, "item", "fence"));
	}
	IS(INT64_C(1004), "state", "waiting");
	cr_assert_eq(site_next(s, "ben", ""), 1004);
}

Test(fn_hold, a_new_item_of_the_person_joins_the_hold_and_is_told)
{
	struct reply *r;

	two_agents();
	(void)site_missed(s, "sales", ANN);
	(void)next("anna");
	(void)site_missed(s, "billing", ANN);
	IS(INT64_C(1002), "state", "held");
	IS(INT64_C(1002), "agent", "anna");
	r = next("anna");
	HAS(r, "item", "number", "1001");
	HAS(r, "told", "text", "The customer is ringing us, on billing.");
	HAS(r, "also", "number", "1002");
}

Test(fn_hold, next_twice_is_the_same_customer)
{
	const char *fence;

	two_agents();
	(void)site_missed(s, "sales", ANN);
	(void)site_missed(s, "sales", BEA);
	fence = reply_get(next("anna"), "item", "fence");
	site_after(s, SITE_MIN);
	HAS(next("anna"), "item", "number", "1001");
	HAS(next("anna"), "item", "fence", fence);
	IS(INT64_C(1002), "state", "waiting");
}

Test(fn_hold, no_fence_is_given_twice_even_when_the_clock_goes_back)
{
	int64_t last = 0, fence;

	two_agents();
	(void)site_missed(s, "sales", ANN);
	for (int i = 0; i < 5; i++) {
		fence = reply_int(take("anna", "1", "1001"), "item", "fence");
		cr_assert_gt(fence, last);
		last = fence;
		(void)site_call(s, "release", "anna", "", "1", "held", "",
				NULL);
		s->now_ms -= SITE_MIN;
	}
}

Test(fn_hold, a_hold_that_runs_out_comes_back_on_top)
{
	two_agents();
	(void)site_missed(s, "sales", ANN);
	site_after(s, 3 * SITE_MIN);
	(void)next("anna");
	site_pass(s, 15 * SITE_MIN - 1);
	IS(INT64_C(1001), "state", "held");
	site_pass(s, 1);
	IS(INT64_C(1001), "state", "waiting");
	cr_assert_eq(site_used(s, 1001), 120);
	cr_assert_eq(site_logged(s, "alert:held-long", 1001), 0);
	cr_assert_eq(site_logged(s, "expired", 1001), 1);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
}

Test(fn_hold, use_renews_a_hold_up_to_its_longest)
{
	two_agents();
	(void)site_missed(s, "sales", ANN);
	(void)next("anna");
	for (int i = 0; i < 4; i++) {
		site_pass(s, 10 * SITE_MIN);
		SAYS(site_call(s, "extend", "anna", "", NULL), "held");
	}
	IS(INT64_C(1001), "state", "held");
	cr_assert_eq(reply_int(site_call(s, "extend", "anna", "", NULL), "item",
			       "hold_until"),
		     SITE_T0 + 45 * SITE_MIN);
	site_pass(s, 5 * SITE_MIN);
	IS(INT64_C(1001), "state", "waiting");
	SAYS(site_call(s, "extend", "anna", "", NULL), "not-held");
}

Test(fn_hold, only_what_one_holds_is_extended)
{
	two_agents();
	(void)site_missed(s, "sales", ANN);
	SAYS(site_call(s, "extend", "anna", "", "1001", NULL), "not-held");
	(void)next("anna");
	SAYS(site_call(s, "extend", "anna", "", "1001", NULL), "held");
	SAYS(site_call(s, "extend", "anna", "", "held", NULL), "held");
	SAYS(site_call(s, "extend", "anna", "", "1002", NULL), "no-item");
	SAYS(site_call(s, "extend", "ben", "", "1001", NULL), "taken");
	SAYS(site_call(s, "extend", "ben", "", "held", NULL), "not-held");
}

Test(fn_hold, next_after_the_hold_ran_out_takes_it_anew)
{
	int64_t fence;

	two_agents();
	(void)site_missed(s, "sales", ANN);
	fence = reply_int(next("anna"), "item", "fence");
	site_after(s, 20 * SITE_MIN);
	cr_assert_gt(reply_int(next("anna"), "item", "fence"), fence);
}

Test(fn_hold, an_agent_takes_one_of_his_queues_by_number_or_uuid)
{
	two_agents();
	(void)site_missed(s, "sales", ANN);
	(void)site_missed(s, "sales", BEA);
	SAYS(take("ben", "1", "1002"), "held");
	SAYS(take("anna", "1", "00000000-0000-5000-8000-000000000001"), "held");
	SAYS(take("anna", "1", "1001"), "held");
}

Test(fn_hold, taking_is_refused_where_it_would_do_harm)
{
	struct reply *r;

	two_agents();
	(void)site_missed(s, "sales", ANN);
	(void)site_missed(s, "billing", BEA);
	(void)site_missed(s, "sales", CAT);
	SAYS(take("anna", "1", "7"), "no-item");
	SAYS(take("anna", "1", "x; drop"), "no-item");
	SAYS(take("ben", "1", "1002"), "not-yours");
	SAYS(take("anna", "1", "1001"), "held");
	r = take("ben", "1", "1001");
	SAYS(r, "taken");
	HAS(r, "holder", "agent", "anna");
	r = take("anna", "1", "1003");
	SAYS(r, "holding");
	HAS(r, "item", "number", "1001");
	(void)site_outcome(s, "anna", "done", NULL);
	SAYS(take("anna", "1", "1001"), "closed");
}

Test(fn_hold, a_supervisor_takes_of_any_queue)
{
	(void)site_missed(s, "billing", BEA);
	SAYS(take("lea", "2", "1001"), "held");
	IS(INT64_C(1001), "agent", "lea");
}

Test(fn_hold, what_is_reserved_for_a_group_is_not_an_agents_to_take)
{
	struct reply *r;

	two_agents();
	(void)site_queue(
	    s, "sales", "ladder",
	    "[{\"at\":0,\"to\":\"rb-leads\",\"only\":true,\"alert\":\"\"}]",
	    NULL);
	(void)site_call(s, "agent_duty", "lea", "rb-leads", "on", NULL);
	(void)site_missed(s, "sales", ANN);
	r = take("anna", "1", "1001");
	SAYS(r, "reserved");
	HAS(r, "item", "group", "rb-leads");
	SAYS(take("lea", "2", "1001"), "held");
}

Test(fn_hold, nobody_is_taken_who_may_not_be_called_now_or_ever)
{
	struct reply *r;

	two_agents();
	site_calendar(s, "window:America/New_York|09:00-20:00", 840, 1500, -1);
	(void)site_customer(s, "US", "phones", BEA, "timezone",
			    "America/New_York", NULL);
	(void)site_missed(s, "sales", BEA);
	r = take("anna", "1", "1001");
	SAYS(r, "window");
	cr_assert_eq(reply_int(r, "item", "opens"), SITE_T0 + 5 * SITE_HOUR);
	(void)site_missed(s, "sales", ANN);
	(void)site_customer(s, "N", "phones", ANN, "never_call", "1", NULL);
	IS(INT64_C(1002), "state", "closed");
	IS(INT64_C(1002), "reason", "never-call");
	/* A mark that came after: nobody takes him, nobody is handed him. */
	(void)site_missed(s, "sales", CAT);
	cr_assert_eq(redis_int(s->redis, "SADD", site_key("never_call"), CAT,
			       NULL),
		     1);
	SAYS(take("anna", "1", "1003"), "never-call");
	cr_assert_eq(site_next(s, "anna", ""), 0);
	IS(INT64_C(1003), "reason", "never-call");
}

Test(fn_hold, what_is_held_as_long_as_it_may_be_is_told_of)
{
	two_agents();
	(void)site_missed(s, "sales", ANN);
	(void)next("anna");
	for (int i = 0; i < 4; i++) {
		site_pass(s, 10 * SITE_MIN);
		(void)site_call(s, "extend", "anna", "", "held", NULL);
	}
	cr_assert_eq(site_logged(s, "alert:held-long", 1001), 0);
	site_pass(s, 5 * SITE_MIN);
	IS(INT64_C(1001), "state", "waiting");
	cr_assert_eq(site_logged(s, "alert:held-long", 1001), 1);
}

Test(fn_hold, what_only_one_may_have_and_gave_back_is_offered_to_others)
{
	two_agents();
	(void)site_customer(s, "N", "phones", ANN, "agent", "anna", NULL);
	(void)site_missed(s, "sales", ANN);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
	(void)site_call(s, "release", "anna", "", "1", "held", "", NULL);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
}

Test(fn_hold, taken_before_its_hour_and_given_back_it_has_its_hour_again)
{
	int64_t hour = SITE_T0 + 2 * SITE_HOUR;

	two_agents();
	(void)site_event(s, "callback.requested", ANN, "queue", "sales",
			 "callback_at", id(hour), NULL);
	SAYS(take("anna", "1", "1001"), "held");
	cr_assert_eq(reply_int(site_call(s, "item", "1001", "", NULL), "item",
			       "try_at"),
		     hour);
	(void)site_call(s, "release", "anna", "", "1", "held", "", NULL);
	IS(INT64_C(1001), "state", "scheduled");
	IS(INT64_C(1001), "why", "appointment");
	IS(INT64_C(1001), "due", id(hour));
}

Test(fn_hold, what_he_gave_back_is_said_when_there_is_nothing_else)
{
	struct reply *r;

	two_agents();
	(void)site_call(s, "seen", "ben", "", NULL);
	(void)site_missed(s, "sales", ANN);
	(void)next("anna");
	(void)site_call(s, "release", "anna", "", "1", "held", "", NULL);
	r = site_call(s, "next", "anna", "", "d1", "0", NULL);
	SAYS(r, "none");
	cr_assert_eq(reply_int(r, "given_back", "count"), 1);
	cr_assert_eq(reply_int(r, "given_back", "at"), SITE_T0 + 30 * SITE_MIN);
}

Test(fn_hold, what_was_closed_shows_no_hold)
{
	two_agents();
	(void)site_missed(s, "sales", ANN);
	(void)next("anna");
	(void)site_outcome(s, "anna", "done", NULL);
	cr_assert_eq(redis_int(s->redis, "EXISTS", site_key("hold:anna"),
			       site_key("hold_items:anna"), site_key("holders"),
			       site_key("holds"), NULL),
		     0);
}

Test(fn_hold, an_expired_hold_does_not_keep_an_agent_from_taking)
{
	two_agents();
	(void)site_missed(s, "sales", ANN);
	(void)site_missed(s, "sales", BEA);
	SAYS(take("anna", "1", "1001"), "held");
	site_after(s, 16 * SITE_MIN);
	SAYS(take("anna", "1", "1002"), "held");
	IS(INT64_C(1001), "state", "waiting");
}

Test(fn_hold, asking_again_renews_a_hold)
{
	two_agents();
	(void)site_missed(s, "sales", ANN);
	(void)next("anna");
	site_pass(s, 10 * SITE_MIN);
	(void)next("anna");
	site_pass(s, 10 * SITE_MIN);
	IS(INT64_C(1001), "state", "held");
}
