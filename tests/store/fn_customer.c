/* The directory, and what its changes do to what is open. */
#include "tests/store/fn.h"

FUNCTIONS(fn_customer);

Test(fn_customer, one_is_made_changed_found_and_deleted)
{
	struct reply *r = site_customer(s, "C1", "name", "Maria", "phones",
					ANN "," BEA, "value", "8400", NULL);

	SAYS(r, "created");
	HAS(r, "customer", "tier_now", "gold");
	SAYS(site_customer(s, "C1", "name", "Mary", "phones", ANN, NULL),
	     "changed");
	r = site_call(s, "customer", "", ANN, NULL);
	SAYS(r, "ok");
	HAS(r, "customer", "name", "Mary");
	HAS(r, "customer", "tier_now", "standard");
	cr_assert_eq(reply_int(r, "customer", "since"), SITE_T0);
	SAYS(site_call(s, "customer", "", BEA, NULL), "none");
	SAYS(site_call(s, "customer_delete", "C1", NULL), "ok");
	SAYS(site_call(s, "customer_delete", "C1", NULL), "none");
	SAYS(site_call(s, "customer", "C1", "", NULL), "none");
	SAYS(site_call(s, "customer", "", ANN, NULL), "none");
}

Test(fn_customer, they_are_listed_by_id_a_few_at_a_time)
{
	struct reply *r;

	(void)site_customer(s, "b", "name", "B", NULL);
	(void)site_customer(s, "a", "name", "A", NULL);
	(void)site_customer(s, "c", "name", "C", NULL);
	r = site_call(s, "customers", "", "2", NULL);
	cr_assert_eq(reply_count(r, "customer"), 2);
	cr_assert_str_eq(reply_get_nth(r, "customer", 1, "id"), "b");
	r = site_call(s, "customers", "b", "2", NULL);
	cr_assert_eq(reply_count(r, "customer"), 1);
	HAS(r, "customer", "name", "C");
}

Test(fn_customer, a_number_belongs_to_one_customer)
{
	struct reply *r;

	(void)site_customer(s, "C1", "phones", ANN, NULL);
	r = site_customer(s, "C2", "phones", BEA "," ANN, NULL);
	SAYS(r, "phone-taken");
	HAS(r, "customer", "id", "C1");
	SAYS(site_call(s, "customer", "", BEA, NULL), "none");
}

Test(fn_customer, a_tier_that_does_not_exist_is_refused)
{
	SAYS(site_customer(s, "C1", "tier", "goold", NULL), "no-tier");
	SAYS(site_call(s, "customer", "C1", "", NULL), "none");
}

Test(fn_customer, a_tier_that_is_set_beats_the_value)
{
	HAS(site_customer(s, "C1", "tier", "platinum", "value", "1", NULL),
	    "customer", "tier_now", "platinum");
}

Test(fn_customer, a_change_of_value_moves_what_waits_and_keeps_its_share)
{
	(void)site_customer(s, "C1", "phones", ANN, "value", "10", NULL);
	(void)site_missed(s, "sales", ANN);
	site_after(s, 12 * SITE_MIN);
	cr_assert_eq(site_used(s, 1001), 20);
	(void)site_customer(s, "C1", "phones", ANN, "value", "30000", NULL);
	IS(INT64_C(1001), "tier", "platinum");
	IS(INT64_C(1001), "target", "300000");
	cr_assert_eq(site_used(s, 1001), 20);
	cr_assert_eq(redis_int(s->redis, "HGET", site_key("open"),
			       "tier:standard", NULL),
		     0);
	cr_assert_eq(redis_int(s->redis, "HGET", site_key("open"),
			       "tier:platinum", NULL),
		     1);
}

Test(fn_customer, a_change_of_value_reaches_what_is_held_and_scheduled)
{
	site_serve(s, "sales", "anna");
	(void)site_customer(s, "C1", "phones", ANN, "value", "10", NULL);
	(void)site_missed(s, "sales", ANN);
	(void)site_event(s, "complaint", ANN, "queue", "sales", NULL);
	(void)site_next(s, "anna", "");
	(void)site_customer(s, "C1", "phones", ANN, "value", "3000", NULL);
	IS(INT64_C(1001), "tier", "gold");
	IS(INT64_C(1001), "state", "held");
	(void)site_outcome(s, "anna", "no-answer", NULL);
	(void)site_customer(s, "C1", "phones", ANN, "value", "30000", NULL);
	IS(INT64_C(1001), "tier", "platinum");
	IS(INT64_C(1002), "tier", "platinum");
	IS(INT64_C(1001), "state", "scheduled");
}

Test(fn_customer, an_import_attaches_open_items_of_the_number)
{
	(void)site_missed(s, "sales", ANN);
	IS(INT64_C(1001), "unknown", "1");
	(void)site_customer(s, "C1", "name", "Maria", "phones", ANN, "value",
			    "25000", NULL);
	IS(INT64_C(1001), "person", "c:C1");
	IS(INT64_C(1001), "customer", "C1");
	IS(INT64_C(1001), "name", "Maria");
	IS(INT64_C(1001), "tier", "platinum");
	IS(INT64_C(1001), "unknown", "");
	SAYS(site_event(s, "call.missed", ANN, "queue", "sales", NULL),
	     "merged");
}

Test(fn_customer, an_import_while_held_keeps_the_hold)
{
	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	(void)site_customer(s, "C1", "phones", ANN, NULL);
	IS(INT64_C(1001), "state", "held");
	IS(INT64_C(1001), "person", "c:C1");
	(void)site_event(s, "complaint", ANN, "queue", "sales", NULL);
	IS(INT64_C(1002), "agent", "anna");
	SAYS(site_outcome(s, "anna", "done", NULL), "ok");
}

Test(fn_customer, two_held_numbers_that_turn_out_to_be_one_person_stay_held)
{
	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	(void)site_missed(s, "sales", ANN);
	(void)site_missed(s, "sales", BEA);
	(void)site_next(s, "anna", "");
	(void)site_next(s, "ben", "");
	(void)site_customer(s, "C1", "phones", ANN "," BEA, NULL);
	IS(INT64_C(1001), "agent", "anna");
	IS(INT64_C(1002), "agent", "ben");
	SAYS(site_outcome(s, "anna", "done", NULL), "ok");
	SAYS(site_outcome(s, "ben", "done", NULL), "ok");
	cr_assert_eq(redis_int(s->redis, "EXISTS", site_key("holders"), NULL),
		     0);
}

Test(fn_customer, a_deleted_customers_items_go_on_as_the_numbers)
{
	(void)site_customer(s, "C1", "name", "Maria", "phones", ANN, NULL);
	(void)site_missed(s, "sales", ANN);
	(void)site_call(s, "customer_delete", "C1", NULL);
	IS(INT64_C(1001), "person", "p:" ANN);
	IS(INT64_C(1001), "customer", "");
	IS(INT64_C(1001), "state", "waiting");
	SAYS(site_event(s, "call.missed", ANN, "queue", "sales", NULL),
	     "merged");
}

Test(fn_customer, a_list_that_is_silent_about_it_does_not_unsay_never_call)
{
	site_serve(s, "sales", "anna");
	(void)site_customer(s, "C1", "phones", ANN, NULL);
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "never-call", NULL);
	(void)site_customer(s, "C1", "phones", ANN, "value", "5", NULL);
	HAS(site_call(s, "customer", "C1", "", NULL), "customer", "never_call",
	    "1");
	SAYS(site_event(s, "call.missed", ANN, "queue", "sales", NULL), "none");
	(void)site_customer(s, "C1", "phones", ANN, "never_call", "0", NULL);
	SAYS(site_event(s, "call.missed", ANN, "queue", "sales", NULL), "made");
}

Test(fn_customer, never_call_of_one_the_directory_does_not_know_makes_no_record)
{
	site_serve(s, "sales", "anna");
	(void)site_event(s, "call.missed", ANN, "queue", "sales", "customer",
			 "X9", NULL);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
	(void)site_outcome(s, "anna", "never-call", NULL);
	SAYS(site_call(s, "customer", "X9", "", NULL), "none");
	SAYS(site_event(s, "complaint", BEA, "queue", "sales", "customer", "X9",
			NULL),
	     "made");
}

Test(fn_customer, a_change_of_time_zone_moves_the_hours_in_which_he_is_called)
{
	site_calendar(s, "window:America/New_York|09:00-20:00", 840, 1500, -1);
	(void)site_customer(s, "C1", "phones", ANN, NULL);
	(void)site_missed(s, "sales", ANN);
	IS(INT64_C(1001), "state", "waiting");
	(void)site_customer(s, "C1", "phones", ANN, "timezone",
			    "America/New_York", NULL);
	IS(INT64_C(1001), "state", "scheduled");
	IS(INT64_C(1001), "why", "window");
}

Test(fn_customer, a_shared_number_keeps_its_callers_apart)
{
	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	(void)site_customer(s, "C1", "phones", ANN, "shared", "1", NULL);
	(void)site_missed(s, "sales", ANN);
	(void)site_missed(s, "sales", ANN);
	cr_assert_eq(site_next(s, "anna", ""), 1001);
	cr_assert_eq(site_next(s, "ben", ""), 1002);
}
