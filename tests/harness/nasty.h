/* nasty.h -- what strangers write into names, texts and everything else, and
 * what must not come out at the other end. */
#ifndef RB_TESTS_HARNESS_NASTY_H
#define RB_TESTS_HARNESS_NASTY_H

#include <stdbool.h>
#include <stddef.h>

/* Each is a C string; some are no UTF-8.  Every one has "mark" in it. */
extern const char *const nasty[];
extern const size_t nasty_count;

/* nasty_long: "mark" and 10,000 letters that are two cells wide; borrowed. */
const char *nasty_long(void);

/* nasty_is_clean: UTF-8 without controls other than LF, without what turns the
 * direction of writing, hides, or ends a line unseen.  Else *ret_at is where.
 */
bool nasty_is_clean(const char *, size_t len, size_t *ret_at);

#endif
