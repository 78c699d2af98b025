/* What sources tell, in any order and any number of times. */
#include "tests/store/fn.h"

#define UUID "11111111-1111-5111-8111-111111111111"

FUNCTIONS(fn_event);

static struct reply *
missed_at(const char *phone, int64_t time)
{
	return site_event(s, "call.missed", phone, "queue", "sales", "time",
			  id(time), NULL);
}

static struct reply *
answered_at(const char *phone, int64_t time)
{
	return site_event(s, "call.answered", phone, "queue", "sales", "time",
			  id(time), NULL);
}

Test(fn_event, a_missed_call_waits_with_its_promise)
{
	struct reply *r =
	    site_event(s, "call.missed", ANN, "queue", "sales", NULL);

	SAYS(r, "made");
	HAS(r, "item", "number", "1001");
	HAS(r, "item", "state", "waiting");
	HAS(r, "item", "tier", "gold");
	HAS(r, "item", "unknown", "1");
	cr_assert_eq(reply_int(r, "item", "due"), SITE_T0 + 15 * SITE_MIN);
	cr_assert_eq(site_logged(s, "made", 1001), 1);
}

Test(fn_event, the_same_event_again_is_the_same_item)
{
	struct reply *first =
	    site_event_id(s, UUID, "call.missed", ANN, "queue", "sales", NULL);
	struct reply *second =
	    site_event_id(s, UUID, "call.missed", ANN, "queue", "sales", NULL);

	SAYS(first, "made");
	SAYS(second, "repeat");
	HAS(second, "item", "number", "1001");
	HAS(second, "item", "calls", "1");
	HAS(second, "item", "severity", "1");
	site_after(s, 400 * SITE_DAY);
	SAYS(site_event_id(s, UUID, "call.missed", ANN, NULL), "repeat");
}

Test(fn_event, a_repeat_after_the_item_was_closed_makes_no_new_one)
{
	site_serve(s, "sales", "anna");
	(void)site_event_id(s, UUID, "call.missed", ANN, "queue", "sales",
			    NULL);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "done", NULL);
	SAYS(site_event_id(s, UUID, "call.missed", ANN, "queue", "sales", NULL),
	     "repeat");
	IS(INT64_C(1001), "state", "closed");
}

Test(fn_event, an_event_that_made_no_item_answers_the_same_again)
{
	struct reply *first =
	    site_event_id(s, UUID, "call.missed", ANN, "queue", "sales",
			  "waited_s", "4", NULL);
	struct reply *second =
	    site_event_id(s, UUID, "call.missed", ANN, "queue", "sales",
			  "waited_s", "4", NULL);

	SAYS(first, "none");
	HAS(first, "event", "state", "ignored");
	cr_assert(reply_same(first, second));
	cr_assert_eq(redis_int(s->redis, "HGET", site_key("tally:2026-11-23"),
			       "sales|ignored:hung up at once", NULL),
		     1);
	cr_assert_gt(
	    redis_int(s->redis, "PTTL", site_key("receipt:" UUID), NULL),
	    13 * SITE_DAY);
}

Test(fn_event, a_merged_event_answers_merged_again_and_counts_once)
{
	(void)site_missed(s, "sales", ANN);
	SAYS(site_event_id(s, UUID, "call.missed", ANN, "queue", "sales", NULL),
	     "merged");
	SAYS(site_event_id(s, UUID, "call.missed", ANN, "queue", "sales", NULL),
	     "merged");
	IS(INT64_C(1001), "calls", "2");
}

Test(fn_event, answered_before_missed_leaves_nothing_open)
{
	(void)answered_at(ANN, SITE_T0 - 10000);
	SAYS(missed_at(ANN, SITE_T0 - 60000), "none");
	SAYS(missed_at(ANN, SITE_T0 - 5000), "made");
}

Test(fn_event, an_answered_call_closes_what_was_missed_before_it)
{
	struct reply *r;

	(void)missed_at(ANN, SITE_T0 - 60000);
	r = answered_at(ANN, SITE_T0);
	HAS(r, "event", "state", "answered");
	IS(INT64_C(1001), "state", "closed");
	IS(INT64_C(1001), "reason", "got-through");
	IS(INT64_C(1001), "promise", "");
	cr_assert_eq(redis_int(s->redis, "HGET", site_key("tally:2026-11-23"),
			       "sales|got-through", NULL),
		     1);
}

Test(fn_event, an_answered_call_leaves_what_was_missed_after_it)
{
	(void)missed_at(ANN, SITE_T0 - 10000);
	(void)answered_at(ANN, SITE_T0 - 60000);
	IS(INT64_C(1001), "state", "waiting");
}

Test(fn_event, an_answered_call_counts_by_the_last_ring_not_the_first)
{
	(void)missed_at(ANN, SITE_T0 - 60000);
	(void)missed_at(ANN, SITE_T0 - 10000);
	(void)answered_at(ANN, SITE_T0 - 30000);
	IS(INT64_C(1001), "state", "waiting");
	(void)answered_at(ANN, SITE_T0 - 10000);
	IS(INT64_C(1001), "state", "closed");
}

Test(fn_event, a_talk_that_was_too_short_got_nobody_through)
{
	(void)missed_at(ANN, SITE_T0 - 60000);
	SAYS(site_event(s, "call.answered", ANN, "queue", "sales", "talked_s",
			"19", NULL),
	     "none");
	IS(INT64_C(1001), "state", "waiting");
	(void)site_event(s, "call.answered", ANN, "queue", "sales", "talked_s",
			 "20", NULL);
	IS(INT64_C(1001), "state", "closed");
}

Test(fn_event, a_call_answered_in_another_queue_closes_nothing)
{
	(void)site_missed(s, "sales", ANN);
	(void)site_event(s, "call.answered", ANN, "queue", "billing", NULL);
	IS(INT64_C(1001), "state", "waiting");
	(void)site_event(s, "call.answered", ANN, NULL);
	IS(INT64_C(1001), "state", "closed");
}

Test(fn_event, an_answered_call_does_not_close_a_complaint)
{
	struct reply *r =
	    site_event(s, "complaint", ANN, "queue", "sales", NULL);

	SAYS(r, "made");
	HAS(r, "item", "kind", "complaint");
	(void)site_event(s, "call.answered", ANN, "queue", "sales", NULL);
	IS(INT64_C(1001), "state", "waiting");
}

Test(fn_event, an_answered_call_tells_the_holder_and_closes_nothing)
{
	site_serve(s, "sales", "anna");
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	site_after(s, 1000);
	(void)site_event(s, "call.answered", ANN, "queue", "sales", NULL);
	IS(INT64_C(1001), "state", "held");
	HAS(site_call(s, "next", "anna", "", "d1", "0", NULL), "told", "text",
	    "The customer has just got through to us, on sales.");
}

Test(fn_event, a_scheduled_retry_is_closed_by_an_answered_call)
{
	site_serve(s, "sales", "anna");
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "no-answer", NULL);
	IS(INT64_C(1001), "state", "scheduled");
	site_after(s, SITE_MIN);
	(void)site_event(s, "call.answered", ANN, "queue", "sales", NULL);
	IS(INT64_C(1001), "state", "closed");
	cr_assert_eq(redis_int(s->redis, "ZCARD", site_key("scheduled"), NULL),
		     0);
}

Test(fn_event, a_repeat_merges_and_keeps_what_was_used)
{
	struct reply *r;

	(void)site_missed(s, "sales", ANN);
	site_after(s, 3 * SITE_MIN);
	r = site_event(s, "call.missed", ANN, "queue", "sales", NULL);
	SAYS(r, "merged");
	HAS(r, "item", "number", "1001");
	HAS(r, "item", "used", "20");
	HAS(r, "item", "severity", "2");
	HAS(r, "item", "calls", "2");
	cr_assert_eq(reply_int(r, "item", "since"), SITE_T0);
	cr_assert_eq(reply_int(r, "item", "last_at"), SITE_T0 + 3 * SITE_MIN);
	cr_assert_eq(site_logged(s, "alert", 0), 0);
}

Test(fn_event, severity_grows_by_repeats_only_to_the_limit)
{
	for (int i = 0; i < 6; i++)
		(void)site_missed(s, "sales", ANN);
	IS(INT64_C(1001), "severity", "3");
	IS(INT64_C(1001), "calls", "6");
}

Test(fn_event, in_another_queue_nothing_merges)
{
	cr_assert_eq(site_missed(s, "sales", ANN), 1001);
	cr_assert_eq(site_missed(s, "billing", ANN), 1002);
	cr_assert_eq(
	    redis_int(s->redis, "SCARD", site_key("person:p:" ANN), NULL), 2);
}

Test(fn_event, calls_from_a_shared_number_do_not_merge)
{
	(void)site_customer(s, "C1", "phones", ANN, "shared", "1", NULL);
	cr_assert_eq(site_missed(s, "sales", ANN), 1001);
	cr_assert_eq(site_missed(s, "sales", ANN), 1002);
}

Test(fn_event, an_answered_call_from_a_shared_number_closes_nothing)
{
	(void)site_customer(s, "C1", "phones", ANN, "shared", "1", NULL);
	(void)site_missed(s, "sales", ANN);
	site_after(s, 1000);
	HAS(site_event(s, "call.answered", ANN, "queue", "sales", NULL),
	    "event", "reason", "shared number");
	IS(INT64_C(1001), "state", "waiting");
	(void)missed_at(ANN, SITE_T0);
	IS(INT64_C(1002), "state", "waiting");
}

Test(fn_event, a_repeat_while_a_retry_waits_calls_it_up_at_once)
{
	site_serve(s, "sales", "anna");
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "no-answer", NULL);
	site_after(s, SITE_MIN);
	SAYS(site_event(s, "call.missed", ANN, "queue", "sales", NULL),
	     "merged");
	IS(INT64_C(1001), "state", "waiting");
	IS(INT64_C(1001), "promise", "kept");
}

Test(fn_event, a_repeat_does_not_break_an_appointment)
{
	site_serve(s, "sales", "anna");
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "later", "at", id(SITE_T0 + SITE_HOUR),
			   NULL);
	SAYS(site_event(s, "call.missed", ANN, "queue", "sales", NULL),
	     "merged");
	IS(INT64_C(1001), "state", "scheduled");
	IS(INT64_C(1001), "why", "appointment");
}

Test(fn_event, our_own_numbers_are_ignored)
{
	SAYS(
	    site_event(s, "call.missed", "+4930123456", "queue", "sales", NULL),
	    "none");
	SAYS(site_event(s, "call.answered", "+4930123456", NULL), "none");
	SAYS(site_event(s, "call.missed", "+4930124", "queue", "sales", NULL),
	     "made");
}

Test(fn_event, five_seconds_are_no_misdial)
{
	SAYS(site_event(s, "call.missed", ANN, "waited_s", "5", NULL), "made");
	SAYS(site_event(s, "call.missed", BEA, "waited_s", "4", NULL), "none");
	SAYS(site_event(s, "call.missed", CAT, "waited_s", "1", "source", "web",
			NULL),
	     "made");
}

Test(fn_event, uncallable_events_are_counted_by_reason)
{
	struct reply *r = site_event(s, "call.missed", "", "queue", "sales",
				     "phone_kind", "withheld", NULL);

	SAYS(r, "none");
	HAS(r, "event", "state", "uncallable");
	HAS(r, "event", "reason", "withheld");
	(void)site_event(s, "call.missed", "", "queue", "sales", "phone_kind",
			 "emergency", NULL);
	(void)site_event(s, "call.missed", "", "queue", "sales", NULL);
	cr_assert_eq(redis_int(s->redis, "HGET", site_key("tally:2026-11-23"),
			       "sales|uncallable:withheld", NULL),
		     1);
	cr_assert_eq(redis_int(s->redis, "HGET", site_key("tally:2026-11-23"),
			       "sales|uncallable:emergency", NULL),
		     1);
	cr_assert_eq(redis_int(s->redis, "HGET", site_key("tally:2026-11-23"),
			       "sales|uncallable:no number", NULL),
		     1);
	cr_assert_eq(redis_int(s->redis, "EXISTS", site_key("item:1001"), NULL),
		     0);
}

Test(fn_event, a_known_customer_whose_number_is_withheld_is_called_on_his)
{
	(void)site_customer(s, "C1", "name", "Maria", "phones", ANN "," BEA,
			    NULL);
	SAYS(site_event(s, "callback.requested", "", "customer", "C1", "queue",
			"sales", NULL),
	     "made");
	IS(INT64_C(1001), "phone", ANN);
	IS(INT64_C(1001), "person", "c:C1");
}

Test(fn_event, who_said_never_call_makes_no_item)
{
	struct reply *r;

	(void)site_customer(s, "C1", "phones", ANN, "never_call", "1", NULL);
	r = site_event(s, "call.missed", ANN, "queue", "sales", NULL);
	HAS(r, "event", "state", "uncallable");
	HAS(r, "event", "reason", "never-call");
	SAYS(site_event(s, "complaint", ANN, "queue", "sales", NULL), "made");
}

Test(fn_event, times_of_the_future_and_the_distant_past_are_clamped)
{
	(void)missed_at(ANN, SITE_T0 + 5 * SITE_HOUR);
	cr_assert_eq(strtoll(site_field(s, 1001, "since"), NULL, 10), SITE_T0);
	(void)missed_at(BEA, SITE_T0 - 30 * SITE_DAY);
	cr_assert_eq(strtoll(site_field(s, 1002, "since"), NULL, 10),
		     SITE_T0 - 7 * SITE_DAY);
}

Test(fn_event, an_old_event_enters_with_what_it_has_used)
{
	struct reply *r = missed_at(ANN, SITE_T0 - 6 * SITE_MIN);

	HAS(r, "item", "used", "40");
	cr_assert_eq(reply_int(r, "item", "due"), SITE_T0 + 9 * SITE_MIN);
}

Test(fn_event, an_event_of_last_night_has_used_nothing_of_the_night)
{
	/* Opened 07:00 UTC, two hours ago. */
	struct reply *r = site_event(s, "complaint", ANN, "queue", "sales",
				     "time", id(SITE_T0 - 8 * SITE_HOUR), NULL);

	HAS(r, "item", "used", "50");
}

Test(fn_event, an_event_that_comes_late_and_broken_is_told_of_at_once)
{
	(void)missed_at(ANN, SITE_T0 - SITE_HOUR);
	site_tick(s);
	cr_assert_eq(site_logged(s, "alert:at-risk", 1001), 1);
	cr_assert_eq(site_logged(s, "alert:broken", 1001), 1);
	cr_assert_eq(site_logged(s, "alert:escalated", 1001), 1);
}

Test(fn_event,
     the_queue_is_the_named_one_the_dialled_one_the_sources_the_default)
{
	(void)site_policy(s, "source:web", "{\"queue\":\"billing\"}", NULL);
	(void)site_event(s, "call.missed", ANN, "queue", "billing", "to",
			 "+49301111", NULL);
	(void)site_event(s, "call.missed", BEA, "to", "+49302222", NULL);
	(void)site_event(s, "call.missed", CAT, "source", "web", NULL);
	(void)site_event(s, "call.missed", DAN, NULL);
	IS(INT64_C(1001), "queue", "billing");
	IS(INT64_C(1002), "queue", "billing");
	IS(INT64_C(1003), "queue", "billing");
	IS(INT64_C(1004), "queue", "sales");
}

Test(fn_event, a_queue_that_does_not_exist_loses_no_call)
{
	SAYS(site_event(s, "call.missed", ANN, "queue", "sals", NULL), "made");
	IS(INT64_C(1001), "queue", "sales");
	cr_assert_eq(site_logged(s, "no-queue", 0), 1);
}

Test(fn_event, a_wished_time_is_an_appointment_for_anyone)
{
	site_serve(s, "sales", "anna");
	(void)site_event(s, "callback.requested", ANN, "queue", "sales",
			 "callback_at", id(SITE_T0 + SITE_HOUR), NULL);
	IS(INT64_C(1001), "state", "scheduled");
	IS(INT64_C(1001), "why", "appointment");
	cr_assert_eq(site_next(s, "anna", ""), 0);
	site_pass(s, SITE_HOUR);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
}

Test(fn_event, feedback_makes_no_item_and_is_kept)
{
	struct reply *r =
	    site_event(s, "feedback", ANN, "text", "thank you", NULL);

	SAYS(r, "none");
	HAS(r, "event", "state", "recorded");
	cr_assert_eq(
	    redis_int(s->redis, "LLEN", site_key("words:p:" ANN), NULL), 1);
}

Test(fn_event, the_last_words_of_a_person_are_kept)
{
	char text[16];

	(void)site_policy(s, "feedback_most", "3", NULL);
	for (int i = 0; i < 4; i++) {
		(void)snprintf(text, sizeof text, "n%d", i);
		(void)site_event(s, "feedback", ANN, "text", text, NULL);
		cr_expect_eq(
		    redis_int(s->redis, "LLEN", site_key("words:p:" ANN), NULL),
		    i < 3 ? i + 1 : 3);
	}
}

Test(fn_event, the_last_of_what_happened_to_an_item_is_kept)
{
	struct reply *r;
	char text[16];

	(void)site_missed(s, "sales", ANN);
	(void)site_policy(s, "history_most", "4", NULL);
	for (int i = 0; i < 4; i++) {
		(void)snprintf(text, sizeof text, "n%d", i);
		(void)site_call(s, "note", "anna", "", "1001", text, NULL);
		r = site_call(s, "item", "1001", "", NULL);
		cr_expect_eq((int)reply_count(r, "history"), i < 3 ? i + 2 : 4);
	}
	cr_expect_str_eq(reply_get_nth(r, "history", 0, "text"), "n0");
	cr_expect_str_eq(reply_get_nth(r, "history", 3, "text"), "n3");
}

Test(fn_event, a_merge_tells_the_holder)
{
	site_serve(s, "sales", "anna");
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	SAYS(site_event(s, "call.missed", ANN, "queue", "sales", NULL),
	     "merged");
	HAS(site_call(s, "next", "anna", "", "d1", "0", NULL), "told", "text",
	    "The customer is ringing us again, on sales.");
}

Test(fn_event, how_long_the_caller_waited_goes_with_the_item)
{
	(void)site_event(s, "call.missed", ANN, "queue", "sales", "waited_s",
			 "41", NULL);
	IS(INT64_C(1001), "waited_s", "41");
	(void)site_event(s, "call.missed", ANN, "queue", "sales", "waited_s",
			 "130", NULL);
	IS(INT64_C(1001), "waited_s", "130");
}
