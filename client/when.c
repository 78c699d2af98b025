#include "client/when.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "client/clock.h"

#define DAY_MS INT64_C(86400000)

/* 1 to `most` digits; -1 where none stands there. */
static int
number(const char **s, int most)
{
	int value = 0, n = 0;

	for (; n < most && **s >= '0' && **s <= '9'; n++, (*s)++)
		value = value * 10 + (**s - '0');
	return n > 0 && (**s < '0' || **s > '9') ? value : -1;
}

static bool
take(const char **s, const char *word)
{
	size_t len = strlen(word);

	if (strncasecmp(*s, word, len) != 0)
		return false;
	*s += len;
	return true;
}

static void
skip_blanks(const char **s)
{
	*s += strspn(*s, " ");
}

/* Which of the names of three letters stands there; the rest of the word is
 * passed over.  -1: none. */
static int
name(const char **s, const char *names)
{
	size_t i;

	for (i = 0; names[i] != '\0'; i += 3) {
		if (strncasecmp(*s, names + i, 3) != 0)
			continue;
		*s += strcspn(*s, " ");
		skip_blanks(s);
		return (int)i / 3;
	}
	return -1;
}

/* "10", "10:30", "2:30pm", to the end. */
static bool
clock_time(struct tm *tm, const char *s)
{
	bool pm, half;

	tm->tm_sec = 0;
	tm->tm_min = 0;
	tm->tm_hour = number(&s, 2);
	if (tm->tm_hour < 0)
		return false;
	if (take(&s, ":")) {
		tm->tm_min = number(&s, 2);
		if (tm->tm_min < 0 || tm->tm_min > 59 || s[-2] == ':')
			return false;
	}
	skip_blanks(&s);
	pm = take(&s, "pm");
	half = pm || take(&s, "am");
	if (half && (tm->tm_hour < 1 || tm->tm_hour > 12))
		return false;
	if (half)
		tm->tm_hour = tm->tm_hour % 12 + (pm ? 12 : 0);
	return tm->tm_hour < 24 && *s == '\0';
}

/* "20m", to the end, in ms; -1 where it is no span. */
static int64_t
span(const char *s)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "m", 60000 },       { "min", 60000 },
		      { "minutes", 60000 }, { "h", 3600000 },
		      { "hour", 3600000 },  { "hours", 3600000 },
		      { "d", DAY_MS },      { "days", DAY_MS } };
	int n = number(&s, 4);
	size_t i;

	skip_blanks(&s);
	for (i = 0; n >= 0 && i < sizeof units / sizeof units[0]; i++)
		if (strcasecmp(s, units[i].unit) == 0)
			return n * units[i].ms;
	return -1;
}

/* "2026-11-25", and whether a time follows. */
static bool
date(struct tm *tm, const char **s)
{
	static const char shape[] = "dddd-dd-dd";
	size_t i;

	for (i = 0; shape[i] != '\0'; i++)
		if (shape[i] == 'd' ? (*s)[i] < '0' || (*s)[i] > '9'
				    : (*s)[i] != shape[i])
			return false;
	tm->tm_year = number(s, 4) - 1900;
	(*s)++;
	tm->tm_mon = number(s, 2) - 1;
	(*s)++;
	tm->tm_mday = number(s, 2);
	if (take(s, "T"))
		return true;
	skip_blanks(s);
	return true;
}

static struct tm
local_day(int64_t now_ms)
{
	time_t t = (time_t)(now_ms / 1000);
	struct tm tm = { 0 };

	localtime_r(&t, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	return tm;
}

/* A day that the calendar has not, such as 31 November, is none. */
static int
finish(int64_t *ret_ms, struct tm tm)
{
	struct tm made = tm;
	time_t t = mktime(&made);

	if (made.tm_mday != tm.tm_mday || made.tm_mon != tm.tm_mon)
		return -1;
	*ret_ms = (int64_t)t * 1000;
	return 0;
}

static int
on_day(int64_t *ret_ms, struct tm tm, int days)
{
	tm.tm_mday += days;
	*ret_ms = (int64_t)mktime(&tm) * 1000;
	return 0;
}

/* "wed 14:30", from today on. */
static int
weekday_ahead(int64_t *ret_ms, struct tm tm, const char *s, int64_t now_ms)
{
	int day = name(&s, "sunmontuewedthufrisat");
	int ahead = (day - tm.tm_wday + 7) % 7;
	int64_t ms;

	if (!clock_time(&tm, s))
		return -1;
	on_day(&ms, tm, ahead);
	if (ms <= now_ms)
		on_day(&ms, tm, ahead + 7);
	*ret_ms = ms;
	return 0;
}

/* "25 nov 10:00", this year or the next. */
static int
month_ahead(int64_t *ret_ms, struct tm tm, const char *s, int64_t now_ms)
{
	tm.tm_mday = number(&s, 2);
	skip_blanks(&s);
	tm.tm_mon = name(&s, "janfebmaraprmayjunjulaugsepoctnovdec");
	if (tm.tm_mday < 1 || tm.tm_mon < 0 || !clock_time(&tm, s))
		return -1;
	if (finish(ret_ms, tm) < 0)
		return -1;
	if (*ret_ms > now_ms)
		return 0;
	tm.tm_year++;
	return finish(ret_ms, tm);
}

int
when_ahead(int64_t *ret_ms, const char *text, int64_t now_ms)
{
	struct tm tm = local_day(now_ms);
	const char *s = text;
	int64_t ms;

	if (clock_read(ret_ms, text) == 0)
		return 0;
	if (take(&s, "+") || take(&s, "in ")) {
		ms = span(s);
		if (ms >= 0)
			*ret_ms = now_ms + ms;
		return ms >= 0 ? 0 : -1;
	}
	if (date(&tm, &s))
		return clock_time(&tm, s) ? finish(ret_ms, tm) : -1;
	if (take(&s, "tomorrow "))
		return clock_time(&tm, s) ? on_day(ret_ms, tm, 1) : -1;
	if (take(&s, "today "))
		return clock_time(&tm, s) ? on_day(ret_ms, tm, 0) : -1;
	if (clock_time(&tm, s)) {
		on_day(&ms, tm, 0);
		return on_day(ret_ms, tm, ms > now_ms ? 0 : 1);
	}
	if (*s >= '0' && *s <= '9')
		return month_ahead(ret_ms, local_day(now_ms), s, now_ms);
	return name(&s, "sunmontuewedthufrisat") >= 0
		   ? weekday_ahead(ret_ms, local_day(now_ms), text, now_ms)
		   : -1;
}

int
when_back(int64_t *ret_ms, const char *text, int64_t now_ms)
{
	struct tm tm = local_day(now_ms);
	const char *s = text;
	int64_t ms;

	if (clock_read(ret_ms, text) == 0)
		return 0;
	ms = span(text);
	if (ms >= 0) {
		*ret_ms = now_ms - ms;
		return 0;
	}
	if (strcasecmp(text, "today") == 0)
		return on_day(ret_ms, tm, 0);
	if (strcasecmp(text, "yesterday") == 0)
		return on_day(ret_ms, tm, -1);
	if (date(&tm, &s))
		return *s == '\0' || clock_time(&tm, s) ? finish(ret_ms, tm)
							: -1;
	if (!clock_time(&tm, s))
		return -1;
	on_day(&ms, tm, 0);
	return on_day(ret_ms, tm, ms > now_ms ? -1 : 0);
}
