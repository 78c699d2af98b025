/* CloudEvents over HTTP: what is the same event, in each of the three forms,
 * and what is refused. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/house.h"

#define ONE "application/cloudevents+json; charset=UTF-8"
#define MANY "application/cloudevents-batch+json"
#define DATA "{\"from\":\"+4930182001\",\"queue\":\"sales\"}"
#define ATTRIBUTES                                                            \
	"\"specversion\":\"1.0\",\"id\":\"17\",\"source\":\"/pbx/berlin-1\"," \
	"\"type\":\"com.example.pbx.call.missed\""
#define EVENT(more) "{" ATTRIBUTES more "}"
#define HEADERS                                                            \
	"ce-specversion: 1.0\r\nce-id: 17\r\nce-source: /pbx/berlin-1\r\n" \
	"ce-type: com.example.pbx.call.missed\r\n"

static const struct said *
post(struct house *h, const char *type, const char *headers, const char *body)
{
	return house_ask(h, &(struct question){ .who = "push",
						.path = "/v1/events",
						.type = type,
						.headers = headers,
						.body = body });
}

Test(clouds, the_same_event_in_all_forms_is_one)
{
	struct house *h = house_new();
	const struct said *a = post(h, ONE, "", EVENT(",\"data\":" DATA));
	char *id = house_print(h, "%s", said_text(a, "id"));

	cr_assert_eq(a->status, 201, "%s", a->body);
	a = post(h, "application/json", HEADERS, DATA);
	cr_expect_eq(a->status, 200, "%s", a->body);
	cr_expect_str_eq(said_text(a, "id"), id);
	cr_expect(strstr(a->body, "\"merged\":false") != NULL, "%s", a->body);
	a = post(h, "APPLICATION/CloudEvents-Batch+JSON", "",
		 "[" EVENT(",\"data\":" DATA) "]");
	cr_expect_eq(a->status, 200, "%s", a->body);
	cr_expect_str_eq(said_text(a, "0.id"), id);
	/* Its data in base64, its type in our words, and what is passed over.
	 */
	a = post(h, ONE, "",
		 "{\"specversion\":\"1.0\",\"id\":\"17\",\"source\":"
		 "\"/pbx/berlin-1\",\"type\":\"call.missed\",\"subject\":\"x\","
		 "\"datacontenttype\":\"application/json\",\"myext\":7,"
		 "\"time\":null,\"data_base64\":"
		 "\"eyJmcm9tIjoiKzQ5MzAxODIwMDEiLCJxdWV1ZSI6InNhbGVzIn0=\"}");
	cr_expect_eq(a->status, 200, "%s", a->body);
	cr_expect_str_eq(said_text(a, "id"), id);
	/* Another id, and the same id of another source, are others. */
	a = post(
	    h, "application/json",
	    "ce-specversion: 1.0\r\nce-id: 18\r\nce-source: /pbx/berlin-1\r\n"
	    "ce-type: call.missed\r\n",
	    DATA);
	cr_expect(strstr(a->body, "\"merged\":true") != NULL, "%s", a->body);
	a = post(
	    h, "application/json",
	    "ce-specversion: 1.0\r\nce-id: 17\r\nce-source: /pbx/berlin-2\r\n"
	    "ce-type: call.missed\r\n",
	    DATA);
	cr_expect(strstr(a->body, "\"merged\":true") != NULL, "%s", a->body);
	house_free(h);
}

/* A section "pbx" is in the house: it ignores whom it rings off at once. */
static const struct said *
of_source(struct house *h, const char *source, const char *id)
{
	return post(
	    h, "application/json",
	    house_print(h,
			"ce-specversion: 1.0\r\nce-id: %s\r\nce-source: %s\r\n"
			"ce-type: call.missed\r\n",
			id, source),
	    "{\"from\":\"+4930182001\",\"waited_s\":1}");
}

Test(clouds, the_end_of_a_path_names_a_source_and_keeps_two_apart)
{
	static const char *const ours[] = { "pbx", "/site/pbx",
					    "https://tel.example/pbx/?a=b",
					    "urn:tel:pbx" };
	static const char *const others[] = { "/pbx/berlin", "xpbx", "/PBX",
					      "https://pbx.example" };
	struct house *h = house_new();
	char *first;

	for (size_t i = 0; i < 4; i++) {
		cr_expect_str_eq(said_text(of_source(h, ours[i], "1"), "state"),
				 "ignored", "%s", ours[i]);
		cr_expect_eq(
		    of_source(h, others[i], house_print(h, "%zu", i))->status /
			100,
		    2);
		cr_expect_str_neq(
		    said_text(of_source(h, others[i], house_print(h, "%zu", i)),
			      "state"),
		    "ignored", "%s", others[i]);
	}
	first = house_print(h, "%s",
			    said_text(of_source(h, "/berlin/pbx", "5"), "id"));
	cr_expect_str_eq(said_text(of_source(h, "/berlin/pbx", "5"), "id"),
			 first);
	cr_expect_str_neq(said_text(of_source(h, "/munich/pbx", "5"), "id"),
			  first);
	house_free(h);
}

Test(clouds, the_time_of_the_event_is_when_it_happened)
{
	struct house *h = house_new();
	const struct said *a =
	    post(h, ONE, "",
		 EVENT(",\"time\":\"2020-01-01T00:00:00Z\",\"data\":" DATA));

	cr_expect_eq(a->status, 201, "%s", a->body);
	a = post(h, "application/json", HEADERS "ce-time: yesterday\r\n", DATA);
	cr_expect_eq(a->status, 422);
	cr_expect_str_eq(said_text(a, "errors.0.pointer"), "#/time");
	house_free(h);
}

Test(clouds, headers_are_percent_encoded_utf8)
{
	struct house *h = house_new();
	const struct said *a;
	char *id;

	a = post(h, "application/json",
		 "ce-specversion: 1.0\r\nce-id: Euro%20%E2%82%AC\r\n"
		 "ce-source: /a\r\nce-type: call.missed\r\n",
		 DATA);
	cr_assert_eq(a->status, 201, "%s", a->body);
	id = house_print(h, "%s", said_text(a, "id"));
	/* Between quotes, with needless escapes in small letters. */
	a = post(h, "application/json",
		 "ce-specversion: %31.0\r\nce-id: \"%45uro %e2%82%ac\"\r\n"
		 "ce-source: /a\r\nce-type: call.missed\r\n",
		 DATA);
	cr_expect_str_eq(said_text(a, "id"), id, "%s", a->body);
	a = post(
	    h, ONE, "",
	    "{\"specversion\":\"1.0\",\"id\":\"Euro \xe2\x82\xac\",\"source\":"
	    "\"/a\",\"type\":\"call.missed\",\"data\":" DATA "}");
	cr_expect_str_eq(said_text(a, "id"), id, "%s", a->body);
	house_free(h);
}

Test(clouds, what_is_none_is_refused_and_the_attribute_named)
{
	static const struct {
		const char *type, *headers, *body;
		int status;
		const char *pointer;
	} list[] = {
		{ ONE, "", "{", 400, "" },
		{ ONE, "", "[]", 400, "" },
		{ ONE, "", "", 400, "" },
		{ MANY, "", "{}", 400, "" },
		{ MANY, "", "", 400, "" },
		{ "application/cloudevents+avro", "", "x", 415, "" },
		{ "application/cloudevents", "", "{}", 415, "" },
		{ "application/cloudevents-batch+xml", "", "x", 415, "" },
		{ "text/plain", HEADERS, DATA, 415, "" },
		{ ONE, "", "{}", 422, "#/specversion" },
		{ ONE, "",
		  "{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"/a\","
		  "\"type\":\"call.missed\"}",
		  422, "#/specversion" },
		{ ONE, "",
		  "{\"specversion\":\"1.0\",\"id\":1,\"source\":\"/a\","
		  "\"type\":\"call.missed\"}",
		  422, "#/id" },
		{ ONE, "",
		  "{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"/a\","
		  "\"type\":\"call.missed\"}",
		  422, "#/id" },
		{ ONE, "",
		  "{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"x\"}", 422,
		  "#/source" },
		{ ONE, "",
		  "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"a|b\","
		  "\"type\":\"call.missed\",\"data\":" DATA "}",
		  422, "#/source" },
		{ ONE, "",
		  "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/a\","
		  "\"type\":\"com.example.xcall.missed\"}",
		  422, "#/type" },
		{ ONE, "", EVENT(""), 422, "#/from" },
		{ ONE, "", EVENT(",\"data\":\"text\""), 422, "#/data" },
		{ ONE, "", EVENT(",\"data\":{},\"data_base64\":\"e30=\""), 422,
		  "#/data" },
		{ ONE, "", EVENT(",\"data_base64\":\"e30\""), 422,
		  "#/data_base64" },
		{ ONE, "", EVENT(",\"data_base64\":\"AAAA\""), 422,
		  "#/data_base64" },
		{ "application/json", "ce-id: 1\r\n", DATA, 422,
		  "#/specversion" },
		{ "application/json", HEADERS "ce-id: 17\r\n", DATA, 422,
		  "#/id" },
		{ "application/json",
		  "ce-specversion: 1.0\r\nce-source: /a\r\n"
		  "ce-type: call.missed\r\nce-id: %C0%A0\r\n",
		  DATA, 422, "#/id" },
		{ "application/json",
		  "ce-specversion: 1.0\r\nce-source: /a\r\n"
		  "ce-type: call.missed\r\nce-id: a%0d%0aX: y\r\n",
		  DATA, 422, "#/id" },
		{ "application/json",
		  "ce-specversion: 1.0\r\nce-source: /a\r\n"
		  "ce-type: call.missed\r\nce-id: %4\r\n",
		  DATA, 422, "#/id" },
		{ "application/json",
		  "ce-specversion: 1.0\r\nce-source: /a\r\n"
		  "ce-type: call.missed\r\nce-id: \"a\r\n",
		  DATA, 422, "#/id" },
	};
	struct house *h = house_new();

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		char *before = house_digest(h);
		const struct said *a =
		    post(h, list[i].type, list[i].headers, list[i].body);

		cr_expect_eq(a->status, list[i].status, "%zu: %d %s", i,
			     a->status, a->body);
		cr_expect_str_eq(said_header(a, "Content-Type"),
				 "application/problem+json");
		cr_expect_str_eq(said_text(a, "errors.0.pointer"),
				 list[i].pointer, "%zu: %s", i, a->body);
		house_unchanged(h, before, list[i].body);
	}
	house_free(h);
}

#define GOOD(id)                                \
	"{\"specversion\":\"1.0\",\"id\":\"" id \
	"\",\"source\":\"/a\",\"type\":"        \
	"\"call.missed\",\"data\":" DATA "}"

Test(clouds, a_batch_is_answered_in_order_and_as_a_whole)
{
	struct house *h = house_new_with(
	    &(struct house_options){ .head = "max_lines = 3\n" });
	const struct said *a =
	    post(h, MANY, "", "[" GOOD("1") ",7," GOOD("2") "]");

	cr_expect_eq(a->status, 200, "%s", a->body);
	cr_expect_eq(json_array_size(a->json), 3);
	cr_expect_eq(said_int(a, "0.status"), 201);
	cr_expect_eq(said_int(a, "1.status"), 422);
	cr_expect_eq(said_int(a, "2.status"), 200);
	cr_expect_eq(post(h, MANY, "", "[{},{}]")->status, 422);
	a = post(h, MANY, "", "[]");
	cr_expect_eq(a->status, 200);
	cr_expect(json_is_array(a->json), "%s", a->body);
	cr_expect_eq(post(h, MANY, "", "[1,2,3,4]")->status, 413);
	house_free(h);
}

Test(clouds, a_batch_is_kept_while_redis_is_away)
{
	struct house *h = house_new();
	const struct said *a;

	redis_kill9(house_redis(h));
	a = post(h, MANY, "", "[" GOOD("1") ",7]");
	cr_expect_eq(a->status, 202, "%d %s", a->status, a->body);
	cr_expect_eq(said_int(a, "0.status"), 202);
	cr_expect_eq(said_int(a, "1.status"), 422);
	house_free(h);
}

Test(clouds, a_batch_of_which_one_cannot_be_kept_is_wanted_again)
{
	struct house *h =
	    house_new_with(&(struct house_options){ .journal = "" });
	const struct said *a;

	redis_kill9(house_redis(h));
	a = post(h, MANY, "", "[" GOOD("1") ",7]");
	cr_expect_eq(a->status, 503, "%d %s", a->status, a->body);
	cr_expect_str_eq(said_header(a, "Retry-After"), "2");
	cr_expect_eq(said_int(a, "1.status"), 422);
	house_free(h);
}

Test(clouds, too_many_at_once_are_told_when_to_come_again)
{
	struct house *h = house_new_with(&(struct house_options){
	    .head = "event_rate = 1\nevent_burst = 3\n" });
	const struct said *a;

	cr_expect_eq(post(h, MANY, "", "[" GOOD("1") "," GOOD("2") "]")->status,
		     200);
	a = post(h, MANY, "", "[" GOOD("3") "," GOOD("4") "]");
	cr_expect_eq(a->status, 429, "%s", a->body);
	cr_expect_gt(strtol(said_header(a, "Retry-After"), NULL, 10), 0);
	house_free(h);
}

Test(clouds, a_webhook_is_told_that_it_may)
{
	struct house *h = house_new();
	struct question q = {
		.who = "nobody",
		.method = "OPTIONS",
		.path = "/v1/events",
		.headers =
		    "WebHook-Request-Origin: eventemitter.example.com\r\n"
		    "WebHook-Request-Callback: http://127.0.0.1/x\r\n"
		    "WebHook-Request-Rate: 120\r\n"
	};
	const struct said *a = house_ask(h, &q);

	cr_expect_eq(a->status, 200);
	cr_expect_str_eq(said_header(a, "WebHook-Allowed-Origin"),
			 "eventemitter.example.com");
	cr_expect_str_eq(said_header(a, "WebHook-Allowed-Rate"), "30000");
	q.headers = "WebHook-Request-Origin: a, b\r\n";
	cr_expect_eq(house_ask(h, &q)->status, 400);
	q.headers = "";
	a = house_ask(h, &q);
	cr_expect_eq(a->status, 200);
	cr_expect_str_eq(said_header(a, "Allow"), "POST, OPTIONS");
	cr_expect_str_eq(said_header(a, "WebHook-Allowed-Origin"), "");
	house_free(h);
}

struct waiting_reject {
	struct house *house;
	const char *source, *reason;
};

static bool
is_counted(void *cookie)
{
	const struct waiting_reject *w = cookie;
	const struct said *a = house_get(w->house, "admin", "/v1/sources");
	const json_t *list = json_object_get(a->json, "sources"), *s, *r;
	size_t i, k;

	json_array_foreach(list, i, s)
	{
		const char *name =
		    json_string_value(json_object_get(s, "name"));

		if (name == NULL || strcmp(name, w->source) != 0)
			continue;
		json_array_foreach(json_object_get(s, "reasons"), k, r)
		{
			const char *words =
			    json_string_value(json_object_get(r, "reason"));

			if (words != NULL && strcmp(words, w->reason) == 0)
				return true;
		}
	}
	return false;
}

Test(clouds, what_is_refused_is_counted_for_its_source)
{
	struct house *h = house_new();
	struct waiting_reject by_token = { h, "push", "not understood" };
	struct waiting_reject by_source = { h, "pbx", "a field is wrong" };

	house_secret(h, "Geheimrat");
	(void)post(h, "application/json", "", "{\"name\":\"Geheimrat");
	(void)post(h, "application/json", "",
		   "{\"type\":\"call.missed\",\"source\":\"pbx\"}");
	cr_expect(house_await(is_counted, &by_token, 10000));
	cr_expect(house_await(is_counted, &by_source, 10000));
	house_free(h);
}
