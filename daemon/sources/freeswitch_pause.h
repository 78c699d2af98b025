/* freeswitch_pause.h -- the queues of one FreeSWITCH leave an agent alone who
 * holds somebody: an agent of mod_callcenter who is Available becomes On Break,
 * and Available again afterwards.  A break that is not ours stays.
 *
 * That it is ours is kept there, in a global variable, so that any daemon of
 * the site can end it. */
#ifndef RB_SOURCES_FREESWITCH_PAUSE_H
#define RB_SOURCES_FREESWITCH_PAUSE_H

#include <stdbool.h>

#include "daemon/base/fault.h"

struct esl;
struct freeswitch_pause;
struct policy_source;

#define FREESWITCH_BREAK "ringback_break_" /* and the agent's phone */

/* freeswitch_pause_check: member of a section, where it is set.  -1 and a
 * sentence. */
int freeswitch_pause_check(const struct policy_source *, struct fault *);

/* freeswitch_pause_new: borrows the session; source is for the log, copied.
 * freeswitch_pause_free: after esl_free; NULL is allowed. */
struct freeswitch_pause *freeswitch_pause_new(struct esl *, const char *source);
void freeswitch_pause_free(struct freeswitch_pause *);

/* freeswitch_pause_set: the agent at this phone (digits), as the section has
 * it; what was said last counts. */
void freeswitch_pause_set(struct freeswitch_pause *,
			  const struct policy_source *, const char *phone,
			  bool paused);
/* freeswitch_pause_end: nobody is to be paused any more. */
void freeswitch_pause_end(struct freeswitch_pause *);
/* freeswitch_pause_lost: the session is gone; what waits is forgotten. */
void freeswitch_pause_lost(struct freeswitch_pause *);

#endif
