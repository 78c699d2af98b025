/* fn_privacy.h -- what the tests of forgetting begin with. */
#ifndef RB_TESTS_STORE_FN_PRIVACY_H
#define RB_TESTS_STORE_FN_PRIVACY_H

#include <stdbool.h>

#include "tests/store/fn.h"

#define SALT "00112233445566778899aabbccddeeff"

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

#endif
