/* What people look at, and what time itself does. */
#include "tests/store/fn.h"

FUNCTIONS(fn_view);

static void
some_of_all(void)
{
	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "done", "note", "wants the invoice",
			   NULL);
	(void)site_missed(s, "sales", BEA);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "no-answer", NULL);
	(void)site_missed(s, "sales", CAT);
	(void)site_next(s, "anna", "");
	(void)site_event(s, "call.missed", DAN, "queue", "sales", "time",
			 id(s->now_ms - 16 * SITE_MIN), NULL);
	(void)site_event(s, "call.missed", "+493011", "queue", "sales", "time",
			 id(s->now_ms - 12 * SITE_MIN), NULL);
	(void)site_event(s, "complaint", "+493012", "queue", "billing", NULL);
}

static struct reply *
list(const char *field, const char *value)
{
	return site_call(s, "items", "0", "50", field, value, NULL);
}

Test(fn_view, the_queues_count_what_there_is)
{
	struct reply *r;

	some_of_all();
	r = site_call(s, "queues", NULL);
	HAS(r, "queue", "queue", "sales");
	HAS(r, "queue", "open", "1");
	cr_assert_eq(reply_int(r, "queue", "till"), SITE_T0 + 8 * SITE_HOUR);
	HAS(r, "queue", "waiting", "2");
	HAS(r, "queue", "late", "1");
	HAS(r, "queue", "at_risk", "1");
	HAS(r, "queue", "held", "1");
	HAS(r, "queue", "scheduled", "1");
	HAS(r, "queue", "agents", "2");
	HAS(r, "queue", "agents_on", "1");
	HAS(r, "queue", "kept", "2");
	HAS(r, "queue", "promises", "2");
	HAS(r, "queue", "asked", "5");
	cr_assert_eq(reply_int(r, "queue", "next_due"), SITE_T0 - SITE_MIN);
	cr_assert_str_eq(reply_get_nth(r, "queue", 1, "queue"), "billing");
	cr_assert_str_eq(reply_get_nth(r, "queue", 1, "waiting"), "1");
	HAS(r, "source", "name", "pbx");
	HAS(r, "source", "events", "6");
}

Test(fn_view, the_list_has_held_waiting_scheduled_and_asked_closed)
{
	struct reply *r;

	some_of_all();
	r = site_call(s, "items", "0", "50", NULL);
	HAS(r, "list", "total", "5");
	cr_assert_eq(reply_count(r, "item"), 5);
	r = list("all", "1");
	HAS(r, "list", "total", "6");
	HAS(list("state", "held"), "item", "number", "1003");
	HAS(list("state", "scheduled"), "item", "number", "1002");
	HAS(list("state", "closed"), "item", "number", "1001");
	HAS(list("queue", "billing"), "item", "number", "1006");
	HAS(list("kind", "complaint"), "list", "total", "1");
	HAS(list("agent", "anna"), "list", "total", "1");
	HAS(list("customer", CAT), "item", "number", "1003");
	HAS(list("tier", "platinum"), "list", "total", "0");
	HAS(list("state", "waiting"), "item", "number", "1004");
	HAS(list("queue", "none"), "list", "total", "0");
}

Test(fn_view, a_list_is_read_on_from_its_cursor)
{
	struct reply *r;

	some_of_all();
	r = site_call(s, "items", "0", "2", NULL);
	cr_assert_eq(reply_count(r, "item"), 2);
	HAS(r, "list", "cursor", "2");
	r = site_call(s, "items", "4", "2", NULL);
	cr_assert_eq(reply_count(r, "item"), 1);
	HAS(r, "list", "cursor", "");
}

Test(fn_view, one_item_comes_with_its_history_and_what_was_before)
{
	struct reply *r;

	some_of_all();
	r = site_call(s, "item", "1001", "", NULL);
	cr_assert_str_eq(reply_get_nth(r, "history", 0, "type"), "event");
	cr_assert_str_eq(reply_get_nth(r, "history", 1, "type"), "outcome");
	cr_assert_str_eq(reply_get_nth(r, "history", 1, "text"),
			 "done wants the invoice");
	HAS(r, "queue", "say_first", "Sorry that we missed you.");
	(void)site_missed(s, "sales", ANN);
	r = site_call(s, "item", "1007", "", NULL);
	HAS(r, "before", "number", "1001");
	HAS(r, "before", "what", "done");
	HAS(r, "before", "agent", "anna");
	HAS(r, "before", "note", "wants the invoice");
	SAYS(site_call(s, "item", "4711", "", NULL), "no-item");
	SAYS(site_call(s, "item", "held", "ben", NULL), "no-item");
	SAYS(site_call(s, "item", "held", "anna", NULL), "ok");
	SAYS(site_call(s, "explain", "4711", "", NULL), "no-item");
}

Test(fn_view, a_function_that_only_reads_writes_nothing)
{
	char *before, *after;

	some_of_all();
	before = site_digest(s);
	(void)site_call(s, "queues", NULL);
	(void)site_call(s, "items", "0", "50", "all", "1", NULL);
	(void)site_call(s, "item", "1003", "anna", NULL);
	(void)site_call(s, "explain", "1004", "anna", NULL);
	(void)site_call(s, "estimate", "1004", NULL);
	(void)site_call(s, "me", "anna", NULL);
	(void)site_call(s, "agents", NULL);
	(void)site_call(s, "customer", "", ANN, NULL);
	(void)site_call(s, "customers", "", "9", NULL);
	(void)site_call(s, "calendars", NULL);
	(void)site_call(s, "policy_get", NULL);
	(void)site_call(s, "token", "aa", NULL);
	(void)site_call(s, "tokens", NULL);
	after = site_digest(s);
	cr_assert_str_eq(before, after);
	free(before);
	free(after);
}

Test(fn_view, the_words_that_are_refused_change_no_item)
{
	some_of_all();
	site_tick(s);
	for (int64_t n = 1001; n <= 1006; n++) {
		char rev[24];

		(void)snprintf(rev, sizeof rev, "%s", site_field(s, n, "rev"));
		(void)site_call(s, "hold", "zoe", "", "1", id(n), NULL);
		(void)site_call(s, "outcome", "zoe", "", "1", id(n), "", "done",
				NULL);
		(void)site_call(s, "release", "zoe", "", "1", id(n), "", NULL);
		(void)site_call(s, "move", "zoe", "", "1", id(n), "up", "",
				NULL);
		IS(n, "rev", rev);
	}
}

Test(fn_view, a_tick_does_what_is_due_once)
{
	struct reply *r;
	char *before, *after;

	some_of_all();
	site_pass(s, 30 * SITE_MIN);
	before = site_digest(s);
	r = site_call(s, "tick", "", NULL);
	after = site_digest(s);
	SAYS(r, "ok");
	cr_assert_str_eq(before, after);
	free(before);
	free(after);
}

Test(fn_view, a_tick_moves_at_most_a_few_hundred_a_call)
{
	char phone[24];

	for (int i = 0; i < 500; i++) {
		(void)snprintf(phone, sizeof phone, "+4930555%03d", i);
		(void)site_event(s, "callback.requested", phone, "queue",
				 "sales", "callback_at",
				 id(SITE_T0 + SITE_HOUR), NULL);
	}
	site_after(s, SITE_HOUR);
	SAYS(site_call(s, "tick", "", NULL), "more");
	cr_assert_eq(redis_int(s->redis, "ZCARD", site_key("scheduled"), NULL),
		     300);
	site_tick(s);
	cr_assert_eq(redis_int(s->redis, "ZCARD", site_key("scheduled"), NULL),
		     0);
}

Test(fn_view, a_tick_says_when_something_is_to_be_done_next)
{
	struct reply *r;

	site_serve(s, "sales", "anna");
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	r = site_call(s, "tick", "", NULL);
	cr_assert_eq(reply_int(r, "tick", "next_at"), SITE_T0 + 15 * SITE_MIN);
	(void)site_outcome(s, "anna", "busy", NULL);
	r = site_call(s, "tick", "", NULL);
	cr_assert_eq(reply_int(r, "tick", "next_at"), SITE_T0 + 5 * SITE_MIN);
}

Test(fn_view, what_was_closed_long_ago_is_forgotten_but_not_its_event)
{
	struct reply *r;

	some_of_all();
	s->now_ms += 91 * SITE_DAY;
	site_tick(s);
	cr_assert_eq(redis_int(s->redis, "EXISTS", site_key("item:1001"),
			       site_key("history:1001"), NULL),
		     0);
	cr_assert_eq(redis_int(s->redis, "EXISTS", site_key("item:1002"), NULL),
		     1);
	r = site_event_id(s, "00000000-0000-5000-8000-000000000001",
			  "call.missed", ANN, "queue", "sales", NULL);
	SAYS(r, "none");
	HAS(r, "event", "reason", "long ago");
}
