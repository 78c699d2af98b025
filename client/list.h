/* list.h -- the verb list: what waits, in the order of handing out. */
#ifndef RB_CLIENT_LIST_H
#define RB_CLIENT_LIST_H

#include "client/cmd.h"

verb_run list_items;

#endif
