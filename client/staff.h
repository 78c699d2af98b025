/* staff.h -- who serves which queue, who is on duty, which tokens there are. */
#ifndef RB_CLIENT_STAFF_H
#define RB_CLIENT_STAFF_H

#include "client/cmd.h"

verb_run staff_agents, staff_tokens, staff_pause, staff_resume;

#endif
