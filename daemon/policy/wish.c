#include "daemon/policy/wish.h"

#include <ctype.h>
#include <string.h>

#include "daemon/base/day.h"

#define MINUTE_MS ((int64_t)60 * 1000)

int
wish_split(struct wish_words *w, const char *text)
{
	size_t len = strnlen(text, sizeof w->text);
	char *rest = w->text, *word;

	if (len >= sizeof w->text)
		return -1;
	for (size_t i = 0; i <= len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x80)
			return -1;
		w->text[i] = c == ',' ? ' ' : (char)tolower(c);
	}
	w->count = 0;
	for (word = strsep(&rest, " \t"); word != NULL;
	     word = strsep(&rest, " \t")) {
		if (*word == '\0')
			continue;
		if (w->count == WISH_WORDS_MOST)
			return -1;
		w->list[w->count++] = word;
	}
	w->list[w->count] = NULL;
	return w->count > 0 ? 0 : -1;
}

/* A whole word, or its first letters (three at least): "wed", "wednes". */
static bool
is_short_for(const char *word, const char *full)
{
	size_t n = strlen(word);

	return n >= 3 && n <= strlen(full) && strncmp(word, full, n) == 0;
}

static int
find_weekday(const char *word)
{
	static const char *const names[] = { "sunday",    "monday",   "tuesday",
					     "wednesday", "thursday", "friday",
					     "saturday" };

	for (int i = 0; i < 7; i++) {
		if (is_short_for(word, names[i]))
			return i;
	}
	return -1;
}

static const char *const months[] = { "january", "february", "march",
				      "april",   "may",      "june",
				      "july",    "august",   "september",
				      "october", "november", "december" };

/* 1 to 12, or -1. */
static int
find_month(const char *word)
{
	for (int i = 0; word != NULL && i < 12; i++) {
		if (is_short_for(word, months[i]))
			return i + 1;
	}
	return -1;
}

/* One or two digits, then nothing, or "th" and the like. */
static int
find_mday(const char *word)
{
	static const char *const ends[] = { "", "st", "nd", "rd", "th" };
	size_t n = strspn(word, "0123456789");

	if (n == 0 || n > 2)
		return -1;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		if (strcmp(word + n, ends[i]) == 0)
			return day_digits(word, n);
	}
	return -1;
}

static int
apply_half(struct wish *w, const char *half)
{
	bool pm = strcmp(half, "pm") == 0;

	if ((!pm && strcmp(half, "am") != 0) || w->hour < 1 || w->hour > 12)
		return -1;
	w->hour = w->hour % 12 + (pm ? 12 : 0);
	return 0;
}

/* "10", "10:30", "10am", "2:30pm", "noon" */
static int
read_clock(struct wish *w, const char *word)
{
	size_t n = strspn(word, "0123456789");

	if (w->hour >= 0)
		return -1;
	if (strcmp(word, "noon") == 0) {
		w->hour = 12;
		w->minute = 0;
		return 0;
	}
	if (n == 0 || n > 2)
		return -1;
	w->hour = day_digits(word, n);
	w->minute = 0;
	word += n;
	if (*word == ':') {
		w->minute =
		    strnlen(word, 3) == 3 ? day_digits(word + 1, 2) : -1;
		if (w->minute < 0)
			return -1;
		word += 3;
	}
	if (*word != '\0' && apply_half(w, word) < 0)
		return -1;
	return w->hour > 23 || w->minute > 59 ? -1 : 0;
}

static bool
has_date(const struct wish *w)
{
	return w->day != INT64_MIN || w->days_ahead >= 0 || w->month > 0;
}

/* "25 nov [2026]" or "nov 25 [2026]": how many words it takes, 0 for none. */
static size_t
read_month(struct wish *w, char *const *words)
{
	int first = find_month(words[0]);
	int second = words[0] != NULL ? find_month(words[1]) : -1;
	int mday, year = -1;

	if (first > 0 && words[1] != NULL)
		mday = find_mday(words[1]);
	else if (second > 0)
		mday = find_mday(words[0]);
	else
		return 0;
	if (mday < 1 || has_date(w))
		return 0;
	w->month = first > 0 ? first : second;
	w->mday = mday;
	if (words[2] != NULL && strlen(words[2]) == 4)
		year = day_digits(words[2], 4);
	w->year = year;
	return year >= 0 ? 3 : 2;
}

/* One word that is not part of a date with a month. */
static int
read_word(struct wish *w, const char *word)
{
	int weekday = find_weekday(word);

	if (strcmp(word, "at") == 0 || strcmp(word, "on") == 0)
		return 0;
	if (weekday >= 0 && w->weekday < 0) {
		w->weekday = weekday;
		return 0;
	}
	if (strcmp(word, "today") == 0 || strcmp(word, "tomorrow") == 0) {
		if (has_date(w))
			return -1;
		w->days_ahead = word[2] == 'm';
		return 0;
	}
	if (strlen(word) == 10 && !has_date(w))
		return day_read(&w->day, word);
	return read_clock(w, word);
}

int
wish_read(struct wish *w, const struct wish_words *words)
{
	char *const *list = words->list;

	*w = (struct wish){ .weekday = -1,
			    .days_ahead = -1,
			    .day = INT64_MIN,
			    .year = -1,
			    .hour = -1 };
	for (size_t i = 0; i < words->count; i++) {
		size_t n = read_month(w, list + i);
		bool half =
		    strcmp(list[i], "am") == 0 || strcmp(list[i], "pm") == 0;

		if (n > 0)
			i += n - 1;
		else if (half && i > 0 &&
			 isdigit((unsigned char)
				     list[i - 1][strlen(list[i - 1]) - 1])) {
			if (apply_half(w, list[i]) < 0)
				return -1;
		} else if (read_word(w, list[i]) < 0)
			return -1;
	}
	return 0;
}

const char *
wish_month_name(int month)
{
	static const char *const names[] = {
		"January",   "February", "March",    "April",
		"May",       "June",     "July",     "August",
		"September", "October",  "November", "December"
	};

	return names[month - 1];
}

/* "20m", "1h30m", "2hours" */
static int
add_spans(struct wish_span *span, const char *s)
{
	static const struct {
		const char *word;
		int64_t ms;
		int64_t days;
	} units[] = {
		{ "m", MINUTE_MS, 0 },
		{ "min", MINUTE_MS, 0 },
		{ "mins", MINUTE_MS, 0 },
		{ "minute", MINUTE_MS, 0 },
		{ "minutes", MINUTE_MS, 0 },
		{ "h", 60 * MINUTE_MS, 0 },
		{ "hour", 60 * MINUTE_MS, 0 },
		{ "hours", 60 * MINUTE_MS, 0 },
		{ "d", 0, 1 },
		{ "day", 0, 1 },
		{ "days", 0, 1 },
		{ "w", 0, 7 },
		{ "week", 0, 7 },
		{ "weeks", 0, 7 },
	};

	while (*s != '\0') {
		size_t n = strspn(s, "0123456789"), k, i = 0;
		int count = n > 0 && n < 6 ? day_digits(s, n) : -1;

		s += n;
		k = strspn(s, "abcdefghijklmnopqrstuvwxyz");
		while (i < sizeof units / sizeof *units &&
		       (strlen(units[i].word) != k ||
			strncmp(units[i].word, s, k) != 0))
			i++;
		if (count < 0 || i == sizeof units / sizeof *units)
			return -1;
		span->ms += count * units[i].ms;
		span->days += count * units[i].days;
		s += k;
	}
	return 0;
}

int
wish_read_span(struct wish_span *ret, const struct wish_words *w)
{
	struct wish_span span = { 0 };
	char all[sizeof w->text] = "";
	size_t len = 0, i = 0;

	if (strcmp(w->list[0], "in") == 0)
		i = 1;
	else if (*w->list[0] != '+')
		return 1;
	/* "in 2 hours" is "2hours" */
	for (; i < w->count; i++) {
		const char *word = w->list[i] + (i == 0);
		size_t n = strlen(word);

		memcpy(all + len, word, n + 1);
		len += n;
	}
	if (len == 0 || add_spans(&span, all) < 0)
		return -1;
	*ret = span;
	return 0;
}
