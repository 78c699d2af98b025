/* check.h -- whether a policy makes sense as a whole: what refers to what,
 * what must rise, what may stand once. */
#ifndef RB_POLICY_CHECK_H
#define RB_POLICY_CHECK_H

#include "daemon/base/conf.h"
#include "daemon/policy/policy.h"

/* Both: -1 with the first thing that is wrong, its file and line.
 * check_site: the single options at the top; before numbers are read by the
 * region.  check_policy: all the rest, with numbers in E.164. */
int check_site(const struct policy *, const struct conf_file *, struct fault *);
int check_policy(const struct policy *, const struct conf_file *,
		 struct fault *);

/* check_alert_known: raised by ringback itself, or told by a ladder. */
bool check_alert_known(const struct policy *, const char *name);

#endif
