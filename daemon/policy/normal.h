/* normal.h -- a policy made uniform: numbers as E.164, what was left out
 * named, commands split, the tiers in order. */
#ifndef RB_POLICY_NORMAL_H
#define RB_POLICY_NORMAL_H

#include "daemon/base/conf.h"
#include "daemon/policy/policy.h"

/* normal_numbers: numbers, caller_id and ignore_from become E.164.  -1 with
 * the fault where one cannot be called. */
int normal_numbers(struct policy *, const struct conf_file *, struct fault *);

/* normal_names: unknown_caller and default_queue where they were not given;
 * alerts' run becomes argv.  Before the check. */
void normal_names(struct policy *);

/* normal_order: the tier of the highest value first.  After the check: the
 * lines that faults name go by where the tiers stood in the file. */
void normal_order(struct policy *);

#endif
