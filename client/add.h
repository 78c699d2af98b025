/* add.h -- the verb add: a person tells what no telephone system told. */
#ifndef RB_CLIENT_ADD_H
#define RB_CLIENT_ADD_H

#include "client/cmd.h"

verb_run add_event;

#endif
