/* Redis dies, freezes, forgets: the daemon says so in time, and is back by
 * itself. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/team.h"

#define SOON_MS 2500 /* "within 2 s", and what a busy machine adds */
#define BACK_MS 5000

TestSuite(system_redis, .timeout = 60);

static const char event[] = "{\"type\":\"call.missed\",\"id\":\"x\","
			    "\"from\":\"+49301820009\",\"queue\":\"sales\"}";

static void
says_that_it_is_away(const struct web_answer *a)
{
	cr_assert_eq(a->status, 503, "%d %s", a->status, a->body);
	cr_assert_gt(a->retry_after, 0);
	cr_assert_lt(a->took_ms, SOON_MS);
	cr_assert(strstr(a->body, "edis") != NULL, "%s", a->body);
}

/* Safe on disk, and said to be. */
static void
is_kept(const struct web_answer *a)
{
	cr_assert_eq(a->status, 202, "%d %s", a->status, a->body);
	cr_assert_str_eq(web_text(a, "state"), "kept");
	cr_assert_eq(strlen(web_text(a, "id")), 36);
	cr_assert_lt(a->took_ms, SOON_MS);
}

/* Until it is taken: a sender does the same. */
static bool
is_taken(struct team *t, const char *body, int limit_ms)
{
	const struct web_answer *a;
	double waited = 0;

	do {
		a = web_ask(t->admin[0], NULL, "/v1/events", body);
		waited += a->took_ms;
		if (a->status == 200 || a->status == 201)
			return true;
		(void)daemon_ready(t->daemon[0], 100);
		waited += 1;
	} while (waited < limit_ms);
	return false;
}

Test(system_redis, killed_and_restarted_it_has_lost_nothing_and_serves_again)
{
	struct team *t = team_start(1, NULL);
	char *token;
	struct web *anna = team_agent(t, 0, "anna", "sales", &token);
	int64_t number = team_miss(t, 0, "a", "+49301820001");
	pid_t pid = daemon_pid(t->daemon[0]);

	cr_assert_eq(web_ask(anna, NULL, "/v1/next", "{}")->status, 200);
	redis_kill9(t->redis);
	says_that_it_is_away(web_ask(anna, NULL, "/v1/next", "{}"));
	is_kept(web_ask(t->admin[0], NULL, "/v1/events", event));
	says_that_it_is_away(web_ask(t->admin[0], NULL, "/readyz", NULL));
	cr_assert_eq(daemon_probe(t->daemon[0], "/healthz", 2000), 200);
	redis_restart(t->redis);
	cr_assert(daemon_ready(t->daemon[0], BACK_MS));
	cr_assert_eq(
	    web_int(web_ask(anna, NULL, "/v1/next", "{}"), "item.number"),
	    number, "the hold is lost");
	cr_assert(is_taken(t, event, BACK_MS));
	cr_assert_eq(team_logged(t, "made", 0), 2, "it is lost, or doubled");
	cr_assert_eq(daemon_pid(t->daemon[0]), pid);
	web_free(anna);
	free(token);
	team_stop(t);
}

struct parked {
	int status;
	int64_t number;
};

static void
on_next(void *cookie, struct web *w, const struct web_answer *a)
{
	struct parked *p = cookie;

	(void)w;
	p->status = a->status;
	p->number = web_int(a, "item.number");
}

static bool
is_told(void *cookie)
{
	const struct parked *p = cookie;

	return p->status != 0;
}

static bool
is_parked(void *cookie)
{
	struct team *t = cookie;

	return redis_int(t->redis, "ZCARD", "rb:{t}:parked", NULL) == 1;
}

/* The fault that is reported most: consumers that never come back. */
Test(system_redis, who_waited_through_its_absence_is_handed_the_next_customer)
{
	const struct web_request r = { .path = "/v1/next",
				       .body = "{\"wait_s\":60}" };
	struct team *t = team_start(1, NULL);
	struct web *anna = team_agent(t, 0, "anna", "sales", NULL);
	struct parked p = { 0 };
	int64_t number;

	web_limit(anna, 70000);
	crowd_ask(t->crowd, anna, &r, on_next, &p);
	cr_assert(crowd_until(t->crowd, is_parked, t, 5000));
	/* What Redis answers later came later: the daemon knows it, too. */
	cr_assert_eq(web_ask(t->admin[0], NULL, "/v1/queues", NULL)->status,
		     200);
	redis_kill9(t->redis);
	cr_assert(daemon_said(t->daemon[0], "link=away", 1, 5000));
	redis_restart(t->redis);
	cr_assert(daemon_ready(t->daemon[0], BACK_MS));
	number = team_miss(t, 0, "a", "+49301820001");
	cr_assert(crowd_until(t->crowd, is_told, &p, BACK_MS));
	cr_assert_eq(p.status, 200);
	cr_assert_eq(p.number, number);
	web_free(anna);
	team_stop(t);
}

Test(system_redis, frozen_it_is_said_in_time_and_served_again_after_the_thaw)
{
	struct team *t = team_start(1, NULL);
	const struct web_answer *a;

	(void)team_miss(t, 0, "a", "+49301820001");
	redis_freeze(t->redis);
	is_kept(web_ask(t->admin[0], NULL, "/v1/events", event));
	a = web_ask(t->admin[0], NULL, "/v1/queues", NULL);
	cr_assert(a->status == 504 || a->status == 503, "%d", a->status);
	cr_assert_lt(a->took_ms, SOON_MS);
	/* From here on it is known. */
	says_that_it_is_away(web_ask(t->admin[0], NULL, "/v1/items", NULL));
	says_that_it_is_away(web_ask(t->admin[0], NULL, "/readyz", NULL));
	redis_thaw(t->redis);
	cr_assert(daemon_ready(t->daemon[0], BACK_MS));
	cr_assert(is_taken(t, event, BACK_MS));
	/* It was sent twice, perhaps stored at the first time. */
	cr_assert_eq(team_logged(t, "made", 0), 2);
	team_stop(t);
}

Test(system_redis, flushed_functions_are_loaded_again)
{
	struct team *t = team_start(1, NULL);

	redis_must(t->redis, "FUNCTION", "FLUSH", NULL);
	cr_assert_eq(web_ask(t->admin[0], NULL, "/v1/queues", NULL)->status,
		     200);
	redis_must(t->redis, "FUNCTION", "FLUSH", NULL);
	cr_assert_eq(web_ask(t->admin[0], NULL, "/v1/events", event)->status,
		     201);
	team_stop(t);
}

Test(system_redis, flushed_altogether_it_gets_configuration_and_hours_again)
{
	struct team *t = team_start(2, NULL);
	const struct web_answer *a;

	(void)team_miss(t, 0, "a", "+49301820001");
	redis_must(t->redis, "FLUSHALL", NULL);
	redis_must(t->redis, "FUNCTION", "FLUSH", NULL);
	cr_assert(is_taken(t, event, BACK_MS));
	a = web_ask(t->admin[0], NULL, "/v1/queues", NULL);
	cr_assert_eq(a->status, 200);
	cr_assert(json_is_true(json_object_get(
	    json_array_get(json_object_get(a->json, "queues"), 0), "open")));
	cr_assert_eq(redis_int(t->redis, "EXISTS", "rb:{t}:policy",
			       "rb:{t}:cal:hours:always", NULL),
		     2);
	team_stop(t);
}

Test(system_redis, a_full_one_takes_no_events_and_lets_work_be_finished)
{
	struct team *t = team_start(1, NULL);
	struct web *anna = team_agent(t, 0, "anna", "sales", NULL);
	int64_t number = team_miss(t, 0, "a", "+49301820001");
	const struct web_answer *a;

	cr_assert_eq(web_ask(anna, NULL, "/v1/next", "{}")->status, 200);
	redis_must(t->redis, "CONFIG", "SET", "maxmemory", "1mb", NULL);
	is_kept(web_ask(t->admin[0], NULL, "/v1/events", event));
	a = web_ask(anna, NULL, "/v1/items/held/outcome",
		    "{\"outcome\":\"done\"}");
	cr_assert_eq(a->status, 200, "%d %s", a->status, a->body);
	redis_must(t->redis, "CONFIG", "SET", "maxmemory", "0", NULL);
	cr_assert(is_taken(t, event, BACK_MS));
	cr_assert_str_eq(team_state(t, 0, number), "closed");
	web_free(anna);
	team_stop(t);
}
