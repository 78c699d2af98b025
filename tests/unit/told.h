/* told.h -- what a tracker of calls told, as lines to compare. */
#ifndef RB_TESTS_UNIT_TOLD_H
#define RB_TESTS_UNIT_TOLD_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/text.h"
#include "daemon/sources/tracker.h"

struct told {
	const struct tracker_now *now; /* borrowed */
	struct text lines;
	size_t events, rejects;
	int64_t last_ms; /* time of the last event */
};

/* As event and reject of struct tracker_options, which have it for a cookie.
 * That each is an event as it should be is checked. */
void told_event(void *cookie, struct record *);
void told_reject(void *cookie, const char *why);
void told_done(struct told *);

/* told_lines: since the last time:
 * "missed CALL from NUMBER in QUEUE after SECONDS\n",
 * "talking CALL\n", "answered CALL from NUMBER in QUEUE for SECONDS\n".  Good
 * until the next call. */
const char *told_lines(struct told *);

#endif
