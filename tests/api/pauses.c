/* The queues of a telephone system leave alone who holds somebody. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/api/desk.h"

/* The daemon asks how he stands, and is told; what it asks for then. */
static const char *
pause_after(struct desk *d, const char *paused, const char *reason)
{
	do
		cr_assert(pbx_asked(d->pbx, "Action: QueueStatus", SOON));
	while (strcmp(pbx_field(d->pbx, "Member"), "PJSIP/201") != 0);
	pbx_sayf(
	    d->pbx,
	    "Response: Success\r\nActionID: %s\r\nEventList: start\r\n\r\n"
	    "Event: QueueMember\r\nActionID: %s\r\nQueue: support\r\n"
	    "Location: PJSIP/201\r\nPaused: %s\r\nPausedReason: %s\r\n\r\n",
	    pbx_field(d->pbx, "ActionID"), pbx_field(d->pbx, "ActionID"),
	    paused, reason);
	pbx_sayf(d->pbx,
		 "Event: QueueStatusComplete\r\nActionID: %s\r\nEventList: "
		 "Complete\r\nListItems: 1\r\n\r\n",
		 pbx_field(d->pbx, "ActionID"));
	if (!pbx_asked(d->pbx, "Action: QueuePause", 500))
		return "";
	cr_expect_str_eq(pbx_field(d->pbx, "Interface"), "PJSIP/201");
	cr_expect_str_eq(pbx_field(d->pbx, "Queue"), "support");
	cr_expect_str_eq(pbx_field(d->pbx, "Reason"), "ringback");
	return pbx_field(d->pbx, "Paused");
}

Test(pauses, who_holds_somebody_is_paused_and_again_not)
{
	struct desk *d = desk_at_work();

	cr_expect_str_eq(pause_after(d, "0", ""), "true");
	pbx_ami_answer(d->pbx, "Success", "");
	(void)house_do(d->h, "anna", "POST", "/v1/items/held/release", "{}");
	cr_expect_str_eq(pause_after(d, "1", "ringback"), "false");
	pbx_ami_answer(d->pbx, "Success", "");
	desk_free(d);
}

Test(pauses, a_pause_of_his_own_stays)
{
	struct desk *d = desk_at_work();

	cr_expect_str_eq(pause_after(d, "1", "lunch"), "");
	(void)house_do(d->h, "anna", "POST", "/v1/items/held/release", "{}");
	cr_expect_str_eq(pause_after(d, "1", "lunch"), "");
	desk_free(d);
}

Test(pauses, a_system_that_is_back_is_told_all_of_it_again)
{
	struct desk *d = desk_at_work();

	cr_expect_str_eq(pause_after(d, "0", ""), "true");
	desk_away(d);
	cr_assert(pbx_came(d->pbx, 2, SOON));
	(void)house_do(d->h, "anna", "POST", "/v1/items/held/release", "{}");
	cr_assert(pbx_ami_login(d->pbx, SOON));
	cr_expect_str_eq(pause_after(d, "1", "ringback"), "false");
	desk_free(d);
}
