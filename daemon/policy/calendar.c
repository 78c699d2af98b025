#include "daemon/policy/calendar.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/day.h"
#include "daemon/base/fault.h"
#include "daemon/base/text.h"
#include "daemon/base/zone.h"
#include "daemon/policy/closures.h"
#include "daemon/policy/holidays.h"

#define DAY_MINUTES (24 * 60)
#define RANGE_MOST_MS (3 * 366 * (int64_t)DAY_SECONDS * 1000)
/* More lines than this in one "open" are a mistake. */
#define LINES_MOST 100

/* ---- lines: "mon-fri 08:00-12:30" ---------------------------------------- */

struct line {
	unsigned days; /* bit 0 is Sunday */
	int from_min;
	int to_min; /* over 1440 where it runs past midnight */
};

int
calendar_clock_minutes(int *ret, const char *s)
{
	int hour, minute;

	if (strlen(s) != 5 || s[2] != ':')
		return -1;
	for (size_t i = 0; i < 5; i++) {
		if (i != 2 && !isdigit((unsigned char)s[i]))
			return -1;
	}
	hour = (s[0] - '0') * 10 + s[1] - '0';
	minute = (s[3] - '0') * 10 + s[4] - '0';
	if (minute > 59 || hour > 24 || (hour == 24 && minute > 0))
		return -1;
	*ret = hour * 60 + minute;
	return 0;
}

static int
read_weekday(int *ret, const char *s, size_t len)
{
	for (int i = 0; i < 7; i++) {
		if (len == 3 && strncasecmp(s, day_weekday_name(i), 3) == 0) {
			*ret = i;
			return 0;
		}
	}
	return -1;
}

/* "mon-fri,sun" or "daily" */
static int
read_days(unsigned *ret, const char *s, size_t len)
{
	const char *end = s + len;
	unsigned days = 0;

	if (len == 5 && strncasecmp(s, "daily", len) == 0) {
		*ret = 0x7f;
		return 0;
	}
	for (;; s++) {
		size_t n = strcspn(s, ",- \t");
		int first, last;

		if (read_weekday(&first, s, n) < 0)
			return -1;
		last = first;
		s += n;
		if (*s == '-') {
			n = strcspn(++s, ",- \t");
			if (read_weekday(&last, s, n) < 0)
				return -1;
			s += n;
		}
		for (; first != last; first = (first + 1) % 7)
			days |= 1u << first;
		days |= 1u << last;
		if (s == end)
			break;
		if (*s != ',')
			return -1;
	}
	*ret = days;
	return 0;
}

static int
read_times(struct line *line, const char *s)
{
	char from[6] = "", to[6] = "";
	size_t len = strlen(s);

	while (len > 0 && isblank((unsigned char)s[len - 1]))
		len--;
	if (len != 11 || s[5] != '-')
		return -1;
	memcpy(from, s, 5);
	memcpy(to, s + 6, 5);
	if (calendar_clock_minutes(&line->from_min, from) < 0 ||
	    calendar_clock_minutes(&line->to_min, to) < 0)
		return -1;
	if (line->from_min == DAY_MINUTES || line->from_min == line->to_min)
		return -1;
	if (line->to_min < line->from_min)
		line->to_min += DAY_MINUTES;
	return 0;
}

static int
read_line(struct line *ret, const char *s, struct fault *fault)
{
	size_t n;

	s += strspn(s, " \t");
	n = strcspn(s, " \t");
	if (read_days(&ret->days, s, n) == 0 &&
	    read_times(ret, s + n + strspn(s + n, " \t")) == 0)
		return 0;
	fault_set(fault,
		  "\"%.60s\" is not understood. Write opening hours like "
		  "\"mon-fri 08:00-18:00\", \"sat,sun 10:00-14:00\" or "
		  "\"daily 00:00-24:00\"",
		  s);
	return -1;
}

/* ---- spans: when it is open ---------------------------------------------- */

struct span {
	int64_t from_s;
	int64_t until_s; /* not included */
};
struct spans {
	struct span *list; /* owned */
	size_t count;
	size_t size;
};

static void
add_span(struct spans *spans, int64_t from_s, int64_t until_s)
{
	if (from_s >= until_s)
		return;
	if (spans->count == spans->size) {
		spans->size = spans->size > 0 ? spans->size * 2 : 128;
		spans->list = text_realloc(spans->list,
					   spans->size * sizeof *spans->list);
	}
	spans->list[spans->count++] =
	    (struct span){ .from_s = from_s, .until_s = until_s };
}

static int
by_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return (x->from_s > y->from_s) - (x->from_s < y->from_s);
}

/* Sorted, and those that touch or overlap become one. */
static void
join_spans(struct spans *spans)
{
	size_t n = 0;

	if (spans->count == 0)
		return;
	qsort(spans->list, spans->count, sizeof *spans->list, by_start);
	for (size_t i = 1; i < spans->count; i++) {
		struct span *last = &spans->list[n], *s = &spans->list[i];

		if (s->from_s > last->until_s)
			spans->list[++n] = *s;
		else if (s->until_s > last->until_s)
			last->until_s = s->until_s;
	}
	spans->count = n + 1;
}

/* Both joined; what is left of `open` outside `closed`. */
static void
cut_spans(struct spans *open, const struct spans *closed)
{
	struct spans left = { 0 };
	size_t k = 0;

	for (size_t i = 0; i < open->count; i++) {
		int64_t from_s = open->list[i].from_s;
		int64_t until_s = open->list[i].until_s;

		while (k < closed->count && closed->list[k].until_s <= from_s)
			k++;
		for (size_t j = k;
		     j < closed->count && closed->list[j].from_s < until_s;
		     j++) {
			add_span(&left, from_s, closed->list[j].from_s);
			from_s = closed->list[j].until_s;
		}
		add_span(&left, from_s, until_s);
	}
	free(open->list);
	*open = left;
}

static int64_t
day_start_s(const struct zone *zone, int64_t day)
{
	return zone_moment(zone, day * DAY_SECONDS).first_s;
}

static int64_t
closing_s(const struct zone *zone, int64_t day, int minutes)
{
	int64_t local_s = day * DAY_SECONDS + minutes * (int64_t)60;

	/* "24:00" is the end of the day, which is where the next one starts. */
	if (minutes == DAY_MINUTES)
		return day_start_s(zone, day + 1);
	return zone_moment(zone, local_s).last_s;
}

static bool
is_day_closed(const struct closures *holidays, int64_t day)
{
	for (size_t i = 0; holidays != NULL && i < holidays->count; i++) {
		const struct closure *c = &holidays->list[i];

		if (c->kind == CLOSURE_DAYS && c->from <= day && day < c->until)
			return true;
	}
	return false;
}

struct days {
	const struct zone *zone;
	int64_t first;
	int64_t last;
};

/* Every day that may touch the range, with its windows past midnight. */
static struct days
days_around(const struct zone *zone, int64_t from_s, int64_t until_s)
{
	return (
	    struct days){ .zone = zone,
			  .first = day_floor(zone_local_s(zone, from_s)) - 2,
			  .last = day_floor(zone_local_s(zone, until_s)) + 2 };
}

static void
open_line(struct spans *spans, const struct days *days, const struct line *line,
	  const struct closures *holidays)
{
	for (int64_t day = days->first; day <= days->last; day++) {
		int64_t from_s =
		    day * DAY_SECONDS + line->from_min * (int64_t)60;

		if (!(line->days & 1u << day_weekday(day)) ||
		    is_day_closed(holidays, day))
			continue;
		add_span(spans, zone_moment(days->zone, from_s).first_s,
			 closing_s(days->zone, day, line->to_min));
	}
}

static void
close_holidays(struct spans *closed, const struct days *days,
	       const struct closures *holidays)
{
	const struct zone *zone = days->zone;

	for (size_t i = 0; i < holidays->count; i++) {
		struct closure c = holidays->list[i];

		if (c.kind == CLOSURE_DAYS) {
			if (c.until < days->first || c.from > days->last)
				continue;
			c.from = day_start_s(zone, c.from);
			c.until = day_start_s(zone, c.until);
		} else if (c.kind == CLOSURE_LOCAL) {
			c.from = zone_moment(zone, c.from).first_s;
			c.until = zone_moment(zone, c.until).last_s;
		}
		add_span(closed, c.from, c.until);
	}
	join_spans(closed);
}

/* When these hours are open, around the range. */
static int
open_hours(struct spans *ret, const struct hours *h, const struct days *days,
	   struct fault *fault)
{
	const struct closures *holidays = NULL;
	struct spans closed = { 0 };

	if (h->holidays != NULL) {
		holidays = holidays_read(h->holidays, fault);
		if (holidays == NULL)
			return -1;
	}
	for (size_t i = 0; i < h->open_count; i++) {
		struct line line;

		if (read_line(&line, h->open[i], fault) < 0)
			return -1;
		open_line(ret, days, &line, holidays);
	}
	join_spans(ret);
	if (holidays != NULL) {
		close_holidays(&closed, days, holidays);
		cut_spans(ret, &closed);
		free(closed.list);
	}
	return 0;
}

static bool
in_spans(const struct spans *spans, int64_t ms)
{
	for (size_t i = 0; i < spans->count; i++) {
		if (spans->list[i].from_s * 1000 <= ms &&
		    ms < spans->list[i].until_s * 1000)
			return true;
	}
	return false;
}

/* ---- instants ------------------------------------------------------------ */

void
instants_done(struct instants *i)
{
	free(i->list);
	*i = (struct instants){ 0 };
}

static void
make_instants(struct instants *ret, const struct spans *spans, int64_t from_ms,
	      int64_t until_ms)
{
	struct instants made = { 0 };

	made.list = text_alloc(2 * spans->count * sizeof *made.list);
	for (size_t i = 0; i < 2 * spans->count; i++) {
		const struct span *s = &spans->list[i / 2];
		bool opens = i % 2 == 0;
		int64_t at_ms = (opens ? s->from_s : s->until_s) * 1000;

		if (at_ms >= from_ms && at_ms < until_ms)
			made.list[made.count++] =
			    (struct instant){ .at_ms = at_ms, .opens = opens };
	}
	*ret = made;
}

static int64_t
whole_s(int64_t ms)
{
	return ms / 1000 - (ms % 1000 < 0);
}

int
calendar_hours(struct instants *ret, const struct hours *h, int64_t from_ms,
	       int64_t until_ms, struct fault *fault)
{
	const struct zone *zone = zone_find(h->zone);
	struct spans spans = { 0 };
	struct days days;

	if (zone == NULL) {
		fault_set(fault, "the time zone \"%.64s\" is not known here",
			  h->zone != NULL ? h->zone : "");
		return -1;
	}
	assert(until_ms - from_ms <= RANGE_MOST_MS);
	days = days_around(zone, whole_s(from_ms), whole_s(until_ms));
	if (open_hours(&spans, h, &days, fault) < 0) {
		free(spans.list);
		return -1;
	}
	make_instants(ret, &spans, from_ms, until_ms);
	free(spans.list);
	return 0;
}

bool
calendar_open_at(const struct hours *h, int64_t ms)
{
	const struct zone *zone = zone_find(h->zone);
	struct spans spans = { 0 };
	struct fault unheard;
	struct days days;
	bool open;

	if (zone == NULL)
		return false;
	days = days_around(zone, whole_s(ms), whole_s(ms));
	open =
	    open_hours(&spans, h, &days, &unheard) == 0 && in_spans(&spans, ms);
	free(spans.list);
	return open;
}

int
calendar_check_hours(const char *const *open, size_t n,
		     const char *holidays_path, const char *zone,
		     struct fault *fault)
{
	struct line line;

	if (n == 0 || n > LINES_MOST) {
		fault_set(fault, n == 0 ? "there are no opening times"
					: "there are too many opening times");
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (read_line(&line, open[i], fault) < 0)
			return -1;
	}
	if (!calendar_zone_ok(zone)) {
		fault_set(fault,
			  "the time zone \"%.64s\" is not known here; "
			  "write it like \"Europe/Berlin\"",
			  zone != NULL ? zone : "");
		return -1;
	}
	if (holidays_path != NULL &&
	    holidays_read(holidays_path, fault) == NULL)
		return -1;
	return 0;
}

int64_t
calendar_holidays_end(const char *path)
{
	struct fault unheard;
	const struct closures *h = holidays_read(path, &unheard);

	if (h == NULL || h->end_s < 0)
		return -1;
	return h->end_s == INT64_MAX ? INT64_MAX : h->end_s * 1000;
}

/* ---- a window every day -------------------------------------------------- */

static struct spans
open_window(const struct days *days, int from_min, int to_min)
{
	struct line line = { .days = 0x7f,
			     .from_min = from_min,
			     .to_min = to_min };
	struct spans spans = { 0 };

	assert(from_min >= 0 && from_min < DAY_MINUTES);
	assert(to_min > 0 && to_min <= DAY_MINUTES);
	if (to_min <= from_min)
		line.to_min += DAY_MINUTES;
	open_line(&spans, days, &line, NULL);
	join_spans(&spans);
	return spans;
}

int
calendar_window(struct instants *ret, const char *zone, int from_min,
		int to_min, int64_t from_ms, int64_t until_ms)
{
	const struct zone *z = zone_find(zone);
	struct spans spans;
	struct days days;

	if (z == NULL)
		return -1;
	days = days_around(z, whole_s(from_ms), whole_s(until_ms));
	spans = open_window(&days, from_min, to_min);
	make_instants(ret, &spans, from_ms, until_ms);
	free(spans.list);
	return 0;
}

bool
calendar_window_open_at(const char *zone, int from_min, int to_min, int64_t ms)
{
	const struct zone *z = zone_find(zone);
	struct spans spans;
	struct days days;
	bool open;

	if (z == NULL)
		return false;
	days = days_around(z, whole_s(ms), whole_s(ms));
	spans = open_window(&days, from_min, to_min);
	open = in_spans(&spans, ms);
	free(spans.list);
	return open;
}
