/* options.h -- the table of all options of ringback.conf: what reads, frees
 * and compares a policy, and what the manual page is held against. */
#ifndef RB_POLICY_OPTIONS_H
#define RB_POLICY_OPTIONS_H

#include "daemon/base/conftable.h"

extern const struct conf_table options_table;

#endif
