/* The harness's own proxy: it does what the tests take for granted. */
#include <criterion/criterion.h>
#include <errno.h>
#include <hiredis/hiredis.h>
#include <string.h>

#include "tests/harness/proxy.h"
#include "tests/harness/redis.h"

#define HANG_MS 200

TestSuite(system_proxy, .timeout = 60);

static struct redis *redis;
static struct proxy *proxy;

static void
begin(void)
{
	redis = redis_start();
	proxy = proxy_start(redis_socket(redis));
}

static void
end(void)
{
	proxy_stop(proxy);
	redis_stop(redis);
}

static redisContext *
link_to(const struct proxy *x, int limit_ms)
{
	const struct timeval limit = { .tv_sec = limit_ms / 1000,
				       .tv_usec = limit_ms % 1000 * 1000 };
	redisContext *c = x == proxy ? redisConnectUnix(proxy_socket(x))
				     : redisConnect("127.0.0.1", proxy_port(x));

	cr_assert_eq(c->err, 0, "%s", c->errstr);
	(void)redisSetTimeout(c, limit);
	return c;
}

static bool
answers(redisContext *c, const char *command)
{
	redisReply *reply = redisCommand(c, command);
	bool good = reply != NULL;

	if (good)
		freeReplyObject(reply);
	return good;
}

Test(system_proxy, what_is_said_passes_also_by_tcp, .init = begin, .fini = end)
{
	const struct redis_options o = { .tcp = true };
	struct redis *other = redis_start_with(&o);
	struct proxy *x = proxy_start_tcp(redis_port(other));
	redisContext *a = link_to(proxy, 5000), *b = link_to(x, 5000);

	cr_assert(answers(a, "SET k v"));
	cr_assert_str_eq(redis_str(redis, "GET", "k", NULL), "v");
	cr_assert(answers(b, "SET k w"));
	cr_assert_str_eq(redis_str(other, "GET", "k", NULL), "w");
	redisFree(a);
	redisFree(b);
	proxy_stop(x);
	redis_stop(other);
}

Test(system_proxy, cut_off_all_are_hung_up_until_it_passes, .init = begin,
     .fini = end)
{
	redisContext *a = link_to(proxy, 5000), *b;

	cr_assert(answers(a, "PING"));
	proxy_cut(proxy);
	redisFree(a);
	b = link_to(proxy, 5000);
	/* It is hung up, sooner or later than the command is sent. */
	cr_assert_eq(redisBufferRead(b), REDIS_ERR);
	cr_assert_neq(b->errstr[0], '\0');
	redisFree(b);
	proxy_pass(proxy);
	a = link_to(proxy, 5000);
	cr_assert(answers(a, "PING"));
	redisFree(a);
}

Test(system_proxy, aimed_elsewhere_it_hangs_up_and_leads_there, .init = begin,
     .fini = end)
{
	struct redis *other = redis_start();
	redisContext *a = link_to(proxy, 5000);

	cr_assert(answers(a, "PING"));
	proxy_aim(proxy, redis_socket(other));
	cr_assert_eq(redisBufferRead(a), REDIS_ERR);
	redisFree(a);
	a = link_to(proxy, 5000);
	cr_assert(answers(a, "SET k v"));
	cr_assert_str_eq(redis_str(other, "GET", "k", NULL), "v");
	redisFree(a);
	redis_stop(other);
}

Test(system_proxy, a_hole_says_nothing_and_later_all, .init = begin,
     .fini = end)
{
	redisContext *a = link_to(proxy, HANG_MS);

	cr_assert(answers(a, "PING"));
	proxy_hole(proxy);
	cr_assert_not(answers(a, "INCR k"));
	cr_assert_eq(a->err, REDIS_ERR_IO);
	cr_assert_eq(redis_int(redis, "EXISTS", "k", NULL), 0);
	proxy_pass(proxy);
	while (redis_int(redis, "EXISTS", "k", NULL) == 0)
		;
	redisFree(a);
}

Test(system_proxy, deaf_it_lets_the_write_be_done_and_not_known, .init = begin,
     .fini = end)
{
	redisContext *a = link_to(proxy, HANG_MS);

	proxy_deaf(proxy);
	cr_assert_not(answers(a, "INCR k"));
	cr_assert_eq(redis_int(redis, "GET", "k", NULL), 1);
	redisFree(a);
}

Test(system_proxy, slow_and_in_crumbs_all_arrives, .init = begin, .fini = end)
{
	redisContext *a = link_to(proxy, 20000);

	proxy_slow(proxy, 50);
	cr_assert(answers(a, "SET k v"));
	proxy_crumbs(proxy);
	cr_assert(answers(a, "SET k a-longer-value"));
	cr_assert_str_eq(redis_str(redis, "GET", "k", NULL), "a-longer-value");
	redisFree(a);
}

Test(system_proxy, cut_inside_an_answer_is_cut_there_and_once, .init = begin,
     .fini = end)
{
	redisContext *a = link_to(proxy, 5000), *b = link_to(proxy, 5000);

	redis_must(redis, "SET", "k", "0123456789", NULL);
	proxy_cut_reply(proxy, 8); /* "$10\r\n012" */
	cr_assert_not(answers(a, "GET k"));
	cr_assert_eq(a->err, REDIS_ERR_EOF);
	cr_assert(answers(b, "GET k"));
	redisFree(a);
	redisFree(b);
}
