/* freeswitch_originate.h -- the calls that we order from one FreeSWITCH: bgapi
 * originate to the agent's phone, bridged to the customer's when he picks up;
 * followed by the events of the two channels, whose UUIDs are ours, until they
 * end. */
#ifndef RB_SOURCES_FREESWITCH_ORIGINATE_H
#define RB_SOURCES_FREESWITCH_ORIGINATE_H

#include "daemon/base/fault.h"
#include "daemon/sources/originate.h"

struct esl;
struct esl_packet;
struct event_base;
struct freeswitch_originate;
struct policy_source;

/* freeswitch_originate_check: dial_agent and dial_customer of a section, where
 * they are set.  -1 and a sentence. */
int freeswitch_originate_check(const struct policy_source *, struct fault *);

/* freeswitch_originate_new: borrows both.  freeswitch_originate_free: after
 * esl_free; what is under way ends LOST before it returns; NULL is allowed. */
struct freeswitch_originate *freeswitch_originate_new(struct event_base *,
						      struct esl *);
void freeswitch_originate_free(struct freeswitch_originate *);

/* freeswitch_originate_event: every event of the session is told.
 * freeswitch_originate_lost: the session is gone: what was under way ends LOST.
 */
void freeswitch_originate_event(struct freeswitch_originate *,
				const struct esl_packet *);
void freeswitch_originate_lost(struct freeswitch_originate *);

/* As originate and hang_up of source.h. */
int freeswitch_originate_order(struct freeswitch_originate *,
			       const struct policy_source *,
			       const struct originate *, originate_told *,
			       void *cookie, struct fault *);
void freeswitch_originate_hang_up(struct freeswitch_originate *,
				  const char *id);

#endif
