/* daemon.h -- what answers in a daemon's place: bytes of the fuzzer.  The
 * client's requests end here (ld --wrap), all else of it is the real one. */
#ifndef RB_TESTS_FUZZ_DAEMON_H
#define RB_TESTS_FUZZ_DAEMON_H

#include <stddef.h>
#include <stdint.h>

/* daemon_answers: for the requests to come, "STATUS BODY" each, with a NUL
 * between; behind the last nobody answers. */
void daemon_answers(const uint8_t *, size_t len);
/* daemon_takes_lines: each line of a request is answered, with a status in
 * turns. */
void daemon_takes_lines(void);

/* daemon_catch: from here on both outputs go into memory.  daemon_check: back
 * again; what was said must be fit for a terminal. */
void daemon_catch(void);
void daemon_check(void);
/* daemon_command: runs the command between these two. */
void daemon_command(const char *const *argv);

#endif
