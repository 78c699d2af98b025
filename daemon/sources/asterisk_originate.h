/* asterisk_originate.h -- the calls that we order from one Asterisk: Action
 * Originate to the agent's phone, which then dials the customer in the dialplan
 * of the system; followed by the events of their channels until they end.
 *
 * Our channel has an id of ours ("rb-UUID"), which is the Linkedid of all
 * channels of the call.  Of the customer's legs we see DialBegin, DialEnd and
 * the cause of their Hangup; a leg that failed may be followed by another
 * (the next trunk), so its word counts a moment later. */
#ifndef RB_SOURCES_ASTERISK_ORIGINATE_H
#define RB_SOURCES_ASTERISK_ORIGINATE_H

#include "daemon/base/fault.h"
#include "daemon/sources/originate.h"

struct ami;
struct ami_packet;
struct asterisk_originate;
struct event_base;
struct policy_source;

/* asterisk_originate_new: borrows both.  asterisk_originate_free: after
 * ami_free; what is under way ends LOST before it returns; NULL is allowed. */
struct asterisk_originate *asterisk_originate_new(struct event_base *,
						  struct ami *);
void asterisk_originate_free(struct asterisk_originate *);

/* asterisk_originate_event: every event of the session is told; needed are
 * those of the class "call".  asterisk_originate_lost: the session is gone:
 * what was under way ends LOST. */
void asterisk_originate_event(struct asterisk_originate *,
			      const struct ami_packet *);
void asterisk_originate_lost(struct asterisk_originate *);

/* As originate and hang_up of source.h. */
int asterisk_originate_order(struct asterisk_originate *,
			     const struct policy_source *,
			     const struct originate *, originate_told *,
			     void *cookie, struct fault *);
void asterisk_originate_hang_up(struct asterisk_originate *, const char *id);

#endif
