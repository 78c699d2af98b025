/* expect.h -- what the client's tests share: where they run, and what they look
 * for in a text. */
#ifndef RB_TESTS_CLIENT_EXPECT_H
#define RB_TESTS_CLIENT_EXPECT_H

#include <criterion/criterion.h>
#include <string.h>

#define HAS(text, part) \
	cr_expect(strstr(text, part) != NULL, "'%s' is not in:\n%s", part, text)
#define HAS_NOT(text, part) \
	cr_expect(strstr(text, part) == NULL, "'%s' is in:\n%s", part, text)

/* plain_surroundings: UTC, UTF-8, a terminal that can place its cursor, and
 * nothing of the tester's own environment.  As a suite's .init, or first in
 * it. */
void plain_surroundings(void);

#endif
