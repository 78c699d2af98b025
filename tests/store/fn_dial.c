/* Calling a customer back, as far as the site knows of it. */
#include "tests/store/fn.h"

FUNCTIONS(fn_dial);

#define CALL1 "3f1d2c3a-0000-4000-8000-000000000001"
#define CALL2 "3f1d2c3a-0000-4000-8000-000000000002"

static struct reply *
dial(const char *agent, const char *item, const char *fence, const char *call)
{
	return site_call(s, "dial", agent, "", item, fence, call, "", NULL);
}

static struct reply *
dialled(const char *call, const char *result, const char *outcome,
	const char *talked_s)
{
	return site_call(s, "dialled", "anna", "1001", call, result, outcome,
			 talked_s, NULL);
}

static struct reply *
look(const char *item)
{
	return site_call(s, "item", item, "anna", NULL);
}

/* Anna, at telephone 1001, holds 1001. */
static void
held(void)
{
	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	(void)site_call(s, "agent_phone", "anna", "201", "lea", NULL);
	(void)site_missed(s, "sales", ANN);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
}

static size_t
count_history(const char *type)
{
	struct reply *r = look("1001");
	size_t n = 0;

	for (size_t i = 0; i < reply_count(r, "history"); i++)
		n += strcmp(reply_get_nth(r, "history", i, "type"), type) == 0;
	return n;
}

static const char *
last_history(const char *field)
{
	struct reply *r = look("1001");

	return reply_get_nth(r, "history", reply_count(r, "history") - 1,
			     field);
}

Test(fn_dial, whom_to_ring_and_from_where_is_told_to_the_one_who_holds)
{
	struct reply *r;

	held();
	r = dial("anna", "held", site_field(s, 1001, "fence"), CALL1);
	SAYS(r, "ok");
	HAS(r, "dial", "number", "1001");
	HAS(r, "dial", "phone", "201");
	HAS(r, "dial", "to", ANN);
	HAS(r, "dial", "caller_id", "+49301111");
	HAS(r, "dial", "source", "pbx");
	r = look("1001");
	HAS(r, "calling", "call", CALL1);
	HAS(r, "calling", "state", "agent");
	cr_assert_eq(reply_int(r, "calling", "called_at"), SITE_T0);
	cr_assert_eq(count_history("calling"), 1);
	cr_assert_eq(site_logged(s, "calling", 1001), 1);
}

Test(fn_dial, only_what_is_ones_own_and_open_may_be_called)
{
	held();
	(void)site_missed(s, "sales", BEA);
	SAYS(dial("anna", "999", "", CALL1), "no-item");
	SAYS(dial("ben", "held", "", CALL1), "no-item");
	SAYS(dial("ben", "1001", "", CALL1), "taken");
	SAYS(dial("anna", "1002", "", CALL1), "not-held");
	SAYS(dial("anna", "1001", "7", CALL1), "stale");
	(void)site_outcome(s, "anna", "done", NULL);
	SAYS(dial("anna", "1001", "", CALL1), "closed");
	cr_assert_eq(site_logged(s, "calling", 0), 0);
}

Test(fn_dial, one_who_must_not_be_rung_is_not)
{
	held();
	(void)redis_int(s->redis, "SADD", site_key("never_call"), ANN, NULL);
	SAYS(dial("anna", "1001", "", CALL1), "never-call");
	(void)redis_int(s->redis, "SREM", site_key("never_call"), ANN, NULL);
	(void)redis_int(s->redis, "HSET", site_key("item:1001"), "phone", "",
			NULL);
	SAYS(dial("anna", "1001", "", CALL1), "no-number");
	IS(INT64_C(1001), "call", "");
}

Test(fn_dial, nor_outside_the_hours_of_his_clock)
{
	struct reply *r;

	site_serve(s, "sales", "anna");
	(void)site_call(s, "agent_phone", "anna", "201", "lea", NULL);
	site_calendar(s, "window:Europe/Berlin|09:00-20:00", 480, 1140, -1);
	(void)site_missed(s, "sales", ANN);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
	for (int i = 0; i < 40; i++) { /* 10:00 and later, until it is over */
		site_after(s, 15 * SITE_MIN);
		(void)site_call(s, "extend", "anna", "", "1001", NULL);
	}
	r = dial("anna", "1001", "", CALL1);
	SAYS(r, "window");
	cr_assert_gt(reply_int(r, "item", "opens"), s->now_ms);
}

Test(fn_dial, a_telephone_is_needed_and_may_be_another_for_once)
{
	struct reply *r;

	held();
	(void)site_call(s, "agent_phone", "anna", "", "lea", NULL);
	SAYS(dial("anna", "1001", "", CALL1), "no-phone");
	r = site_call(s, "dial", "anna", "", "1001", "", CALL1, "77", NULL);
	HAS(r, "dial", "phone", "77");
	HAS(site_call(s, "me", "anna", NULL), "me", "phone", "");
	cr_assert_eq(site_logged(s, "agent-phone", 0), 2);
}

Test(fn_dial, ones_telephone_is_shown_with_whom_one_holds)
{
	struct reply *r;

	held();
	(void)site_call(s, "agent_phone", "ben", "202", "ben", NULL);
	HAS(site_call(s, "me", "anna", NULL), "me", "phone", "201");
	HAS(site_call(s, "agents", NULL), "agent", "phone", "201");
	r = site_call(s, "phones", NULL);
	cr_assert_eq(reply_count(r, "phone"), 2);
	for (size_t i = 0; i < 2; i++) {
		bool anna =
		    strcmp(reply_get_nth(r, "phone", i, "agent"), "anna") == 0;

		cr_assert_str_eq(reply_get_nth(r, "phone", i, "phone"),
				 anna ? "201" : "202");
		cr_assert_str_eq(reply_get_nth(r, "phone", i, "holding"),
				 anna ? "1001" : "");
	}
}

Test(fn_dial, one_attempt_a_customer)
{
	struct reply *r;

	held();
	(void)site_missed(s, "billing", ANN); /* joins the hold */
	(void)dial("anna", "1001", "", CALL1);
	r = dial("anna", "1001", "", CALL2);
	SAYS(r, "calling");
	HAS(r, "item", "call", CALL1);
	HAS(r, "item", "agent", "anna");
	SAYS(dial("anna", "1002", "", CALL2), "calling");
	(void)dialled(CALL1, "busy", "busy", "0");
	SAYS(dial("anna", "1002", "", CALL2), "ok");
}

Test(fn_dial, also_when_another_has_him_by_now)
{
	held();
	(void)dial("anna", "1001", "", CALL1);
	(void)site_call(s, "release", "anna", "", "1", "1001", "", "", NULL);
	cr_assert_eq(site_next(s, "ben", ""), 1001);
	SAYS(site_call(s, "dial", "ben", "", "1001", "", CALL2, "202", NULL),
	     "calling");
	SAYS(dialled(CALL1, "talked", "done", "9"), "gone");
	cr_assert_eq(count_history("called"), 0);
	cr_assert_eq(site_logged(s, "called", 1001), 1);
	SAYS(dialled(CALL1, "talked", "done", "9"), "gone");
	cr_assert_eq(site_logged(s, "called", 1001), 1);
	SAYS(site_call(s, "dial", "ben", "", "1001", "", CALL2, "202", NULL),
	     "ok");
}

Test(fn_dial, that_of_a_daemon_which_died_ends_by_time)
{
	struct reply *r;

	held();
	(void)dial("anna", "1001", "", CALL1);
	site_after(s, SITE_MIN);
	SAYS(site_call(s, "dialling", "anna", "1001", CALL1, "customer", NULL),
	     "ok");
	site_after(s, SITE_MIN);
	HAS(look("1001"), "calling", "state", "customer");
	SAYS(dial("anna", "1001", "", CALL2), "calling");
	site_after(s, SITE_MIN);
	r = look("1001");
	HAS(r, "calling", "state", "ended");
	HAS(r, "calling", "result", "lost");
	SAYS(dial("anna", "1001", "", CALL2), "ok");
	SAYS(site_call(s, "dialling", "anna", "1001", CALL1, "talking", NULL),
	     "gone");
	SAYS(dialled(CALL1, "talked", "done", "3"), "gone");
	HAS(look("1001"), "calling", "call", CALL2);
	HAS(look("1001"), "calling", "state", "agent");
	SAYS(dial("anna", "1001", "", CALL1), "calling");
}

Test(fn_dial, its_end_proposes_and_records_nothing)
{
	struct reply *r;

	held();
	(void)dial("anna", "1001", "", CALL1);
	SAYS(dialled(CALL1, "talked", "done", "190"), "ok");
	r = look("1001");
	HAS(r, "calling", "state", "ended");
	HAS(r, "calling", "result", "talked");
	HAS(r, "calling", "outcome", "done");
	HAS(r, "calling", "talked_s", "190");
	cr_assert_str_eq(last_history("text"), "talked 3:10");
	IS(INT64_C(1001), "state", "held");
	IS(INT64_C(1001), "tries", "0");
	IS(INT64_C(1001), "promise", "");
	SAYS(dialled(CALL1, "talked", "done", "190"), "ok");
	cr_assert_eq(count_history("called"), 1);
	cr_assert_eq(site_logged(s, "called", 1001), 1);
	SAYS(site_call(s, "dialling", "anna", "1001", CALL1, "talking", NULL),
	     "gone");
	SAYS(site_call(s, "dialling", "anna", "999", CALL1, "talking", NULL),
	     "gone");
}

Test(fn_dial, it_is_told_in_words)
{
	static const struct {
		const char *result, *talked_s, *words;
	} rows[] = {
		{ "no-answer", "0", "no answer" },
		{ "agent-no-answer", "0", "agent no answer" },
		{ "talked", "0", "talked 0:00" },
		{ "talked", "3600", "talked 1:00:00" },
	};

	held();
	for (size_t i = 0; i < 4; i++) {
		(void)dial("anna", "1001", "", id((int64_t)i));
		(void)dialled(id((int64_t)i), rows[i].result, "",
			      rows[i].talked_s);
		cr_assert_str_eq(last_history("text"), rows[i].words);
	}
}

Test(fn_dial, an_outcome_ends_what_the_card_says_of_it)
{
	held();
	(void)dial("anna", "1001", "", CALL1);
	(void)site_outcome(s, "anna", "reached", NULL);
	cr_assert_eq(reply_count(look("1001"), "calling"), 0);
	SAYS(dialled(CALL1, "talked", "done", "5"), "gone");
	cr_assert_eq(count_history("called"), 0);
	SAYS(dialled(CALL2, "talked", "done", "5"), "gone");
	SAYS(site_call(s, "dialled", "anna", "999", CALL1, "busy", "", "0",
		       NULL),
	     "gone");
}

Test(fn_dial, the_hold_goes_on_while_he_calls_up_to_its_longest_time)
{
	int64_t until;

	held();
	until =
	    redis_int(s->redis, "HGET", site_key("hold:anna"), "until", NULL);
	site_after(s, 10 * SITE_MIN);
	(void)dial("anna", "1001", "", CALL1);
	cr_assert_eq(
	    redis_int(s->redis, "HGET", site_key("hold:anna"), "until", NULL),
	    until + 10 * SITE_MIN);
	for (int i = 0; i < 60; i++) {
		site_after(s, SITE_MIN / 2);
		(void)site_call(s, "dialling", "anna", "1001", CALL1, "talking",
				NULL);
	}
	cr_assert_eq(
	    redis_int(s->redis, "HGET", site_key("hold:anna"), "until", NULL),
	    until + 30 * SITE_MIN);
}

Test(fn_dial, a_redis_that_forgot_it_is_told_again)
{
	held();
	(void)dial("anna", "1001", "", CALL1);
	cr_assert_eq(
	    redis_int(s->redis, "EXISTS", site_key("dial:p:%s", ANN), NULL), 1);
	(void)redis_int(s->redis, "DEL", site_key("dial:p:%s", ANN), NULL);
	SAYS(site_call(s, "dialling", "anna", "1001", CALL1, "agent", NULL),
	     "ok");
	cr_assert_eq(
	    redis_int(s->redis, "EXISTS", site_key("dial:p:%s", ANN), NULL), 1);
}
