/* The queues of a telephone system leave alone who holds somebody. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/api/desk.h"

/* To the last block: a list with these in it. */
static void
lists(struct desk *d, const char *member)
{
	const char *id = pbx_field(d->pbx, "ActionID");

	pbx_ami_answer(d->pbx, "Success", "EventList: start\r\n");
	pbx_sayf(d->pbx, "%s%s", member,
		 house_print(d->h,
			     "Event: QueueStatusComplete\r\nActionID: %s\r\n"
			     "EventList: Complete\r\n\r\n",
			     id));
}

static char *
member(struct desk *d, const char *interface, const char *paused,
       const char *reason)
{
	return house_print(d->h,
			   "Event: QueueMember\r\nActionID: %s\r\n"
			   "Queue: support\r\nLocation: %s\r\nPaused: %s\r\n"
			   "PausedReason: %s\r\n\r\n",
			   pbx_field(d->pbx, "ActionID"), interface, paused,
			   reason);
}

/* The next question about him; those about all are answered with none. */
static void
asks_of_him(struct desk *d)
{
	for (;;) {
		cr_assert(pbx_asked(d->pbx, "Action: QueueStatus", SOON));
		if (strcmp(pbx_field(d->pbx, "Member"), "PJSIP/201") == 0)
			return;
		lists(d, "");
	}
}

/* Whether a pause is asked for; meanwhile it may ask about all. */
static bool
asks_for_a_pause(struct desk *d)
{
	const char *block;

	for (block = pbx_block(d->pbx, 500); *block != '\0';
	     block = pbx_block(d->pbx, 500)) {
		if (strncmp(block, "Action: QueuePause", 18) == 0)
			return true;
		if (strncmp(block, "Action: QueueStatus", 19) == 0)
			lists(d, "");
	}
	return false;
}

/* The daemon asks how he stands, and is told; what it asks for then. */
static const char *
pause_after(struct desk *d, const char *paused, const char *reason)
{
	asks_of_him(d);
	lists(d, member(d, "PJSIP/201", paused, reason));
	if (!asks_for_a_pause(d))
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

/* His phone was another then, or the daemon was away when it ended. */
Test(pauses, what_nobody_wants_any_more_is_ended)
{
	struct desk *d = desk_at_work();
	const char *all;

	asks_of_him(d);
	lists(d, member(d, "PJSIP/201", "1", "ringback"));
	do {
		cr_assert(pbx_asked(d->pbx, "Action: QueueStatus", SOON));
	} while (*pbx_field(d->pbx, "Member") != '\0');
	all = house_print(d->h, "%s%s%s%s",
			  member(d, "PJSIP/201", "1", "ringback"),
			  member(d, "PJSIP/998", "1", "lunch"),
			  member(d, "PJSIP/9 9", "1", "ringback"),
			  member(d, "PJSIP/999", "1", "ringback"));
	lists(d, all);
	cr_assert(pbx_asked(d->pbx, "Action: QueuePause", SOON));
	cr_expect_str_eq(pbx_field(d->pbx, "Interface"), "PJSIP/999");
	cr_expect_str_eq(pbx_field(d->pbx, "Paused"), "false");
	cr_expect_not(pbx_asked(d->pbx, "Action: QueuePause", 300));
	desk_free(d);
}
