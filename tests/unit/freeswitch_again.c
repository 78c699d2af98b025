/* What is made of callers of whom something may have been missed: after a gap,
 * or before anybody listened. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/switched.h"

Test(unit_freeswitch_again, who_is_gone_after_a_gap_is_missed_unless_he_talked)
{
	struct switched *s = switched_new();

	switched_member(s, "member-queue-start", "sales", "s1", "m1", "");
	switched_member(s, "member-queue-start", "sales", "s2", "m2", "");
	switched_member(s, "member-queue-start", "sales", "s3", "m3", "");
	switched_member(s, "bridge-agent-start", "sales", "s2", "m2", "");
	switched_pass(s, 5000);
	freeswitch_calls_down(s->calls, &s->now);
	switched_pass(s, 60000);
	cr_assert_str_eq(switched_told(s), "");
	freeswitch_calls_up(s->calls, &s->now);
	for (const char *id;
	     (id = freeswitch_calls_unsure(s->calls)) != NULL;) {
		char session[40];

		(void)snprintf(session, sizeof session, "%s", id);
		freeswitch_calls_sure(s->calls, session,
				      strcmp(session, "s3") == 0, &s->now);
	}
	cr_assert_str_eq(switched_told(s),
			 "missed s1/m1 from 3725550123 in sales after -1\n"
			 "answered s2/m2 from 3725550123 in sales for 65\n");
	cr_assert_eq(freeswitch_calls_count(s->calls), 1);
	switched_leave(s, "s3", "m3", "BREAK_OUT");
	switched_hangup(s, "s3", "");
	cr_assert_str_eq(switched_told(s),
			 "missed s3/m3 from 3725550123 in sales after 65\n");
	switched_free(s);
}

Test(unit_freeswitch_again, a_talk_within_the_gap_is_seen_at_the_hangup)
{
	struct switched *s = switched_new();

	switched_member(s, "member-queue-start", "sales", "s1", "m1", "");
	switched_leave(s, "s1", "m1", "TIMEOUT");
	freeswitch_calls_down(s->calls, &s->now);
	switched_pass(s, 60000);
	freeswitch_calls_up(s->calls, &s->now);
	freeswitch_calls_sure(s->calls, "s1", true, &s->now);
	switched_hangup(s, "s1",
			"Caller-Channel-Answered-Time: 1795324900000000\n"
			"Caller-Channel-Bridged-Time: 1795324930000000\n");
	cr_assert_str_eq(switched_told(s),
			 "answered s1/m1 from 3725550123 in sales for 30\n");
	switched_free(s);
}

Test(unit_freeswitch_again, who_gave_up_within_the_gap_is_missed_once)
{
	struct switched *s = switched_new();
	struct freeswitch_row row = { .queue = "sales",
				      .member = "m9",
				      .session = "",
				      .number = "3725550999",
				      .name = "Mari",
				      .state = "Abandoned",
				      .joined_s = SWITCHED_START_S + 5,
				      .left_s = SWITCHED_START_S + 25 };
	int64_t since = s->now.wall_ms + 10000;

	switched_pass(s, 60000);
	freeswitch_calls_row(s->calls, &row, 0, &s->now);
	freeswitch_calls_row(s->calls, &row, s->now.wall_ms, &s->now);
	cr_assert_str_eq(switched_told(s), "", "heard of, or nobody knows");
	freeswitch_calls_row(s->calls, &row, since, &s->now);
	freeswitch_calls_row(s->calls, &row, since, &s->now);
	cr_assert_str_eq(switched_told(s),
			 "missed m9 from 3725550999 in sales after 20\n");
	switched_pass(s, 120000);
	freeswitch_calls_row(s->calls, &row, since, &s->now);
	cr_assert_str_eq(switched_told(s), "");
	switched_free(s);
}

Test(unit_freeswitch_again, who_left_before_we_listened_is_told_by_his_hangup)
{
	struct switched *s = switched_new();
#define MEMBER                                                    \
	"variable_cc_side: member\nvariable_cc_cause: cancel\n"   \
	"variable_cc_queue: sales\nvariable_cc_member_uuid: m1\n" \
	"variable_cc_queue_joined_epoch: 1795324880\n"            \
	"variable_cc_queue_canceled_epoch: 1795324890\n"

	switched_hangup(s, "s1", MEMBER);
	cr_assert_str_eq(switched_told(s),
			 "missed s1/m1 from 3725550123 in sales after 10\n");
	switched_hangup(s, "s1",
			MEMBER
			"Caller-Channel-Answered-Time: 1795324870000000\n"
			"Caller-Channel-Bridged-Time: 1795324892000000\n");
	cr_assert_str_eq(switched_told(s),
			 "answered s1/m1 from 3725550123 in sales for 8\n");
	switched_free(s);
}
