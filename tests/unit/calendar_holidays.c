/* calendar_holidays.c -- closures from .ics files, good and bad. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/fault.h"
#include "daemon/base/text.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/when.h"
#include "tests/unit/tempfile.h"

TestSuite(holidays, .init = tempfile_open, .fini = tempfile_close);

static int64_t
at(const char *text)
{
	int64_t ms = 0;

	cr_assert_eq(when_rfc3339(&ms, text), 0, "%s", text);
	return ms;
}

/* A file with these events; the path is the caller's to free. */
static char *
write_events(const char *events)
{
	struct text t = { 0 };
	char *path;

	text_add_str(&t, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n");
	text_add_str(&t, events);
	text_add_str(&t, "END:VCALENDAR\r\n");
	path = text_dup(tempfile_write("days.ics", t.data, t.len));
	text_done(&t);
	return path;
}

#define EVENT(lines)                                                           \
	"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Closed\r\n" lines "END:VEVENT\r\n"

static char *
print(const struct instants *list)
{
	struct text out = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		char when[64];

		calendar_local(when, sizeof when, list->list[i].at_ms,
		    "Europe/Berlin", CALENDAR_DAY);
		text_addf(&out, "%s%s %s", i > 0 ? ", " : "",
		    list->list[i].opens ? "open" : "shut", when);
	}
	return text_take(&out);
}

static void
expect(const char *events, const char *line, const char *from,
    const char *until, const char *expected)
{
	char *path = write_events(events), *got;
	struct hours h = { .open = &line, .open_count = 1, .holidays = path,
		.zone = "Europe/Berlin" };
	struct instants list = { 0 };
	struct fault fault = { "" };

	cr_assert_eq(calendar_hours(&list, &h, at(from), at(until), &fault), 0,
	    "%s", fault.text);
	got = print(&list);
	cr_expect_str_eq(got, expected, "%s\n  expected %s", got, expected);
	for (size_t i = 0; i < list.count; i++) {
		cr_expect_eq(calendar_open_at(&h, list.list[i].at_ms),
		    list.list[i].opens);
		cr_expect_eq(calendar_open_at(&h, list.list[i].at_ms - 1),
		    !list.list[i].opens);
	}
	free(got);
	instants_done(&list);
	free(path);
}

#define CHRISTMAS "2026-12-24T00:00:00+01:00", "2026-12-28T00:00:00+01:00"

Test(holidays, close_all_the_day)
{
	expect(EVENT("DTSTART;VALUE=DATE:20261225\r\n"),
	    "daily 08:00-18:00", CHRISTMAS,
	    "open Thu 24 Dec 08:00, shut Thu 24 Dec 18:00, "
	    "open Sat 26 Dec 08:00, shut Sat 26 Dec 18:00, "
	    "open Sun 27 Dec 08:00, shut Sun 27 Dec 18:00");
}

Test(holidays, close_several_days_and_not_the_one_after)
{
	expect(EVENT("DTSTART;VALUE=DATE:20261225\r\n"
		     "DTEND;VALUE=DATE:20261227\r\n"),
	    "daily 00:00-24:00", CHRISTMAS,
	    "shut Fri 25 Dec 00:00, open Sun 27 Dec 00:00");
	expect(EVENT("DTSTART;VALUE=DATE:20261225\r\nDURATION:P2D\r\n"),
	    "daily 00:00-24:00", CHRISTMAS,
	    "shut Fri 25 Dec 00:00, open Sun 27 Dec 00:00");
	/* As some programs write a single day. */
	expect(EVENT("DTSTART;VALUE=DATE:20261225\r\n"
		     "DTEND;VALUE=DATE:20261225\r\n"),
	    "daily 00:00-24:00", CHRISTMAS,
	    "shut Fri 25 Dec 00:00, open Sat 26 Dec 00:00");
}

Test(holidays, begin_no_night_and_end_the_one_before_at_midnight)
{
	expect(EVENT("DTSTART;VALUE=DATE:20261225\r\n"),
	    "daily 22:00-06:00", CHRISTMAS,
	    "shut Thu 24 Dec 06:00, open Thu 24 Dec 22:00, "
	    "shut Fri 25 Dec 00:00, open Sat 26 Dec 22:00, "
	    "shut Sun 27 Dec 06:00, open Sun 27 Dec 22:00");
}

Test(holidays, come_back_every_year)
{
	expect(EVENT("DTSTART;VALUE=DATE:19701225\r\n"
		     "RRULE:FREQ=YEARLY\r\n"),
	    "daily 00:00-24:00", CHRISTMAS,
	    "shut Fri 25 Dec 00:00, open Sat 26 Dec 00:00");
	expect(EVENT("DTSTART;VALUE=DATE:20001123\r\n"
		     "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\r\n"),
	    "daily 00:00-24:00", "2026-11-20T00:00:00+01:00",
	    "2026-11-30T00:00:00+01:00",
	    "shut Thu 26 Nov 00:00, open Fri 27 Nov 00:00");
	expect(EVENT("DTSTART;VALUE=DATE:20001225\r\n"
		     "RRULE:FREQ=YEARLY;UNTIL=20251225\r\n"),
	    "daily 00:00-24:00", CHRISTMAS, "");
}

Test(holidays, leave_out_exceptions_and_take_dates_of_their_own)
{
	expect(EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY\r\n"
		     "EXDATE;VALUE=DATE:20261225\r\n"
		     "RDATE;VALUE=DATE:20261227\r\n"),
	    "daily 00:00-24:00", CHRISTMAS, "shut Sun 27 Dec 00:00");
	expect(EVENT("DTSTART;TZID=Europe/Berlin:20201225T000000\r\n"
		     "DTEND;TZID=Europe/Berlin:20201226T000000\r\n"
		     "RRULE:FREQ=YEARLY\r\nEXDATE:20261224T230000Z\r\n"),
	    "daily 00:00-24:00", CHRISTMAS, "");
	expect(EVENT("DTSTART;VALUE=DATE:20201201\r\n"
		     "RDATE;VALUE=DATE:20261224\r\n"
		     "RDATE;VALUE=DATE:20261225\r\n"
		     "RDATE;VALUE=DATE:20261226\r\n"
		     "EXDATE;VALUE=DATE:20261225\r\n"
		     "EXDATE;VALUE=DATE:20261226\r\n"),
	    "daily 00:00-24:00", "2026-12-23T00:00:00+01:00",
	    "2026-12-28T00:00:00+01:00",
	    "shut Thu 24 Dec 00:00, open Fri 25 Dec 00:00");
	/* One of them is moved: the event of its own replaces it. */
	expect(EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY\r\n")
		EVENT("RECURRENCE-ID;VALUE=DATE:20261225\r\n"
		      "DTSTART;VALUE=DATE:20261226\r\n"),
	    "daily 00:00-24:00", CHRISTMAS,
	    "shut Sat 26 Dec 00:00, open Sun 27 Dec 00:00");
	expect(EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY\r\n")
		EVENT("RECURRENCE-ID;VALUE=DATE:20261225\r\n"
		      "DTSTART;VALUE=DATE:20261225\r\nSTATUS:CANCELLED\r\n"),
	    "daily 00:00-24:00", CHRISTMAS, "");
}

Test(holidays, close_for_some_hours)
{
	/* On our clock, on theirs, and in UTC. */
	expect(EVENT("DTSTART:20261224T120000\r\nDTEND:20261224T130000\r\n"),
	    "thu 08:00-18:00", CHRISTMAS,
	    "open Thu 24 Dec 08:00, shut Thu 24 Dec 12:00, "
	    "open Thu 24 Dec 13:00, shut Thu 24 Dec 18:00");
	expect(EVENT("DTSTART;TZID=Europe/London:20261224T120000\r\n"
		     "DTEND;TZID=Europe/London:20261224T220000\r\n"),
	    "thu 08:00-18:00", CHRISTMAS,
	    "open Thu 24 Dec 08:00, shut Thu 24 Dec 13:00");
	expect(EVENT("DTSTART:20261224T060000Z\r\nDURATION:PT2H\r\n"),
	    "thu 08:00-18:00", CHRISTMAS,
	    "open Thu 24 Dec 09:00, shut Thu 24 Dec 18:00");
}

Test(holidays, may_overlap_and_take_whole_windows)
{
	expect(EVENT("DTSTART:20261224T070000\r\nDTEND:20261224T130000\r\n")
		EVENT("DTSTART:20261224T120000\r\nDTEND:20261224T190000\r\n")
		EVENT("DTSTART;VALUE=DATE:20261225\r\n")
		EVENT("DTSTART;VALUE=DATE:20261225\r\n"),
	    "thu-sat 08:00-18:00", CHRISTMAS,
	    "open Sat 26 Dec 08:00, shut Sat 26 Dec 18:00");
}

Test(holidays, are_days_of_the_zone_that_asks)
{
	char *path = write_events(EVENT("DTSTART;VALUE=DATE:20261225\r\n"));
	const char *line = "daily 00:00-24:00";
	struct hours h = { .open = &line, .open_count = 1, .holidays = path,
		.zone = "America/New_York" };

	cr_expect(calendar_open_at(&h, at("2026-12-25T04:59:59Z")));
	cr_expect_not(calendar_open_at(&h, at("2026-12-25T05:00:00Z")));
	cr_expect_not(calendar_open_at(&h, at("2026-12-26T04:59:59Z")));
	cr_expect(calendar_open_at(&h, at("2026-12-26T05:00:00Z")));
	free(path);
}

static void
expect_end(const char *events, int64_t expected)
{
	char *path = write_events(events);
	int64_t end = calendar_holidays_end(path);

	cr_expect_eq(end, expected, "%lld", (long long)end);
	free(path);
}

Test(holidays, tell_when_the_last_one_ends)
{
	expect_end(EVENT("DTSTART;VALUE=DATE:20261225\r\n")
		EVENT("DTSTART;VALUE=DATE:20260101\r\n"),
	    at("2026-12-26T00:00:00Z"));
	expect_end(EVENT("DTSTART;VALUE=DATE:20001225\r\n"
			 "RRULE:FREQ=YEARLY\r\n"), INT64_MAX);
	expect_end(EVENT("DTSTART;VALUE=DATE:20001225\r\n"
			 "RRULE:FREQ=YEARLY;COUNT=3\r\n"),
	    at("2002-12-26T00:00:00Z"));
	expect_end(EVENT("DTSTART;VALUE=DATE:20001225\r\n"
			 "STATUS:CANCELLED\r\n"), -1);
	expect_end("", -1);
	cr_expect_eq(calendar_holidays_end("/nowhere/days.ics"), -1);
}

Test(holidays, are_read_again_when_the_file_has_changed)
{
	char *path = write_events(EVENT("DTSTART;VALUE=DATE:20261225\r\n"));
	const char *line = "daily 00:00-24:00";
	struct hours h = { .open = &line, .open_count = 1, .holidays = path,
		.zone = "UTC" };

	cr_expect_not(calendar_open_at(&h, at("2026-12-25T12:00:00Z")));
	free(write_events(EVENT("DTSTART;VALUE=DATE:20261226\r\n"
				"X-LONGER:yes\r\n")));
	cr_expect(calendar_open_at(&h, at("2026-12-25T12:00:00Z")));
	cr_expect_not(calendar_open_at(&h, at("2026-12-26T12:00:00Z")));
	free(path);
}

static void
expect_fault(const char *path, const char *part)
{
	static const char *const line[] = { "mon 08:00-18:00" };
	struct hours h = { .open = line, .open_count = 1, .holidays = path,
		.zone = "UTC" };
	struct fault fault = { "" };
	struct instants list = { 0 };

	cr_expect_eq(calendar_check_hours(line, 1, path, "UTC", &fault), -1,
	    "accepted, expected %s", part);
	cr_expect_not_null(strstr(fault.text, part), "%s, expected %s",
	    fault.text, part);
	cr_expect_not_null(strstr(fault.text, path), "%s", fault.text);
	cr_expect_eq(calendar_hours(&list, &h, 0, 1, &fault), -1);
	cr_expect_null(list.list);
	cr_expect_not(calendar_open_at(&h, at("2026-11-23T12:00:00Z")));
}

static void
expect_bad_text(const char *text, size_t len, const char *part)
{
	char *path = text_dup(tempfile_write("bad.ics", text, len));

	expect_fault(path, part);
	free(path);
}

Test(holidays, refuse_what_is_no_calendar)
{
	static char large[5 * 1024 * 1024];
	static const char cut[] = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"
				  "DTSTART;VALUE=DATE:20261225\r\nEND:VEV";
	static const char astray[] = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"
		"DTSTART;VALUE=DATE:20261225\r\nBEGIN:VEVENT\r\n"
		"DTSTART;VALUE=DATE:20261226\r\nEND:VEVENT\r\n"
		"END:VCALENDAR\r\n";
	static const char twice[] = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
		"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"
		"DTSTART;VALUE=DATE:20261225\r\nEND:VEVENT\r\n"
		"END:VCALENDAR\r\n";
	static const char nul[] = "BEGIN:VCALENDAR\r\n\0END:VCALENDAR\r\n";

	expect_fault("/nowhere/days.ics", "No such file");
	expect_fault(tempfile_folder(), "is no file");
	expect_bad_text("", 0, "BEGIN:VCALENDAR");
	expect_bad_text("<html>", 6, "BEGIN:VCALENDAR");
	expect_bad_text(cut, sizeof cut - 1, "cut off");
	expect_bad_text(nul, sizeof nul - 1, "cut off");
	expect_bad_text(astray, sizeof astray - 1, "every BEGIN");
	expect_bad_text(twice, sizeof twice - 1, "every BEGIN");
	memset(large, ' ', sizeof large);
	expect_bad_text(large, sizeof large, "larger than 4 MB");
}

static void
expect_bad(const char *events, const char *part)
{
	char *path = write_events(events);

	expect_fault(path, part);
	free(path);
}

Test(holidays, refuse_events_that_would_be_misunderstood)
{
	expect_bad("", "no event");
	expect_bad(EVENT(""), "no DTSTART");
	expect_bad(EVENT("DTSTART:yesterday\r\n"), "DTSTART");
	expect_bad(EVENT("DTSTART;VALUE=DATE:20261345\r\n"), "DTSTART");
	expect_bad(EVENT("DTSTART:20261224T120000\r\n"), "does not end");
	expect_bad(EVENT("DTSTART:20261224T120000\r\n"
			 "DTEND:20261224T110000\r\n"), "does not end");
	expect_bad(EVENT("DTSTART;VALUE=DATE:20261225\r\n"
			 "DTEND;VALUE=DATE:20261224\r\n"), "does not end");
	expect_bad(EVENT("DTSTART;VALUE=DATE:20261225\r\n"
			 "DTEND;VALUE=DATE:20261345\r\n"), "DTEND");
	expect_bad(EVENT("DTSTART;VALUE=DATE:20261225\r\n"
			 "DTEND:20261226T000000\r\n"), "same kind");
	expect_bad(EVENT("DTSTART;TZID=Europe/Berlin:20261224T120000\r\n"
			 "DTEND;TZID=Asia/Tokyo:20261225T120000\r\n"),
	    "same kind and zone");
	expect_bad(EVENT("DTSTART:20261224T120000\r\nDTEND:soon\r\n"),
	    "the DTEND of \"Closed\" cannot be read");
	expect_bad(EVENT("DTSTART;VALUE=DATE:20261225\r\n"
			 "RRULE:FREQ=SOMETIMES\r\n"), "RRULE");
	expect_bad(EVENT("DTSTART:20261224T120000\r\n"
			 "DTEND:20261224T130000\r\n"
			 "RRULE:FREQ=SECONDLY\r\n"), "more often than daily");
	expect_bad(EVENT("DTSTART;VALUE=DATE:20200101\r\n"
			 "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n"),
	    "RRULE");
	expect_bad(EVENT("DTSTART;TZID=Middle Earth:20261224T120000\r\n"
			 "DTEND;TZID=Middle Earth:20261224T130000\r\n"),
	    "time zone \"Middle Earth\"");
}

Test(holidays, pass_over_what_does_not_matter)
{
	expect(EVENT("DTSTART;VALUE=DATE:20261225\r\nTRANSP:TRANSPARENT\r\n"
		     "DESCRIPTION:\r\nX-ODD;=:\r\nLOCATION\r\n"),
	    "daily 00:00-24:00", CHRISTMAS,
	    "shut Fri 25 Dec 00:00, open Sat 26 Dec 00:00");
}
