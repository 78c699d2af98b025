/* The link to Redis: what it promises while Redis lives, freezes and dies. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/store/rds.h"
#include "tests/harness/loop.h"
#include "tests/harness/redis.h"

struct seen {
	int told;
	enum store_end end;
	char text[64];
	long long number;
	struct rds *ask_again; /* from inside the ending, once */
};

static struct event_base *base;
static struct redis *redis;
static struct rds *rds;
static int ups, downs;

static void
on_changed(void *cookie, bool up, const char *why)
{
	(void)cookie;
	cr_assert_eq(up, *why == '\0');
	up ? ups++ : downs++;
}

static bool
is_up(void *cookie)
{
	(void)cookie;
	return rds_is_up(rds);
}

static bool
is_down(void *cookie)
{
	(void)cookie;
	return !rds_is_up(rds);
}

static void
setup(void)
{
	struct fault fault;

	base = event_base_new();
	redis = redis_start();
	rds = rds_new(base,
	    &(struct rds_options){
		.address = redis_socket(redis),
		.call_ms = 200,
		.connect_ms = 400,
		.changed = on_changed,
	    },
	    &fault);
	cr_assert_not_null(rds);
	cr_assert(loop_until(base, is_up, NULL, 5000));
}

static void
teardown(void)
{
	rds_free(rds);
	redis_stop(redis);
	event_base_free(base);
}

TestSuite(rds, .init = setup, .fini = teardown, .timeout = 60);

static void
on_done(void *cookie, enum store_end end, const struct redisReply *reply)
{
	static const char *const ping[] = { "PING" };
	struct seen *s = cookie;

	s->told++;
	s->end = end;
	if (reply != NULL && reply->str != NULL)
		(void)snprintf(s->text, sizeof s->text, "%s", reply->str);
	if (reply != NULL)
		s->number = reply->integer;
	if (s->ask_again != NULL) {
		struct rds *again = s->ask_again;

		s->ask_again = NULL;
		rds_call(again, 1, ping, NULL, on_done, s);
	}
}

static void
ask(struct seen *s, const char *one, const char *two)
{
	const char *const argv[] = { one, two };

	rds_call(rds, two != NULL ? 2 : 1, argv, NULL, on_done, s);
}

Test(rds, answers_in_the_order_of_asking)
{
	struct seen s[100] = { 0 };

	for (int i = 0; i < 100; i++)
		ask(&s[i], "INCR", "n");
	cr_assert_eq(s[0].told, 0, "told inside the call that asked");
	cr_assert_eq(rds_pending(rds), 100);
	cr_assert(loop_while_zero(base, &s[99].told, 5000));
	for (int i = 0; i < 100; i++) {
		cr_assert_eq(s[i].told, 1);
		cr_assert_eq(s[i].end, STORE_DONE);
		cr_assert_eq(s[i].number, i + 1);
	}
	cr_assert_eq(rds_pending(rds), 0);
	cr_assert_eq(rds_down_since_ms(rds), 0);
}

Test(rds, carries_bytes_as_they_are)
{
	const char *const argv[] = { "SET", "k%s k", "a\0b\r\n" };
	const size_t len[] = { 3, 5, 5 };
	struct seen s = { 0 };

	rds_call(rds, 3, argv, len, on_done, &s);
	cr_assert(loop_while_zero(base, &s.told, 5000));
	cr_assert_eq(redis_int(redis, "STRLEN", "k%s k", NULL), 5);
}

Test(rds, tells_what_redis_refused)
{
	struct seen s = { 0 };

	ask(&s, "NONSENSE", NULL);
	cr_assert(loop_while_zero(base, &s.told, 5000));
	cr_assert_eq(s.end, STORE_REFUSED);
	cr_assert_not_null(strstr(s.text, "unknown command"));
}

Test(rds, frozen_redis_gives_unknown_in_time_and_the_late_answer_is_swallowed)
{
	struct seen first = { 0 }, second = { 0 }, third = { 0 };
	int64_t from = clock_mono_ms();

	redis_freeze(redis);
	ask(&first, "INCR", "n");
	cr_assert(loop_while_zero(base, &first.told, 5000));
	cr_assert_eq(first.end, STORE_UNKNOWN);
	cr_assert_geq(clock_mono_ms() - from, 190);
	cr_assert_lt(clock_mono_ms() - from, 1500);
	cr_assert_not(rds_is_up(rds));
	cr_assert_gt(rds_down_since_ms(rds), 0);
	/* It would only wait behind the overdue one. */
	ask(&second, "INCR", "n");
	cr_assert_eq(second.told, 0);
	cr_assert(loop_while_zero(base, &second.told, 5000));
	cr_assert_eq(second.end, STORE_NOT_SENT);
	redis_thaw(redis);
	cr_assert(loop_until(base, is_up, NULL, 5000));
	ask(&third, "INCR", "n");
	cr_assert(loop_while_zero(base, &third.told, 5000));
	cr_assert_eq(third.end, STORE_DONE);
	cr_assert_eq(third.number, 2, "the unknown one did run");
	cr_assert_eq(first.told, 1);
}

Test(rds, long_frozen_redis_is_cut_and_service_is_back_by_itself)
{
	struct seen s = { 0 }, after = { 0 };

	redis_freeze(redis);
	ask(&s, "PING", NULL);
	cr_assert(loop_while_zero(base, &downs, 5000));
	cr_assert_eq(s.end, STORE_UNKNOWN);
	loop_for(base, 1000);
	redis_thaw(redis);
	cr_assert(loop_until(base, is_up, NULL, 5000));
	ask(&after, "PING", NULL);
	cr_assert(loop_while_zero(base, &after.told, 5000));
	cr_assert_eq(after.end, STORE_DONE);
	cr_assert_eq(s.told, 1);
}

Test(rds, killed_mid_call_is_unknown_then_not_sent_then_back)
{
	struct seen lost = { 0 }, down[10] = { { 0 } }, back = { 0 };
	const char *const argv[] = { "BLPOP", "nothing", "0" };
	int64_t since;

	rds_call(rds, 3, argv, NULL, on_done, &lost);
	loop_for(base, 20);
	redis_kill9(redis);
	cr_assert(loop_while_zero(base, &lost.told, 5000));
	cr_assert_eq(lost.end, STORE_UNKNOWN);
	since = rds_down_since_ms(rds);
	cr_assert_gt(since, 0);
	for (int i = 0; i < 10; i++)
		ask(&down[i], "PING", NULL);
	cr_assert(loop_while_zero(base, &down[9].told, 100));
	for (int i = 0; i < 10; i++)
		cr_assert_eq(down[i].end, STORE_NOT_SENT);
	cr_assert_str_not_empty(rds_why(rds));
	loop_for(base, 300);
	cr_assert_eq(rds_down_since_ms(rds), since, "away since the loss");
	redis_restart(redis);
	cr_assert(loop_until(base, is_up, NULL, 5000));
	cr_assert_eq(ups, 2);
	cr_assert_eq(downs, 1);
	ask(&back, "PING", NULL);
	cr_assert(loop_while_zero(base, &back.told, 5000));
	cr_assert_eq(back.end, STORE_DONE);
	cr_assert_eq(lost.told, 1);
}

Test(rds, a_blocking_call_may_take_longer_than_the_others)
{
	const char *const argv[] = { "BLPOP", "nothing", "0.6" };
	struct seen s = { 0 };

	rds_call_command(rds,
	    &(struct rds_command){ .argc = 3, .argv = argv,
		.timeout_ms = 5000 },
	    on_done, &s);
	cr_assert(loop_while_zero(base, &s.told, 5000));
	cr_assert_eq(s.end, STORE_DONE);
}

Test(rds, an_ending_may_ask_again)
{
	struct seen s = { .ask_again = rds };

	ask(&s, "PING", NULL);
	cr_assert(loop_while_zero(base, &s.told, 5000));
	s.told = 0;
	cr_assert(loop_while_zero(base, &s.told, 5000));
	cr_assert_eq(s.end, STORE_DONE);
}

Test(rds, a_replica_is_left_and_nothing_counts_as_run)
{
	struct seen s = { 0 };
	const char *const argv[] = { "SET", "k", "v" };

	redis_must(redis, "REPLICAOF", "127.0.0.1", "1", NULL);
	rds_call(rds, 3, argv, NULL, on_done, &s);
	cr_assert(loop_while_zero(base, &s.told, 5000));
	cr_assert_eq(s.end, STORE_NOT_SENT);
	cr_assert(loop_while_zero(base, &downs, 5000));
	redis_must(redis, "REPLICAOF", "NO", "ONE", NULL);
	cr_assert(loop_until(base, is_up, NULL, 5000));
}

Test(rds, a_bounded_number_waits)
{
	static struct seen s[10001];

	redis_freeze(redis);
	for (int i = 0; i < 10001; i++)
		ask(&s[i], "PING", NULL);
	cr_assert(loop_while_zero(base, &s[10000].told, 100));
	cr_assert_eq(s[10000].end, STORE_NOT_SENT);
	cr_assert(loop_while_zero(base, &s[0].told, 5000));
	loop_for(base, 50);
	for (int i = 0; i < 10000; i++) {
		cr_assert_eq(s[i].told, 1);
		cr_assert_eq(s[i].end, STORE_UNKNOWN, "%d %d", i, s[i].end);
	}
}

Test(rds, free_ends_all_calls_before_it_returns)
{
	struct seen sent[3] = { { 0 } }, unsent = { 0 }, again = { 0 };

	again.ask_again = rds;
	redis_freeze(redis);
	for (int i = 0; i < 3; i++)
		ask(&sent[i], "PING", NULL);
	ask(&again, "PING", NULL);
	loop_for(base, 10);
	redis_kill9(redis);
	loop_until(base, is_down, NULL, 1000);
	ask(&unsent, "PING", NULL);
	rds_free(rds);
	rds = NULL;
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(sent[i].told, 1);
		cr_assert_eq(sent[i].end, STORE_UNKNOWN);
	}
	cr_assert_eq(unsent.told, 1);
	cr_assert_eq(unsent.end, STORE_NOT_SENT);
	cr_assert_eq(again.told, 2);
}

Test(rds, what_never_left_was_not_sent)
{
	static char much[8 * 1024 * 1024];
	const char *const argv[] = { "SET", "k", much };
	struct seen s = { 0 }, after = { 0 };

	memset(much, 'x', sizeof much - 1);
	redis_freeze(redis);
	rds_call(rds, 3, argv, NULL, on_done, &s);
	ask(&after, "INCR", "n");
	loop_for(base, 20);
	rds_free(rds);
	rds = NULL;
	cr_assert_eq(s.end, STORE_NOT_SENT);
	cr_assert_eq(after.end, STORE_NOT_SENT);
}

static void
ask_in_a_hurry(struct seen *s, int64_t patience_ms, int64_t timeout_ms)
{
	static const char *const argv[] = { "INCR", "n" };

	rds_call_command(rds,
	    &(struct rds_command){ .argc = 2, .argv = argv,
		.timeout_ms = timeout_ms, .patience_ms = patience_ms },
	    on_done, s);
}

Test(rds, little_patience_is_one_calls_own_and_says_nothing_of_the_link)
{
	struct seen hurried = { 0 }, behind = { 0 }, usual = { 0 };

	static const char *const ping[] = { "PING" };

	redis_freeze(redis);
	rds_call_command(rds,
	    &(struct rds_command){ .argc = 1, .argv = ping,
		.timeout_ms = 30000 },
	    on_done, &usual);
	/* So long may this process stand still between the two. */
	ask_in_a_hurry(&hurried, 500, 10000);
	cr_assert(loop_while_zero(base, &hurried.told, 5000));
	cr_assert_eq(hurried.end, STORE_UNKNOWN);
	cr_assert_eq(usual.told, 0, "the usual deadline is a longer one");
	cr_assert(rds_is_up(rds));
	cr_assert_eq(rds_down_since_ms(rds), 0);
	ask_in_a_hurry(&behind, 500, 10000);
	cr_assert(loop_while_zero(base, &behind.told, 5000));
	cr_assert_eq(behind.end, STORE_NOT_SENT, "it would only wait behind");
	redis_thaw(redis);
	cr_assert(loop_while_zero(base, &usual.told, 5000));
	cr_assert_eq(usual.end, STORE_DONE);
	cr_assert_eq(hurried.told, 1, "the late answer was not swallowed");
	cr_assert_eq(downs, 0);
}

/* A long queue before a Redis that works is no reason.  (Redis answers at the
 * end of what it has read at once: so each call is more than that.) */
Test(rds, patience_counts_the_silence_of_redis_not_the_time_in_the_queue)
{
	static char much[64 * 1024];
	const char *const slow[] = { "EVAL",
		"local t = redis.call('TIME')[2] "
		"repeat local n = redis.call('TIME')[2] "
		"until (n - t) % 1000000 > 10000 return 1",
		"0", much };
	struct seen s[40] = { 0 };

	memset(much, 'x', sizeof much - 1);
	for (int i = 0; i < 40; i++)
		rds_call_command(rds,
		    &(struct rds_command){ .argc = 4, .argv = slow,
			.timeout_ms = 20000, .patience_ms = 300 },
		    on_done, &s[i]);
	cr_assert(loop_while_zero(base, &s[39].told, 20000));
	for (int i = 0; i < 40; i++)
		cr_assert_eq(s[i].end, STORE_DONE, "%d", i);
}

Test(rds, the_deadline_holds_for_the_link_also_where_patience_ended_before)
{
	struct seen s = { 0 };

	redis_freeze(redis);
	ask_in_a_hurry(&s, 20, 0);
	cr_assert(loop_while_zero(base, &s.told, 5000));
	cr_assert(loop_until(base, is_down, NULL, 5000));
	cr_assert_gt(rds_down_since_ms(rds), 0);
	cr_assert(loop_while_zero(base, &downs, 5000));
	cr_assert_eq(s.told, 1);
}
