#include "tests/harness/pbx_ami.h"

#include "tests/harness/pbx.h"

void
pbx_ami_answer(struct pbx *p, const char *response, const char *more)
{
	pbx_sayf(p, "Response: %s\r\nActionID: %s\r\n%s\r\n", response,
		 pbx_field(p, "ActionID"), more);
}

bool
pbx_ami_login(struct pbx *p, int limit_ms)
{
	pbx_say(p, PBX_AMI_GREETING);
	if (!pbx_asked(p, "Action: Challenge", limit_ms))
		return false;
	pbx_ami_answer(p, "Success", "Challenge: 196563167\r\n");
	if (!pbx_asked(p, "Action: Login", limit_ms))
		return false;
	pbx_ami_answer(p, "Success", "Message: Authentication accepted\r\n");
	pbx_say(p,
		"Event: FullyBooted\r\nPrivilege: system,all\r\n"
		"Uptime: 2\r\nLastReload: 2\r\nStatus: Fully Booted\r\n\r\n");
	return pbx_flush(p, limit_ms);
}
