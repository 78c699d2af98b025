/* log.h -- one line an event on standard error, with the priority prefix that
 * journald reads (sd-daemon(3)).  Ids and counts only: never a phone number, a
 * name or a customer's text. */
#ifndef RB_BASE_LOG_H
#define RB_BASE_LOG_H

#include <stddef.h>

enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARN = 4, LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7 };

/* log_value: a text from outside as the value of one key: in quotes where it
 * could be taken for anything else, with \" and \\ escaped, cut to the buffer.
 * Returns buf: log_warn("alerts", "said=%s", log_value(buf, sizeof buf, s)). */
char *log_value(char *buf, size_t size, const char *);

void log_open(enum log_level most);

/* log_error("redis", "end=unknown op=%s after_ms=%d", op, ms) */
void log_error(const char *who, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void log_warn(const char *who, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void log_info(const char *who, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void log_debug(const char *who, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
