/* The people who pull, and those who wait for the next. */
#include "tests/store/fn.h"

FUNCTIONS(fn_agent);

static const char *
park(const char *agent)
{
	return reply_word(site_call(s, "next", agent, "", "d1", "60000", NULL));
}

static bool
is_named(const char *agent)
{
	return *redis_str(s->redis, "ZSCORE", site_key("named"), agent, NULL) !=
	       '\0';
}

static void
three(void)
{
	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	site_serve(s, "billing", "cleo");
}

Test(fn_agent, a_queue_is_served_from_add_to_remove)
{
	struct reply *r;

	SAYS(site_call(s, "agent_add", "sales", "anna", "1.5", "lea", NULL),
	     "ok");
	SAYS(site_call(s, "agent_add", "sels", "anna", "1", "lea", NULL),
	     "no-queue");
	r = site_call(s, "agents", NULL);
	HAS(r, "agent", "agent", "anna");
	HAS(r, "agent", "queues", "sales=1.5");
	HAS(r, "agent", "duty", "off");
	SAYS(site_call(s, "agent_remove", "sales", "anna", "lea", NULL), "ok");
	SAYS(site_call(s, "agent_remove", "sales", "anna", "lea", NULL),
	     "none");
	(void)site_missed(s, "sales", ANN);
	cr_assert_eq(site_next(s, "anna", ""), 0);
}

Test(fn_agent, duty_is_on_by_asking_off_by_pause_and_by_silence)
{
	three();
	(void)site_next(s, "anna", "");
	HAS(site_call(s, "me", "anna", NULL), "me", "duty", "on");
	site_after(s, 31 * SITE_MIN);
	HAS(site_call(s, "me", "anna", NULL), "me", "duty", "off");
	(void)site_call(s, "agent_duty", "anna", "", "off", NULL);
	HAS(site_call(s, "me", "anna", NULL), "me", "duty", "paused");
	(void)site_call(s, "seen", "anna", "", NULL);
	HAS(site_call(s, "me", "anna", NULL), "me", "duty", "paused");
	(void)site_call(s, "agent_duty", "anna", "", "on", NULL);
	HAS(site_call(s, "me", "anna", NULL), "me", "duty", "on");
	(void)site_call(s, "agent_duty", "anna", "", "off", NULL);
	(void)site_next(s, "anna", "");
	HAS(site_call(s, "me", "anna", NULL), "me", "duty", "on");
}

Test(fn_agent, who_left_is_off_duty_but_not_paused)
{
	three();
	(void)site_next(s, "anna", "");
	(void)site_call(s, "agent_duty", "anna", "", "gone", NULL);
	HAS(site_call(s, "me", "anna", NULL), "me", "duty", "off");
	(void)site_call(s, "seen", "anna", "", NULL);
	HAS(site_call(s, "me", "anna", NULL), "me", "duty", "on");
}

Test(fn_agent, his_own_page_counts_what_he_may_have_and_did)
{
	struct reply *r;

	three();
	for (int i = 0; i < 3; i++) {
		char phone[24];

		(void)snprintf(phone, sizeof phone, "+4930999%03d", i);
		(void)site_missed(s, "sales", phone);
	}
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "no-answer", "next", "1", NULL);
	r = site_call(s, "me", "anna", NULL);
	HAS(r, "me", "queues", "sales");
	HAS(r, "me", "waiting", "1");
	HAS(r, "me", "tried", "1");
	HAS(r, "me", "done", "0");
	HAS(r, "item", "number", "1002");
}

Test(fn_agent, who_finds_nothing_parks_and_is_named_by_an_arrival)
{
	three();
	cr_assert_str_eq(park("anna"), "parked");
	cr_assert_not(is_named("anna"));
	(void)site_missed(s, "sales", ANN);
	cr_assert(is_named("anna"));
	cr_assert_eq(redis_int(s->redis, "XLEN", site_key("hints"), NULL), 1);
	IS(INT64_C(1001), "state", "waiting");
	cr_assert_str_eq(park("anna"), "held");
	cr_assert_not(is_named("anna"));
}

Test(fn_agent, the_one_who_waited_longest_is_named)
{
	three();
	(void)park("ben");
	site_after(s, 1000);
	(void)park("anna");
	(void)site_missed(s, "sales", ANN);
	cr_assert(is_named("ben"));
	cr_assert_not(is_named("anna"));
	(void)site_missed(s, "sales", BEA);
	cr_assert(is_named("anna"));
}

Test(fn_agent, a_wait_that_is_renewed_keeps_its_place)
{
	three();
	(void)park("ben");
	site_after(s, 1000);
	(void)park("anna");
	site_after(s, 50000);
	(void)park("ben");
	(void)site_missed(s, "sales", ANN);
	cr_assert(is_named("ben"));
}

Test(fn_agent, only_who_may_have_the_item_is_named)
{
	three();
	(void)park("cleo");
	site_after(s, 1000);
	(void)park("anna");
	(void)site_missed(s, "sales", ANN);
	cr_assert(is_named("anna"));
	cr_assert_not(is_named("cleo"));
}

Test(fn_agent, who_gave_it_back_is_not_named_for_it)
{
	three();
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	(void)park("ben");
	cr_assert_str_eq(reply_word(site_call(s, "release", "anna", "", "1",
					      "held", "", NULL)),
			 "ok");
	cr_assert_not(is_named("anna"));
	cr_assert(is_named("ben"));
}

Test(fn_agent, who_is_named_and_does_not_come_is_passed_over)
{
	three();
	(void)park("ben");
	site_after(s, 1000);
	(void)park("anna");
	(void)site_missed(s, "sales", ANN);
	cr_assert(is_named("ben"));
	site_pass(s, 1000);
	cr_assert(is_named("anna"));
	cr_assert_not(is_named("ben"));
	cr_assert_str_eq(park("anna"), "held");
}

Test(fn_agent, a_queue_that_opens_wakes_as_many_as_there_are_customers)
{
	three();
	s->now_ms = SITE_T0 + 22 * SITE_HOUR - 30000;
	(void)site_queue(s, "sales", "call_from", "\"\"", NULL);
	(void)site_missed(s, "sales", ANN);
	(void)site_missed(s, "sales", BEA);
	(void)park("anna");
	(void)park("ben");
	(void)park("cleo");
	site_tick(s);
	cr_assert_not(is_named("anna"));
	site_pass(s, 30000);
	cr_assert(is_named("anna"));
	cr_assert(is_named("ben"));
	cr_assert_not(is_named("cleo"));
}

Test(fn_agent, a_retry_that_comes_due_wakes_somebody)
{
	three();
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "busy", NULL);
	site_after(s, 5 * SITE_MIN - 1000);
	(void)park("ben");
	site_pass(s, 1000);
	cr_assert(is_named("ben"));
}

Test(fn_agent, a_wait_that_ended_is_nobodys)
{
	three();
	(void)park("ben");
	site_after(s, 61000);
	(void)site_missed(s, "sales", ANN);
	cr_assert_not(is_named("ben"));
	cr_assert_eq(redis_int(s->redis, "XLEN", site_key("hints"), NULL), 0);
}

Test(fn_agent, who_holds_a_customer_does_not_wait)
{
	three();
	(void)park("anna");
	(void)site_missed(s, "sales", ANN);
	SAYS(site_call(s, "hold", "anna", "", "1", "1001", NULL), "held");
	cr_assert_eq(redis_int(s->redis, "ZCARD", site_key("parked"), NULL), 0);
}

Test(fn_agent, nothing_to_do_says_what_is_coming)
{
	struct reply *r;

	three();
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "no-answer", NULL);
	r = site_call(s, "next", "anna", "", "d1", "0", NULL);
	SAYS(r, "none");
	HAS(r, "nothing", "queues", "sales");
	HAS(r, "nothing", "later", "1");
	HAS(r, "later", "number", "1001");
	HAS(r, "later", "why", "retry");
	r = site_call(s, "next", "zoe", "", "d1", "0", NULL);
	HAS(r, "nothing", "serves", "0");
}

Test(fn_agent, whoever_asks_for_anything_is_on_duty)
{
	three();
	SAYS(site_call(s, "seen", "anna", "rb-agents", NULL), "ok");
	HAS(site_call(s, "me", "anna", NULL), "me", "duty", "on");
	site_after(s, 20 * SITE_MIN);
	SAYS(site_call(s, "seen", "anna", "rb-agents", NULL), "ok");
	site_after(s, 20 * SITE_MIN);
	HAS(site_call(s, "me", "anna", NULL), "me", "duty", "on");
}

Test(fn_agent, a_queue_that_opens_wakes_no_more_than_there_are_customers)
{
	three();
	s->now_ms = SITE_T0 + 22 * SITE_HOUR - 30000;
	(void)site_queue(s, "sales", "call_from", "\"\"", NULL);
	(void)site_missed(s, "sales", ANN);
	(void)park("anna");
	site_after(s, 1);
	(void)park("ben");
	site_pass(s, 30000);
	cr_assert(is_named("anna"));
	cr_assert_not(is_named("ben"));
}
