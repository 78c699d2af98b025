/* pbx_ami.h -- the scripted telephone system as an Asterisk: what its manager
 * says when somebody logs in. */
#ifndef RB_TESTS_HARNESS_PBX_AMI_H
#define RB_TESTS_HARNESS_PBX_AMI_H

#include <stdbool.h>

struct pbx;

#define PBX_AMI_GREETING "Asterisk Call Manager/11.0.0\r\n"

/* pbx_ami_login: greets the newest client and lets it in, by a challenge;
 * false: it did not log in within limit_ms. */
bool pbx_ami_login(struct pbx *, int limit_ms);

/* pbx_ami_answer: to the last block, with its ActionID: "Success"; more headers
 * "Message: x\r\n", or "". */
void pbx_ami_answer(struct pbx *, const char *response, const char *more);

#endif
