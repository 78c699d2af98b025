#include "daemon/base/day.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

int64_t
day_number(int year, int month, int mday)
{
	struct tm tm = { .tm_year = year - 1900,
			 .tm_mon = month - 1,
			 .tm_mday = mday };

	return day_floor(timegm(&tm));
}

void
day_split(struct day *ret, int64_t s)
{
	struct tm tm = { 0 };
	time_t t = s;

	(void)gmtime_r(&t, &tm);
	*ret = (struct day){ .year = tm.tm_year + 1900,
			     .month = tm.tm_mon + 1,
			     .mday = tm.tm_mday,
			     .hour = tm.tm_hour,
			     .minute = tm.tm_min,
			     .second = tm.tm_sec,
			     .weekday = tm.tm_wday };
}

int64_t
day_floor(int64_t s)
{
	int64_t n = s / DAY_SECONDS;

	return s % DAY_SECONDS < 0 ? n - 1 : n;
}

int
day_weekday(int64_t day)
{
	int64_t n = (day + 4) % 7; /* 1970 began on a Thursday */

	return (int)(n < 0 ? n + 7 : n);
}

int
day_month_length(int year, int month)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30,
				       31, 31, 30, 31, 30, 31 };

	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		return 29;
	return lengths[month - 1];
}

const char *
day_weekday_name(int weekday)
{
	static const char *const names[] = { "Sun", "Mon", "Tue", "Wed",
					     "Thu", "Fri", "Sat" };

	return names[weekday];
}

const char *
day_month_name(int month)
{
	static const char *const names[] = { "Jan", "Feb", "Mar", "Apr",
					     "May", "Jun", "Jul", "Aug",
					     "Sep", "Oct", "Nov", "Dec" };

	return names[month - 1];
}

int
day_digits(const char *s, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n; i++) {
		if (!isdigit((unsigned char)s[i]))
			return -1;
		v = v * 10 + (s[i] - '0');
	}
	return v;
}

int
day_read(int64_t *ret_day, const char *s)
{
	int year, month, mday;

	if (strnlen(s, 10) < 10 || s[4] != '-' || s[7] != '-')
		return -1;
	year = day_digits(s, 4);
	month = day_digits(s + 5, 2);
	mday = day_digits(s + 8, 2);
	if (year < 0 || month < 1 || month > 12 || mday < 1 ||
	    mday > day_month_length(year, month))
		return -1;
	*ret_day = day_number(year, month, mday);
	return 0;
}
