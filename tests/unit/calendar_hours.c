/* calendar_hours.c -- opening hours and windows as instants. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/fault.h"
#include "daemon/base/text.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/when.h"

#define LINES(...)                                                             \
	((const char *const[]) { __VA_ARGS__ }),                               \
	    sizeof((const char *const[]) { __VA_ARGS__ }) / sizeof(char *)

static int64_t
at(const char *text)
{
	int64_t ms = 0;

	cr_assert_eq(when_rfc3339(&ms, text), 0, "%s", text);
	return ms;
}

/* "open Mon 08:00, shut Mon 18:00", on the clock of the zone. */
static char *
print(const struct instants *list, const char *zone)
{
	struct text out = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		char when[64];

		calendar_local(when, sizeof when, list->list[i].at_ms, zone,
		    CALENDAR_DAY);
		text_addf(&out, "%s%s %s", i > 0 ? ", " : "",
		    list->list[i].opens ? "open" : "shut", when);
	}
	return text_take(&out);
}

/* The state just before and at each instant must be what the instant says. */
static void
expect_consistent(const struct hours *h, const struct instants *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct instant *in = &list->list[i];

		cr_expect_eq(calendar_open_at(h, in->at_ms), in->opens);
		cr_expect_eq(calendar_open_at(h, in->at_ms - 1), !in->opens);
		if (i > 0) {
			cr_expect_gt(in->at_ms, in[-1].at_ms);
			cr_expect_neq(in->opens, in[-1].opens);
		}
	}
}

static void
expect_hours(const struct hours *h, const char *from, const char *until,
    const char *expected)
{
	struct instants list = { 0 };
	struct fault fault = { "" };
	char *got;

	cr_assert_eq(
	    calendar_hours(&list, h, at(from), at(until), &fault), 0, "%s",
	    fault.text);
	got = print(&list, h->zone);
	cr_expect_str_eq(got, expected, "%s\n  expected %s", got, expected);
	expect_consistent(h, &list);
	free(got);
	instants_done(&list);
}

#define MON "2026-11-23T00:00:00+01:00"
#define TUE "2026-11-24T00:00:00+01:00"
#define WED "2026-11-25T00:00:00+01:00"
#define NEXT_MON "2026-11-30T00:00:00+01:00"

static void
expect_week(const char *const *lines, size_t n, const char *expected)
{
	struct hours h = { .open = lines, .open_count = n,
		.zone = "Europe/Berlin" };

	expect_hours(&h, MON, NEXT_MON, expected);
}

Test(calendar, opens_and_closes_on_the_days_that_are_named)
{
	expect_week(LINES("mon,wed 08:00-12:30"),
	    "open Mon 23 Nov 08:00, shut Mon 23 Nov 12:30, "
	    "open Wed 25 Nov 08:00, shut Wed 25 Nov 12:30");
	expect_week(LINES("Sat-Sun  09:00-13:00 "),
	    "open Sat 28 Nov 09:00, shut Sat 28 Nov 13:00, "
	    "open Sun 29 Nov 09:00, shut Sun 29 Nov 13:00");
	expect_week(LINES("sun-mon 10:00-11:00"),
	    "open Mon 23 Nov 10:00, shut Mon 23 Nov 11:00, "
	    "open Sun 29 Nov 10:00, shut Sun 29 Nov 11:00");
}

Test(calendar, knows_several_windows_a_day)
{
	expect_week(LINES("tue 13:00-18:00", "tue 08:00-12:30"),
	    "open Tue 24 Nov 08:00, shut Tue 24 Nov 12:30, "
	    "open Tue 24 Nov 13:00, shut Tue 24 Nov 18:00");
}

Test(calendar, joins_windows_that_touch_or_overlap)
{
	expect_week(LINES("tue 08:00-12:00", "tue 12:00-15:00",
			"tue 14:00-16:00", "tue 14:30-15:00"),
	    "open Tue 24 Nov 08:00, shut Tue 24 Nov 16:00");
	expect_week(LINES("mon 18:00-24:00", "tue 00:00-06:00"),
	    "open Mon 23 Nov 18:00, shut Tue 24 Nov 06:00");
}

Test(calendar, runs_windows_past_midnight)
{
	expect_week(LINES("fri 22:00-06:00"),
	    "open Fri 27 Nov 22:00, shut Sat 28 Nov 06:00");
	/* The one that began on Sunday reaches into this week. */
	expect_week(LINES("sun 22:00-06:00"),
	    "shut Mon 23 Nov 06:00, open Sun 29 Nov 22:00");
}

Test(calendar, never_closes_around_the_clock)
{
	expect_week(LINES("mon-sun 00:00-24:00"), "");
	expect_week(LINES("daily 00:00-12:00", "daily 12:00-24:00"), "");
	expect_week(LINES("daily 08:00-20:00", "daily 20:00-08:00"), "");
}

Test(calendar, tells_the_state_between_instants)
{
	struct hours h = { .zone = "Europe/Berlin" };
	static const char *const always[] = { "daily 00:00-24:00" };

	cr_expect_not(calendar_open_at(&h, at(MON)));
	h.open = always;
	h.open_count = 1;
	cr_expect(calendar_open_at(&h, at(MON)));
	cr_expect(calendar_open_at(&h, at(MON) - 1));
	h.zone = "Europe/Atlantis";
	cr_expect_not(calendar_open_at(&h, at(MON)));
}

Test(calendar, counts_the_first_moment_and_not_the_last)
{
	static const char *const lines[] = { "mon 08:00-18:00" };
	struct hours h = { .open = lines, .open_count = 1,
		.zone = "Europe/Berlin" };

	expect_hours(&h, "2026-11-23T08:00:00+01:00",
	    "2026-11-23T18:00:00+01:00", "open Mon 23 Nov 08:00");
	expect_hours(&h, "2026-11-23T08:00:00.001+01:00",
	    "2026-11-23T18:00:00.001+01:00", "shut Mon 23 Nov 18:00");
}

static void
expect_utc(const char *line, const char *zone, const char *night,
    const char *expected)
{
	struct hours h = { .open = &line, .open_count = 1, .zone = zone };
	struct instants list = { 0 };
	struct fault fault;
	char *got;

	cr_assert_eq(calendar_hours(&list, &h, at(night),
			 at(night) + 24 * 3600 * 1000, &fault),
	    0);
	got = print(&list, "UTC");
	cr_expect_str_eq(got, expected, "%s %s: %s", line, zone, got);
	expect_consistent(&h, &list);
	free(got);
	instants_done(&list);
}

Test(calendar, is_exact_on_the_night_the_clocks_jump)
{
	/* Berlin, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC. */
	const char *night = "2026-03-28T23:00:00Z";

	expect_utc("sun 01:00-04:00", "Europe/Berlin", night,
	    "open Sun 29 Mar 00:00, shut Sun 29 Mar 02:00");
	expect_utc("sun 02:30-04:00", "Europe/Berlin", night,
	    "open Sun 29 Mar 01:00, shut Sun 29 Mar 02:00");
	expect_utc("sun 01:00-02:30", "Europe/Berlin", night,
	    "open Sun 29 Mar 00:00, shut Sun 29 Mar 01:00");
	expect_utc("sun 02:00-03:00", "Europe/Berlin", night, "");
	expect_utc("sun 08:00-18:00", "Europe/Berlin", night,
	    "open Sun 29 Mar 06:00, shut Sun 29 Mar 16:00");
	expect_utc("daily 00:00-24:00", "Europe/Berlin", night, "");
}

Test(calendar, is_open_through_both_hours_that_come_twice)
{
	/* Berlin, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC. */
	const char *night = "2026-10-24T22:00:00Z";

	expect_utc("sun 02:30-04:00", "Europe/Berlin", night,
	    "open Sun 25 Oct 00:30, shut Sun 25 Oct 03:00");
	expect_utc("sun 01:00-02:30", "Europe/Berlin", night,
	    "open Sat 24 Oct 23:00, shut Sun 25 Oct 01:30");
	expect_utc("sat 22:00-06:00", "Europe/Berlin", night,
	    "shut Sun 25 Oct 05:00");
	expect_utc("daily 00:00-24:00", "Europe/Berlin", night, "");
}

Test(calendar, ends_the_day_where_midnight_comes_twice_or_never)
{
	/* Havana, 1 November 2026: 01:00 becomes 00:00 at 05:00 UTC. */
	expect_utc("sat 08:00-24:00", "America/Havana", "2026-10-31T06:00:00Z",
	    "open Sat 31 Oct 12:00, shut Sun 1 Nov 04:00");
	/* Cairo, 24 April 2026: midnight becomes 01:00 at 22:00 UTC. */
	expect_utc("fri 00:00-02:00", "Africa/Cairo", "2026-04-23T12:00:00Z",
	    "open Thu 23 Apr 22:00, shut Thu 23 Apr 23:00");
	expect_utc("thu 23:00-00:30", "Africa/Cairo", "2026-04-23T12:00:00Z",
	    "open Thu 23 Apr 21:00, shut Thu 23 Apr 22:00");
}

Test(calendar, knows_zones_off_by_parts_of_an_hour)
{
	expect_utc("mon 09:00-17:00", "Asia/Kolkata", "2026-11-22T18:30:00Z",
	    "open Mon 23 Nov 03:30, shut Mon 23 Nov 11:30");
	expect_utc("sun 02:15-04:00", "Australia/Lord_Howe",
	    "2026-10-03T13:30:00Z",
	    "open Sat 3 Oct 15:30, shut Sat 3 Oct 17:00");
	expect_utc("mon 09:00-17:00", "America/New_York",
	    "2040-07-02T00:00:00Z",
	    "open Mon 2 Jul 13:00, shut Mon 2 Jul 21:00");
}

Test(calendar, refuses_hours_that_it_does_not_understand)
{
	static const char *const wrong[] = { "", " ", "mon", "mon 8:00-18:00",
		"mon 08:00", "mon 08:00-", "mon 08:00-08:00",
		"mon 24:00-08:00", "mon 08:00-24:01", "mon 08:60-09:00",
		"mon 08:00-25:00", "mon 08:00 - 18:00", "08:00-18:00",
		"monday 08:00-18:00", "mon- 08:00-18:00",
		"mon-tue-wed 08:00-18:00", "mon,, 08:00-18:00",
		",mon 08:00-18:00", "mon;tue 08:00-18:00",
		"mon 08:00-12:00 13:00-18:00", "mon 08:00-12:00,13:00-18:00",
		"xyz 08:00-18:00", "daily,mon 08:00-18:00",
		"mon -8:00-18:00", "mon 08.00-18.00", "mon 08:00-18:0\xc3" };
	struct fault fault;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		fault.text[0] = '\0';
		cr_expect_eq(calendar_check_hours(
				 &wrong[i], 1, NULL, "Europe/Berlin", &fault),
		    -1, "\"%s\"", wrong[i]);
		cr_expect_not_null(strstr(fault.text, "is not understood"));
	}
	cr_expect_eq(calendar_check_hours(NULL, 0, NULL, "UTC", &fault), -1);
}

Test(calendar, says_which_zone_is_unknown)
{
	static const char *const line[] = { "mon 08:00-18:00" };
	struct fault fault = { "" };

	cr_expect_eq(calendar_check_hours(
			 line, 1, NULL, "Europe/Atlantis", &fault), -1);
	cr_expect_not_null(strstr(fault.text, "\"Europe/Atlantis\""));
	cr_expect_eq(calendar_check_hours(line, 1, NULL, NULL, &fault), -1);
	cr_expect_eq(calendar_check_hours(
			 line, 1, NULL, "Europe/Berlin", &fault), 0);
}

static void
expect_window(const char *zone, int from_min, int to_min, const char *expected)
{
	struct instants list = { 0 };
	char *got;

	cr_assert_eq(calendar_window(&list, zone, from_min, to_min, at(TUE),
			 at(WED)), 0);
	got = print(&list, "UTC");
	cr_expect_str_eq(got, expected);
	for (size_t i = 0; i < list.count; i++) {
		cr_expect_eq(calendar_window_open_at(zone, from_min, to_min,
				 list.list[i].at_ms), list.list[i].opens);
		cr_expect_eq(calendar_window_open_at(zone, from_min, to_min,
				 list.list[i].at_ms - 1), !list.list[i].opens);
	}
	free(got);
	instants_done(&list);
}

Test(calendar, makes_a_window_on_the_clock_of_the_customer)
{
	struct instants list = { 0 };

	expect_window("Europe/Berlin", 540, 1200,
	    "open Tue 24 Nov 08:00, shut Tue 24 Nov 19:00");
	expect_window("America/New_York", 540, 1200,
	    "shut Tue 24 Nov 01:00, open Tue 24 Nov 14:00");
	expect_window("Asia/Kolkata", 540, 1200,
	    "open Tue 24 Nov 03:30, shut Tue 24 Nov 14:30");
	expect_window("Europe/Berlin", 1200, 540,
	    "shut Tue 24 Nov 08:00, open Tue 24 Nov 19:00");
	expect_window("Europe/Berlin", 0, 1440, "");
	cr_expect(calendar_window_open_at("Europe/Berlin", 0, 1440, at(TUE)));
	cr_expect_eq(calendar_window(&list, "Atlantis", 0, 1440, 0, 1), -1);
	cr_expect_not(calendar_window_open_at("Atlantis", 0, 1440, at(TUE)));
}

Test(calendar, makes_60_days_for_20_queues_in_no_time)
{
	static const char *const lines[] = { "mon-fri 08:00-12:30",
		"mon-fri 13:00-18:00", "sat 09:00-13:00" };
	struct hours h = { .open = lines, .open_count = 3,
		.zone = "Europe/Berlin" };
	struct instants list;
	struct fault fault;
	clock_t begin = clock();

	for (int i = 0; i < 20; i++) {
		cr_assert_eq(calendar_hours(&list, &h, at(MON),
				 at(MON) + 60 * (int64_t)86400000, &fault), 0);
		cr_expect_eq(list.count, 192);
		instants_done(&list);
	}
	/* Generous, for sanitizers on a busy machine; a few ms are usual. */
	cr_expect_lt((clock() - begin) * 1000 / CLOCKS_PER_SEC, 500);
}

Test(calendar, reads_clocks_strictly)
{
	static const char *const wrong[] = { "", "9:00", "09:0", "09:000",
		"24:01", "25:00", "09:60", "09-00", " 9:00", "+9:00", "ab:cd" };
	int minutes = -7;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		cr_expect_eq(calendar_clock_minutes(&minutes, wrong[i]), -1);
	cr_expect_eq(minutes, -7);
	cr_expect_eq(calendar_clock_minutes(&minutes, "09:30"), 0);
	cr_expect_eq(minutes, 570);
	cr_expect_eq(calendar_clock_minutes(&minutes, "24:00"), 0);
	cr_expect_eq(minutes, 1440);
}

Test(calendar, shows_the_time_on_a_clock)
{
	char buf[64];

	calendar_local(buf, sizeof buf, at("2026-11-25T09:00:00Z"),
	    "Europe/Berlin", CALENDAR_DAY);
	cr_expect_str_eq(buf, "Wed 25 Nov 10:00");
	calendar_local(buf, sizeof buf, at("2026-11-25T09:19:59.999Z"),
	    "America/New_York", CALENDAR_CLOCK);
	cr_expect_str_eq(buf, "04:19");
	calendar_local(buf, sizeof buf, -1, "Atlantis", CALENDAR_DAY);
	cr_expect_str_eq(buf, "Wed 31 Dec 23:59");
	calendar_local(buf, 4, 0, "UTC", CALENDAR_DAY);
	cr_expect_str_eq(buf, "Thu");
}

Test(calendar, knows_the_zone_of_countries_with_one_clock)
{
	struct fault fault = { "" };

	cr_expect_null(calendar_region_zone("DE"), "before it is read");
	cr_assert_eq(calendar_init(&fault), 0, "%s", fault.text);
	cr_assert_eq(calendar_init(&fault), 0);
	cr_expect_str_eq(calendar_region_zone("DE"), "Europe/Berlin");
	cr_expect_str_eq(calendar_region_zone("AT"), "Europe/Vienna");
	cr_expect_str_eq(calendar_region_zone("GB"), "Europe/London");
	cr_expect_str_eq(calendar_region_zone("IN"), "Asia/Kolkata");
	cr_expect_null(calendar_region_zone("US"));
	cr_expect_null(calendar_region_zone("AU"));
	cr_expect_null(calendar_region_zone("PT"));
	cr_expect_null(calendar_region_zone("XX"));
	cr_expect_null(calendar_region_zone(""));
	cr_expect_null(calendar_region_zone(NULL));
}

Test(calendar, knows_the_zones_of_the_system)
{
	cr_expect(calendar_zone_ok("Europe/Berlin"));
	cr_expect(calendar_zone_ok("Asia/Calcutta"));
	cr_expect(calendar_zone_ok("UTC"));
	cr_expect_not(calendar_zone_ok("../../../etc/passwd"));
	cr_expect_not(calendar_zone_ok("Berlin"));
	cr_expect_not(calendar_zone_ok(""));
	cr_expect_not(calendar_zone_ok(NULL));
}
