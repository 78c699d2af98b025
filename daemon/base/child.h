/* child.h -- run a program on the event loop: no shell, a text on its standard
 * input, its output up to a limit, an end in time. */
#ifndef RB_BASE_CHILD_H
#define RB_BASE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct child;
struct event_base;

struct child_spec {
	const char *const *argv; /* NULL at the end; argv[0] begins with / */
	const char *const *env;  /* "NAME=value" besides PATH, LANG; or NULL */
	const char *input;       /* copied; NULL: empty */
	size_t input_len;
	size_t output_max; /* what comes after it is read and dropped */
	int64_t limit_ms;  /* then its process group is killed; 0: 10 s */
	bool errors_only;  /* the output is standard error, not standard output */
};

struct child_result {
	const char *error; /* it could not be started; else NULL */
	int code;          /* exit code; -1: not started, or ended by a signal */
	int signal;        /* that ended it; else 0 */
	bool timed_out;
	bool cut;           /* there was more output than output_max */
	const char *output; /* NUL-terminated; borrowed until child_ended returns */
	size_t output_len;
};
typedef void child_ended(void *cookie, const struct child_result *);

/* child_init: takes over SIGCHLD of the loop.  SIGPIPE must be ignored. */
void child_init(struct event_base *);
/* child_done: kills and tells all that still run, then lets go of the loop. */
void child_done(void);

/* child_run: child_ended is called exactly once and never from inside here.
 * How many run at once is the caller's to limit.  The result is borrowed: it
 * serves child_forget, until child_ended. */
struct child *child_run(const struct child_spec *, child_ended *, void *cookie);

/* child_forget: kills it; child_ended will not be called. */
void child_forget(struct child *);

#endif
