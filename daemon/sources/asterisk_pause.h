/* asterisk_pause.h -- the queues of one Asterisk leave an agent alone who holds
 * somebody: QueuePause with a reason of ours, in each queue in which he is not
 * paused already.  A pause with another reason is his own, or his supervisor's,
 * and stays.
 *
 * What of ours is found paused and is wanted by nobody, is ended, too.
 *
 * How he stands is asked each time (QueueStatus), one agent after the other;
 * so it does not matter who changed it meanwhile. */
#ifndef RB_SOURCES_ASTERISK_PAUSE_H
#define RB_SOURCES_ASTERISK_PAUSE_H

#include <stdbool.h>

struct ami;
struct asterisk_pause;
struct policy_source;

/* asterisk_pause_new: borrows the session; source is for the log, copied.
 * asterisk_pause_free: after ami_free; NULL is allowed. */
struct asterisk_pause *asterisk_pause_new(struct ami *, const char *source);
void asterisk_pause_free(struct asterisk_pause *);

/* asterisk_pause_set: the agent at this phone (digits), as the section has it;
 * what was said last counts. */
void asterisk_pause_set(struct asterisk_pause *, const struct policy_source *,
			const char *phone, bool paused);
/* asterisk_pause_end: nobody is to be paused any more. */
void asterisk_pause_end(struct asterisk_pause *);
/* asterisk_pause_lost: the session is gone; what waits is forgotten. */
void asterisk_pause_lost(struct asterisk_pause *);

#endif
