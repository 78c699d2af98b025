/* redis.h -- a real redis-server for one test: on a Unix socket in a fresh
 * folder, gone with the test even when the test crashes.  What cannot be done
 * ends the test at once (abort) with a sentence on standard error. */
#ifndef RB_TESTS_HARNESS_REDIS_H
#define RB_TESTS_HARNESS_REDIS_H

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/harness/port.h"

struct redis;

struct redis_options {
	bool forgetful; /* appendonly no: a restart starts empty */
	const char *const
	    *extra;       /* further arguments, NULL at the end; or NULL */
	bool tcp;         /* at a port of 127.0.0.1, too */
	struct port port; /* that one (number 0: any); its owner now */
	int clock_s;      /* its wall clock is so far ahead (or behind) */
	bool sentinel;    /* no store: a sentinel */
	/* file: lines of a configuration file, which the server may rewrite (a
	 * restart reads what it wrote); NULL: it has none.  Of `file` nothing
	 * is kept. */
	const char *file;
};

/* redis_start: running and answering PING; appendfsync always. */
struct redis *redis_start(void);
struct redis *redis_start_with(const struct redis_options *);
void redis_stop(struct redis *); /* NULL is allowed; removes the folder */

const char *redis_socket(const struct redis *); /* path of the Unix socket */
const char *redis_folder(const struct redis *); /* temporary, ours alone */
pid_t redis_pid(const struct redis *);          /* -1 while it is killed */
uint16_t redis_port(const struct redis *);      /* 0: no TCP */

/* redis_call, redis_do: one command over a blocking link of the harness's own.
 * Where a server with a TCP port hangs up (a sentinel makes it do so), the
 * command is sent once more.  The reply is the caller's (freeReplyObject).  The
 * list of redis_do ends with NULL: redis_do(r, "SET", "k", "v", NULL).  Never
 * NULL: an error of Redis is a reply of REDIS_REPLY_ERROR. */
redisReply *redis_call(struct redis *, int argc, const char **argv);
redisReply *redis_do(struct redis *, ...) __attribute__((sentinel));

/* The same for those who want only the value; an error ends the test. */
void redis_must(struct redis *, ...) __attribute__((sentinel));
int64_t redis_int(struct redis *, ...) __attribute__((sentinel));
/* redis_str: "" for nil; borrowed until the next redis_str. */
const char *redis_str(struct redis *, ...) __attribute__((sentinel));

void
redis_load_library(struct redis *); /* FUNCTION LOAD REPLACE library_text */

void redis_kill9(struct redis *);
void redis_restart(struct redis *); /* kills it where it still runs */
void redis_freeze(struct redis *);  /* SIGSTOP */
void redis_thaw(struct redis *);    /* SIGCONT */

/* redis_folder_new, redis_folder_remove: a temporary folder for a test that
 * needs one without a server; the name is the caller's (free). */
char *redis_folder_new(void);
void redis_folder_remove(const char *);

#endif
