/* Calls that go further than one queue: transfers, phones outside of queues,
 * and many of them. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/tracker.h"

#define SAYS(t, expected) cr_expect_str_eq(tracker_told(t), expected)

/* ---- transfers ---- */

Test(asterisk_further, one_sent_to_a_queue_after_a_talk_is_missed_there)
{
	struct tracker *t = tracker_joined();

	tracker_connect(t);
	tracker_pass(t, 30000);
	SAYS(t, "answered 1.1 from 3725550123 in sales for 30\n");
	tracker_say(t, "BlindTransfer", "1.1", "1.1", "");
	tracker_say(t, "Hangup", "1.2", "1.1", "");
	tracker_say(t, "QueueCallerJoin", "1.1", "1.1", "Queue: support");
	tracker_pass(t, 4000);
	tracker_abandon(t, "support");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "missed 1.1/2 from 3725550123 in support after 4\n");
	tracker_free(t);
}

Test(asterisk_further, a_colleague_who_takes_over_goes_on_with_the_talk)
{
	struct tracker *t = tracker_joined();

	tracker_connect(t);
	tracker_new_channel(t, "1.2", "1.1", "PJSIP/1001-2");
	tracker_say(t, "BridgeEnter", "1.2", "1.1",
		    "Channel: PJSIP/1001-2\nBridgeUniqueid: b");
	tracker_say(t, "BridgeEnter", "1.1", "1.1", "BridgeUniqueid: b");
	tracker_pass(t, 10000);
	/* The agent asks a colleague in a call of his own, then joins both. */
	tracker_new_channel(t, "2.1", "2.1", "PJSIP/1001-3");
	tracker_new_channel(t, "2.2", "2.1", "PJSIP/1002-4");
	tracker_say(t, "BridgeEnter", "2.2", "1.1",
		    "Channel: PJSIP/1002-4\nBridgeUniqueid: b");
	tracker_say(t, "AgentComplete", "1.1", "1.1",
		    "Queue: sales\nInterface: PJSIP/1001\nReason: transfer");
	tracker_say(t, "Hangup", "1.2", "1.1", "");
	tracker_say(t, "Hangup", "2.1", "2.1", "");
	tracker_pass(t, 10000);
	SAYS(t, "answered 1.1 from 3725550123 in sales for 20\n");
	tracker_say(t, "Hangup", "2.2", "1.1", "");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "");
	cr_expect_eq(asterisk_calls_count(t->calls), 0);
	tracker_free(t);
}

Test(asterisk_further, who_asked_in_a_queue_for_him_leaves_him_waiting_there)
{
	struct tracker *t = tracker_joined();

	tracker_connect(t);
	tracker_pass(t, 21000);
	SAYS(t, "answered 1.1 from 3725550123 in sales for 21\n");
	tracker_new_channel(t, "2.1", "2.1", "PJSIP/1001-3");
	tracker_say(t, "QueueCallerJoin", "2.1", "2.1",
		    "CallerIDNum: 1001\nQueue: support");
	/* The attended transfer: his channel is of the older call now. */
	tracker_say(t, "BridgeEnter", "2.1", "1.1", "BridgeUniqueid: c");
	tracker_say(t, "Hangup", "1.2", "1.1", "");
	tracker_say(t, "QueueCallerAbandon", "2.1", "1.1", "Queue: support");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	tracker_say(t, "Hangup", "2.1", "1.1", "");
	SAYS(t, "missed 2.1 from 3725550123 in support after 0\n");
	cr_expect_eq(asterisk_calls_count(t->calls), 0);
	tracker_free(t);
}

Test(asterisk_further, a_local_channel_optimized_away_ends_nothing)
{
	struct tracker *t = tracker_new();

	tracker_new_channel(t, "1.1", "1.1", "PJSIP/trunk-1");
	tracker_new_channel(t, "1.2", "1.1", "Local/500@in-1;1");
	tracker_new_channel(t, "1.3", "1.1", "Local/500@in-1;2");
	tracker_say(t, "QueueCallerJoin", "1.3", "1.1",
		    "Channel: Local/500@in-1;2\nQueue: sales");
	tracker_say(t, "QueueCallerLeave", "1.3", "1.1", "Queue: sales");
	tracker_new_channel(t, "1.4", "1.1", "PJSIP/1001-2");
	tracker_say(t, "AgentConnect", "1.3", "1.1",
		    "Queue: sales\nDestUniqueid: 1.4");
	tracker_say(t, "Hangup", "1.3", "1.1", "");
	tracker_say(t, "Hangup", "1.2", "1.1", "");
	SAYS(t, "");
	tracker_pass(t, 20000);
	SAYS(t, "answered 1.3 from 3725550123 in sales for 20\n");
	tracker_say(t, "Hangup", "1.4", "1.1", "");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "");
	tracker_free(t);
}

Test(asterisk_further, a_call_of_our_own_that_meets_a_caller_is_his)
{
	struct tracker *t = tracker_joined();

	tracker_abandon(t, "sales");
	tracker_new_channel(t, "rb-1", "rb-1", "PJSIP/1001-1");
	tracker_say(t, "BridgeEnter", "1.1", "1.1", "BridgeUniqueid: b");
	tracker_say(t, "BridgeEnter", "rb-1", "1.1",
		    "Channel: PJSIP/1001-1\nBridgeUniqueid: b");
	tracker_pass(t, 20000);
	SAYS(t, "answered 1.1 from 3725550123 in sales for 20\n");
	tracker_free(t);
}

/* ---- outside of queues ---- */

Test(asterisk_further, ten_phones_that_ring_for_one_call_are_one)
{
	struct tracker *t = tracker_new();
	char id[16], name[32], more[100];

	tracker_new_channel(t, "1.0", "1.0", "PJSIP/trunk-1");
	for (int i = 1; i <= 10; i++) {
		(void)snprintf(id, sizeof id, "1.%d", i);
		(void)snprintf(name, sizeof name, "PJSIP/10%02d-1", i);
		tracker_new_channel(t, id, "1.0", name);
	}
	tracker_pass(t, 12000);
	for (int i = 1; i <= 10; i++) {
		(void)snprintf(id, sizeof id, "1.%d", i);
		(void)snprintf(more, sizeof more,
			       "DestChannel: PJSIP/10%02d-1\n"
			       "DestUniqueid: %s\nDialStatus: %s",
			       i, id, i % 2 ? "CANCEL" : "CHANUNAVAIL");
		tracker_say(t, "DialEnd", "1.0", "1.0", more);
		tracker_say(t, "Hangup", id, "1.0", "");
	}
	SAYS(t, "");
	tracker_say(t, "Hangup", "1.0", "1.0", "");
	SAYS(t, "missed 1.0/0 from 3725550123 in  after 12\n");
	tracker_free(t);
}

Test(asterisk_further, an_answered_dial_outside_of_queues_is_answered)
{
	struct tracker *t = tracker_new();

	tracker_new_channel(t, "1.0", "1.0", "PJSIP/trunk-1");
	/* A Local channel's own answer is nobody's. */
	tracker_say(t, "DialEnd", "1.0", "1.0",
		    "DestChannel: Local/1001@x-1;1\nDestUniqueid: 1.1\n"
		    "DialStatus: ANSWER");
	tracker_pass(t, 30000);
	SAYS(t, "");
	tracker_say(t, "DialEnd", "1.2", "1.0",
		    "Channel: Local/1001@x-1;2\nDestChannel: PJSIP/1001-1\n"
		    "DestUniqueid: 1.3\nDialStatus: ANSWER");
	tracker_pass(t, 30000);
	SAYS(t, "answered 1.0/0 from 3725550123 in  for 30\n");
	tracker_free(t);
}

Test(asterisk_further, other_contexts_and_calls_of_our_own_are_nobodys)
{
	struct tracker *t = tracker_new();

	tracker_say(t, "Newchannel", "1.0", "1.0",
		    "ChannelState: 4\nContext: from-internal");
	tracker_say(t, "Hangup", "1.0", "1.0", "");
	/* Dialled: it is Down. */
	tracker_say(t, "Newchannel", "2.0", "2.0",
		    "ChannelState: 0\nContext: from-trunk");
	tracker_say(t, "Hangup", "2.0", "2.0", "");
	tracker_new_channel(t, "rb-1", "rb-1", "PJSIP/1001-1");
	tracker_say(t, "QueueCallerJoin", "rb-1", "rb-1", "Queue: sales");
	tracker_say(t, "Hangup", "rb-1", "rb-1", "");
	SAYS(t, "");
	cr_expect_eq(asterisk_calls_count(t->calls), 0);
	tracker_free(t);
}

/* ---- many ---- */

Test(asterisk_further, a_hundred_who_hang_up_at_once_are_a_hundred)
{
	struct tracker *t = tracker_new();
	char id[24];

	for (int step = 0; step < 4; step++) {
		for (int i = 0; i < 100; i++) {
			(void)snprintf(id, sizeof id, "1795324800.%d", i);
			if (step == 0)
				tracker_new_channel(t, id, id, "PJSIP/t-1");
			else if (step == 1)
				tracker_say(t, "QueueCallerJoin", id, id,
					    "Queue: sales");
			else if (step == 2)
				tracker_say(t, "QueueCallerAbandon", id, id,
					    "Queue: sales");
			else
				tracker_say(t, "Hangup", id, id, "");
		}
	}
	cr_expect_eq(t->told.events, 100);
	cr_expect_eq(asterisk_calls_count(t->calls), 0);
	tracker_free(t);
}

Test(asterisk_further, nothing_stays_of_a_hundred_thousand_calls)
{
	struct tracker *t = tracker_new();
	char id[24];

	for (int i = 0; i < 100000; i++) {
		(void)snprintf(id, sizeof id, "1.%d", i);
		tracker_say(t, "QueueCallerJoin", id, id, "Queue: sales");
		if (i >= 50000) /* the class call comes only then */
			tracker_say(t, "Hangup", id, id, "");
		cr_assert_leq(asterisk_calls_count(t->calls),
			      ASTERISK_CALLS_MOST);
	}
	cr_expect_eq(t->told.rejects, 0);
	tracker_pass(t, ASTERISK_AGE_MS);
	cr_expect_eq(asterisk_calls_count(t->calls), 0);
	/* And none is lost: the oldest were told when there were too many. */
	cr_expect_eq(t->told.events, 100000);
	tracker_free(t);
}

Test(asterisk_further, more_calls_at_once_than_there_can_be_are_counted)
{
	struct tracker *t = tracker_new();
	char id[24];

	for (int i = 0; i < ASTERISK_CALLS_MOST + 5; i++) {
		(void)snprintf(id, sizeof id, "1.%d", i);
		tracker_new_channel(t, id, id, "PJSIP/t-1");
	}
	cr_expect_eq(t->told.rejects, 5);
	cr_expect_eq(asterisk_calls_count(t->calls), ASTERISK_CALLS_MOST);
	tracker_free(t);
}
