#include "client/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static int64_t
clock_ask(clockid_t which)
{
	struct timespec t = { 0 };

	clock_gettime(which, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
clock_now_ms(void)
{
	return clock_ask(CLOCK_REALTIME);
}

int64_t
clock_mono_ms(void)
{
	return clock_ask(CLOCK_MONOTONIC);
}

/* Reads exactly n digits that make a number within the limits, or -1. */
static int
digits(const char **s, int n, int min, int max)
{
	int value = 0;

	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return -1;
		value = value * 10 + (**s - '0');
	}
	return value >= min && value <= max ? value : -1;
}

static bool
read_char(const char **s, const char *one_of)
{
	if (**s == '\0' || strchr(one_of, **s) == NULL)
		return false;
	(*s)++;
	return true;
}

static bool
read_date(struct tm *tm, const char **s)
{
	tm->tm_year = digits(s, 4, 1970, 9998) - 1900;
	if (tm->tm_year < 0 || !read_char(s, "-"))
		return false;
	tm->tm_mon = digits(s, 2, 1, 12) - 1;
	if (tm->tm_mon < 0 || !read_char(s, "-"))
		return false;
	tm->tm_mday = digits(s, 2, 1, 31);
	return tm->tm_mday > 0;
}

static bool
read_clock(struct tm *tm, const char **s)
{
	tm->tm_hour = digits(s, 2, 0, 23);
	if (tm->tm_hour < 0 || !read_char(s, ":"))
		return false;
	tm->tm_min = digits(s, 2, 0, 59);
	return tm->tm_min >= 0;
}

/* ".123456": the first three digits count.  -1 where none follow. */
static int
read_fraction(const char **s)
{
	int ms = 0, n = 0;

	if (!read_char(s, "."))
		return 0;
	for (; **s >= '0' && **s <= '9'; (*s)++, n++)
		if (n < 3)
			ms = ms * 10 + (**s - '0');
	if (n == 0)
		return -1;
	for (; n < 3; n++)
		ms *= 10;
	return ms;
}

/* "Z" or "+02:00" as minutes east; false where it is neither. */
static bool
read_offset(int *ret_minutes, const char **s)
{
	int sign, hours, minutes;

	*ret_minutes = 0;
	if (read_char(s, "Zz"))
		return true;
	sign = **s == '-' ? -1 : 1;
	if (!read_char(s, "+-"))
		return false;
	hours = digits(s, 2, 0, 23);
	if (hours < 0 || !read_char(s, ":"))
		return false;
	minutes = digits(s, 2, 0, 59);
	*ret_minutes = sign * (hours * 60 + minutes);
	return minutes >= 0;
}

int
clock_read(int64_t *ret_ms, const char *s)
{
	struct tm tm = { 0 };
	int offset, ms, day, leap;
	time_t t;

	if (!read_date(&tm, &s) || !read_char(&s, "Tt ") ||
	    !read_clock(&tm, &s) || !read_char(&s, ":"))
		return -1;
	tm.tm_sec = digits(&s, 2, 0, 60);
	if (tm.tm_sec < 0)
		return -1;
	ms = read_fraction(&s);
	if (ms < 0 || !read_offset(&offset, &s) || *s != '\0')
		return -1;
	/* A leap second is the second after; 31 November is no day. */
	leap = tm.tm_sec == 60;
	tm.tm_sec -= leap;
	day = tm.tm_mday;
	t = timegm(&tm);
	if (tm.tm_mday != day)
		return -1;
	*ret_ms = ((int64_t)t + leap - offset * 60) * 1000 + ms;
	return 0;
}

void
clock_write(char *buf, size_t size, int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	char date[32];

	gmtime_r(&t, &tm);
	strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf, size, "%s.%03dZ", date, (int)(ms % 1000));
}

static struct tm
local(int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm = { 0 };

	localtime_r(&t, &tm);
	return tm;
}

void
clock_at(char *buf, size_t size, int64_t ms, int64_t now_ms)
{
	struct tm tm = local(ms), now = local(now_ms);
	char text[64];

	if (tm.tm_year == now.tm_year && tm.tm_yday == now.tm_yday)
		strftime(text, sizeof text, "%H:%M", &tm);
	else if (ms > now_ms - 6 * DAY && ms < now_ms + 6 * DAY)
		strftime(text, sizeof text, "%a %H:%M", &tm);
	else if (ms < now_ms - 300 * DAY || ms > now_ms + 300 * DAY)
		strftime(text, sizeof text, "%e %b %Y", &tm);
	else
		strftime(text, sizeof text, "%e %b %H:%M", &tm);
	snprintf(buf, size, "%s", text[0] == ' ' ? text + 1 : text);
}

void
clock_seconds(char *buf, size_t size, int64_t ms)
{
	struct tm tm = local(ms);

	strftime(buf, size, "%H:%M:%S", &tm);
}

void
clock_day(char *buf, size_t size, int64_t ms)
{
	struct tm tm = local(ms);

	strftime(buf, size, "%e %b", &tm);
}

void
clock_stamp(char *buf, size_t size, int64_t ms)
{
	struct tm tm = local(ms);

	strftime(buf, size, "%e %b %H:%M", &tm);
}

int
clock_year(int64_t ms)
{
	return local(ms).tm_year + 1900;
}

void
clock_weekday(char *buf, size_t size, int64_t ms)
{
	struct tm tm = local(ms);

	strftime(buf, size, "%a", &tm);
}

/* From an hour on, in columns and in sentences alike. */
static void
long_span(char *buf, size_t size, int64_t ms)
{
	int minutes = (int)(ms % HOUR / MINUTE);

	if (ms >= 2 * DAY)
		snprintf(buf, size, "%lld days", (long long)(ms / DAY));
	else if (minutes != 0)
		snprintf(buf, size, "%d h %d min", (int)(ms / HOUR), minutes);
	else
		snprintf(buf, size, "%d h", (int)(ms / HOUR));
}

void
clock_span(char *buf, size_t size, int64_t ms)
{
	if (ms < 0)
		ms = 0;
	if (ms < MINUTE)
		snprintf(buf, size, "%d s", (int)(ms / SECOND));
	else if (ms < HOUR)
		snprintf(buf, size, "%d min", (int)(ms / MINUTE));
	else
		long_span(buf, size, ms);
}

void
clock_words(char *buf, size_t size, int64_t ms)
{
	const char *unit = "second";
	int64_t n;

	if (ms < 0)
		ms = 0;
	if (ms >= HOUR && (ms >= 2 * DAY || ms % HOUR >= MINUTE)) {
		long_span(buf, size, ms);
		return;
	}
	n = ms / SECOND;
	if (ms >= HOUR) {
		unit = "hour";
		n = ms / HOUR;
	} else if (ms >= MINUTE) {
		unit = "minute";
		n = ms / MINUTE;
	}
	snprintf(buf, size, "%d %s%s", (int)n, unit, n == 1 ? "" : "s");
}

void
clock_due(char *buf, size_t size, int64_t due_ms, int64_t now_ms)
{
	char span[32];

	clock_span(span, sizeof span,
		   due_ms >= now_ms ? due_ms - now_ms : now_ms - due_ms);
	snprintf(buf, size, "%s %s", due_ms >= now_ms ? "in" : "late", span);
}

void
clock_place(char *buf, size_t size, const char *zone)
{
	const char *slash = strrchr(zone, '/');
	char *p;

	snprintf(buf, size, "%s", slash != NULL ? slash + 1 : zone);
	for (p = buf; *p != '\0'; p++)
		if (*p == '_')
			*p = ' ';
}

void
clock_talk(char *buf, size_t size, int64_t s)
{
	if (s >= 3600)
		snprintf(buf, size, "%lld:%02lld:%02lld", (long long)s / 3600,
			 (long long)s / 60 % 60, (long long)s % 60);
	else
		snprintf(buf, size, "%lld:%02lld", (long long)s / 60,
			 (long long)s % 60);
}
