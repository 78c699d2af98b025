/* look.h -- the verbs that only look. */
#ifndef RB_CLIENT_LOOK_H
#define RB_CLIENT_LOOK_H

#include "client/cmd.h"

verb_run look_status, look_show, look_explain, look_queues;

#endif
