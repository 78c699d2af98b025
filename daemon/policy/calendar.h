/* calendar.h -- opening hours, holidays and calling windows as instants.  No
 * clock of its own; reads only the system's time zones and holiday files. */
#ifndef RB_POLICY_CALENDAR_H
#define RB_POLICY_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;

/*
 * How local times become instants, in hours and windows alike:
 * - a time that the clocks skip (spring) is the moment at which they jump;
 * - a time that comes twice (autumn) opens at the first, closes at the second,
 *   so nobody who reads the hours on the door finds it closed;
 * - "22:00-06:00" belongs to the day on which it starts: it does not start on a
 *   holiday, and it ends at midnight where a holiday begins.
 */

struct instant {
	int64_t at_ms; /* since 1970, UTC */
	bool opens;
};

struct instants { /* {0} is an empty one */
	struct instant *list; /* owned; by time, opening and closing in turn */
	size_t count;
};
void instants_done(struct instants *);

/* Opening hours as they are configured; everything borrowed. */
struct hours {
	const char *const *open; /* "mon-fri 08:00-12:30", "daily 22:00-06:00" */
	size_t open_count;
	const char *holidays; /* path of an .ics file, or NULL */
	const char *zone;     /* "Europe/Berlin" */
};

/* calendar_init: read the table of countries and their zones.  To be called
 * once, before all else here; 0, or -1 and the fault says what is missing. */
int calendar_init(struct fault *);

/* calendar_check_hours: 0, or -1 and the fault names the line, the file or the
 * zone that cannot be used. */
int calendar_check_hours(const char *const *open, size_t n,
    const char *holidays_path, const char *zone, struct fault *);

/*
 * calendar_hours: the openings and closings at or after `from_ms` and before
 * `until_ms` (at most 3 years apart).  Windows that touch or overlap are one.
 * 0, and *ret is for instants_done(); or -1 and the fault.
 */
int calendar_hours(struct instants *ret, const struct hours *, int64_t from_ms,
    int64_t until_ms, struct fault *);

/* calendar_open_at: open in that very moment, as calendar_hours sees it: true
 * from an opening instant on, false from a closing one on.  What cannot be
 * read is closed: check first. */
bool calendar_open_at(const struct hours *, int64_t ms);

/* calendar_holidays_end: the moment (ms, as if the zone were UTC) at which the
 * last closure in the file ends; INT64_MAX where one comes back for ever, -1
 * where the file cannot be read or names none. */
int64_t calendar_holidays_end(const char *path);

/*
 * calendar_window: like calendar_hours, for one window every day in the zone,
 * in minutes after midnight: 0 <= from_min < 1440, 0 < to_min <= 1440.
 * to_min <= from_min runs past midnight; 0 to 1440 never closes.
 * 0, or -1 where the zone is unknown.
 */
int calendar_window(struct instants *ret, const char *zone, int from_min,
    int to_min, int64_t from_ms, int64_t until_ms);
/* calendar_window_open_at: the state in that moment; false: unknown zone. */
bool calendar_window_open_at(
    const char *zone, int from_min, int to_min, int64_t ms);

/* calendar_zone_ok: an IANA name that the system knows ("Europe/Berlin"). */
bool calendar_zone_ok(const char *zone);

/* calendar_clock_minutes: "09:00" gives 540, "24:00" gives 1440; two digits
 * each.  0, or -1 with *ret untouched. */
int calendar_clock_minutes(int *ret, const char *hhmm);

enum calendar_form {
	CALENDAR_CLOCK, /* "10:19" */
	CALENDAR_DAY,   /* "Wed 25 Nov 10:00" */
};
/* calendar_local: the time on that zone's clock; UTC where it is unknown. */
void calendar_local(char *buf, size_t size, int64_t ms, const char *zone,
    enum calendar_form);

/* calendar_region_zone: the zone of a country that has only one ("DE" gives
 * "Europe/Berlin"); NULL for several, for none and for unknown ones. */
const char *calendar_region_zone(const char *region);

#endif
