/* hold.h -- the verbs of the agent's day: take something, record what came of
 * it, hand it on. */
#ifndef RB_CLIENT_HOLD_H
#define RB_CLIENT_HOLD_H

#include "client/cmd.h"

verb_run hold_next, hold_take, hold_done, hold_later, hold_note, hold_move,
    hold_release, hold_undo;

#endif
