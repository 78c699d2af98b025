#include "daemon/api/customers.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/api/api.h"
#include "daemon/api/batch.h"
#include "daemon/api/refusal.h"
#include "daemon/api/req.h"
#include "daemon/api/wire.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/phone.h"
#include "daemon/policy/policy.h"
#include "daemon/store/store.h"

#define PAGE 200

/* clang-format off */
static const struct wire_field customer_fields[] = {
	{ .name = "id", .kind = WIRE_ID, .max = 100 },
	{ .name = "name", .kind = WIRE_TEXT, .max = 200 },
	{ .name = "phones",
	    .kind = WIRE_TEXTS,
	    .limit = WIRE_LIMIT(max_phones) },
	{ .name = "value", .kind = WIRE_INT, .min = 0, .max = 1000000000000 },
	{ .name = "tier", .kind = WIRE_NAME },
	{ .name = "language", .kind = WIRE_TEXT, .max = 20 },
	{ .name = "timezone", .kind = WIRE_TEXT, .max = 64 },
	{ .name = "agent", .kind = WIRE_NAME },
	{ .name = "never_call", .kind = WIRE_FLAG },
	{ .name = "shared", .kind = WIRE_FLAG },
	{ .name = "prefers", .kind = WIRE_TEXT, .max = 200 },
};
/* clang-format on */
#define FIELDS (sizeof customer_fields / sizeof *customer_fields)

/* Is the number in the list "+49...,+49..." already? */
static bool
is_listed(const struct text *list, const char *e164)
{
	size_t n = strlen(e164);
	const char *s = list->data;

	while (s != NULL && *s != '\0') {
		size_t one = strcspn(s, ",");

		if (one == n && strncmp(s, e164, n) == 0)
			return true;
		s += one + (s[one] == ',');
	}
	return false;
}

/* Numbers to E.164, each once; errors name the one that is none. */
static json_t *
normalise_phones(struct record *c, const char *region)
{
	const char *s = record_get(c, "phones");
	struct text joined = { 0 };
	json_t *errors = NULL;
	struct phone phone;
	char *list;

	while (s != NULL && *s != '\0') {
		size_t n = strcspn(s, ",");
		char *one = text_dup_n(s, n);

		if (phone_parse(&phone, one, region) != PHONE_OK)
			errors = wire_error(errors, "phones",
			    "\"%s\" is not a telephone number that can be "
			    "called.",
			    one);
		else if (!is_listed(&joined, phone.e164))
			text_addf(&joined, "%s%s", joined.len > 0 ? "," : "",
			    phone.e164);
		free(one);
		s += n + (s[n] == ',');
	}
	list = text_take(&joined);
	record_set(c, "phones", list);
	free(list);
	return errors;
}

/* check: the customer as Redis is to have it, or what is wrong with it. */
static json_t *
check(struct record *c, const json_t *object, const struct policy *policy)
{
	json_t *errors = wire_read(
	    c, object, customer_fields, FIELDS, policy);

	if (errors != NULL)
		return errors;
	if (!record_has(c, "id"))
		return wire_error(NULL, "id", "id is missing.");
	if (record_has(c, "timezone") &&
	    !calendar_zone_ok(record_get(c, "timezone")))
		return wire_error(NULL, "timezone",
		    "timezone must be a name like Europe/Berlin.");
	if (record_has(c, "tier") &&
	    policy_tier(policy, record_get(c, "tier")) == NULL)
		return wire_error(NULL, "tier",
		    "There is no tier \"%s\" in the configuration.",
		    record_get(c, "tier"));
	return normalise_phones(c, policy->region);
}

/* ---- one ----------------------------------------------------------------------------------- */

static void
customer_stored(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct req *req = cookie;
	const struct record *c = answer_section(a, "customer");

	if (end != STORE_DONE)
		api_fail_end(req, end, a);
	else if (strcmp(a->word, "created") == 0 && c != NULL)
		req_answer(req, 201, wire_customer(c));
	else if ((strcmp(a->word, "changed") == 0 ||
		     strcmp(a->word, "ok") == 0) &&
	    c != NULL)
		req_answer(req, 200, wire_customer(c));
	else if (strcmp(a->word, "none") == 0)
		req_fail(req, 404, "no such customer",
		    "The directory has no such customer.");
	else
		refuse(req, a);
}

static void
put(struct req *req, const char *id, const struct record *fields,
    store_done *done, void *cookie)
{
	const struct actor who = api_actor(req);
	const struct store_customer customer = { .id = id,
		.fields = fields,
		.who = &who };

	store_customer_put(api_of(req)->store, &customer, done, cookie);
}

void
customer_put(struct req *req)
{
	struct record *c = api_record(req);
	struct api *api = api_of(req);
	json_t *object = api_parse(req), *errors;

	if (object == NULL)
		return;
	(void)json_object_set_new(object, "id", json_string(req_part(req, 0)));
	errors = check(c, object, api->policy);
	json_decref(object);
	if (errors != NULL) {
		api_fail_fields(req, errors);
		return;
	}
	record_set(c, "id", NULL);
	api_zone_seen(api, record_get(c, "timezone"));
	put(req, req_part(req, 0), c, customer_stored, req);
}

void
customer_get(struct req *req)
{
	store_customer(
	    api_of(req)->store, req_part(req, 0), "", customer_stored, req);
}

static void
customer_deleted(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct req *req = cookie;

	if (end != STORE_DONE)
		api_fail_end(req, end, a);
	else if (strcmp(a->word, "ok") != 0)
		req_fail(req, 404, "no such customer",
		    "The directory has no such customer.");
	else
		req_answer(
		    req, 200, json_pack("{s:s}", "deleted", req_part(req, 0)));
}

void
customer_delete(struct req *req)
{
	const struct actor who = api_actor(req);

	store_customer_delete(api_of(req)->store, &who, req_part(req, 0),
	    customer_deleted, req);
}

/* ---- a page ---------------------------------------------------------------------------------- */

static void
customers_listed(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct req *req = cookie;
	json_t *list, *last = NULL;

	if (end != STORE_DONE) {
		api_fail_end(req, end, a);
		return;
	}
	list = json_array();
	for (size_t i = 0; i < a->count; i++)
		(void)json_array_append_new(
		    list, wire_customer(a->sections[i].fields));
	if (a->count == PAGE)
		last = json_object_get(json_array_get(list, PAGE - 1), "id");
	req_answer(req, 200,
	    json_pack("{s:o, s:O?}", "customers", list, "cursor", last));
}

void
customers_get(struct req *req)
{
	const char *raw = req_query(req, "phone"), *id = req_query(req, "id");
	const char *after = req_query(req, "cursor");
	struct api *api = api_of(req);
	struct phone phone;

	if (id != NULL) {
		store_customer(api->store, id, "", customer_stored, req);
	} else if (raw == NULL) {
		store_customers(api->store, after != NULL ? after : "", PAGE,
		    customers_listed, req);
	} else if (phone_parse(&phone, raw, api->policy->region) != PHONE_OK) {
		req_fail(req, 422, "not a number",
		    "phone must be a telephone number.");
	} else {
		store_customer(
		    api->store, "", phone.e164, customer_stored, req);
	}
}

/* ---- many --------------------------------------------------------------------------------------- */

struct line_call {
	struct batch *batch;
	size_t line;
};

static void
line_stored(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct line_call *c = cookie;
	const struct record *customer = answer_section(a, "customer");
	bool created = strcmp(a->word, "created") == 0;

	if (end != STORE_DONE)
		batch_fail(c->batch, c->line, end == STORE_UNKNOWN ? 504 : 503,
		    "not stored", "Redis did not take it. Send it again.");
	else if (created || strcmp(a->word, "changed") == 0)
		batch_answer(c->batch, c->line, created ? 201 : 200,
		    json_pack("{s:s}", "id", record_text(customer, "id")));
	else if (strcmp(a->word, "phone-taken") == 0)
		batch_fail(c->batch, c->line, 409, "number taken",
		    req_keep_print(batch_req(c->batch),
			"The number %s belongs to the customer %s already.",
			record_text(customer, "phone"),
			record_text(customer, "id")));
	else
		batch_fail(c->batch, c->line, 422, "refused",
		    "There is no tier of that name.");
}

static void
customer_line(
    struct batch *batch, size_t i, const char *line, size_t len, void *cookie)
{
	struct req *req = batch_req(batch);
	struct line_call *c = req_keep(req, sizeof *c);
	struct record *customer = api_record(req);
	struct api *api = api_of(req);
	char *why = NULL, *id;
	json_t *object, *errors;

	(void)cookie;
	c->batch = batch;
	c->line = i;
	if (!batch_fits(batch, i, len))
		return;
	object = wire_parse(line, len, &why);
	if (object == NULL) {
		batch_fail(batch, i, 400, "not understood", why);
		free(why);
		return;
	}
	errors = check(customer, object, api->policy);
	json_decref(object);
	if (errors != NULL) {
		batch_fail_fields(batch, i, errors);
		return;
	}
	id = req_keep_text(req, record_get(customer, "id"));
	record_set(customer, "id", NULL);
	api_zone_seen(api, record_get(customer, "timezone"));
	put(req, id, customer, line_stored, c);
}

void
customers_post(struct req *req)
{
	if (batch_is(req) || api_is_json(req))
		batch_run(req, customer_line, NULL);
	else
		req_fail(req, 415, "not a type that is understood",
		    "Send customers as application/x-ndjson, one a line.");
}
