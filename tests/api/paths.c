/* Methods, paths, ids and queries that are not ours: refused as such, never by
 * a 5xx. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/house.h"

static void
is_problem(const struct said *a, int status, const char *what)
{
	cr_expect_eq(a->status, status, "%s: %d instead of %d: %s", what,
	    a->status, status, a->body != NULL ? a->body : "");
	cr_expect_str_eq(said_header(a, "Content-Type"),
	    "application/problem+json", "%s", what);
	cr_expect_eq(said_int(a, "status"), status, "%s", what);
}

Test(paths, a_method_that_is_not_served_is_told_which_are)
{
	static const struct {
		const char *method, *path, *allow;
	} list[] = {
		{ "GET", "/v1/events", "POST, OPTIONS" },
		{ "PUT", "/v1/events", "POST, OPTIONS" },
		{ "DELETE", "/v1/events", "POST, OPTIONS" },
		{ "PATCH", "/v1/events", "POST, OPTIONS" },
		{ "TRACE", "/v1/events", "POST, OPTIONS" },
		{ "GET", "/v1/next", "POST" },
		{ "POST", "/v1/items", "GET, HEAD" },
		{ "DELETE", "/v1/items/1001", "GET, HEAD" },
		{ "GET", "/v1/items/1001/hold", "POST" },
		{ "POST", "/v1/queues", "GET, HEAD" },
		{ "GET", "/v1/me/duty", "POST" },
		{ "PATCH", "/v1/customers/1", "GET, HEAD, PUT, DELETE" },
		{ "PUT", "/v1/customers", "GET, HEAD, POST" },
		{ "GET", "/v1/agents/anna/queues/sales", "PUT, DELETE" },
		{ "GET", "/v1/tokens/anna", "DELETE" },
		{ "POST", "/healthz", "GET, HEAD" },
	};
	struct house *h = house_new();

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		const struct said *a = house_do(
		    h, "admin", list[i].method, list[i].path, "");

		is_problem(a, 405, list[i].path);
		cr_expect_str_eq(said_header(a, "Allow"), list[i].allow, "%s",
		    list[i].path);
	}
	house_free(h);
}

Test(paths, a_path_that_is_none_is_not_found_or_bad)
{
	static const struct {
		const char *path;
		int status;
	} list[] = {
		{ "/", 404 },
		{ "/v1", 404 },
		{ "/v1/", 404 },
		{ "/v2/items", 404 },
		{ "/v1/items/", 404 },
		{ "//v1/items", 400 },
		{ "/v1//items", 404 },
		{ "/V1/ITEMS", 404 },
		{ "/v1/items/1001/", 404 },
		{ "/v1/items/1001/destroy", 404 },
		{ "/v1/item", 404 },
		{ "/healthz/x", 404 },
		{ "/v1/items%2f1001", 404 },
		{ "/index.html", 404 },
		{ "/v1/items/../tokens", 400 },
		{ "/v1/items/%2e%2e/tokens", 400 },
		{ "/v1/./items", 400 },
		{ "/v1/items/%00", 400 },
		{ "/v1/items/%0d%0aX:1", 400 },
		{ "/v1/items/%zz", 400 },
		{ "/v1/items/%4", 400 },
		{ "/v1/items/%ff", 400 },
		{ "/v1/items/%c0%af", 400 },
		{ "/v1/items/%ed%a0%80", 400 },
		{ "/v1/items#x", 400 },
		{ "/v1/items/\x01", 400 },
		{ "*", 400 },
		{ "v1/items", 400 },
	};
	struct house *h = house_new();

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		const struct said *a = house_get(h, "admin", list[i].path);

		cr_expect_eq(a->status, list[i].status, "%s: %d", list[i].path,
		    a->status);
	}
	house_free(h);
}

Test(paths, an_id_that_is_none_is_not_found)
{
	static const char *const ids[] = { "0", "1", "1000", "01001x", "-1",
		"+1001", "1001.0", "1e3", "0x3e9", "%201001", "1001%20",
		"99999999999999999999", "9007199254740993", "nan", "inf",
		"null", "*", "%7b%7d", "1001,1002", "%F0%9F%98%80",
		"00000000-0000-0000-0000-000000000000",
		"zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz",
		"6f1f4a0e6a535d0e9a397c1d2c0f3b11", "_site", "rb:%7bt%7d:site" };
	static const char *const acts[] = { "hold", "release", "note", "move",
		"outcome", "extend" };
	static const char *const bodies[] = { "{}", "{}", "{\"note\":\"x\"}",
		"{\"queue\":\"quality\"}", "{\"outcome\":\"done\"}", "{}" };
	struct house *h = house_new();
	char *before;

	(void)house_event(h, "+4989123451");
	before = house_digest(h);
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		is_problem(house_get(h, "admin",
			       house_print(h, "/v1/items/%s", ids[i])),
		    404, ids[i]);
		is_problem(house_get(h, "admin",
			       house_print(
				   h, "/v1/items/%s?explain=1", ids[i])),
		    404, ids[i]);
		for (size_t k = 0; k < sizeof acts / sizeof *acts; k++) {
			char *path = house_print(
			    h, "/v1/items/%s/%s", ids[i], acts[k]);

			is_problem(house_do(h, "admin", "POST", path,
				       bodies[k]),
			    404, path);
		}
	}
	house_unchanged(h, before, "ids");
	house_free(h);
}

Test(paths, an_item_is_found_by_number_and_by_uuid)
{
	struct house *h = house_new();
	const struct said *a = house_do(h, "push", "POST", "/v1/events",
	    "{\"type\":\"call.missed\",\"from\":\"+4989123451\"}");
	char *uuid = house_print(h, "/v1/items/%s", said_text(a, "id"));

	cr_expect_eq(said_int(house_get(h, "anna", uuid), "item.number"), 1001);
	cr_expect_eq(house_get(h, "anna", "/v1/items/1001")->status, 200);
	cr_expect_eq(house_get(h, "anna", "/v1/items/held")->status, 409);
	house_free(h);
}

Test(paths, a_filter_that_is_wrong_is_told)
{
	static const struct {
		const char *query;
		int status;
	} list[] = {
		{ "limit=-1", 422 },
		{ "limit=201", 422 },
		{ "limit=x", 422 },
		{ "limit=", 422 },
		{ "limit=1e2", 422 },
		{ "limit=200", 200 },
		{ "cursor=-1", 422 },
		{ "cursor=9999999999999999999", 422 },
		{ "cursor=5", 200 },
		{ "queue=sa%20les", 422 },
		{ "queue=nonsense", 422 },
		{ "queue=", 200 },
		{ "tier=%7c", 422 },
		{ "state=open;closed", 422 },
		{ "state=nonsense", 422 },
		{ "since=yesterday", 422 },
		{ "since=2026-11-22T09:20:00Z", 200 },
		{ "since=2026-11-22T09:20:00+01:00", 200 },
		{ "customer=*", 200 },
		{ "customer=%00", 400 },
		{ "all=1&all=0", 200 },
		{ "&&&", 200 },
		{ "=&=", 200 },
		{ "unknown=1", 200 },
	};
	struct house *h = house_new();

	(void)house_event(h, "+4989123451");
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		const struct said *a = house_get(
		    h, "anna", house_print(h, "/v1/items?%s", list[i].query));

		cr_expect_eq(a->status, list[i].status, "%s: %d %s",
		    list[i].query, a->status, a->body);
	}
	house_free(h);
}

Test(paths, head_answers_as_get_without_a_body)
{
	static const char *const paths[] = { "/healthz", "/readyz", "/v1/items",
		"/v1/queues", "/v1/me", "/v1/tokens", "/v1/items/999" };
	struct house *h = house_new();

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		int status = house_get(h, "admin", paths[i])->status;
		const struct said *a =
		    house_do(h, "admin", "HEAD", paths[i], "");

		cr_expect_eq(a->status, status, "%s", paths[i]);
		cr_expect_gt(strtol(said_header(a, "Content-Length"),
				 NULL, 10),
			     0, "%s", paths[i]);
		cr_expect_eq(a->len, 0);
	}
	cr_expect_eq(house_do(h, "admin", "HEAD", "/v1/log", "")->status, 200);
	house_free(h);
}

/* ---- the log ------------------------------------------------------------------ */

Test(paths, an_odd_last_event_id_is_refused)
{
	static const char *const ids[] = { "x", "-", "+", "$", "1-", "-1",
		"1-2-3", "1.5", " ", "0x10-0", "18446744073709551616-0",
		"99999999999999999999999-0", "(1-0" };
	struct house *h = house_new();

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		const struct said *a = house_ask(h,
		    &(struct question){ .who = "supervisor",
			.method = "GET",
			.path = "/v1/log",
			.headers = house_print(
			    h, "Last-Event-ID: %s\r\n", ids[i]) });

		is_problem(a, 400, ids[i]);
	}
	house_free(h);
}

/* Redis was restored from an older copy: the ids there lie before it. */
Test(paths, an_id_from_the_future_is_reset)
{
	struct house *h = house_new();
	const char *token = house_token(h, "supervisor");
	char line[4096];
	char *request = house_print(h,
	    "GET /v1/log HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
	    "Last-Event-ID: 99999999999999-0\r\n\r\n",
	    token);
	int fd = ask_tcp(daemon_port(house_daemon(h, 0)));
	bool reset = false, made = false;

	cr_assert(ask_send(fd, request, strlen(request)));
	while (!reset && ask_line(fd, line, sizeof line, 5000) >= 0)
		reset = strstr(line, "event: reset") != NULL;
	cr_expect(reset);
	(void)house_event(h, "+4989123451");
	while (!made && ask_line(fd, line, sizeof line, 5000) >= 0)
		made = strstr(line, "event: made") != NULL;
	cr_expect(made);
	ask_close(fd);
	house_free(h);
}

/* ---- what the server refuses before we see it ------------------------------- */

/* evhttp answers these by itself and closes: whoever comes next gets the same
 * descriptor, and must be heard in full. */
Test(paths, a_connection_refused_at_once_harms_not_the_next)
{
	static const char *const first[] = {
		"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
		"Expect: 200-ok\r\n\r\n{}",
		"GET /healthz\r\n\r\n",
		"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: -2\r\n"
		"\r\n{}",
		"POST /v1/events HTTP/1.1\r\nHost: x\r\n"
		"Content-Length: 99999999999999999999\r\n\r\n{}",
		"POST /v1/events HTTP/1.1\r\nHost: x\r\n"
		"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
		"GET /heal",
		"",
	};
	struct house *h = house_new();
	char header[15000];

	/* More than evhttp reads at a time. */
	memset(header, 'a', sizeof header);
	memcpy(header, "X-Long: ", 8);
	memcpy(header + sizeof header - 3, "\r\n", 3);
	for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
		int fd = ask_tcp(daemon_port(house_daemon(h, 0)));
		const struct said *a;

		(void)ask_send(fd, first[i], strlen(first[i]));
		if (strchr(first[i], '\n') != NULL)
			cr_expect(ask_closed(fd, 5000), "%zu", i);
		ask_close(fd);
		for (int k = 0; k < 2; k++) {
			a = house_ask(h,
			    &(struct question){ .who = "nobody",
				.method = "GET",
				.path = "/healthz",
				.headers = header });
			cr_expect_eq(a->status, 200, "after %zu: %d", i,
			    a->status);
		}
	}
	house_free(h);
}

Test(paths, those_who_only_sit_there_make_room)
{
	static const char staying[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n"
				      "\r\n";
	static const char going[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n"
				    "Connection: close\r\n\r\n";
	struct house *h = house_new_with(
	    &(struct house_options){ .head = "max_connections = 8\n" });
	uint16_t port = daemon_port(house_daemon(h, 0));
	int fds[10];
	struct said a;

	for (size_t i = 0; i < 10; i++) {
		fds[i] = ask_tcp(port);
		if (i < 9) /* served, and then it stays */
			(void)ask_send(fds[i], staying, sizeof staying - 1);
	}
	cr_expect(ask_send(fds[9], going, sizeof going - 1));
	ask_read(&a, fds[9], true); /* has 20 s; an idle one may stay 60 */
	cr_expect_eq(a.status, 200);
	said_done(&a);
	/* The other door is open all the time. */
	cr_expect_eq(house_get(h, "root", "/healthz")->status, 200);
	for (size_t i = 0; i < 10; i++)
		ask_close(fds[i]);
	house_free(h);
}
