/* To a queue, to an agent, up. */
#include "tests/store/fn.h"

FUNCTIONS(fn_move);

static struct reply *
move(const char *agent, const char *rank, const char *item, const char *to)
{
	return site_call(s, "move", agent, "", rank, item, to, "", NULL);
}

static void
anna_holds(void)
{
	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	site_serve(s, "billing", "cleo");
	(void)site_call(s, "agent_duty", "ben", "", "on", NULL);
	(void)site_missed(s, "sales", ANN);
	site_after(s, 3 * SITE_MIN);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
}

Test(fn_move, to_another_queue_keeps_the_share)
{
	struct reply *r;

	anna_holds();
	r = move("anna", "1", "held", "billing");
	SAYS(r, "ok");
	HAS(r, "item", "queue", "billing");
	HAS(r, "item", "state", "waiting");
	HAS(r, "item", "used", "20");
	cr_assert_eq(site_next(s, "cleo", ""), 1001);
	cr_assert_eq(site_next(s, "anna", ""), 0);
}

Test(fn_move, to_an_agent_it_is_his_until_the_ladders_next_step)
{
	anna_holds();
	SAYS(move("anna", "1", "held", "ben"), "ok");
	IS(INT64_C(1001), "given", "ben");
	cr_assert_eq(site_next(s, "anna", ""), 0);
	site_pass(s, 3 * SITE_MIN); /* 40 % */
	cr_assert_eq(site_next(s, "anna", ""), 1001);
}

Test(fn_move, to_an_agent_he_gets_it_also_in_a_queue_that_he_does_not_serve)
{
	anna_holds();
	(void)site_call(s, "agent_duty", "cleo", "", "on", NULL);
	SAYS(move("anna", "1", "held", "cleo"), "ok");
	cr_assert_eq(site_next(s, "cleo", ""), 1001);
}

Test(fn_move, up_it_is_the_next_groups_alone_and_told)
{
	anna_holds();
	(void)site_call(s, "agent_duty", "lea", "rb-leads", "on", NULL);
	SAYS(move("anna", "1", "held", "up"), "ok");
	IS(INT64_C(1001), "up", "rb-leads");
	cr_assert_eq(site_logged(s, "alert:escalated", 1001), 1);
	cr_assert_eq(site_next(s, "ben", ""), 0);
	cr_assert_eq(site_next(s, "lea", "rb-leads"), 1001);
	SAYS(move("lea", "2", "held", "up"), "ok");
	IS(INT64_C(1001), "up", "rb-managers");
	SAYS(move("lea", "2", "1001", "up"), "top");
}

Test(fn_move, up_passes_over_who_is_not_there)
{
	anna_holds();
	(void)site_call(s, "agent_duty", "max", "rb-managers", "on", NULL);
	(void)move("anna", "1", "held", "up");
	IS(INT64_C(1001), "up", "rb-managers");
}

Test(fn_move, up_with_nobody_there_it_stays_in_reach_of_the_agents)
{
	anna_holds();
	(void)move("anna", "1", "held", "up");
	IS(INT64_C(1001), "up", "rb-leads");
	cr_assert_eq(site_next(s, "ben", ""), 1001);
}

Test(fn_move, another_than_the_first_stays_with_who_holds_the_customer)
{
	anna_holds();
	(void)site_event(s, "complaint", ANN, "queue", "sales", NULL);
	SAYS(move("anna", "1", "1002", "billing"), "ok");
	IS(INT64_C(1002), "queue", "billing");
	IS(INT64_C(1002), "state", "held");
	IS(INT64_C(1002), "agent", "anna");
	cr_assert_eq(site_next(s, "anna", ""), 1001);
}

Test(fn_move, the_first_item_ends_the_hold_of_all)
{
	anna_holds();
	(void)site_event(s, "complaint", ANN, "queue", "sales", NULL);
	SAYS(move("anna", "1", "held", "billing"), "ok");
	IS(INT64_C(1001), "state", "waiting");
	IS(INT64_C(1002), "state", "waiting");
	cr_assert_eq(redis_int(s->redis, "EXISTS", site_key("hold:anna"), NULL),
		     0);
}

Test(fn_move, a_scheduled_item_moves_and_keeps_its_time)
{
	anna_holds();
	(void)site_outcome(s, "anna", "no-answer", NULL);
	SAYS(move("lea", "2", "1001", "billing"), "ok");
	IS(INT64_C(1001), "state", "scheduled");
	IS(INT64_C(1001), "why", "retry");
	site_pass(s, 30 * SITE_MIN);
	cr_assert_eq(site_next(s, "cleo", ""), 1001);
}

Test(fn_move, it_is_refused_where_it_is_not_his)
{
	anna_holds();
	SAYS(move("ben", "1", "1001", "billing"), "taken");
	SAYS(move("anna", "1", "1001", "nowhere-at-all"), "nowhere");
	SAYS(move("anna", "1", "77", "billing"), "no-item");
	(void)site_outcome(s, "anna", "no-answer", NULL);
	SAYS(move("anna", "1", "1001", "billing"), "not-held");
	site_pass(s, 30 * SITE_MIN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "done", NULL);
	SAYS(move("anna", "1", "1001", "billing"), "closed");
}

Test(fn_move, a_supervisor_moves_what_waits)
{
	anna_holds();
	(void)site_missed(s, "sales", BEA);
	SAYS(move("lea", "2", "1002", "billing"), "ok");
	cr_assert_eq(site_next(s, "cleo", ""), 1002);
}

Test(fn_move, what_was_given_to_somebody_is_anybodys_after_a_try)
{
	anna_holds();
	(void)move("anna", "1", "held", "ben");
	cr_assert_eq(site_next(s, "ben", ""), 1001);
	(void)site_outcome(s, "ben", "busy", NULL);
	site_pass(s, 5 * SITE_MIN);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
}
