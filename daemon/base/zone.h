/* zone.h -- time zones from the system's tzdata.  Files are read once and kept;
 * a new tzdata counts after a restart. */
#ifndef RB_BASE_ZONE_H
#define RB_BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

struct zone; /* lives as long as the process */

/* zone_find: by IANA name ("Europe/Berlin", "UTC"); NULL where the system does
 * not know it, and for anything that is no such name (paths, "right/..."). */
const struct zone *zone_find(const char *name);

/* zone_local_s: the clock in that moment, as seconds since 1970-01-01 00:00 of
 * that clock.  Right until 2100. */
int64_t zone_local_s(const struct zone *, int64_t utc_s);

enum zone_fold {
	ZONE_ONCE,
	ZONE_TWICE,   /* the clocks went back: first_s and last_s differ */
	ZONE_SKIPPED, /* the clocks jumped: both are the moment of the jump */
};
struct zone_moment {
	int64_t first_s; /* UTC */
	int64_t last_s;
	enum zone_fold fold;
};
/* zone_moment: when the clock shows local_s. */
struct zone_moment zone_moment(const struct zone *, int64_t local_s);

/* zone_same: both clocks agree from from_s to until_s (UTC). */
bool zone_same(const struct zone *, const struct zone *, int64_t from_s,
	       int64_t until_s);

#endif
