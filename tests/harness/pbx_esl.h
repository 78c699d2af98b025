/* pbx_esl.h -- the scripted telephone system as a FreeSWITCH: what its event
 * socket says. */
#ifndef RB_TESTS_HARNESS_PBX_ESL_H
#define RB_TESTS_HARNESS_PBX_ESL_H

#include <stdbool.h>

struct pbx;

#define PBX_ESL_GREETING "Content-Type: auth/request\n\n"

/* pbx_esl_login: greets the newest client, lets it in and subscribe; false: it
 * did not within limit_ms. */
bool pbx_esl_login(struct pbx *, int limit_ms);
/* pbx_esl_reply: to a command: "+OK accepted". */
void pbx_esl_reply(struct pbx *, const char *words);
/* pbx_esl_event: with these lines, "Name: value\n" each, and now. */
void pbx_esl_event(struct pbx *, const char *lines);
/* pbx_esl_asked: takes blocks until one is a job whose command begins so, and
 * replies to it; pings are answered meanwhile. */
bool pbx_esl_asked(struct pbx *, const char *command, int limit_ms);
/* pbx_esl_job: what came of the job of the last block. */
void pbx_esl_job(struct pbx *, const char *result);

#endif
