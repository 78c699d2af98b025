#include "daemon/api/look.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/api/access.h"
#include "daemon/api/api.h"
#include "daemon/api/kept.h"
#include "daemon/api/refusal.h"
#include "daemon/api/req.h"
#include "daemon/api/sources.h"
#include "daemon/api/wire.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/phone.h"
#include "daemon/policy/policy.h"
#include "daemon/policy/when.h"
#include "daemon/policy/shape.h"
#include "daemon/store/store.h"

#define MOST_ITEMS 200

/* ---- GET /v1/items --------------------------------------------------------------------- */

static void
items_listed(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct req *req = cookie;
	const struct record *list;
	json_t *body;

	if (end != STORE_DONE) {
		api_fail_end(req, end, a);
		return;
	}
	list = answer_section(a, "list");
	body = json_object();
	(void)json_object_set_new(
	    body, "items", wire_items(a, "item", api_of(req)->policy));
	(void)json_object_set_new(body, "total",
	    json_integer(list != NULL ? record_int(list, "total", 0) : 0));
	(void)json_object_set_new(body, "cursor",
	    list != NULL && record_has(list, "cursor") ?
		json_string(record_get(list, "cursor")) :
		json_null());
	req_answer(req, 200, body);
}

/* A number of the query within its limits.  -1 when the request was failed. */
static int
query_int(struct req *req, const char *name, int64_t *value, int64_t max)
{
	const char *s = req_query(req, name);

	if (s == NULL || text_int64(value, s, 0, max) == 0)
		return 0;
	req_fail(req, 422, "a filter is wrong",
	    "%s must be a whole number of at most %d.", name, (int)max);
	return -1;
}

static bool
is_state(const char *s)
{
	static const char *const states[] = {
#define STATE(name, text) text,
#define MOVE(from, to)
#include "daemon/policy/states.def"
#undef STATE
#undef MOVE
	};

	/* The first is what an item is before it is one. */
	for (size_t i = 1; i < sizeof states / sizeof *states; i++) {
		if (strcmp(states[i], s) == 0)
			return true;
	}
	return false;
}

/* A typing error must not look like an empty queue. */
static int
check_names(struct req *req, const struct record *filter)
{
	static const char *const states[] = { "waiting", "held", "scheduled",
		"closed" };
	const struct policy *policy = api_of(req)->policy;
	const char *queue = record_get(filter, "queue");
	const char *tier = record_get(filter, "tier");
	const char *state = record_get(filter, "state");
	bool known = state == NULL || *state == '\0';

	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		known = known || strcmp(states[i], state) == 0;
	if (queue != NULL && *queue != '\0' &&
	    policy_queue(policy, queue) == NULL)
		req_fail(req, 422, "a filter is wrong",
		    "There is no queue %s. See: ringback queues", queue);
	else if (tier != NULL && *tier != '\0' &&
	    policy_tier(policy, tier) == NULL)
		req_fail(req, 422, "a filter is wrong",
		    "There is no tier %s in the configuration.", tier);
	else if (!known)
		req_fail(req, 422, "a filter is wrong",
		    "state is waiting, held, scheduled or closed, not %s.",
		    state);
	else
		return 0;
	return -1;
}

/* The filters that stand in the query, checked, into the record. */
static int
read_filter(struct req *req, struct record *filter)
{
	static const char *const names[] = { "queue", "tier", "state", "kind",
		"agent" };
	const char *s;
	int64_t since;
	struct phone phone;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		s = req_query(req, names[i]);
		if (s != NULL && *s != '\0' && !text_is_name(s)) {
			req_fail(req, 422, "a filter is wrong",
			    "%s must be a name.", names[i]);
			return -1;
		}
		record_set(filter, names[i], s);
	}
	s = req_query(req, "state");
	if (s != NULL && *s != '\0' && !is_state(s)) {
		req_fail(req, 422, "a filter is wrong",
		    "state must be waiting, held, scheduled or closed.");
		return -1;
	}
	if (check_names(req, filter) < 0)
		return -1;
	s = req_query(req, "since");
	if (s != NULL && when_rfc3339(&since, s) < 0) {
		req_fail(req, 422, "a filter is wrong",
		    "since must be a time like 2026-11-22T09:20:00Z.");
		return -1;
	}
	if (s != NULL)
		record_set_int(filter, "since", since);
	s = req_query(req, "all");
	record_set(filter, "all", s != NULL && strcmp(s, "1") == 0 ? "1" : NULL);
	s = req_query(req, "customer");
	if (s != NULL &&
	    phone_parse(&phone, s, api_of(req)->policy->region) == PHONE_OK)
		s = phone.e164;
	record_set(filter, "customer", s);
	return 0;
}

void
items_get(struct req *req)
{
	struct record *filter = api_record(req);
	int64_t first = 0, count = MOST_ITEMS;

	if (query_int(req, "cursor", &first, 1000000) < 0 ||
	    query_int(req, "limit", &count, MOST_ITEMS) < 0 ||
	    read_filter(req, filter) < 0)
		return;
	store_items(
	    api_of(req)->store, first, count, filter, items_listed, req);
}

/* ---- GET /v1/items/{id} ------------------------------------------------------------------- */

static void
item_looked_at(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct req *req = cookie;
	json_t *card;

	if (end != STORE_DONE) {
		api_fail_end(req, end, a);
	} else if (strcmp(a->word, "ok") != 0) {
		refuse(req, a);
	} else {
		card = wire_card(a, api_of(req)->policy);
		(void)json_object_set_new(
		    card, "history", wire_objects(a, "history"));
		req_answer(req, 200, card);
	}
}

/* Which people may pull what is in a pool. */
static json_t *
pool_words(const char *pool)
{
	const char *name = strchr(pool, '=');

	return json_pack("[s]", name != NULL ? name + 1 : pool);
}

static void
item_explained(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct req *req = cookie;
	const struct record *item, *sum, *other;
	json_t *body;

	if (end != STORE_DONE) {
		api_fail_end(req, end, a);
		return;
	}
	item = answer_section(a, "item");
	sum = answer_section(a, "sum");
	if (item == NULL || sum == NULL) {
		refuse(req, a);
		return;
	}
	body = wire_item(item, api_of(req)->policy);
	(void)json_object_set_new(body, "sum", shape_object(sum));
	other = answer_section(a, "runner_up");
	(void)json_object_set_new(body, "runner_up",
	    other != NULL ? shape_object(other) : json_null());
	if (record_has(sum, "position"))
		(void)json_object_set_new(body, "position",
		    json_integer(record_int(sum, "position", 0)));
	if (record_has(sum, "pool"))
		(void)json_object_set_new(
		    body, "may_pull", pool_words(record_get(sum, "pool")));
	req_answer(req, 200, body);
}

void
item_get(struct req *req)
{
	const char *explain = req_query(req, "explain");
	const char *name = req_caller(req)->name;

	if (explain != NULL && strcmp(explain, "1") == 0)
		store_explain(api_of(req)->store, req_part(req, 0), name,
		    item_explained, req);
	else
		store_item(api_of(req)->store, req_part(req, 0), name,
		    item_looked_at, req);
}

/* ---- GET /v1/queues ----------------------------------------------------------------------- */

static json_t *
sums(const struct store_answer *a)
{
	static const char *const names[] = { "promises", "kept", "got_through",
		"asked" };
	json_t *today = json_object();

	for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
		int64_t sum = 0;

		for (size_t i = 0; i < a->count; i++) {
			if (strcmp(a->sections[i].name, "queue") == 0)
				sum += record_int(
				    a->sections[i].fields, names[n], 0);
		}
		(void)json_object_set_new(today, names[n], json_integer(sum));
	}
	return today;
}

/* What made no item today: {"withheld": 3, "hung up at once": 2}. */
static json_t *
set_aside(const struct store_answer *a)
{
	json_t *aside = json_object();

	for (size_t i = 0; i < a->count; i++) {
		const struct record *r = a->sections[i].fields;

		if (strcmp(a->sections[i].name, "aside") == 0)
			(void)json_object_set_new(aside,
			    record_get(r, "reason"),
			    json_integer(record_int(r, "count", 0)));
	}
	return aside;
}

static void
queues_looked_at(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct req *req = cookie;

	if (end != STORE_DONE) {
		api_fail_end(req, end, a);
		return;
	}
	req_answer(req, 200,
	    json_pack("{s:o, s:o, s:o, s:o, s:o}", "queues",
		wire_objects(a, "queue"), "today", sums(a), "aside",
		set_aside(a), "sources", sources_tell(a), "journal",
		kept_tell(req)));
}

void
queues_get(struct req *req)
{
	store_queues(api_of(req)->store, queues_looked_at, req);
}

/* ---- /v1/me ----------------------------------------------------------------------------------- */

/* The site's own outcomes, with the keys that they have in ringback work. */
static json_t *
own_outcomes(const struct policy *policy)
{
	json_t *list = json_array();

	for (size_t i = 0; i < policy->outcome_count; i++) {
		const struct policy_outcome *o = &policy->outcomes[i];

		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s}", "name", o->name, "like",
			o->like, "key", o->key));
	}
	return list;
}

static void
me_looked_at(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct req *req = cookie;
	const struct api *api = api_of(req);
	const struct caller *caller = req_caller(req);
	const struct record *me, *item;
	json_t *body;

	if (end != STORE_DONE) {
		api_fail_end(req, end, a);
		return;
	}
	me = answer_section(a, "me");
	item = answer_section(a, "item");
	api_saw(req, item);
	body = me != NULL ? shape_object(me) : json_object();
	(void)json_object_set_new(body, "name", json_string(caller->name));
	(void)json_object_set_new(
	    body, "role", json_string(role_name(caller->role)));
	(void)json_object_set_new(
	    body, "groups", shape_list(caller->groups));
	(void)json_object_set_new(body, "held",
	    item != NULL ? json_pack("{s:o}", "item",
			       wire_item(item, api->policy)) :
			   json_null());
	(void)json_object_set_new(
	    body, "outcomes", own_outcomes(api->policy));
	(void)json_object_set_new(
	    body, "site", json_string(api->policy->site));
	(void)json_object_set_new(
	    body, "version", json_string(RINGBACK_VERSION));
	if (json_object_get(body, "queues") == NULL)
		(void)json_object_set_new(body, "queues", json_array());
	req_answer(req, 200, body);
}

void
me_get(struct req *req)
{
	store_me(
	    api_of(req)->store, req_caller(req)->name, me_looked_at, req);
}

static void
duty_changed(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct req *req = cookie;

	if (end != STORE_DONE)
		api_fail_end(req, end, a);
	else
		me_get(req);
}

void
duty_post(struct req *req)
{
	static const struct wire_field fields[] = {
		{ .name = "duty", .kind = WIRE_NAME, .required = true },
	};
	struct actor actor = api_actor(req);
	struct record *r = api_record(req);
	const char *duty;

	if (api_read(req, r, fields, 1) < 0)
		return;
	duty = record_get(r, "duty");
	if (strcmp(duty, "on") != 0 && strcmp(duty, "off") != 0 &&
	    strcmp(duty, "gone") != 0) {
		req_fail(req, 422, "a field is wrong",
		    "duty must be \"on\", \"off\" or \"gone\".");
		return;
	}
	store_duty(api_of(req)->store, &actor, duty, duty_changed, req);
}
