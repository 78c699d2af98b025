/* asterisk_order.h -- what is sent to an Asterisk to call somebody back.
 * Nothing but the words of the configuration, digits, '+' and ids is. */
#ifndef RB_SOURCES_ASTERISK_ORDER_H
#define RB_SOURCES_ASTERISK_ORDER_H

#include "daemon/base/fault.h"
#include "daemon/sources/ami.h"

struct originate;
struct policy_source;

/* asterisk_order_check: dial_agent and dial_customer of a section, where they
 * are set.  -1 and a sentence. */
int asterisk_order_check(const struct policy_source *, struct fault *);

/* asterisk_order_originate: of one that dialstring_check and
 * asterisk_order_check let pass; channel is its ActionID and the ChannelId of
 * the agent's.  -1 as ami_act. */
int asterisk_order_originate(struct ami *, const struct policy_source *,
			     const struct originate *, const char *channel,
			     ami_answered *, void *cookie);

/* asterisk_order_hang_up: by Uniqueid: a channel's name may have text from
 * outside in it. */
void asterisk_order_hang_up(struct ami *, const char *uniqueid);

#endif
