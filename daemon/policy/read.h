/* read.h -- a policy from its file: read, made uniform, checked. */
#ifndef RB_POLICY_READ_H
#define RB_POLICY_READ_H

#include "daemon/base/fault.h"
#include "daemon/policy/policy.h"

/* policy_read: read, make uniform, check.  -1 with one sentence that begins
 * with the file, and the line where there is one.  calendar_init comes first.
 */
int policy_read(struct policy **ret, const char *path, struct fault *);
void policy_free(struct policy *); /* NULL is allowed */

/* policy_reload_ok: what only a restart can change is the same.  -1 with the
 * sentence that names it. */
int policy_reload_ok(const struct policy *running, const struct policy *next,
		     struct fault *);

/* policy_option_name: "site", "tier", "tier.callback" ..., in the order of the
 * manual page; NULL behind the last.  Good until the next call. */
const char *policy_option_name(size_t i);

#endif
