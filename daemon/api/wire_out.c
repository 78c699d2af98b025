#include "daemon/api/wire.h"

#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/record.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/phone.h"
#include "daemon/policy/policy.h"
#include "daemon/policy/shape.h"
#include "daemon/store/store.h"

static void
rename_member(json_t *object, const char *from, const char *to)
{
	json_t *v = json_object_get(object, from);

	if (v == NULL)
		return;
	(void)json_object_set(object, to, v);
	(void)json_object_del(object, from);
}

/* Its hour on the customer's own clock. */
static void
add_local(json_t *object, const struct record *r)
{
	const char *zone = record_get(r, "timezone");
	char buf[64];

	if (zone == NULL || !record_has(r, "try_at"))
		return;
	calendar_local(buf, sizeof buf, record_int(r, "try_at", 0), zone,
	    CALENDAR_DAY);
	(void)json_object_set_new(object, "local", json_string(buf));
}

json_t *
wire_item(const struct record *r, const struct policy *policy)
{
	json_t *object = shape_object(r);
	const char *phone = record_get(r, "phone");
	char national[64];

	rename_member(object, "uuid", "id");
	rename_member(object, "raw", "phone_raw");
	if (phone != NULL) {
		phone_national(
		    national, sizeof national, phone, policy->region);
		(void)json_object_set_new(
		    object, "phone_national", shape_text(national));
	}
	if (!record_has(r, "promise"))
		(void)json_object_set_new(
		    object, "promise", json_string("open"));
	if (!record_has(r, "unknown"))
		(void)json_object_set_new(object, "unknown", json_false());
	add_local(object, r);
	return object;
}

json_t *
wire_customer(const struct record *r)
{
	json_t *object = shape_object(r);
	const char *zone = record_get(r, "timezone");
	char clock[32];

	/* "tier" is one that was set; what the customer has today is another. */
	if (zone != NULL) {
		calendar_local(clock, sizeof clock, clock_wall_ms(), zone,
		    CALENDAR_CLOCK);
		(void)json_object_set_new(
		    object, "here_time", json_string(clock));
	}
	if (!record_has(r, "phones"))
		(void)json_object_set_new(object, "phones", json_array());
	if (!record_has(r, "never_call"))
		(void)json_object_set_new(object, "never_call", json_false());
	if (!record_has(r, "shared"))
		(void)json_object_set_new(object, "shared", json_false());
	return object;
}

static bool
is_section(const struct store_answer *a, size_t i, const char *name)
{
	return strcmp(a->sections[i].name, name) == 0;
}

json_t *
wire_items(const struct store_answer *a, const char *section,
    const struct policy *policy)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->count; i++) {
		if (is_section(a, i, section))
			(void)json_array_append_new(
			    list, wire_item(a->sections[i].fields, policy));
	}
	return list;
}

json_t *
wire_objects(const struct store_answer *a, const char *section)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->count; i++) {
		if (is_section(a, i, section))
			(void)json_array_append_new(
			    list, shape_object(a->sections[i].fields));
	}
	return list;
}

json_t *
wire_card(const struct store_answer *a, const struct policy *policy)
{
	const struct record *item = answer_section(a, "item");
	const struct record *customer = answer_section(a, "customer");
	const struct record *queue = answer_section(a, "queue");
	json_t *card = json_object();

	if (item != NULL)
		(void)json_object_set_new(
		    card, "item", wire_item(item, policy));
	if (customer != NULL)
		(void)json_object_set_new(
		    card, "customer", wire_customer(customer));
	(void)json_object_set_new(card, "also", wire_items(a, "also", policy));
	(void)json_object_set_new(card, "before", wire_objects(a, "before"));
	(void)json_object_set_new(card, "told", wire_objects(a, "told"));
	(void)json_object_set_new(
	    card, "tz", json_string(policy->timezone));
	if (answer_section(a, "calling") != NULL)
		(void)json_object_set_new(card, "calling",
		    shape_object(answer_section(a, "calling")));
	if (queue != NULL) {
		json_t *guidance = shape_object(queue);

		(void)json_object_update_missing(card, guidance);
		json_decref(guidance);
	}
	return card;
}

json_t *
wire_nothing(const struct store_answer *a, const struct policy *policy)
{
	const struct record *nothing = answer_section(a, "nothing");
	json_t *object = json_object();

	(void)json_object_set_new(object, "held", json_false());
	(void)json_object_set_new(object, "queues",
	    shape_list(nothing != NULL && record_has(nothing, "queues") ?
		    record_get(nothing, "queues") :
		    ""));
	(void)json_object_set_new(
	    object, "later", wire_items(a, "later", policy));
	(void)json_object_set_new(object, "later_count",
	    json_integer(
		nothing != NULL ? record_int(nothing, "later", 0) : 0));
	(void)json_object_set_new(object, "closed", wire_objects(a, "closed"));
	if (answer_section(a, "given_back") != NULL) {
		json_t *back = shape_object(answer_section(a, "given_back"));

		rename_member(back, "at", "from");
		(void)json_object_set_new(object, "given_back", back);
	}
	return object;
}
