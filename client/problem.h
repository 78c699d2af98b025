/* problem.h -- why something was not done, in sentences: the daemon's problem
 * documents (RFC 9457), and what to say when no daemon answered. */
#ifndef RB_CLIENT_PROBLEM_H
#define RB_CLIENT_PROBLEM_H

#include <stddef.h>

#include "client/ask.h"

/* problem_sentence: one sentence, not yet cleaned for a terminal. */
void problem_sentence(char *buf, size_t size, const struct answer *);
/* problem_help: what helps, lines ended by '\n'; "" where nothing is known. */
void problem_help(char *buf, size_t size, const struct answer *);
/* problem_tell: both on standard error. */
void problem_tell(const struct answer *);
/* problem_say: "ringback: ..." on standard error, cleaned. */
void problem_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* problem_is_junk: it answered, but not as ringbackd answers. */
int problem_is_junk(const struct answer *);

#endif
