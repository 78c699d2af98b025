#include "tests/store/http_server.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/redis.h"

struct http_server server;

static void
on_gone(void *cookie)
{
	(void)cookie;
	server.gone++;
}

static void
on_free(void *cookie)
{
	(void)cookie;
	server.freed++;
}

/* What the tests' server does, by path. */
void
server_handle(struct req *r, void *cookie)
{
	size_t len;
	const char *body = req_body(r, &len);
	const char *query = req_query(r, "q");

	(void)cookie;
	server.handled++;
	req_on_free(r, on_free, NULL);
	if (strncmp(req_path(r), "/hold", 5) == 0) {
		server.held[server.holds++] = r;
		req_on_gone(r, on_gone, r);
	} else if (strcmp(req_path(r), "/stream") == 0) {
		server.stream = req_stream(r, "text/event-stream", on_gone, r);
	} else if (strcmp(req_path(r), "/fail") == 0) {
		req_fail_with(r, 409, "taken", "bad \xff byte\x1b[31m",
			      json_pack("{s:s}", "agent", "ben"));
	} else if (strcmp(req_path(r), "/header") == 0) {
		req_add_header(r, "X-Good", "yes");
		req_add_header(r, "X-Evil", "a\r\nSet-Cookie: b");
		req_answer(r, 200, json_object());
	} else if (strcmp(req_path(r), "/from") == 0) {
		req_answer(r, 200, json_pack("{s:s}", "from", req_from(r)));
	} else {
		req_answer(r, 200,
			   json_pack("{s:s,s:s,s:i,s:s*,s:b}", "method",
				     req_method(r), "path", req_path(r), "len",
				     (int)len, "q", query, "nul",
				     memchr(body, 0, len) != NULL));
	}
}

void
server_begin(const struct http_options *given)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct http_options options = *given;
	struct fault fault;

	options.handle = server_handle;
	(void)sigaction(SIGPIPE, &ignore, NULL);
	server.base = event_base_new();
	server.folder = redis_folder_new();
	(void)snprintf(server.path, sizeof server.path, "%s/s", server.folder);
	server.http = http_new(server.base, &options);
	cr_assert_eq(http_listen(server.http, server.path, &fault), 0, "%s",
		     fault.text);
	cr_assert_eq(http_listen(server.http, "127.0.0.1:0", &fault), 0);
}

void
server_setup(void)
{
	server_begin(&(struct http_options){ .max_body = 1000,
					     .max_connections = 8,
					     .request_ms = 700,
					     .max_unsent = 300000 });
}

bool
server_none_open(void *cookie)
{
	(void)cookie;
	return http_open_requests(server.http) == 0;
}

void
server_teardown(void)
{
	http_stop_listening(server.http);
	http_end_streams(server.http);
	cr_assert(loop_until(server.base, server_none_open, NULL, 5000));
	http_free(server.http);
	cr_assert_eq(server.freed, server.handled);
	loop_for(server.base, 5);
	event_base_free(server.base);
	cr_assert_neq(access(server.path, F_OK), 0, "the socket file was left");
	redis_folder_remove(server.folder);
	free(server.folder);
}

int
server_ask(const char *raw, size_t len, char *ret, size_t size)
{
	struct peer *p = peer_unix(server.base, server.path);
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

int
server_ask_text(const char *raw)
{
	return server_ask(raw, strlen(raw), NULL, 0);
}
