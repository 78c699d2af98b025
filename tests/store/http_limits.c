/* Limits of connections and time: at the limit, and one more. */
#include <criterion/criterion.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/api/room.h"
#include "daemon/base/text.h"
#include "tests/store/http_server.h"

#define GET "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

static void
setup(void)
{
	server_begin(&(struct http_options){ .max_connections = 500,
	    .max_by_address = 5,
	    .request_ms = 700,
	    .answer_ms = 800,
	    .max_body = 100 });
}

TestSuite(limits, .init = setup, .fini = server_teardown, .timeout = 60);

static struct peer *
come(void)
{
	return peer_tcp(server.base, http_port(server.http));
}

static int
ask_once(void)
{
	struct peer *p = come();
	int status;

	peer_say(p, GET);
	status = peer_status(p, 5000);
	peer_free(p);
	return status;
}

static bool
is_let_in(void *cookie)
{
	(void)cookie;
	return ask_once() == 200;
}

Test(limits, one_connection_more_from_an_address_is_told_so)
{
	struct peer *p[5], *more;
	const char *answer;

	for (int i = 0; i < 5; i++) {
		p[i] = come();
		peer_say(p[i], GET);
		cr_assert_eq(peer_status(p[i], 5000), 200);
	}
	more = come();
	answer = peer_answer(more, 5000); /* without having said a word */
	cr_assert_not_null(strstr(answer, "HTTP/1.1 429 Too Many Requests\r\n"));
	cr_assert_not_null(strstr(answer, "\r\nRetry-After: 5\r\n"));
	cr_assert_not_null(strstr(answer, "127.0.0.1 has 5 connections"));
	peer_free(more);
	cr_assert_eq(server_ask_text(GET), 200, "the others may");
	peer_say(p[0], GET);
	cr_assert_eq(peer_status(p[0], 5000), 200);
	peer_free(p[4]);
	cr_assert(loop_until(server.base, is_let_in, NULL, 5000));
	for (int i = 0; i < 4; i++)
		peer_free(p[i]);
}

Test(limits, a_slow_request_is_told_so_in_its_head_and_in_its_body)
{
	static const char *const begun[] = { "GET / HT",
		"GET / HTTP/1.1\r\nHost: x\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\nab",
		("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
		 "\r\n5a\r\nab") };

	for (size_t i = 0; i < sizeof begun / sizeof *begun; i++) {
		struct peer *p = come();

		peer_say(p, begun[i]);
		for (int k = 0; k < 60 && !peer_has(p, "\r\n\r\n", 30); k++)
			peer_say(p, "x");
		cr_assert_eq(peer_status(p, 5000), 408, "%s", begun[i]);
		cr_assert(peer_closed(p, 5000));
		peer_free(p);
	}
	cr_assert_eq(server.handled, 0);
}

Test(limits, chunks_without_an_end_are_cut)
{
	struct peer *p = come();

	peer_say(p, "POST / HTTP/1.1\r\nHost: x\r\n"
		    "Transfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 200 && !peer_has(p, "\r\n\r\n", 1); i++)
		peer_say(p, "1\r\na\r\n");
	cr_assert_eq(peer_status(p, 5000), 413);
	cr_assert(peer_closed(p, 5000));
	cr_assert_eq(server.handled, 0);
	peer_free(p);
}

static bool
is_done(void *cookie)
{
	(void)cookie;
	return http_open_requests(server.http) == 0;
}

Test(limits, an_answer_that_is_not_read_is_cut_and_let_go)
{
	size_t len = 30 * 1024 * 1024;
	char *much = text_alloc(len);
	struct peer *p = come();

	memset(much, 'x', len);
	peer_say(p, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(loop_while_zero(server.base, &server.holds, 5000));
	peer_stop_reading(p);
	req_answer_text(server.held[0], 200, "text/plain", much, len);
	free(much);
	cr_assert_eq(http_open_requests(server.http), 1);
	cr_assert(loop_until(server.base, is_done, NULL, 10000));
	cr_assert_eq(ask_once(), 200);
	peer_free(p);
}

Test(limits, a_thousand_that_vanish_at_once_leave_nothing)
{
	for (int round = 0; round < 10; round++) {
		struct peer *p[100];

		for (int i = 0; i < 100; i++) {
			p[i] = i % 2 == 0 ?
			    come() :
			    peer_unix(server.base, server.path);
			if (i % 3 != 0)
				peer_say(p[i], i % 3 == 1 ? GET : "POST /");
		}
		loop_for(server.base, 5);
		for (int i = 0; i < 100; i++)
			i % 4 == 0 ? peer_reset(p[i]) : peer_free(p[i]);
	}
	cr_assert(loop_until(server.base, is_let_in, NULL, 5000));
}

Test(limits, files_are_left_for_others_and_service_comes_back)
{
	struct rlimit old, few;
	struct peer *p[4], *waits;

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = ROOM_RESERVE + 3;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	loop_for(server.base, 1200); /* it looks now and then */
	for (int i = 0; i < 3; i++) {
		p[i] = come();
		peer_say(p[i], "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	}
	waits = come();
	peer_say(waits, GET);
	cr_assert_eq(peer_status(waits, 1200), 0);
	cr_assert_eq(server.holds, 3);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
	cr_assert_eq(peer_status(waits, 5000), 200);
	for (int i = 0; i < 3; i++) {
		req_answer(server.held[i], 200, json_object());
		cr_assert_eq(peer_status(p[i], 5000), 200);
		peer_free(p[i]);
	}
	peer_free(waits);
}

Test(limits, the_socket_has_the_mode_and_the_group_it_was_given)
{
	struct fault fault = { "" };
	char path[160];
	struct stat st;
	struct group *group = getgrgid(getegid());

	cr_assert_not_null(group);
	(void)snprintf(path, sizeof path, "%s/other", server.folder);
	cr_assert_eq(http_socket_access(
			 server.http, 0640, "no-such-group", &fault), -1);
	cr_assert_not_null(
	    strstr(fault.text, "there is no Unix group no-such-group"));
	cr_assert_eq(http_socket_access(
			 server.http, 0640, group->gr_name, &fault), 0);
	cr_assert_eq(http_listen(server.http, path, &fault), 0);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0640);
	cr_assert_eq(st.st_gid, getegid());
}
