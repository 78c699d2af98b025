/* One entry a transition, and nothing in it by which a person is known. */
#include "tests/store/fn.h"

FUNCTIONS(fn_log);

/* A day in which everything happens, with names and words that must not show.
 */
static void
a_full_day(void)
{
	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	(void)site_customer(s, "C1", "name", "Zerbinetta", "phones", ANN, NULL);
	(void)site_event(s, "call.missed", ANN, "queue", "sales", "name",
			 "Zerbinetta", "text", "Xylophon", "raw", "030 901001",
			 NULL);
	(void)site_event(s, "call.missed", ANN, "queue", "sales", "text",
			 "Xylophon", NULL);
	(void)site_event(s, "complaint", ANN, "queue", "sales", "category",
			 "Quastenflosser", "text", "Xylophon", "link",
			 "http://zerbinetta/", NULL);
	(void)site_event(s, "feedback", ANN, "text", "Xylophon", NULL);
	(void)site_event(s, "call.missed", BEA, "queue", "sales", "name",
			 "Zerbinetta", NULL);
	(void)site_event(s, "call.missed", "", "raw", "anonymous", NULL);
	(void)site_next(s, "anna", "");
	(void)site_event(s, "call.answered", ANN, "queue", "sales", NULL);
	(void)site_outcome(s, "anna", "no-answer", "note", "Quastenflosser",
			   NULL);
	(void)site_call(s, "undo", "anna", "", NULL);
	(void)site_call(s, "note", "anna", "", "held", "Quastenflosser", NULL);
	(void)site_outcome(s, "anna", "done", "cause", "Quastenflosser",
			   "correction", "Xylophon", NULL);
	(void)site_next(s, "ben", "");
	(void)site_call(s, "release", "ben", "", "1", "held", "Quastenflosser",
			NULL);
	(void)site_call(s, "move", "lea", "", "2", "1003", "billing",
			"Quastenflosser", NULL);
	for (int i = 0; i < 20; i++)
		site_pass(s, 3 * SITE_MIN);
	(void)site_next(s, "ben", "");
	(void)site_outcome(s, "ben", "never-call", NULL);
	(void)site_call(s, "customer_delete", "C1", NULL);
	(void)site_call(s, "token_put", "pbx", "push", "aa", NULL);
}

static bool
mentions_a_person(const char *text)
{
	static const char *const never[] = { "Zerbinetta", "zerbinetta",
					     "Xylophon",   "Quastenflosser",
					     "4930901",    "030 901",
					     "anonymous" };

	for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
		if (strstr(text, never[i]) != NULL)
			return true;
	}
	return false;
}

Test(fn_log, no_entry_mentions_a_name_a_number_or_a_text)
{
	redisReply *log;

	a_full_day();
	log = redis_do(s->redis, "XRANGE", site_key("log"), "-", "+", NULL);
	cr_assert_gt(log->elements, 20);
	for (size_t i = 0; i < log->elements; i++) {
		const redisReply *flat = log->element[i]->element[1];

		for (size_t k = 0; k < flat->elements; k++)
			cr_assert_not(mentions_a_person(flat->element[k]->str),
				      "%s", flat->element[k]->str);
	}
	freeReplyObject(log);
}

/* Does the log have this value of that field? */
static bool
log_has(const char *field, const char *value)
{
	redisReply *log =
	    redis_do(s->redis, "XRANGE", site_key("log"), "-", "+", NULL);
	bool found = false;

	for (size_t i = 0; i < log->elements; i++) {
		const redisReply *flat = log->element[i]->element[1];

		for (size_t k = 0; k + 1 < flat->elements; k += 2)
			found = found ||
				(strcmp(flat->element[k]->str, field) == 0 &&
				 strcmp(flat->element[k + 1]->str, value) == 0);
	}
	freeReplyObject(log);
	return found;
}

Test(fn_log, of_a_queue_that_does_not_exist_the_log_has_a_plain_name_alone)
{
	static const char *const others[] = { "Anna Berg", "4930901820",
					      "+4930", "x\ny" };

	(void)site_event(s, "call.missed", ANN, "queue", "600", NULL);
	cr_assert(log_has("theirs", "600"));
	cr_assert(log_has("queue", "sales"));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		(void)site_event(s, "call.missed", ANN, "queue", others[i],
				 NULL);
		cr_expect_not(log_has("theirs", others[i]), "%s", others[i]);
	}
	cr_assert_eq(site_logged(s, "no-queue", 0), 5);
}

Test(fn_log, what_wakes_the_waiting_mentions_none_either)
{
	redisReply *hints;

	site_serve(s, "sales", "anna");
	(void)site_call(s, "next", "anna", "", "d1", "60000", NULL);
	(void)site_missed(s, "sales", ANN);
	hints = redis_do(s->redis, "XRANGE", site_key("hints"), "-", "+", NULL);
	cr_assert_eq(hints->elements, 1);
	for (size_t k = 0; k < hints->element[0]->element[1]->elements; k++)
		cr_assert_not(mentions_a_person(
		    hints->element[0]->element[1]->element[k]->str));
	freeReplyObject(hints);
}

/* From the entries alone the states of an item follow one another. */
Test(fn_log, every_change_of_state_is_one_entry_that_says_from_where)
{
	static const struct {
		const char *type, *from, *state;
	} expected[] = { { "made", "new", "waiting" },
			 { "held", "waiting", "held" },
			 { "tried", "held", "scheduled" },
			 { "due", "scheduled", "waiting" },
			 { "held", "waiting", "held" },
			 { "released", "held", "waiting" },
			 { "held", "waiting", "held" },
			 { "closed", "held", "closed" } };
	redisReply *log;
	size_t n = 0;

	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	(void)site_missed(s, "sales", ANN);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "busy", NULL);
	site_pass(s, 5 * SITE_MIN);
	(void)site_next(s, "anna", "");
	(void)site_call(s, "release", "anna", "", "1", "held", "", NULL);
	(void)site_next(s, "ben", "");
	(void)site_outcome(s, "ben", "done", NULL);
	log = redis_do(s->redis, "XRANGE", site_key("log"), "-", "+", NULL);
	for (size_t i = 0; i < log->elements; i++) {
		const redisReply *flat = log->element[i]->element[1];
		const char *type = "", *from = "", *state = "";

		for (size_t k = 0; k + 1 < flat->elements; k += 2) {
			const char *name = flat->element[k]->str;
			const char *value = flat->element[k + 1]->str;

			type = strcmp(name, "type") == 0 ? value : type;
			from = strcmp(name, "from") == 0 ? value : from;
			state = strcmp(name, "state") == 0 ? value : state;
		}
		if (*state == '\0')
			continue;
		cr_assert_lt(n, sizeof expected / sizeof *expected);
		cr_assert_str_eq(type, expected[n].type);
		cr_assert_str_eq(from, expected[n].from);
		cr_assert_str_eq(state, expected[n].state);
		n++;
	}
	cr_assert_eq(n, sizeof expected / sizeof *expected);
	freeReplyObject(log);
}
