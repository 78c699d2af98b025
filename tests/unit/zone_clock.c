/* zone_clock.c -- the zones against the C library's, over all their turns. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/day.h"
#include "daemon/base/zone.h"
#include "daemon/base/zone_rule.h"

#define AT(year, month, mday) (day_number(year, month, mday) * DAY_SECONDS)

static void
expect_as_libc(const char *name)
{
	const struct zone *zone = zone_find(name);
	int wrong = 0;

	cr_assert_not_null(zone, "%s", name);
	cr_assert_eq(setenv("TZ", name, 1), 0);
	tzset();
	for (time_t s = AT(2020, 1, 1); s < AT(2050, 1, 1); s += 1800) {
		struct zone_moment m = zone_moment(zone, zone_local_s(zone, s));
		struct tm tm;

		cr_assert_not_null(localtime_r(&s, &tm));
		wrong += zone_local_s(zone, s) - s != tm.tm_gmtoff;
		wrong += m.first_s != s && m.last_s != s;
		wrong += m.fold == ZONE_SKIPPED;
	}
	cr_expect_eq(wrong, 0, "%s: %d wrong", name, wrong);
}

Test(zone, agrees_with_the_c_library)
{
	static const char *const names[] = { "Europe/Berlin",
		"America/New_York", "Australia/Lord_Howe", "Asia/Kolkata",
		"Africa/Casablanca", "Africa/Cairo", "Europe/Dublin",
		"America/Havana", "America/Scoresbysund", "Asia/Gaza",
		"US/Eastern", "UTC", "Etc/GMT+5" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		expect_as_libc(names[i]);
}

Test(zone, tells_times_that_are_skipped_or_come_twice)
{
	const struct zone *zone = zone_find("Australia/Lord_Howe");
	struct zone_moment m;

	/* Half an hour: 4 October 2026 02:00 to 02:30, UTC+10:30 to +11. */
	cr_assert_not_null(zone);
	m = zone_moment(zone, AT(2026, 10, 4) + 2 * 3600 + 900);
	cr_expect_eq(m.fold, ZONE_SKIPPED);
	cr_expect_eq(m.first_s, AT(2026, 10, 3) + 15 * 3600 + 1800);
	cr_expect_eq(m.last_s, m.first_s);
	/* 5 April 2026, 01:30 to 02:00 twice. */
	m = zone_moment(zone, AT(2026, 4, 5) + 3600 + 2700);
	cr_expect_eq(m.fold, ZONE_TWICE);
	cr_expect_eq(m.first_s, AT(2026, 4, 4) + 14 * 3600 + 2700);
	cr_expect_eq(m.last_s - m.first_s, 1800);
}

Test(zone, counts_the_end_of_a_doubled_hour_once)
{
	const struct zone *zone = zone_find("Europe/Berlin");
	struct zone_moment m;

	/* 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC. */
	cr_assert_not_null(zone);
	m = zone_moment(zone, AT(2026, 10, 25) + 3 * 3600);
	cr_expect_eq(m.fold, ZONE_ONCE);
	cr_expect_eq(m.first_s, AT(2026, 10, 25) + 2 * 3600);
	m = zone_moment(zone, AT(2026, 10, 25) + 2 * 3600);
	cr_expect_eq(m.fold, ZONE_TWICE);
}

Test(zone, takes_names_and_no_paths)
{
	static const char *const wrong[] = { "", ".", "..", "../passwd",
		"/etc/passwd", "Europe/../Europe/Berlin", "Europe", "Europe/",
		"europe/berlin", "right/UTC", "posix/UTC", "localtime",
		"zone.tab", "tzdata.zi", "Europe/Berlin ", "Europe/Berlin\n",
		"Europe/Atlantis", "CET-1CEST", ":UTC" };
	char endless[300];

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		cr_expect_null(zone_find(wrong[i]), "\"%s\"", wrong[i]);
	memset(endless, 'A', sizeof endless);
	endless[299] = '\0';
	cr_expect_null(zone_find(endless));
	cr_expect_null(zone_find(NULL));
}

Test(zone, reads_rules_of_every_kind)
{
	static const char *const right[] = { "CET-1CEST,M3.5.0,M10.5.0/3",
		"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "UTC0", "<-03>3",
		"EST5EDT,J60/0,J300/23:59:59", "AAA0BBB,59,300",
		"IST-2IDT,M3.4.4/26,M10.5.0", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0" };
	static const char *const wrong[] = { "", "CE", "CET", "CET-", "<CET-1",
		"CET-1CEST", "CET-1CEST,", "CET-1CEST,M3.5.0",
		"CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
		"CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0x",
		"CET-1CEST,M3.5.0/,M10.5.0", "CET-999", "CET-1:60",
		"CET-1CEST,J366,J1" };
	struct zone_rule rule;

	for (size_t i = 0; i < sizeof right / sizeof *right; i++)
		cr_expect_eq(zone_rule_read(&rule, right[i]), 0, "%s", right[i]);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		cr_expect_eq(zone_rule_read(&rule, wrong[i]), -1, "%s", wrong[i]);
}

Test(zone, counts_days_of_rules_as_posix_does)
{
	struct zone_turn turns[2];
	struct zone_rule rule;

	/* J60 is 1 March in every year, 59 only in those without 29 February. */
	cr_assert_eq(zone_rule_read(&rule, "AAA0BBB,J60/0,59/0"), 0);
	zone_rule_year(turns, &rule, 2027);
	cr_expect_eq(turns[1].at_s, AT(2027, 3, 1));
	cr_expect_eq(turns[0].at_s, AT(2027, 3, 1) - 3600);
	zone_rule_year(turns, &rule, 2028);
	cr_expect_eq(turns[1].at_s, AT(2028, 3, 1));
	cr_expect_eq(turns[0].at_s, AT(2028, 2, 29) - 3600);
}
