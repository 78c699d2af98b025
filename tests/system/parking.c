/* Agents who wait for the next customer, at several daemons. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/team.h"

TestSuite(system_parking, .timeout = 60);

struct parked {
	struct team *team;
	struct web *web;
	int64_t number; /* what he was handed; 0: nothing yet */
	int status;
};

static void
on_answer(void *cookie, struct web *w, const struct web_answer *a)
{
	struct parked *p = cookie;

	(void)w;
	p->status = a->status;
	p->number = web_int(a, "item.number");
}

/* A condition that many need: how many agents Redis knows to be waiting. */
struct places {
	struct team *team;
	int64_t count;
};

static bool
are_parked(void *cookie)
{
	struct places *p = cookie;

	return redis_int(p->team->redis, "ZCARD", "rb:{t}:parked", NULL) ==
	       p->count;
}

static struct parked *
park(struct team *t, size_t daemon, const char *name)
{
	const struct web_request r = { .path = "/v1/next",
				       .body = "{\"wait_s\":60}" };
	struct places places = { .team = t };
	struct parked *p = calloc(1, sizeof *p);

	cr_assert_not_null(p);
	p->team = t;
	p->web = team_agent(t, daemon, name, "sales", NULL);
	web_limit(p->web, 70000);
	places.count = redis_int(t->redis, "ZCARD", "rb:{t}:parked", NULL) + 1;
	crowd_ask(t->crowd, p->web, &r, on_answer, p);
	cr_assert(crowd_until(t->crowd, are_parked, &places, 10000));
	return p;
}

static void
leave(struct parked *p)
{
	if (p->status == 0)
		crowd_drop(p->team->crowd, p->web);
	web_free(p->web);
	free(p);
}

static bool
is_answered(void *cookie)
{
	const struct parked *p = cookie;

	return p->status != 0;
}

static bool
is_handed(struct parked *p, int64_t number)
{
	return crowd_until(p->team->crowd, is_answered, p, 5000) &&
	       p->status == 200 && p->number == number;
}

Test(system_parking, an_arrival_at_one_daemon_wakes_an_agent_at_the_other)
{
	struct team *t = team_start(2, NULL);
	struct parked *anna = park(t, 0, "anna");

	cr_assert(is_handed(anna, team_miss(t, 1, "a", "+49301820001")));
	leave(anna);
	team_stop(t);
}

Test(system_parking, who_has_waited_longest_is_served_first)
{
	struct team *t = team_start(2, NULL);
	struct parked *anna = park(t, 1, "anna");
	struct parked *ben = park(t, 0, "ben");
	struct parked *carl = park(t, 1, "carl");

	cr_assert(is_handed(anna, team_miss(t, 0, "a", "+49301820001")));
	cr_assert(is_handed(ben, team_miss(t, 1, "b", "+49301820002")));
	cr_assert(is_handed(carl, team_miss(t, 1, "c", "+49301820003")));
	leave(anna);
	leave(ben);
	leave(carl);
	team_stop(t);
}

Test(system_parking, who_hung_up_is_not_handed_a_customer)
{
	struct team *t = team_start(2, NULL);
	struct parked *anna = park(t, 0, "anna");
	struct parked *ben = park(t, 1, "ben");
	int64_t number;

	leave(anna);
	number = team_miss(t, 0, "a", "+49301820001");
	cr_assert(is_handed(ben, number));
	leave(ben);
	cr_assert_eq(team_logged(t, "held", number), 1);
	team_stop(t);
}

Test(system_parking, a_customer_goes_round_an_agent_at_a_frozen_daemon)
{
	struct team *t = team_start(2, NULL);
	struct parked *anna = park(t, 0, "anna");
	struct parked *ben = park(t, 1, "ben");
	int64_t number;

	daemon_freeze(t->daemon[0]);
	number = team_miss(t, 1, "a", "+49301820001");
	cr_assert(is_handed(ben, number));
	daemon_thaw(t->daemon[0]);
	/* He lost a turn, not his place: the next customer is his. */
	cr_assert(is_handed(anna, team_miss(t, 1, "b", "+49301820002")));
	leave(anna);
	leave(ben);
	team_stop(t);
}

Test(system_parking, a_wait_ends_in_time_with_nothing)
{
	struct team *t = team_start(1, NULL);
	struct web *anna = team_agent(t, 0, "anna", "sales", NULL);
	const struct web_answer *a =
	    web_ask(anna, NULL, "/v1/next", "{\"wait_s\":1}");

	cr_assert_eq(a->status, 200);
	cr_assert(json_is_false(json_object_get(a->json, "held")));
	cr_assert_geq(a->took_ms, 900);
	web_free(anna);
	team_stop(t);
}
