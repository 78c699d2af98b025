/* What Asterisk's events mean: missed, answered, or nothing. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/recording.h"
#include "tests/unit/tracker.h"

#define SAYS(t, expected) cr_expect_str_eq(tracker_told(t), expected)

/* ---- what a real one said ---- */

static struct tracker *
after_scene(size_t scene)
{
	struct recording *r = recording_asterisk();
	struct tracker *t = tracker_new();
	size_t len;
	const char *bytes = recording_bytes(r, scene, &len);

	tracker_bytes(t, bytes, len);
	recording_free(r);
	return t;
}

Test(asterisk_calls, one_who_hangs_up_in_the_queue_is_missed_at_his_hangup)
{
	struct tracker *t = after_scene(4);

	SAYS(t, "missed 1795324739.0 from 3725550123 in support after 0\n");
	cr_expect_eq(asterisk_calls_count(t->calls), 0);
	tracker_free(t);
}

Test(asterisk_calls, with_agent_rights_alone_he_is_missed_after_a_grace)
{
	const char *const expected[] = {
		"missed 1795324747.2 from 3725550123 in support after 0\n",
		"missed 1795324752.4 from 3725550123 in ringing after 0\n",
	};

	for (size_t i = 0; i < 2; i++) {
		struct tracker *t = after_scene(5 + i);

		tracker_pass(t, ASTERISK_GRACE_MS - 1);
		SAYS(t, "");
		tracker_pass(t, 1);
		SAYS(t, expected[i]);
		tracker_pass(t, ASTERISK_AGE_MS);
		SAYS(t, "");
		cr_expect_eq(asterisk_calls_count(t->calls), 0);
		tracker_free(t);
	}
}

Test(asterisk_calls, who_left_by_time_out_and_reached_nobody_is_missed)
{
	struct tracker *t = after_scene(7);

	SAYS(t, "missed 1795324759.8 from 3725550123 in support after 0\n");
	cr_expect_eq(asterisk_calls_count(t->calls), 0);
	tracker_free(t);
}

Test(asterisk_calls, who_was_connected_is_not_missed)
{
	struct tracker *t = after_scene(8);

	SAYS(t, "answered 1795324766.10 from 3725550123 in answered for 0\n");
	tracker_pass(t, ASTERISK_AGE_MS);
	SAYS(t, "");
	tracker_free(t);
}

Test(asterisk_calls, what_was_dialled_out_is_no_customers_call)
{
	for (size_t scene = 9; scene <= 11; scene++) {
		struct tracker *t = after_scene(scene);

		tracker_pass(t, ASTERISK_AGE_MS);
		SAYS(t, "");
		cr_expect_eq(asterisk_calls_count(t->calls), 0);
		tracker_free(t);
	}
}

/* ---- in a queue ---- */

Test(asterisk_calls, a_hangup_without_an_abandon_is_missed_too)
{
	struct tracker *t = tracker_joined();

	tracker_pass(t, 7900);
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "missed 1.1 from 3725550123 in sales after 7\n");
	tracker_free(t);
}

Test(asterisk_calls, two_abandons_of_one_call_are_one)
{
	struct tracker *t = tracker_joined();

	tracker_pass(t, 5000);
	tracker_abandon(t, "sales");
	tracker_abandon(t, "sales");
	SAYS(t, "");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "missed 1.1 from 3725550123 in sales after 5\n");
	tracker_free(t);
}

Test(asterisk_calls, nothing_is_told_while_the_dialplan_may_lead_to_somebody)
{
	struct tracker *t = tracker_joined();

	tracker_abandon(t, "sales");
	tracker_pass(t, 3600 * 1000);
	SAYS(t, "");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "missed 1.1 from 3725550123 in sales after 0\n");
	tracker_free(t);
}

Test(asterisk_calls, who_leaves_by_a_key_and_hangs_up_is_missed)
{
	struct tracker *t = tracker_joined();

	tracker_say(t, "QueueCallerLeave", "1.1", "1.1", "Queue: sales");
	tracker_pass(t, 30000);
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "missed 1.1 from 3725550123 in sales after 0\n");
	tracker_free(t);
}

Test(asterisk_calls, who_times_out_and_reaches_a_person_is_not_missed)
{
	struct tracker *t = tracker_joined();

	tracker_abandon(t, "sales");
	tracker_new_channel(t, "1.2", "1.1", "PJSIP/reception-2");
	tracker_say(t, "DialEnd", "1.1", "1.1",
		    "DestChannel: PJSIP/reception-2\nDestUniqueid: 1.2\n"
		    "DialStatus: ANSWER");
	tracker_pass(t, 19999);
	SAYS(t, "");
	tracker_pass(t, 1);
	SAYS(t, "answered 1.1 from 3725550123 in sales for 20\n");
	tracker_pass(t, 60000);
	tracker_say(t, "Hangup", "1.2", "1.1", "");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "");
	cr_expect_eq(asterisk_calls_count(t->calls), 0);
	tracker_free(t);
}

Test(asterisk_calls, who_times_out_and_is_not_answered_anywhere_is_missed)
{
	struct tracker *t = tracker_joined();

	tracker_abandon(t, "sales");
	tracker_new_channel(t, "1.2", "1.1", "PJSIP/reception-2");
	tracker_say(t, "DialEnd", "1.1", "1.1",
		    "DestChannel: PJSIP/reception-2\nDestUniqueid: 1.2\n"
		    "DialStatus: NOANSWER");
	tracker_say(t, "Hangup", "1.2", "1.1", "");
	SAYS(t, "");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "missed 1.1 from 3725550123 in sales after 0\n");
	tracker_free(t);
}

Test(asterisk_calls, a_bridge_with_somebody_is_a_talk)
{
	struct tracker *t = tracker_joined();

	tracker_abandon(t, "sales");
	tracker_new_channel(t, "2.1", "2.1", "PJSIP/1001-9");
	tracker_say(t, "BridgeEnter", "2.1", "2.1",
		    "Channel: PJSIP/1001-9\nBridgeUniqueid: b");
	tracker_say(t, "BridgeEnter", "1.1", "1.1", "BridgeUniqueid: b");
	tracker_pass(t, 25000);
	SAYS(t, "answered 1.1 from 3725550123 in sales for 25\n");
	tracker_free(t);
}

Test(asterisk_calls, a_bridge_with_nobody_is_none)
{
	static const char *const bridges[] = {
		"BridgeUniqueid: a",
		"BridgeTechnology: holding_bridge\nBridgeUniqueid: b",
	};

	for (size_t i = 0; i < 2; i++) {
		struct tracker *t = tracker_joined();

		tracker_abandon(t, "sales");
		tracker_new_channel(t, "1.2", "1.1", "Local/500@x-1;1");
		tracker_say(t, "BridgeEnter", "1.2", "1.1",
			    "Channel: Local/500@x-1;1\nBridgeUniqueid: a");
		tracker_new_channel(t, "2.1", "2.1", "PJSIP/other-1");
		tracker_say(t, "BridgeEnter", "2.1", "2.1",
			    "BridgeTechnology: holding_bridge\n"
			    "BridgeUniqueid: b");
		tracker_say(t, "BridgeEnter", "1.1", "1.1", bridges[i]);
		tracker_say(t, "Hangup", "1.1", "1.1", "");
		SAYS(t, "missed 1.1 from 3725550123 in sales after 0\n");
		tracker_free(t);
	}
}

Test(asterisk_calls, the_last_of_two_queues_is_told_with_the_whole_wait)
{
	struct tracker *t = tracker_joined();

	tracker_pass(t, 10000);
	tracker_abandon(t, "sales");
	tracker_pass(t, 1000);
	tracker_say(t, "QueueCallerJoin", "1.1", "1.1", "Queue: support");
	tracker_pass(t, 10000);
	tracker_abandon(t, "support");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "missed 1.1 from 3725550123 in support after 21\n");
	tracker_free(t);
}

Test(asterisk_calls, a_second_queue_through_a_local_channel_is_the_same_call)
{
	struct tracker *t = tracker_joined();

	tracker_abandon(t, "sales");
	tracker_new_channel(t, "1.2", "1.1", "Local/600@in-1;1");
	tracker_new_channel(t, "1.3", "1.1", "Local/600@in-1;2");
	tracker_say(t, "QueueCallerJoin", "1.3", "1.1",
		    "Channel: Local/600@in-1;2\nQueue: support");
	tracker_say(t, "QueueCallerAbandon", "1.3", "1.1",
		    "Channel: Local/600@in-1;2\nQueue: support\nHoldTime: 1");
	tracker_say(t, "Hangup", "1.3", "1.1", "");
	tracker_say(t, "Hangup", "1.2", "1.1", "");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "missed 1.3 from 3725550123 in support after 0\n");
	cr_expect_eq(asterisk_calls_count(t->calls), 0);
	tracker_free(t);
}

Test(asterisk_calls, who_gets_through_is_told_when_it_has_lasted_long_enough)
{
	struct tracker *t = tracker_joined();

	tracker_connect(t);
	tracker_pass(t, 20000);
	SAYS(t, "answered 1.1 from 3725550123 in sales for 20\n");
	tracker_say(t, "AgentComplete", "1.1", "1.1",
		    "Queue: sales\nInterface: PJSIP/1001\nTalkTime: 90");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "");
	tracker_free(t);
}

Test(asterisk_calls, a_talk_that_was_short_is_told_at_its_end)
{
	struct tracker *t = tracker_joined();

	tracker_connect(t);
	tracker_pass(t, 6000);
	tracker_say(t, "Hangup", "1.2", "1.1", "");
	tracker_pass(t, 60000);
	SAYS(t, "");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "answered 1.1 from 3725550123 in sales for 6\n");
	tracker_free(t);
}

Test(asterisk_calls, an_abandon_while_an_agents_phone_was_picked_up_is_missed)
{
	struct tracker *t = tracker_joined();

	tracker_new_channel(t, "1.2", "1.1", "PJSIP/1001-2");
	tracker_say(t, "DialEnd", "1.1", "1.1",
		    "DestChannel: PJSIP/1001-2\nDestUniqueid: 1.2\n"
		    "DialStatus: ANSWER");
	tracker_abandon(t, "sales");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "missed 1.1 from 3725550123 in sales after 0\n");
	tracker_free(t);
}

/* ---- read = agent alone ---- */

Test(asterisk_calls, with_agent_rights_alone_the_talk_ends_with_its_complete)
{
	struct tracker *t = tracker_new();

	tracker_say(t, "QueueCallerJoin", "1.1", "1.1", "Queue: sales");
	tracker_connect(t);
	tracker_pass(t, 8000);
	tracker_packet(t, "Event: AgentComplete\nQueue: sales\n"
			  "Interface: PJSIP/1001\nTalkTime: 8");
	SAYS(t, "answered 1.1 from 3725550123 in sales for 8\n");
	tracker_pass(t, ASTERISK_AGE_MS);
	SAYS(t, "");
	cr_expect_eq(asterisk_calls_count(t->calls), 0);
	tracker_free(t);
}

Test(asterisk_calls, the_first_event_of_a_call_ends_the_grace)
{
	struct tracker *t = tracker_new();

	/* Nothing was heard yet of class call, but it comes. */
	tracker_say(t, "QueueCallerJoin", "1.1", "1.1", "Queue: sales");
	tracker_abandon(t, "sales");
	tracker_new_channel(t, "2.1", "2.1", "PJSIP/1001-1");
	tracker_pass(t, 60000);
	SAYS(t, "");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "missed 1.1 from 3725550123 in sales after 0\n");
	tracker_free(t);
}

Test(asterisk_calls, what_nobody_dialled_for_him_is_no_answer)
{
	struct tracker *t = tracker_joined();

	tracker_abandon(t, "sales");
	/* An Originate: it has no Channel of its own. */
	tracker_packet(t, "Event: DialEnd\nDestChannel: PJSIP/1001-2\n"
			  "DestUniqueid: 1.1\nUniqueid: 1.1\n"
			  "Linkedid: 1.1\nDialStatus: ANSWER");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "missed 1.1 from 3725550123 in sales after 0\n");
	tracker_free(t);
}

Test(asterisk_calls, with_agent_rights_alone_another_queue_stays_the_verdict)
{
	struct tracker *t = tracker_new();

	tracker_say(t, "QueueCallerJoin", "1.1", "1.1", "Queue: sales");
	tracker_abandon(t, "sales");
	tracker_pass(t, ASTERISK_GRACE_MS - 1);
	tracker_say(t, "QueueCallerJoin", "1.1", "1.1", "Queue: support");
	tracker_pass(t, 60000);
	SAYS(t, "");
	tracker_abandon(t, "support");
	tracker_pass(t, ASTERISK_GRACE_MS);
	SAYS(t, "missed 1.1 from 3725550123 in support after 64\n");
	tracker_free(t);
}

Test(asterisk_calls, a_talk_after_what_was_told_as_missed_says_so)
{
	struct tracker *t = tracker_new();

	tracker_say(t, "QueueCallerJoin", "1.1", "1.1", "Queue: sales");
	tracker_abandon(t, "sales");
	tracker_pass(t, ASTERISK_GRACE_MS);
	SAYS(t, "missed 1.1 from 3725550123 in sales after 0\n");
	tracker_pass(t, 60000);
	tracker_say(t, "QueueCallerJoin", "1.1", "1.1", "Queue: support");
	tracker_connect(t);
	SAYS(t, "talking 1.1\n");
	tracker_pass(t, 20000);
	SAYS(t, "answered 1.1 from 3725550123 in support for 20\n");
	tracker_free(t);
}

/* ---- who he is ---- */

Test(asterisk_calls, a_caller_without_a_number_is_told_with_none)
{
	struct tracker *t = tracker_new();

	tracker_say(t, "QueueCallerJoin", "1.1", "1.1",
		    "CallerIDNum: <unknown>\nQueue: sales");
	tracker_abandon(t, "sales");
	SAYS(t, "");
	tracker_pass(t, ASTERISK_GRACE_MS);
	cr_expect_eq(t->told.events, 1);
	tracker_free(t);
}

Test(asterisk_calls, the_systems_own_time_counts_by_our_clock)
{
	struct tracker *t = tracker_new();

	t->now.ahead_ms = 3600 * 1000;
	tracker_say(t, "QueueCallerJoin", "1.1", "1.1",
		    "Queue: sales\nTimestamp: 1795328340.500000");
	tracker_say(t, "QueueCallerAbandon", "1.1", "1.1",
		    "Queue: sales\nTimestamp: 1795328395.600000");
	tracker_say(t, "Hangup", "1.1", "1.1", "Timestamp: 1795328395.700000");
	SAYS(t, "missed 1.1 from 3725550123 in sales after 55\n");
	tracker_free(t);
}
