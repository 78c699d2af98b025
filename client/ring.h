/* ring.h -- the verb call: rings the agent's own phone, then the customer's,
 * and says how it goes. */
#ifndef RB_CLIENT_RING_H
#define RB_CLIENT_RING_H

#include "client/cmd.h"

verb_run ring_run;

#endif
