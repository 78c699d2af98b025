/* Numbers as telephone systems send them: called, or counted by the reason why
 * they cannot be. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/house.h"

#define EVENTS "/v1/events"

static const struct said *
call_from(struct house *h, const char *from)
{
	return house_do(h, "push", "POST", EVENTS,
	    house_print(h,
		"{\"type\":\"call.missed\",\"queue\":\"sales\",\"from\":\"%s\"}",
		from));
}

Test(phones, a_number_is_known_however_it_is_written)
{
	static const char *const ways[] = { "+4989123456", "089 123456",
		"0049 89 123456", "+49 (89) 12 34-56", "tel:+49-89-123456",
		"sip:+4989123456@pbx.example;user=phone",
		"\\\"Maria\\\" <sip:089123456@10.0.0.1>", "004989123456",
		"+49\\u00a089\\u00a0123456", "\\u202a+4989123456\\u202c",
		"+\\uff14\\uff19 \\uff18\\uff19 \\uff11\\uff12\\uff13456",
		" 4989123456" };
	struct house *h = house_new();
	int64_t number = -1;

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		const struct said *a = call_from(h, ways[i]);

		cr_expect_eq(a->status, i == 0 ? 201 : 200, "%s: %s", ways[i],
		    a->body);
		if (i == 0)
			number = said_int(a, "number");
		cr_expect_eq(said_int(a, "number"), number, "%s: %s", ways[i],
		    a->body);
	}
	house_free(h);
}

Test(phones, what_cannot_be_called_is_counted_by_its_reason)
{
	static const struct {
		const char *from, *reason;
	} odd[] = {
		{ "", "withheld" },
		{ " ", "withheld" },
		{ "anonymous", "withheld" },
		{ "ANONYMOUS", "withheld" },
		{ "unknown", "withheld" },
		{ "<unknown>", "withheld" },
		{ "private", "withheld" },
		{ "Restricted", "withheld" },
		{ "unavailable", "withheld" },
		{ "sip:anonymous@anonymous.invalid", "withheld" },
		{ "112", "emergency" },
		{ "110", "emergency" },
		{ "17", "short" },
		{ "\\u200f", "withheld" },
		{ "no number at all", "invalid" },
		{ "+999999999999", "invalid" },
		{ "+0", "withheld" },
		{ "sip:@", "withheld" },
		{ "sip:", "withheld" },
		{ "<>", "withheld" },
		{ "+49 900 1234567", "premium" },
	};
	struct house *h = house_new();
	char many[301];
	const struct said *a;

	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		a = call_from(h, odd[i].from);
		cr_expect_eq(a->status, 200, "%s: %s", odd[i].from, a->body);
		cr_expect_str_eq(said_text(a, "state"), "uncallable");
		cr_expect_str_eq(said_text(a, "reason"), odd[i].reason,
		    "\"%s\": %s", odd[i].from, a->body);
	}
	memset(many, '7', 300);
	many[300] = '\0';
	a = call_from(h, many);
	cr_expect_str_eq(said_text(a, "reason"), "invalid", "%s", a->body);
	cr_expect_eq(house_get(h, "anna", "/v1/items")->status, 200);
	cr_expect_eq(said_int(house_get(h, "anna", "/v1/items"), "total"), 0);
	house_free(h);
}

Test(phones, our_own_numbers_and_misdials_make_no_item)
{
	struct house *h = house_new();
	const struct said *a;

	a = house_do(h, "push", "POST", EVENTS,
	    "{\"type\":\"call.missed\",\"source\":\"pbx\","
	    "\"from\":\"+4930901855\"}");
	cr_expect_str_eq(said_text(a, "state"), "ignored", "%s", a->body);
	a = house_do(h, "push", "POST", EVENTS,
	    "{\"type\":\"call.missed\",\"source\":\"pbx\",\"waited_s\":4.9,"
	    "\"from\":\"+4989123456\"}");
	cr_expect_str_eq(said_text(a, "state"), "ignored", "%s", a->body);
	a = house_do(h, "push", "POST", EVENTS,
	    "{\"type\":\"call.missed\",\"source\":\"pbx\",\"waited_s\":5,"
	    "\"from\":\"+4989123456\"}");
	cr_expect_eq(a->status, 201, "%s", a->body);
	house_free(h);
}

Test(phones, a_queue_that_is_none_loses_no_call)
{
	struct house *h = house_new();
	const struct said *a = house_do(h, "push", "POST", EVENTS,
	    "{\"type\":\"call.missed\",\"queue\":\"nonsense\","
	    "\"from\":\"+4989123456\"}");

	cr_expect_eq(a->status, 201, "%s", a->body);
	cr_expect_str_eq(said_text(a, "queue"), "sales");
	house_free(h);
}
