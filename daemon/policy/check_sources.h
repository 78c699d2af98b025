/* check_sources.h -- whether the sources of a policy make sense: what they
 * name, and paths.  What each type of them needs is its own to say (source.h).
 */
#ifndef RB_POLICY_CHECK_SOURCES_H
#define RB_POLICY_CHECK_SOURCES_H

#include "daemon/base/conf.h"
#include "daemon/policy/policy.h"

/* check_sources: -1 with the first thing that is wrong, its file and line. */
int check_sources(const struct policy *, const struct conf_file *,
		  struct fault *);

#endif
