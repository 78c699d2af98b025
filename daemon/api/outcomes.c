#include "daemon/api/outcomes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/api.h"
#include "daemon/api/refusal.h"
#include "daemon/api/req.h"
#include "daemon/api/wire.h"
#include "daemon/base/clock.h"
#include "daemon/base/fault.h"
#include "daemon/base/record.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/outcome.h"
#include "daemon/policy/policy.h"
#include "daemon/policy/shape.h"
#include "daemon/policy/when.h"
#include "daemon/store/store.h"

/* clang-format off */
static const struct wire_field outcome_fields[] = {
	{ .name = "outcome", .kind = WIRE_NAME, .required = true },
	{ .name = "fence", .kind = WIRE_INT, .min = 0, .max = 9007199254740991 },
	{ .name = "note",
	    .kind = WIRE_TEXT,
	    .limit = WIRE_LIMIT(max_note) },
	{ .name = "at", .kind = WIRE_TEXT, .max = 100 },
	{ .name = "anyone", .kind = WIRE_FLAG },
	{ .name = "cause",
	    .kind = WIRE_TEXT,
	    .limit = WIRE_LIMIT(max_reason) },
	{ .name = "correction",
	    .kind = WIRE_TEXT,
	    .limit = WIRE_LIMIT(max_reason) },
	{ .name = "accepted", .kind = WIRE_FLAG },
	{ .name = "dry_run", .kind = WIRE_FLAG },
	{ .name = "next", .kind = WIRE_FLAG },
};
/* clang-format on */

/*
 * POST /v1/items/{id}/outcome
 *	outcome_post	check the fields
 *	zone_known	an appointment: its words on the customer's clock
 *	outcome_send	to Redis
 *	outcome_stored	the item as it is now, and the next card
 */
struct outcome_call {
	struct req *req;       /* borrowed */
	struct record *fields; /* the request's: what goes to Redis */
	const char *id, *code, *fence;
	bool dry_run;
};
static void zone_known(void *, enum store_end, const struct store_answer *);
static void outcome_send(struct outcome_call *);
static void outcome_stored(void *, enum store_end, const struct store_answer *);

static const char *
taken_out(struct outcome_call *c, const char *name)
{
	const char *s = record_get(c->fields, name);
	const char *kept = req_keep_text(c->req, s != NULL ? s : "");

	record_set(c->fields, name, NULL);
	return kept;
}

static void
fail_unknown(struct req *req, const char *code)
{
	char *known = policy_outcome_names(api_of(req)->policy);

	req_fail(req, 422, "no such outcome",
	    "\"%s\" is no outcome. Known are: %s.", code, known);
	free(known);
}

void
outcome_post(struct req *req)
{
	struct outcome_call *c = req_keep(req, sizeof *c);
	struct api *api = api_of(req);
	struct outcome outcome;

	c->req = req;
	c->fields = api_record(req);
	if (api_read(req, c->fields, outcome_fields,
		sizeof outcome_fields / sizeof *outcome_fields) < 0)
		return;
	c->id = req_part(req, 0);
	c->code = taken_out(c, "outcome");
	c->fence = taken_out(c, "fence");
	c->dry_run = *taken_out(c, "dry_run") == '1';
	if (policy_outcome(&outcome, api->policy, c->code) < 0) {
		fail_unknown(req, c->code);
	} else if (outcome.effect == OUTCOME_LATER) {
		if (!record_has(c->fields, "at"))
			req_fail(req, 422, "no time",
			    "When? For example: ringback later tomorrow 10:00");
		else
			store_item(api->store, c->id, req_caller(req)->name,
			    zone_known, c);
	} else {
		outcome_send(c);
	}
}

/* What "tomorrow 10" means, echoed before it is kept. */
static void
answer_dry_run(struct outcome_call *c, const struct record *item, int64_t at)
{
	const struct policy *policy = api_of(c->req)->policy;
	struct record *echo = api_record(c->req);

	for (size_t i = 0; i < record_count(item); i++)
		record_set(
		    echo, record_name_at(item, i), record_value_at(item, i));
	record_set_int(echo, "try_at", at);
	record_set_int(echo, "until", at + policy->appointment_ms);
	req_answer(c->req, 200,
	    json_pack("{s:o, s:s, s:b}", "item", wire_item(echo, policy),
		"outcome", c->code, "dry_run", 1));
}

static void
zone_known(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct outcome_call *c = cookie;
	const struct record *item =
	    end == STORE_DONE ? answer_section(a, "item") : NULL;
	const struct record *clock;
	const char *zone;
	struct fault fault = { "" };
	int64_t now, at;

	if (end != STORE_DONE) {
		api_fail_end(c->req, end, a);
		return;
	}
	if (item == NULL) {
		refuse(c->req, a);
		return;
	}
	zone = record_get(item, "timezone");
	if (zone == NULL || !calendar_zone_ok(zone))
		zone = api_of(c->req)->policy->timezone;
	clock = answer_section(a, "clock");
	now = clock != NULL ? record_int(clock, "now", 0) : clock_wall_ms();
	if (when_parse(&at, record_get(c->fields, "at"), zone, now, &fault) <
	    0) {
		req_fail(c->req, 422, "no such time", "%s", fault.text);
		return;
	}
	if (c->dry_run) {
		answer_dry_run(c, item, at);
		return;
	}
	record_set_int(c->fields, "at", at);
	outcome_send(c);
}

static void
outcome_send(struct outcome_call *c)
{
	struct actor actor = api_actor(c->req);
	const struct store_outcome outcome = { .id = c->id,
		.fence = c->fence,
		.code = c->code,
		.fields = c->fields };

	store_outcome(
	    api_of(c->req)->store, &actor, &outcome, outcome_stored, c);
}

static json_t *
next_part(const struct store_answer *a, const struct policy *policy)
{
	const struct record *next = answer_section(a, "next");
	json_t *part;

	if (next == NULL)
		return NULL;
	if (strcmp(record_text(next, "word"), "held") != 0)
		return wire_nothing(a, policy);
	part = wire_card(a, policy);
	(void)json_object_set_new(part, "held", json_true());
	return part;
}

static void
outcome_stored(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct outcome_call *c = cookie;
	const struct policy *policy = api_of(c->req)->policy;
	const struct record *item;
	json_t *body, *next;

	if (end != STORE_DONE) {
		api_fail_end(c->req, end, a);
		return;
	}
	item = answer_section(a, "done");
	if (item == NULL) {
		refuse(c->req, a);
		return;
	}
	api_saw(c->req, item);
	if (answer_section(a, "item") != NULL)
		api_saw(c->req, answer_section(a, "item"));
	body = json_pack("{s:o, s:s, s:b, s:b, s:I}", "item",
	    wire_item(item, policy), "outcome", c->code, "repeated",
	    strcmp(a->word, "repeated") == 0, "late",
	    strcmp(a->word, "late") == 0, "undo_s",
	    (json_int_t)(policy->undo_ms / 1000));
	if (answer_section(a, "closed_too") != NULL)
		(void)json_object_set_new(body, "closed_too",
		    shape_list(
			record_text(answer_section(a, "closed_too"), "numbers")));
	next = next_part(a, policy);
	if (next != NULL)
		(void)json_object_set_new(body, "next", next);
	req_answer(c->req, 200, body);
}
