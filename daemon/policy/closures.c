#include "daemon/policy/closures.h"

#include <libical/ical.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/day.h"
#include "daemon/base/fault.h"
#include "daemon/base/text.h"
#include "daemon/base/zone.h"

#define CLOSURES_MOST 50000
#define EVENTS_MOST 2000
#define FIRST_YEAR 2020
#define LAST_YEAR 2080

/* What an event needs to become closures. */
struct event {
	icalcomponent *all;  /* borrowed: the whole file */
	icalcomponent *self; /* borrowed */
	const char *name;    /* borrowed: SUMMARY, for faults */
	struct icaltimetype start;
	const struct zone *zone; /* NULL: floating, or UTC */
	int64_t start_s;         /* on its own clock, like end_s */
	int64_t end_s;
	int64_t *except; /* owned: sorted marks of what does not take place */
	size_t except_count;
};

/* Seconds on the clock the time was written for. */
static int64_t
clock_s(struct icaltimetype t)
{
	int64_t s = day_number(t.year, t.month, t.day) * DAY_SECONDS;

	if (!t.is_date)
		s += t.hour * 3600 + t.minute * 60 + t.second;
	return s;
}

/* The same for a time that may be written in UTC, on the clock of the event. */
static int64_t
own_clock_s(const struct event *e, struct icaltimetype t)
{
	if (e->zone != NULL && icaltime_is_utc(t))
		return zone_local_s(e->zone, clock_s(t));
	return clock_s(t);
}

/* libical takes a 45th of the 13th month as it comes. */
static bool
is_time(struct icaltimetype t)
{
	if (icaltime_is_null_time(t) || t.year < 1 || t.year > 9999 ||
	    t.month < 1 || t.month > 12 || t.day < 1 ||
	    t.day > day_month_length(t.year, t.month))
		return false;
	return t.is_date || (t.hour >= 0 && t.hour <= 23 && t.minute >= 0 &&
			     t.minute <= 59 && t.second >= 0 && t.second <= 60);
}

static int
add_closure(struct closures *f, struct closure c, struct fault *fault)
{
	if (c.until <= c.from)
		return 0;
	if (f->count == CLOSURES_MOST) {
		fault_set(fault,
			  "%s: more than %d closures; is this a file of "
			  "holidays?",
			  f->path, CLOSURES_MOST);
		return -1;
	}
	if (f->count == f->size) {
		f->size = f->size > 0 ? f->size * 2 : 64;
		f->list = text_realloc(f->list, f->size * sizeof *f->list);
	}
	f->list[f->count++] = c;
	return 0;
}

static bool
in_range(int year)
{
	return year >= FIRST_YEAR && year <= LAST_YEAR;
}

static struct closure
closure_at(const struct event *e, int64_t from_s)
{
	int64_t until_s = from_s + (e->end_s - e->start_s);
	struct closure c = { CLOSURE_LOCAL, from_s, until_s };

	if (e->start.is_date) {
		c = (struct closure){ CLOSURE_DAYS, day_floor(from_s),
				      day_floor(until_s) };
	} else if (e->zone != NULL) {
		c = (struct closure){ CLOSURE_FIXED,
				      zone_moment(e->zone, from_s).first_s,
				      zone_moment(e->zone, until_s).last_s };
	} else if (icaltime_is_utc(e->start)) {
		c.kind = CLOSURE_FIXED;
	}
	return c;
}

static bool
same_uid(icalcomponent *a, icalcomponent *b)
{
	const char *ua = icalcomponent_get_uid(a);
	const char *ub = icalcomponent_get_uid(b);

	return ua != NULL && ub != NULL && strcmp(ua, ub) == 0;
}

/* What occurrences are compared by.  The day for whole days: some programs
 * write EXDATE with a time where the event has none. */
static int64_t
mark(const struct event *e, int64_t from_s)
{
	return e->start.is_date ? day_floor(from_s) : from_s;
}

static int
by_mark(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
except(struct event *e, struct icaltimetype t)
{
	size_t n = e->except_count;

	if (!is_time(t))
		return;
	if ((n & (n + 1)) == 0) /* room for 1, 3, 7 ... is used up */
		e->except =
		    text_realloc(e->except, (2 * n + 1) * sizeof *e->except);
	e->except[e->except_count++] = mark(e, own_clock_s(e, t));
}

/* Taken out by EXDATE, or replaced by an event of its own.  Once, beforehand:
 * a walk over properties keeps its place in the component, so that there can be
 * only one at a time. */
static void
find_exceptions(struct event *e)
{
	icalcompiter i =
	    icalcomponent_begin_component(e->all, ICAL_VEVENT_COMPONENT);
	icalcomponent *c;
	icalproperty *p;

	for (p = icalcomponent_get_first_property(e->self,
						  ICAL_EXDATE_PROPERTY);
	     p != NULL;
	     p = icalcomponent_get_next_property(e->self, ICAL_EXDATE_PROPERTY))
		except(e, icalproperty_get_exdate(p));
	for (c = icalcompiter_deref(&i); c != NULL; c = icalcompiter_next(&i)) {
		if (c != e->self && same_uid(c, e->self))
			except(e, icalcomponent_get_recurrenceid(c));
	}
	if (e->except_count > 0)
		qsort(e->except, e->except_count, sizeof *e->except, by_mark);
}

static bool
is_excepted(const struct event *e, int64_t from_s)
{
	int64_t wanted = mark(e, from_s);

	return e->except_count > 0 &&
	       bsearch(&wanted, e->except, e->except_count, sizeof wanted,
		       by_mark) != NULL;
}

/* One occurrence; end_s grows to the end of the last. */
static int
add_at(struct closures *f, const struct event *e, int64_t from_s,
       struct fault *fault)
{
	struct day day;
	int64_t until_s = from_s + (e->end_s - e->start_s);

	if (is_excepted(e, from_s))
		return 0;
	if (until_s > f->end_s)
		f->end_s = until_s;
	day_split(&day, from_s);
	if (!in_range(day.year))
		return 0;
	return add_closure(f, closure_at(e, from_s), fault);
}

static int
add_rdates(struct closures *f, const struct event *e, struct fault *fault)
{
	icalproperty *p;

	for (p = icalcomponent_get_first_property(e->self, ICAL_RDATE_PROPERTY);
	     p != NULL; p = icalcomponent_get_next_property(
			    e->self, ICAL_RDATE_PROPERTY)) {
		struct icaldatetimeperiodtype d = icalproperty_get_rdate(p);

		if (!is_time(d.time)) {
			fault_set(fault,
				  "%s: \"%s\" has periods in RDATE; give "
				  "each an event of its own",
				  f->path, e->name);
			return -1;
		}
		if (add_at(f, e, own_clock_s(e, d.time), fault) < 0)
			return -1;
	}
	return 0;
}

static int
add_rule(struct closures *f, const struct event *e, icalproperty *p,
	 struct fault *fault)
{
	struct icalrecurrencetype rule = icalproperty_get_rrule(p);
	struct icaltimetype start = e->start, t;
	icalrecur_iterator *i;
	int rc = 0;

	if (rule.freq < ICAL_DAILY_RECURRENCE ||
	    rule.freq >= ICAL_NO_RECURRENCE) {
		fault_set(fault, "%s: \"%s\" comes back more often than daily",
			  f->path, e->name);
		return -1;
	}
	/* The rule counts on the clock of the event, without any zone. */
	start.zone = NULL;
	i = icalrecur_iterator_new(rule, start);
	if (i == NULL) {
		fault_set(fault, "%s: the RRULE of \"%s\" cannot be read",
			  f->path, e->name);
		return -1;
	}
	for (t = icalrecur_iterator_next(i);
	     rc == 0 && !icaltime_is_null_time(t) && t.year <= LAST_YEAR;
	     t = icalrecur_iterator_next(i))
		rc = add_at(f, e, clock_s(t), fault);
	icalrecur_iterator_free(i);
	if (rule.count == 0 && icaltime_is_null_time(rule.until))
		f->end_s = INT64_MAX;
	return rc;
}

static int
add_rules(struct closures *f, const struct event *e, struct fault *fault)
{
	icalproperty *p =
	    icalcomponent_get_first_property(e->self, ICAL_RRULE_PROPERTY);

	if (p == NULL)
		return add_at(f, e, e->start_s, fault);
	for (; p != NULL; p = icalcomponent_get_next_property(
			      e->self, ICAL_RRULE_PROPERTY)) {
		if (add_rule(f, e, p, fault) < 0)
			return -1;
	}
	return 0;
}

/* The zone the event is written for; -1 where we do not know it. */
static int
find_zone(struct closures *f, struct event *e, struct fault *fault)
{
	icalproperty *p =
	    icalcomponent_get_first_property(e->self, ICAL_DTSTART_PROPERTY);
	icalparameter *tz =
	    icalproperty_get_first_parameter(p, ICAL_TZID_PARAMETER);

	if (e->start.is_date || tz == NULL || icaltime_is_utc(e->start))
		return 0;
	e->zone = zone_find(icalparameter_get_tzid(tz));
	if (e->zone != NULL)
		return 0;
	fault_set(fault,
		  "%s: \"%s\" is in the time zone \"%s\", which is not "
		  "known here; write it like \"Europe/Berlin\"",
		  f->path, e->name, icalparameter_get_tzid(tz));
	return -1;
}

/* "DTSTART;TZID=Europe/Berlin", "DTEND;TZID=Asia/Tokyo" is nothing we read. */
static bool
same_zone(icalcomponent *c, icalproperty *end)
{
	icalproperty *start =
	    icalcomponent_get_first_property(c, ICAL_DTSTART_PROPERTY);
	icalparameter *a =
	    icalproperty_get_first_parameter(start, ICAL_TZID_PARAMETER);
	icalparameter *b =
	    icalproperty_get_first_parameter(end, ICAL_TZID_PARAMETER);

	if (a == NULL || b == NULL)
		return a == b || icaltime_is_utc(icalproperty_get_dtend(end));
	return strcmp(icalparameter_get_tzid(a), icalparameter_get_tzid(b)) ==
	       0;
}

/* Where the first occurrence ends, on the clock of the event; 0, or -1. */
static int
find_end(struct event *e)
{
	icalproperty *end =
	    icalcomponent_get_first_property(e->self, ICAL_DTEND_PROPERTY);
	icalproperty *length =
	    icalcomponent_get_first_property(e->self, ICAL_DURATION_PROPERTY);
	struct icaltimetype t;

	e->end_s = e->start_s;
	if (end != NULL) {
		t = icalproperty_get_dtend(end);
		if (!is_time(t) || t.is_date != e->start.is_date ||
		    (icaltime_is_utc(e->start) && !icaltime_is_utc(t)) ||
		    !same_zone(e->self, end))
			return -1;
		e->end_s = own_clock_s(e, t);
	} else if (length != NULL) {
		e->end_s +=
		    icaldurationtype_as_int(icalproperty_get_duration(length));
	}
	/* A day without an end, or that ends on itself, is one day. */
	if (e->start.is_date && e->end_s == e->start_s)
		e->end_s = e->start_s + DAY_SECONDS;
	return 0;
}

static int
find_span(struct closures *f, struct event *e, struct fault *fault)
{
	e->start_s = clock_s(e->start);
	if (find_end(e) < 0) {
		fault_set(fault,
			  "%s: the DTEND of \"%s\" is no time of the same "
			  "kind and zone as its DTSTART",
			  f->path, e->name);
		return -1;
	}
	if (e->end_s > e->start_s)
		return 0;
	fault_set(fault,
		  "%s: \"%s\" does not end after it begins; give it a "
		  "DTEND, or VALUE=DATE for the whole day",
		  f->path, e->name);
	return -1;
}

/* libical takes out what it cannot read and leaves a note.  Without its rule
 * or its end an event would quietly mean something else. */
static int
check_notes(struct closures *f, const struct event *e, struct fault *fault)
{
	static const char *const needed[] = { "DTSTART",      "DTEND",
					      "DURATION",     "RRULE",
					      "RDATE",        "EXDATE",
					      "RECURRENCE-ID" };
	icalproperty *p;

	for (p = icalcomponent_get_first_property(e->self,
						  ICAL_XLICERROR_PROPERTY);
	     p != NULL; p = icalcomponent_get_next_property(
			    e->self, ICAL_XLICERROR_PROPERTY)) {
		const char *note = icalproperty_get_xlicerror(p);

		for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
			if (note == NULL || strstr(note, needed[i]) == NULL)
				continue;
			fault_set(fault, "%s: the %s of \"%s\" cannot be read",
				  f->path, needed[i], e->name);
			return -1;
		}
	}
	return 0;
}

static int
add_event(struct closures *f, struct event *e, struct fault *fault)
{
	const char *name = icalcomponent_get_summary(e->self);
	icalproperty *p =
	    icalcomponent_get_first_property(e->self, ICAL_DTSTART_PROPERTY);

	e->name = name != NULL ? name : "an event without SUMMARY";
	if (check_notes(f, e, fault) < 0)
		return -1;
	if (icalcomponent_get_status(e->self) == ICAL_STATUS_CANCELLED)
		return 0;
	if (p != NULL)
		e->start = icalproperty_get_dtstart(p);
	if (p == NULL || !is_time(e->start)) {
		fault_set(fault, "%s: \"%s\" has no DTSTART", f->path, e->name);
		return -1;
	}
	if (find_zone(f, e, fault) < 0 || find_span(f, e, fault) < 0)
		return -1;
	find_exceptions(e);
	return add_rdates(f, e, fault) < 0 || add_rules(f, e, fault) < 0 ? -1
									 : 0;
}

static int
add_events(struct closures *f, icalcomponent *all, struct fault *fault)
{
	icalcompiter i =
	    icalcomponent_begin_component(all, ICAL_VEVENT_COMPONENT);
	icalcomponent *c = icalcompiter_deref(&i);
	int count = 0;

	if (c == NULL) {
		fault_set(fault, "%s: there is no event (VEVENT) in it",
			  f->path);
		return -1;
	}
	for (; c != NULL; c = icalcompiter_next(&i)) {
		struct event e = { .all = all, .self = c };
		int rc = -1;

		if (count++ < EVENTS_MOST)
			rc = add_event(f, &e, fault);
		else
			fault_set(fault,
				  "%s: more than %d events; is this a "
				  "file of holidays?",
				  f->path, EVENTS_MOST);
		free(e.except);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* How many events begin in the text; a word in a description is no event. */
static int
count_events(const char *text)
{
	static const char begin[] = "BEGIN:VEVENT";
	int n = 0;

	for (; text != NULL; text = strchr(text, '\n')) {
		text += strspn(text, "\r\n");
		if (strncasecmp(text, begin, sizeof begin - 1) == 0)
			n++;
	}
	return n;
}

static int
read_calendar(struct closures *f, const char *text, struct fault *fault)
{
	icalcomponent *all = icalparser_parse_string(text);
	int rc = -1;

	if (all == NULL || icalcomponent_isa(all) != ICAL_VCALENDAR_COMPONENT ||
	    icalcomponent_count_components(all, ICAL_VEVENT_COMPONENT) !=
		count_events(text))
		fault_set(fault,
			  "%s: this is not one calendar, in which every BEGIN "
			  "has its END",
			  f->path);
	else
		rc = add_events(f, all, fault);
	if (all != NULL)
		icalcomponent_free(all);
	icalmemory_free_ring();
	return rc;
}

int
closures_read(struct closures *ret, const char *path, const char *text,
	      struct fault *fault)
{
	const char *begin = strstr(text, "BEGIN:VCALENDAR");

	*ret = (struct closures){ .path = path, .end_s = -1 };
	if (begin == NULL) {
		fault_set(fault,
			  "%s: this is no calendar; it must begin with "
			  "BEGIN:VCALENDAR",
			  path);
		return -1;
	}
	if (strstr(begin, "END:VCALENDAR") == NULL) {
		fault_set(fault,
			  "%s: the file is cut off; there is no END:VCALENDAR",
			  path);
		return -1;
	}
	/* Otherwise libical ends the process over a malformed line. */
	icalerror_set_errors_are_fatal(false);
	return read_calendar(ret, begin, fault);
}

void
closures_done(struct closures *f)
{
	free(f->list);
	*f = (struct closures){ 0 };
}
