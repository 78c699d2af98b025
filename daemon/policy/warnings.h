/* warnings.h -- what a policy's author would want to know, although nothing
 * must be refused.  Looks at the files that the policy names. */
#ifndef RB_POLICY_WARNINGS_H
#define RB_POLICY_WARNINGS_H

#include <stdint.h>

struct policy;

/* policy_warnings: holidays that end this year, secrets that everybody can
 * read, alerts that nobody hears.  A line each, "" where there is nothing to
 * say; free(). */
char *policy_warnings(const struct policy *, int64_t now_ms);

#endif
