/* Appointments, and the hours in which a customer may be called. */
#include "tests/store/fn.h"

FUNCTIONS(fn_later);

static const char *const zone = "America/New_York";

static struct reply *
later(const char *agent, int64_t at)
{
	return site_outcome(s, agent, "later", "at", id(at), NULL);
}

static void
fifty_wait(void)
{
	char phone[24];

	for (int i = 0; i < 50; i++) {
		(void)snprintf(phone, sizeof phone, "+4930888%03d", i);
		(void)site_event(s, "call.missed", phone, "queue", "sales",
				 "time", id(s->now_ms - SITE_HOUR), NULL);
	}
}

static void
anna_has_an_appointment_at_eleven(void)
{
	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	SAYS(later("anna", SITE_T0 + SITE_HOUR), "ok");
}

/* On duty is who was heard of. */
static void
pass_with_anna(int64_t ms)
{
	site_after(s, ms);
	(void)site_call(s, "agent_duty", "anna", "", "on", NULL);
	site_tick(s);
}

Test(fn_later, an_appointment_is_its_agents_at_its_time_with_fifty_waiting)
{
	anna_has_an_appointment_at_eleven();
	fifty_wait();
	IS(INT64_C(1001), "state", "scheduled");
	pass_with_anna(SITE_HOUR - 1);
	IS(INT64_C(1001), "state", "scheduled");
	pass_with_anna(1);
	cr_assert_neq(site_next(s, "ben", ""), 1001);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
}

Test(fn_later, after_its_window_an_appointment_is_anyones)
{
	anna_has_an_appointment_at_eleven();
	pass_with_anna(SITE_HOUR);
	cr_assert_eq(site_next(s, "ben", ""), 0);
	pass_with_anna(14 * SITE_MIN);
	cr_assert_eq(site_next(s, "ben", ""), 0);
	pass_with_anna(SITE_MIN);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
}

Test(fn_later, the_appointment_of_somebody_absent_is_anyones_at_its_time)
{
	anna_has_an_appointment_at_eleven();
	(void)site_call(s, "agent_duty", "anna", "", "off", NULL);
	site_pass(s, SITE_HOUR);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
}

Test(fn_later, who_leaves_after_its_time_leaves_the_appointment_to_others)
{
	anna_has_an_appointment_at_eleven();
	pass_with_anna(SITE_HOUR);
	(void)site_call(s, "agent_duty", "anna", "", "off", NULL);
	site_tick(s);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
}

Test(fn_later, an_appointment_for_anyone_goes_to_who_comes_first)
{
	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "later", "at", id(SITE_T0 + SITE_HOUR),
			   "anyone", "1", NULL);
	pass_with_anna(SITE_HOUR);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
}

Test(fn_later, an_appointment_shows_until_when_and_whose_it_is)
{
	struct reply *r;

	anna_has_an_appointment_at_eleven();
	r = site_call(s, "item", "1001", "anna", NULL);
	HAS(r, "item", "agent", "anna");
	cr_assert_eq(reply_int(r, "item", "try_at"), SITE_T0 + SITE_HOUR);
	cr_assert_eq(reply_int(r, "item", "until"),
		     SITE_T0 + SITE_HOUR + 15 * SITE_MIN);
}

Test(fn_later, an_appointment_whose_time_has_come_still_shows_it)
{
	struct reply *r;

	anna_has_an_appointment_at_eleven();
	site_pass(s, SITE_HOUR + 5 * SITE_MIN);
	IS(INT64_C(1001), "state", "waiting");
	r = site_call(s, "item", "1001", "anna", NULL);
	HAS(r, "item", "why", "appointment");
	cr_assert_eq(reply_int(r, "item", "try_at"), SITE_T0 + SITE_HOUR);
	cr_assert_eq(reply_int(r, "item", "until"),
		     SITE_T0 + SITE_HOUR + 15 * SITE_MIN);
}

Test(fn_later, an_appointment_raises_no_alert_at_its_time)
{
	(void)site_event(s, "callback.requested", ANN, "queue", "sales",
			 "callback_at", id(SITE_T0 + SITE_HOUR), NULL);
	site_pass(s, SITE_HOUR);
	site_pass(s, 15 * SITE_MIN - 1);
	cr_assert_eq(site_logged(s, "alert:broken", 1001), 0);
	site_pass(s, 1);
	cr_assert_eq(site_logged(s, "alert:broken", 1001), 1);
}

Test(fn_later, an_appointment_when_the_queue_is_closed_is_refused)
{
	struct reply *r;

	site_serve(s, "sales", "anna");
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	r = later("anna", SITE_T0 + 10 * SITE_HOUR);
	SAYS(r, "closed-then");
	cr_assert_eq(reply_int(r, "queue", "opens"), SITE_T0 + 22 * SITE_HOUR);
	SAYS(later("anna", SITE_T0), "no-time");
	SAYS(site_outcome(s, "anna", "later", NULL), "no-time");
	SAYS(site_outcome(s, "anna", "later", "at", "soon", NULL), "no-time");
	IS(INT64_C(1001), "state", "held");
	IS(INT64_C(1001), "tries", "0");
}

Test(fn_later, an_appointment_at_the_customers_night_is_refused)
{
	struct reply *r;

	site_serve(s, "sales", "anna");
	site_calendar(s, "window:America/New_York|09:00-20:00", 840, 1500, -1);
	(void)site_missed(s, "sales", BEA);
	(void)site_next(s, "anna", "");
	(void)site_customer(s, "US", "phones", BEA, "timezone",
			    "America/New_York", NULL);
	r = later("anna", SITE_T0 + SITE_HOUR);
	SAYS(r, "asleep-then");
	cr_assert_eq(reply_int(r, "item", "opens"), SITE_T0 + 5 * SITE_HOUR);
	IS(INT64_C(1001), "state", "held");
}

Test(fn_later, outside_his_hours_a_customer_is_not_called)
{
	site_serve(s, "always", "anna");
	(void)site_queue(s, "always", "call_from", "\"09:00\"", "call_to",
			 "\"20:00\"", NULL);
	site_calendar(s, "window:America/New_York|09:00-20:00", 840, 1500, -1);
	(void)site_customer(s, "US", "phones", BEA, "timezone", zone, NULL);
	(void)site_missed(s, "always", BEA);
	IS(INT64_C(1001), "state", "scheduled");
	IS(INT64_C(1001), "why", "window");
	cr_assert_eq(site_next(s, "anna", ""), 0);
	site_pass(s, 5 * SITE_HOUR);
	cr_assert_eq(site_used(s, 1001), 0);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
}

Test(fn_later, who_waits_when_his_hours_end_is_put_off_with_his_share)
{
	site_serve(s, "always", "anna");
	(void)site_queue(s, "always", "call_from", "\"09:00\"", "call_to",
			 "\"20:00\"", NULL);
	s->now_ms += 10 * SITE_HOUR - 3 * SITE_MIN; /* 19:57 in Berlin */
	(void)site_missed(s, "always", ANN);
	site_pass(s, 3 * SITE_MIN);
	IS(INT64_C(1001), "state", "scheduled");
	IS(INT64_C(1001), "why", "window");
	cr_assert_eq(site_used(s, 1001), 20);
	site_pass(s, 13 * SITE_HOUR);
	IS(INT64_C(1001), "state", "waiting");
	cr_assert_eq(site_used(s, 1001), 20);
}

Test(fn_later, between_ticks_nobody_is_handed_out_after_his_hours)
{
	site_serve(s, "always", "anna");
	(void)site_queue(s, "always", "call_from", "\"09:00\"", "call_to",
			 "\"20:00\"", NULL);
	s->now_ms += 10 * SITE_HOUR - 3 * SITE_MIN;
	(void)site_missed(s, "always", ANN);
	site_after(s, 3 * SITE_MIN);
	cr_assert_eq(site_next(s, "anna", ""), 0);
	IS(INT64_C(1001), "state", "scheduled");
}

Test(fn_later, an_unknown_calendar_is_wanted_and_the_item_is_safe)
{
	struct reply *r;
	bool wanted = false;

	site_serve(s, "sales", "anna");
	(void)site_customer(s, "US", "phones", BEA, "timezone", zone, NULL);
	(void)site_missed(s, "sales", BEA);
	IS(INT64_C(1001), "state", "scheduled");
	r = site_call(s, "calendars", NULL);
	for (size_t i = 0; i < reply_count(r, "calendar"); i++) {
		if (strcmp(reply_get_nth(r, "calendar", i, "name"),
			   "window:America/New_York|09:00-20:00") == 0)
			wanted =
			    strcmp(reply_get_nth(r, "calendar", i, "until"),
				   "0") == 0;
	}
	cr_assert(wanted);
	site_pass(s, 2000);
	IS(INT64_C(1001), "state", "scheduled");
	site_calendar(s, "window:America/New_York|09:00-20:00", 0, 1200, -1);
	site_pass(s, 2000);
	IS(INT64_C(1001), "state", "waiting");
	cr_assert_eq(
	    redis_int(s->redis, "SCARD", site_key("cals_wanted"), NULL), 0);
}

Test(fn_later, a_window_that_never_closes_is_no_hindrance)
{
	site_serve(s, "always", "anna");
	(void)site_queue(s, "always", "call_from", "\"00:00\"", "call_to",
			 "\"24:00\"", NULL);
	site_calendar(s, "window:Europe/Berlin|00:00-24:00", 0, 1440, -1);
	(void)site_missed(s, "always", ANN);
	IS(INT64_C(1001), "state", "waiting");
	cr_assert_eq(site_next(s, "anna", ""), 1001);
}

Test(fn_later, an_appointment_outside_the_customers_hours_waits_for_them)
{
	(void)site_event(s, "callback.requested", ANN, "queue", "sales",
			 "callback_at", id(SITE_T0 + 11 * SITE_HOUR), NULL);
	site_pass(s, 11 * SITE_HOUR);
	IS(INT64_C(1001), "state", "scheduled");
	IS(INT64_C(1001), "why", "window");
	site_pass(s, 12 * SITE_HOUR);
	IS(INT64_C(1001), "state", "waiting");
}

Test(fn_later, while_the_person_is_held_his_appointment_comes_to_the_holder)
{
	anna_has_an_appointment_at_eleven();
	(void)site_event(s, "complaint", ANN, "queue", "sales", "time",
			 id(SITE_T0), NULL);
	site_after(s, SITE_HOUR - SITE_MIN);
	cr_assert_eq(site_next(s, "ben", ""), 1002);
	site_pass(s, SITE_MIN);
	IS(INT64_C(1001), "state", "held");
	IS(INT64_C(1001), "agent", "ben");
}

Test(fn_later, what_its_hour_uses_up_at_once_is_no_news)
{
	(void)site_customer(s, "C1", "phones", ANN, "value", "5", NULL);
	(void)site_event(s, "callback.requested", ANN, "queue", "sales",
			 "callback_at", id(SITE_T0 + SITE_HOUR), NULL);
	site_pass(s, SITE_HOUR);
	cr_assert_eq(site_used(s, 1001), 75);
	cr_assert_eq(site_logged(s, "alert:at-risk", 1001), 0);
}
