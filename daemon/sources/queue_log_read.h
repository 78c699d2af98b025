/* queue_log_read.h -- reads the end of Asterisk's queue_log in a process of its
 * own, so that a slow disk or a file of gigabytes stops nothing.  What was
 * rotated away meanwhile (PATH.0, PATH.1) is read as well. */
#ifndef RB_SOURCES_QUEUE_LOG_READ_H
#define RB_SOURCES_QUEUE_LOG_READ_H

#include <stdint.h>

struct queue_log;
struct queue_log_read;

/* Never more than this of each file, and of this age. */
#define QUEUE_LOG_BYTES (8 * 1024 * 1024)
#define QUEUE_LOG_OLDEST_MS (INT64_C(7) * 24 * 3600 * 1000)

/* log is borrowed until this returns; NULL where nothing could be read, and
 * then why is a sentence that says what helps.  With a log, why says what is
 * missing in it, or is NULL. */
typedef void queue_log_was_read(void *cookie, const struct queue_log *log,
				const char *why);

/* queue_log_read: what happened since then (ms, by the system's clock), and the
 * hours before it, for who was waiting already.  child_init was called.
 * queue_log_was_read is called exactly once, never from inside here. */
struct queue_log_read *queue_log_read(const char *path, int64_t since_ms,
				      queue_log_was_read *, void *cookie);
/* queue_log_read_forget: it is not called any more. */
void queue_log_read_forget(struct queue_log_read *);

#endif
