/* One person: all of him is told, and all of him is forgotten. */
#include "tests/store/fn.h"

#include <stdbool.h>
#include <unistd.h>

FUNCTIONS(fn_privacy);

#define SALT "00112233445566778899aabbccddeeff"

/* A text of its own in every field that a source, an agent or the directory may
 * fill in, of Maria (C1, ANN and BEA). */
static const char *const marks[] = {
	"Mtext",       "Mcategory",   "Mlink",     "Mraw",     "Mnote",
	"Mcause",      "Mcorrect",    "Mrelease",  "Mmove",    "Mspoken",
	"Mlater",      "Mdirectory",  "Mlanguage", "Mprefers", "Msecond",
	"+4930901001", "+4930901002",
};
#define MARKS (sizeof marks / sizeof *marks)

/* All keys, what they hold, and the log: one text, or a part a key. */
static const char dump_script[] =
    "local out = {}\n"
    "local function put(v)\n"
    "  if type(v) == 'table' then for _, x in ipairs(v) do put(x) end\n"
    "  else out[#out + 1] = tostring(v) end\n"
    "end\n"
    "for _, key in ipairs(redis.call('KEYS', '*')) do\n"
    "  put(key)\n"
    "  local kind = redis.call('TYPE', key).ok\n"
    "  if kind == 'string' then put(redis.call('GET', key))\n"
    "  elseif kind == 'hash' then put(redis.call('HGETALL', key))\n"
    "  elseif kind == 'list' then put(redis.call('LRANGE', key, 0, -1))\n"
    "  elseif kind == 'set' then put(redis.call('SMEMBERS', key))\n"
    "  elseif kind == 'zset' then put(redis.call('ZRANGE', key, 0, -1))\n"
    "  elseif kind == 'stream' then put(redis.call('XRANGE', key, '-', '+'))\n"
    "  else error(kind) end\n"
    "end\n"
    "return table.concat(out, '\\n')\n";

static char *
dump(void)
{
	redisReply *r = redis_do(s->redis, "EVAL", dump_script, "0", NULL);
	char *text;

	cr_assert_eq(r->type, REDIS_REPLY_STRING, "%s", r->str);
	text = strdup(r->str);
	freeReplyObject(r);
	return text;
}

static void
expect_mark(const char *text, const char *mark, bool there)
{
	const char *at = strstr(text, mark);

	cr_expect_eq(at != NULL, there, "%s: %.60s", mark, at);
}

/* What one person leaves behind in half a day. */
static void
maria(void)
{
	site_serve(s, "sales", "anna");
	site_serve(s, "sales", "ben");
	(void)site_event(s, "call.missed", ANN, "queue", "sales", "name",
			 "Mname", "raw", "Mraw", "text", "Mtext", "link",
			 "Mlink", NULL);
	(void)site_event(s, "complaint", ANN, "queue", "sales", "category",
			 "Mcategory", "text", "Mtext", "language", "Mlanguage",
			 NULL);
	(void)site_event(s, "feedback", ANN, "text", "Mspoken", NULL);
	(void)site_customer(s, "C1", "name", "Mdirectory", "phones",
			    ANN "," BEA, "prefers", "Mprefers", NULL);
	(void)site_event(s, "call.missed", BEA, "queue", "billing", "text",
			 "Msecond", NULL);
	(void)site_event(s, "feedback", BEA, "text", "Mspoken", NULL);
	(void)site_event(s, "call.answered", BEA, "queue", "always", NULL);
	(void)site_next(s, "anna", "");
	(void)site_call(s, "note", "anna", "", "held", "Mnote", NULL);
	(void)site_outcome(s, "anna", "no-answer", "note", "Mlater", NULL);
	site_pass(s, 31 * SITE_MIN);
	(void)site_next(s, "ben", "");
	(void)site_call(s, "release", "ben", "", "1", "held", "Mrelease", NULL);
	(void)site_call(s, "move", "lea", "", "2", "1003", "sales", "Mmove",
			NULL);
	(void)site_next(s, "anna", "");
	(void)site_outcome(s, "anna", "done", "cause", "Mcause", "correction",
			   "Mcorrect", "note", "Mnote", NULL);
	site_tick(s);
}

/* Somebody else, of whom nothing may be lost. */
static int64_t
somebody_else(void)
{
	(void)site_customer(s, "C2", "name", "Otto", "phones", CAT, NULL);
	(void)site_event(s, "feedback", CAT, "text", "Otto says", NULL);
	return site_missed(s, "sales", CAT);
}

static int64_t
field_sum(struct reply *r, const char *field, int64_t so_far)
{
	return so_far + reply_int(r, "forgotten", field);
}

/* Forgets all of him; how many items that were. */
static int64_t
forget(const char *who, const char *phone)
{
	char cursor[64] = "";
	int64_t items = 0;

	for (int i = 0; i < 1000; i++) {
		struct reply *r = site_call(s, "forget", who, phone, cursor,
					    SALT, "greta", NULL);

		items = field_sum(r, "items", items);
		if (reply_is(r, "ok"))
			return items;
		SAYS(r, "more");
		(void)snprintf(cursor, sizeof cursor, "%s",
			       reply_get(r, "forgotten", "cursor"));
	}
	cr_assert_fail("forgetting never ends");
	return 0;
}

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

/* ---- time forgets, too -----------------------------------------------------
 */

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
		"customer:",   "phones"
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

Test(fn_privacy, after_its_time_nothing_is_left_but_the_site)
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

/* ---- whatever happened before
 * ------------------------------------------------ */

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
Test(fn_privacy, after_everybody_was_forgotten_no_index_has_anybody)
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

Test(fn_privacy, words_go_when_they_are_too_old_one_by_one)
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
