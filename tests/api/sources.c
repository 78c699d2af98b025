/* How each source does, as the API tells it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/house.h"

TestSuite(sources, .timeout = 60);

static const json_t *
find(const struct said *said, const char *name)
{
	const json_t *list = json_object_get(said->json, "sources"), *source;
	size_t i;

	json_array_foreach(list, i, source)
	{
		const char *is =
		    json_string_value(json_object_get(source, "name"));

		if (is != NULL && strcmp(is, name) == 0)
			return source;
	}
	return NULL;
}

static const char *
text(const json_t *source, const char *field)
{
	const char *s = json_string_value(json_object_get(source, field));

	return s != NULL ? s : "";
}

static int64_t
number(const json_t *source, const char *field)
{
	const json_t *v = json_object_get(source, field);

	return json_is_integer(v) ? json_integer_value(v) : -1;
}

struct asked {
	struct house *h;
	const char *name, *field;
	int64_t value;
};

static bool
is_counted(void *cookie)
{
	const struct asked *a = cookie;

	return number(find(house_get(a->h, "anna", "/v1/sources"), a->name),
		      a->field) == a->value;
}

Test(sources, what_was_told_and_what_was_not_taken_is_counted)
{
	struct house *h =
	    house_new_with(&(struct house_options){ .daemons = 2 });
	struct asked rejects = { h, "push", "rejects", 3 };
	const json_t *source, *reasons;
	const struct said *a;

	for (int i = 0; i < 4; i++) {
		const struct question q = {
			.who = "push",
			.method = "POST",
			.path = "/v1/events",
			.daemon = i % 2,
			.body = i == 0 ? "{\"type\":\"call.missed\",\"from\":"
					 "\"+4930901820\"}"
				       : "{\"type\":\"nothing\",\"from\":"
					 "\"+4930901820\"}"
		};

		cr_assert_eq(house_ask(h, &q)->status, i == 0 ? 201 : 422);
	}
	cr_assert(house_await(is_counted, &rejects, 20000), "%s",
		  house_get(h, "anna", "/v1/sources")->body);
	a = house_get(h, "anna", "/v1/sources");
	source = find(a, "push");
	cr_assert_str_eq(text(source, "state"), "pushes");
	cr_assert_eq(number(source, "events"), 1);
	cr_assert(json_is_false(json_object_get(source, "silent")));
	cr_assert_eq(strlen(text(source, "last_at")), 24, "it is a time");
	reasons = json_object_get(source, "reasons");
	cr_assert_eq(json_array_size(reasons), 1);
	cr_assert_eq(number(json_array_get(reasons, 0), "count"), 3);
	cr_assert_str_not_empty(text(json_array_get(reasons, 0), "reason"));
	cr_assert_null(strstr(a->body, "901820"));
	house_free(h);
}

Test(sources, one_of_the_configuration_is_there_before_it_says_anything)
{
	struct house *h = house_new();
	const json_t *source = find(house_get(h, "anna", "/v1/sources"), "pbx");

	cr_assert_not_null(source);
	cr_assert_eq(number(source, "events"), 0);
	cr_assert_eq(number(source, "rejects"), 0);
	cr_assert_null(json_object_get(source, "last_at"));
	cr_assert_null(json_object_get(source, "heard_until"));
	house_free(h);
}

Test(sources, the_queues_tell_the_same_of_them)
{
	struct house *h = house_new();
	char *here, *there;
	const json_t *list;

	(void)house_event(h, "+49302000001");
	list = json_object_get(house_get(h, "anna", "/v1/sources")->json,
			       "sources");
	there = json_dumps(list, JSON_SORT_KEYS);
	list = json_object_get(house_get(h, "anna", "/v1/queues")->json,
			       "sources");
	cr_assert_gt(json_array_size(list), 0);
	here = json_dumps(list, JSON_SORT_KEYS);
	cr_assert_str_eq(here, there);
	free(here);
	free(there);
	house_free(h);
}
