/* Wrong tokens: slowed by address, and nobody else. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/api/house.h"

#define WRONG "rbt_00000000000000000000000000000000000000000000000"

static struct house *
strict_house(void)
{
	return house_new_with(
	    &(struct house_options){ .head = "wrong_tokens = 3\n" });
}

/* Sends a request with the token from that address of this machine. */
static int
begin(struct house *h, const char *source, const char *token)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	char request[400];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)inet_pton(AF_INET, source, &sin.sin_addr);
	cr_assert(bind(fd, (struct sockaddr *)&sin, sizeof sin) == 0);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons(daemon_port(house_daemon(h, 0)));
	cr_assert(connect(fd, (struct sockaddr *)&sin, sizeof sin) == 0);
	(void)snprintf(request, sizeof request,
		       "GET /v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
		       "Authorization: Bearer %s\r\n\r\n",
		       token);
	(void)ask_send(fd, request, strlen(request));
	return fd;
}

static int
end(int fd, char *retry_after, size_t size)
{
	struct said a;
	int status;

	ask_read(&a, fd, true);
	status = a.status;
	if (retry_after != NULL)
		(void)snprintf(retry_after, size, "%s",
			       said_header(&a, "Retry-After"));
	said_done(&a);
	ask_close(fd);
	return status;
}

static int
try(struct house *h, const char *source, const char *token)
{
	return end(begin(h, source, token), NULL, 0);
}

Test(guesses, an_address_that_goes_on_is_refused_and_others_are_not)
{
	struct house *h = strict_house();
	struct daemon *d = house_daemon(h, 0);
	char retry[20] = "";
	int status = 401, n = 0;

	house_secret(h, WRONG);
	for (; n < 3; n++)
		cr_assert_eq(try(h, "127.0.0.1", WRONG "1"), 401);
	cr_assert(!daemon_said(d, "wrong-tokens", 1, 0));
	for (; status == 401 && n < 40; n++)
		status = end(begin(h, "127.0.0.1", n % 2 ? WRONG "2" : "junk"),
			     retry, sizeof retry);
	cr_assert_eq(status, 429);
	cr_assert_geq(n, 3 * 3);
	cr_assert_str_eq(retry, "5");
	cr_assert_eq(try(h, "127.0.0.1", house_token(h, "anna")), 200);
	cr_assert_eq(try(h, "127.0.0.2", WRONG "3"), 401);
	cr_assert(daemon_said(d, "wrong-tokens=slowed from=127.0.0.1", 1, 0));
	cr_assert(!daemon_said(d, "wrong-tokens=slowed", 2, 0));
	house_free(h);
}

Test(guesses, no_token_at_all_is_no_guess)
{
	struct house *h = strict_house();

	for (int i = 0; i < 20; i++)
		cr_assert_eq(house_get(h, "nobody", "/v1/me")->status, 401);
	cr_assert_eq(try(h, "127.0.0.1", WRONG "1"), 401);
	cr_assert(!daemon_said(house_daemon(h, 0), "wrong-tokens", 1, 0));
	house_free(h);
}

Test(guesses, many_who_wait_keep_nobody_out)
{
	struct house *h = strict_house();
	int fd[200], refused = 0;

	for (int i = 0; i < 200; i++) {
		char source[20];

		(void)snprintf(source, sizeof source, "127.0.1.%d", i % 4 + 1);
		fd[i] = begin(h, source, WRONG "1");
	}
	for (int i = 0; i < 5; i++)
		cr_assert_eq(try(h, "127.0.1.1", house_token(h, "anna")), 200);
	/* Half of them do not stay for the answer. */
	for (int i = 0; i < 200; i += 2)
		(void)close(fd[i]);
	for (int i = 1; i < 200; i += 2) {
		int status = end(fd[i], NULL, 0);

		cr_expect(status == 401 || status == 429, "%d", status);
		refused += status == 429;
	}
	cr_expect_gt(refused, 0);
	cr_assert_eq(try(h, "127.0.1.1", house_token(h, "anna")), 200);
	house_free(h);
}

Test(guesses, who_waits_is_answered_when_the_daemon_stops)
{
	struct house *h = strict_house();
	int fd[20];

	for (int i = 0; i < 20; i++)
		fd[i] = begin(h, "127.0.0.1", WRONG "1");
	(void)try(h, "127.0.0.1", house_token(h, "anna"));
	house_free(h); /* it must end well */
	for (int i = 0; i < 20; i++) {
		int status = end(fd[i], NULL, 0);

		cr_expect(status == 401 || status == 429, "%d", status);
	}
}
