/* tracker.h -- a tracker of Asterisk's calls with time in the test's hand: what
 * is said to it, what it told. */
#ifndef RB_TESTS_UNIT_TRACKER_H
#define RB_TESTS_UNIT_TRACKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/asterisk_calls.h"
#include "tests/unit/told.h"

#define TRACKER_START_MS INT64_C(1795324800000)

struct tracker {
	struct policy_source config;
	struct asterisk_calls *calls;
	struct tracker_now now;
	struct told told;
};

/* answered_min is 20 s, calls that come in to from-trunk count. */
struct tracker *tracker_new(void);
void tracker_free(struct tracker *);

/* tracker_packet: the lines of a packet, "Event: Hangup\nUniqueid: 1.0", each
 * ended by a line feed or the end.  Without a Privilege it gets that of its
 * event.  tracker_bytes: as they came over the wire. */
void tracker_packet(struct tracker *, const char *lines);
void tracker_bytes(struct tracker *, const char *, size_t len);

/* An event of a channel: what else stands in it follows, or "". */
void tracker_say(struct tracker *, const char *event, const char *uniqueid,
		 const char *linkedid, const char *more);
/* The Newchannel of a channel of that name; "PJSIP/trunk..." came in to
 * from-trunk. */
void tracker_new_channel(struct tracker *, const char *uniqueid,
			 const char *linkedid, const char *name);

/* tracker_joined: a new one, in which the caller 1.1 waits in sales.
 * tracker_abandon: he leaves that queue unserved after 9 s.  tracker_connect:
 * PJSIP/1001 takes him out of sales. */
struct tracker *tracker_joined(void);
void tracker_abandon(struct tracker *, const char *queue);
void tracker_connect(struct tracker *);

/* tracker_pass: so much time passes, and what is due is done. */
void tracker_pass(struct tracker *, int64_t ms);

/* tracker_told: told_lines of it. */
const char *tracker_told(struct tracker *);

#endif
