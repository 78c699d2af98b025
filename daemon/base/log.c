#include "daemon/base/log.h"
#include "daemon/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum log_level most_told = LOG_LEVEL_INFO;

void
log_open(enum log_level most)
{
	most_told = most;
}

/* Controls are cleaned with the whole line. */
char *
log_value(char *buf, size_t size, const char *s)
{
	bool plain = *s != '\0' && strpbrk(s, " \"\\=\t\r\n") == NULL;
	size_t n = 0;

	if (plain) {
		(void)snprintf(buf, size, "%s", s);
		return buf;
	}
	buf[n++] = '"';
	for (; *s != '\0' && n + 4 < size; s++) {
		if (*s == '"' || *s == '\\')
			buf[n++] = '\\';
		buf[n++] = *s;
	}
	buf[n++] = '"';
	buf[n] = '\0';
	return buf;
}

static void __attribute__((format(printf, 3, 0)))
tell(enum log_level level, const char *who, const char *fmt, va_list ap)
{
	char body[900], line[1024];
	int n;

	if (level > most_told)
		return;
	(void)vsnprintf(body, sizeof body, fmt, ap);
	text_clean(body, false);
	n = snprintf(line, sizeof line, "<%d>%s: %s\n", (int)level, who, body);
	/* One write, so that lines of two daemons never mix.  A log that cannot
	 * be written (pipe closed, disk full) must not stop the service. */
	if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}

#define TELL(level)                                                            \
	do {                                                                   \
		va_list ap;                                                    \
		va_start(ap, fmt);                                             \
		tell(level, who, fmt, ap);                                     \
		va_end(ap);                                                    \
	} while (0)

void
log_error(const char *who, const char *fmt, ...)
{
	TELL(LOG_LEVEL_ERROR);
}

void
log_warn(const char *who, const char *fmt, ...)
{
	TELL(LOG_LEVEL_WARN);
}

void
log_info(const char *who, const char *fmt, ...)
{
	TELL(LOG_LEVEL_INFO);
}

void
log_debug(const char *who, const char *fmt, ...)
{
	TELL(LOG_LEVEL_DEBUG);
}
