#include "tests/harness/pbx_esl.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/harness/pbx.h"

/* The harness is linked with the command's tests too: nothing of the daemon. */
static char *print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static char *
print(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	return text;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
pbx_esl_reply(struct pbx *p, const char *words)
{
	pbx_sayf(p, "Content-Type: command/reply\nReply-Text: %s\n\n", words);
}

bool
pbx_esl_login(struct pbx *p, int limit_ms)
{
	pbx_say(p, PBX_ESL_GREETING);
	if (!pbx_asked(p, "auth ", limit_ms))
		return false;
	pbx_esl_reply(p, "+OK accepted");
	if (!pbx_asked(p, "event plain ", limit_ms))
		return false;
	pbx_esl_reply(p, "+OK event listener enabled plain");
	return pbx_flush(p, limit_ms);
}

void
pbx_esl_event(struct pbx *p, const char *lines)
{
	char *event =
	    print("Event-Date-Timestamp: %" PRId64 "000\n%s%s", now_ms(), lines,
		  strstr(lines, "Content-Length: ") == NULL ? "\n" : "");

	pbx_sayf(p, "Content-Length: %zu\nContent-Type: text/event-plain\n\n%s",
		 strlen(event), event);
	free(event);
}

bool
pbx_esl_asked(struct pbx *p, const char *command, int limit_ms)
{
	char words[300];

	(void)snprintf(words, sizeof words, "bgapi %s", command);
	for (;;) {
		const char *block = pbx_block(p, limit_ms);

		if (*block == '\0')
			return false;
		if (strncmp(block, "event ", 6) == 0) {
			pbx_esl_reply(p, "+OK event listener enabled plain");
			continue;
		}
		pbx_sayf(p,
			 "Content-Type: command/reply\nReply-Text: +OK "
			 "Job-UUID: %s\nJob-UUID: %s\n\n",
			 pbx_field(p, "Job-UUID"), pbx_field(p, "Job-UUID"));
		if (strncmp(block, words, strlen(words)) == 0)
			return true;
		pbx_esl_job(p, "-ERR not now\n");
	}
}

void
pbx_esl_job(struct pbx *p, const char *result)
{
	char *event = print("Event-Name: BACKGROUND_JOB\nJob-UUID: %s\n"
			    "Content-Length: %zu\n\n%s",
			    pbx_field(p, "Job-UUID"), strlen(result), result);

	pbx_esl_event(p, event);
	free(event);
}
