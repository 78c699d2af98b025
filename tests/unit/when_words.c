/* when_words.c -- appointments as agents type them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/fault.h"
#include "daemon/policy/when.h"

/* What the words mean, as UTC to the minute; or the fault. */
static const char *
read_at(const char *now, const char *words, const char *zone)
{
	static struct fault fault;
	static char buf[25];
	int64_t now_ms, ms = 0;

	cr_assert_eq(when_rfc3339(&now_ms, now), 0);
	fault.text[0] = '\0';
	if (when_parse(&ms, words, zone, now_ms, &fault) < 0) {
		cr_expect_eq(ms, 0, "written in spite of a fault");
		return fault.text;
	}
	when_print(buf, ms);
	buf[16] = '\0';
	return buf;
}

/* Sunday, 22 November 2026, 10:20 in Berlin. */
#define NOW "2026-11-22T09:20:00Z"

static void
expect(const char *words, const char *expected)
{
	const char *got = read_at(NOW, words, "Europe/Berlin");

	cr_expect_str_eq(got, expected, "\"%s\": %s, expected %s", words, got,
	    expected);
}

static void
expect_fault(const char *now, const char *words, const char *part)
{
	const char *got = read_at(now, words, "Europe/Berlin");

	cr_expect_not_null(strstr(got, part), "\"%s\": %s, expected %s", words,
	    got, part);
}

Test(when, reads_a_time_of_today)
{
	expect("10:30", "2026-11-22T09:30");
	expect("14", "2026-11-22T13:00");
	expect("11am", "2026-11-22T10:00");
	expect("2:30pm", "2026-11-22T13:30");
	expect("2:30 pm", "2026-11-22T13:30");
	expect("12pm", "2026-11-22T11:00");
	expect("noon", "2026-11-22T11:00");
	expect("at 14:00", "2026-11-22T13:00");
	expect("today 14", "2026-11-22T13:00");
	expect("23:59", "2026-11-22T22:59");
	expect(" 10:30 ", "2026-11-22T09:30");
}

Test(when, reads_a_day_with_a_time)
{
	expect("tomorrow 10", "2026-11-23T09:00");
	expect("Tomorrow at 10", "2026-11-23T09:00");
	expect("10:00 tomorrow", "2026-11-23T09:00");
	expect("tomorrow 12am", "2026-11-22T23:00");
	expect("wed 14:30", "2026-11-25T13:30");
	expect("Wednesday 14:30", "2026-11-25T13:30");
	expect("on wed at 2pm", "2026-11-25T13:00");
	expect("25 nov 10:00", "2026-11-25T09:00");
	expect("nov 25 10", "2026-11-25T09:00");
	expect("November 25th, 10:00", "2026-11-25T09:00");
	expect("10 25 nov", "2026-11-25T09:00");
	expect("25 nov 2026 10:00", "2026-11-25T09:00");
	expect("2026-11-25 10:00", "2026-11-25T09:00");
	expect("2026-11-25 10", "2026-11-25T09:00");
}

Test(when, reads_what_the_daemon_prints)
{
	expect("Wed 25 Nov 10:00", "2026-11-25T09:00");
	expect("2026-11-25T09:00:00.000Z", "2026-11-25T09:00");
	expect("2026-11-25T10:00:00+01:00", "2026-11-25T09:00");
}

Test(when, reads_a_span_from_now)
{
	expect("in 20m", "2026-11-22T09:40");
	expect("in 20 min", "2026-11-22T09:40");
	expect("+2h", "2026-11-22T11:20");
	expect("+1h30m", "2026-11-22T10:50");
	expect("in 2 hours", "2026-11-22T11:20");
	expect("in 2 days", "2026-11-24T09:20");
	expect("in 1 week", "2026-11-29T09:20");
}

Test(when, keeps_the_time_of_day_over_the_change_of_clocks)
{
	cr_expect_str_eq(
	    read_at("2026-10-24T08:00:00Z", "in 2 days", "Europe/Berlin"),
	    "2026-10-26T09:00");
	cr_expect_str_eq(
	    read_at("2026-10-24T08:00:00Z", "in 48 hours", "Europe/Berlin"),
	    "2026-10-26T08:00");
}

Test(when, takes_the_next_such_weekday)
{
	expect("sun 11:00", "2026-11-22T10:00");
	expect("sun 10:00", "2026-11-29T09:00");
}

Test(when, takes_january_for_the_next_one)
{
	expect("5 jan 10:00", "2027-01-05T09:00");
}

Test(when, reads_on_the_clock_of_the_customer)
{
	cr_expect_str_eq(read_at(NOW, "tomorrow 10", "America/New_York"),
	    "2026-11-23T15:00");
	cr_expect_str_eq(
	    read_at(NOW, "10:00", "America/New_York"), "2026-11-22T15:00");
	/* There, it is already tomorrow. */
	cr_expect_str_eq(read_at("2026-11-22T20:00:00Z", "tomorrow 10",
			     "Asia/Kolkata"),
	    "2026-11-24T04:30");
}

Test(when, asks_for_a_time_of_day)
{
	expect_fault(NOW, "monday", "Give a time of day");
	expect_fault(NOW, "tomorrow", "Give a time of day");
	expect_fault(NOW, "25 nov", "Give a time of day");
	expect_fault(NOW, "2026-11-25", "Give a time of day");
}

Test(when, proposes_tomorrow_for_a_time_that_is_past)
{
	expect_fault(NOW, "10", "10:00 is past: it is 10:20 in Europe/Berlin. "
		"Say \"tomorrow 10\".");
	expect_fault(NOW, "9:45", "Say \"tomorrow 9:45\".");
	expect_fault(NOW, "10:20", "is past");
	expect_fault(NOW, "today 9", "Say \"tomorrow 9\".");
}

Test(when, refuses_days_that_are_past)
{
	expect_fault(NOW, "21 nov 10:00", "10:00 on Sat 21 Nov is past");
	expect_fault(NOW, "2026-11-21 10:00", "is past");
	expect_fault(NOW, "2026-11-22T09:20:00Z", "That time is past");
	expect_fault(NOW, "+0m", "That time is past");
}

Test(when, refuses_more_than_60_days)
{
	expect("2027-01-21 10:20", "2027-01-21T09:20");
	expect_fault(NOW, "2027-01-21 10:21", "more than 60 days ahead");
	expect_fault(NOW, "in 61 days", "more than 60 days ahead");
	expect_fault(NOW, "in 99999 weeks", "more than 60 days ahead");
	expect_fault(NOW, "9999-12-31T23:59:59Z", "more than 60 days ahead");
	expect_fault(NOW, "25 nov 2027 10", "more than 60 days ahead");
	expect_fault(NOW, "25 nov 9999 10", "more than 60 days ahead");
}

Test(when, refuses_days_that_do_not_exist)
{
	expect_fault(NOW, "31 nov 10", "November 2026 has no day 31");
	expect_fault(NOW, "29 feb 2027 10", "February 2027 has no day 29");
	expect_fault(NOW, "mon 25 nov 10:00",
	    "25 Nov 2026 is a Wed, not a Mon");
}

Test(when, refuses_a_time_that_the_clocks_skip)
{
	expect_fault("2026-03-28T12:00:00Z", "tomorrow 2:30",
	    "02:30 on Sun 29 Mar does not exist in Europe/Berlin");
	expect_fault("2026-03-28T12:00:00Z", "tomorrow 2:30",
	    "Choose 03:00 or later");
}

Test(when, takes_the_first_of_two_such_times_unless_it_is_over)
{
	cr_expect_str_eq(
	    read_at("2026-10-24T12:00:00Z", "tomorrow 2:30", "Europe/Berlin"),
	    "2026-10-25T00:30");
	cr_expect_str_eq(
	    read_at("2026-10-25T00:45:00Z", "2:30", "Europe/Berlin"),
	    "2026-10-25T01:30");
}

Test(when, refuses_what_is_no_time_and_shows_what_is)
{
	static const char *const wrong[] = { "", " ", "soon", "25", "24:00",
		"10:60", "10:3", "10:300", "13pm", "0am", "10 11", "1030",
		"wed wed 10", "tomorrow tomorrow 10", "in", "in m", "in 20",
		"in 20x", "+", "+m", "+-5m", "in -5m", "nov 10:00",
		"am", "pm 10", "10 am pm", "10pmpm", "10:00:00", ":30", "-5",
		"2026-02-30 10:00", "25 25 nov 10", "at", "10 at at am",
		"next wed 10", "tomorrow 25 nov 10", "10;rm", "10%s%n",
		"in 1h 2h x", "a b c d e f g h i j 10", "\xc3\xa4 10",
		"\xff\xff", "10\x01", "99999999999999999999" };

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		const char *got = read_at(NOW, wrong[i], "Europe/Berlin");

		cr_expect(strstr(got, "is not a time. Say for example") ||
			strstr(got, "Give a time of day"),
		    "\"%s\": %s", wrong[i], got);
	}
}

Test(when, cuts_endless_words_in_its_answer)
{
	static char words[100000];

	memset(words, '9', sizeof words - 1);
	cr_expect_lt(strlen(read_at(NOW, words, "Europe/Berlin")), 250);
}

Test(when, says_which_zone_is_unknown)
{
	cr_expect_str_eq(read_at(NOW, "10:30", "Europe/Atlantis"),
	    "The time zone \"Europe/Atlantis\" is not known here.");
	cr_expect_str_eq(read_at(NOW, "10:30", NULL),
	    "The time zone \"\" is not known here.");
}
