/* policy_file.h -- configurations to try: a small good one, and the same with
 * something replaced or added. */
#ifndef RB_TESTS_POLICY_FILE_H
#define RB_TESTS_POLICY_FILE_H

#include "daemon/policy/policy.h"

/* .init and .fini of a test. */
void policy_file_open(void);
void policy_file_close(void);

/* policy_file_accept: the small good one with `from` replaced by `to` (NULL:
 * as it is) and `more` behind it; it must be accepted.  Freed by close. */
const struct policy *policy_file_accept(const char *from, const char *to,
					const char *more);

/* policy_file_refuse: the same; must be refused with these words. */
void policy_file_refuse(const char *from, const char *to, const char *more,
			const char *words);

/* policy_file_example: ringback.conf.example, its holidays in a file that is
 * there.  Freed by close. */
const struct policy *policy_file_example(void);

#endif
