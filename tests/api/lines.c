/* Many events in one request: each line has its answer, in order, and a bad
 * one spoils no other. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/house.h"

#define NDJSON "application/x-ndjson"

static const struct said *
send_lines(struct house *h, const char *body)
{
	return house_ask(h,
	    &(struct question){ .who = "push",
		.path = "/v1/events",
		.type = NDJSON,
		.body = body });
}

/* The answer to line i, the caller's; NULL when there is none. */
static json_t *
line(const struct said *a, size_t i)
{
	const char *s = a->body;

	while (i-- > 0 && s != NULL) {
		s = strchr(s, '\n');
		s = s != NULL ? s + 1 : NULL;
	}
	return s != NULL && *s != '\0' ?
	    json_loadb(s, strcspn(s, "\n"), 0, NULL) :
	    NULL;
}

static int64_t
member(const struct said *a, size_t i, const char *name)
{
	json_t *object = line(a, i);
	json_t *v = json_object_get(object, name);
	int64_t n = json_is_integer(v) ? json_integer_value(v) : -1;

	json_decref(object);
	return n;
}

static size_t
count(const struct said *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->len; i++)
		n += a->body[i] == '\n';
	return n;
}

Test(lines, a_bad_line_spoils_no_other)
{
	static const int status[] = { 201, 400, 422, 201, 400, 200, 422, 200,
		400, 201 };
	struct house *h = house_new();
	const struct said *a = send_lines(h,
	    "{\"type\":\"call.missed\",\"from\":\"+4989123451\"}\n"
	    "junk\n"
	    "{\"type\":\"call.missed\"}\n"
	    "{\"type\":\"call.missed\",\"from\":\"+4989123452\"}\n"
	    "[]\n"
	    "{\"type\":\"call.missed\",\"from\":\"anonymous\"}\n"
	    "{\"type\":\"what\",\"from\":\"+4989123453\"}\n"
	    "{\"type\":\"call.missed\",\"from\":\"+4989123451\"}\n"
	    "{\"type\":\"call.missed\",\"from\":\"+49891\xff\"}\n"
	    "{\"type\":\"call.missed\",\"from\":\"+4989123454\"}\n");

	cr_assert_eq(a->status, 200);
	cr_expect_str_eq(said_header(a, "Content-Type"), NDJSON);
	cr_expect_eq(count(a), sizeof status / sizeof *status);
	for (size_t i = 0; i < sizeof status / sizeof *status; i++)
		cr_expect_eq(member(a, i, "status"), status[i], "%zu: %s", i,
		    a->body);
	cr_expect_eq(member(a, 0, "number"), 1001);
	cr_expect_eq(member(a, 3, "number"), 1002);
	cr_expect_eq(member(a, 7, "number"), 1001);
	cr_expect_eq(member(a, 9, "number"), 1003);
	house_free(h);
}

Test(lines, a_wrong_field_of_a_line_is_named)
{
	struct house *h = house_new();
	const struct said *a = send_lines(
	    h, "{\"type\":\"call.missed\",\"from\":\"1\",\"severity\":9}\n");

	cr_expect(strstr(a->body, "\"pointer\":\"#/severity\"") != NULL, "%s",
	    a->body);
	house_free(h);
}

Test(lines, ends_blank_lines_and_a_missing_end_do_not_matter)
{
	struct house *h = house_new();
	const struct said *a = send_lines(h,
	    "\r\n\n  \t\r\n"
	    "{\"type\":\"call.missed\",\"from\":\"+4989123451\"}\r\n"
	    "\r\n"
	    "{\"type\":\"call.missed\",\"from\":\"+4989123452\"}");

	cr_expect_eq(count(a), 2, "%s", a->body);
	cr_expect_eq(member(a, 0, "status"), 201);
	cr_expect_eq(member(a, 1, "status"), 201);
	house_free(h);
}

Test(lines, a_body_of_blank_lines_is_refused)
{
	struct house *h = house_new();

	cr_expect_eq(send_lines(h, "\n\r\n \n")->status, 400);
	cr_expect_eq(send_lines(h, "")->status, 400);
	house_free(h);
}

static char *
make_lines(int n)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (int i = 0; i < n; i++)
		(void)fprintf(f,
		    "{\"type\":\"call.missed\",\"from\":\"+49891%05d\"}\n", i);
	(void)fclose(f);
	return text;
}

/* On a machine that is too busy for a thousand in the time of one the last are
 * kept for later: then once more, from the beginning. */
static struct house *
house_with_lines(const char *body, const struct said **ret)
{
	struct house *h = house_new();

	*ret = send_lines(h, body);
	for (int again = 0; again < 10; again++) {
		if (strstr((*ret)->body, "\"state\":\"kept\"") == NULL)
			break;
		house_free(h);
		h = house_new();
		*ret = send_lines(h, body);
	}
	return h;
}

Test(lines, a_thousand_lines_fit_in_and_keep_their_order)
{
	char *body = make_lines(1000), *before;
	const struct said *a, *more;
	struct house *h = house_with_lines(body, &a);

	free(body);
	cr_assert_eq(a->status, 200);
	cr_expect_eq(count(a), 1000);
	for (size_t i = 0; i < 1000; i += 37) {
		cr_expect_eq(member(a, i, "status"), 201);
		cr_expect_eq(member(a, i, "number"), (int64_t)(1001 + i));
	}
	body = make_lines(1001);
	before = house_digest(h);
	more = send_lines(h, body);
	cr_expect_eq(more->status, 413);
	cr_expect_str_eq(
	    said_header(more, "Content-Type"), "application/problem+json");
	house_unchanged(h, before, "1,001 lines");
	free(body);
	house_free(h);
}

/* ---- the same event, many times at once --------------------------------------- */

/* All are sent before any answer is read. */
Test(lines, an_event_sent_twenty_times_at_once_is_one_item)
{
	static const char body[] =
	    "{\"type\":\"call.missed\",\"id\":\"call-1\",\"source\":\"pbx\","
	    "\"from\":\"+4989123451\"}";
	struct house *h =
	    house_new_with(&(struct house_options){ .daemons = 2 });
	char *request = house_print(h,
	    "POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s"
	    "\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
	    house_token(h, "push"), sizeof body - 1, body);
	int fds[20], made = 0;

	for (int i = 0; i < 20; i++)
		fds[i] = ask_tcp(daemon_port(house_daemon(h, i % 2)));
	for (int i = 0; i < 20; i++)
		cr_assert(ask_send(fds[i], request, strlen(request)));
	for (int i = 0; i < 20; i++) {
		struct said a;

		ask_read(&a, fds[i], true);
		made += a.status == 201;
		cr_expect(a.status == 201 || a.status == 200, "%d", a.status);
		cr_expect_eq(said_int(&a, "number"), 1001, "%s", a.body);
		cr_expect(json_is_false(json_object_get(a.json, "merged")),
		    "%s", a.body);
		said_done(&a);
		ask_close(fds[i]);
	}
	cr_expect_eq(made, 1);
	cr_expect_eq(said_int(house_get(h, "anna", "/v1/items"), "total"), 1);
	cr_expect_eq(
	    said_int(house_get(h, "anna", "/v1/items/1001"), "item.calls"), 1);
	house_free(h);
}

Test(lines, an_event_without_an_id_is_a_new_one_each_time)
{
	struct house *h = house_new();

	(void)house_event(h, "+4989123451");
	(void)house_event(h, "+4989123451");
	cr_expect_eq(
	    said_int(house_get(h, "anna", "/v1/items/1001"), "item.calls"), 2);
	house_free(h);
}
