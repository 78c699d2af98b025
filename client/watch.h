/* watch.h -- the verb watch: the log as it happens, for supervisors. */
#ifndef RB_CLIENT_WATCH_H
#define RB_CLIENT_WATCH_H

#include "client/cmd.h"

verb_run watch_run;

#endif
