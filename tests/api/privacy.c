/* One person, over the API: all that it ever took of her is told, and nothing
 * of it is anywhere once she was forgotten. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/house.h"

/* A mark in every field that a source, an agent or the directory may fill. */
static const char *const marks[] = {
	"Mname",       "Mtext",      "Mcategory",     "Mlink",    "Mdirname",
	"Mprefers",    "Mspoken",    "Mnote",         "Mcause",   "Mcorrect",
	"Mrelease",    "Mmove",      "Mlater",        "Munheard", "+4989123451",
	"+4989123452", "089 123451", "Europe/Lisbon", "x-mlang"
};
#define MARKS (sizeof marks / sizeof *marks)

static void
post(struct house *h, const char *who, const char *path, const char *body)
{
	const struct said *a = house_do(h, who, "POST", path, body);

	cr_assert(a->status == 200 || a->status == 201, "%s %s: %d %s", path,
		  body, a->status, a->body);
}

static void
maria(struct house *h)
{
	const struct said *a;

	post(h, "push", "/v1/events",
	     "{\"type\":\"complaint\",\"from\":\"089 123451\",\"id\":\"e1\","
	     "\"queue\":\"sales\",\"name\":\"Mname\",\"text\":\"Mtext\","
	     "\"category\":\"Mcategory\",\"link\":\"https://x/Mlink\","
	     "\"language\":\"x-mlang\",\"value\":77}");
	/* With a name of her own in the directory the other would be gone. */
	a = house_do(
	    h, "admin", "PUT", "/v1/customers/C1",
	    "{\"phones\":[\"+4989123451\",\"+4989123452\"],"
	    "\"prefers\":\"Mprefers\",\"timezone\":\"Europe/Lisbon\"}");
	cr_assert_eq(a->status, 201, "%s", a->body);
	post(h, "push", "/v1/events",
	     "{\"type\":\"call.missed\",\"from\":\"+4989123452\","
	     "\"queue\":\"billing\",\"text\":\"Munheard\"}");
	post(h, "push", "/v1/events",
	     "{\"type\":\"feedback\",\"from\":\"+4989123451\","
	     "\"text\":\"Mspoken\"}");
	post(h, "push", "/v1/events",
	     "{\"type\":\"call.answered\",\"from\":\"+4989123451\","
	     "\"time\":\"2026-11-20T10:00:00Z\"}");
	post(h, "supervisor", "/v1/items/1002/move",
	     "{\"queue\":\"sales\",\"note\":\"Mmove\"}");
	post(h, "anna", "/v1/next", "{}");
	post(h, "anna", "/v1/items/held/note", "{\"note\":\"Mnote\"}");
	post(h, "anna", "/v1/items/held/release", "{\"reason\":\"Mrelease\"}");
	post(h, "ben", "/v1/next", "{}");
	post(h, "ben", "/v1/items/1001/outcome",
	     "{\"outcome\":\"done\",\"cause\":\"Mcause\","
	     "\"correction\":\"Mcorrect\",\"note\":\"Mlater\"}");
	post(h, "ben", "/v1/items/held/release", "{}");
	a = house_do(h, "admin", "PUT", "/v1/customers/C1",
		     "{\"name\":\"Mdirname\",\"phones\":[\"+4989123451\","
		     "\"+4989123452\"],\"prefers\":\"Mprefers\","
		     "\"timezone\":\"Europe/Lisbon\"}");
	cr_assert_eq(a->status, 200, "%s", a->body);
}

/* Her time zone's hours stay: they are of a zone, not of her. */
static char *
all_of_redis(struct house *h)
{
	static const char script[] =
	    "local out = {}\n"
	    "local function put(v)\n"
	    "  if type(v) == 'table' then for _, x in ipairs(v) do put(x) end\n"
	    "  else out[#out + 1] = tostring(v) end\n"
	    "end\n"
	    "for _, key in ipairs(redis.call('KEYS', '*')) do\n"
	    "  local kind = redis.call('TYPE', key).ok\n"
	    "  if not string.find(key, ':cals?:?') then\n"
	    "    put(key)\n"
	    "    if kind == 'string' then put(redis.call('GET', key))\n"
	    "    elseif kind == 'hash' then put(redis.call('HGETALL', key))\n"
	    "    elseif kind == 'list' then put(redis.call('LRANGE', key, 0, "
	    "-1))\n"
	    "    elseif kind == 'set' then put(redis.call('SMEMBERS', key))\n"
	    "    elseif kind == 'zset' then put(redis.call('ZRANGE', key, 0, "
	    "-1))\n"
	    "    elseif kind == 'stream' then put(redis.call('XRANGE', key, "
	    "'-', '+'))\n"
	    "    else error(kind) end\n"
	    "  end\n"
	    "end\n"
	    "return table.concat(out, '\\n')\n";
	redisReply *r = redis_do(house_redis(h), "EVAL", script, "0", NULL);
	char *text;

	cr_assert_eq(r->type, REDIS_REPLY_STRING, "%s", r->str);
	text = strdup(r->str);
	freeReplyObject(r);
	return text;
}

/* Every file in the daemon's folder, its log among them, and below. */
static void
no_mark_in_files(const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	cr_assert_not_null(d);
	while ((e = readdir(d)) != NULL) {
		char path[4096], bytes[65536];
		size_t n;
		FILE *f;

		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		if (e->d_type == DT_DIR)
			no_mark_in_files(path);
		f = e->d_type == DT_REG ? fopen(path, "re") : NULL;
		if (f == NULL)
			continue;
		n = fread(bytes, 1, sizeof bytes, f);
		for (size_t i = 0; i < MARKS; i++)
			cr_expect_null(
			    memmem(bytes, n, marks[i], strlen(marks[i])),
			    "%s is in %s", marks[i], path);
		(void)fclose(f);
	}
	(void)closedir(d);
}

Test(privacy, all_is_told_and_then_nothing_is_left)
{
	struct house *h = house_new();
	const struct said *a;
	char *all;

	maria(h);
	a = house_get(h, "manager", "/v1/customers/C1/export");
	cr_assert_eq(a->status, 200, "%s", a->body);
	for (size_t i = 0; i < MARKS; i++)
		cr_expect(strstr(a->body, marks[i]) != NULL, "%s is not in %s",
			  marks[i], a->body);
	cr_expect_str_eq(said_text(a, "person.id"), "C1");
	cr_expect_str_eq(said_text(a, "items.0.history.0.type"), "event");
	/* Not how the order of handing out is kept. */
	cr_expect(strstr(a->body, "\"share\"") == NULL, "%s", a->body);
	cr_expect(strstr(a->body, "\"indexed\"") == NULL, "%s", a->body);
	all = all_of_redis(h);
	for (size_t i = 0; i < MARKS; i++)
		cr_expect(strstr(all, marks[i]) != NULL, "%s", marks[i]);
	free(all);
	a = house_do(h, "manager", "POST", "/v1/customers/C1/forget", "");
	cr_assert_eq(a->status, 200, "%s", a->body);
	cr_expect_eq(said_int(a, "forgotten.items"), 2, "%s", a->body);
	cr_expect_eq(said_int(a, "forgotten.open"), 1, "%s", a->body);
	cr_expect_eq(said_int(a, "forgotten.words"), 1, "%s", a->body);
	cr_expect_eq(said_int(a, "forgotten.directory"), 1, "%s", a->body);
	cr_expect_eq(said_int(a, "forgotten.numbers"), 2, "%s", a->body);
	all = all_of_redis(h);
	for (size_t i = 0; i < MARKS; i++)
		cr_expect(strstr(all, marks[i]) == NULL, "%s: %.80s", marks[i],
			  strstr(all, marks[i]));
	free(all);
	no_mark_in_files(daemon_folder(house_daemon(h, 0)));
	cr_expect_eq(house_get(h, "anna", "/v1/customers/C1")->status, 404);
	cr_expect_eq(house_get(h, "anna", "/v1/items/1001")->status, 404);
	cr_expect_eq(
	    house_do(h, "manager", "POST", "/v1/customers/C1/forget", "")
		->status,
	    404);
	house_free(h);
}

/* The same event, sent again a day later, is known and makes nothing. */
Test(privacy, a_sender_who_repeats_himself_brings_nobody_back)
{
	static const char event[] =
	    "{\"type\":\"call.missed\",\"from\":\"089 123451\",\"id\":\"e1\","
	    "\"queue\":\"sales\",\"name\":\"Mname\"}";
	struct house *h = house_new();
	const struct said *a;
	char *all;

	post(h, "push", "/v1/events", event);
	a = house_do(h, "manager", "POST", "/v1/customers/089%20123451/forget",
		     "{}");
	cr_assert_eq(a->status, 200, "%s", a->body);
	a = house_do(h, "push", "POST", "/v1/events", event);
	cr_expect_eq(a->status, 200, "%s", a->body);
	cr_expect_str_eq(said_text(a, "reason"), "forgotten");
	a = house_do(h, "push", "POST", "/v1/events",
		     "{\"type\":\"complaint\",\"from\":\"089 123451\","
		     "\"time\":\"2026-11-20T10:00:00Z\",\"text\":\"Mtext\"}");
	cr_expect_str_eq(said_text(a, "reason"), "forgotten", "%s", a->body);
	all = all_of_redis(h);
	for (size_t i = 0; i < MARKS; i++)
		cr_expect(strstr(all, marks[i]) == NULL, "%s", marks[i]);
	free(all);
	house_free(h);
}

Test(privacy, whoever_is_held_is_not_forgotten_and_the_agent_is_named)
{
	struct house *h = house_new();
	const struct said *a;

	(void)house_event(h, "+4989123451");
	post(h, "anna", "/v1/next", "{}");
	a = house_do(h, "manager", "POST", "/v1/customers/+4989123451/forget",
		     "{}");
	cr_expect_eq(a->status, 409, "%s", a->body);
	cr_expect_str_eq(said_text(a, "agent"), "anna");
	cr_expect(strstr(a->body, "is with anna now") != NULL, "%s", a->body);
	post(h, "anna", "/v1/items/held/outcome", "{\"outcome\":\"done\"}");
	a = house_do(h, "manager", "POST", "/v1/customers/+4989123451/forget",
		     "{}");
	cr_expect_eq(a->status, 200, "%s", a->body);
	house_free(h);
}

Test(privacy, many_items_are_told_page_by_page)
{
	struct house *h = house_new();
	char path[200] = "/v1/customers/+4989123451/export";
	const struct said *a;
	int items = 0, pages = 0;

	for (int i = 0; i < 25; i++)
		post(h, "push", "/v1/events",
		     "{\"type\":\"complaint\",\"from\":\"+4989123451\"}");
	for (;;) {
		const char *at;

		a = house_get(h, "manager", path);
		cr_assert_eq(a->status, 200, "%s", a->body);
		pages++;
		for (at = a->body; (at = strstr(at, "\"uuid\"")) != NULL; at++)
			items++;
		if (*said_text(a, "cursor") == '\0')
			break;
		(void)snprintf(path, sizeof path,
			       "/v1/customers/+4989123451/export?cursor=%s",
			       said_text(a, "cursor"));
	}
	cr_expect_eq(items, 25);
	cr_expect_eq(pages, 3);
	cr_expect_eq(house_get(h, "manager",
			       "/v1/customers/+4989123451/export?cursor=-1")
			 ->status,
		     422);
	house_free(h);
}

/* A path may have a number in it: even where Redis itself refuses, the log has
 * only the kind of key that is in the way. */
Test(privacy, no_path_with_a_number_stands_in_the_log)
{
	struct house *h = house_new();
	const struct said *a;

	house_secret(h, "89123451");
	house_secret(h, "Maria-77");
	redis_must(house_redis(h), "SET", "rb:{t}:customer:Maria-77", "x",
		   NULL);
	redis_must(house_redis(h), "SET", "rb:{t}:phones", "x", NULL);
	a = house_get(h, "manager", "/v1/customers/Maria-77/export");
	cr_expect_eq(a->status, 503, "%s", a->body);
	a = house_do(h, "manager", "POST", "/v1/customers/+4989123451/forget",
		     "");
	cr_expect_eq(a->status, 503, "%s", a->body);
	cr_expect(daemon_said(house_daemon(h, 0),
			      "the key rb:{t}:phones is a string", 1, 5000));
	house_free(h);
}

static bool
can_be_forgotten(void *cookie)
{
	const struct said *a = house_do(cookie, "manager", "POST",
					"/v1/customers/+4989123451/forget", "");

	return a->status == 200;
}

/* What Redis does not take is on the disk, and so is whoever it is about. */
Test(privacy, nobody_is_forgotten_while_the_journal_may_have_him)
{
	struct house *h = house_new();
	const struct said *a;
	char *all;

	redis_must(house_redis(h), "CONFIG", "SET", "maxmemory", "1", NULL);
	a = house_do(h, "push", "POST", "/v1/events",
		     "{\"type\":\"complaint\",\"from\":\"+4989123451\","
		     "\"text\":\"Mtext\"}");
	cr_assert_eq(a->status, 202, "%s", a->body);
	a = house_do(h, "manager", "POST", "/v1/customers/+4989123451/forget",
		     "");
	cr_expect_eq(a->status, 503, "%s", a->body);
	cr_expect_str_eq(said_header(a, "Retry-After"), "5");
	cr_expect(strstr(a->body, "1 events wait here") != NULL, "%s", a->body);
	redis_must(house_redis(h), "CONFIG", "SET", "maxmemory", "0", NULL);
	cr_assert(house_await(can_be_forgotten, h, 30000));
	all = all_of_redis(h);
	for (size_t i = 0; i < MARKS; i++)
		cr_expect(strstr(all, marks[i]) == NULL, "%s", marks[i]);
	free(all);
	no_mark_in_files(daemon_folder(house_daemon(h, 0)));
	house_free(h);
}
