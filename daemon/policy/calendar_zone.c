/* calendar_zone.c -- the part of calendar.h about clocks and countries. */
#include "daemon/policy/calendar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/day.h"
#include "daemon/base/fault.h"
#include "daemon/base/text.h"
#include "daemon/base/zone.h"

/* Not zone1970.tab: there, places that agree since 1970 share a line, and
 * Germany is listed with Zurich, too. */
#define TABLE "/usr/share/zoneinfo/zone.tab"

/* Zones that show the same time in these years are one to us: Berlin and
 * Busingen, but not New York and Chicago. */
#define SAME_FROM_YEAR 2020
#define SAME_UNTIL_YEAR 2040

struct place {
	char region[3];
	char *zone; /* owned */
};

static struct place *places; /* as in the table: sorted by region */
static size_t place_count;

/* "DE	+5230+01322	Europe/Berlin	most of Germany" */
static void
add_place(char *line)
{
	char *rest = line, *region = strsep(&rest, "\t\n");
	char *where = strsep(&rest, "\t\n");
	char *zone = strsep(&rest, "\t\n");

	if (*line == '#' || where == NULL || zone == NULL ||
	    strlen(region) != 2)
		return;
	places = text_realloc(places, (place_count + 1) * sizeof *places);
	memcpy(places[place_count].region, region, 3);
	places[place_count++].zone = text_dup(zone);
}

int
calendar_init(struct fault *fault)
{
	char *line = NULL;
	size_t size = 0;
	FILE *f;

	if (places != NULL)
		return 0;
	f = fopen(TABLE, "re");
	if (f == NULL) {
		fault_set(fault, TABLE ": %s. Install tzdata", strerror(errno));
		return -1;
	}
	while (getline(&line, &size, f) >= 0)
		add_place(line);
	free(line);
	(void)fclose(f);
	if (place_count > 0)
		return 0;
	fault_set(fault, TABLE ": there are no zones in it. Install tzdata");
	return -1;
}

static bool
same_clock(const char *a, const char *b)
{
	const struct zone *za = zone_find(a), *zb = zone_find(b);

	return za != NULL && zb != NULL &&
	       zone_same(za, zb, day_number(SAME_FROM_YEAR, 1, 1) * DAY_SECONDS,
			 day_number(SAME_UNTIL_YEAR, 1, 1) * DAY_SECONDS);
}

const char *
calendar_region_zone(const char *region)
{
	const char *zone = NULL;

	if (region == NULL)
		return NULL;
	for (size_t i = 0; i < place_count; i++) {
		if (strcmp(places[i].region, region) != 0)
			continue;
		if (zone == NULL)
			zone = places[i].zone;
		else if (!same_clock(zone, places[i].zone))
			return NULL;
	}
	return zone;
}

bool
calendar_zone_ok(const char *zone)
{
	return zone_find(zone) != NULL;
}

void
calendar_local(char *buf, size_t size, int64_t ms, const char *zone,
	       enum calendar_form form)
{
	const struct zone *z = zone_find(zone);
	int64_t s = ms / 1000 - (ms % 1000 < 0);
	struct day d;

	day_split(&d, z != NULL ? zone_local_s(z, s) : s);
	if (form == CALENDAR_CLOCK)
		(void)snprintf(buf, size, "%02d:%02d", d.hour, d.minute);
	else
		(void)snprintf(buf, size, "%s %d %s %02d:%02d",
			       day_weekday_name(d.weekday), d.mday,
			       day_month_name(d.month), d.hour, d.minute);
}
