/* The queue clock and its calendars. */
#include "tests/store/fn.h"

FUNCTIONS(fn_clock);

/* 09:00 is SITE_T0; office hours are 07:00 to 17:00 UTC. */
static const int64_t closing = SITE_T0 + 8 * SITE_HOUR;
static const int64_t opening = SITE_T0 + 22 * SITE_HOUR;

static int64_t
complaint(const char *phone)
{
	return reply_int(
	    site_event(s, "complaint", phone, "queue", "sales", NULL), "item",
	    "number");
}

/* How many ms of its four hours an item has used. */
static double
used_ms(int64_t number)
{
	return strtod(reply_get(site_call(s, "explain", id(number), "", NULL),
				"sum", "priority"),
		      NULL) /
	       5 * 4 * SITE_HOUR;
}

Test(fn_clock, it_stands_still_while_the_queue_is_closed)
{
	int64_t n;

	s->now_ms = closing - SITE_MIN;
	n = complaint(ANN);
	s->now_ms = closing + SITE_HOUR;
	cr_assert_float_eq(used_ms(n), SITE_MIN, 1);
	s->now_ms = opening + SITE_MIN;
	cr_assert_float_eq(used_ms(n), 2 * SITE_MIN, 1);
}

Test(fn_clock, several_windows_a_day_count_alone)
{
	int64_t n;

	site_calendar(s, "hours:office", 420, 600, 630, 1020, -1);
	n = complaint(ANN);
	s->now_ms += SITE_HOUR; /* the break begins */
	cr_assert_float_eq(used_ms(n), SITE_HOUR, 1);
	s->now_ms += 30 * SITE_MIN;
	cr_assert_float_eq(used_ms(n), SITE_HOUR, 1);
	s->now_ms += SITE_HOUR;
	cr_assert_float_eq(used_ms(n), 2 * SITE_HOUR, 1);
	s->now_ms += 2 * SITE_DAY;
	cr_assert_float_eq(used_ms(n), 2 * SITE_HOUR + 19 * SITE_HOUR, 1);
}

Test(fn_clock, the_due_time_walks_over_the_night)
{
	struct reply *r;

	s->now_ms = closing - SITE_HOUR;
	r = site_event(s, "complaint", ANN, "queue", "sales", NULL);
	cr_assert_eq(reply_int(r, "item", "due"), opening + 3 * SITE_HOUR);
}

Test(fn_clock, the_due_time_of_what_is_late_lies_in_the_past)
{
	int64_t n = complaint(ANN);
	struct reply *r;

	s->now_ms = opening + SITE_HOUR;
	r = site_call(s, "item", id(n), "", NULL);
	cr_assert_eq(reply_int(r, "item", "due"), SITE_T0 + 4 * SITE_HOUR);
	cr_assert_eq(reply_int(r, "item", "late_ms"), 5 * SITE_HOUR);
}

Test(fn_clock, a_wall_clock_set_back_takes_no_share_away)
{
	int64_t n = complaint(ANN);
	double before;

	site_pass(s, SITE_HOUR);
	before = used_ms(n);
	s->now_ms -= 50 * SITE_MIN;
	site_tick(s);
	cr_assert_float_eq(used_ms(n), before, 1);
	site_pass(s, SITE_MIN);
	cr_assert_float_eq(used_ms(n), before + SITE_MIN, 1);
	s->now_ms = closing + SITE_HOUR;
	site_tick(s);
	s->now_ms = closing - SITE_HOUR; /* back into the open hours */
	site_tick(s);
	before = used_ms(n);
	site_pass(s, SITE_MIN);
	cr_assert_float_eq(used_ms(n), before + SITE_MIN, 1);
}

Test(fn_clock, a_change_of_hours_touches_only_the_future)
{
	int64_t n;
	double before;

	(void)site_queue(s, "sales", "call_from", "\"\"", NULL);
	n = complaint(ANN);
	s->now_ms = closing + SITE_HOUR;
	site_tick(s);
	before = used_ms(n);
	site_calendar(s, "hours:office", 0, 1320,
		      -1); /* open until 22:00 UTC */
	cr_assert_float_eq(used_ms(n), before, 1);
	site_pass(s, SITE_HOUR);
	cr_assert_float_eq(used_ms(n), before + SITE_HOUR, 1);
	site_pass(s, SITE_DAY); /* nothing of the old hours is left in it */
	cr_assert_float_eq(used_ms(n), before + 23 * SITE_HOUR, 1);
}

Test(fn_clock, another_calendar_for_the_queue_touches_only_the_future)
{
	int64_t n = complaint(ANN);
	double before;

	s->now_ms = closing + SITE_HOUR;
	before = used_ms(n);
	(void)site_queue(s, "sales", "hours", "\"hours:always\"", NULL);
	cr_assert_float_eq(used_ms(n), before, 1);
	site_pass(s, SITE_HOUR);
	cr_assert_float_eq(used_ms(n), before + SITE_HOUR, 1);
}

Test(fn_clock, after_a_long_silence_it_is_exact)
{
	int64_t n = complaint(ANN);

	s->now_ms += 20 * SITE_DAY;
	cr_assert_float_eq(used_ms(n), 20.0 * 10 * SITE_HOUR, 1);
	site_tick(s);
	cr_assert_float_eq(used_ms(n), 20.0 * 10 * SITE_HOUR, 1);
}

Test(fn_clock, what_no_list_had_reached_is_filled_in_when_it_is_written)
{
	int64_t n = complaint(ANN);

	s->now_ms += 70 * SITE_DAY; /* the list reached 60 days */
	site_calendar(s, "hours:office", 420, 1020, -1);
	cr_assert_leq(used_ms(n), 70.0 * 24 * SITE_HOUR);
	cr_assert_geq(used_ms(n), 69.0 * 10 * SITE_HOUR);
}

Test(fn_clock, hours_that_nobody_has_written_are_open)
{
	int64_t n;

	(void)site_queue(s, "sales", "hours", "\"hours:other\"", NULL);
	n = complaint(ANN);
	s->now_ms = closing + SITE_HOUR;
	cr_assert_float_eq(used_ms(n), 9 * SITE_HOUR, 1);
}

Test(fn_clock, a_made_up_time_is_refused_outside_of_tests)
{
	redis_must(s->redis, "DEL", site_key("virtual"), NULL);
	cr_assert_not_null(
	    strstr(site_refused(s, "tick", "", NULL), "VIRTUAL"));
}

Test(fn_clock, calendars_say_how_far_they_reach)
{
	struct reply *r = site_call(s, "calendars", NULL);
	bool found = false;

	for (size_t i = 0; i < reply_count(r, "calendar"); i++) {
		if (strcmp(reply_get_nth(r, "calendar", i, "name"),
			   "hours:office") != 0)
			continue;
		found = true;
		cr_assert_str_eq(reply_get_nth(r, "calendar", i, "until"),
				 id(SITE_T0 - 9 * SITE_HOUR + 60 * SITE_DAY));
	}
	cr_assert(found);
}

/* ---- which day it is: of the figures of today --------------------------- */

static int64_t
asked_on(const char *day)
{
	char key[64];

	(void)snprintf(key, sizeof key, "rb:{t}:tally:%s", day);
	return redis_int(s->redis, "HGET", key, "sales|asked", NULL);
}

/* Two daemons, one before midnight by its own clock and one after it. */
Test(fn_clock, the_day_is_that_of_redis_whatever_a_daemon_believes)
{
	char early[200], late[200];
	int64_t midnight = SITE_T0 + 14 * SITE_HOUR, day = SITE_DAY;

	(void)snprintf(early, sizeof early,
		       "2026-11-22=%" PRId64 ",2026-11-23=%" PRId64
		       ",2026-11-24=%" PRId64 ",2026-11-25=%" PRId64,
		       midnight - 2 * day, midnight - day, midnight,
		       midnight + day);
	(void)snprintf(late, sizeof late,
		       "2026-11-23=%" PRId64 ",2026-11-24=%" PRId64
		       ",2026-11-25=%" PRId64 ",2026-11-26=%" PRId64,
		       midnight - day, midnight, midnight + day,
		       midnight + 2 * day);
	s->now_ms = midnight - 1000;
	(void)site_call(s, "tick", early, "d1", NULL);
	(void)complaint(ANN);
	(void)site_call(s, "tick", late, "d2", NULL);
	(void)complaint(BEA);
	cr_assert_eq(asked_on("2026-11-23"), 2);
	s->now_ms = midnight + 1000;
	(void)complaint(ANN);
	(void)site_call(s, "tick", early, "d1", NULL);
	(void)complaint(BEA);
	cr_assert_eq(asked_on("2026-11-23"), 2);
	cr_assert_eq(asked_on("2026-11-24"), 2);
}

Test(fn_clock,
     a_daemon_whose_clock_is_wrong_by_days_does_not_say_which_day_it_is)
{
	(void)site_call(s, "tick",
			"2020-01-01=1577833200000,2020-01-02=1577919600000",
			"d1", NULL);
	(void)complaint(ANN);
	cr_assert_eq(asked_on("2026-11-23"), 1);
}
