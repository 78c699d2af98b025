/* A source that says nothing although it should: told once, and when it speaks
 * again; what is usual is learnt by the hour of the week. */
#include "tests/store/fn_source.h"

FUNCTIONS(fn_silence);

#define SALES(more)                                                  \
	"{\"ignore_under\":0,\"ignore_from\":[],\"answered_min\":0," \
	"\"serves\":[\"sales\"]," more "}"

static void
speak(void)
{
	(void)site_event(s, "feedback", ANN, NULL);
}

static int
silences(void)
{
	return site_logged(s, "alert:source-silent", 0);
}

static void
until(int64_t at_ms)
{
	live(at_ms - s->now_ms, "d1", NULL);
}

Test(fn_silence, silence_is_told_once_and_that_it_speaks_again)
{
	have(SALES("\"silent_after\":1800000,\"silent_usual\":false"));
	tick("d1");
	speak();
	until(SITE_T0 + 29 * SITE_MIN);
	cr_assert_eq(silences(), 0);
	SOURCE_IS("silent", "0");
	until(SITE_T0 + 31 * SITE_MIN);
	cr_assert_eq(silences(), 1);
	SOURCE_IS("silent", "1");
	SOURCE_IS("silent_since", id(SITE_T0));
	until(SITE_T0 + 3 * SITE_HOUR);
	cr_assert_eq(silences(), 1);
	cr_assert_eq(site_logged(s, "source-heard", 0), 0);
	speak();
	until(SITE_T0 + 3 * SITE_HOUR + SITE_MIN);
	cr_assert_eq(site_logged(s, "source-heard", 0), 1);
	SOURCE_IS("silent", "0");
	until(SITE_T0 + 4 * SITE_HOUR);
	cr_assert_eq(silences(), 2);
}

Test(fn_silence, one_that_never_said_anything_is_silent_too)
{
	have(SALES("\"silent_after\":1800000,\"silent_usual\":false"));
	tick("d1");
	until(SITE_T0 + 31 * SITE_MIN);
	cr_assert_eq(silences(), 1);
}

/* Sales closes at 18:00 in Berlin, 17:00 UTC, and opens at 07:00. */
Test(fn_silence, silence_counts_in_opening_hours_only)
{
	have(SALES("\"silent_after\":3600000,\"silent_usual\":false"));
	s->now_ms = SITE_T0 + 7 * SITE_HOUR + 30 * SITE_MIN;
	tick("d1");
	speak();
	until(SITE_T0 + 22 * SITE_HOUR + 28 * SITE_MIN);
	cr_assert_eq(silences(), 0);
	until(SITE_T0 + 22 * SITE_HOUR + 31 * SITE_MIN);
	cr_assert_eq(silences(), 1);
}

Test(fn_silence, any_open_queue_counts_where_it_names_none)
{
	have("{\"answered_min\":0,\"serves\":[],\"silent_after\":3600000,"
	     "\"silent_usual\":false}");
	s->now_ms = SITE_T0 + 7 * SITE_HOUR + 30 * SITE_MIN;
	tick("d1");
	speak();
	until(SITE_T0 + 8 * SITE_HOUR + 31 * SITE_MIN);
	cr_assert_eq(silences(), 1);
}

/* Calendars are kept for nine days only. */
Test(fn_silence, a_silence_of_many_days_is_counted_right)
{
	have(SALES("\"silent_after\":432000000,\"silent_usual\":false"));
	tick("d1");
	speak();
	for (int i = 0; i < 14 * 24 * 6; i++) {
		for (int k = 0; k < 2; k++) {
			site_after(s, 9000);
			tick("d1");
		}
		/* The daemon was there all the time. */
		site_after(s, 10 * SITE_MIN - 18000);
		(void)redis_int(s->redis, "ZADD", site_key("daemons"),
				id(s->now_ms), "d1", NULL);
		tick("d1");
		if (silences() > 0)
			break;
	}
	/* 120 hours of opening at ten a day: 8 of today, ... */
	cr_assert_eq(silences(), 1);
	cr_assert_geq(s->now_ms, SITE_T0 + 12 * SITE_DAY - 10 * SITE_MIN);
	cr_assert_leq(s->now_ms, SITE_T0 + 12 * SITE_DAY + 20 * SITE_MIN);
}

Test(fn_silence, nothing_is_expected_of_one_that_is_down)
{
	have(SOURCE("\"silent_after\":1800000,\"silent_usual\":false"));
	tick("d1");
	(void)report("d1", "up", "");
	speak();
	until(SITE_T0 + 20 * SITE_MIN);
	(void)report("d1", "down", "no route");
	until(SITE_T0 + 2 * SITE_HOUR);
	cr_assert_eq(silences(), 0);
	(void)report("d1", "up", "");
	until(SITE_T0 + 2 * SITE_HOUR + 29 * SITE_MIN);
	cr_assert_eq(silences(), 0);
	until(SITE_T0 + 2 * SITE_HOUR + 31 * SITE_MIN);
	cr_assert_eq(silences(), 1);
}

Test(fn_silence, what_nobody_could_hear_is_no_silence)
{
	have(SALES("\"silent_after\":1800000,\"silent_usual\":false"));
	tick("d1");
	speak();
	site_after(s, 3 * SITE_HOUR);
	until(SITE_T0 + 3 * SITE_HOUR + 29 * SITE_MIN);
	cr_assert_eq(silences(), 0);
	until(SITE_T0 + 3 * SITE_HOUR + 31 * SITE_MIN);
	cr_assert_eq(silences(), 1);
}

/* ---- what is usual at this hour ----------------------------------------- */

/* Monday from 10:00 in Berlin, of that week: so many events in each of two
 * hours. */
static void
learn(int week, int events)
{
	int64_t begin = SITE_T0 + week * 7 * SITE_DAY;

	s->now_ms = begin - 5000;
	tick("d1");
	for (int i = 0; i < 2 * events; i++) {
		until(begin + 2 * SITE_HOUR * i / (2 * events));
		speak();
	}
	until(begin + 2 * SITE_HOUR + 5000);
}

/* The last event is at 10:05, then nothing until 12:00. */
static void
fall_silent(int week)
{
	int64_t begin = SITE_T0 + week * 7 * SITE_DAY;

	s->now_ms = begin - 5000;
	tick("d1");
	until(begin + 5 * SITE_MIN);
	speak();
}

Test(fn_silence, more_silence_than_is_usual_at_this_hour_is_told)
{
	int64_t begin = SITE_T0 + 3 * 7 * SITE_DAY;
	struct reply *r;

	have(SALES("\"silent_after\":0,\"silent_usual\":true"));
	for (int week = 0; week < 3; week++)
		learn(week, 20);
	cr_assert_eq(silences(), 0);
	fall_silent(3);
	until(begin + 34 * SITE_MIN);
	cr_assert_eq(silences(), 0);
	until(begin + 37 * SITE_MIN);
	cr_assert_eq(silences(), 1);
	r = site_call(s, "alerts", "d1", "10000", "duty", NULL);
	HAS(r, "alert", "alert", "source-silent");
	HAS(r, "alert", "source", "pbx");
	HAS(r, "alert", "why",
	    "nothing heard, where about 10 events are usual");
	HAS(r, "alert", "count", "0");
}

Test(fn_silence, little_is_never_missed)
{
	have(SALES("\"silent_after\":0,\"silent_usual\":true"));
	for (int week = 0; week < 3; week++)
		learn(week, 4);
	fall_silent(3);
	until(SITE_T0 + 21 * SITE_DAY + 3 * SITE_HOUR);
	cr_assert_eq(silences(), 0);
}

Test(fn_silence, one_week_says_nothing)
{
	have(SALES("\"silent_after\":0,\"silent_usual\":true"));
	learn(0, 40);
	fall_silent(1);
	until(SITE_T0 + 7 * SITE_DAY + 2 * SITE_HOUR);
	cr_assert_eq(silences(), 0);
}

Test(fn_silence, what_is_usual_can_be_left_alone)
{
	have(SALES("\"silent_after\":0,\"silent_usual\":false"));
	for (int week = 0; week < 3; week++)
		learn(week, 20);
	fall_silent(3);
	until(SITE_T0 + 21 * SITE_DAY + 2 * SITE_HOUR);
	cr_assert_eq(silences(), 0);
}

/* A day off: the calendar says that it is closed. */
Test(fn_silence, nothing_is_usual_while_it_is_closed)
{
	have(SALES("\"silent_after\":0,\"silent_usual\":true"));
	for (int week = 0; week < 3; week++)
		learn(week, 20);
	s->now_ms = SITE_T0 + 20 * SITE_DAY;
	site_calendar(s, "hours:office", 1380, 1439, -1);
	fall_silent(3);
	until(SITE_T0 + 21 * SITE_DAY + 2 * SITE_HOUR);
	cr_assert_eq(silences(), 0);
}

/* 10:00 in Berlin on the Sunday before and the one on which the clocks change:
 * the same hour of the week. */
static void
same_hour(const int64_t ten[2], const char *const days[2])
{
	summer = true;
	have("{\"answered_min\":0,\"serves\":[\"always\"],\"silent_after\":0,"
	     "\"silent_usual\":true}");
	for (int i = 0; i < 2; i++) {
		s->now_ms = ten[i] - 5000;
		(void)site_call(s, "tick", days[i], "d1", NULL);
		until(ten[i] + SITE_MIN);
		speak();
		until(ten[i] + SITE_HOUR + SITE_MIN);
		speak();
		until(ten[i] + SITE_HOUR + 2 * SITE_MIN);
	}
	cr_assert_eq(
	    redis_int(s->redis, "HLEN", site_key("feed_week:pbx"), NULL), 1);
	cr_assert_str_eq(
	    redis_str(s->redis, "HGET", site_key("feed_week:pbx"), "10", NULL),
	    "1.000:2");
}

/* Its hours of the week, as they were learnt: "34=20.000:1". */
static void
learnt(int hour, const char *value)
{
	const char *is = redis_str(s->redis, "HGET", site_key("feed_week:pbx"),
				   id(hour), NULL);

	cr_assert_str_eq(is, value, "hour %d is \"%s\"", hour, is);
}

/* Nobody knows yet whether a silence is usual. */
Test(fn_silence, an_hour_is_learnt_when_something_came_after_it)
{
	have(SALES("\"silent_after\":0,\"silent_usual\":true"));
	s->now_ms = SITE_T0 - 5000;
	tick("d1");
	until(SITE_T0 + SITE_MIN);
	speak();
	speak();
	until(SITE_T0 + 2 * SITE_HOUR + 50 * SITE_MIN);
	learnt(24 + 10, "");
	until(SITE_T0 + 3 * SITE_HOUR + 10 * SITE_MIN);
	speak();
	until(SITE_T0 + 3 * SITE_HOUR + 11 * SITE_MIN);
	learnt(24 + 10, "2.000:1");
	learnt(24 + 11, "0.000:1");
	learnt(24 + 12, "0.000:1");
	learnt(24 + 13, "");
	until(SITE_T0 + 4 * SITE_HOUR + SITE_MIN);
	speak();
	until(SITE_T0 + 4 * SITE_HOUR + 2 * SITE_MIN);
	learnt(24 + 13, "1.000:1");
}

Test(fn_silence, an_hour_is_the_same_when_summer_begins)
{
	same_hour(
	    (const int64_t[]){ INT64_C(1805619600000), INT64_C(1806220800000) },
	    (const char *const[]){
		"2027-03-20=1805497200000,2027-03-21=1805583600000,"
		"2027-03-22=1805670000000,2027-03-23=1805756400000",
		"2027-03-27=1806102000000,2027-03-28=1806188400000,"
		"2027-03-29=1806271200000,2027-03-30=1806357600000" });
}

Test(fn_silence, an_hour_is_the_same_when_summer_ends)
{
	same_hour(
	    (const int64_t[]){ INT64_C(1824364800000), INT64_C(1824973200000) },
	    (const char *const[]){
		"2027-10-23=1824242400000,2027-10-24=1824328800000,"
		"2027-10-25=1824415200000,2027-10-26=1824501600000",
		"2027-10-30=1824847200000,2027-10-31=1824933600000,"
		"2027-11-01=1825023600000,2027-11-02=1825110000000" });
}
