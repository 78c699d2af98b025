/* What was told of one call belongs together, whatever comes first. */
#include "tests/store/fn.h"

FUNCTIONS(fn_calls);

static struct reply *
missed_at(const char *phone, int64_t time)
{
	return site_event(s, "call.missed", phone, "queue", "sales", "time",
			  id(time), NULL);
}

static struct reply *
of_call(const char *type, const char *call, int64_t time, const char *talked_s)
{
	return site_event(s, type, ANN, "queue", "sales", "source", "pbx",
			  "call", call, "time", id(time), "talked_s", talked_s,
			  NULL);
}

Test(fn_calls, a_call_in_which_somebody_talked_was_not_missed)
{
	struct reply *r;

	(void)of_call("call.answered", "c1", SITE_T0 - 60000, "3");
	r = of_call("call.missed", "c1", SITE_T0 - 5000, "");
	SAYS(r, "none");
	HAS(r, "event", "state", "answered");
	SAYS(of_call("call.missed", "c2", SITE_T0 - 5000, ""), "made");
}

Test(fn_calls, the_same_call_of_another_source_is_another_call)
{
	(void)of_call("call.answered", "c1", SITE_T0 - 60000, "3");
	SAYS(site_event(s, "call.missed", ANN, "queue", "sales", "source",
			"web", "call", "c1", NULL),
	     "made");
}

Test(fn_calls, a_talk_told_late_closes_what_its_call_had_left_missed)
{
	struct reply *r;

	SAYS(of_call("call.missed", "c1", SITE_T0 - 5000, ""), "made");
	r = of_call("call.answered", "c1", SITE_T0 - 60000, "3");
	SAYS(r, "none");
	HAS(r, "event", "reason", "talked too short");
	IS(INT64_C(1001), "state", "closed");
	IS(INT64_C(1001), "reason", "got-through");
}

Test(fn_calls, a_talk_told_late_leaves_what_other_calls_had_missed)
{
	(void)missed_at(ANN, SITE_T0 - 90000);
	SAYS(of_call("call.missed", "c1", SITE_T0 - 5000, ""), "merged");
	(void)of_call("call.answered", "c1", SITE_T0 - 60000, "3");
	IS(INT64_C(1001), "state", "waiting");
	(void)of_call("call.answered", "c1", SITE_T0 - 60000, "120");
	IS(INT64_C(1001), "state", "closed");
}

Test(fn_calls, who_talks_now_is_not_missed_before_or_after)
{
	struct reply *r = of_call("call.talking", "c1", SITE_T0 - 60000, "");

	HAS(r, "event", "reason", "somebody talks");
	SAYS(of_call("call.missed", "c1", SITE_T0 - 5000, ""), "none");
	SAYS(of_call("call.missed", "c2", SITE_T0 - 5000, ""), "made");
	r = of_call("call.talking", "c2", SITE_T0 - 60000, "");
	HAS(r, "event", "reason", "closed what was open");
	IS(INT64_C(1001), "state", "closed");
}

Test(fn_calls, a_talk_without_a_length_lasts_from_when_it_began)
{
	struct reply *r;

	(void)missed_at(ANN, SITE_T0 - 90000);
	(void)of_call("call.talking", "c1", SITE_T0 - 60000, "");
	r = of_call("call.answered", "c1", SITE_T0 - 60000 + 19000, "");
	HAS(r, "event", "reason", "talked too short");
	IS(INT64_C(1001), "state", "waiting");
	(void)of_call("call.talking", "c2", SITE_T0 - 60000, "");
	(void)of_call("call.answered", "c2", SITE_T0 - 60000 + 20000, "");
	IS(INT64_C(1001), "state", "closed");
}

Test(fn_calls, the_end_of_a_call_is_an_answer_only_where_somebody_talked)
{
	struct reply *r;

	(void)missed_at(ANN, SITE_T0 - 90000);
	r = of_call("call.ended", "c1", SITE_T0 - 10000, "");
	HAS(r, "event", "reason", "nobody talked");
	IS(INT64_C(1001), "state", "waiting");
	(void)of_call("call.talking", "c2", SITE_T0 - 60000, "");
	(void)of_call("call.ended", "c2", SITE_T0 - 10000, "");
	IS(INT64_C(1001), "state", "closed");
	IS(INT64_C(1001), "reason", "got-through");
}

Test(fn_calls, the_end_of_a_call_makes_no_short_talk_longer)
{
	struct reply *r;

	(void)missed_at(ANN, SITE_T0 - 90000);
	(void)of_call("call.answered", "c1", SITE_T0 - 80000, "3");
	/* The caller spoke to a machine afterwards. */
	r = of_call("call.ended", "c1", SITE_T0 - 10000, "");
	HAS(r, "event", "reason", "told already");
	IS(INT64_C(1001), "state", "waiting");
}

Test(fn_calls, a_talk_told_late_tells_the_holder_once)
{
	site_serve(s, "sales", "anna");
	SAYS(of_call("call.missed", "c1", SITE_T0 - 5000, ""), "made");
	(void)site_next(s, "anna", "");
	(void)of_call("call.answered", "c1", SITE_T0 - 60000, "60");
	IS(INT64_C(1001), "state", "held");
	cr_assert_eq(site_logged(s, "answered", 1001), 1);
}
