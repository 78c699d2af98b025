/* One person: all of him is told, and all of him is forgotten. */
#include "tests/store/fn_privacy.h"

FUNCTIONS(fn_privacy);

/* A text of its own in every field that a source, an agent or the directory may
 * fill in, of Maria (C1, ANN and BEA). */
static const char *const marks[] = {
	"Mtext",       "Mcategory",   "Mlink",     "Mraw",     "Mnote",
	"Mcause",      "Mcorrect",    "Mrelease",  "Mmove",    "Mspoken",
	"Mlater",      "Mdirectory",  "Mlanguage", "Mprefers", "Msecond",
	"+4930901001", "+4930901002",
};
#define MARKS (sizeof marks / sizeof *marks)

Test(fn_privacy, whoever_is_forgotten_is_nowhere_any_more)
{
	int64_t other;
	char *text;

	maria();
	other = somebody_else();
	text = dump();
	for (size_t i = 0; i < MARKS; i++)
		expect_mark(text, marks[i], true);
	free(text);
	cr_assert_eq(forget("C1", ""), 3);
	text = dump();
	for (size_t i = 0; i < MARKS; i++)
		expect_mark(text, marks[i], false);
	expect_mark(text, "Otto says", true);
	free(text);
	IS(other, "state", "waiting");
	IS(other, "name", "Otto");
	HAS(site_call(s, "customer", "C2", "", NULL), "customer", "id", "C2");
}

/* All that a page of the export says, at the end of *all; its cursor. */
static void
tell_page(char **all, char cursor[64])
{
	char now[32];
	redisReply *r;

	(void)snprintf(now, sizeof now, "%" PRId64, s->now_ms);
	r = redis_do(s->redis, "FCALL", "rb1_export", "1", "rb:{t}", now, "C1",
		     "", cursor, NULL);
	cr_assert_eq(r->type, REDIS_REPLY_ARRAY, "%s", r->str);
	cursor[0] = '\0';
	for (size_t i = 1; i < r->elements; i++) {
		const redisReply *part = r->element[i];

		for (size_t k = 1; k < part->elements; k++) {
			char *more;

			cr_assert(asprintf(&more, "%s%s\n", *all,
					   part->element[k]->str) > 0);
			free(*all);
			*all = more;
		}
		if (strcmp(part->element[0]->str, "page") == 0 &&
		    part->elements > 2)
			(void)snprintf(cursor, 64, "%s", part->element[2]->str);
	}
	freeReplyObject(r);
}

Test(fn_privacy, each_field_is_told_before)
{
	char cursor[64] = "", *all = strdup("");

	maria();
	for (int i = 0; i < 30; i++)
		(void)site_event(s, "complaint", BEA, "queue", "sales", NULL);
	(void)site_event(s, "complaint", BEA, "queue", "sales", "text",
			 "on the last page", NULL);
	(void)somebody_else();
	do
		tell_page(&all, cursor);
	while (*cursor != '\0');
	for (size_t i = 0; i < MARKS; i++)
		expect_mark(all, marks[i], true);
	expect_mark(all, "on the last page", true);
	expect_mark(all, "Otto", false);
	free(all);
}

Test(fn_privacy, an_open_item_is_closed_with_the_reason)
{
	redisReply *log;
	bool closed = false;

	(void)site_missed(s, "sales", ANN);
	(void)site_event(s, "call.missed", BEA, "queue", "sales", "callback_at",
			 id(s->now_ms + SITE_HOUR), NULL);
	cr_assert_eq(forget("", ANN), 1);
	log = redis_do(s->redis, "XRANGE", site_key("log"), "-", "+", NULL);
	for (size_t i = 0; i < log->elements; i++) {
		const redisReply *flat = log->element[i]->element[1];

		for (size_t k = 0; k + 1 < flat->elements; k += 2)
			closed =
			    closed ||
			    (strcmp(flat->element[k]->str, "reason") == 0 &&
			     strcmp(flat->element[k + 1]->str, "forgotten") ==
				 0);
	}
	cr_expect(closed);
	freeReplyObject(log);
	cr_expect_eq(site_logged(s, "forgotten", 0), 1);
	IS(INT64_C(1002), "state", "scheduled");
	cr_assert_eq(
	    redis_int(s->redis, "HGET", site_key("open"), "queue:sales", NULL),
	    1);
}

Test(fn_privacy, nobody_is_forgotten_while_somebody_has_him)
{
	struct reply *r;
	char *before;

	site_serve(s, "sales", "anna");
	(void)site_customer(s, "C1", "phones", ANN, NULL);
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	before = site_digest(s);
	r = site_call(s, "forget", "C1", "", "", SALT, "greta", NULL);
	SAYS(r, "held");
	HAS(r, "holder", "agent", "anna");
	HAS(r, "holder", "number", "1001");
	r = site_call(s, "forget", "", ANN, "", SALT, "greta", NULL);
	SAYS(r, "held");
	{
		char *after = site_digest(s);

		cr_expect_str_eq(before, after);
		free(after);
	}
	free(before);
	(void)site_outcome(s, "anna", "done", NULL);
	cr_expect_eq(forget("C1", ""), 1);
}

/* Taken between two slices: the agent loses it, and nothing else breaks. */
Test(fn_privacy, whom_somebody_takes_meanwhile_is_forgotten_all_the_same)
{
	struct reply *r;
	char cursor[64];

	site_serve(s, "sales", "anna");
	for (int i = 0; i < 150; i++)
		(void)site_event(s, "complaint", ANN, "queue", "sales", NULL);
	r = site_call(s, "forget", "", ANN, "", SALT, "greta", NULL);
	SAYS(r, "more");
	(void)snprintf(cursor, sizeof cursor, "%s",
		       reply_get(r, "forgotten", "cursor"));
	cr_assert_gt(site_next(s, "anna", ""), 0);
	SAYS(site_call(s, "forget", "", ANN, cursor, SALT, "greta", NULL),
	     "ok");
	cr_expect_eq(redis_int(s->redis, "EXISTS", site_key("holders"), NULL),
		     0);
	cr_expect_eq(redis_int(s->redis, "EXISTS", site_key("hold:anna"),
			       site_key("hold_items:anna"), NULL),
		     0);
	cr_expect_eq(site_next(s, "anna", ""), 0);
}

Test(fn_privacy, never_call_outlives_him_without_his_number)
{
	char *text;

	site_serve(s, "sales", "anna");
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "never-call", NULL);
	(void)site_customer(s, "C2", "phones", BEA, "never_call", "1", NULL);
	HAS(site_call(s, "forget", "", ANN, "", SALT, "greta", NULL),
	    "forgotten", "never_call", "1");
	HAS(site_call(s, "forget", "C2", "", "", SALT, "greta", NULL),
	    "forgotten", "never_call", "1");
	text = dump();
	expect_mark(text, ANN, false);
	expect_mark(text, BEA, false);
	free(text);
	site_after(s, SITE_MIN);
	HAS(site_event(s, "call.missed", ANN, "queue", "sales", NULL), "event",
	    "reason", "never-call");
	HAS(site_event(s, "call.missed", BEA, "queue", "sales", NULL), "event",
	    "reason", "never-call");
	/* The directory may unsay it. */
	(void)site_customer(s, "C3", "phones", ANN, "never_call", "0", NULL);
	SAYS(site_event(s, "call.missed", ANN, "queue", "sales", NULL), "made");
}

Test(fn_privacy, what_is_told_late_does_not_bring_him_back)
{
	char *text;

	site_serve(s, "sales", "anna");
	(void)site_event_id(s, "00000000-0000-5000-8000-00000000aaaa",
			    "call.missed", ANN, "queue", "sales", NULL);
	(void)forget("", ANN);
	/* The same once more; another of before, out of a journal; a new one.
	 */
	HAS(site_event_id(s, "00000000-0000-5000-8000-00000000aaaa",
			  "call.missed", ANN, "queue", "sales", NULL),
	    "event", "reason", "forgotten");
	site_after(s, 9 * SITE_DAY);
	HAS(site_event(s, "complaint", ANN, "queue", "sales", "name", "Maria",
		       "time", id(s->now_ms - 9 * SITE_DAY), NULL),
	    "event", "reason", "forgotten");
	HAS(site_event(s, "feedback", ANN, "text", "Maria", "time",
		       id(s->now_ms - 9 * SITE_DAY), NULL),
	    "event", "reason", "forgotten");
	text = dump();
	expect_mark(text, ANN, false);
	expect_mark(text, "Maria", false);
	free(text);
	SAYS(site_event(s, "call.missed", ANN, "queue", "sales", NULL), "made");
}

Test(fn_privacy, an_id_that_only_events_named_is_forgotten_too)
{
	(void)site_event(s, "call.missed", ANN, "queue", "sales", "customer",
			 "X9", NULL);
	(void)site_event(s, "call.answered", ANN, "queue", "sales", "customer",
			 "X9", NULL);
	(void)site_event(s, "call.missed", ANN, "queue", "sales", "customer",
			 "X8", NULL);
	cr_expect_eq(forget("X9", ""), 1);
	cr_expect_eq(
	    redis_int(s->redis, "EXISTS", site_key("answered:c:X9"), NULL), 0);
	IS(INT64_C(1002), "state", "waiting");
}

Test(fn_privacy, what_was_filed_under_another_customer_stays_and_is_named)
{
	struct reply *r;

	(void)site_customer(s, "C2", "phones", CAT, NULL);
	(void)site_event(s, "call.missed", ANN, "queue", "sales", "customer",
			 "C2", NULL);
	r = site_call(s, "forget", "", ANN, "", SALT, "greta", NULL);
	HAS(r, "forgotten", "others", "1");
	HAS(r, "forgotten", "other", "C2");
	IS(INT64_C(1001), "state", "waiting");
}

Test(fn_privacy, the_items_of_a_deleted_customer_are_found_by_his_number)
{
	site_serve(s, "sales", "anna");
	(void)site_customer(s, "C1", "phones", ANN, NULL);
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "done", NULL);
	(void)site_missed(s, "sales", ANN);
	(void)site_call(s, "customer_delete", "C1", NULL);
	cr_expect_eq(forget("", ANN), 2);
}

Test(fn_privacy, a_company_with_a_shared_number_goes_as_a_whole)
{
	(void)site_customer(s, "C1", "phones", ANN, "shared", "1", NULL);
	(void)site_missed(s, "sales", ANN);
	(void)site_missed(s, "sales", ANN);
	cr_expect_eq(forget("C1", ""), 2);
	cr_expect_eq(redis_int(s->redis, "EXISTS", site_key("shared:C1"), NULL),
		     0);
}

Test(fn_privacy, what_was_forgotten_cannot_be_undone)
{
	site_serve(s, "sales", "anna");
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "no-answer", "note", "Mnote", NULL);
	(void)forget("", ANN);
	SAYS(site_call(s, "undo", "anna", "", "", NULL), "nothing");
	SAYS(site_call(s, "outcome", "anna", "", "1", "1001", "", "done", NULL),
	     "no-item");
}

Test(fn_privacy, thousands_are_forgotten_a_few_at_a_time)
{
	struct reply *r;

	for (int i = 0; i < 250; i++)
		(void)site_event(s, "complaint", ANN, "queue", "sales", NULL);
	r = site_call(s, "forget", "", ANN, "", SALT, "greta", NULL);
	SAYS(r, "more");
	cr_expect_leq(reply_int(r, "forgotten", "items"), 200);
	cr_expect_eq(forget("", ANN), 250 - reply_int(r, "forgotten", "items"));
}

Test(fn_privacy, of_nobody_nothing_is_known_and_nothing_logged)
{
	struct reply *r =
	    site_call(s, "forget", "nobody", "", "", SALT, "greta", NULL);

	SAYS(r, "ok");
	HAS(r, "forgotten", "items", "0");
	HAS(r, "forgotten", "directory", "0");
	cr_expect_eq(site_logged(s, "forgotten", 0), 0);
	r = site_call(s, "export", "nobody", "", "", NULL);
	cr_expect_eq(reply_count(r, "item"), 0);
}
