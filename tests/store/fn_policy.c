/* The numbered value that all daemons act by; tokens. */
#include "tests/store/fn.h"

FUNCTIONS(fn_policy);

static const char *const two_queues = "[\"sales\",\"always\"]";

Test(fn_policy, the_same_file_is_the_same_number)
{
	struct reply *r = site_policy(s, NULL);

	SAYS(r, "ok");
	HAS(r, "policy", "number", "2");
	s->policies--;
	r = site_policy(s, NULL);
	SAYS(r, "same");
	HAS(r, "policy", "number", "2");
	r = site_call(s, "policy_get", NULL);
	HAS(r, "policy", "number", "2");
	HAS(r, "policy", "hash", "policy-2");
	cr_assert_eq(site_logged(s, "policy", 0), 2);
}

Test(fn_policy, dropping_a_queue_that_has_items_is_refused)
{
	struct reply *r;

	(void)site_missed(s, "billing", ANN);
	r = site_policy(s, "queues", two_queues, NULL);
	SAYS(r, "busy");
	HAS(r, "policy", "kind", "queue");
	HAS(r, "policy", "name", "billing");
	HAS(r, "policy", "count", "1");
	(void)site_call(s, "move", "lea", "", "2", "1001", "sales", "", NULL);
	SAYS(site_policy(s, "queues", two_queues, NULL), "ok");
}

Test(fn_policy, dropping_a_queue_with_a_scheduled_item_is_refused)
{
	site_serve(s, "billing", "anna");
	(void)site_missed(s, "billing", ANN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "no-answer", NULL);
	SAYS(site_policy(s, "queues", two_queues, NULL), "busy");
	site_pass(s, 30 * SITE_MIN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "done", NULL);
	SAYS(site_policy(s, "queues", two_queues, NULL), "ok");
}

Test(fn_policy, dropping_a_tier_that_has_items_is_refused)
{
	struct reply *r;

	(void)site_customer(s, "C1", "phones", ANN, "value", "5", NULL);
	(void)site_missed(s, "sales", ANN);
	r = site_policy(
	    s, "tiers",
	    "[{\"name\":\"gold\",\"value\":0,\"weight\":1,\"call-back\":900000,"
	    "\"complaint\":3600000}]",
	    NULL);
	SAYS(r, "busy");
	HAS(r, "policy", "kind", "tier");
	HAS(r, "policy", "name", "standard");
}

Test(fn_policy, a_new_target_is_for_what_waits_too_and_takes_no_share)
{
	(void)site_missed(s, "sales", ANN);
	site_after(s, 6 * SITE_MIN);
	(void)site_queue(s, "sales", "tiers",
			 "{\"gold\":{\"call-back\":1800000}}", NULL);
	site_tick(s);
	cr_assert_eq(site_used(s, 1001), 40);
	cr_assert_eq(
	    reply_int(site_call(s, "item", "1001", "", NULL), "item", "due"),
	    s->now_ms + 18 * SITE_MIN);
}

Test(fn_policy, a_new_policy_looks_at_everything_in_several_calls)
{
	char phone[24];
	int calls = 1;

	for (int i = 0; i < 450; i++) {
		(void)snprintf(phone, sizeof phone, "+4930555%03d", i);
		(void)site_missed(s, "sales", phone);
	}
	(void)site_queue(s, "sales", "tiers",
			 "{\"gold\":{\"call-back\":600000}}", NULL);
	while (!reply_is(site_call(s, "tick", "", NULL), "ok"))
		calls++;
	cr_assert_eq(calls, 3);
	for (int64_t n = 1001; n <= 1450; n++)
		IS(n, "target", "600000");
}

Test(fn_policy, a_token_is_made_shown_by_name_asked_and_revoked)
{
	struct reply *r;

	SAYS(site_call(s, "token_put", "pbx", "push", "aa11", NULL), "ok");
	SAYS(site_call(s, "token_put", "pbx", "push", "bb22", NULL), "exists");
	r = site_call(s, "token", "aa11", NULL);
	SAYS(r, "ok");
	HAS(r, "token", "name", "pbx");
	HAS(r, "token", "role", "push");
	SAYS(site_call(s, "token", "bb22", NULL), "none");
	r = site_call(s, "tokens", NULL);
	cr_assert_eq(reply_count(r, "token"), 1);
	cr_assert_eq(reply_int(r, "token", "created"), SITE_T0);
	SAYS(site_call(s, "token_revoke", "pbx", NULL), "ok");
	SAYS(site_call(s, "token_revoke", "pbx", NULL), "none");
	SAYS(site_call(s, "token", "aa11", NULL), "none");
}

Test(fn_policy, the_book_has_the_sums_of_all_tokens_that_are_good)
{
	struct reply *r = site_call(s, "token_book", NULL);

	SAYS(r, "ok");
	cr_assert_eq(reply_count(r, "token"), 0);
	(void)site_call(s, "token_put", "wall", "watch", "bb22", NULL);
	(void)site_call(s, "token_put", "pbx", "push", "aa11", NULL);
	r = site_call(s, "token_book", NULL);
	SAYS(r, "ok");
	cr_assert_eq(reply_count(r, "token"), 2);
	HAS(r, "token", "sha256", "aa11");
	HAS(r, "token", "name", "pbx");
	HAS(r, "token", "role", "push");
	cr_assert_str_eq(reply_get_nth(r, "token", 1, "sha256"), "bb22");
	cr_assert_str_eq(reply_get_nth(r, "token", 1, "name"), "wall");
	cr_assert_str_eq(reply_get_nth(r, "token", 1, "role"), "watch");
	(void)site_call(s, "token_revoke", "pbx", NULL);
	r = site_call(s, "token_book", NULL);
	cr_assert_eq(reply_count(r, "token"), 1);
	HAS(r, "token", "sha256", "bb22");
}
