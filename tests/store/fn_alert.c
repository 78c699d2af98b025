/* What goes out: at least once, to one daemon at a time, bursts as one. */
#include "tests/store/fn.h"

FUNCTIONS(fn_alert);

static struct reply *
claim(const char *daemon)
{
	return site_call(s, "alerts", daemon, "10000", "duty,mail", NULL);
}

static const char *
told(const char *daemon, const char *delivery, const char *how)
{
	return reply_word(
	    site_call(s, "alert_told", daemon, delivery, how, NULL));
}

/* An item that is broken now. */
static void
broken(const char *phone)
{
	(void)site_event(s, "call.missed", phone, "queue", "sales", "time",
			 id(s->now_ms - 16 * SITE_MIN), NULL);
	site_tick(s);
}

Test(fn_alert, an_alert_is_claimed_with_its_item_and_gone_when_told)
{
	struct reply *r;

	SAYS(claim("d1"), "none");
	broken(ANN);
	r = claim("d1");
	SAYS(r, "ok");
	HAS(r, "alert", "channel", "duty");
	HAS(r, "alert", "alert", "broken");
	HAS(r, "alert", "count", "1");
	HAS(r, "item", "number", "1001");
	cr_assert_str_eq(told("d1", reply_get(r, "alert", "id"), "ok"), "ok");
	SAYS(claim("d1"), "none");
	cr_assert_str_eq(told("d1", reply_get(r, "alert", "id"), "ok"), "gone");
}

Test(fn_alert, what_no_channel_asks_for_is_not_sent)
{
	(void)site_event(s, "call.missed", ANN, "queue", "sales", "time",
			 id(s->now_ms - 13 * SITE_MIN), NULL);
	site_tick(s);
	cr_assert_eq(site_logged(s, "alert:at-risk", 1001), 1);
	SAYS(claim("d1"), "none");
}

Test(fn_alert, two_daemons_never_have_the_same_one_at_a_time)
{
	struct reply *r;

	broken(ANN);
	r = claim("d1");
	SAYS(r, "ok");
	SAYS(claim("d2"), "none");
	site_after(s, 9999);
	SAYS(claim("d2"), "none");
	site_after(s, 1);
	HAS(claim("d2"), "alert", "id", reply_get(r, "alert", "id"));
	SAYS(claim("d1"), "none");
}

/* Two daemons with two files. */
Test(fn_alert, a_channel_waits_for_a_daemon_that_has_it)
{
	broken(ANN);
	SAYS(site_call(s, "alerts", "d1", "10000", "", NULL), "none");
	SAYS(site_call(s, "alerts", "d1", "10000", "mail", NULL), "none");
	HAS(site_call(s, "alerts", "d2", "10000", "mail,duty", NULL), "alert",
	    "tries", "1");
}

Test(fn_alert, a_channel_that_was_taken_out_is_given_up_and_said_so)
{
	broken(ANN);
	SAYS(site_call(s, "alerts", "d1", "10000", "", NULL), "none");
	(void)site_policy(s, "alerts", "[]", NULL);
	SAYS(site_call(s, "alerts", "d1", "10000", "", NULL), "none");
	cr_assert_eq(site_logged(s, "alert-lost", 0), 1);
	SAYS(claim("d2"), "none");
}

Test(fn_alert, who_failed_tries_again_later_and_later)
{
	struct reply *r;
	const char *it;

	broken(ANN);
	r = claim("d1");
	it = reply_get(r, "alert", "id");
	cr_assert_str_eq(told("d1", it, "failed"), "again");
	SAYS(claim("d1"), "none");
	site_after(s, 10000);
	r = claim("d1");
	SAYS(r, "ok");
	HAS(r, "alert", "tries", "2");
	cr_assert_str_eq(told("d1", it, "failed"), "again");
	site_after(s, 19999);
	SAYS(claim("d1"), "none");
	site_after(s, 1);
	SAYS(claim("d1"), "ok");
}

Test(fn_alert, after_three_days_a_delivery_is_given_up_and_said_so)
{
	struct reply *r;

	broken(ANN);
	r = claim("d1");
	s->now_ms += 3 * SITE_DAY + 1;
	cr_assert_str_eq(told("d1", reply_get(r, "alert", "id"), "failed"),
			 "lost");
	cr_assert_eq(site_logged(s, "alert-lost", 0), 1);
	SAYS(claim("d1"), "none");
}

Test(fn_alert, a_failure_told_by_another_daemon_does_not_count)
{
	struct reply *r;

	broken(ANN);
	r = claim("d1");
	cr_assert_str_eq(told("d2", reply_get(r, "alert", "id"), "failed"),
			 "gone");
}

Test(fn_alert, alerts_of_one_kind_within_a_minute_come_as_one)
{
	struct reply *r;
	char phone[24];

	broken("+4930666000");
	r = claim("d1");
	HAS(r, "alert", "count", "1");
	(void)told("d1", reply_get(r, "alert", "id"), "ok");
	for (int i = 1; i <= 20; i++) {
		(void)snprintf(phone, sizeof phone, "+4930666%03d", i);
		site_after(s, 2000);
		broken(phone);
		SAYS(claim("d1"), "none");
	}
	site_after(s, 20000);
	r = claim("d1");
	SAYS(r, "ok");
	HAS(r, "alert", "count", "20");
	cr_assert_eq(reply_count(r, "item"), 20);
	(void)told("d1", reply_get(r, "alert", "id"), "ok");
	SAYS(claim("d1"), "none");
}

/* A Redis that took over has forgotten that it was claimed, and gathers on. */
Test(fn_alert, what_came_into_a_burst_after_it_was_told_is_told_too)
{
	const char *const phones[] = { ANN, BEA, CAT, DAN };
	char first[80], base[80];
	struct reply *r;

	for (int i = 0; i < 4; i++) {
		broken(phones[i]);
		r = claim("d1");
		if (reply_is(r, "ok"))
			(void)told("d1", reply_get(r, "alert", "id"), "ok");
	}
	site_after(s, SITE_MIN);
	r = claim("d1");
	HAS(r, "alert", "count", "3");
	(void)snprintf(first, sizeof first, "%s", reply_get(r, "alert", "id"));
	(void)snprintf(base, sizeof base, "%.*s", (int)strcspn(first, "+"),
		       first);
	cr_assert_str_not_empty(strchr(first, '+'));
	redis_must(s->redis, "HSET", site_key("outbox:%s", base), "tries", "0",
		   "numbers", ",1002,1003,1004,1005", NULL);
	cr_assert_str_eq(told("d1", first, "ok"), "gone");
	site_after(s, SITE_HOUR);
	r = claim("d1");
	HAS(r, "alert", "count", "4");
	cr_assert_str_neq(reply_get(r, "alert", "id"), first);
	cr_assert_str_eq(told("d1", reply_get(r, "alert", "id"), "ok"), "ok");
}

Test(fn_alert, what_came_while_the_first_is_on_its_way_is_not_lost)
{
	struct reply *first, *second;

	broken(ANN);
	first = claim("d1");
	broken(BEA);
	SAYS(claim("d2"), "none");
	(void)told("d1", reply_get(first, "alert", "id"), "ok");
	site_after(s, SITE_MIN);
	second = claim("d1");
	SAYS(second, "ok");
	HAS(second, "item", "number", "1002");
}

Test(fn_alert, alerts_of_two_kinds_come_apart)
{
	(void)site_event(s, "call.missed", ANN, "queue", "sales", "time",
			 id(s->now_ms - SITE_HOUR), NULL);
	site_tick(s);
	HAS(claim("d1"), "alert", "alert", "broken");
	HAS(claim("d1"), "alert", "alert", "escalated");
	SAYS(claim("d1"), "none");
}

Test(fn_alert, every_alert_is_in_one_delivery_whatever_fails)
{
	char phone[24];
	int seen = 0;

	for (int i = 0; i < 300; i++) {
		(void)snprintf(phone, sizeof phone, "+4930666%03d", i);
		broken(phone);
	}
	for (int i = 0; i < 200; i++) {
		struct reply *r = claim(i % 2 == 0 ? "d1" : "d2");

		if (reply_is(r, "ok") && i % 3 == 0) {
			seen += (int)reply_int(r, "alert", "count");
			(void)told("d1", reply_get(r, "alert", "id"), "ok");
		}
		site_after(s, 7000);
	}
	cr_assert_eq(seen, 300);
}

Test(fn_alert, a_long_log_is_read_on_a_part_a_call)
{
	char phone[24];

	for (int i = 0; i < 120; i++) {
		(void)snprintf(phone, sizeof phone, "+4930666%03d", i);
		(void)site_missed(s, "sales", phone);
		(void)site_missed(s, "sales", phone);
	}
	SAYS(claim("d1"), "more");
	SAYS(claim("d1"), "none");
}
