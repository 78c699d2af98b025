/* freeswitch_calls.h -- what FreeSWITCH's events mean: events of its socket go
 * in, missed and answered calls come out.  No I/O; the time is given.
 *
 * A call is a caller's channel.  It is missed when that channel has ended and
 * nobody talked with him since he last came into a queue (mod_callcenter,
 * mod_fifo).  To leave a queue is not to be missed: after its time-out, a key,
 * or when no agent is there, the dialplan may still lead to somebody.  A talk
 * is an agent of the queue, or a bridge to a channel that was answered (not a
 * loopback: nobody is there); what a machine does (voicemail, a menu) is none.
 *
 * Outside of queues: a channel that came in to one of the configured contexts
 * and ended without that anybody answered what was dialled for it; also who
 * hung up in a menu.
 *
 * Ids, and "call": the UUID of the channel, of a visit to a queue of
 * mod_callcenter "CHANNEL/MEMBER", and of one of mod_fifo after a talk
 * "CHANNEL/fifo-SECONDS", by its clock: transferred to a queue after a talk he
 * has another reason to be called back, and another id.  Who comes again and
 * gets his old place (member-queue-resume) has hung up before: what that call
 * was told as missed is void, by call.talking.
 *
 * Not calls of customers: those with the variable FREESWITCH_OURS, which
 * ringback itself began. */
#ifndef RB_SOURCES_FREESWITCH_CALLS_H
#define RB_SOURCES_FREESWITCH_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/sources/tracker.h"

struct esl_packet;
struct freeswitch_calls;
struct policy_source;

#define FREESWITCH_OURS "ringback_call"
/* What it wants to hear of; ordinary events stand before CUSTOM. */
#define FREESWITCH_EVENTS                                 \
	"CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_UNBRIDGE " \
	"CHANNEL_HANGUP_COMPLETE CUSTOM callcenter::info fifo::info"
/* After so long a call is looked at as if the link had been lost. */
#define FREESWITCH_AGE_MS (INT64_C(12) * 3600 * 1000)

struct freeswitch_calls *freeswitch_calls_new(const struct tracker_options *);
void freeswitch_calls_free(struct freeswitch_calls *); /* NULL is allowed */
/* freeswitch_calls_use: the same section after a reload. */
void freeswitch_calls_use(struct freeswitch_calls *,
			  const struct policy_source *);

/* freeswitch_calls_event: every event that came; what means nothing here is
 * passed over. */
void freeswitch_calls_event(struct freeswitch_calls *,
			    const struct esl_packet *,
			    const struct tracker_now *);
/* freeswitch_calls_due: once a second: talks that have lasted long enough. */
void freeswitch_calls_due(struct freeswitch_calls *,
			  const struct tracker_now *);
size_t freeswitch_calls_count(const struct freeswitch_calls *);

/* ---- after a gap ---------------------------------------------------------
 * freeswitch_calls_up, as soon as events come (again); then what the system
 * knows of members, and of each channel that freeswitch_calls_unsure gives,
 * whether it lives.  Nothing is told twice: ids are the same. */
void freeswitch_calls_up(struct freeswitch_calls *, const struct tracker_now *);
void freeswitch_calls_down(struct freeswitch_calls *,
			   const struct tracker_now *);

struct freeswitch_row { /* of "callcenter_config queue list members" */
	const char *queue, *member, *session, *number, *name, *state;
	int64_t joined_s, left_s; /* epoch, by its clock; 0: not yet */
};
/* freeswitch_calls_row: since_ms: wall, by Redis's clock; who gave up after it
 * and is not known here is told; 0: only who is known. */
void freeswitch_calls_row(struct freeswitch_calls *,
			  const struct freeswitch_row *, int64_t since_ms,
			  const struct tracker_now *);
/* freeswitch_calls_unsure: the channel of one of whom something may have been
 * missed; NULL: there is none (left).  Borrowed. */
const char *freeswitch_calls_unsure(const struct freeswitch_calls *);
/* freeswitch_calls_sure: that channel lives, or is gone: missed, unless
 * somebody is known to have talked with him. */
void freeswitch_calls_sure(struct freeswitch_calls *, const char *session,
			   bool lives, const struct tracker_now *);

#endif
