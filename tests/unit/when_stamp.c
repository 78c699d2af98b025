/* when_stamp.c -- RFC 3339, to the letter. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/policy/when.h"

static void
expect_stamp(const char *text, int64_t expected)
{
	int64_t ms = -7;

	cr_expect_eq(when_rfc3339(&ms, text), 0, "%s refused", text);
	cr_expect_eq(ms, expected, "%s: %lld", text, (long long)ms);
}

static void
expect_no_stamp(const char *text)
{
	int64_t ms = -7;

	cr_expect_eq(when_rfc3339(&ms, text), -1, "\"%s\" accepted", text);
	cr_expect_eq(ms, -7);
}

Test(when, reads_rfc3339_in_every_form)
{
	expect_stamp("1970-01-01T00:00:00Z", 0);
	expect_stamp("2026-11-22T09:20:00.000Z", 1795339200000);
	expect_stamp("2026-11-22T10:20:00+01:00", 1795339200000);
	expect_stamp("2026-11-21T21:50:00-11:30", 1795339200000);
	expect_stamp("2026-11-22t09:20:00z", 1795339200000);
	expect_stamp("2026-11-22T09:20:00.5Z", 1795339200500);
	expect_stamp("2026-11-22T09:20:00.123456789Z", 1795339200123);
	expect_stamp("2026-11-22T09:20:00-00:00", 1795339200000);
	expect_stamp("1969-12-31T23:59:59.250Z", -750);
	expect_stamp("2024-02-29T00:00:00Z", 1709164800000);
	expect_stamp("9999-12-31T23:59:59Z", 253402300799000);
}

Test(when, takes_a_leap_second_only_at_the_end_of_a_day)
{
	expect_stamp("2016-12-31T23:59:60Z", 1483228800000);
	expect_stamp("2017-01-01T00:59:60+01:00", 1483228800000);
	expect_no_stamp("2016-12-31T23:58:60Z");
	expect_no_stamp("2016-12-31T12:59:60Z");
}

Test(when, refuses_times_in_every_wrong_form)
{
	static const char *const wrong[] = { "", "Z", "now", "2026",
		"2026-11-22", "2026-11-22T09:20Z", "2026-11-22T09:20:00",
		"2026-11-22 09:20:00Z", "2026-11-22T09:20:00.Z",
		"2026-11-22T09:20:00,5Z", "2026-11-22T09:20:00+0100",
		"2026-11-22T09:20:00+01", "2026-11-22T09:20:00+24:00",
		"2026-11-22T09:20:00+01:60", "2026-11-22T09:20:00ZZ",
		"2026-11-22T09:20:00Z ", " 2026-11-22T09:20:00Z",
		"2026-00-22T09:20:00Z", "2026-13-22T09:20:00Z",
		"2026-11-00T09:20:00Z", "2026-11-31T09:20:00Z",
		"2026-02-29T09:20:00Z", "2100-02-29T09:20:00Z",
		"2026-11-22T24:00:00Z", "2026-11-22T09:60:00Z",
		"2026-11-22T09:20:61Z", "2026-1-22T09:20:00Z",
		"12026-11-22T09:20:00Z", "-026-11-22T09:20:00Z",
		"+026-11-22T09:20:00Z", "2026-11-22T09:20:00.5",
		"20261122T092000Z", "1795339200", "2026-11-22T9:20:00Z",
		"2026-11-22T09:20:00\xe2\x88\x92" "01:00",
		"2026-11-22T09:20:00.000000000000000000000000000000000000000000"
		"000000000000000000000000000Z" };

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		expect_no_stamp(wrong[i]);
}

Test(when, never_reads_past_a_stamp_that_is_cut_off)
{
	static const char whole[] = "2026-11-22T09:20:00.5+01:00";

	for (size_t n = 0; n < sizeof whole - 1; n++) {
		char *cut = malloc(n + 1); /* so that a sanitizer sees it */
		int64_t ms;

		cr_assert_not_null(cut);
		memcpy(cut, whole, n);
		cut[n] = '\0';
		cr_expect_eq(when_rfc3339(&ms, cut), -1, "\"%s\"", cut);
		free(cut);
	}
}

static void
expect_print(int64_t ms, const char *expected)
{
	char buf[25];

	when_print(buf, ms);
	cr_expect_str_eq(buf, expected);
}

Test(when, prints_utc_with_milliseconds)
{
	expect_print(1795339200000, "2026-11-22T09:20:00.000Z");
	expect_print(0, "1970-01-01T00:00:00.000Z");
	expect_print(-1, "1969-12-31T23:59:59.999Z");
	expect_print(INT64_MAX, "9999-12-31T23:59:59.999Z");
	expect_print(INT64_MIN, "0000-01-01T00:00:00.000Z");
}
