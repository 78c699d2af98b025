/* resend.h -- ringbackd --replay: the journal of a machine that is no more,
 * into the Redis of this configuration. */
#ifndef RB_RESEND_H
#define RB_RESEND_H

struct policy;

/* resend_run: sends all, says in sentences what came of it, and returns the
 * exit status.  Stopped by a signal, or where Redis stays away, it has done
 * what it has done, and can be run again. */
int resend_run(const struct policy *, const char *folder);

#endif
