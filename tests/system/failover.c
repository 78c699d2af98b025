/* A Redis that comes back has forgotten its last moments: the daemons tell it
 * again what they were answered. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/system/team.h"

TestSuite(system_failover, .timeout = 60);

/* cp -a FROM TO, where TO takes FROM's place. */
static void
copy_folder(const char *from, const char *to)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execlp("cp", "cp", "-a", "-T", from, to, NULL);
		_exit(127);
	}
	cr_assert(pid > 0 && waitpid(pid, &status, 0) == pid);
	cr_assert_eq(status, 0);
}

struct past {
	char data[300], kept[300];
};

/* Redis is killed, and when it comes back it knows what it knew then. */
static void
remember(struct past *p, struct team *t)
{
	(void)snprintf(p->data, sizeof p->data, "%s/appendonlydir",
		       redis_folder(t->redis));
	(void)snprintf(p->kept, sizeof p->kept, "%s/then",
		       redis_folder(t->redis));
	copy_folder(p->data, p->kept);
}

static void
go_back(const struct past *p, struct team *t)
{
	char lost[320];

	redis_kill9(t->redis);
	(void)snprintf(lost, sizeof lost, "%s.lost", p->data);
	cr_assert_eq(rename(p->data, lost), 0);
	copy_folder(p->kept, p->data);
	redis_restart(t->redis);
}

/* Up and no longer recovering. */
static void
is_back(struct team *t)
{
	for (size_t i = 0; i < t->daemons; i++)
		cr_assert(daemon_ready(t->daemon[i], 10000));
}

static const struct web_answer *
ask(struct web *w, const char *path, const char *body, int status)
{
	const struct web_answer *a = web_ask(w, "POST", path, body);

	cr_assert_eq(a->status, status, "%s: %d %s", path, a->status, a->body);
	return a;
}

/* The same event once more; its number. */
static int64_t
again(struct team *t, size_t daemon, const char *id, const char *phone)
{
	char body[200];

	(void)snprintf(body, sizeof body,
		       "{\"type\":\"call.missed\",\"id\":\"%s\","
		       "\"from\":\"%s\",\"queue\":\"sales\"}",
		       id, phone);
	return web_int(ask(t->admin[daemon], "/v1/events", body, 200),
		       "number");
}

Test(system_failover, what_was_acknowledged_is_there_again)
{
	struct team *t = team_start(2, NULL);
	struct web *anna = team_agent(t, 0, "anna", "sales", NULL);
	struct past past;
	int64_t first, second;

	first = team_miss(t, 0, "a", "+49301820001");
	remember(&past, t);
	second = team_miss(t, 1, "b", "+49301820002");
	cr_assert_eq(web_int(ask(anna, "/v1/next", "{}", 200), "item.number"),
		     first);
	(void)ask(anna, "/v1/items/held/outcome", "{\"outcome\":\"no-answer\"}",
		  200);
	cr_assert_eq(web_int(ask(anna, "/v1/next", "{}", 200), "item.number"),
		     second);
	go_back(&past, t);
	is_back(t);
	cr_assert_str_eq(team_state(t, 0, second), "held");
	cr_assert_str_eq(team_state(t, 1, first), "scheduled");
	cr_assert_eq(team_logged(t, "tried", first), 1);
	/* The same once more is the same item, and the next one is another. */
	cr_assert_eq(again(t, 0, "b", "+49301820002"), second);
	cr_assert_eq(team_miss(t, 0, "c", "+49301820003"), second + 1);
	(void)ask(anna, "/v1/items/held/outcome", "{\"outcome\":\"done\"}",
		  200);
	cr_assert_str_eq(team_state(t, 0, second), "closed");
	cr_assert(!daemon_said(t->daemon[0], "came back empty", 1, 0));
	web_free(anna);
	team_stop(t);
}

/* What is told of whom he holds where Redis is away is not told here. */
Test(system_failover, who_holds_somebody_is_told_that_it_recovers)
{
	struct team *t = team_start(1, NULL);
	struct web *anna = team_agent(t, 0, "anna", "sales", NULL);
	const struct web_answer *a;

	(void)team_miss(t, 0, "a", "+49301820001");
	(void)ask(anna, "/v1/next", "{}", 200);
	redis_must(t->redis, "HSET", "rb:{t}:site", "recovering", "1", NULL);
	a = ask(anna, "/v1/items/held/extend", "{}", 503);
	cr_assert_not_null(strstr(a->body, "\"title\":\"recovering\""), "%s",
			   a->body);
	is_back(t);
	(void)ask(anna, "/v1/items/held/extend", "{}", 200);
	web_free(anna);
	team_stop(t);
}

Test(system_failover, without_replay_it_is_lost)
{
	const struct daemon_options o = { .head = "remember = \"0s\"\n" };
	struct team *t = team_start(1, &o);
	struct past past;
	int64_t number;

	remember(&past, t);
	number = team_miss(t, 0, "a", "+49301820001");
	go_back(&past, t);
	is_back(t);
	cr_assert_eq(redis_int(t->redis, "EXISTS", "rb:{t}:item:1001", NULL),
		     0);
	/* But its number is not given to another. */
	cr_assert_eq(team_miss(t, 0, "b", "+49301820002"), number + 1);
	team_stop(t);
}

Test(system_failover, a_frozen_daemon_tells_its_part_when_it_wakes)
{
	struct team *t = team_start(2, NULL);
	struct past past;
	int64_t number;

	remember(&past, t);
	number = team_miss(t, 1, "a", "+49301820001");
	daemon_freeze(t->daemon[1]);
	go_back(&past, t);
	cr_assert(daemon_ready(t->daemon[0], 10000));
	daemon_thaw(t->daemon[1]);
	cr_assert(daemon_said(t->daemon[1], "restored=", 1, 10000));
	cr_assert_str_eq(team_state(t, 0, number), "waiting");
	team_stop(t);
}

Test(system_failover, a_redis_that_lost_everything_gets_what_is_remembered)
{
	struct team *t = team_start(1, NULL);
	int64_t number = team_miss(t, 0, "a", "+49301820001");

	redis_must(t->redis, "FLUSHALL", NULL);
	/* It was the daemon's next call that found nothing. */
	cr_assert(daemon_said(t->daemon[0], "restored=", 1, 10000));
	cr_assert(daemon_said(t->daemon[0], "came back empty", 1, 0));
	is_back(t);
	cr_assert_str_eq(team_state(t, 0, number), "waiting");
	team_stop(t);
}
