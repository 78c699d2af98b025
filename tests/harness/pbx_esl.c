#include "tests/harness/pbx_esl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "tests/harness/pbx.h"

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
	struct text t = { 0 };

	text_addf(&t, "Event-Date-Timestamp: %" PRId64 "000\n%s%s",
		  clock_wall_ms(), lines,
		  strstr(lines, "Content-Length: ") == NULL ? "\n" : "");
	pbx_sayf(p, "Content-Length: %zu\nContent-Type: text/event-plain\n\n%s",
		 t.len, t.data);
	text_done(&t);
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
	struct text t = { 0 };

	text_addf(&t,
		  "Event-Name: BACKGROUND_JOB\nJob-UUID: %s\n"
		  "Content-Length: %zu\n\n%s",
		  pbx_field(p, "Job-UUID"), strlen(result), result);
	pbx_esl_event(p, t.data);
	text_done(&t);
}
