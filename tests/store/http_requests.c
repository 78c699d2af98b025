/* What the server takes, and what it refuses. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/text.h"
#include "tests/store/http_server.h"

TestSuite(http, .init = server_setup, .fini = server_teardown, .timeout = 60);

Test(http, answers_over_both_listeners_and_keeps_the_connection)
{
	struct peer *p = peer_tcp(server.base, http_port(server.http));
	struct stat st;

	for (int i = 0; i < 3; i++) {
		peer_say(p, "GET /a%20b?q=1%2B2+3 HTTP/1.1\r\nHost: x\r\n\r\n");
		cr_assert_not_null(
		    strstr(peer_answer(p, 5000),
			   "{\"method\":\"GET\",\"path\":\"/a b\",\"len\":0,"
			   "\"q\":\"1+2+3\",\"nul\":false}\n"));
	}
	peer_free(p);
	cr_assert_eq(server_ask_text("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
	cr_assert_eq(stat(server.path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0666);
}

Test(http, a_request_knows_where_it_came_from)
{
	const char *raw = "GET /from HTTP/1.1\r\nHost: x\r\n\r\n";
	struct peer *p = peer_tcp(server.base, http_port(server.http));
	char answer[1000], want[60];

	peer_say(p, raw);
	cr_assert_not_null(
	    strstr(peer_answer(p, 5000), "{\"from\":\"127.0.0.1\"}"));
	peer_free(p);
	cr_assert_eq(server_ask(raw, strlen(raw), answer, sizeof answer), 200);
	(void)snprintf(want, sizeof want, "{\"from\":\"unix:%u\"}",
		       (unsigned)geteuid());
	cr_assert_not_null(strstr(answer, want), "%s", answer);
}

Test(http, pipelined_requests_are_answered_in_order)
{
	struct peer *p = peer_unix(server.base, server.path);

	peer_say(p, "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"
		    "{}GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
		    "GET /3 HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n");
	cr_assert_not_null(strstr(peer_answer(p, 5000), "\"/1\",\"len\":2"));
	cr_assert_not_null(strstr(peer_answer(p, 5000), "\"/2\""));
	cr_assert_eq(peer_status(p, 5000), 400);
	cr_assert(peer_closed(p, 5000));
	peer_free(p);
}

Test(http, refuses_what_two_readers_would_read_differently)
{
	static const char *const bad[] = {
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
		"Content-Length: 2\r\n\r\nab",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
		"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\na",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1,1\r\n\r\na",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\na",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 1\r\n\r\na",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n"
		"\r\n",
		"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
		"0\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\nHost: x\n\n",
		"GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nX: a\x01 b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nX\xc3: b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nnocolon\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\n: empty\r\n\r\n",
		"GET /\r\n\r\n",
		"GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET / FTP/1.1\r\nHost: x\r\n\r\n",
		"\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		cr_expect_eq(server_ask_text(bad[i]), 400, "%s", bad[i]);
	cr_assert_eq(server.handled, 0);
}

/* What evhttp answers in HTML, or waits for, or reads in its own way. */
Test(http, every_refusal_is_a_problem_document_of_ours)
{
	static const struct {
		int status;
		const char *raw;
	} bad[] = {
		{ 400, "GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ 400, "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ 400, "GET / HTTP/1.1 \r\nHost: x\r\n\r\n" },
		{ 400, " GET / HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ 400, "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ 400, "GET / http/1.1\r\nHost: x\r\n\r\n" },
		{ 400, "GET / HTTP/1.10\r\nHost: x\r\n\r\n" },
		{ 400, "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ 400, "GET //[x/ HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ 400, "GET :80 HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ 400, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ 400, "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ 501, "get / HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ 501, "BREW / HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ 505, "GET / HTTP/2.0\r\nHost: x\r\n\r\n" },
		{ 505, "GET / HTTP/0.9\r\nHost: x\r\n\r\n" },
		{ 505, "GET / HTTP/1.2\r\nHost: x\r\n\r\n" },
		{ 417, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n"
		       "Content-Length: 2\r\n\r\n" },
		{ 411, "POST / HTTP/1.1\r\nHost: x\r\n"
		       "Connection: keep-alive\r\n\r\n" },
		{ 413, "POST / HTTP/1.1\r\nHost: x\r\n"
		       "Content-Length: 1001\r\n\r\n" },
		{ 413, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue"
		       "\r\nContent-Length: 99999999999999999999\r\n\r\n" },
		{ 400, "POST / HTTP/1.1\r\nHost: x\r\n"
		       "Content-Length: -1\r\n\r\n" },
		{ 400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
		       "Transfer-Encoding: chunked\r\n\r\n" },
		{ 400, "POST / HTTP/1.1\r\nHost: x\r\n"
		       "Transfer-Encoding: chunked, chunked\r\n\r\n" },
#define CHUNKED                                                                \
	"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
		{ 400, CHUNKED "zz\r\n" },
		{ 400, CHUNKED "\r\n" },
		{ 400, CHUNKED "-1\r\n" },
		{ 400, CHUNKED "+1\r\n" },
		{ 400, CHUNKED "0x1\r\n" },
		{ 400, CHUNKED "1 \r\na\r\n0\r\n\r\n" },
		{ 400, CHUNKED "1;a=b\r\na\r\n0\r\n\r\n" },
		{ 400, CHUNKED "1\na\n0\n\n" },
		{ 400, CHUNKED "1\r\nab\r\n0\r\n\r\n" },
		{ 400, CHUNKED "1\r\na\r\n0\r\nX: y\r\n\r\n" },
		{ 413, CHUNKED "3e9\r\n" },
		{ 413, CHUNKED "ffffffffffffffff\r\n" },
	};
	char answer[2000];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *raw = bad[i].raw;

		cr_expect_eq(
		    server_ask(raw, strlen(raw), answer, sizeof answer),
		    bad[i].status, "%s%s", raw, answer);
		cr_expect_not_null(
		    strstr(answer, "\r\nContent-Type: "
				   "application/problem+json\r\n"), "%s", raw);
		cr_expect_not_null(strstr(answer, "\"detail\":\""), "%s", raw);
	}
	cr_assert_eq(server.handled, 0);
}

Test(http, what_is_sent_after_a_bad_request_is_not_taken_for_one)
{
	struct peer *p = peer_unix(server.base, server.path);

	peer_say(p, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
		    "rubbish\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert_not_null(strstr(peer_answer(p, 5000), "\"/1\""));
	cr_assert_eq(peer_status(p, 5000), 400);
	cr_assert(peer_closed(p, 5000));
	cr_assert_eq(server.handled, 1);
	peer_free(p);
}

Test(http, refuses_nul_in_a_head)
{
	static const char value[] =
	    "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n";
	static const char line[] = "GET /a\0b HTTP/1.1\r\nHost: x\r\n\r\n";

	cr_assert_eq(server_ask(value, sizeof value - 1, NULL, 0), 400);
	cr_assert_eq(server_ask(line, sizeof line - 1, NULL, 0), 400);
	cr_assert_eq(server.handled, 0);
}

Test(http, refuses_odd_addresses)
{
	static const char *const bad[] = {
		"/a%00b",      "/a%0d%0ab",
		"/%zz",        "/%2",
		"/%",          "/a/../b",
		"/a/%2e%2e/b", "/./a",
		"/..",         "/%ff",
		"/%c0%af",     "/\x80",
		"*",           "/a#b",
		"/?a=%00",     "/?a=%f",
		"/?%ff=1",     "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r",
		"//../x"
	};
	char raw[300];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		(void)snprintf(raw, sizeof raw,
			       "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", bad[i]);
		cr_expect_eq(server_ask_text(raw), 400, "%s", bad[i]);
	}
	cr_assert_eq(server.handled, 0);
}

static int
ask_sized(size_t headers, size_t header_len, size_t body)
{
	struct text t = { 0 };
	int status;

	text_add_str(&t, "POST / HTTP/1.1\r\nHost: x\r\n");
	for (size_t i = 0; i < headers; i++) {
		text_add_str(&t, "X: ");
		for (size_t j = 0; j < header_len; j++)
			text_add(&t, "y", 1);
		text_add_str(&t, "\r\n");
	}
	text_addf(&t, "Content-Length: %zu\r\n\r\n", body);
	for (size_t i = 0; i < body; i++)
		text_add(&t, "z", 1);
	status = server_ask(t.data, t.len, NULL, 0);
	text_done(&t);
	return status;
}

static int
ask_target(size_t len)
{
	char *raw = text_print("GET /?q=%0*d HTTP/1.1\r\nHost: x\r\n\r\n",
	    (int)len - 4, 0);
	int status = server_ask_text(raw);

	free(raw);
	return status;
}

static int
ask_head(size_t len)
{
	static const char start[] = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
	char *raw = text_print(
	    "%s%0*d\r\n\r\n", start, (int)(len - sizeof start + 1 - 4), 0);
	int status = server_ask_text(raw);

	free(raw);
	return status;
}

Test(http, limits_hold_exactly)
{
	cr_assert_eq(ask_sized(0, 0, 1000), 200);
	cr_assert_eq(ask_sized(0, 0, 1001), 413);
	cr_assert_eq(ask_sized(0, 0, 100000), 413);
	cr_assert_eq(ask_sized(98, 10, 0), 200);
	cr_assert_eq(ask_sized(99, 10, 0), 431);
	cr_assert_eq(ask_sized(1, 16000, 0), 200);
	cr_assert_eq(ask_sized(1, 17000, 0), 431);
	cr_assert_eq(ask_sized(1, 100000, 0), 431);
	cr_assert_eq(ask_target(8192), 200);
	cr_assert_eq(ask_target(8193), 414);
	cr_assert_eq(ask_head(16 * 1024), 200);
	cr_assert_eq(ask_head(16 * 1024 + 1), 431);
}

Test(http, chunks_count_as_a_body)
{
	char raw[4096];

	cr_assert_eq(server_ask_text("POST / HTTP/1.1\r\nHost: x\r\n"
				     "Transfer-Encoding: chunked\r\n\r\n"
				     "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
		     200);
	(void)snprintf(
	    raw, sizeof raw,
	    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "5dc\r\n%01500d\r\n0\r\n\r\n",
	    0);
	cr_assert_eq(server_ask_text(raw), 413);
}

Test(http, bodies_may_hold_anything_but_encodings)
{
	static const char nul[] = "POST / HTTP/1.1\r\nHost: x\r\n"
				  "Content-Length: 3\r\n\r\na\0b";
	char answer[1000];

	cr_assert_eq(server_ask(nul, sizeof nul - 1, answer, sizeof answer),
		     200);
	cr_assert_not_null(strstr(answer, "\"len\":3,\"nul\":true"));
	cr_assert_eq(server_ask_text("POST / HTTP/1.1\r\nHost: x\r\n"
				     "Content-Encoding: gzip\r\n"
				     "Content-Length: 1\r\n\r\nx"),
		     415);
}

Test(http, a_body_that_evhttp_does_not_read_is_never_the_next_request)
{
	struct peer *p = peer_unix(server.base, server.path);

	peer_say(p, "GET /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 35\r\n\r\n"
		    "GET /2 HTTP/1.1\r\nHost: smuggled\r\n\r\n");
	cr_assert_not_null(strstr(peer_answer(p, 5000), "\"/1\""));
	cr_assert(peer_closed(p, 5000));
	cr_assert_eq(server.handled, 1);
	peer_free(p);
}

Test(http, every_method_reaches_the_handler)
{
	static const char *const methods[] = { "GET",    "POST",    "PUT",
					       "DELETE", "OPTIONS", "PATCH",
					       "TRACE" };
	char raw[100], answer[1000], want[50];

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		(void)snprintf(raw, sizeof raw,
			       "%s / HTTP/1.1\r\nHost: x\r\n\r\n", methods[i]);
		(void)snprintf(want, sizeof want, "\"method\":\"%s\"",
			       methods[i]);
		cr_assert_eq(
		    server_ask(raw, strlen(raw), answer, sizeof answer), 200);
		cr_assert_not_null(strstr(answer, want), "%s", answer);
	}
}

Test(http, head_has_the_length_and_no_body)
{
	struct peer *p = peer_unix(server.base, server.path);

	peer_say(p, "HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(peer_has(p, "Content-Length: ", 5000));
	cr_assert(peer_has(p, "\r\n\r\n", 5000));
	cr_assert_not(peer_has(p, "{", 50));
	peer_free(p);
}

Test(http, answers_carry_no_server_and_no_injected_header)
{
	char answer[1000];
	const char *raw = "GET /header HTTP/1.1\r\nHost: x\r\n\r\n";

	cr_assert_eq(server_ask(raw, strlen(raw), answer, sizeof answer), 200);
	cr_assert_null(strcasestr(answer, "\r\nServer:"));
	cr_assert_null(strcasestr(answer, "Cookie"));
	cr_assert_not_null(strstr(answer, "\r\nX-Good: yes\r\n"));
	cr_assert_not_null(
	    strstr(answer, "\r\nContent-Type: application/json\r\n"));
}

Test(http, a_failure_is_a_problem_document_with_clean_text)
{
	char answer[1000];
	const char *raw = "GET /fail HTTP/1.1\r\nHost: x\r\n\r\n";

	cr_assert_eq(server_ask(raw, strlen(raw), answer, sizeof answer), 409);
	cr_assert_not_null(
	    strstr(answer, "\r\nContent-Type: application/problem+json\r\n"));
	cr_assert_not_null(
	    strstr(
		answer,
		"{\"type\":\"about:blank\",\"title\":\"taken\",\"status\":409,"
		"\"detail\":\"bad ? byte?[31m\",\"agent\":\"ben\"}\n"),
	    "%s", answer);
}
