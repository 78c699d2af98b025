/* Bodies that no honest sender writes: each is refused with the field's name,
 * and nothing of it is kept. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "tests/api/house.h"

#define EVENTS "/v1/events"
#define MISSED "\"type\":\"call.missed\",\"from\":\"+4930901820\""

struct hostile {
	const char *name, *path, *body;
	int status;
	const char *pointer; /* of the first error; NULL: not asked for */
	size_t len;
	const char *type;
};

/* A case: refused as it should be, told as a problem, nothing changed. */
static void
try_one(struct house *h, const struct hostile *c)
{
	char *before = house_digest(h);
	const struct said *a = house_ask(h,
	    &(struct question){ .who = "admin",
		.path = c->path,
		.body = c->body,
		.len = c->len,
		.type = c->type });

	cr_expect(a->status == c->status, "%s: %d instead of %d: %s", c->name,
	    a->status, c->status, a->body);
	cr_expect(strcmp(said_header(a, "Content-Type"),
		      "application/problem+json") == 0,
	    "%s: %s", c->name, said_header(a, "Content-Type"));
	cr_expect(said_int(a, "status") == c->status, "%s: %s", c->name,
	    a->body);
	cr_expect(*said_text(a, "detail") != '\0', "%s: %s", c->name,
	    a->body != NULL ? a->body : "");
	if (c->pointer != NULL)
		cr_expect_str_eq(said_text(a, "errors.0.pointer"), c->pointer,
		    "%s: %s", c->name, a->body);
	house_unchanged(h, before, c->name);
}

static void
try_all(const struct hostile *list, size_t count)
{
	struct house *h = house_new();

	for (size_t i = 0; i < count; i++)
		try_one(h, &list[i]);
	cr_expect_eq(house_get(h, NULL, "/readyz")->status, 200);
	house_free(h);
}

#define EVENT(name, body, status, pointer)              \
	{                                               \
		name, EVENTS, body, status, pointer, 0, \
		    "application/json"                  \
	}
#define BYTES(name, body)                                 \
	{                                                 \
		name, EVENTS, body, 400, NULL,            \
		    sizeof body - 1, "application/json" \
	}
/* A field of an otherwise good event. */
#define FIELD(name, value, pointer) \
	EVENT(name, "{" MISSED ",\"" name "\":" value "}", 422, pointer)

Test(bodies, what_is_no_object_is_refused)
{
	static const struct hostile list[] = {
		EVENT("empty", "", 400, NULL),
		EVENT("blank", "  \n ", 400, NULL),
		EVENT("null", "null", 400, NULL),
		EVENT("array", "[{" MISSED "}]", 400, NULL),
		EVENT("text", "\"call.missed\"", 400, NULL),
		EVENT("number", "17", 400, NULL),
		EVENT("cut off", "{" MISSED, 400, NULL),
		EVENT("cut off in a text", "{\"type\":\"call.mis", 400, NULL),
		EVENT("trailing junk", "{" MISSED "} junk", 400, NULL),
		EVENT("two objects", "{" MISSED "}{" MISSED "}", 400, NULL),
		EVENT("single quotes", "{'type':'call.missed'}", 400, NULL),
		EVENT("a trailing comma", "{" MISSED ",}", 400, NULL),
		EVENT("a comment", "{" MISSED "}/* */", 400, NULL),
		EVENT("NaN", "{" MISSED ",\"value\":NaN}", 400, NULL),
		EVENT("duplicate keys", "{" MISSED ",\"from\":\"+4989123\"}",
		    400, NULL),
		EVENT("form", "type=call.missed&from=030901820", 400, NULL),
		EVENT("xml", "<event/>", 400, NULL),
		EVENT("an integer too large",
		    "{" MISSED ",\"value\":99999999999999999999}", 400, NULL),
		EVENT("a real too large", "{" MISSED ",\"value\":1e999}", 400,
		    NULL),
		EVENT("a lone high surrogate",
		    "{" MISSED ",\"name\":\"\\ud83d\"}", 400, NULL),
		EVENT("a lone low surrogate",
		    "{" MISSED ",\"name\":\"\\ude00\"}", 400, NULL),
		EVENT("an escaped NUL", "{" MISSED ",\"name\":\"a\\u0000b\"}",
		    400, NULL),
		EVENT("a bad escape", "{" MISSED ",\"name\":\"\\x41\"}", 400,
		    NULL),
	};

	try_all(list, sizeof list / sizeof *list);
}

Test(bodies, bytes_that_are_no_text_are_refused)
{
	static const struct hostile list[] = {
		BYTES("BOM", "\xef\xbb\xbf{" MISSED "}"),
		BYTES("UTF-16", "{\0\"\0t\0"),
		BYTES("NUL", "{" MISSED ",\"name\":\"a\0b\"}"),
		BYTES("a NUL after it", "{" MISSED "}\0"),
		BYTES("a control character", "{" MISSED ",\"name\":\"a\nb\"}"),
		BYTES("Latin-1", "{" MISSED ",\"name\":\"Schr\xf6" "der\"}"),
		BYTES("a lone continuation", "{" MISSED ",\"name\":\"\x80\"}"),
		BYTES("cut off UTF-8", "{" MISSED ",\"name\":\"\xe2\x82\"}"),
		BYTES("overlong", "{" MISSED ",\"name\":\"\xc0\xaf\"}"),
		BYTES("a surrogate", "{" MISSED ",\"name\":\"\xed\xa0\x80\"}"),
		BYTES("beyond Unicode",
		    "{" MISSED ",\"name\":\"\xf4\x90\x80\x80\"}"),
		BYTES("0xff", "{" MISSED ",\"name\":\"\xff\"}"),
		BYTES("only 0xfe", "\xfe\xff"),
	};

	try_all(list, sizeof list / sizeof *list);
}

Test(bodies, a_wrong_field_is_named)
{
	static const struct hostile list[] = {
		EVENT("no type", "{\"from\":\"+4930901820\"}", 422, "#/type"),
		EVENT("nobody", "{\"type\":\"call.missed\"}", 422, "#/from"),
		EVENT("a null type", "{\"type\":null,\"from\":\"1\"}", 422,
		    "#/type"),
		EVENT("an empty type", "{\"type\":\"\",\"from\":\"1\"}", 422,
		    "#/type"),
		EVENT("an unknown type",
		    "{\"type\":\"call.Missed\",\"from\":\"+4930901820\"}", 422,
		    "#/type"),
		EVENT("a type as a number", "{\"type\":1}", 422, "#/type"),
		EVENT("the phone as a number",
		    "{\"type\":\"call.missed\",\"from\":4930901820}", 422,
		    "#/from"),
		EVENT("the phone as a list",
		    "{\"type\":\"call.missed\",\"from\":[\"+4930901820\"]}",
		    422, "#/from"),
		FIELD("id", "17", "#/id"),
		FIELD("source", "{}", "#/source"),
		FIELD("customer", "true", "#/customer"),
		FIELD("customer", "\"a|b\"", "#/customer"),
		FIELD("customer", "\"a\\nb\"", "#/customer"),
		/* No address would reach him: he could not be forgotten. */
		FIELD("customer", "\".\"", "#/customer"),
		FIELD("customer", "\"..\"", "#/customer"),
		{ "a token that nobody could revoke", "/v1/tokens",
		    "{\"name\":\"..\",\"role\":\"push\"}", 422, "#/name", 0,
		    "application/json" },
		FIELD("time", "1732278000", "#/time"),
		FIELD("time", "\"\"", "#/time"),
		FIELD("time", "\"now\"", "#/time"),
		FIELD("time", "\"2026-11-22\"", "#/time"),
		FIELD("time", "\"2026-11-22T09:20:00\"", "#/time"),
		FIELD("time", "\"2026-11-22 09:20:00Z\"", "#/time"),
		FIELD("time", "\"2026-13-22T09:20:00Z\"", "#/time"),
		FIELD("time", "\"2026-02-30T09:20:00Z\"", "#/time"),
		FIELD("time", "\"2026-11-22T24:20:00Z\"", "#/time"),
		FIELD("time", "\"2026-11-22T09:20:00Zjunk\"", "#/time"),
		FIELD("time", "\"2026-11-22T09:20:00+25:00\"", "#/time"),
		FIELD("time", "\" 2026-11-22T09:20:00Z\"", "#/time"),
		FIELD("time", "\"-026-11-22T09:20:00Z\"", "#/time"),
		FIELD("time", "\"22/Nov/2026:09:20:00\"", "#/time"),
		FIELD("to", "30", "#/to"),
		FIELD("name", "[]", "#/name"),
		FIELD("queue", "7", "#/queue"),
		FIELD("queue", "\"sa les\"", "#/queue"),
		FIELD("queue", "\"-sales\"", "#/queue"),
		FIELD("queue", "\"sales|gold\"", "#/queue"),
		FIELD("language", "1", "#/language"),
		FIELD("category", "{}", "#/category"),
		FIELD("severity", "0", "#/severity"),
		FIELD("severity", "4", "#/severity"),
		FIELD("severity", "-1", "#/severity"),
		FIELD("severity", "1.5", "#/severity"),
		FIELD("severity", "\"2\"", "#/severity"),
		FIELD("severity", "9007199254740993", "#/severity"),
		FIELD("text", "1", "#/text"),
		FIELD("link", "false", "#/link"),
		FIELD("value", "-1", "#/value"),
		FIELD("value", "1000000000001", "#/value"),
		FIELD("value", "\"8400\"", "#/value"),
		FIELD("waited_s", "-0.5", "#/waited_s"),
		FIELD("waited_s", "604801", "#/waited_s"),
		FIELD("waited_s", "\"7\"", "#/waited_s"),
		FIELD("talked_s", "[]", "#/talked_s"),
		FIELD("callback_at", "\"tomorrow\"", "#/callback_at"),
		/* Nobody would ever see the item again. */
		FIELD("callback_at", "\"9999-01-01T00:00:00Z\"",
		    "#/callback_at"),
	};

	try_all(list, sizeof list / sizeof *list);
}

Test(bodies, types_that_are_not_taken_are_refused)
{
	static const struct hostile list[] = {
		{ "text", EVENTS, "{" MISSED "}", 415, NULL, 0, "text/plain" },
		{ "xml", EVENTS, "{" MISSED "}", 415, NULL, 0, "text/xml" },
		{ "longer", EVENTS, "{" MISSED "}", 415, NULL, 0,
		    "application/jsonp" },
		{ "longer still", EVENTS, "{" MISSED "}", 415, NULL, 0,
		    "application/x-ndjsonp" },
		{ "many parts", EVENTS, "{" MISSED "}", 415, NULL, 0,
		    "multipart/form-data; boundary=x" },
		{ "a note as XML", "/v1/items/1001/note", "{\"note\":\"x\"}",
		    415, NULL, 0, "text/xml" },
	};

	try_all(list, sizeof list / sizeof *list);
}

/* ---- sizes ------------------------------------------------------------------ */

static char *
filled(size_t n, char c)
{
	char *s = malloc(n + 1);

	memset(s, c, n);
	s[n] = '\0';
	return s;
}

/* An event with a field of n bytes. */
static const struct said *
send_long(struct house *h, const char *field, size_t n)
{
	char *value = filled(n, 'x'), *body;

	if (strcmp(field, "id") == 0)
		body = house_print(h, "{" MISSED ",\"id\":\"%s\"}", value);
	else if (strcmp(field, "from") == 0)
		body = house_print(h,
		    "{\"type\":\"call.missed\",\"from\":\"%s\"}", value);
	else
		body = house_print(h, "{" MISSED ",\"id\":\"%zu\",\"%s\":\"%s\"}",
		    n, field, value);
	free(value);
	return house_do(h, "push", "POST", EVENTS, body);
}

Test(bodies, a_field_may_be_as_long_as_its_limit_and_no_longer)
{
	static const struct {
		const char *field;
		size_t most;
	} limits[] = { { "id", 200 }, { "from", 400 }, { "customer", 100 },
		{ "to", 400 }, { "queue", 64 }, { "language", 20 },
		{ "text", 16384 }, { "link", 2000 } };
	struct house *h = house_new();

	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		const char *field = limits[i].field;
		size_t most = limits[i].most;
		char *before;
		const struct said *a;

		a = send_long(h, field, most);
		cr_expect(a->status == 200 || a->status == 201, "%s: %s",
		    field, a->body);
		before = house_digest(h);
		a = send_long(h, field, most + 1);
		cr_expect(a->status == 422, "%s: %d", field, a->status);
		cr_expect_str_eq(said_text(a, "errors.0.pointer") + 2, field);
		house_unchanged(h, before, field);
	}
	house_free(h);
}

Test(bodies, an_ornament_that_is_too_long_is_cut_and_loses_no_call)
{
	struct house *h = house_new();
	const struct said *a;
	struct text name = { 0 };

	for (int i = 0; i < 67; i++)
		text_add_str(&name, "\xf0\x9f\x98\x80"); /* 4 bytes each */
	text_add_str(&name, "end");
	a = house_do(h, "push", "POST", EVENTS,
	    house_print(h, "{" MISSED ",\"name\":\"%s\"}", name.data));
	cr_assert_eq(a->status, 201, "%s", a->body);
	a = house_get(h, "anna", "/v1/items/1001");
	name.data[200] = '\0'; /* fifty of them */
	cr_expect_str_eq(said_text(a, "item.name"), name.data);
	text_done(&name);
	a = send_long(h, "name", 1000000);
	cr_expect_eq(a->status, 200, "%s", a->body);
	a = send_long(h, "category", 101);
	cr_expect_eq(a->status, 200, "%s", a->body);
	house_free(h);
}

Test(bodies, a_body_may_be_as_long_as_the_limit_and_no_longer)
{
	struct house *h = house_new();
	const size_t most = 1048576;
	char *body = filled(most + 1, ' ');
	const struct said *a;

	memcpy(body, "{" MISSED "}", sizeof "{" MISSED "}" - 1);
	a = house_ask(h,
	    &(struct question){ .who = "push",
		.path = EVENTS,
		.body = body,
		.len = most });
	cr_expect_eq(a->status, 201, "%s", a->body);
	a = house_ask(h,
	    &(struct question){ .who = "push",
		.path = EVENTS,
		.body = body,
		.len = most + 1 });
	cr_expect_eq(a->status, 413);
	cr_expect_str_eq(
	    said_header(a, "Content-Type"), "application/problem+json");
	free(body);
	house_free(h);
}

Test(bodies, deep_nesting_and_many_keys_do_no_harm)
{
	struct house *h = house_new();
	char *deep = filled(200000, '['), *keys = NULL;
	size_t size;
	FILE *f;
	const struct said *a;

	memset(deep + 100000, ']', 100000);
	a = house_do(h, "push", "POST", EVENTS, deep);
	cr_expect_eq(a->status, 400);
	memset(deep, '{', 200000);
	a = house_do(h, "push", "POST", EVENTS, deep);
	cr_expect_eq(a->status, 400);
	f = open_memstream(&keys, &size);
	(void)fprintf(f, "{" MISSED);
	for (int i = 0; i < 10000; i++)
		(void)fprintf(f, ",\"k%d\":%d", i, i);
	(void)fputs("}", f);
	(void)fclose(f);
	a = house_do(h, "push", "POST", EVENTS, keys);
	cr_expect_eq(a->status, 201, "%s", a->body);
	free(deep);
	free(keys);
	house_free(h);
}

/* ---- what is odd, and good ---------------------------------------------------- */

Test(bodies, what_people_write_comes_back_as_it_was)
{
	static const char *const texts[] = {
		"Maria Schr\\u00f6der", "=HYPERLINK(\\\"http://x\\\")",
		"'; DROP TABLE items; --", "{{7*7}} ${HOME} $(id) `id`",
		"<script>alert(1)</script>", "a|b|c|d\\ne|f", "%s%s%n",
		"\\ud83d\\ude00", "held", "null", "a\\u202eb",
	};
	struct house *h = house_new();
	char body[400], path[100];

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		json_t *sent;
		const struct said *a;

		(void)snprintf(body, sizeof body,
		    "{\"type\":\"complaint\",\"from\":\"+49309018%03zu\","
		    "\"name\":\"%s\",\"text\":\"%s\"}",
		    i, texts[i], texts[i]);
		sent = json_loads(body, 0, NULL);
		a = house_do(h, "push", "POST", EVENTS, body);
		cr_assert_eq(a->status, 201, "%s", a->body);
		(void)snprintf(path, sizeof path, "/v1/items/%lld",
		    (long long)said_int(a, "number"));
		a = house_get(h, "anna", path);
		cr_expect_str_eq(said_text(a, "item.name"),
		    json_string_value(json_object_get(sent, "name")), "%s",
		    a->body);
		cr_expect_str_eq(said_text(a, "item.text"),
		    json_string_value(json_object_get(sent, "text")));
		json_decref(sent);
	}
	house_free(h);
}
