/* day.h -- days since 1970-01-01 in the Gregorian calendar, without zones. */
#ifndef RB_BASE_DAY_H
#define RB_BASE_DAY_H

#include <stddef.h>
#include <stdint.h>

#define DAY_SECONDS 86400

struct day {
	int year;
	int month; /* 1 to 12 */
	int mday;  /* 1 to 31 */
	int hour, minute, second;
	int weekday; /* 0 is Sunday */
};

/* day_number: days since 1970-01-01; a day past the end of the month runs over
 * into the next. */
int64_t day_number(int year, int month, int mday);

/* day_split: seconds since 1970 (of UTC, or of a local clock) into parts. */
void day_split(struct day *ret, int64_t s);

/* day_floor: the day in which that second lies, also before 1970. */
int64_t day_floor(int64_t s);

int day_weekday(int64_t day); /* 0 is Sunday */
int day_month_length(int year, int month);

/* day_digits: the value of the n digits at s, at most 9; -1 where one is none.
 */
int day_digits(const char *s, size_t n);

/* day_read: the day at the start of "2026-11-25..."; 0, or -1 with *ret
 * untouched. */
int day_read(int64_t *ret, const char *s);

/* The names of the clock: "Sun", "Jan"; month 1 to 12. */
const char *day_weekday_name(int weekday);
const char *day_month_name(int month);

#endif
