/* The harness's own sets of servers: they do what the tests take for granted.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/harness/redis_set.h"

#define SOON_MS 30000

TestSuite(system_redis_set, .timeout = 90);

static struct redis_set *
three_with_three(int min_replicas)
{
	const struct redis_set_options o = { .replicas = 2,
					     .sentinels = 3,
					     .min_replicas = min_replicas };

	return redis_set_start(&o);
}

Test(system_redis_set,
     a_killed_master_is_followed_by_a_replica_and_comes_back_as_one)
{
	struct redis_set *s = three_with_three(0);
	struct redis *old = redis_set_master(s), *now;

	cr_assert_eq(old, redis_set_server(s, 0));
	redis_must(old, "SET", "k", "v", NULL);
	cr_assert_eq(redis_int(old, "WAIT", "2", "5000", NULL), 2);
	redis_kill9(old);
	cr_assert(redis_set_moved(s, old, SOON_MS));
	now = redis_set_master(s);
	cr_assert_str_eq(redis_str(now, "GET", "k", NULL), "v");
	redis_restart(old);
	cr_assert(redis_set_steady(s, SOON_MS));
	/* On a busy machine it may even have been chosen again by now. */
	cr_assert_not_null(redis_set_master(s));
	redis_set_stop(s);
}

Test(system_redis_set,
     a_frozen_master_is_followed_too_and_learns_it_after_the_thaw)
{
	struct redis_set *s = three_with_three(0);
	struct redis *old = redis_set_master(s);

	redis_freeze(old);
	cr_assert(redis_set_moved(s, old, SOON_MS));
	redis_thaw(old);
	cr_assert(redis_set_steady(s, SOON_MS));
	cr_assert_not_null(redis_set_master(s));
	redis_set_stop(s);
}

Test(system_redis_set, without_replicas_the_master_refuses_where_it_is_told_to)
{
	struct redis_set *s = three_with_three(1);
	redisReply *reply;
	char text[64] = "";

	redis_must(redis_set_server(s, 0), "SET", "k", "v", NULL);
	redis_kill9(redis_set_server(s, 1));
	redis_kill9(redis_set_server(s, 2));
	for (int i = 0; i < 200000 && strncmp(text, "NOREPLICAS", 10) != 0;
	     i++) {
		reply = redis_do(redis_set_server(s, 0), "SET", "k", "w", NULL);
		(void)snprintf(text, sizeof text, "%s", reply->str);
		freeReplyObject(reply);
	}
	cr_assert(strncmp(text, "NOREPLICAS", 10) == 0, "%s", text);
	redis_set_stop(s);
}

static int
keys_of(struct redis_set *s, size_t node)
{
	return (int)redis_int(redis_set_server(s, node), "DBSIZE", NULL);
}

Test(system_redis_set, a_slot_of_the_cluster_moves_in_steps)
{
	struct redis_set *s = redis_set_cluster(3, NULL);
	int slot = redis_set_slot(s, "{t}");
	size_t from = redis_set_owner(s, slot), to = (from + 1) % 3;
	char key[16];

	for (int i = 0; i < 25; i++) {
		(void)snprintf(key, sizeof key, "{t}%d", i);
		redis_must(redis_set_server(s, from), "SET", key, "v", NULL);
	}
	redis_set_move_begin(s, slot, to);
	cr_assert(redis_set_move_step(s, 10));
	cr_assert_eq(keys_of(s, from), 15);
	cr_assert_eq(keys_of(s, to), 10);
	cr_assert_eq(redis_set_owner(s, slot), from);
	redis_set_move_finish(s);
	cr_assert_eq(keys_of(s, from), 0);
	cr_assert_eq(keys_of(s, to), 25);
	cr_assert_eq(redis_set_owner(s, slot), to);
	redis_set_stop(s);
}

Test(system_redis_set, a_killed_node_of_the_cluster_is_missed_and_comes_back)
{
	struct redis_set *s = redis_set_cluster(3, NULL);

	redis_kill9(redis_set_server(s, 1));
	cr_assert_not(redis_set_well(s, 0));
	redis_restart(redis_set_server(s, 1));
	cr_assert(redis_set_well(s, SOON_MS));
	redis_set_stop(s);
}
