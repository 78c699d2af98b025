/* freeswitch_gap.h -- asks a FreeSWITCH, after the link to it is up (again),
 * what was missed meanwhile: the members of its queues, also those who gave up
 * within the last minute (discard-abandoned-after), and whether the callers
 * that are known are still there. */
#ifndef RB_SOURCES_FREESWITCH_GAP_H
#define RB_SOURCES_FREESWITCH_GAP_H

#include <stdint.h>

struct esl;
struct freeswitch_calls;
struct freeswitch_gap;
struct tracker_now;

struct freeswitch_gap_options {
	struct esl *esl; /* borrowed, as calls */
	struct freeswitch_calls *calls;
	void (*now)(void *cookie, struct tracker_now *ret);
	void *cookie;
};
struct freeswitch_gap *
freeswitch_gap_new(const struct freeswitch_gap_options *);
/* freeswitch_gap_free: after esl_free; NULL is allowed. */
void freeswitch_gap_free(struct freeswitch_gap *);
/* freeswitch_gap_close: since_ms: nobody listened since then (wall, by Redis's
 * clock); 0: not known.  One question after the other. */
void freeswitch_gap_close(struct freeswitch_gap *, int64_t since_ms);

#endif
