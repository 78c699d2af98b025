#include "daemon/api/origin.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static struct origin o;

static void
of(const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		origin_of_address(&o, (struct sockaddr *)&v4);
	else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
		origin_of_address(&o, (struct sockaddr *)&v6);
	else
		cr_assert_fail("%s", text);
}

Test(origin, an_address_is_told_without_its_port)
{
	of("203.0.113.5");
	cr_assert_str_eq(o.from, "203.0.113.5");
	cr_assert_str_eq(o.counted, "203.0.113.5");
}

Test(origin, ipv4_within_ipv6_is_ipv4)
{
	of("::ffff:203.0.113.5");
	cr_assert_str_eq(o.from, "203.0.113.5");
	cr_assert_str_eq(o.counted, "203.0.113.5");
}

Test(origin, of_ipv6_a_whole_network_counts_as_one)
{
	of("2001:db8:1:2:3:4:5:6");
	cr_assert_str_eq(o.from, "2001:db8:1:2:3:4:5:6");
	cr_assert_str_eq(o.counted, "2001:db8:1:2::/64");
	of("2001:db8:1:2:ffff:ffff:ffff:ffff");
	cr_assert_str_eq(o.counted, "2001:db8:1:2::/64");
	of("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	cr_assert_str_eq(o.counted, "ffff:ffff:ffff:ffff::/64");
}

Test(origin, a_unix_socket_is_its_user)
{
	char want[40];
	int fd[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	origin_of(&o, fd[0]);
	(void)snprintf(want, sizeof want, "unix:%u", (unsigned)geteuid());
	cr_assert_str_eq(o.from, want);
	cr_assert_str_eq(o.counted, want);
	(void)close(fd[0]);
	(void)close(fd[1]);
	origin_of(&o, fd[0]);
	cr_assert_str_eq(o.from, "");
}
