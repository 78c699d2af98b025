/* Who is told, who may pull, who alone may pull, as the share grows. */
#include "tests/store/fn.h"

FUNCTIONS(fn_ladder);

static void
on_duty(const char *agent, const char *groups)
{
	(void)site_call(s, "agent_duty", agent, groups, "on", NULL);
}

static void
anna_is_anns_own(void)
{
	(void)site_customer(s, "C1", "phones", ANN, "value", "3000", "agent",
			    "anna", NULL);
	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
}

static int
told(const char *alert, int64_t number)
{
	char type[64];

	(void)snprintf(type, sizeof type, "alert:%s", alert);
	return site_logged(s, type, number);
}

Test(fn_ladder, the_own_agent_is_first)
{
	anna_is_anns_own();
	on_duty("anna", "");
	(void)site_missed(s, "sales", ANN);
	site_pass(s, 6 * SITE_MIN - 1);
	cr_assert_eq(site_next(s, "ben", ""), 0);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
}

Test(fn_ladder, at_forty_percent_the_own_agents_item_is_everybodys)
{
	anna_is_anns_own();
	on_duty("anna", "");
	(void)site_missed(s, "sales", ANN);
	site_pass(s, 6 * SITE_MIN);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
}

Test(fn_ladder, an_absent_own_agent_is_passed_over)
{
	anna_is_anns_own();
	(void)site_missed(s, "sales", ANN);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
}

Test(fn_ladder, an_own_agent_who_leaves_leaves_his_items_to_all)
{
	anna_is_anns_own();
	on_duty("anna", "");
	(void)site_missed(s, "sales", ANN);
	(void)site_call(s, "agent_duty", "anna", "", "off", NULL);
	site_pass(s, 1000);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
}

Test(fn_ladder, who_has_been_silent_for_long_is_off_duty)
{
	anna_is_anns_own();
	on_duty("anna", "");
	site_after(s, 30 * SITE_MIN + 1);
	(void)site_missed(s, "sales", ANN);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
}

Test(fn_ladder, a_step_for_one_group_alone_shuts_the_others_out)
{
	(void)site_queue(
	    s, "sales", "ladder",
	    "[{\"at\":0,\"to\":\"agents\",\"only\":false,\"alert\":\"\"},"
	    "{\"at\":1.0,\"to\":\"rb-leads\",\"only\":true,\"alert\":"
	    "\"broken\"}]",
	    NULL);
	site_serve(s, "sales", "ben");
	on_duty("lea", "rb-leads");
	(void)site_missed(s, "sales", ANN);
	site_pass(s, 15 * SITE_MIN);
	cr_assert_eq(site_next(s, "ben", ""), 0);
	cr_assert_eq(site_next(s, "lea", "rb-leads"), 1001);
}

Test(fn_ladder, an_exclusive_group_with_nobody_there_is_passed_over)
{
	(void)site_queue(
	    s, "sales", "ladder",
	    "[{\"at\":0,\"to\":\"rb-leads\",\"only\":true,\"alert\":\"\"},"
	    "{\"at\":0.5,\"to\":\"rb-managers\",\"only\":true,\"alert\":\"\"}]",
	    NULL);
	site_serve(s, "sales", "ben");
	(void)site_missed(s, "sales", ANN);
	(void)site_missed(s, "sales", BEA);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
	on_duty("max", "rb-managers");
	(void)site_missed(s, "sales", CAT);
	cr_assert_eq(site_next(s, "max", "rb-managers"), 1003);
}

Test(fn_ladder, when_the_last_of_an_exclusive_group_leaves_all_may_pull)
{
	(void)site_queue(
	    s, "sales", "ladder",
	    "[{\"at\":0,\"to\":\"rb-leads\",\"only\":true,\"alert\":\"\"}]",
	    NULL);
	site_serve(s, "sales", "ben");
	on_duty("lea", "rb-leads");
	(void)site_missed(s, "sales", ANN);
	cr_assert_eq(site_next(s, "ben", ""), 0);
	(void)site_call(s, "agent_duty", "lea", "rb-leads", "off", NULL);
	site_pass(s, 1000);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
}

Test(fn_ladder, when_one_of_an_exclusive_group_comes_it_is_theirs_again)
{
	(void)site_queue(
	    s, "sales", "ladder",
	    "[{\"at\":0,\"to\":\"rb-leads\",\"only\":true,\"alert\":\"\"}]",
	    NULL);
	site_serve(s, "sales", "ben");
	(void)site_missed(s, "sales", ANN);
	on_duty("carla", "rb-leads");
	site_pass(s, 1000);
	cr_assert_eq(site_next(s, "ben", ""), 0);
	cr_assert_eq(site_next(s, "carla", "rb-leads"), 1001);
}

Test(fn_ladder, who_has_left_a_group_does_not_stand_for_it)
{
	(void)site_queue(
	    s, "sales", "ladder",
	    "[{\"at\":0,\"to\":\"rb-leads\",\"only\":true,\"alert\":\"\"}]",
	    NULL);
	site_serve(s, "sales", "ben");
	on_duty("lea", "rb-leads");
	on_duty("lea", "rb-agents");
	(void)site_missed(s, "sales", ANN);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
}

Test(fn_ladder, a_managers_next_takes_escalated_items_first)
{
	site_serve(s, "billing", "max");
	(void)site_missed(s, "sales", ANN);
	site_pass(s, 30 * SITE_MIN);
	(void)site_event(s, "call.missed", BEA, "queue", "billing", "time",
			 id(s->now_ms - SITE_HOUR), NULL);
	cr_assert_eq(site_next(s, "max", "rb-leads,rb-managers"), 1002);
	(void)site_outcome(s, "max", "done", NULL);
	cr_assert_eq(site_next(s, "max", "rb-managers"), 1001);
}

Test(fn_ladder, each_threshold_is_told_once)
{
	(void)site_missed(s, "sales", ANN);
	for (int i = 0; i < 50; i++)
		site_pass(s, SITE_MIN);
	cr_assert_eq(told("at-risk", 1001), 1);
	cr_assert_eq(told("broken", 1001), 1);
	cr_assert_eq(told("escalated", 1001), 1);
}

Test(fn_ladder, a_threshold_is_told_at_its_time_not_before)
{
	(void)site_missed(s, "sales", ANN);
	site_pass(s, 675000 - 1);
	cr_assert_eq(told("at-risk", 1001), 0);
	site_pass(s, 1);
	cr_assert_eq(told("at-risk", 1001), 1);
}

Test(fn_ladder, whatever_left_came_back_or_changed_is_not_told_again)
{
	site_serve(s, "sales", "anna");
	site_serve(s, "billing", "ben");
	(void)site_missed(s, "sales", ANN);
	site_pass(s, 12 * SITE_MIN);
	cr_assert_eq(told("at-risk", 1001), 1);
	(void)site_next(s, "anna", "");
	(void)site_call(s, "release", "anna", "", "1", "held", "", NULL);
	site_pass(s, 1000);
	(void)site_call(s, "move", "lea", "", "2", "1001", "billing", "", NULL);
	site_pass(s, 1000);
	(void)site_policy(s, "undo_ms", "50000", NULL);
	site_pass(s, 1000);
	(void)site_missed(s, "billing", ANN);
	site_pass(s, 1000);
	cr_assert_eq(told("at-risk", 1001), 1);
	site_pass(s, 5 * SITE_MIN);
	cr_assert_eq(told("broken", 1001), 1);
}

Test(fn_ladder, a_promise_is_told_of_while_the_item_is_held)
{
	site_serve(s, "sales", "anna");
	(void)site_missed(s, "sales", ANN);
	site_pass(s, 10 * SITE_MIN);
	(void)site_next(s, "anna", "");
	site_pass(s, 5 * SITE_MIN);
	IS(INT64_C(1001), "state", "held");
	cr_assert_eq(told("broken", 1001), 1);
}

Test(fn_ladder, after_the_first_try_nothing_is_at_risk_or_broken)
{
	site_serve(s, "sales", "anna");
	for (int i = 0; i < 2; i++) {
		(void)site_missed(s, "sales", i == 0 ? ANN : BEA);
		site_pass(s, i == 0 ? SITE_MIN : 16 * SITE_MIN);
		(void)site_next(s, "anna", "");
		(void)site_outcome(s, "anna", "no-answer", NULL);
	}
	IS(INT64_C(1001), "promise", "kept");
	IS(INT64_C(1002), "promise", "broken");
	for (int i = 0; i < 20; i++)
		site_pass(s, 15 * SITE_MIN);
	cr_assert_eq(told("broken", 1001), 0);
	cr_assert_eq(told("at-risk", 1001), 0);
	cr_assert_eq(told("broken", 1002), 1);
	cr_assert_eq(told("escalated", 1002), 0);
}

Test(fn_ladder, an_alert_says_which_group_it_is_for)
{
	struct reply *r;

	on_duty("max", "rb-managers");
	(void)site_missed(s, "sales", ANN);
	site_pass(s, 15 * SITE_MIN);
	r = site_call(s, "alerts", "d1", "10000", "duty", NULL);
	SAYS(r, "ok");
	HAS(r, "alert", "alert", "broken");
	HAS(r, "alert", "to", "rb-managers");
}

Test(fn_ladder, a_new_policy_moves_what_waits_and_tells_what_it_passed)
{
	site_serve(s, "sales", "anna");
	(void)site_missed(s, "sales", ANN);
	site_pass(s, 6 * SITE_MIN);
	(void)site_queue(s, "sales", "tiers",
			 "{\"gold\":{\"call-back\":300000}}", NULL);
	site_tick(s);
	IS(INT64_C(1001), "target", "300000");
	cr_assert_eq(site_used(s, 1001), 40);
	(void)site_queue(
	    s, "sales", "ladder",
	    "[{\"at\":0,\"to\":\"agents\",\"only\":false,\"alert\":\"\"},"
	    "{\"at\":0.3,\"to\":\"agents\",\"only\":false,\"alert\":\"at-"
	    "risk\"}]",
	    NULL);
	site_tick(s);
	cr_assert_eq(told("at-risk", 1001), 1);
}

Test(fn_ladder, a_new_step_is_told_of_while_the_item_is_held)
{
	site_serve(s, "sales", "anna");
	(void)site_missed(s, "sales", ANN);
	site_pass(s, 31 * SITE_MIN);
	(void)site_next(s, "anna", "");
	site_pass(s, 10 * SITE_MIN);
	(void)site_queue(
	    s, "sales", "ladder",
	    "[{\"at\":0,\"to\":\"agents\",\"only\":false,\"alert\":\"\"},"
	    "{\"at\":2.5,\"to\":\"agents\",\"only\":false,\"alert\":"
	    "\"hopeless\"}]",
	    NULL);
	site_tick(s);
	cr_assert_eq(told("hopeless", 1001), 1);
}
