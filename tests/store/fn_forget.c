/* What time forgets by itself, and that forgetting leaves nothing in any index,
 * whatever happened before. */
#include "tests/store/fn_privacy.h"

#include <unistd.h>

FUNCTIONS(fn_forget);

/* ---- time forgets, too -------------------------------------------------- */

/* What may stay for good: the site itself, and its staff. */
static bool
may_stay(const char *key)
{
	static const char *const staying[] = {
		"site",        "policy",  "virtual",       "cals",
		"cal:",        "agents",  "agent:",        "serves:",
		"served:",     "duty",    "duty:",         "clock:",
		"open",        "cursors", "bursts",        "pace",
		"source_last", "log",     "source_events", "customers",
		"customer:",   "phones",  "feeds"
	};

	key += strlen(site_key("x")) - 1;
	for (size_t i = 0; i < sizeof staying / sizeof *staying; i++) {
		size_t n = strlen(staying[i]);

		if (strncmp(key, staying[i], n) == 0 &&
		    (key[n] == '\0' || staying[i][n - 1] == ':'))
			return true;
	}
	return false;
}

static void
read_log(void)
{
	for (;;) {
		struct reply *r =
		    site_call(s, "alerts", "d1", "1000", "duty", NULL);

		if (reply_is(r, "none"))
			return;
		if (reply_is(r, "ok"))
			(void)site_call(s, "alert_told", "d1",
					reply_get(r, "alert", "id"), "ok",
					NULL);
	}
}

Test(fn_forget, after_its_time_nothing_is_left_but_the_site)
{
	redisReply *keys;

	maria();
	(void)somebody_else();
	site_serve(s, "sales", "anna");
	while (site_next(s, "anna", "rb-managers") != 0)
		(void)site_outcome(s, "anna", "done", "cause", "x",
				   "correction", "y", NULL);
	for (int i = 0; i < 40; i++) {
		site_pass(s, SITE_HOUR);
		while (site_next(s, "anna", "rb-managers") != 0)
			(void)site_outcome(s, "anna", "done", "cause", "x",
					   "correction", "y", NULL);
	}
	(void)site_missed(s, "sales", DAN);
	(void)forget("", DAN);
	read_log();
	for (int i = 0; i < 400; i++) {
		site_pass(s, SITE_DAY);
		read_log();
	}
	/* The last entry that was read stays. */
	cr_expect_leq(redis_int(s->redis, "XLEN", site_key("log"), NULL), 1);
	keys = redis_do(s->redis, "KEYS", "*", NULL);
	for (size_t i = 0; i < keys->elements; i++) {
		const char *key = keys->element[i]->str;

		/* What ends by itself needs nobody to remove it. */
		if (redis_int(s->redis, "PTTL", key, NULL) > 0)
			continue;
		cr_expect(may_stay(key), "%s is left", key);
	}
	freeReplyObject(keys);
}

/* ---- whatever happened before ------------------------------------------- */

static const char *const people[] = { ANN, BEA, CAT, DAN };
static const char *const agents[] = { "anna", "ben" };

static unsigned
any(unsigned *seed, unsigned most)
{
	*seed = *seed * 1103515245U + 12345U;
	return (*seed >> 16) % most;
}

static void
something_happens(unsigned *seed)
{
	static const char *const types[] = { "call.missed", "call.missed",
					     "complaint", "feedback",
					     "call.answered" };
	static const char *const queues[] = { "sales", "billing", "always" };
	static const char *const outcomes[] = { "no-answer", "busy",
						"never-call", "declined",
						"wrong-number" };
	const char *agent = agents[any(seed, 2)];
	const char *phone = people[any(seed, 4)];

	switch (any(seed, 9)) {
	case 0:
		(void)site_customer(s, phone + 5, "phones", phone, "shared",
				    any(seed, 4) == 0 ? "1" : "0", NULL);
		break;
	case 1: (void)site_next(s, agent, ""); break;
	case 2:
		(void)site_outcome(s, agent, outcomes[any(seed, 5)], "note",
				   "Mnote", NULL);
		break;
	case 3:
		(void)site_call(s, "release", agent, "", "1", "held",
				"Mrelease", NULL);
		break;
	case 4: site_pass(s, any(seed, 60) * SITE_MIN); break;
	case 5: (void)site_call(s, "undo", agent, "", "", NULL); break;
	case 6:
		(void)site_call(s, "move", "lea", "", "2", "held", "up",
				"Mmove", NULL);
		break;
	default:
		(void)site_event(s, types[any(seed, 5)], phone, "queue",
				 queues[any(seed, 3)], "text", "Mtext", NULL);
	}
}

/* Whatever happened before, and in whatever state all are: once everybody was
 * forgotten nothing of anybody is in any index. */
Test(fn_forget, after_everybody_was_forgotten_no_index_has_anybody)
{
	const char *given = getenv("RINGBACK_SEED");
	unsigned first = given != NULL ? (unsigned)strtoul(given, NULL, 10)
				       : (unsigned)getpid(),
		 seed = first;

	for (int i = 0; i < 2; i++) {
		site_serve(s, "sales", agents[i]);
		site_serve(s, "billing", agents[i]);
		site_serve(s, "always", agents[i]);
	}
	for (int round = 0; round < 5; round++) {
		redisReply *keys;
		char *text;

		for (int i = 0; i < 300; i++)
			something_happens(&seed);
		for (int i = 0; i < 2; i++)
			(void)site_call(s, "release", agents[i], "", "1",
					"held", "", NULL);
		for (int i = 0; i < 4; i++) {
			(void)forget(people[i] + 5, "");
			(void)forget("", people[i]);
		}
		text = dump();
		for (int i = 0; i < 4; i++)
			expect_mark(text, people[i], false);
		expect_mark(text, "Mnote", false);
		expect_mark(text, "Mtext", false);
		free(text);
		keys = redis_do(s->redis, "HVALS", site_key("open"), NULL);
		for (size_t i = 0; i < keys->elements; i++)
			cr_expect_str_eq(keys->element[i]->str, "0");
		freeReplyObject(keys);
		keys = redis_do(s->redis, "KEYS", "*", NULL);
		for (size_t i = 0; i < keys->elements; i++) {
			const char *key = keys->element[i]->str;

			cr_expect(may_stay(key) || strstr(key, ":forgotten") ||
				      strstr(key, ":never_veiled") ||
				      redis_int(s->redis, "PTTL", key, NULL) >
					  0,
				  "RINGBACK_SEED=%u round %d: %s is left",
				  first, round, key);
		}
		freeReplyObject(keys);
		if (round < 4)
			site_after(s, SITE_MIN);
	}
}

Test(fn_forget, words_go_when_they_are_too_old_one_by_one)
{
	(void)site_event(s, "feedback", ANN, "text", "first", NULL);
	site_pass(s, 100 * SITE_DAY);
	(void)site_event(s, "feedback", ANN, "text", "second", NULL);
	site_pass(s, 266 * SITE_DAY);
	cr_expect_eq(
	    redis_int(s->redis, "LLEN", site_key("words:p:" ANN), NULL), 1);
	site_pass(s, 100 * SITE_DAY);
	cr_expect_eq(redis_int(s->redis, "EXISTS", site_key("words:p:" ANN),
			       site_key("words"), NULL),
		     0);
}
