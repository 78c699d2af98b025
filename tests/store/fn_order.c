/* Who is next. */
#include "tests/store/fn.h"

FUNCTIONS(fn_order);

static void
missed_ago(const char *phone, int64_t ms)
{
	(void)site_event(s, "call.missed", phone, "queue", "sales", "time",
			 id(s->now_ms - ms), NULL);
}

/* Everybody of "sales" and the three tiers. */
static void
three_customers(void)
{
	(void)site_customer(s, "P", "phones", ANN, "value", "20000", NULL);
	(void)site_customer(s, "G", "phones", BEA, "value", "3000", NULL);
	(void)site_customer(s, "S", "phones", CAT, "value", "2999", NULL);
	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	site_serve(s, "sales", "cleo");
}

Test(fn_order, the_greatest_weight_times_share_is_next)
{
	three_customers();
	missed_ago(CAT, 50 * SITE_MIN); /* 1 * 0.83 */
	missed_ago(BEA, 2 * SITE_MIN);  /* 5 * 0.13 = 0.67 */
	missed_ago(ANN, 10000);         /* 16 * 0.033 = 0.53 */
	cr_assert_eq(site_next(s, "anna", ""), 1001);
	cr_assert_eq(site_next(s, "ben", ""), 1002);
	cr_assert_eq(site_next(s, "cleo", ""), 1003);
}

Test(fn_order, severity_presses_harder)
{
	three_customers();
	missed_ago(BEA, 2 * SITE_MIN);
	missed_ago(DAN, 90000);
	(void)site_missed(s, "sales", DAN);
	IS(INT64_C(1002), "severity", "2");
	cr_assert_eq(site_next(s, "anna", ""), 1002);
}

Test(fn_order, within_a_class_the_first_comes_first)
{
	three_customers();
	cr_assert_eq(site_missed(s, "sales", "+493090001"), 1001);
	cr_assert_eq(site_missed(s, "sales", "+493090002"), 1002);
	site_after(s, 1);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
	cr_assert_eq(site_next(s, "ben", ""), 1002);
}

Test(fn_order, what_rang_in_the_night_comes_out_in_order_of_arrival)
{
	char phone[24];

	site_serve(s, "sales", "anna");
	s->now_ms += 10 * SITE_HOUR; /* 20:00 in Berlin */
	for (int i = 0; i < 30; i++) {
		site_after(s, 20 * SITE_MIN);
		(void)snprintf(phone, sizeof phone, "+4930777%03d", i);
		cr_assert_eq(site_missed(s, "sales", phone), 1001 + i);
	}
	cr_assert_eq(site_next(s, "anna", ""), 0);
	s->now_ms =
	    SITE_T0 + SITE_DAY; /* 10:00 the next day: all may be rung */
	site_tick(s);
	for (int i = 0; i < 30; i++) {
		cr_assert_eq(site_next(s, "anna", ""), 1001 + i);
		(void)site_outcome(s, "anna", "done", NULL);
	}
}

Test(fn_order, explain_and_list_agree_with_what_is_handed_out)
{
	struct reply *list, *why;

	three_customers();
	missed_ago(CAT, 45 * SITE_MIN);
	missed_ago(BEA, 3 * SITE_MIN);
	missed_ago(ANN, 20000);
	missed_ago(DAN, 7 * SITE_MIN);
	for (int left = 4; left > 0; left--) {
		const char *first;

		list =
		    site_call(s, "items", "0", "50", "state", "waiting", NULL);
		cr_assert_eq(reply_count(list, "item"), (size_t)left);
		for (int i = 0; i < left; i++) {
			why = site_call(
			    s, "explain",
			    reply_get_nth(list, "item", (size_t)i, "number"),
			    "", NULL);
			cr_assert_eq(reply_int(why, "sum", "position"), i + 1);
			if (i + 1 < left)
				HAS(why, "runner_up", "number",
				    reply_get_nth(list, "item", (size_t)i + 1,
						  "number"));
		}
		first = reply_get(list, "item", "number");
		cr_assert_str_eq(id(site_next(s, "anna", "")), first);
		(void)site_outcome(s, "anna", "done", NULL);
	}
}

Test(fn_order, the_sum_of_explain_is_weight_times_share)
{
	struct reply *why;

	three_customers();
	missed_ago(BEA, 9 * SITE_MIN);
	why = site_call(s, "explain", "1001", "", NULL);
	HAS(why, "sum", "tier_weight", "5");
	HAS(why, "sum", "severity_weight", "1");
	HAS(why, "sum", "used", "60");
	HAS(why, "sum", "priority", "3");
	cr_assert_eq(reply_count(why, "runner_up"), 0);
}

Test(fn_order, an_agents_factor_decides_between_his_queues)
{
	(void)site_call(s, "agent_add", "sales", "anna", "0.1", "t", NULL);
	(void)site_call(s, "agent_add", "billing", "anna", "1", "t", NULL);
	missed_ago(ANN, 5 * SITE_MIN);
	site_after(s, SITE_MIN);
	(void)site_missed(s, "billing", BEA);
	site_after(s, SITE_MIN);
	cr_assert_eq(site_next(s, "anna", ""), 1002);
}

Test(fn_order, nobody_gets_what_he_does_not_serve)
{
	site_serve(s, "billing", "ben");
	(void)site_missed(s, "sales", ANN);
	site_after(s, 50 * SITE_MIN);
	cr_assert_eq(site_next(s, "ben", ""), 0);
}

Test(fn_order, nothing_is_handed_out_while_the_queue_is_closed)
{
	struct reply *r;

	site_serve(s, "always", "anna");
	site_serve(s, "sales", "anna");
	(void)site_missed(s, "sales", ANN);
	s->now_ms += 8 * SITE_HOUR + SITE_MIN; /* one minute past closing */
	site_tick(s);
	r = site_call(s, "next", "anna", "", "d1", "0", NULL);
	SAYS(r, "none");
	HAS(r, "closed", "queue", "sales");
	HAS(r, "closed", "waiting", "1");
	HAS(r, "closed", "yours", "1");
	cr_assert_eq(reply_int(r, "closed", "opens"), SITE_T0 + 22 * SITE_HOUR);
}

Test(fn_order, the_estimate_is_the_position_at_the_pace_of_the_day)
{
	struct reply *r;

	three_customers();
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	site_after(s, 4 * SITE_MIN);
	(void)site_outcome(s, "anna", "done", NULL);
	missed_ago(BEA, 5 * SITE_MIN);
	missed_ago(DAN, SITE_MIN);
	r = site_call(s, "estimate", "1003", NULL);
	HAS(r, "estimate", "position", "2");
	cr_assert_eq(reply_int(r, "estimate", "estimate_ms"), 8 * SITE_MIN);
	r = site_call(s, "estimate", "1001", NULL);
	HAS(r, "estimate", "position", "");
}

Test(fn_order, of_equals_in_two_queues_the_first_comes_first)
{
	site_serve(s, "sales", "anna");
	site_serve(s, "billing", "anna");
	(void)site_missed(s, "billing", ANN);
	(void)site_missed(s, "sales", BEA);
	(void)site_missed(s, "billing", CAT);
	site_after(s, 1000);
	for (int64_t n = 1001; n <= 1003; n++) {
		cr_assert_eq(site_next(s, "anna", ""), n);
		(void)site_outcome(s, "anna", "done", NULL);
	}
}

Test(fn_order, a_position_is_right_to_the_millisecond)
{
	three_customers();
	missed_ago(BEA, 10);
	missed_ago(ANN, 2);
	HAS(site_call(s, "explain", "1001", "", NULL), "sum", "position", "2");
	cr_assert_eq(site_next(s, "anna", ""), 1002);
}
