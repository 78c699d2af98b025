/* warnings.h -- what a policy's author would want to know, although nothing
 * must be refused.  Looks at the files that the policy names. */
#ifndef RB_POLICY_WARNINGS_H
#define RB_POLICY_WARNINGS_H

#include <stdint.h>

struct policy;

/* policy_warnings: groups that there are not, holidays that end this year,
 * secrets that everybody can read, systems spoken to without TLS, options that
 * nothing looks at, alerts that nobody hears or raises.  Lines that begin with
 * "Warning: ", "" where there is nothing to say; free(). */
char *policy_warnings(const struct policy *, int64_t now_ms);

#endif
