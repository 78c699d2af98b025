/* Agents who do what they may not, twice, too late or to the wrong item: each
 * is told so, and nothing changes. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/house.h"

static struct house *h;

static void
open_house(void)
{
	h = house_new();
}

static void
close_house(void)
{
	house_free(h);
}

TestSuite(work, .init = open_house, .fini = close_house);

/* Refused with this status; nothing is kept of it. */
static const struct said *
refused(const char *who, const char *path, const char *body, int status)
{
	char *before = house_digest(h);
	const struct said *a = house_do(h, who, "POST", path, body);

	cr_expect_eq(a->status, status, "%s %s %s: %d %s", who, path, body,
	    a->status, a->body);
	cr_expect_str_eq(
	    said_header(a, "Content-Type"), "application/problem+json");
	cr_expect(*said_text(a, "detail") != '\0');
	house_unchanged(h, before, path);
	return a;
}

static void
take(const char *who, int64_t number)
{
	char *path = house_print(h, "/v1/items/%d/hold", (int)number);

	cr_assert_eq(house_do(h, who, "POST", path, "{}")->status, 200);
}

static void
note(const char *who)
{
	/* Presence of who asks for the first time is told within; it is not
	 * what these tests look at. */
	(void)house_get(h, who, "/v1/me");
}

Test(work, an_outcome_without_a_hold_is_refused)
{
	(void)house_event(h, "+4989123451");
	note("anna");
	refused("anna", "/v1/items/1001/outcome", "{\"outcome\":\"done\"}",
	    409);
	refused("anna", "/v1/items/held/outcome", "{\"outcome\":\"done\"}",
	    409);
	refused("anna", "/v1/items/held/release", "{}", 409);
	refused("anna", "/v1/items/held/extend", "{}", 409);
	refused("anna", "/v1/items/1001/release", "{}", 409);
	refused("anna", "/v1/items/1001/extend", "{}", 409);
	refused("anna", "/v1/items/1001/outcome", "{\"outcome\":\"done\"}",
	    409);
	refused("anna", "/v1/undo", "{}", 409);
}

Test(work, an_outcome_that_is_wrong_is_named)
{
	static const struct {
		const char *body;
		int status;
		const char *pointer;
	} list[] = {
		{ "", 400, NULL },
		{ "{}", 422, "#/outcome" },
		{ "{\"outcome\":null}", 422, "#/outcome" },
		{ "{\"outcome\":\"\"}", 422, "#/outcome" },
		{ "{\"outcome\":1}", 422, "#/outcome" },
		{ "{\"outcome\":\"do ne\"}", 422, "#/outcome" },
		{ "{\"outcome\":\"nonsense\"}", 422, NULL },
		{ "{\"outcome\":\"later\"}", 422, NULL },
		{ "{\"outcome\":\"later\",\"at\":\"\"}", 422, NULL },
		{ "{\"outcome\":\"later\",\"at\":\"yesterday 10:00\"}", 422,
		    NULL },
		{ "{\"outcome\":\"later\",\"at\":\"2020-01-01T10:00:00Z\"}",
		    422, NULL },
		{ "{\"outcome\":\"later\",\"at\":\"9999-12-31T23:59:59Z\"}",
		    422, NULL },
		{ "{\"outcome\":\"later\",\"at\":\"when I can\"}", 422, NULL },
		{ "{\"outcome\":\"later\",\"at\":5}", 422, "#/at" },
		{ "{\"outcome\":\"done\",\"fence\":\"1\"}", 422, "#/fence" },
		{ "{\"outcome\":\"done\",\"fence\":-1}", 422, "#/fence" },
		{ "{\"outcome\":\"done\",\"fence\":9007199254740993}", 422,
		    "#/fence" },
		{ "{\"outcome\":\"done\",\"note\":[]}", 422, "#/note" },
		{ "{\"outcome\":\"done\",\"accepted\":\"yes\"}", 422,
		    "#/accepted" },
		{ "{\"outcome\":\"done\",\"next\":1}", 422, "#/next" },
		{ "{\"outcome\":\"done\",\"dry_run\":0}", 422, "#/dry_run" },
	};

	(void)house_event(h, "+4989123451");
	take("anna", 1001);
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		const struct said *a = refused("anna",
		    "/v1/items/1001/outcome", list[i].body, list[i].status);

		if (list[i].pointer != NULL)
			cr_expect_str_eq(said_text(a, "errors.0.pointer"),
			    list[i].pointer, "%s: %s", list[i].body, a->body);
	}
}

Test(work, an_outcome_of_another_agents_item_is_his)
{
	const struct said *a;

	(void)house_event(h, "+4989123451");
	take("anna", 1001);
	note("ben");
	a = refused("ben", "/v1/items/1001/outcome", "{\"outcome\":\"done\"}",
	    409);
	cr_expect_str_eq(said_text(a, "agent"), "anna");
	a = refused("ben", "/v1/items/1001/hold", "{}", 409);
	cr_expect_str_eq(said_text(a, "agent"), "anna");
	refused("ben", "/v1/items/1001/release", "{}", 409);
	refused("ben", "/v1/items/1001/extend", "{}", 409);
	refused("ben", "/v1/items/1001/move", "{\"to\":\"ben\"}", 409);
	cr_expect_str_eq(said_text(house_get(h, "ben", "/v1/items/1001"),
			     "item.agent"),
	    "anna");
}

Test(work, an_outcome_sent_twice_is_recorded_once)
{
	const struct said *a;
	char *before;

	(void)house_event(h, "+4989123451");
	take("anna", 1001);
	a = house_do(h, "anna", "POST", "/v1/items/1001/outcome",
	    "{\"outcome\":\"no-answer\",\"note\":\"once\"}");
	cr_expect_eq(a->status, 200, "%s", a->body);
	cr_expect(json_is_false(json_object_get(a->json, "repeated")));
	before = house_digest(h);
	a = house_do(h, "anna", "POST", "/v1/items/1001/outcome",
	    "{\"outcome\":\"no-answer\",\"note\":\"once\"}");
	cr_expect_eq(a->status, 200, "%s", a->body);
	cr_expect(json_is_true(json_object_get(a->json, "repeated")));
	cr_expect_eq(said_int(a, "item.tries"), 1);
	house_unchanged(h, before, "the same outcome again");
}

Test(work, a_stale_fence_is_refused)
{
	const struct said *a;
	int64_t fence;

	(void)house_event(h, "+4989123451");
	take("anna", 1001);
	a = house_get(h, "anna", "/v1/items/1001");
	fence = said_int(a, "item.fence");
	cr_assert(fence > 0, "%s", a->body);
	cr_expect_eq(
	    house_do(h, "anna", "POST", "/v1/items/1001/release", "")->status,
	    200);
	take("anna", 1001);
	/* What she wrote is in its history all the same. */
	a = house_do(h, "anna", "POST", "/v1/items/1001/outcome",
	    house_print(h, "{\"outcome\":\"done\",\"fence\":%lld}",
		(long long)fence));
	cr_expect_eq(a->status, 409, "%s", a->body);
	a = house_do(h, "anna", "POST", "/v1/items/1001/outcome",
	    "{\"outcome\":\"done\",\"fence\":1}");
	cr_expect_eq(a->status, 409, "%s", a->body);
	a = house_get(h, "anna", "/v1/items/1001");
	cr_expect_str_eq(said_text(a, "item.state"), "held");
}

Test(work, one_who_serves_nothing_is_told_so)
{
	const struct said *a;

	(void)house_event(h, "+4989123451");
	note("carl");
	a = refused("carl", "/v1/next", "{}", 409);
	cr_expect(strstr(said_text(a, "detail"), "carl") != NULL);
	refused("carl", "/v1/items/1001/hold", "{}", 403);
	a = house_get(h, "carl", "/v1/me");
	cr_expect(json_is_null(json_object_get(a->json, "held")));
}

Test(work, one_who_holds_nothing_any_more_is_told_just_that)
{
	const struct said *a;

	take("anna", house_event(h, "+4989123451"));
	(void)house_do(h, "anna", "POST", "/v1/items/held/outcome",
	    "{\"outcome\":\"done\"}");
	a = house_do(h, "anna", "POST", "/v1/items/held/note",
	    "{\"note\":\"one more\"}");
	cr_expect_eq(a->status, 409, "%s", a->body);
	cr_expect_str_eq(said_text(a, "detail"),
	    "You hold nobody at the moment. Take somebody: ringback next");
	a = house_do(h, "anna", "POST", "/v1/items/held/release", "{}");
	cr_expect_eq(a->status, 409, "%s", a->body);
	cr_expect(strstr(said_text(a, "detail"), "You hold nobody") != NULL);
}

Test(work, next_takes_only_times_that_may_be_waited)
{
	static const char *const bodies[] = { "{\"wait_s\":-1}",
		"{\"wait_s\":301}", "{\"wait_s\":\"5\"}", "{\"wait_s\":0.5}",
		"{\"wait_s\":1000000000000}", "{\"wait_s\":[]}" };

	(void)house_event(h, "+4989123451");
	note("anna");
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		const struct said *a =
		    refused("anna", "/v1/next", bodies[i], 422);

		cr_expect_str_eq(
		    said_text(a, "errors.0.pointer"), "#/wait_s");
	}
	refused("anna", "/v1/next", "[]", 400);
	refused("anna", "/v1/next", "junk", 400);
}

Test(work, acts_that_need_no_body_refuse_junk)
{
	static const char *const acts[] = { "hold", "extend", "release",
		"undo" };

	(void)house_event(h, "+4989123451");
	note("anna");
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
		char *path = house_print(h, "/v1/items/1001/%s", acts[i]);

		refused("anna", path, "junk", 400);
		refused("anna", path, "[1]", 400);
	}
	refused("anna", "/v1/items/1001/release", "{\"reason\":7}", 422);
}

Test(work, a_move_to_nowhere_is_refused)
{
	static const struct {
		const char *body;
		int status;
	} list[] = {
		{ "", 400 },
		{ "{}", 422 },
		{ "{\"to\":\"\"}", 422 },
		{ "{\"to\":7}", 422 },
		{ "{\"to\":\"no such place\"}", 422 },
		{ "{\"to\":\"nowhere\"}", 422 },
		{ "{\"queue\":\"nowhere\"}", 422 },
		{ "{\"agent\":\"nobody\"}", 422 },
		{ "{\"agent\":\"sales\"}", 422 },
		{ "{\"queue\":\"anna\"}", 422 },
		{ "{\"up\":\"yes\"}", 422 },
		{ "{\"up\":false}", 422 },
		{ "{\"to\":\"quality\",\"note\":1}", 422 },
		{ "{\"queue\":\"quality\",\"agent\":\"ben\"}", 422 },
	};

	(void)house_event(h, "+4989123451");
	take("anna", 1001);
	note("ben");
	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		refused("anna", "/v1/items/1001/move", list[i].body,
		    list[i].status);
}

Test(work, a_move_to_where_it_is_changes_nothing_but_its_history)
{
	const struct said *a;

	(void)house_event(h, "+4989123451");
	take("anna", 1001);
	a = house_do(h, "anna", "POST", "/v1/items/1001/move",
	    "{\"queue\":\"sales\"}");
	cr_expect(a->status == 200 || a->status == 409, "%s", a->body);
	a = house_get(h, "anna", "/v1/items/1001");
	cr_expect_str_eq(said_text(a, "item.queue"), "sales");
	cr_expect(said_int(a, "item.number") == 1001);
}

Test(work, what_is_closed_stays_closed)
{
	(void)house_event(h, "+4989123451");
	take("anna", 1001);
	cr_expect_eq(house_do(h, "anna", "POST", "/v1/items/1001/outcome",
			 "{\"outcome\":\"done\"}")->status,
	    200);
	note("ben");
	refused("ben", "/v1/items/1001/hold", "{}", 409);
	refused("ben", "/v1/items/1001/outcome", "{\"outcome\":\"done\"}",
	    409);
	refused("ben", "/v1/items/1001/release", "{}", 409);
	refused("ben", "/v1/items/1001/move", "{\"to\":\"quality\"}", 409);
}

Test(work, a_complaint_is_not_closed_without_what_its_queue_asks)
{
	const struct said *a = house_do(h, "push", "POST", "/v1/events",
	    "{\"type\":\"complaint\",\"from\":\"+4989123451\","
	    "\"queue\":\"quality\",\"text\":\"broken\"}");

	cr_assert_eq(a->status, 201, "%s", a->body);
	(void)house_do(h, "root", "PUT", "/v1/agents/anna/queues/quality", "");
	take("anna", 1001);
	a = refused("anna", "/v1/items/1001/outcome",
	    "{\"outcome\":\"done\"}", 422);
	cr_expect_str_eq(said_text(a, "needs"), "cause", "%s", a->body);
	a = house_do(h, "anna", "POST", "/v1/items/1001/outcome",
	    "{\"outcome\":\"done\",\"cause\":\"packing\"}");
	cr_expect_eq(a->status, 200, "%s", a->body);
}

Test(work, an_appointment_tried_out_changes_nothing)
{
	char *before;
	const struct said *a;

	(void)house_event(h, "+4989123451");
	take("anna", 1001);
	before = house_digest(h);
	a = house_do(h, "anna", "POST", "/v1/items/1001/outcome",
	    "{\"outcome\":\"later\",\"at\":\"tomorrow 10:00\","
	    "\"dry_run\":true}");
	cr_expect_eq(a->status, 200, "%s", a->body);
	cr_expect(*said_text(a, "item.try_at") != '\0');
	house_unchanged(h, before, "dry run");
}

Test(work, duty_and_service_take_only_what_they_know)
{
	note("anna");
	refused("anna", "/v1/me/duty", "{}", 422);
	refused("anna", "/v1/me/duty", "{\"duty\":\"maybe\"}", 422);
	refused("anna", "/v1/me/duty", "{\"duty\":true}", 422);
	cr_expect_eq(house_do(h, "root", "PUT",
			 "/v1/agents/anna/queues/nowhere", "")->status,
	    404);
	cr_expect_eq(house_do(h, "root", "PUT",
			 "/v1/agents/a%20b/queues/sales", "")->status,
	    422);
	cr_expect_eq(house_do(h, "root", "PUT",
			 "/v1/agents/ben/queues/sales", "{\"factor\":-1}")
			 ->status,
	    422);
	cr_expect_eq(house_do(h, "root", "PUT",
			 "/v1/agents/ben/queues/sales", "{\"factor\":101}")
			 ->status,
	    422);
	cr_expect_eq(house_do(h, "root", "DELETE",
			 "/v1/agents/carl/queues/sales", "")->status,
	    404);
}
