/* Promises that grow late, within seconds: who is told, how often, and by a
 * program that hangs, fails, or is asked to run what a stranger wrote. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "tests/api/house.h"
#include "tests/harness/nasty.h"

#define QUICK                                                                 \
	"unknown_caller = \"gold\"\ndefault_queue = \"sales\"\n"              \
	"tier \"gold\" { value = 3000 weight = 5 callback = \"2s\" "          \
	"complaint = \"1h\" }\n"                                              \
	"tier \"standard\" { value = 0 weight = 1 callback = \"2s\" "         \
	"complaint = \"1h\" }\n"

/* A program in a folder of its own, and its file beside it. */
struct alarm {
	char *folder, *program, *out;
};

static struct alarm
new_alarm(const char *script)
{
	struct alarm a = { .folder = redis_folder_new() };
	FILE *f;

	cr_assert(asprintf(&a.program, "%s/alarm", a.folder) > 0);
	cr_assert(asprintf(&a.out, "%s/out", a.folder) > 0);
	f = fopen(a.program, "we");
	cr_assert(f != NULL);
	(void)fprintf(f, "#!/bin/sh\nout=%s\n%s\n", a.out, script);
	(void)fclose(f);
	(void)chmod(a.program, 0755);
	return a;
}

static void
free_alarm(struct alarm *a)
{
	redis_folder_remove(a->folder);
	free(a->folder);
	free(a->program);
	free(a->out);
}

static char *
slurp(const char *path)
{
	FILE *f = fopen(path, "re");
	char *data = NULL;
	size_t size = 0;

	if (f != NULL && getdelim(&data, &size, '\0', f) < 0) {
		free(data);
		data = NULL;
	}
	if (f != NULL)
		(void)fclose(f);
	return data != NULL ? data : strdup("");
}

static size_t
lines_of(const char *path)
{
	char *data = slurp(path);
	size_t n = 0;

	for (const char *s = data; *s != '\0'; s++)
		n += *s == '\n';
	free(data);
	return n;
}

struct wanted {
	const char *path;
	size_t lines;
};

static bool
has_lines(void *cookie)
{
	const struct wanted *w = cookie;

	return lines_of(w->path) >= w->lines;
}

static bool
await_lines(const char *path, size_t n, int limit_ms)
{
	struct wanted w = { path, n };

	return house_await(has_lines, &w, limit_ms);
}

static char *
channel(const struct alarm *a, const char *on, const char *timeout)
{
	char *text;

	cr_assert(asprintf(&text,
		      "alert \"duty\" { on = { %s } run = \"%s\" timeout = "
		      "\"%s\" }\n",
		      on, a->program, timeout) > 0);
	return text;
}

static struct house *
house_with(const char *extra, int daemons)
{
	return house_new_with(&(struct house_options){ .daemons = daemons,
	    .head = "burst = \"1s\"\n",
	    .tiers = QUICK,
	    .extra = extra });
}

/* ---- the ladder, in the log ------------------------------------------------------- */

Test(alarms, a_promise_is_told_at_risk_broken_and_escalated_once)
{
	struct house *h = house_with(NULL, 2);
	char line[8192];
	char *request = house_print(h,
	    "GET /v1/log HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
	    "Last-Event-ID: 0-0\r\n\r\n",
	    house_token(h, "supervisor"));
	int fd = ask_tcp(daemon_port(house_daemon(h, 0)));
	int risk = 0, broken = 0, escalated = 0, held = 0, told = 0;

	(void)ask_send(fd, request, strlen(request));
	(void)house_event(h, "+4989123451");
	while (escalated == 0 && ask_line(fd, line, sizeof line, 15000) >= 0) {
		risk += strstr(line, "\"alert\":\"at-risk\"") != NULL;
		broken += strstr(line, "\"alert\":\"broken\"") != NULL;
		escalated += strstr(line, "\"alert\":\"escalated\"") != NULL;
	}
	cr_expect_eq(risk, 1);
	cr_expect_eq(broken, 1);
	cr_expect_eq(escalated, 1);
	/* Whoever was told wants to see that somebody has it. */
	cr_expect_eq(house_do(h, "anna", "POST", "/v1/next", "{}")->status, 200);
	(void)house_event(h, "+4989123452");
	while (!told && ask_line(fd, line, sizeof line, 15000) >= 0) {
		if (strstr(line, "\"type\":\"held\"") != NULL &&
		    strstr(line, "\"alerted\":\"escalated\"") != NULL)
			held++;
		told = strstr(line, "\"alert\":\"at-risk\"") != NULL;
		escalated += strstr(line, "\"alert\":\"escalated\"") != NULL;
		broken += strstr(line, "\"alert\":\"broken\"") != NULL;
	}
	cr_expect_eq(held, 1);
	cr_expect_eq(escalated + broken, 2);
	ask_close(fd);
	house_free(h);
}

/* ---- the program --------------------------------------------------------------------- */

Test(alarms, a_program_is_told_in_json_once_whoever_runs_it)
{
	struct alarm alarm = new_alarm("cat >> $out; echo >> $out");
	char *extra = channel(&alarm, "\"broken\"", "10s"), *told;
	struct house *h = house_with(extra, 2);
	json_t *json;

	(void)house_do(h, "push", "POST", "/v1/events",
	    "{\"type\":\"call.missed\",\"from\":\"+4989123451\","
	    "\"name\":\"$(touch /tmp/owned); `id` \\\"; rm -rf x\"}");
	cr_assert(await_lines(alarm.out, 1, 15000));
	told = slurp(alarm.out);
	json = json_loadb(told, strcspn(told, "\n"), 0, NULL);
	cr_assert(json != NULL, "%s", told);
	cr_expect_str_eq(
	    json_string_value(json_object_get(json, "alert")), "broken");
	cr_expect_eq(json_integer_value(json_object_get(json, "count")), 1);
	cr_expect_eq(json_integer_value(json_object_get(
			 json_array_get(json_object_get(json, "items"), 0),
			 "number")),
	    1001);
	cr_expect(strstr(told, "$(touch /tmp/owned); `id` \\\"; rm") != NULL,
	    "%s", told);
	json_decref(json);
	free(told);
	/* Another one after it, so that a second telling had its time. */
	(void)house_event(h, "+4989123452");
	cr_assert(await_lines(alarm.out, 2, 15000));
	told = slurp(alarm.out);
	cr_expect(strstr(strchr(told, '\n'), "1001") == NULL, "%s", told);
	free(told);
	free(extra);
	house_free(h);
	free_alarm(&alarm);
}

Test(alarms, many_within_a_moment_come_as_one)
{
	struct alarm alarm = new_alarm("cat >> $out; echo >> $out");
	char *extra = channel(&alarm, "\"broken\"", "10s"), *told;
	struct house *h = house_with(extra, 1);
	int64_t counted = 0;

	for (int i = 0; i < 30; i++)
		(void)house_event(h, house_print(h, "+498912345%02d", i));
	for (size_t n = 1; counted < 30; n++) {
		cr_assert(await_lines(alarm.out, n, 15000));
		told = slurp(alarm.out);
		for (const char *s = told; counted < 30 && *s != '\0';
		     s += strcspn(s, "\n") + 1) {
			json_t *json =
			    json_loadb(s, strcspn(s, "\n"), 0, NULL);

			if (s == told)
				counted = 0;
			counted += json_integer_value(
			    json_object_get(json, "count"));
			json_decref(json);
		}
		free(told);
	}
	cr_expect_eq(counted, 30);
	cr_expect(lines_of(alarm.out) <= 4, "%zu", lines_of(alarm.out));
	free(extra);
	house_free(h);
	free_alarm(&alarm);
}

/* What waits for its next try is due now. */
static bool
hurry(void *cookie)
{
	struct house *h = cookie;

	redis_must(house_redis(h), "EVAL",
	    "for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do "
	    "redis.call('ZADD', KEYS[1], 0, id) end",
	    "1", "rb:{t}:outbox", NULL);
	return true;
}

Test(alarms, a_program_that_fails_is_tried_again)
{
	struct alarm alarm = new_alarm(
	    "cat; echo try >> $out; echo it failed >&2; "
	    "test $(wc -l < $out) -ge 3 && echo good >> $out");
	char *extra = channel(&alarm, "\"broken\"", "10s");
	struct house *h = house_with(extra, 1);

	house_secret(h, "89123451");
	(void)house_event(h, "+4989123451");
	for (size_t n = 1; n <= 3; n++) {
		cr_assert(await_lines(alarm.out, n, 15000), "try %zu", n);
		cr_expect(daemon_said(house_daemon(h, 0), "alert=duty",
			      n < 3 ? (int)n : 2, 15000));
		(void)house_await(hurry, h, 100);
	}
	cr_expect(await_lines(alarm.out, 4, 15000));
	cr_expect(daemon_said(house_daemon(h, 0), "said=\"it failed", 2, 1000));
	free(extra);
	house_free(h);
	free_alarm(&alarm);
}

Test(alarms, a_program_that_hangs_is_killed_with_its_children)
{
	struct alarm alarm = new_alarm(
	    "sleep 300 & echo $$ >> $out; echo $! >> $out; wait");
	char *extra = channel(&alarm, "\"broken\"", "1s"), *pids;
	struct house *h = house_with(extra, 1);

	(void)house_event(h, "+4989123451");
	cr_assert(await_lines(alarm.out, 2, 15000));
	cr_expect(daemon_said(
	    house_daemon(h, 0), "timed_out=1", 1, 15000));
	pids = slurp(alarm.out);
	for (char *s = pids; *s != '\0'; s += strcspn(s, "\n") + 1) {
		char state[64], *stat;
		long pid = strtol(s, NULL, 10);

		(void)snprintf(state, sizeof state, "/proc/%ld/stat", pid);
		stat = slurp(state);
		cr_expect(*stat == '\0' || strstr(stat, ") Z") != NULL, "%s",
		    stat);
		free(stat);
	}
	free(pids);
	free(extra);
	house_free(h);
	free_alarm(&alarm);
}

Test(alarms, a_program_sees_nothing_of_ours)
{
	struct alarm alarm = new_alarm(
	    "cat > /dev/null; env > $out.e; ls /proc/self/fd | tr '\\n' ' ' "
	    ">> $out.e; pwd >> $out.e; echo $# >> $out.e; echo >> $out");
	char *extra = channel(&alarm, "\"broken\"", "10s"), *path, *seen;
	struct house *h;

	(void)setenv("RINGBACK_SECRET_OF_THE_TEST", "x", 1);
	h = house_with(extra, 1);
	(void)house_event(h, "+4989123451");
	cr_assert(await_lines(alarm.out, 1, 15000));
	path = house_print(h, "%s.e", alarm.out);
	seen = slurp(path);
	cr_expect(strstr(seen, "SECRET") == NULL, "%s", seen);
	cr_expect(strstr(seen, "HOME=") == NULL, "%s", seen);
	cr_expect(strstr(seen, "PATH=/usr") != NULL, "%s", seen);
	/* ls itself has one descriptor open, to read the folder. */
	cr_expect(strstr(seen, "0 1 2 3 /\n0\n") != NULL, "%s", seen);
	free(seen);
	free(extra);
	house_free(h);
	free_alarm(&alarm);
}

Test(alarms, a_program_that_is_gone_is_told_in_the_log)
{
	struct alarm alarm = new_alarm("exit 0");
	char *extra = channel(&alarm, "\"broken\"", "10s");
	struct house *h = house_with(extra, 1);

	(void)unlink(alarm.program);
	(void)house_event(h, "+4989123451");
	cr_expect(daemon_said(house_daemon(h, 0),
	    "error=\"No such file or directory", 1, 15000));
	cr_expect_eq(house_get(h, "root", "/readyz")->status, 200);
	free(extra);
	house_free(h);
	free_alarm(&alarm);
}

/* Forty calls of people whose names are commands. */
static size_t
call_by_strangers(struct house *h)
{
	size_t made = 0;

	for (size_t i = 0; i < nasty_count && made < 40; i++) {
		json_t *event = json_pack("{s:s, s:s, s:s}", "type",
		    "call.missed", "from",
		    house_print(h, "+49891234%zu", 10 + i), "name", nasty[i]);
		char *body = event != NULL ? json_dumps(event, 0) : NULL;

		if (body != NULL) /* else it is no UTF-8 */
			made += house_do(h, "push", "POST", "/v1/events", body)
				    ->status == 201;
		free(body);
		json_decref(event);
	}
	return made;
}

/* How many items with such a name are in the lines of JSON. */
static size_t
names_in(const char *path)
{
	char *all = slurp(path), *rest = all, *line;
	size_t names = 0;

	while ((line = strsep(&rest, "\n")) != NULL) {
		json_t *told = json_loads(line, 0, NULL);
		json_t *items = json_object_get(told, "items");

		for (size_t k = 0; k < json_array_size(items); k++) {
			const char *name = json_string_value(json_object_get(
			    json_array_get(items, k), "name"));

			names += name != NULL && strstr(name, "mark") != NULL;
		}
		json_decref(told);
	}
	free(all);
	return names;
}

struct told {
	struct house *h;
	const char *path;
	size_t names;
};

static bool
all_told(void *cookie)
{
	const struct told *t = cookie;

	(void)hurry(t->h);
	return names_in(t->path) >= t->names;
}

Test(alarms, what_strangers_wrote_comes_by_standard_input_and_no_other_way)
{
	/* The names come last: whoever has seen them has all. */
	struct alarm alarm = new_alarm("echo \"args=$# $*\" >> $out; "
				       "env >> $out; cat >> $out.json; "
				       "echo >> $out.json");
	char *extra = channel(&alarm, "\"broken\"", "10s"), *seen;
	struct house *h = house_with(extra, 1);
	struct told told = { .h = h };

	told.path = house_print(h, "%s.json", alarm.out);
	told.names = call_by_strangers(h);
	cr_assert_eq(told.names, 40);
	cr_expect(house_await(all_told, &told, 30000));
	seen = slurp(alarm.out);
	cr_expect(strstr(seen, "args=0 \n") != NULL, "%s", seen);
	cr_expect(strstr(seen, "args=1") == NULL);
	cr_expect(strstr(seen, "mark") == NULL, "%s", seen);
	free(seen);
	free(extra);
	house_free(h);
	free_alarm(&alarm);
}
