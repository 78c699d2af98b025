/* The server's floor: what it takes, what it refuses, and how it ends. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/api/http.h"
#include "daemon/api/req.h"
#include "daemon/base/text.h"
#include "tests/harness/loop.h"
#include "tests/harness/peer.h"
#include "tests/harness/redis.h"

static struct event_base *base;
static struct http *http;
static char *folder, path[128];
static struct req *held[2000];
static struct stream *stream;
static int holds, gone, freed, handled;

static void
on_gone(void *cookie)
{
	(void)cookie;
	gone++;
}

static void
on_free(void *cookie)
{
	(void)cookie;
	freed++;
}

/* What the tests' server does, by path. */
static void
handle(struct req *r, void *cookie)
{
	size_t len;
	const char *body = req_body(r, &len);
	const char *query = req_query(r, "q");

	(void)cookie;
	handled++;
	req_on_free(r, on_free, NULL);
	if (strncmp(req_path(r), "/hold", 5) == 0) {
		held[holds++] = r;
		req_on_gone(r, on_gone, r);
	} else if (strcmp(req_path(r), "/stream") == 0) {
		stream = req_stream(r, "text/event-stream", on_gone, r);
	} else if (strcmp(req_path(r), "/fail") == 0) {
		req_fail_with(r, 409, "taken", "bad \xff byte\x1b[31m",
		    json_pack("{s:s}", "agent", "ben"));
	} else if (strcmp(req_path(r), "/header") == 0) {
		req_add_header(r, "X-Good", "yes");
		req_add_header(r, "X-Evil", "a\r\nSet-Cookie: b");
		req_answer(r, 200, json_object());
	} else {
		req_answer(r, 200,
		    json_pack("{s:s,s:s,s:i,s:s*,s:b}", "method",
			req_method(r), "path", req_path(r), "len", (int)len,
			"q", query, "nul", memchr(body, 0, len) != NULL));
	}
}

static void
setup(void)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct fault fault;

	(void)sigaction(SIGPIPE, &ignore, NULL);
	base = event_base_new();
	folder = redis_folder_new();
	(void)snprintf(path, sizeof path, "%s/s", folder);
	http = http_new(base,
	    &(struct http_options){ .handle = handle, .max_body = 1000,
		.max_connections = 8, .request_ms = 700,
		.max_unsent = 300000 });
	cr_assert_eq(http_listen(http, path, &fault), 0, "%s", fault.text);
	cr_assert_eq(http_listen(http, "127.0.0.1:0", &fault), 0);
}

static bool
none_open(void *cookie)
{
	(void)cookie;
	return http_open_requests(http) == 0;
}

static void
teardown(void)
{
	http_stop_listening(http);
	http_end_streams(http);
	cr_assert(loop_until(base, none_open, NULL, 5000));
	http_free(http);
	cr_assert_eq(freed, handled);
	loop_for(base, 5);
	event_base_free(base);
	cr_assert_neq(access(path, F_OK), 0, "the socket file was left");
	redis_folder_remove(folder);
	free(folder);
}

TestSuite(http, .init = setup, .fini = teardown, .timeout = 60);

static int
ask(const char *raw, size_t len, char *ret, size_t size)
{
	struct peer *p = peer_unix(base, path);
	const char *answer;
	int status = 0;

	peer_send(p, raw, len);
	answer = peer_answer(p, 5000);
	if (strlen(answer) > 12)
		status = (int)strtol(answer + 9, NULL, 10);
	if (ret != NULL)
		(void)snprintf(ret, size, "%s", answer);
	peer_free(p);
	return status;
}

static int
ask_text(const char *raw)
{
	return ask(raw, strlen(raw), NULL, 0);
}

Test(http, answers_over_both_listeners_and_keeps_the_connection)
{
	struct peer *p = peer_tcp(base, http_port(http));
	struct stat st;

	for (int i = 0; i < 3; i++) {
		peer_say(p, "GET /a%20b?q=1%2B2+3 HTTP/1.1\r\nHost: x\r\n\r\n");
		cr_assert_not_null(strstr(peer_answer(p, 5000),
		    "{\"method\":\"GET\",\"path\":\"/a b\",\"len\":0,"
		    "\"q\":\"1+2+3\",\"nul\":false}\n"));
	}
	peer_free(p);
	cr_assert_eq(ask_text("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0666);
}

Test(http, pipelined_requests_are_answered_in_order)
{
	struct peer *p = peer_unix(base, path);

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
		"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
		"GET / HTTP/0.9\r\nHost: x\r\n\r\n",
		"GET / FTP/1.1\r\nHost: x\r\n\r\n",
		"\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		cr_expect_eq(ask_text(bad[i]), 400, "%s", bad[i]);
	cr_assert_eq(handled, 0);
}

Test(http, refuses_nul_in_a_head)
{
	static const char value[] =
	    "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n";
	static const char line[] = "GET /a\0b HTTP/1.1\r\nHost: x\r\n\r\n";

	cr_assert_eq(ask(value, sizeof value - 1, NULL, 0), 400);
	cr_assert_eq(ask(line, sizeof line - 1, NULL, 0), 400);
	cr_assert_eq(handled, 0);
}

Test(http, refuses_odd_addresses)
{
	static const char *const bad[] = { "/a%00b", "/a%0d%0ab", "/%zz",
		"/%2", "/%", "/a/../b", "/a/%2e%2e/b", "/./a", "/..", "/%ff",
		"/%c0%af", "/\x80", "*", "/a#b", "/?a=%00", "/?a=%f", "/?%ff=1",
		"/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r", "//../x" };
	char raw[300];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		(void)snprintf(raw, sizeof raw,
		    "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", bad[i]);
		cr_expect_eq(ask_text(raw), 400, "%s", bad[i]);
	}
	cr_assert_eq(handled, 0);
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
	status = ask(t.data, t.len, NULL, 0);
	text_done(&t);
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
	cr_assert_eq(ask_sized(1, 100000, 0), 400);
}

Test(http, chunks_count_as_a_body)
{
	char raw[4096];

	cr_assert_eq(ask_text("POST / HTTP/1.1\r\nHost: x\r\n"
			      "Transfer-Encoding: chunked\r\n\r\n"
			      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), 200);
	(void)snprintf(raw, sizeof raw,
	    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "5dc\r\n%01500d\r\n0\r\n\r\n", 0);
	cr_assert_eq(ask_text(raw), 413);
}

Test(http, bodies_may_hold_anything_but_encodings)
{
	static const char nul[] = "POST / HTTP/1.1\r\nHost: x\r\n"
				  "Content-Length: 3\r\n\r\na\0b";
	char answer[1000];

	cr_assert_eq(ask(nul, sizeof nul - 1, answer, sizeof answer), 200);
	cr_assert_not_null(strstr(answer, "\"len\":3,\"nul\":true"));
	cr_assert_eq(ask_text("POST / HTTP/1.1\r\nHost: x\r\n"
			      "Content-Encoding: gzip\r\n"
			      "Content-Length: 1\r\n\r\nx"), 415);
}

Test(http, a_body_that_evhttp_does_not_read_is_never_the_next_request)
{
	struct peer *p = peer_unix(base, path);

	peer_say(p, "GET /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 35\r\n\r\n"
		    "GET /2 HTTP/1.1\r\nHost: smuggled\r\n\r\n");
	cr_assert_not_null(strstr(peer_answer(p, 5000), "\"/1\""));
	cr_assert(peer_closed(p, 5000));
	cr_assert_eq(handled, 1);
	peer_free(p);
}

Test(http, every_method_reaches_the_handler)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "DELETE",
		"OPTIONS", "PATCH", "TRACE" };
	char raw[100], answer[1000], want[50];

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		(void)snprintf(raw, sizeof raw,
		    "%s / HTTP/1.1\r\nHost: x\r\n\r\n", methods[i]);
		(void)snprintf(
		    want, sizeof want, "\"method\":\"%s\"", methods[i]);
		cr_assert_eq(
		    ask(raw, strlen(raw), answer, sizeof answer), 200);
		cr_assert_not_null(strstr(answer, want), "%s", answer);
	}
}

Test(http, head_has_the_length_and_no_body)
{
	struct peer *p = peer_unix(base, path);

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

	cr_assert_eq(ask(raw, strlen(raw), answer, sizeof answer), 200);
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

	cr_assert_eq(ask(raw, strlen(raw), answer, sizeof answer), 409);
	cr_assert_not_null(
	    strstr(answer, "\r\nContent-Type: application/problem+json\r\n"));
	cr_assert_not_null(strstr(answer,
	    "{\"type\":\"about:blank\",\"title\":\"taken\",\"status\":409,"
	    "\"detail\":\"bad ? byte?[31m\",\"agent\":\"ben\"}\n"), "%s",
	    answer);
}

Test(http, slow_senders_are_cut_although_they_keep_sending)
{
	struct peer *p = peer_unix(base, path);
	struct peer *silent = peer_unix(base, path);

	peer_say(p, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n");
	for (int i = 0; i < 60 && !peer_closed(p, 1); i++) {
		peer_say(p, "x");
		loop_for(base, 30);
	}
	cr_assert(peer_closed(p, 1));
	cr_assert(peer_closed(silent, 3000));
	cr_assert_eq(handled, 0);
	peer_free(p);
	peer_free(silent);
}

Test(http, a_slow_handler_is_not_a_slow_sender)
{
	struct peer *p = peer_unix(base, path);

	peer_say(p, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(loop_while_zero(base, &holds, 5000));
	loop_for(base, 1500);
	cr_assert(req_alive(held[0]));
	req_answer(held[0], 200, json_object());
	cr_assert_eq(peer_status(p, 5000), 200);
	peer_free(p);
}

Test(http, a_crowd_waits_and_the_other_listener_serves_on)
{
	struct peer *crowd[12], *late;

	for (int i = 0; i < 12; i++) {
		crowd[i] = peer_tcp(base, http_port(http));
		peer_say(crowd[i], "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	}
	loop_for(base, 100);
	cr_assert_eq(holds, 8);
	cr_assert_eq(ask_text("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
	late = peer_unix(base, path);
	peer_say(late, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert_eq(peer_status(late, 5000), 200);
	for (int i = 0; i < 8; i++) {
		req_close_after(held[i]);
		req_answer(held[i], 200, json_object());
	}
	loop_for(base, 1200);
	cr_assert_eq(holds, 12, "those that waited came in");
	for (int i = 8; i < 12; i++)
		req_answer(held[i], 200, json_object());
	for (int i = 0; i < 12; i++)
		peer_free(crowd[i]);
	peer_free(late);
}

static void
leave_while_held(bool by_reset)
{
	struct peer *p = by_reset ? peer_tcp(base, http_port(http))
				  : peer_unix(base, path);

	peer_say(p, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(loop_while_zero(base, &holds, 5000));
	cr_assert(req_alive(held[0]));
	cr_assert_eq(gone, 0);
	by_reset ? peer_reset(p) : peer_free(p);
	cr_assert(loop_while_zero(base, &gone, 5000));
	cr_assert_not(req_alive(held[0]));
	loop_for(base, 20);
	cr_assert_eq(gone, 1);
	cr_assert_eq(http_open_requests(http), 1);
	req_fail(held[0], 503, "gone", "Nobody hears this.");
}

Test(http, a_client_that_leaves_while_held_is_told)
{
	leave_while_held(false);
}

Test(http, a_client_that_resets_while_held_is_told)
{
	leave_while_held(true);
}

Test(http, one_that_leaves_after_sending_ahead_is_told_too)
{
	struct peer *p = peer_tcp(base, http_port(http));

	peer_say(p, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(loop_while_zero(base, &holds, 5000));
	peer_say(p, "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
	loop_for(base, 50);
	cr_assert_eq(gone, 0);
	peer_reset(p);
	cr_assert(loop_while_zero(base, &gone, 5000));
	req_answer(held[0], 200, json_object());
}

Test(http, a_thousand_that_vanish_before_their_answer_do_no_harm)
{
	for (int round = 0; round < 125; round++) {
		struct peer *p[8];
		int before = holds;

		for (int i = 0; i < 8; i++) {
			p[i] = peer_tcp(base, http_port(http));
			peer_say(p[i], "POST /hold HTTP/1.1\r\nHost: x\r\n"
				       "Content-Length: 2\r\n\r\n{}");
		}
		for (int i = 0; i < 1000 && holds < before + 8; i++)
			loop_for(base, 2);
		cr_assert_eq(holds, before + 8);
		for (int i = 0; i < 8; i++)
			i % 2 ? peer_reset(p[i]) : peer_free(p[i]);
		if (round % 2 == 0)
			loop_for(base, 2);
		for (int i = before; i < holds; i++)
			req_answer(held[i], 200, json_object());
	}
	cr_assert_eq(ask_text("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
}

Test(http, clients_that_leave_within_a_request_do_no_harm)
{
	static const char raw[] = "POST /x HTTP/1.1\r\nHost: x\r\n"
				  "Content-Length: 5\r\n\r\nabcd";

	for (size_t n = 0; n < sizeof raw; n++) {
		struct peer *p = peer_unix(base, path);

		peer_send(p, raw, n);
		loop_for(base, 3);
		peer_free(p);
	}
	cr_assert_eq(handled, 0);
	cr_assert_eq(ask_text("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
}

Test(http, streams_send_until_they_end)
{
	struct peer *p = peer_unix(base, path);

	peer_say(p, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(peer_has(p, "text/event-stream", 5000));
	cr_assert_eq(stream_send(stream, "data: 1\n\n", 9), 0);
	cr_assert(peer_has(p, "data: 1\n\n", 5000));
	cr_assert_eq(http_open_requests(http), 1);
	stream_end(stream);
	cr_assert(peer_closed(p, 5000));
	peer_free(p);
}

Test(http, a_listener_that_leaves_is_told_and_the_stream_ends)
{
	struct peer *p = peer_unix(base, path);

	peer_say(p, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(peer_has(p, "text/event-stream", 5000));
	peer_free(p);
	cr_assert(loop_while_zero(base, &gone, 5000));
	cr_assert_eq(stream_send(stream, "x", 1), -1);
	stream_end(stream);
}

Test(http, a_listener_that_never_reads_is_dropped)
{
	struct peer *p = peer_unix(base, path);
	char much[10000];
	int rc = 0;

	memset(much, 'x', sizeof much);
	peer_say(p, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(peer_has(p, "text/event-stream", 5000));
	peer_stop_reading(p);
	for (int i = 0; i < 1000 && rc == 0; i++) {
		loop_for(base, 1);
		rc = stream_send(stream, much, sizeof much);
	}
	cr_assert_eq(rc, -1);
	cr_assert_eq(gone, 0, "told inside the call");
	cr_assert_eq(stream_send(stream, "x", 1), -1);
	cr_assert(loop_while_zero(base, &gone, 5000));
	stream_end(stream);
	peer_free(p);
}

Test(http, a_stop_lets_answers_out_and_ends_streams)
{
	struct peer *p = peer_unix(base, path), *s = peer_unix(base, path);

	peer_say(p, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	peer_say(s, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(loop_while_zero(base, &holds, 5000));
	cr_assert(peer_has(s, "text/event-stream", 5000));
	http_stop_listening(http);
	cr_assert_neq(access(path, F_OK), 0);
	cr_assert_eq(http_open_requests(http), 2);
	req_answer(held[0], 200, json_object());
	http_end_streams(http);
	cr_assert_eq(gone, 1);
	stream_end(stream);
	cr_assert(loop_until(base, none_open, NULL, 5000));
	cr_assert_not_null(
	    strstr(peer_answer(p, 5000), "\r\nConnection: close\r\n"));
	cr_assert(peer_closed(p, 5000));
	peer_free(p);
	peer_free(s);
}

Test(http, only_a_dead_socket_file_is_replaced)
{
	struct fault fault = { "" };
	struct http *other = http_new(
	    base, &(struct http_options){ .handle = handle });
	char file[160];
	FILE *f;

	cr_assert_eq(http_listen(other, path, &fault), -1);
	cr_assert_not_null(strstr(fault.text, "already"));
	(void)snprintf(file, sizeof file, "%s/file", folder);
	f = fopen(file, "we");
	cr_assert_not_null(f);
	(void)fclose(f);
	cr_assert_eq(http_listen(other, file, &fault), -1);
	cr_assert_not_null(strstr(fault.text, "no socket"));
	cr_assert_eq(http_listen(other, "/nonexistent/s", &fault), -1);
	cr_assert_eq(http_listen(other, "localhost:1", &fault), -1);
	(void)snprintf(file, sizeof file, "127.0.0.1:%d", http_port(http));
	cr_assert_eq(http_listen(other, file, &fault), -1);
	http_free(other);
}
