#include "daemon/api/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/api.h"
#include "daemon/api/batch.h"
#include "daemon/api/rates.h"
#include "daemon/api/req.h"
#include "daemon/api/wire.h"
#include "daemon/base/clock.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/event.h"
#include "daemon/policy/policy.h"
#include "daemon/policy/shape.h"
#include "daemon/store/intake.h"
#include "daemon/store/store.h"

/* clang-format off */
static const struct wire_field event_fields[] = {
	{ .name = "type", .kind = WIRE_TEXT, .required = true, .max = 40 },
	{ .name = "id", .kind = WIRE_TEXT, .max = 200 },
	{ .name = "source", .kind = WIRE_TEXT, .max = 200 },
	{ .name = "call", .kind = WIRE_TEXT, .max = 200 },
	{ .name = "from", .kind = WIRE_TEXT, .max = 400 },
	{ .name = "customer", .kind = WIRE_ID, .max = 100 },
	{ .name = "time", .kind = WIRE_TIME },
	{ .name = "to", .kind = WIRE_TEXT, .max = 400 },
	/* An ornament must not lose a call. */
	{ .name = "name", .kind = WIRE_TEXT, .max = 200, .cut = true },
	{ .name = "queue", .kind = WIRE_NAME },
	{ .name = "language", .kind = WIRE_TEXT, .max = 20 },
	{ .name = "category", .kind = WIRE_TEXT, .max = 100, .cut = true },
	{ .name = "severity", .kind = WIRE_INT, .min = 1, .max = 3 },
	{ .name = "text", .kind = WIRE_TEXT, .limit = WIRE_LIMIT(max_text) },
	{ .name = "link", .kind = WIRE_TEXT, .max = 2000 },
	{ .name = "value", .kind = WIRE_INT, .min = 0, .max = 1000000000000 },
	{ .name = "waited_s", .kind = WIRE_REAL, .min = 0, .max = 604800 },
	{ .name = "talked_s", .kind = WIRE_REAL, .min = 0, .max = 604800 },
	{ .name = "callback_at", .kind = WIRE_TIME },
};
/* clang-format on */

/*
 * One event, alone or as a line of a batch
 *	event_begin	checked and made uniform; to Redis, or the journal
 *	event_stored	its answer; where it was asked for, with an estimate
 *	event_estimated
 */
struct event_call {
	struct req *req;     /* borrowed */
	struct batch *batch; /* NULL: the only one */
	size_t line;
	struct record *event; /* the request's */
	char uuid[EVENT_UUID_SIZE];
	json_t *answer; /* while the estimate is asked for */
	int status;
};
static void event_begin(struct event_call *, const char *body, size_t len);
static void event_stored(void *, enum store_end, const struct store_answer *);
static void event_estimated(
    void *, enum store_end, const struct store_answer *);

static void
answer(struct event_call *c, int status, json_t *object)
{
	if (c->batch != NULL)
		batch_answer(c->batch, c->line, status, object);
	else
		req_answer(c->req, status, object);
}

static void
fail(struct event_call *c, int status, const char *title, json_t *errors,
    const char *detail)
{
	json_t *extra = json_object();

	if (errors != NULL)
		(void)json_object_set_new(extra, "errors", errors);
	if (c->batch == NULL) {
		req_fail_with(c->req, status, title, detail, extra);
		return;
	}
	(void)json_object_set_new(extra, "type", json_string("about:blank"));
	(void)json_object_set_new(extra, "title", json_string(title));
	(void)json_object_set_new(extra, "detail", json_string(detail));
	batch_answer(c->batch, c->line, status, extra);
}

/* ---- taking it -------------------------------------------------------------------- */

static void
event_begin(struct event_call *c, const char *body, size_t len)
{
	struct api *api = api_of(c->req);
	char *why = NULL;
	json_t *object = wire_parse(body, len, &why), *errors;
	struct fault fault = { "" };
	const char *field;

	if (object == NULL) {
		fail(c, 400, "not understood", NULL, why);
		free(why);
		return;
	}
	errors = wire_read(c->event, object, event_fields,
	    sizeof event_fields / sizeof *event_fields,
	    api->policy);
	json_decref(object);
	if (errors == NULL) {
		field = event_check(c->event, clock_wall_ms(), &fault);
		if (field != NULL)
			errors = wire_error(NULL, field, "%s", fault.text);
	}
	if (errors != NULL) {
		why = text_dup(wire_first_error(errors));
		fail(c, 422, "a field is wrong", errors, why);
		free(why);
		return;
	}
	if (!record_has(c->event, "source"))
		record_set(c->event, "source", req_caller(c->req)->name);
	record_set(c->event, "by", req_caller(c->req)->name);
	record_set(c->event, "origin", req_from(c->req));
	event_name(c->uuid, c->event);
	event_make_uniform(c->event, api->policy);
	api_zone_seen(api, record_get(c->event, "zone"));
	intake_event(api->intake, c->uuid, c->event, event_stored, c);
}

/* ---- what came of it -------------------------------------------------------------------- */

static json_t *
item_answer(const struct record *item, const char *word)
{
	static const char *const shown[] = { "number", "state", "queue", "tier",
		"due", "severity", "try_at" };
	json_t *all = shape_object(item), *object = json_object();

	(void)json_object_set(object, "id", json_object_get(all, "uuid"));
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		json_t *v = json_object_get(all, shown[i]);

		if (v != NULL)
			(void)json_object_set(object, shown[i], v);
	}
	(void)json_object_set_new(
	    object, "merged", json_boolean(strcmp(word, "merged") == 0));
	json_decref(all);
	return object;
}

static bool
wants_estimate(const struct event_call *c)
{
	const char *s = req_query(c->req, "estimate");

	return c->batch == NULL && s != NULL && strcmp(s, "1") == 0;
}

/* No number and no queue yet: Redis gives these. */
static void
answer_kept(struct event_call *c)
{
	answer(c, 202,
	    json_pack("{s:s, s:s, s:s}", "id", c->uuid, "state", "kept",
		"detail",
		"Redis does not take events at present. This one is safe on "
		"the disk of the daemon, and will be in its queue when Redis "
		"takes them again."));
}

static void
fail_end(struct event_call *c, enum store_end end, const struct store_answer *a)
{
	if (c->batch == NULL)
		api_fail_end(c->req, end, a);
	else
		fail(c, end == STORE_UNKNOWN ? 504 : 503, "not stored", NULL,
		    "Redis did not take it, and it could not be kept here. "
		    "Send it again.");
}

static void
event_stored(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct event_call *c = cookie;
	const struct record *item = answer_section(a, "item");
	const struct record *event = answer_section(a, "event");

	if (end == STORE_KEPT) {
		answer_kept(c);
	} else if (end != STORE_DONE) {
		fail_end(c, end, a);
	} else if (intake_is_passing(end, a)) {
		fail(c, 503, "recovering", NULL,
		    "Redis has just changed and is being put in order. Send it "
		    "again in a moment.");
	} else if (item == NULL) {
		answer(c, 200,
		    event != NULL ? shape_object(event) : json_object());
	} else {
		c->status = strcmp(a->word, "made") == 0 ? 201 : 200;
		c->answer = item_answer(item, a->word);
		if (wants_estimate(c))
			store_estimate(api_of(c->req)->store,
			    record_int(item, "number", 0), event_estimated, c);
		else
			answer(c, c->status, c->answer);
	}
}

static void
event_estimated(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct event_call *c = cookie;
	const struct record *e =
	    end == STORE_DONE ? answer_section(a, "estimate") : NULL;
	int64_t position = e != NULL ? record_int(e, "position", -1) : -1;
	int64_t ms = e != NULL ? record_int(e, "estimate_ms", -1) : -1;

	/* The event is stored: an estimate that fails is one that is unknown. */
	(void)json_object_set_new(c->answer, "position",
	    position >= 0 ? json_integer(position) : json_null());
	(void)json_object_set_new(c->answer, "estimate_s",
	    ms >= 0 ? json_integer((ms + 999) / 1000) : json_null());
	answer(c, c->status, c->answer);
}

/* ---- the route ------------------------------------------------------------------------------ */

static struct event_call *
new_call(struct req *req)
{
	struct event_call *c = req_keep(req, sizeof *c);

	c->req = req;
	c->event = api_record(req);
	return c;
}

static void
event_line(
    struct batch *batch, size_t i, const char *line, size_t len, void *cookie)
{
	struct event_call *c = new_call(batch_req(batch));

	(void)cookie;
	c->batch = batch;
	c->line = i;
	event_begin(c, line, len);
}

/* What is refused as a whole, whatever is in it, counts as one. */
static size_t
cost(struct req *req)
{
	size_t lines = batch_is(req) ? batch_lines(req) : 1;
	size_t most = (size_t)api_of(req)->policy->max_lines;

	return lines > 0 && lines <= most ? lines : 1;
}

/* False: too many at once, and so answered; none of them is taken. */
static bool
within_rate(struct req *req)
{
	const struct api *api = api_of(req);
	const struct caller *caller = req_caller(req);
	const struct rate rate = { api->policy->event_rate,
		api->policy->event_burst };
	const char *who = req_keep_print(req, "%s %s",
	    caller->by_token ? "token" : "user", caller->name);
	int64_t wait_ms =
	    rates_take(api->rates, who, cost(req), &rate, clock_mono_ms());

	if (wait_ms == 0)
		return true;
	req_add_header(req, "Retry-After",
	    req_keep_print(req, "%lld", (long long)(wait_ms + 999) / 1000));
	req_fail(req, 429, "too many events",
	    "%s may send %lld events a second and sent more; none of these "
	    "was taken. Send them again in a moment.",
	    caller->name, (long long)rate.per_second);
	return false;
}

void
events_post(struct req *req)
{
	const char *body;
	size_t len;

	if (!within_rate(req))
		return;
	if (batch_is(req)) {
		batch_run(req, event_line, NULL);
	} else if (!api_is_json(req)) {
		req_fail(req, 415, "not a type that is understood",
		    "Send one event as application/json, or many as "
		    "application/x-ndjson.");
	} else {
		body = req_body(req, &len);
		event_begin(new_call(req), body, len);
	}
}
