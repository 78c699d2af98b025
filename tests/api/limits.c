/* What the configuration limits, in a whole daemon: at the limit, and one
 * more. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/house.h"

#define NDJSON "application/x-ndjson"

/* n events of this sender, as lines; each its own caller. */
static char *
lines(int n)
{
	size_t size = (size_t)n * 80 + 1, len = 0;
	char *s = calloc(1, size);

	cr_assert_not_null(s);
	for (int i = 0; i < n; i++)
		len += (size_t)snprintf(s + len, size - len,
		    "{\"type\":\"call.missed\",\"from\":\"+4930%06d\"}\n",
		    200000 + i);
	return s;
}

static const struct said *
send_lines(struct house *h, const char *who, int n)
{
	char *body = lines(n);
	const struct said *a = house_ask(h,
	    &(struct question){ .who = who,
		.path = "/v1/events",
		.type = NDJSON,
		.body = body });

	free(body);
	return a;
}

static size_t
items(struct house *h)
{
	const struct said *a = house_get(h, "admin", "/v1/items?limit=100");

	cr_assert_eq(a->status, 200);
	return json_array_size(json_object_get(a->json, "items"));
}

Test(limits, too_many_events_are_refused_whole_and_may_come_again)
{
	struct house *h = house_new_with(&(struct house_options){
	    .head = "event_rate = 1\nevent_burst = 10\n" });
	const struct said *a = send_lines(h, "push", 10);

	cr_expect_eq(a->status, 200);
	cr_expect_eq(items(h), 10);
	a = send_lines(h, "push", 10);
	cr_expect_eq(a->status, 429, "%d", a->status);
	cr_expect_gt(strtol(said_header(a, "Retry-After"), NULL, 10), 0);
	cr_expect_not_null(
	    strstr(said_text(a, "detail"), "none of these was taken"));
	cr_expect_eq(items(h), 10);
	/* Each caller has his own, also at the Unix socket. */
	a = send_lines(h, "root", 10);
	cr_expect_eq(a->status, 200);
	a = send_lines(h, "root", 10);
	cr_expect_eq(a->status, 429);
	house_free(h);
}

Test(limits, what_is_refused_whole_does_not_silence_its_sender)
{
	struct house *h = house_new_with(&(struct house_options){
	    .head = "event_rate = 1\nevent_burst = 10\nmax_lines = 20\n" });

	cr_expect_eq(send_lines(h, "push", 21)->status, 413);
	cr_expect_eq(send_lines(h, "push", 9)->status, 200);
	cr_expect_eq(items(h), 9);
	house_free(h);
}

Test(limits, lines_have_a_number_and_each_has_a_length)
{
	struct house *h = house_new_with(&(struct house_options){
	    .head = "max_lines = 3\nmax_line = 1024\n" });
	char *body = malloc(4096);
	const struct said *a;

	cr_assert_not_null(body);
	cr_expect_eq(send_lines(h, "push", 3)->status, 200);
	a = send_lines(h, "push", 4);
	cr_expect_eq(a->status, 413);
	cr_expect_not_null(strstr(said_text(a, "detail"), "At most 3 lines"));
	for (int len = 1024; len <= 1025; len++) {
		static const char start[] = "{\"type\":\"call.missed\","
					    "\"from\":\"+4930333333\","
					    "\"text\":\"";

		(void)snprintf(body, 4096, "%s%0*d\"}\n", start,
		    len - (int)sizeof start + 1 - 2, 0);
		cr_assert_eq(strlen(body), (size_t)len + 1);
		a = house_ask(h,
		    &(struct question){ .who = "push",
			.path = "/v1/events",
			.type = NDJSON,
			.body = body });
		cr_expect_eq(a->status, 200);
		cr_expect_eq(said_int(a, "status"), len == 1024 ? 201 : 413,
		    "%s", a->body);
	}
	free(body);
	house_free(h);
}

static int
listen_once(struct house *h)
{
	int fd = ask_tcp(daemon_port(house_daemon(h, 0)));
	char *request = house_print(h,
	    "GET /v1/log HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
	    "\r\n", house_token(h, "supervisor"));
	char line[200];

	cr_assert(ask_send(fd, request, strlen(request)));
	cr_assert_geq(ask_line(fd, line, sizeof line, 5000), 0);
	if (strstr(line, " 200 ") != NULL)
		return fd;
	cr_expect_not_null(strstr(line, " 503 "), "%s", line);
	ask_close(fd);
	return -1;
}

static bool
is_let_in(void *cookie)
{
	int fd = listen_once(cookie);

	if (fd >= 0)
		ask_close(fd);
	return fd >= 0;
}

Test(limits, listeners_have_a_number)
{
	struct house *h = house_new_with(
	    &(struct house_options){ .head = "max_listeners = 2\n" });
	int one = listen_once(h), two = listen_once(h);

	cr_expect_geq(one, 0);
	cr_expect_geq(two, 0);
	cr_expect_lt(listen_once(h), 0);
	ask_close(one);
	cr_expect(house_await(is_let_in, h, 5000));
	ask_close(two);
	house_free(h);
}

static bool
is_answered(void *cookie)
{
	return house_get(cookie, "admin", "/v1/queues")->status == 200;
}

Test(limits, who_waits_takes_nobodys_turn)
{
	struct house *h = house_new_with(
	    &(struct house_options){ .head = "max_requests = 1\n" });
	int fd = ask_tcp(daemon_port(house_daemon(h, 0)));
	int listener = listen_once(h);
	char *request = house_print(h,
	    "POST /v1/next HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
	    "Content-Length: 14\r\n\r\n{\"wait_s\": 20}",
	    house_token(h, "anna"));

	cr_assert(ask_send(fd, request, strlen(request)));
	cr_expect_geq(listener, 0);
	/* Anna's own question may still be on its way. */
	cr_expect(house_await(is_answered, h, 5000));
	for (int i = 0; i < 5; i++)
		cr_expect(is_answered(h));
	ask_close(listener);
	ask_close(fd);
	house_free(h);
}

static int
post_sized(struct house *h, const char *who, const char *path,
    const char *start, int len)
{
	return house_do(h, who, "POST", path,
	    house_print(h, "{%s\"%0*d\"}", start, len, 0))
	    ->status;
}

Test(limits, what_people_write_has_a_length)
{
	struct house *h = house_new_with(&(struct house_options){
	    .head = "max_text = 300\nmax_note = 200\nmax_phones = 2\n" });
	const char *event = "\"type\":\"complaint\",\"from\":\"+4930900001\","
			    "\"text\":";
	int64_t number = house_event(h, "+4930900002");
	char *note = house_print(h, "/v1/items/%lld/note", (long long)number);

	cr_expect_eq(post_sized(h, "push", "/v1/events", event, 300), 201);
	cr_expect_eq(post_sized(h, "push", "/v1/events", event, 301), 422);
	cr_expect_eq(post_sized(h, "anna", note, "\"note\":", 200), 200);
	cr_expect_eq(post_sized(h, "anna", note, "\"note\":", 201), 422);
	cr_expect_eq(house_do(h, "admin", "PUT", "/v1/customers/c1",
			 "{\"phones\":[\"+4930900003\",\"+4930900004\"]}")
			 ->status / 100, 2);
	cr_expect_eq(house_do(h, "admin", "PUT", "/v1/customers/c1",
			 "{\"phones\":[\"+4930900003\",\"+4930900004\","
			 "\"+4930900005\"]}")
			 ->status, 422);
	house_free(h);
}

/* A request that Redis does not answer is being worked on. */
Test(limits, one_request_more_than_may_be_worked_on_is_told_so)
{
	struct house *h = house_new_with(
	    &(struct house_options){ .head = "max_requests = 2\n" });
	uint16_t port = daemon_port(house_daemon(h, 0));
	char *request = house_print(h,
	    "GET /v1/queues HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
	    "\r\n", house_token(h, "admin"));
	int fds[3], busy = 0;

	redis_freeze(house_redis(h));
	for (int i = 0; i < 3; i++) {
		fds[i] = ask_tcp(port);
		cr_assert(ask_send(fds[i], request, strlen(request)));
	}
	for (int i = 0; i < 3; i++) {
		struct said a;

		ask_read(&a, fds[i], true);
		if (strcmp(said_text(&a, "title"), "too busy") == 0) {
			busy++;
			cr_expect_eq(a.status, 503);
			cr_expect_str_eq(said_header(&a, "Retry-After"), "1");
		}
		said_done(&a);
		ask_close(fds[i]);
	}
	cr_expect_eq(busy, 1);
	cr_expect_eq(house_get(h, "nobody", "/healthz")->status, 200);
	redis_thaw(house_redis(h));
	house_free(h);
}

static bool
ben_may_not_wait(void *cookie)
{
	const struct said *a = house_do(
	    cookie, "ben", "POST", "/v1/next", "{\"wait_s\": 1}");

	return a->status == 503 &&
	    strcmp(said_header(a, "Retry-After"), "5") == 0;
}

Test(limits, one_agent_more_than_may_wait_is_told_so)
{
	struct house *h = house_new_with(
	    &(struct house_options){ .head = "max_waiting = 1\n" });
	int fd = ask_tcp(daemon_port(house_daemon(h, 0)));
	char *request = house_print(h,
	    "POST /v1/next HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
	    "Content-Length: 14\r\n\r\n{\"wait_s\": 20}",
	    house_token(h, "anna"));

	cr_assert(ask_send(fd, request, strlen(request)));
	cr_expect(house_await(ben_may_not_wait, h, 10000));
	/* Without waiting he may ask all the same. */
	cr_expect_eq(
	    house_do(h, "ben", "POST", "/v1/next", "{}")->status, 200);
	ask_close(fd);
	house_free(h);
}

static bool
ben_may_wait(void *cookie)
{
	return house_do(cookie, "ben", "POST", "/v1/next", "{\"wait_s\": 1}")
		   ->status == 200;
}

/* Redis parks whom it is asked for later: both are on their way at once. */
Test(limits, who_is_just_being_asked_for_waits_too)
{
	static const char *const names[] = { "anna", "ben" };
	struct house *h = house_new_with(
	    &(struct house_options){ .head = "max_waiting = 1\n" });
	uint16_t port = daemon_port(house_daemon(h, 0));
	struct pollfd fds[2];
	struct said a;
	int told;

	redis_freeze(house_redis(h));
	for (int i = 0; i < 2; i++) {
		const char *request = house_print(h,
		    "POST /v1/next HTTP/1.1\r\nHost: x\r\n"
		    "Authorization: Bearer %s\r\nContent-Length: 15\r\n\r\n"
		    "{\"wait_s\": 300}", house_token(h, names[i]));

		fds[i] = (struct pollfd){ .fd = ask_tcp(port),
			.events = POLLIN };
		cr_assert(ask_send(fds[i].fd, request, strlen(request)));
	}
	redis_thaw(house_redis(h));
	cr_assert_eq(poll(fds, 2, ASK_LIMIT_MS), 1);
	told = fds[0].revents != 0 ? 0 : 1;
	ask_read(&a, fds[told].fd, true);
	cr_expect_eq(a.status, 503);
	cr_expect_str_eq(said_text(&a, "title"), "too many wait");
	said_done(&a);
	ask_close(fds[told].fd);
	/* Who leaves makes room. */
	ask_close(fds[1 - told].fd);
	cr_expect(house_await(ben_may_wait, h, 10000));
	cr_expect(ben_may_wait(h));
	house_free(h);
}

Test(limits, why_and_cause_and_correction_have_a_length)
{
	struct house *h = house_new_with(
	    &(struct house_options){ .head = "max_reason = 250\n" });
	int64_t number = house_event(h, "+4930900002");
	char *outcome =
	    house_print(h, "/v1/items/%lld/outcome", (long long)number);
	char *release =
	    house_print(h, "/v1/items/%lld/release", (long long)number);
	const char *cause = "\"outcome\":\"reached\",\"cause\":";
	const char *correction = "\"outcome\":\"reached\",\"correction\":";

	cr_expect_eq(house_do(h, "anna", "POST", "/v1/next", "{}")->status, 200);
	cr_expect_eq(post_sized(h, "anna", outcome, cause, 251), 422);
	cr_expect_eq(post_sized(h, "anna", outcome, correction, 251), 422);
	cr_expect_eq(post_sized(h, "anna", outcome, cause, 250), 200);
	cr_expect_eq(post_sized(h, "anna", outcome, correction, 250), 200);
	cr_expect_eq(post_sized(h, "anna", release, "\"reason\":", 251), 422);
	cr_expect_eq(post_sized(h, "anna", release, "\"reason\":", 250), 200);
	house_free(h);
}

Test(limits, an_item_keeps_as_much_as_the_configuration_says)
{
	struct house *h = house_new_with(
	    &(struct house_options){ .head = "max_history = 20\n" });
	int64_t number = house_event(h, "+4930900002");
	char *item = house_print(h, "/v1/items/%lld", (long long)number);
	const struct said *a;

	for (int i = 0; i < 21; i++)
		cr_expect_eq(house_do(h, "anna", "POST",
				 house_print(h, "%s/note", item),
				 house_print(h, "{\"note\":\"%d\"}", i))
				 ->status, 200);
	a = house_get(h, "anna", item);
	cr_expect_eq(json_array_size(json_object_get(a->json, "history")), 20);
	cr_expect_str_eq(said_text(a, "history.0.text"), "1");
	cr_expect_str_eq(said_text(a, "history.19.text"), "20");
	house_free(h);
}
