/* What was missed while nobody listened. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "daemon/sources/queue_log.h"
#include "tests/unit/tracker.h"

#define SAYS(t, expected) cr_expect_str_eq(tracker_told(t), expected)

static struct tracker *
waiting(void)
{
	struct tracker *t = tracker_new();

	tracker_new_channel(t, "1.1", "1.1", "PJSIP/trunk-1");
	tracker_say(t, "QueueCallerJoin", "1.1", "1.1", "Queue: sales");
	return t;
}

static void
link_again(struct tracker *t)
{
	asterisk_calls_down(t->calls, &t->now);
	tracker_pass(t, 60000);
	asterisk_calls_up(t->calls);
}

static void
listed(struct tracker *t, const char *uniqueid, const char *more)
{
	char lines[400];

	(void)snprintf(
	    lines, sizeof lines,
	    "Event: Status\nPrivilege: Call\n"
	    "Channel: PJSIP/trunk-%s\nChannelState: 6\n"
	    "CallerIDNum: 3725550123\nUniqueid: %s\nLinkedid: %s\n%s",
	    uniqueid, uniqueid, uniqueid, more);
	tracker_packet(t, lines);
}

static void
waits(struct tracker *t, const char *uniqueid)
{
	char lines[300];

	(void)snprintf(lines, sizeof lines,
		       "Event: QueueEntry\nQueue: sales\nPosition: 1\n"
		       "Channel: PJSIP/trunk-%s\nUniqueid: %s\n"
		       "CallerIDNum: 3725550123\nWait: 40",
		       uniqueid, uniqueid);
	tracker_packet(t, lines);
}

static void
settle(struct tracker *t, bool channels, const char *log)
{
	struct asterisk_gap gap = { .channels = channels,
				    .queues = true,
				    .since_ms = TRACKER_START_MS };
	struct queue_log *l = NULL;

	if (log != NULL) {
		l = queue_log_new();
		queue_log_add(l, log, strlen(log));
		gap.log = l;
	}
	asterisk_calls_settle(t->calls, &gap, &t->now);
	queue_log_free(l);
	(void)asterisk_calls_due(t->calls, &t->now);
}

Test(asterisk_gap, who_still_waits_is_missed_only_when_he_goes)
{
	struct tracker *t = waiting();

	link_again(t);
	listed(t, "1.1", "Application: Queue");
	waits(t, "1.1");
	settle(t, true, NULL);
	SAYS(t, "");
	tracker_say(t, "QueueCallerAbandon", "1.1", "1.1", "Queue: sales");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "missed 1.1 from 3725550123 in sales after 60\n");
	tracker_free(t);
}

Test(asterisk_gap, who_waited_and_is_gone_was_missed)
{
	struct tracker *t = waiting();

	tracker_pass(t, 7000);
	link_again(t);
	settle(t, true, NULL);
	SAYS(t, "missed 1.1 from 3725550123 in sales after 7\n");
	cr_expect_eq(asterisk_calls_count(t->calls), 0);
	tracker_free(t);
}

Test(asterisk_gap, without_the_channels_the_queues_say_who_still_waits)
{
	struct tracker *t = tracker_new();

	tracker_say(t, "QueueCallerJoin", "1.1", "1.1", "Queue: sales");
	tracker_say(t, "QueueCallerJoin", "1.2", "1.2", "Queue: sales");
	link_again(t);
	waits(t, "1.2");
	settle(t, false, NULL);
	SAYS(t, "missed 1.1 from 3725550123 in sales after 0\n");
	tracker_free(t);
}

Test(asterisk_gap, what_queue_log_says_of_him_counts)
{
	struct tracker *t = waiting();

	link_again(t);
	settle(t, true,
	       "1795324800|1.1|sales|NONE|ENTERQUEUE||3725550123|1\n"
	       "1795324805|1.1|sales|PJSIP/1|CONNECT|5|1.2|2\n"
	       "1795324845|1.1|sales|PJSIP/1|COMPLETECALLER|5|40|1\n");
	SAYS(t, "answered 1.1 from 3725550123 in sales for 40\n");
	tracker_free(t);
}

Test(asterisk_gap, a_talk_that_was_heard_is_no_missed_call)
{
	struct tracker *t = waiting();

	tracker_say(t, "QueueCallerLeave", "1.1", "1.1", "Queue: sales");
	tracker_say(t, "AgentConnect", "1.1", "1.1",
		    "Queue: sales\nDestUniqueid: 1.2");
	tracker_pass(t, 5000);
	link_again(t);
	settle(t, true, NULL);
	SAYS(t, "answered 1.1 from 3725550123 in sales for 65\n");
	tracker_free(t);
}

Test(asterisk_gap, what_came_and_went_meanwhile_is_told_by_queue_log)
{
	struct tracker *t = tracker_new();

	link_again(t);
	settle(t, true,
	       "1795320000|0.9|sales|NONE|ENTERQUEUE||9|1\n"
	       "1795320009|0.9|sales|NONE|ABANDON|1|1|9\n"
	       "1795324810|1.5|sales|NONE|ENTERQUEUE||+4930123|1\n"
	       "1795324830|1.5|sales|NONE|ABANDON|1|1|20\n"
	       "1795324811|1.6|sales|NONE|ENTERQUEUE||+4930124|1\n"
	       "1795324815|1.6|sales|PJSIP/1|CONNECT|4|1.7|2\n"
	       "1795324855|1.6|sales|PJSIP/1|COMPLETEAGENT|4|40|1\n"
	       "1795324812|1.8|sales|NONE|ENTERQUEUE|||1\n"
	       "1795324822|1.8|sales|NONE|EXITWITHTIMEOUT|1|1|10\n");
	SAYS(t, "missed 1.8 from  in sales after 10\n"
		"answered 1.6 from +4930124 in sales for 40\n"
		"missed 1.5 from +4930123 in sales after 20\n");
	cr_expect_eq(asterisk_calls_count(t->calls), 0);
	tracker_free(t);
}

Test(asterisk_gap, its_times_are_told_by_our_clock)
{
	struct tracker *t = tracker_new();

	t->now.ahead_ms = 3600 * 1000;
	link_again(t);
	settle(t, true,
	       "1795328410|1.5|sales|NONE|ENTERQUEUE||+4930123|1\n"
	       "1795328430|1.5|sales|NONE|ABANDON|1|1|20\n"
	       "1795324830|1.4|sales|NONE|ABANDON|1|1|20\n");
	SAYS(t, "missed 1.5 from +4930123 in sales after 20\n");
	tracker_free(t);
}

Test(asterisk_gap, who_timed_out_and_is_still_there_is_waited_for)
{
	struct tracker *t = tracker_new();

	link_again(t);
	listed(t, "1.1", "Application: VoiceMail");
	settle(t, true,
	       "1795324810|1.1|sales|NONE|ENTERQUEUE||3725550123|1\n"
	       "1795324830|1.1|sales|NONE|EXITWITHTIMEOUT|1|1|20\n");
	SAYS(t, "");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "missed 1.1 from 3725550123 in sales after 20\n");
	tracker_free(t);
}

Test(asterisk_gap, who_is_first_heard_of_waiting_is_a_caller_like_others)
{
	struct tracker *t = tracker_new();

	asterisk_calls_up(t->calls);
	listed(t, "1.1", "Application: Queue\nDNID: 4930500");
	waits(t, "1.1");
	settle(t, true, NULL);
	tracker_pass(t, 10000);
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "missed 1.1 from 3725550123 in sales after 50\n");
	tracker_free(t);
}

Test(asterisk_gap, a_list_older_than_what_was_heard_changes_nothing)
{
	struct tracker *t = waiting();

	link_again(t);
	listed(t, "1.1", "Application: Queue");
	tracker_say(t, "QueueCallerLeave", "1.1", "1.1", "Queue: sales");
	tracker_say(t, "AgentConnect", "1.1", "1.1",
		    "Queue: sales\nDestUniqueid: 1.2");
	waits(t, "1.1");
	settle(t, true, NULL);
	tracker_pass(t, 20000);
	SAYS(t, "answered 1.1 from 3725550123 in sales for 20\n");
	tracker_free(t);
}

Test(asterisk_gap, nothing_is_due_while_nobody_listens)
{
	struct tracker *t = tracker_new();

	tracker_say(t, "QueueCallerJoin", "1.1", "1.1", "Queue: sales");
	tracker_say(t, "QueueCallerLeave", "1.1", "1.1", "Queue: sales");
	asterisk_calls_down(t->calls, &t->now);
	tracker_pass(t, 60000);
	SAYS(t, "");
	asterisk_calls_up(t->calls);
	tracker_pass(t, 1000);
	SAYS(t, "");
	/* Perhaps he is with somebody: that would be told in the next hours. */
	settle(t, false, NULL);
	SAYS(t, "missed 1.1 from 3725550123 in sales after 0\n");
	tracker_free(t);
}

Test(asterisk_gap, a_stay_before_the_one_in_which_he_waits_is_told)
{
	struct tracker *t = tracker_new();

	link_again(t);
	listed(t, "1.1", "Application: Queue");
	waits(t, "1.1");
	settle(t, true,
	       "1795324800|1.1|sales|NONE|ENTERQUEUE||3725550123|1\n"
	       "1795324805|1.1|sales|PJSIP/1|CONNECT|5|1.2|2\n"
	       "1795324845|1.1|sales|PJSIP/1|BLINDTRANSFER|1|x|5|40|1\n"
	       "1795324846|1.1|sales|NONE|ENTERQUEUE||3725550123|1\n");
	SAYS(t, "answered 1.1 from 3725550123 in sales for 40\n");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "missed 1.1/2 from 3725550123 in sales after 14\n");
	tracker_free(t);
}

Test(asterisk_gap, told_again_it_has_the_same_id)
{
	struct tracker *t = waiting();

	tracker_pass(t, 5000);
	tracker_say(t, "QueueCallerAbandon", "1.1", "1.1", "Queue: sales");
	tracker_say(t, "Hangup", "1.1", "1.1", "");
	SAYS(t, "missed 1.1 from 3725550123 in sales after 5\n");
	link_again(t);
	settle(t, true,
	       "1795324800|1.1|sales|NONE|ENTERQUEUE||3725550123|1\n"
	       "1795324805|1.1|sales|NONE|ABANDON|1|1|5\n");
	SAYS(t, "missed 1.1 from 3725550123 in sales after 5\n");
	tracker_free(t);
}

Test(asterisk_gap, more_in_queue_log_than_can_be_told_is_counted)
{
	struct tracker *t = tracker_new();
	struct text log = { 0 };

	for (int i = 0; i < 10100; i++)
		text_addf(&log, "1795324830|1.%d|s|NONE|ABANDON|1|1|20\n", i);
	link_again(t);
	settle(t, true, log.data);
	cr_expect_eq(t->told.events, 10000);
	cr_expect_eq(t->told.rejects, 100);
	text_done(&log);
	tracker_free(t);
}
