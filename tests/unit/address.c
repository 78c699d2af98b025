#include "daemon/base/address.h"

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <string.h>

static struct address a;
static struct fault fault;

Test(address, reads_paths)
{
	cr_assert_eq(address_parse(&a, "/run/x.sock", -1, &fault), 0);
	cr_assert_eq(a.kind, ADDRESS_UNIX);
	cr_assert_str_eq(a.host, "/run/x.sock");
	cr_assert_eq(address_parse(&a, "unix:///run/y.sock", -1, &fault), 0);
	cr_assert_str_eq(a.host, "/run/y.sock");
}

Test(address, reads_numbers_and_ports)
{
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)&a.sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a.sa;

	cr_assert_eq(address_parse(&a, "127.0.0.1:8025", -1, &fault), 0);
	cr_assert_eq(a.kind, ADDRESS_IP);
	cr_assert_eq(in4->sin_port, htons(8025));
	cr_assert_eq(address_parse(&a, "[::1]:0", -1, &fault), 0);
	cr_assert_eq(in6->sin6_family, AF_INET6);
	cr_assert_eq(address_parse(&a, "[::1]", 6379, &fault), 0);
	cr_assert_eq(a.port, 6379);
	cr_assert_eq(address_parse(&a, "redis://db.example", 6379, &fault), 0);
	cr_assert_eq(a.kind, ADDRESS_NAME);
	cr_assert_str_eq(a.host, "db.example");
}

Test(address, refuses_what_is_none_and_leaves_the_result_alone)
{
	static const char *const bad[] = { "", ":1", "127.0.0.1", "x", "x:",
		"127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1: 1", "::1:80",
		"[127.0.0.1]:80", "[::1]80", "a b:80", "unix:x", "unix://" };

	memset(&a, 7, sizeof a);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		fault.text[0] = '\0';
		cr_assert_eq(address_parse(&a, bad[i], -1, &fault), -1, "%s",
		    bad[i]);
		cr_assert_str_not_empty(fault.text);
	}
	cr_assert_eq(a.host[0], 7);
}

Test(address, refuses_a_path_that_a_socket_cannot_have)
{
	char path[200];

	memset(path, 'x', sizeof path);
	path[0] = '/';
	path[108] = '\0';
	cr_assert_eq(address_parse(&a, path, -1, &fault), -1);
	path[107] = '\0';
	cr_assert_eq(address_parse(&a, path, -1, &fault), 0);
}
