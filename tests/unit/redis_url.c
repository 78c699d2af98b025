/* Where Redis is: the forms of redis_url, and what nodes answer. */
#include "daemon/base/redis_url.h"

#include <criterion/criterion.h>

#include "daemon/store/whereabouts.h"

Test(redis_url, reads_its_forms_and_refuses_a_password)
{
	struct redis_url u;
	struct fault fault = { "" };

	cr_assert_eq(redis_url_parse(&u, "rediss://rb@db:6380", &fault), 0);
	cr_assert(u.tls);
	cr_assert_str_eq(u.user, "rb");
	cr_assert_eq(u.hosts[0].port, 6380);
	cr_assert_eq(
	    redis_url_parse(&u, "sentinel://main@a,[::1]:7,c:8", &fault), 0);
	cr_assert_eq(u.kind, REDIS_SENTINEL);
	cr_assert_str_eq(u.master, "main");
	cr_assert_eq(u.count, 3);
	cr_assert_eq(u.hosts[0].port, 26379);
	cr_assert_eq(redis_url_parse(&u, "clusters://a,b", &fault), 0);
	cr_assert_eq(u.kind, REDIS_CLUSTER);
	cr_assert_eq(redis_url_parse(&u, "redis://u:p@a", &fault), -1);
	cr_assert_eq(redis_url_parse(&u, "cluster://a,", &fault), -1);
	cr_assert_eq(redis_url_parse(&u, "cluster://a,/x", &fault), -1);
}

Test(redis_url, knows_slots_and_moves)
{
	struct fault fault = { "" };
	struct address who, a;

	cr_assert_eq(whereabouts_slot("123456789"), 0x31c3);
	cr_assert_eq(address_parse(&who, "10.0.0.1:1", -1, &fault), 0);
	cr_assert_eq(whereabouts_moved(&a, "MOVED 7 10.0.0.2:9", &who), 0);
	cr_assert_str_eq(a.host, "10.0.0.2");
	cr_assert_eq(whereabouts_moved(&a, "MOVED 7 :9", &who), 0);
	cr_assert_str_eq(a.host, "10.0.0.1");
	cr_assert_eq(whereabouts_moved(&a, "MOVED 7 x:0", &who), -1);
	cr_assert_eq(whereabouts_moved(&a, "MOVED", &who), -1);
}
