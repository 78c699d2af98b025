/* redis.h -- what answers in the place of Redis, on a Unix socket and the
 * target's own loop: bytes of the fuzzer, one piece for each call. */
#ifndef RB_TESTS_FUZZ_REDIS_H
#define RB_TESTS_FUZZ_REDIS_H

#include <stddef.h>
#include <stdint.h>

struct event_base;

/* redis_open: answers with the pieces, which a NUL byte parts; behind the last
 * with an error.  path: a socket that does not exist yet. */
void redis_open(struct event_base *, const char *path, const uint8_t *,
		size_t len);
void redis_close(void);

#endif
