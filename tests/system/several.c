/* Daemons of one site whose clocks and files differ, one of which dies: nothing
 * is delayed, doubled or skipped for the users of the others. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "daemon/base/day.h"
#include "daemon/base/text.h"
#include "daemon/base/zone.h"
#include "daemon/policy/when.h"
#include "tests/system/team.h"

#define APART_S 600 /* how wrong the clocks are */
#define MINUTE_MS 60000
#define SOON_MS 20000

TestSuite(system_several, .timeout = 90);

/* Of a body of configuration: the hold and the alerts. */
static char *
body_with(const char *callback, const char *hold, const char *rest)
{
	return text_print(
	    "tier \"standard\" { value = 0 weight = 1 callback = \"%s\" "
	    "complaint = \"2d\" }\n"
	    "unknown_caller = \"standard\"\n"
	    "hours \"always\" { open = { \"mon-sun 00:00-24:00\" } }\n"
	    "hours \"office\" { open = { \"mon-sun 08:00-12:00\", "
	    "\"mon-fri 14:00-18:30\" } }\n"
	    "ladder \"usual\" {\n"
	    "    step \"0%%\"   { to = \"agents\" }\n"
	    "    step \"100%%\" { to = \"agents\" alert = \"broken\" }\n"
	    "}\n"
	    "retry \"usual\" { call_from = \"00:00\" call_to = \"24:00\" }\n"
	    "queue \"sales\" {\n"
	    "    numbers = { \"+49 30 1111\" } hold = \"%s\"\n"
	    "    hours = \"always\" ladder = \"usual\" retry = \"usual\"\n"
	    "}\n"
	    "queue \"billing\" {\n"
	    "    numbers = { \"+49 30 2222\" }\n"
	    "    hours = \"office\" ladder = \"usual\" retry = \"usual\"\n"
	    "}\n"
	    "%s",
	    callback, hold, rest);
}

static int64_t
now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec;
}

/* ---- clocks ------------------------------------------------------------- */

/* A team whose members have these clocks; body NULL: the usual. */
static struct team *
start(int redis_s, int first_s, int second_s, const char *body)
{
	const struct redis_options r = { .clock_s = redis_s };
	struct daemon_options o = { .body = body };
	struct team *t = text_alloc(sizeof *t);

	t->redis = redis_start_with(&r);
	t->crowd = crowd_new();
	t->daemons = 2;
	o.redis = t->redis;
	for (size_t i = 0; i < t->daemons; i++) {
		o.clock_s = i == 0 ? first_s : second_s;
		t->daemon[i] = daemon_start(&o);
		t->admin[i] = web_unix(daemon_socket(t->daemon[i]));
	}
	return t;
}

static int64_t
redis_ms(struct team *t)
{
	redisReply *r = redis_do(t->redis, "TIME", NULL);
	int64_t ms = strtoll(r->element[0]->str, NULL, 10) * 1000 +
		     strtoll(r->element[1]->str, NULL, 10) / 1000;

	freeReplyObject(r);
	return ms;
}

/* The next midnight of the site, and its day before. */
static int64_t
midnight_ms(char before[16], char after[16])
{
	const struct zone *zone = zone_find("Europe/Berlin");
	int64_t today = day_floor(zone_local_s(zone, now_s()));
	struct day day;

	day_split(&day, today * DAY_SECONDS);
	(void)snprintf(before, 16, "%04d-%02d-%02d", day.year, day.month,
		       day.mday);
	day_split(&day, (today + 1) * DAY_SECONDS);
	(void)snprintf(after, 16, "%04d-%02d-%02d", day.year, day.month,
		       day.mday);
	return zone_moment(zone, (today + 1) * DAY_SECONDS).first_s * 1000;
}

static int64_t
asked_on(struct team *t, const char *day)
{
	char key[64];

	(void)snprintf(key, sizeof key, "rb:{t}:tally:%s", day);
	return redis_int(t->redis, "HINCRBY", key, "sales|asked", "0", NULL);
}

static void
one_call_each(struct team *t, int *n)
{
	char id[16], phone[24];

	for (size_t i = 0; i < 2; i++, (*n)++) {
		(void)snprintf(id, sizeof id, "c%d", *n);
		(void)snprintf(phone, sizeof phone, "+49301820%03d", *n);
		(void)team_miss(t, i, id, phone);
	}
}

/* By the log: how many came before that moment. */
static int64_t
made_before(struct team *t, int64_t ms)
{
	size_t count;
	struct team_entry *list = team_log(t, &count);
	int64_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += strcmp(list[i].type, "made") == 0 && list[i].at_ms < ms;
	free(list);
	return n;
}

Test(system_several, the_day_changes_once_for_all_at_the_midnight_of_redis)
{
	char yesterday[16], today[16];
	int64_t midnight = midnight_ms(yesterday, today);
	int to_midnight_s = (int)(midnight / 1000 - now_s());
	int clock_s = to_midnight_s - 4, calls = 0;
	struct team *t =
	    start(clock_s, clock_s + APART_S, clock_s - APART_S, NULL);

	/* Each of the daemons ticks several times on either side. */
	while (redis_ms(t) < midnight + 2000) {
		one_call_each(t, &calls);
		(void)daemon_said(t->daemon[0], "never", 1, 300);
	}
	cr_assert_gt(made_before(t, midnight), 0);
	cr_assert_eq(asked_on(t, yesterday), made_before(t, midnight));
	cr_assert_eq(asked_on(t, today), calls - made_before(t, midnight));
	team_stop(t);
}

/* The opening hours from now on, as Redis has them. */
static char *
hours_from(struct team *t, int64_t from, int64_t until)
{
	char least[24], most[24];
	struct text all = { 0 };
	redisReply *r;

	(void)snprintf(least, sizeof least, "%" PRId64, from);
	(void)snprintf(most, sizeof most, "%" PRId64, until);
	r = redis_do(t->redis, "ZRANGEBYSCORE", "rb:{t}:cal:hours:office",
		     least, most, NULL);
	for (size_t i = 0; i < r->elements; i++)
		text_addf(&all, "%s ", r->element[i]->str);
	freeReplyObject(r);
	cr_assert_gt(all.len, 0);
	return text_take(&all);
}

Test(system_several, opening_hours_are_the_same_whoever_wrote_them)
{
	char *body = body_with("1h", "15m", ""), *once, *again;
	struct team *t = start(0, APART_S, -APART_S, body);
	int64_t from = redis_ms(t) - 86400000,
		until = redis_ms(t) + 40 * INT64_C(86400000);

	once = hours_from(t, from, until);
	for (int i = 0; i < 2; i++) {
		daemon_hup(t->daemon[i]);
		cr_assert(daemon_said(t->daemon[i], "reload", 1, SOON_MS));
		cr_assert_eq(
		    web_ask(t->admin[i], NULL, "/v1/queues", NULL)->status,
		    200);
		again = hours_from(t, from, until);
		cr_assert_str_eq(once, again);
		free(again);
	}
	free(once);
	free(body);
	team_stop(t);
}

/* "in 2m" at that daemon: two minutes by the clock of Redis. */
static void
appointment_is_kept(struct team *t, size_t daemon, const char *name)
{
	struct web *w = team_agent(t, daemon, name, "sales", NULL);
	const struct web_answer *a;
	int64_t at = 0, before, after;

	(void)team_miss(t, daemon, name,
			daemon == 0 ? "+49301820001" : "+49301820002");
	cr_assert_eq(web_ask(w, NULL, "/v1/next", "{}")->status, 200);
	before = redis_ms(t);
	a = web_ask(w, NULL, "/v1/items/held/outcome",
		    "{\"outcome\":\"later\",\"at\":\"in 2m\"}");
	after = redis_ms(t);
	cr_assert_eq(a->status, 200, "%d %s", a->status, a->body);
	cr_assert_eq(when_rfc3339(&at, web_text(a, "item.try_at")), 0, "%s",
		     a->body);
	cr_assert_geq(at, before + 2 * MINUTE_MS);
	cr_assert_leq(at, after + 2 * MINUTE_MS);
	web_free(w);
}

Test(system_several, an_appointment_in_two_minutes_is_in_two_minutes)
{
	struct team *t = start(0, APART_S, -APART_S, NULL);

	appointment_is_kept(t, 0, "anna");
	appointment_is_kept(t, 1, "ben");
	team_stop(t);
}

/* Neither the event that names no time nor the hold is shorter or older. */
Test(system_several, what_comes_now_has_used_nothing_and_is_held_as_long)
{
	struct team *t = start(0, APART_S, -APART_S, NULL);

	for (size_t i = 0; i < 2; i++) {
		struct web *w =
		    team_agent(t, i, i == 0 ? "anna" : "ben", "sales", NULL);
		const struct web_answer *a;
		int64_t ends = 0;

		(void)team_miss(t, i, i == 0 ? "a" : "b",
				i == 0 ? "+49301820001" : "+49301820002");
		a = web_ask(w, NULL, "/v1/next", "{}");
		cr_assert_eq(a->status, 200);
		cr_assert_leq(web_int(a, "item.used"), 1);
		cr_assert_eq(
		    when_rfc3339(&ends, web_text(a, "item.hold_until")), 0);
		cr_assert_eq(ends - web_int(a, "item.fence"), 15 * MINUTE_MS);
		web_free(w);
	}
	team_stop(t);
}

/* ---- files -------------------------------------------------------------- */

static int64_t
hold_ms(struct team *t, size_t daemon, const char *name)
{
	struct web *w = team_agent(t, daemon, name, "sales", NULL);
	const struct web_answer *a;
	char phone[24];
	int64_t ends = 0, began;

	(void)snprintf(phone, sizeof phone, "+49301820%03d",
		       (int)(name[0] - 'a'));
	(void)team_miss(t, daemon, name, phone);
	a = web_ask(w, NULL, "/v1/next", "{}");
	cr_assert_eq(when_rfc3339(&ends, web_text(a, "item.hold_until")), 0,
		     "%s", a->body);
	began = web_int(a, "item.fence");
	web_free(w);
	return ends - began;
}

Test(system_several, the_file_that_was_written_last_counts_at_all_daemons)
{
	char *first = body_with("1h", "9m", ""),
	     *second = body_with("1h", "5m", "");
	struct daemon_options o = { .body = second };
	struct team *t = start(0, 0, 0, first);

	cr_assert_eq(hold_ms(t, 0, "anna"), 9 * MINUTE_MS);
	daemon_configure(t->daemon[1], &o);
	daemon_hup(t->daemon[1]);
	cr_assert(daemon_said(t->daemon[1], "written", 1, SOON_MS));
	cr_assert_eq(hold_ms(t, 0, "ben"), 5 * MINUTE_MS);
	cr_assert_eq(hold_ms(t, 1, "carl"), 5 * MINUTE_MS);
	cr_assert(daemon_said(t->daemon[0], "differs", 1, SOON_MS));
	free(first);
	free(second);
	team_stop(t);
}

/* ---- alerts ------------------------------------------------------------- */

/* A program that keeps what it is told, and takes long while "slow" is there.
 */
static char *
write_program(const char *folder)
{
	char *path = text_print("%s/tell", folder);
	FILE *f = fopen(path, "we");

	cr_assert_not_null(f);
	(void)fprintf(f,
		      "#!/bin/sh\nbody=$(cat)\nprintf '%%s\\n' \"$body\" "
		      ">>%s/told\nwhile [ -e %s/slow ]; do sleep 0.05; done\n",
		      folder, folder);
	cr_assert_eq(fclose(f), 0);
	cr_assert_eq(chmod(path, 0700), 0);
	return path;
}

/* The key of the nth line that was told; "" within the limit: none. */
static char *
told_key(const char *folder, int nth, int limit_ms)
{
	const struct timespec nap = { .tv_nsec = 20 * 1000 * 1000 };
	char *path = text_print("%s/told", folder), *key = text_dup("");

	for (int waited = 0; waited < limit_ms && *key == '\0'; waited += 20) {
		FILE *f = fopen(path, "re");
		char line[4096];
		int n = 0;

		while (f != NULL && fgets(line, sizeof line, f) != NULL) {
			json_t *o = json_loads(line, 0, NULL);
			const char *id =
			    json_string_value(json_object_get(o, "id"));

			if (n++ == nth && id != NULL) {
				free(key);
				key = text_dup(id);
			}
			json_decref(o);
		}
		if (f != NULL)
			(void)fclose(f);
		(void)nanosleep(&nap, NULL);
	}
	free(path);
	return key;
}

Test(system_several, an_alert_whose_daemon_died_is_told_by_another_with_its_key)
{
	char *folder = redis_folder_new(), *program = write_program(folder),
	     *slow = text_print("%s/slow", folder),
	     *alert = text_print("alert \"duty\" { on = { \"broken\" } run = "
				 "\"%s\" timeout = \"1s\" }\n",
				 program),
	     *body = body_with("1s", "15m", alert), *one, *two;
	struct daemon_options o = { .body = body };
	struct team *t = team_start(1, &o);
	FILE *f = fopen(slow, "we");

	cr_assert_not_null(f);
	(void)fclose(f);
	(void)team_miss(t, 0, "a", "+49301820001");
	one = told_key(folder, 0, SOON_MS);
	cr_assert_neq(*one, '\0', "it was never told");
	daemon_kill9(t->daemon[0]);
	cr_assert_eq(remove(slow), 0);
	o.redis = t->redis;
	t->daemon[1] = daemon_start(&o);
	two = told_key(folder, 1, SOON_MS);
	cr_assert_str_eq(one, two);
	daemon_free(t->daemon[1]);
	team_stop(t);
	redis_folder_remove(folder);
	free(folder);
	free(program);
	free(slow);
	free(alert);
	free(body);
	free(one);
	free(two);
}

Test(system_several, what_a_journal_kept_came_when_redis_says)
{
	struct team *t = start(0, -APART_S, APART_S, NULL);
	const struct web_answer *a;
	int64_t before, since;

	/* Each has heard what Redis's clock says. */
	(void)team_miss(t, 0, "a", "+49301820001");
	(void)team_miss(t, 1, "b", "+49301820002");
	before = redis_ms(t);
	redis_kill9(t->redis);
	for (size_t i = 0; i < 2; i++) {
		a = web_ask(t->admin[i], NULL, "/v1/events",
			    i == 0 ? "{\"type\":\"complaint\",\"id\":\"c\","
				     "\"from\":\"+49301820003\"}"
				   : "{\"type\":\"complaint\",\"id\":\"d\","
				     "\"from\":\"+49301820004\"}");
		cr_assert_eq(a->status, 202, "%d %s", a->status, a->body);
	}
	redis_restart(t->redis);
	for (size_t i = 0; i < 2; i++)
		cr_assert(daemon_said(t->daemon[i], "replayed=1", 1, 20000));
	for (const char *item = "1003"; item != NULL;
	     item = strcmp(item, "1003") == 0 ? "1004" : NULL) {
		char key[40];

		(void)snprintf(key, sizeof key, "rb:{t}:item:%s", item);
		since = strtoll(redis_str(t->redis, "HGET", key, "since", NULL),
				NULL, 10);
		cr_assert(since >= before - 1000 &&
			      since < before + MINUTE_MS,
			  "%" PRId64 " ms off", since - before);
	}
	team_stop(t);
}

Test(system_several, a_daemon_without_the_channel_does_not_put_its_alerts_off)
{
	char *folder = redis_folder_new(), *program = write_program(folder),
	     *alert = text_print("alert \"duty\" { on = { \"broken\" } run = "
				 "\"%s\" }\n",
				 program),
	     *with = body_with("1s", "15m", alert),
	     *without = body_with("1s", "15m", ""), *key;
	struct daemon_options o = { .body = without };
	struct team *t = team_start(1, &o);

	o.redis = t->redis;
	o.body = with;
	t->daemon[1] = daemon_start(&o);
	for (int i = 0; i < 3; i++) {
		char id[16], phone[24];

		(void)snprintf(id, sizeof id, "c%d", i);
		(void)snprintf(phone, sizeof phone, "+4930182000%d", i);
		(void)team_miss(t, 0, id, phone);
	}
	/* One that failed would come ten seconds later, and its tries count. */
	key = told_key(folder, 0, SOON_MS);
	cr_assert_neq(*key, '\0', "it was never told");
	cr_assert_not(
	    daemon_said(t->daemon[0], "is not in our configuration", 1, 0));
	daemon_free(t->daemon[1]);
	team_stop(t);
	redis_folder_remove(folder);
	free(folder);
	free(program);
	free(alert);
	free(with);
	free(without);
	free(key);
}
