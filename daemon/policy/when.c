#include "daemon/policy/when.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/day.h"
#include "daemon/base/fault.h"
#include "daemon/base/text.h"
#include "daemon/base/zone.h"
#include "daemon/policy/wish.h"


/* ---- RFC 3339 ------------------------------------------------------------ */

/* ".5": milliseconds; *s moves behind it. */
static int
read_fraction(int *ret_ms, const char **s)
{
	int ms = 0, unit = 100;

	if (**s != '.')
		return 0;
	(*s)++;
	if (!isdigit((unsigned char)**s))
		return -1;
	for (; isdigit((unsigned char)**s); (*s)++) {
		ms += (**s - '0') * unit;
		unit /= 10;
	}
	*ret_ms = ms;
	return 0;
}

/* "Z" or "+01:00", and then the end. */
static int
read_offset(int *ret_minutes, const char *s)
{
	int hours, minutes;

	if (strcasecmp(s, "z") == 0) {
		*ret_minutes = 0;
		return 0;
	}
	if (strlen(s) != 6 || (*s != '+' && *s != '-') || s[3] != ':')
		return -1;
	hours = day_digits(s + 1, 2);
	minutes = day_digits(s + 4, 2);
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return -1;
	minutes += hours * 60;
	*ret_minutes = *s == '-' ? -minutes : minutes;
	return 0;
}

int
when_rfc3339(int64_t *ret_ms, const char *text)
{
	int hour, minute, second, ms = 0, offset;
	int64_t day, s;

	if (day_read(&day, text) < 0 || strnlen(text, 65) > 64 ||
	    strnlen(text, 20) < 20 || toupper((unsigned char)text[10]) != 'T' ||
	    text[13] != ':' || text[16] != ':')
		return -1;
	hour = day_digits(text + 11, 2);
	minute = day_digits(text + 14, 2);
	second = day_digits(text + 17, 2);
	text += 19;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 60 || read_fraction(&ms, &text) < 0 ||
	    read_offset(&offset, text) < 0)
		return -1;
	s = day * DAY_SECONDS + hour * 3600 + (minute - offset) * 60 + second;
	/* A leap second comes only at the end of a day of UTC. */
	if (second == 60 && s % DAY_SECONDS != 0)
		return -1;
	*ret_ms = s * 1000 + ms;
	return 0;
}

void
when_print(char buf[25], int64_t ms)
{
	const int64_t least = day_number(0, 1, 1) * DAY_SECONDS * 1000;
	const int64_t most = day_number(10000, 1, 1) * DAY_SECONDS * 1000 - 1;
	struct day d;
	char out[96]; /* what the compiler believes the numbers may need */
	int64_t s;

	ms = ms < least ? least : ms > most ? most : ms;
	s = ms / 1000 - (ms % 1000 < 0);
	day_split(&d, s);
	(void)snprintf(out, sizeof out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
		       d.year, d.month, d.mday, d.hour, d.minute, d.second,
		       (int)(ms - s * 1000));
	memcpy(buf, out, 24);
	buf[24] = '\0';
}

/* ---- words -------------------------------------------------------------- */

/* Where it is asked. */
struct here {
	const char *name;
	const struct zone *zone;
	int64_t now_ms;
	int64_t today; /* days since 1970 */
};

static int
not_a_time(const char *words, struct fault *fault)
{
	char shown[128];

	(void)snprintf(shown, sizeof shown, "%.64s", words);
	text_clean(shown, false);
	fault_set(
	    fault,
	    "\"%s\" is not a time. Say for example \"10:30\", "
	    "\"tomorrow 10\", \"wed 14:30\", \"25 nov 10:00\" or \"in 20m\".",
	    shown);
	return -1;
}

/* ---- from a wish to a moment --------------------------------------------- */

/* What the agent reads: "10:30 on Wed 25 Nov". */
static void
print_wish(char *buf, size_t size, const struct wish *w, int64_t day)
{
	struct day d;

	day_split(&d, day * DAY_SECONDS);
	(void)snprintf(buf, size, "%02d:%02d on %s %d %s", w->hour, w->minute,
		       day_weekday_name(d.weekday), d.mday,
		       day_month_name(d.month));
}

static int64_t
wish_local_s(const struct wish *w, int64_t day)
{
	return day * DAY_SECONDS + w->hour * 3600 + w->minute * 60;
}

/* The later of the two where the first is over and the time comes twice. */
static int64_t
wish_ms(const struct wish *w, const struct here *here, int64_t day)
{
	struct zone_moment m = zone_moment(here->zone, wish_local_s(w, day));

	return (m.first_s * 1000 > here->now_ms ? m.first_s : m.last_s) * 1000;
}

static int
date_of_month(int64_t *ret_day, struct wish *w, const struct here *here,
	      struct fault *fault)
{
	struct day today;
	int year = w->year;

	day_split(&today, here->today * DAY_SECONDS);
	if (year < 0)
		year = today.year;
	/* "5 jan", said in December, is next year's. */
	if (w->year < 0 && w->month < 3 && today.month > 10)
		year++;
	if (w->mday > day_month_length(year, w->month)) {
		fault_set(fault, "%s %d has no day %d. Check the date.",
			  wish_month_name(w->month), year, w->mday);
		return -1;
	}
	*ret_day = day_number(year, w->month, w->mday);
	return 0;
}

/* The day that is meant; without any, today. */
static int
choose_day(int64_t *ret_day, struct wish *w, const struct here *here,
	   struct fault *fault)
{
	int64_t day = here->today;

	if (w->month > 0) {
		if (date_of_month(&day, w, here, fault) < 0)
			return -1;
	} else if (w->day != INT64_MIN) {
		day = w->day;
	} else if (w->days_ahead >= 0) {
		day += w->days_ahead;
	} else if (w->weekday >= 0) {
		day += (w->weekday - day_weekday(day) + 7) % 7;
		if (wish_ms(w, here, day) <= here->now_ms)
			day += 7;
	}
	if (w->weekday >= 0 && w->weekday != day_weekday(day)) {
		struct day d;

		day_split(&d, day * DAY_SECONDS);
		fault_set(fault, "%d %s %d is a %s, not a %s. Check the date.",
			  d.mday, day_month_name(d.month), d.year,
			  day_weekday_name(d.weekday),
			  day_weekday_name(w->weekday));
		return -1;
	}
	*ret_day = day;
	return 0;
}

static int
check_ahead(int64_t ms, const struct here *here, struct fault *fault)
{
	if (ms <= here->now_ms) {
		fault_set(fault, "That time is past. Choose a later one.");
		return -1;
	}
	if (ms > here->now_ms + WHEN_AHEAD_DAYS * (int64_t)DAY_SECONDS * 1000) {
		fault_set(fault,
			  "That is more than %d days ahead. Choose an "
			  "earlier day.",
			  WHEN_AHEAD_DAYS);
		return -1;
	}
	return 0;
}

static int
say_past(const struct wish *w, const struct here *here, int64_t day,
	 struct fault *fault)
{
	char wished[64], now[16];
	struct day d;

	print_wish(wished, sizeof wished, w, day);
	day_split(&d, zone_local_s(here->zone, here->now_ms / 1000));
	(void)snprintf(now, sizeof now, "%02d:%02d", d.hour, d.minute);
	if (day != here->today)
		fault_set(fault, "%s is past. Choose a later day.", wished);
	else if (w->minute == 0)
		fault_set(fault,
			  "%02d:00 is past: it is %s in %s. Say "
			  "\"tomorrow %d\".",
			  w->hour, now, here->name, w->hour);
	else
		fault_set(fault,
			  "%02d:%02d is past: it is %s in %s. Say "
			  "\"tomorrow %d:%02d\".",
			  w->hour, w->minute, now, here->name, w->hour,
			  w->minute);
	return -1;
}

static int
grant_wish(int64_t *ret_ms, struct wish *w, const struct here *here,
	   struct fault *fault)
{
	struct zone_moment m;
	char wished[64];
	int64_t day, ms;

	if (w->hour < 0) {
		fault_set(fault, "Give a time of day as well, for example "
				 "\"tomorrow 10\" or \"wed 14:30\".");
		return -1;
	}
	if (choose_day(&day, w, here, fault) < 0)
		return -1;
	ms = wish_ms(w, here, day);
	if (ms <= here->now_ms)
		return say_past(w, here, day, fault);
	if (check_ahead(ms, here, fault) < 0)
		return -1;
	m = zone_moment(here->zone, wish_local_s(w, day));
	if (m.fold == ZONE_SKIPPED) {
		struct day d;

		print_wish(wished, sizeof wished, w, day);
		day_split(&d, zone_local_s(here->zone, m.first_s));
		fault_set(fault,
			  "%s does not exist in %s: the clocks go forward "
			  "then. Choose %02d:%02d or later.",
			  wished, here->name, d.hour, d.minute);
		return -1;
	}
	*ret_ms = ms;
	return 0;
}

/* In so many hours and days: from now on. */
static int64_t
span_ms(const struct wish_span *span, const struct here *here)
{
	int64_t now_s = here->now_ms / 1000;
	int64_t ms = here->now_ms + span->ms;

	if (span->days > 0) {
		int64_t local_s =
		    zone_local_s(here->zone, now_s) + span->days * DAY_SECONDS;

		ms += (zone_moment(here->zone, local_s).first_s - now_s) * 1000;
	}
	return ms;
}

int
when_parse(int64_t *ret_ms, const char *text, const char *zone, int64_t now_ms,
	   struct fault *fault)
{
	struct here here = { .name = zone,
			     .zone = zone_find(zone),
			     .now_ms = now_ms };
	struct wish_words words;
	struct wish_span span;
	struct wish wish;
	int64_t ms;
	int rc;

	if (here.zone == NULL) {
		fault_set(fault, "The time zone \"%.64s\" is not known here.",
			  zone != NULL ? zone : "");
		return -1;
	}
	here.today = day_floor(zone_local_s(here.zone, now_ms / 1000));
	if (when_rfc3339(&ms, text) < 0) {
		if (wish_split(&words, text) < 0)
			return not_a_time(text, fault);
		rc = wish_read_span(&span, &words);
		if (rc < 0)
			return not_a_time(text, fault);
		if (rc > 0) {
			if (wish_read(&wish, &words) < 0)
				return not_a_time(text, fault);
			return grant_wish(ret_ms, &wish, &here, fault);
		}
		ms = span_ms(&span, &here);
	}
	if (check_ahead(ms, &here, fault) < 0)
		return -1;
	*ret_ms = ms;
	return 0;
}
