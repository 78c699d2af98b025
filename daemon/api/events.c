#include "daemon/api/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/api.h"
#include "daemon/api/batch.h"
#include "daemon/api/cloud.h"
#include "daemon/api/entry.h"
#include "daemon/api/req.h"
#include "daemon/api/wire.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/policy/shape.h"
#include "daemon/sources/cloudevents.h"
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
 * One event, alone or as a part of a batch
 *	event_begin	its JSON; of a CloudEvent, event_cloud
 *	event_object	checked and made uniform; to Redis, or the journal
 *	event_stored	its answer; where it was asked for, with an estimate
 *	event_estimated
 */
struct event_call {
	struct req *req;     /* borrowed */
	struct batch *batch; /* NULL: the only one */
	size_t line;
	struct record *event; /* the request's */
	bool cloud;           /* a CloudEvent */
	const char *uuid;     /* the request's */
	json_t *answer;       /* while the estimate is asked for */
	int status;
};
static void event_begin(struct event_call *, const char *body, size_t len);
static void event_cloud(struct event_call *, const json_t *cloud_event);
static void event_object(struct event_call *, json_t *object);
static void event_stored(void *, enum store_end, const struct store_answer *);
static void event_estimated(void *, enum store_end,
			    const struct store_answer *);

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

/* ---- taking it ---------------------------------------------------------- */

static void
fail_json(struct event_call *c, char *why)
{
	/* The sentence quotes the body: nothing for a log. */
	entry_reject(c->req, NULL, "not understood", NULL);
	fail(c, 400, "not understood", NULL, why);
	free(why);
}

/* Takes the list of what is wrong. */
static void
fail_fields(struct event_call *c, json_t *errors)
{
	char *why = text_dup(wire_first_error(errors));
	const json_t *first = json_array_get(errors, 0);

	entry_reject(c->req, record_get(c->event, "source"), "a field is wrong",
		     json_string_value(json_object_get(first, "pointer")));
	fail(c, 422, "a field is wrong", errors, why);
	free(why);
}

static void
event_begin(struct event_call *c, const char *body, size_t len)
{
	char *why = NULL;
	json_t *object = wire_parse(body, len, &why);

	if (object == NULL)
		fail_json(c, why);
	else
		event_object(c, object);
}

static void
event_cloud(struct event_call *c, const json_t *event)
{
	struct fault fault = { "" };
	const char *attribute = "";
	json_t *object = cloudevents_read(event, &attribute, &fault);

	c->cloud = true;
	if (object == NULL)
		fail_fields(c, wire_error(NULL, attribute, "%s", fault.text));
	else
		event_object(c, object);
}

static void
event_object(struct event_call *c, json_t *object)
{
	const struct policy *policy = api_of(c->req)->policy;
	struct fault fault = { "" };
	const char *field;
	json_t *errors =
	    wire_read(c->event, object, event_fields,
		      sizeof event_fields / sizeof *event_fields, policy);

	json_decref(object);
	if (errors == NULL) {
		if (c->cloud)
			cloudevents_home(c->event, policy);
		field = entry_check(c->req, c->event, &fault);
		if (field != NULL)
			errors = wire_error(NULL, field, "%s", fault.text);
	}
	if (errors != NULL)
		fail_fields(c, errors);
	else
		c->uuid = entry_take(c->req, c->event, event_stored, c);
}

/* ---- what came of it ---------------------------------------------------- */

static json_t *
item_answer(const struct record *item, const char *word)
{
	static const char *const shown[] = { "number", "state", "queue",
					     "tier",   "due",   "severity",
					     "try_at" };
	json_t *all = shape_object(item), *object = json_object();

	(void)json_object_set(object, "id", json_object_get(all, "uuid"));
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		json_t *v = json_object_get(all, shown[i]);

		if (v != NULL)
			(void)json_object_set(object, shown[i], v);
	}
	(void)json_object_set_new(object, "merged",
				  json_boolean(strcmp(word, "merged") == 0));
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
	answer(
	    c, 202,
	    json_pack(
		"{s:s, s:s, s:s}", "id", c->uuid, "state", "kept", "detail",
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
		fail(
		    c, 503, "recovering", NULL,
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
				       record_int(item, "number", 0),
				       event_estimated, c);
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

	/* The event is stored: an estimate that fails is one that is unknown.
	 */
	(void)json_object_set_new(c->answer, "position",
				  position >= 0 ? json_integer(position)
						: json_null());
	(void)json_object_set_new(c->answer, "estimate_s",
				  ms >= 0 ? json_integer((ms + 999) / 1000)
					  : json_null());
	answer(c, c->status, c->answer);
}

/* ---- the route ---------------------------------------------------------- */

static struct event_call *
new_call(struct req *req)
{
	struct event_call *c = req_keep(req, sizeof *c);

	c->req = req;
	c->event = api_record(req);
	return c;
}

static void
event_line(struct batch *batch, size_t i, const char *line, size_t len,
	   void *cookie)
{
	struct event_call *c = new_call(batch_req(batch));

	(void)cookie;
	if (!batch_fits(batch, i, len)) {
		entry_reject(c->req, NULL, "too long", NULL);
		return;
	}
	c->batch = batch;
	c->line = i;
	event_begin(c, line, len);
}

/* What is refused as a whole, whatever is in it, counts as one. */
static size_t
cost(struct req *req, size_t parts)
{
	size_t most = (size_t)api_of(req)->policy->max_lines;

	return parts > 0 && parts <= most ? parts : 1;
}

static void
cloud_item(struct batch *batch, size_t i, const json_t *item)
{
	struct event_call *c = new_call(batch_req(batch));

	c->batch = batch;
	c->line = i;
	event_cloud(c, item);
}

static void
post_cloud_batch(struct req *req)
{
	char *why = NULL;
	size_t len;
	const char *body = req_body(req, &len);
	json_t *list = wire_parse_list(body, len, &why);

	if (list == NULL)
		fail_json(new_call(req), why);
	else if (entry_within_rate(req, cost(req, json_array_size(list))))
		batch_list(req, list, cloud_item);
	json_decref(list);
}

static void
post_cloud(struct req *req, bool binary)
{
	struct event_call *c = new_call(req);
	struct fault fault = { "" };
	const char *attribute = "";
	char *why = NULL;
	size_t len;
	const char *body = req_body(req, &len);
	json_t *event = wire_parse(body, len, &why);

	if (event == NULL) {
		fail_json(c, why);
		return;
	}
	if (binary)
		event = cloud_event(req, event, &attribute, &fault);
	if (event == NULL)
		fail_fields(c, wire_error(NULL, attribute, "%s", fault.text));
	else
		event_cloud(c, event);
	json_decref(event);
}

static void
fail_type(struct req *req)
{
	entry_reject(req, NULL, "not a type that is understood", NULL);
	req_fail(req, 415, "not a type that is understood",
		 "Send one event as application/json, many as "
		 "application/x-ndjson; or CloudEvents in JSON.");
}

/* Of one, or of lines. */
static void
post_plain(struct req *req)
{
	size_t len;
	const char *body = req_body(req, &len);

	if (batch_is(req)) {
		if (batch_lines(req) > (size_t)api_of(req)->policy->max_lines)
			entry_reject(req, NULL, "too many at once", NULL);
		batch_run(req, event_line, NULL);
	} else if (!api_is_json(req)) {
		fail_type(req);
	} else if (cloud_is_binary(req)) {
		post_cloud(req, true);
	} else {
		event_begin(new_call(req), body, len);
	}
}

void
events_post(struct req *req)
{
	enum cloudevents_mode mode =
	    cloudevents_mode(req_header(req, "Content-Type"));

	if (mode == CLOUDEVENTS_BATCH) {
		post_cloud_batch(req);
		return;
	}
	if (!entry_within_rate(req,
			       cost(req, batch_is(req) ? batch_lines(req) : 1)))
		return;
	if (mode == CLOUDEVENTS_UNREADABLE)
		fail_type(req);
	else if (mode == CLOUDEVENTS_STRUCTURED)
		post_cloud(req, false);
	else
		post_plain(req);
}
