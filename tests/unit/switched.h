/* switched.h -- a tracker of FreeSWITCH's calls with time in the test's hand:
 * what is said to it, what it told. */
#ifndef RB_TESTS_UNIT_SWITCHED_H
#define RB_TESTS_UNIT_SWITCHED_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/freeswitch_calls.h"
#include "tests/unit/told.h"

#define SWITCHED_START_S INT64_C(1795324900)

struct switched {
	struct policy_source config;
	struct freeswitch_calls *calls;
	struct tracker_now now;
	struct told told;
};

/* answered_min is 20 s, calls that come in to "public" count.  It is up. */
struct switched *switched_new(void);
void switched_free(struct switched *);

/* switched_bytes: as they came over the wire. */
void switched_bytes(struct switched *, const char *, size_t len);
/* switched_say: an event with these lines, "Name: value\n" each; its time is
 * now. */
void switched_say(struct switched *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* switched_member: of mod_callcenter, by its CC-Action, and more lines. */
void switched_member(struct switched *, const char *action, const char *queue,
		     const char *session, const char *member, const char *more);
/* switched_leave: member-queue-end of one who came in at SWITCHED_START_S, with
 * that CC-Cancel-Reason; he stays on the line. */
void switched_leave(struct switched *, const char *session, const char *member,
		    const char *reason);
/* switched_hangup: CHANNEL_HANGUP_COMPLETE of a channel that came in, and more
 * lines. */
void switched_hangup(struct switched *, const char *uuid, const char *more);

/* switched_pass: so much time passes, and what is due is done. */
void switched_pass(struct switched *, int64_t ms);

/* switched_told: told_lines of it. */
const char *switched_told(struct switched *);

#endif
