/* What FreeSWITCH's events are taken for: the recordings of a real one, and the
 * ways in which a caller may go. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/recording.h"
#include "tests/unit/switched.h"

#define LEFT "CC-Member-Joined-Time: 1795324900\nCC-Member-Leaving-Time: "

static const char *
play(size_t scene)
{
	struct recording *r = recording_freeswitch();
	struct switched *s = switched_new();
	size_t len;
	const char *bytes = recording_events(r, scene, &len), *told;

	switched_bytes(s, bytes, len);
	switched_pass(s, 70000);
	told = switched_told(s);
	cr_expect_eq(s->told.rejects, 0);
	switched_free(s);
	recording_free(r);
	return told;
}

/* ---- the recordings ------------------------------------------------------ */

Test(unit_freeswitch_calls, who_hangs_up_while_he_waits_is_missed_once)
{
	cr_assert_str_eq(
	    play(2), "missed c6f4d051-b3ad-4d23-9780-b820bde1411b/"
		     "1eb9feae-2e36-4c19-ab9b-e21d89551790 from 3725550123 in "
		     "support@default after 2\n");
	cr_assert_str_eq(
	    play(3), "missed a03da3cd-35b1-46a1-a61b-72573107d171/"
		     "a6abac0a-109b-4913-a670-74c7db17f17e from 3725550123 in "
		     "support@default after 1\n");
}

Test(unit_freeswitch_calls, who_is_thrown_out_and_hangs_up_is_missed_once)
{
	cr_assert_str_eq(
	    play(4), "missed 209d7b8b-ac53-41eb-bd75-1abb10042831/"
		     "e5047606-933f-438c-93dd-366b52cecad8 from 3725550123 in "
		     "short@default after 2\n");
}

Test(unit_freeswitch_calls, who_is_served_by_an_agent_is_answered)
{
	cr_assert_str_eq(
	    play(5), "answered 364b99de-8e89-4e38-ab92-cd914d43a29c/"
		     "ad7fd067-0507-4bde-942a-01246b94c2c5 from 3725550123 in "
		     "answered@default for 4\n");
}

/* ---- leaving a queue ----------------------------------------------------- */

Test(unit_freeswitch_calls,
     no_reason_to_leave_is_missed_before_the_channel_ends)
{
	static const char *const reasons[] = { "NONE", "TIMEOUT",
					       "NO_AGENT_TIMEOUT", "BREAK_OUT",
					       "EXIT_WITH_KEY" };

	for (size_t i = 0; i < 5; i++) {
		struct switched *s = switched_new();

		switched_member(s, "member-queue-start", "sales@default", "s1",
				"m1", "");
		switched_pass(s, 30000);
		switched_leave(s, "s1", "m1", reasons[i]);
		switched_pass(s, 600000);
		cr_assert_str_eq(switched_told(s), "", "%s", reasons[i]);
		switched_hangup(s, "s1", "");
		cr_assert_str_eq(
		    switched_told(s),
		    "missed s1/m1 from 3725550123 in sales@default after 30\n");
		cr_assert_eq(freeswitch_calls_count(s->calls), 0);
		switched_free(s);
	}
}

/* Somebody's channel is answered, that was dialled for the caller. */
static void
answer(struct switched *s, const char *leg, const char *name,
       const char *caller)
{
	switched_say(
	    s,
	    "Event-Name: CHANNEL_ANSWER\nUnique-ID: %s\nCall-Direction: "
	    "outbound\nChannel-Name: %s\nAnswer-State: answered\nOther-Type: "
	    "originator\nOther-Leg-Unique-ID: %s\nOther-Leg-Direction: "
	    "inbound\nOther-Leg-Context: public\nOther-Leg-Channel-Name: "
	    "sofia/external/x\nOther-Leg-Caller-ID-Number: 3725550123\n",
	    leg, name, caller);
}

Test(unit_freeswitch_calls, who_leaves_by_time_out_and_reaches_somebody_is_not)
{
	struct switched *s = switched_new();

	switched_member(s, "member-queue-start", "sales", "s1", "m1", "");
	switched_pass(s, 30000);
	switched_leave(s, "s1", "m1", "TIMEOUT");
	answer(s, "leg", "sofia/internal/1001", "s1");
	switched_pass(s, 19000);
	cr_assert_str_eq(switched_told(s), "");
	switched_pass(s, 1000);
	cr_assert_str_eq(switched_told(s),
			 "answered s1/m1 from 3725550123 in sales for 20\n");
	switched_hangup(s, "s1", "");
	cr_assert_str_eq(switched_told(s), "");
	switched_free(s);
}

Test(unit_freeswitch_calls, a_short_talk_is_told_at_its_end)
{
	struct switched *s = switched_new();

	switched_member(s, "member-queue-start", "sales", "s1", "m1", "");
	switched_leave(s, "s1", "m1", "EXIT_WITH_KEY");
	answer(s, "leg", "sofia/internal/1001", "s1");
	switched_pass(s, 3000);
	switched_say(
	    s,
	    "Event-Name: CHANNEL_UNBRIDGE\nUnique-ID: s1\nBridge-A-Unique-ID: "
	    "s1\nBridge-B-Unique-ID: leg\n");
	switched_pass(s, 60000); /* a mailbox */
	switched_hangup(s, "s1", "");
	cr_assert_str_eq(switched_told(s),
			 "answered s1/m1 from 3725550123 in sales for 3\n");
	switched_free(s);
}

Test(unit_freeswitch_calls, a_loopback_is_nobody)
{
	struct switched *s = switched_new();

	switched_member(s, "member-queue-start", "sales", "s1", "m1", "");
	switched_leave(s, "s1", "m1", "TIMEOUT");
	answer(s, "leg", "loopback/voicemail-a", "s1");
	switched_pass(s, 60000);
	switched_hangup(s, "s1", "");
	cr_assert_str_eq(switched_told(s),
			 "missed s1/m1 from 3725550123 in sales after 0\n");
	switched_free(s);
}

Test(unit_freeswitch_calls, who_goes_to_another_queue_is_missed_there_only)
{
	struct switched *s = switched_new();

	switched_member(s, "member-queue-start", "sales", "s1", "m1", "");
	switched_leave(s, "s1", "m1", "TIMEOUT");
	switched_member(s, "member-queue-start", "billing", "s1", "m2", "");
	switched_leave(s, "s1", "m2", "BREAK_OUT");
	switched_hangup(s, "s1", "");
	cr_assert_str_eq(switched_told(s),
			 "missed s1/m2 from 3725550123 in billing after 0\n");
	switched_free(s);
}

Test(unit_freeswitch_calls, who_picks_a_waiting_caller_up_talks_with_him)
{
	struct switched *s = switched_new();

	switched_member(s, "member-queue-start", "sales", "s1", "m1", "");
	switched_say(
	    s, "Event-Name: CHANNEL_BRIDGE\nUnique-ID: agent\nCall-Direction: "
	       "inbound\nChannel-Name: sofia/internal/1001\nAnswer-State: "
	       "answered\nBridge-A-Unique-ID: agent\nBridge-B-Unique-ID: s1\n");
	switched_leave(s, "s1", "m1", "BREAK_OUT");
	switched_pass(s, 21000);
	cr_assert_str_eq(switched_told(s),
			 "answered s1/m1 from 3725550123 in sales for 21\n");
	switched_free(s);
}

/* ---- agents -------------------------------------------------------------- */

Test(unit_freeswitch_calls, a_talk_with_an_agent_is_told_while_it_lasts)
{
	struct switched *s = switched_new();
	char more[300];

	switched_member(s, "member-queue-start", "sales", "s1", "m1", "");
	switched_pass(s, 10000);
	switched_member(s, "bridge-agent-start", "sales", "s1", "m1",
			"Unique-ID: agent\nCC-Member-Joined-Time: 1795324900\n"
			"CC-Agent-Answered-Time: 1795324910\n");
	switched_pass(s, 20000);
	cr_assert_str_eq(switched_told(s),
			 "answered s1/m1 from 3725550123 in sales for 20\n");
	switched_pass(s, 5000);
	switched_member(s, "bridge-agent-end", "sales", "s1", "m1",
			"CC-Agent-Bridged: true\n");
	(void)snprintf(
	    more, sizeof more,
	    LEFT "1795324935\nCC-Cause: Terminated\n"
		 "CC-Agent-Answered-Time: 1795324910\nAnswer-State: hangup\n");
	switched_member(s, "member-queue-end", "sales", "s1", "m1", more);
	switched_hangup(s, "s1", "");
	cr_assert_str_eq(switched_told(s), "");
	switched_free(s);
}

Test(unit_freeswitch_calls, an_agent_who_found_nobody_has_not_talked)
{
	struct switched *s = switched_new();

	switched_member(s, "member-queue-start", "sales", "s1", "m1", "");
	switched_member(s, "bridge-agent-start", "sales", "s1", "m1", "");
	switched_member(s, "bridge-agent-end", "sales", "s1", "m1",
			"CC-Agent-Bridged: false\n");
	switched_leave(s, "s1", "m1", "BREAK_OUT");
	switched_hangup(s, "s1", "");
	cr_assert_str_eq(switched_told(s),
			 "missed s1/m1 from 3725550123 in sales after 0\n");
	switched_free(s);
}

Test(unit_freeswitch_calls, transferred_to_a_queue_after_a_talk_he_is_missed)
{
	struct switched *s = switched_new();

	switched_member(s, "member-queue-start", "sales", "s1", "m1", "");
	switched_member(s, "bridge-agent-start", "sales", "s1", "m1", "");
	switched_pass(s, 5000);
	switched_member(s, "member-queue-start", "billing", "s1", "m2", "");
	cr_assert_str_eq(switched_told(s),
			 "answered s1/m1 from 3725550123 in sales for 5\n");
	switched_hangup(s, "s1", "");
	cr_assert_str_eq(switched_told(s),
			 "missed s1/m2 from 3725550123 in billing after -1\n");
	switched_free(s);
}

Test(unit_freeswitch_calls, who_gets_his_old_place_is_not_missed_any_more)
{
	struct switched *s = switched_new();

	switched_member(s, "member-queue-start", "sales", "s1", "m1", "");
	switched_leave(s, "s1", "m1", "BREAK_OUT");
	switched_hangup(s, "s1", "");
	cr_assert_str_eq(switched_told(s),
			 "missed s1/m1 from 3725550123 in sales after 0\n");
	switched_member(s, "member-queue-resume", "sales", "s2", "m1", "");
	cr_assert_str_eq(switched_told(s), "talking s1/m1\n");
	switched_leave(s, "s2", "m1", "BREAK_OUT");
	switched_hangup(s, "s2", "");
	cr_assert_str_eq(switched_told(s),
			 "missed s2/m1 from 3725550123 in sales after 0\n");
	switched_free(s);
}

Test(unit_freeswitch_calls, a_visit_without_an_id_is_nobodys_second)
{
	struct switched *s = switched_new();

	switched_member(s, "member-queue-resume", "sales", "s1", "", "");
	cr_assert_str_eq(switched_told(s), "");
	switched_hangup(s, "s1", "");
	cr_assert_str_eq(switched_told(s),
			 "missed s1 from 3725550123 in sales after -1\n");
	switched_free(s);
}

/* ---- mod_fifo ------------------------------------------------------------ */

static void
fifo(struct switched *s, const char *action, const char *more)
{
	switched_say(
	    s,
	    "Event-Name: CUSTOM\nEvent-Subclass: fifo%%3A%%3Ainfo\n"
	    "FIFO-Name: sales@default\nFIFO-Action: %s\nUnique-ID: f1\n"
	    "Caller-Caller-ID-Number: 3725550123\n%s",
	    action, more);
}

Test(unit_freeswitch_calls, who_gives_up_in_a_fifo_is_missed)
{
	struct switched *s = switched_new();

	fifo(s, "push", "FIFO-Slot: 5\n");
	switched_pass(s, 7000);
	fifo(s, "abort", "Answer-State: hangup\n");
	switched_hangup(s, "f1", "");
	cr_assert_str_eq(
	    switched_told(s),
	    "missed f1 from 3725550123 in sales@default after 7\n");
	switched_free(s);
}

Test(unit_freeswitch_calls, a_fifo_that_times_out_may_lead_to_somebody)
{
	struct switched *s = switched_new();

	fifo(s, "push", "");
	switched_pass(s, 7000);
	fifo(s, "timeout", "Answer-State: answered\n");
	answer(s, "leg", "sofia/internal/1001", "f1");
	switched_pass(s, 20000);
	switched_hangup(s, "f1", "");
	cr_assert_str_eq(
	    switched_told(s),
	    "answered f1 from 3725550123 in sales@default for 20\n");
	switched_free(s);
}

Test(unit_freeswitch_calls, who_is_taken_out_of_a_fifo_is_answered)
{
	struct switched *s = switched_new();

	fifo(s, "push", "");
	fifo(s, "bridge-caller-start", "");
	switched_pass(s, 4000);
	fifo(s, "bridge-caller-stop", "");
	switched_pass(s, 40000);
	switched_hangup(s, "f1", "");
	cr_assert_str_eq(
	    switched_told(s),
	    "answered f1 from 3725550123 in sales@default for 4\n");
	switched_free(s);
}

Test(unit_freeswitch_calls,
     each_visit_to_a_fifo_after_a_talk_has_an_id_of_its_own)
{
	struct switched *s = switched_new();

	for (int i = 0; i < 2; i++) {
		fifo(s, "push", "");
		fifo(s, "bridge-caller-start", "");
		switched_pass(s, 4000);
		fifo(s, "bridge-caller-stop", "");
	}
	fifo(s, "push", "");
	switched_pass(s, 7000);
	fifo(s, "timeout", "");
	/* Nobody talked with him: it is the same visit. */
	fifo(s, "push", "");
	switched_pass(s, 3000);
	fifo(s, "abort", "Answer-State: hangup\n");
	cr_assert_str_eq(
	    switched_told(s),
	    "answered f1 from 3725550123 in sales@default for 4\n"
	    "answered f1/fifo-1795324904 from 3725550123 in sales@default "
	    "for 4\n"
	    "missed f1/fifo-1795324908 from 3725550123 in sales@default after "
	    "3\n");
	switched_free(s);
}

/* ---- outside of queues --------------------------------------------------- */

#define AT(us) "Caller-Channel-Created-Time: " us "\n"
#define BEGAN AT("1795324901000000")

Test(unit_freeswitch_calls, a_call_that_nobody_answered_is_missed)
{
	struct switched *s = switched_new();

	switched_pass(s, 16000);
	switched_hangup(s, "d1",
			BEGAN "variable_originate_disposition: NO_ANSWER\n"
			      "Caller-Channel-Answered-Time: 0\n");
	cr_assert_str_eq(switched_told(s),
			 "missed d1 from 3725550123 in  after 15\n");
	/* The mailbox answered afterwards. */
	switched_hangup(s, "d2",
			BEGAN
			"variable_originate_disposition: USER_BUSY\n"
			"Caller-Channel-Answered-Time: 1795324905000000\n");
	cr_assert_str_eq(switched_told(s),
			 "missed d2 from 3725550123 in  after 15\n");
	/* He hung up in the menu. */
	switched_hangup(
	    s, "d3", BEGAN "Caller-Channel-Answered-Time: 1795324901000000\n");
	cr_assert_str_eq(switched_told(s),
			 "missed d3 from 3725550123 in  after 15\n");
	cr_assert_eq(freeswitch_calls_count(s->calls), 0);
	switched_free(s);
}

Test(unit_freeswitch_calls, a_call_that_somebody_answered_is_not)
{
	struct switched *s = switched_new();

	answer(s, "leg", "sofia/internal/1001", "d1");
	switched_pass(s, 9000);
	switched_hangup(s, "d1",
			BEGAN
			"variable_originate_disposition: SUCCESS\n"
			"Caller-Channel-Answered-Time: 1795324905000000\n");
	cr_assert_str_eq(switched_told(s),
			 "answered d1 from 3725550123 in  for 9\n");
	switched_free(s);
}

Test(unit_freeswitch_calls, the_last_event_tells_of_an_answer_too)
{
	struct switched *s = switched_new();

	switched_pass(s, 9000);
	switched_hangup(s, "d1",
			BEGAN "Other-Type: originatee\n"
			      "Other-Leg-Channel-Name: sofia/internal/1001\n"
			      "Other-Leg-Channel-Answered-Time: "
			      "1795324904000000\n");
	cr_assert_str_eq(switched_told(s),
			 "answered d1 from 3725550123 in  for 5\n");
	/* Before he came into the queue; and early media that nobody followed.
	 */
	switched_member(s, "member-queue-start", "sales", "s1", "m1", "");
	switched_hangup(s, "s1",
			"Other-Type: originatee\n"
			"Other-Leg-Channel-Answered-Time: 1795324904000000\n");
	cr_assert_str_eq(switched_told(s),
			 "missed s1/m1 from 3725550123 in sales after -1\n");
	switched_hangup(s, "d2",
			BEGAN "Other-Type: originatee\n"
			      "Caller-Channel-Bridged-Time: 1795324904000000\n"
			      "Caller-Channel-Answered-Time: 1795324902000000\n"
			      "Other-Leg-Channel-Answered-Time: 0\n");
	cr_assert_str_eq(switched_told(s),
			 "missed d2 from 3725550123 in  after 8\n");
	/* It began before we listened: bridged is answered. */
	switched_hangup(s, "d3",
			AT("1795324800000000") "Caller-Channel-Bridged-Time: "
					       "1795324904000000\n"
					       "Caller-Channel-Answered-Time: "
					       "1795324902000000\n");
	cr_assert_str_eq(switched_told(s),
			 "answered d3 from 3725550123 in  for 5\n");
	switched_free(s);
}

Test(unit_freeswitch_calls, what_is_no_call_of_a_customer_is_passed_over)
{
	struct switched *s = switched_new();
	static const char *const more[] = {
		"Caller-Context: default\n",         /* another */
		"variable_" FREESWITCH_OURS ": 7\n", /* ours */
		"Channel-Name: loopback/600-b\n",    /* its own */
		"Call-Direction: outbound\n",        /* dialled */
		"variable_last_app: conference\n",   /* somebody may be there */
	};

	for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
		/* The first of a name counts. */
		switched_say(
		    s,
		    "Event-Name: CHANNEL_HANGUP_COMPLETE\nUnique-ID: d1\n%s"
		    "Call-Direction: inbound\nCaller-Context: public\n"
		    "Channel-Name: sofia/external/x\n"
		    "Caller-Caller-ID-Number: 3725550123\n",
		    more[i]);
		cr_assert_str_eq(switched_told(s), "", "%s", more[i]);
	}
	switched_free(s);
}

/* ---- what it holds ------------------------------------------------------- */

Test(unit_freeswitch_calls, a_clock_that_goes_ahead_is_counted_out)
{
	struct switched *s = switched_new();

	s->now.ahead_ms = 3600000;
	switched_member(s, "member-queue-start", "sales", "s1", "m1", "");
	switched_pass(s, 5000);
	switched_leave(s, "s1", "m1", "BREAK_OUT");
	switched_hangup(s, "s1", "");
	cr_assert_eq(s->told.events, 1);
	cr_assert_eq(s->told.last_ms, s->now.wall_ms);
	switched_hangup(s, "s2",
			"variable_originate_disposition: NO_ANSWER\n"
			"Caller-Channel-Hangup-Time: 1795328503000000\n");
	cr_assert_eq(s->told.last_ms, (SWITCHED_START_S + 3) * 1000);
	switched_free(s);
}

Test(unit_freeswitch_calls, a_flood_of_callers_has_a_limit, .timeout = 60)
{
	struct switched *s = switched_new();
	char session[40];

	for (int i = 0; i < 20100; i++) {
		(void)snprintf(session, sizeof session, "s%d", i);
		switched_member(s, "member-queue-start", "sales", session, "m",
				"");
	}
	cr_assert_eq(freeswitch_calls_count(s->calls), 20000);
	cr_assert_eq(s->told.rejects, 100);
	switched_hangup(s, "s5", "");
	switched_member(s, "member-queue-start", "sales", "late", "m", "");
	cr_assert_eq(s->told.rejects, 100);
	switched_free(s);
}

Test(unit_freeswitch_calls, ids_that_are_too_long_are_not_taken)
{
	struct switched *s = switched_new();
	char id[200];

	memset(id, 'a', sizeof id - 1);
	id[sizeof id - 1] = '\0';
	switched_member(s, "member-queue-start", "sales", id, "m", "");
	switched_member(s, "member-queue-start", "sales", "", "m", "");
	cr_assert_eq(freeswitch_calls_count(s->calls), 0);
	cr_assert_eq(s->told.rejects, 2);
	switched_free(s);
}
