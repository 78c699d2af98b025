/* SIGTERM: what is open is answered, then it ends with exit code 0. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "daemon/base/text.h"
#include "tests/system/team.h"

#define WAITERS 3
#define LINES 1000

TestSuite(system_stop, .timeout = 60);

struct outcome {
	int status;
	char *body;
};

static void
on_answer(void *cookie, struct web *w, const struct web_answer *a)
{
	struct outcome *o = cookie;

	(void)w;
	o->status = a->status;
	o->body = text_dup(a->body);
}

static bool
are_parked(void *cookie)
{
	struct team *t = cookie;

	return redis_int(t->redis, "ZCARD", "rb:{t}:parked", NULL) == WAITERS;
}

static bool
is_streaming(void *cookie)
{
	return strstr(web_so_far(cookie), "event: ") != NULL;
}

static char *
many_lines(void)
{
	struct text lines = { 0 };

	for (int i = 0; i < LINES; i++)
		text_addf(&lines,
			  "{\"type\":\"call.missed\",\"id\":\"s%d\","
			  "\"from\":\"+4930%07d\",\"queue\":\"billing\"}\n",
			  i, 5000000 + i);
	return text_take(&lines);
}

static int
count(const char *text, const char *what)
{
	int n = 0;

	for (const char *s = strstr(text, what); s != NULL;
	     s = strstr(s + 1, what))
		n++;
	return n;
}

/* A batch whose first events Redis has: it is really under way. */
static bool
is_under_way(void *cookie)
{
	struct team *t = cookie;

	return redis_int(t->redis, "HEXISTS", "rb:{t}:site", "number", NULL) ==
	       1;
}

Test(system_stop, who_waits_who_watches_and_what_is_in_flight_is_answered)
{
	const struct web_request wait = { .path = "/v1/next",
					  .body = "{\"wait_s\":300}" };
	const struct web_request watch = { .path = "/v1/log?after=0-0" };
	struct web_request push = { .path = "/v1/events",
				    .type = "application/x-ndjson" };
	struct team *t = team_start(1, NULL);
	struct web *waiters[WAITERS], *watcher, *pusher;
	struct outcome waited[WAITERS] = { 0 }, watched = { 0 }, pushed = { 0 };
	char name[24], *lines = many_lines();

	for (int i = 0; i < WAITERS; i++) {
		(void)snprintf(name, sizeof name, "agent%d", i);
		waiters[i] = team_agent(t, 0, name, "sales", NULL);
		crowd_ask(t->crowd, waiters[i], &wait, on_answer, &waited[i]);
	}
	watcher = web_unix(daemon_socket(t->daemon[0]));
	crowd_ask(t->crowd, watcher, &watch, on_answer, &watched);
	cr_assert(crowd_until(t->crowd, are_parked, t, 5000));
	cr_assert(crowd_until(t->crowd, is_streaming, watcher, 5000));
	pusher = web_unix(daemon_socket(t->daemon[0]));
	push.body = lines;
	crowd_ask(t->crowd, pusher, &push, on_answer, &pushed);
	cr_assert(crowd_until(t->crowd, is_under_way, t, 5000));
	(void)kill(daemon_pid(t->daemon[0]), SIGTERM);
	cr_assert(crowd_until(t->crowd, NULL, NULL, 10000), "%d still open",
		  crowd_open(t->crowd));
	for (int i = 0; i < WAITERS; i++) {
		cr_assert_eq(waited[i].status, 200, "%d: %s", waited[i].status,
			     waited[i].body);
		cr_assert_not_null(strstr(waited[i].body, "\"held\":false"),
				   "%s", waited[i].body);
		free(waited[i].body);
		web_free(waiters[i]);
	}
	cr_assert_eq(watched.status, 200, "the stream was cut off");
	cr_assert_eq(pushed.status, 200, "the batch was cut off");
	/* What Redis did not take within its patience is in the journal. */
	cr_assert_eq(count(pushed.body, "\"status\":201") +
			 count(pushed.body, "\"status\":202"),
		     LINES);
	cr_assert_eq(daemon_ended(t->daemon[0], 3000), 0);
	free(watched.body);
	free(pushed.body);
	free(lines);
	web_free(watcher);
	web_free(pusher);
	team_stop(t);
}

Test(system_stop, with_redis_frozen_it_still_ends_in_time)
{
	const struct daemon_options options = { .head = "drain = \"1s\"\n" };
	const struct web_request ask = { .path = "/v1/queues" };
	struct team *t = team_start(1, &options);
	struct web *w = web_unix(daemon_socket(t->daemon[0]));
	struct outcome asked = { 0 };

	cr_assert_eq(web_ask(w, NULL, "/healthz", NULL)->status, 200);
	redis_freeze(t->redis);
	crowd_ask(t->crowd, w, &ask, on_answer, &asked);
	(void)crowd_until(t->crowd, NULL, NULL, 50);
	cr_assert_eq(daemon_stop(t->daemon[0], 5000), 0);
	cr_assert(crowd_until(t->crowd, NULL, NULL, 5000));
	cr_assert(asked.status == 503 || asked.status == 504, "%d",
		  asked.status);
	redis_thaw(t->redis);
	free(asked.body);
	web_free(w);
	team_stop(t);
}

Test(system_stop, without_redis_it_ends_too)
{
	struct team *t = team_start(1, NULL);

	redis_kill9(t->redis);
	cr_assert_eq(daemon_stop(t->daemon[0], 5000), 0);
	team_stop(t);
}

/* systemd, a person and a script may all mean it. */
Test(system_stop, more_signals_while_it_ends_change_nothing)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGINT };

	for (int i = 0; i < 3; i++) {
		struct team *t = team_start(1, NULL);
		pid_t pid = daemon_pid(t->daemon[0]);
		siginfo_t ended = { 0 };

		(void)kill(pid, SIGTERM);
		while (waitid(P_PID, (id_t)pid, &ended,
			      WEXITED | WNOHANG | WNOWAIT) == 0 &&
		       ended.si_pid == 0)
			(void)kill(pid, signals[i]);
		cr_assert_eq(daemon_ended(t->daemon[0], 0), 0, "signal %d",
			     signals[i]);
		team_stop(t);
	}
}
