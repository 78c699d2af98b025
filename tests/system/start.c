/* The daemon as a process: when it starts, when it refuses, how it ends. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/harness/daemon.h"
#include "tests/harness/redis.h"

TestSuite(system_start, .timeout = 60);

Test(system_start, a_daemon_becomes_ready_and_ends_by_sigterm)
{
	struct redis *redis = redis_start();
	struct daemon_options options = { .redis = redis };
	struct daemon *d = daemon_start(&options);

	cr_assert_eq(daemon_probe(d, "/healthz", 2000), 200);
	cr_assert_neq(daemon_port(d), 0);
	cr_assert_eq(daemon_stop(d, 5000), 0);
	cr_assert_neq(access(daemon_socket(d), F_OK), 0, "left its socket");
	daemon_free(d);
	redis_stop(redis);
}

Test(system_start, a_daemon_that_is_there_before_redis_waits_for_it)
{
	struct redis *redis = redis_start();
	struct daemon_options options = { .redis = redis };
	struct daemon *d;

	redis_kill9(redis);
	d = daemon_launch(&options);
	cr_assert(daemon_said(d, "link=away", 0, 0));
	while (daemon_probe(d, "/healthz", 2000) != 200)
		cr_assert(daemon_pid(d) > 0);
	cr_assert_eq(daemon_probe(d, "/readyz", 2000), 503);
	redis_restart(redis);
	cr_assert(daemon_ready(d, 5000));
	daemon_free(d);
	redis_stop(redis);
}

Test(system_start, too_few_open_files_for_what_is_promised_are_told)
{
	const struct rlimit few = { .rlim_cur = 200, .rlim_max = 200 };
	struct redis *redis = redis_start();
	struct daemon_options options = { .redis = redis };
	struct daemon *d;

	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	d = daemon_start(&options);
	cr_expect(
	    daemon_said(d, "needs 1088 open files, the limit is 200", 1, 5000));
	cr_expect_eq(daemon_probe(d, "/readyz", 2000), 200);
	daemon_free(d);
	redis_stop(redis);
}

Test(system_start, a_socket_left_by_kill_9_is_replaced)
{
	struct redis *redis = redis_start();
	struct daemon_options options = { .redis = redis };
	struct daemon *d = daemon_start(&options);

	daemon_kill9(d);
	cr_assert_eq(access(daemon_socket(d), F_OK), 0, "nothing was left");
	daemon_restart(d);
	cr_assert_eq(daemon_probe(d, "/healthz", 2000), 200);
	daemon_free(d);
	redis_stop(redis);
}

Test(system_start, a_second_daemon_at_the_same_socket_refuses_with_a_sentence)
{
	struct redis *redis = redis_start();
	struct daemon_options options = { .redis = redis };
	struct daemon *d = daemon_start(&options), *second;
	char *log;

	options.socket = daemon_socket(d);
	second = daemon_launch(&options);
	cr_assert_eq(daemon_ended(second, 10000), 69); /* EX_UNAVAILABLE */
	log = daemon_log(second);
	cr_assert_not_null(strstr(log, daemon_socket(d)), "says: %s", log);
	free(log);
	cr_assert_eq(daemon_probe(d, "/readyz", 2000), 200,
		     "the first one was disturbed");
	daemon_free(second);
	daemon_free(d);
	redis_stop(redis);
}

static void
starts_not_ready(struct redis *redis, const char *why)
{
	struct daemon_options options = { .redis = redis };
	struct daemon *d = daemon_launch(&options);
	struct daemon *trial;

	cr_assert(daemon_said(d, why, 1, 10000), "did not say: %s", why);
	cr_assert_eq(daemon_probe(d, "/readyz", 2000), 503);
	/* No sooner than somebody says that it may be lost. */
	options.head = "durability = \"none\"\n";
	trial = daemon_start(&options);
	daemon_free(trial);
	daemon_free(d);
}

Test(system_start, a_redis_that_forgets_is_not_used_unless_that_is_allowed)
{
	const struct redis_options forgets = { .forgetful = true };
	struct redis *redis = redis_start_with(&forgets);

	starts_not_ready(redis, "appendonly yes");
	redis_stop(redis);
}

Test(system_start, a_redis_that_evicts_is_not_used_unless_that_is_allowed)
{
	static const char *const extra[] = { "--maxmemory-policy",
					     "allkeys-lru", NULL };
	const struct redis_options evicts = { .extra = extra };
	struct redis *redis = redis_start_with(&evicts);

	starts_not_ready(redis, "maxmemory-policy noeviction");
	redis_stop(redis);
}
