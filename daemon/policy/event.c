#include "daemon/policy/event.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <uuid/uuid.h>

#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/phone.h"
#include "daemon/policy/policy.h"
#include "daemon/policy/when.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

static const char *const types[] = {
	"call.missed",        "call.talking", "call.answered", "call.ended",
	"callback.requested", "complaint",    "feedback"
};

/* Names of events are hashed below this one (version 5 of RFC 4122). */
static const char site_of_events[] = "6f1f4a0e-6a53-5d0e-9a39-7c1d2c0f3b11";

_Static_assert(EVENT_UUID_SIZE == UUID_STR_LEN, "as libuuid has it");

/* A name, or a URI: it stands in histories between bars. */
static bool
source_ok(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x21 || *s == 0x7f || *s == '|')
			return false;
	}
	return true;
}

static const char *
wrong(struct fault *fault, const char *field, const char *sentence)
{
	fault_set(fault, "%s", sentence);
	return field;
}

const char *
event_type(const char *words)
{
	size_t len = strlen(words);

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		size_t n = strlen(types[i]);

		if (n <= len && strcmp(words + len - n, types[i]) == 0 &&
		    (n == len || words[len - n - 1] == '.'))
			return types[i];
	}
	return NULL;
}

static bool
needs_call(const char *type)
{
	return strcmp(type, "call.talking") == 0 ||
	       strcmp(type, "call.ended") == 0;
}

const char *
event_check(const struct record *e, int64_t now_ms, struct fault *fault)
{
	const char *type = record_text(e, "type");

	if (event_type(type) == NULL || strcmp(event_type(type), type) != 0)
		return wrong(
		    fault, "type",
		    "type must be call.missed, call.talking, call.answered, "
		    "call.ended, callback.requested, complaint or feedback.");
	if (needs_call(type) && !record_has(e, "call"))
		return wrong(
		    fault, "call",
		    "call.talking and call.ended need call, the id of the "
		    "call.");
	if (record_has(e, "source") && !source_ok(record_get(e, "source")))
		return wrong(
		    fault, "source",
		    "source holds a character that a name of a source must "
		    "not.");
	/* One that lies further ahead would hide the customer, and whom else of
	 * that number it is merged with. */
	if (record_int(e, "callback_at", 0) >
	    now_ms + WHEN_AHEAD_DAYS * DAY_MS) {
		fault_set(fault, "callback_at is more than %d days ahead.",
			  WHEN_AHEAD_DAYS);
		return "callback_at";
	}
	/* A call that shows no number is told with an empty "from": it is
	 * counted.  One that names nobody at all is a mistake of the sender. */
	if (record_get(e, "from") == NULL && !record_has(e, "customer"))
		return wrong(
		    fault, "from",
		    "from (a telephone number) or customer is missing.");
	return NULL;
}

/* The caller's number to E.164; what it was stays beside it. */
void
event_make_uniform(struct record *e, const struct policy *policy)
{
	struct phone phone;
	const char *raw = record_get(e, "from");
	enum phone_kind kind;

	if (raw != NULL) {
		kind = phone_parse(&phone, raw, policy->region);
		record_set(e, "phone", kind == PHONE_OK ? phone.e164 : NULL);
		/* Where a country has one clock, it is the caller's. */
		record_set(e, "zone",
			   kind == PHONE_OK ? calendar_region_zone(phone.region)
					    : NULL);
		record_set(e, "phone_kind", phone_kind_words(kind));
		record_set(e, "raw", raw);
		record_set(e, "from", NULL);
	}
	raw = record_get(e, "to");
	if (raw != NULL)
		record_set(e, "to",
			   phone_parse(&phone, raw, policy->region) == PHONE_OK
			       ? phone.e164
			       : raw);
}

void
event_name(char ret_uuid[EVENT_UUID_SIZE], const struct record *e)
{
	const char *id = record_get(e, "id");
	uuid_t ns, uuid;
	char *name;

	if (id == NULL || *id == '\0') {
		uuid_generate_random(uuid);
	} else {
		(void)uuid_parse(site_of_events, ns);
		name = text_print("%s\n%s\n%s", record_get(e, "source"),
				  record_get(e, "type"), id);
		uuid_generate_sha1(uuid, ns, name, strlen(name));
		free(name);
	}
	uuid_unparse_lower(uuid, ret_uuid);
}
