/* Clients that are slow, silent, many, or gone; and how the server stops. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/text.h"
#include "tests/store/http_server.h"

TestSuite(clients, .init = server_setup, .fini = server_teardown,
	  .timeout = 60);

Test(clients, slow_senders_are_cut_although_they_keep_sending)
{
	struct peer *p = peer_unix(server.base, server.path);
	struct peer *silent = peer_unix(server.base, server.path);

	peer_say(p, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n");
	for (int i = 0; i < 60 && !peer_closed(p, 1); i++) {
		peer_say(p, "x");
		loop_for(server.base, 30);
	}
	cr_assert(peer_closed(p, 1));
	cr_assert(peer_closed(silent, 3000));
	cr_assert_eq(server.handled, 0);
	peer_free(p);
	peer_free(silent);
}

Test(clients, a_slow_handler_is_not_a_slow_sender)
{
	struct peer *p = peer_unix(server.base, server.path);

	peer_say(p, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(loop_while_zero(server.base, &server.holds, 5000));
	loop_for(server.base, 1500);
	cr_assert(req_alive(server.held[0]));
	req_answer(server.held[0], 200, json_object());
	cr_assert_eq(peer_status(p, 5000), 200);
	peer_free(p);
}

Test(clients, a_crowd_waits_and_the_other_listener_serves_on)
{
	struct peer *crowd[12], *late;

	for (int i = 0; i < 12; i++) {
		crowd[i] = peer_tcp(server.base, http_port(server.http));
		peer_say(crowd[i], "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	}
	loop_for(server.base, 100);
	cr_assert_eq(server.holds, 8);
	cr_assert_eq(server_ask_text("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
	late = peer_unix(server.base, server.path);
	peer_say(late, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert_eq(peer_status(late, 5000), 200);
	for (int i = 0; i < 8; i++) {
		req_close_after(server.held[i]);
		req_answer(server.held[i], 200, json_object());
	}
	loop_for(server.base, 1200);
	cr_assert_eq(server.holds, 12, "those that waited came in");
	for (int i = 8; i < 12; i++)
		req_answer(server.held[i], 200, json_object());
	for (int i = 0; i < 12; i++)
		peer_free(crowd[i]);
	peer_free(late);
}

static void
leave_while_held(bool by_reset)
{
	struct peer *p = by_reset
			     ? peer_tcp(server.base, http_port(server.http))
			     : peer_unix(server.base, server.path);

	peer_say(p, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(loop_while_zero(server.base, &server.holds, 5000));
	cr_assert(req_alive(server.held[0]));
	cr_assert_eq(server.gone, 0);
	by_reset ? peer_reset(p) : peer_free(p);
	cr_assert(loop_while_zero(server.base, &server.gone, 5000));
	cr_assert_not(req_alive(server.held[0]));
	loop_for(server.base, 20);
	cr_assert_eq(server.gone, 1);
	cr_assert_eq(http_open_requests(server.http), 1);
	req_fail(server.held[0], 503, "gone", "Nobody hears this.");
}

Test(clients, a_client_that_leaves_while_held_is_told)
{
	leave_while_held(false);
}

Test(clients, a_client_that_resets_while_held_is_told)
{
	leave_while_held(true);
}

Test(clients, one_that_leaves_after_sending_ahead_is_told_too)
{
	struct peer *p = peer_tcp(server.base, http_port(server.http));

	peer_say(p, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(loop_while_zero(server.base, &server.holds, 5000));
	peer_say(p, "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
	loop_for(server.base, 50);
	cr_assert_eq(server.gone, 0);
	peer_reset(p);
	cr_assert(loop_while_zero(server.base, &server.gone, 5000));
	req_answer(server.held[0], 200, json_object());
}

Test(clients, a_thousand_that_vanish_before_their_answer_do_no_harm)
{
	for (int round = 0; round < 125; round++) {
		struct peer *p[8];
		int before = server.holds;

		for (int i = 0; i < 8; i++) {
			p[i] = peer_tcp(server.base, http_port(server.http));
			peer_say(p[i], "POST /hold HTTP/1.1\r\nHost: x\r\n"
				       "Content-Length: 2\r\n\r\n{}");
		}
		for (int i = 0; i < 1000 && server.holds < before + 8; i++)
			loop_for(server.base, 2);
		cr_assert_eq(server.holds, before + 8);
		for (int i = 0; i < 8; i++)
			i % 2 ? peer_reset(p[i]) : peer_free(p[i]);
		if (round % 2 == 0)
			loop_for(server.base, 2);
		for (int i = before; i < server.holds; i++)
			req_answer(server.held[i], 200, json_object());
	}
	cr_assert_eq(server_ask_text("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
}

Test(clients, clients_that_leave_within_a_request_do_no_harm)
{
	static const char raw[] = "POST /x HTTP/1.1\r\nHost: x\r\n"
				  "Content-Length: 5\r\n\r\nabcd";

	for (size_t n = 0; n < sizeof raw; n++) {
		struct peer *p = peer_unix(server.base, server.path);

		peer_send(p, raw, n);
		loop_for(server.base, 3);
		peer_free(p);
	}
	cr_assert_eq(server.handled, 0);
	cr_assert_eq(server_ask_text("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
}

Test(clients, streams_send_until_they_end)
{
	struct peer *p = peer_unix(server.base, server.path);

	peer_say(p, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(peer_has(p, "text/event-stream", 5000));
	cr_assert_eq(stream_send(server.stream, "data: 1\n\n", 9), 0);
	cr_assert(peer_has(p, "data: 1\n\n", 5000));
	cr_assert_eq(http_open_requests(server.http), 1);
	stream_end(server.stream);
	cr_assert(peer_closed(p, 5000));
	peer_free(p);
}

Test(clients, a_listener_that_leaves_is_told_and_the_stream_ends)
{
	struct peer *p = peer_unix(server.base, server.path);

	peer_say(p, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(peer_has(p, "text/event-stream", 5000));
	peer_free(p);
	cr_assert(loop_while_zero(server.base, &server.gone, 5000));
	cr_assert_eq(stream_send(server.stream, "x", 1), -1);
	stream_end(server.stream);
}

Test(clients, a_listener_that_never_reads_is_dropped)
{
	struct peer *p = peer_unix(server.base, server.path);
	char much[10000];
	int rc = 0;

	memset(much, 'x', sizeof much);
	peer_say(p, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(peer_has(p, "text/event-stream", 5000));
	peer_stop_reading(p);
	for (int i = 0; i < 1000 && rc == 0; i++) {
		loop_for(server.base, 1);
		rc = stream_send(server.stream, much, sizeof much);
	}
	cr_assert_eq(rc, -1);
	cr_assert_eq(server.gone, 0, "told inside the call");
	cr_assert_eq(stream_send(server.stream, "x", 1), -1);
	cr_assert(loop_while_zero(server.base, &server.gone, 5000));
	stream_end(server.stream);
	peer_free(p);
}

Test(clients, a_stop_lets_answers_out_and_ends_streams)
{
	struct peer *p = peer_unix(server.base, server.path),
		    *s = peer_unix(server.base, server.path);

	peer_say(p, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	peer_say(s, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(loop_while_zero(server.base, &server.holds, 5000));
	cr_assert(peer_has(s, "text/event-stream", 5000));
	http_stop_listening(server.http);
	cr_assert_neq(access(server.path, F_OK), 0);
	cr_assert_eq(http_open_requests(server.http), 2);
	req_answer(server.held[0], 200, json_object());
	http_end_streams(server.http);
	cr_assert_eq(server.gone, 1);
	stream_end(server.stream);
	cr_assert(loop_until(server.base, server_none_open, NULL, 5000));
	cr_assert_not_null(
	    strstr(peer_answer(p, 5000), "\r\nConnection: close\r\n"));
	cr_assert(peer_closed(p, 5000));
	peer_free(p);
	peer_free(s);
}

Test(clients, only_a_dead_socket_file_is_replaced)
{
	struct fault fault = { "" };
	struct http *other = http_new(
	    server.base, &(struct http_options){ .handle = server_handle });
	char file[160];
	FILE *f;

	cr_assert_eq(http_listen(other, server.path, &fault), -1);
	cr_assert_not_null(strstr(fault.text, "already"));
	(void)snprintf(file, sizeof file, "%s/file", server.folder);
	f = fopen(file, "we");
	cr_assert_not_null(f);
	(void)fclose(f);
	cr_assert_eq(http_listen(other, file, &fault), -1);
	cr_assert_not_null(strstr(fault.text, "no socket"));
	cr_assert_eq(http_listen(other, "/nonexistent/s", &fault), -1);
	cr_assert_eq(http_listen(other, "localhost:1", &fault), -1);
	(void)snprintf(file, sizeof file, "127.0.0.1:%d",
		       http_port(server.http));
	cr_assert_eq(http_listen(other, file, &fault), -1);
	http_free(other);
}
