/* wish.h -- the grammar of times in words; what they mean on a given day is
 * when.c's.  Pure. */
#ifndef RB_POLICY_WISH_H
#define RB_POLICY_WISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WISH_WORDS_MOST 8

struct wish_words {
	char text[65];                   /* lower case, cut into words */
	char *list[WISH_WORDS_MOST + 1]; /* into text; NULL at the end */
	size_t count;                    /* at least 1 */
};
/* wish_split: 0, or -1 where it is empty, too long or not ASCII. */
int wish_split(struct wish_words *ret, const char *text);

/* "wed 25 nov 10:30".  What is not named is -1, or as told here. */
struct wish {
	int weekday;           /* 0 is Sunday */
	int days_ahead;        /* 0 for "today", 1 for "tomorrow" */
	int64_t day;           /* since 1970; INT64_MIN: no "2026-11-25" */
	int month, mday, year; /* "25 nov 2026"; month 0 and no mday */
	int hour, minute;
};
/* wish_read: 0, or -1 where a word has no place. */
int wish_read(struct wish *ret, const struct wish_words *);

/* "in 20m", "+1h30m", "in 2 days" */
struct wish_span {
	int64_t ms;
	int64_t days; /* of the calendar, to the same time of day */
};
/* wish_read_span: 0; -1 where it cannot be read; 1 where the words are not of
 * that kind. */
int wish_read_span(struct wish_span *ret, const struct wish_words *);

/* wish_month_name: "November" for 11. */
const char *wish_month_name(int month);

#endif
