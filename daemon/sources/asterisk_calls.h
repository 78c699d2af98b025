/* asterisk_calls.h -- what Asterisk's events mean: packets of its manager go
 * in, missed and answered calls come out.  No I/O; the time is given.
 *
 * A call is all that has one Linkedid.  It is missed when the caller's channel
 * has hung up and nobody talked with him since he last came into a queue; the
 * queue is the last that he waited in.  Nobody: no AgentConnect, no dialled
 * channel answered, no bridge with another channel that is somebody (a Local
 * channel is nobody, nor is what stands waiting in a holding bridge).  So an
 * Abandon is tentative until the Hangup: after a queue's own time-out, an empty
 * queue or a key the dialplan may still lead to somebody, and when it does not,
 * nobody has talked with him: missed, whatever way he left the queue.  What a
 * machine does (voicemail, a menu) is no talk.
 *
 * Where a Hangup never comes (read = agent alone: no event of class call was
 * heard on this link), a caller who left a queue is missed when for
 * ASTERISK_GRACE_MS neither an agent was connected nor another queue joined.
 * Should somebody talk with him later after all, call.talking and call.answered
 * of the same call say so, and that is no missed call any more.
 *
 * Outside of queues: a call that came in (state Ring) to one of the configured
 * contexts and ended without that anybody answered what was dialled for it.
 *
 * Ids: "call" is the Uniqueid of the channel that waited, for queue_log knows
 * only that; with "/2" and so on behind it when he waits again after a talk
 * (transferred to a queue, he has another reason to be called back).  Outside
 * of queues it is the Linkedid and "/0".  One missed and one answered at most
 * of each.
 *
 * Not calls of customers: what ringback itself began (channel ids "rb-..."),
 * and what neither waited in a queue nor came in by one of the contexts. */
#ifndef RB_SOURCES_ASTERISK_CALLS_H
#define RB_SOURCES_ASTERISK_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/sources/tracker.h"

struct ami_packet;
struct asterisk_calls;
struct policy_source;
struct queue_log;

#define ASTERISK_CALLS_MOST 20000    /* at once; more are counted as rejects */
#define ASTERISK_CHANNELS_MOST 60000 /* of all of them */
#define ASTERISK_GRACE_MS 5000
/* A call of which no channel is known (read = agent) ends at last. */
#define ASTERISK_AGE_MS (INT64_C(4) * 3600 * 1000)
/* Our own channels' ids begin so (Originate, ChannelId). */
#define ASTERISK_OURS "rb-"

struct asterisk_calls *asterisk_calls_new(const struct tracker_options *);
void asterisk_calls_free(struct asterisk_calls *); /* NULL is allowed */
/* asterisk_calls_use: the same section after a reload. */
void asterisk_calls_use(struct asterisk_calls *, const struct policy_source *);

/* asterisk_calls_packet: every packet with an "Event" that came, the lists that
 * Status and QueueStatus give as well; what means nothing here is
 * passed over. */
void asterisk_calls_packet(struct asterisk_calls *, const struct ami_packet *,
			   const struct tracker_now *);

/* asterisk_calls_due: does what is due by now.  Returns when (mono_ms) it wants
 * to be called again at the latest; -1: not before the next packet. */
int64_t asterisk_calls_due(struct asterisk_calls *, const struct tracker_now *);

/* After the login: asterisk_calls_up, then ask Status (or CoreShowChannels,
 * which needs more rights), after it QueueStatus, give all that comes to
 * asterisk_calls_packet; when both are answered or refused, and queue_log is
 * read where there is one, asterisk_calls_settle, once: what was known before
 * and lives no more has ended, as queue_log says, and without it, missed unless
 * somebody talked; then it was when the link was lost.  Nothing is told of
 * calls that came and went meanwhile but by queue_log.  An Asterisk that began
 * anew shows by these lists, too. */
void asterisk_calls_up(struct asterisk_calls *);
void asterisk_calls_down(struct asterisk_calls *, const struct tracker_now *);

struct asterisk_gap {
	bool channels; /* Status was answered to its end */
	bool queues;   /* QueueStatus, too */
	/* What ended since then is told; borrowed, or NULL. */
	const struct queue_log *log;
	int64_t since_ms; /* wall, by Redis's clock */
};
void asterisk_calls_settle(struct asterisk_calls *, const struct asterisk_gap *,
			   const struct tracker_now *);

/* How many it holds now. */
size_t asterisk_calls_count(const struct asterisk_calls *);

#endif
