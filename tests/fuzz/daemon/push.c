/* What is pushed from outside of the house: forms, JSON, headers.  An event
 * that comes of it has what every event has, in text that can be kept. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/event.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/cloudevents.h"
#include "daemon/sources/feed.h"
#include "daemon/sources/push.h"
#include "tests/fuzz/fuzz.h"

static char name[] = "pbx", url[] = "https://user@rb.example:8443/a/";
static struct policy_source source = { .name = name, .public_url = url };
static const struct policy policy = { .sources = &source, .source_count = 1 };

/* The signature is the first line of the input. */
static const char *
header(void *cookie, const char *header_name)
{
	(void)header_name;
	return cookie;
}

static void
look(struct record *e)
{
	feed_clean(e);
	fuzz_must(event_type(record_text(e, "type")) != NULL);
	fuzz_must(record_has(e, "id") && record_has(e, "call"));
	fuzz_must(record_get(e, "from") != NULL);
	for (size_t i = 0; i < record_count(e); i++) {
		const char *s = record_value_at(e, i);

		fuzz_must(text_utf8(s, strlen(s)) && fuzz_clean(s, strlen(s)));
	}
}

static void
run(const char *format, const char *type, const uint8_t *data, size_t len)
{
	char *signature = fuzz_cut(&data, &len),
	     *target = fuzz_cut(&data, &len);
	char *body = fuzz_text(data, len);
	struct push p = { .config = &source,
			  .secret = len % 2 == 0 ? "" : "12345",
			  .target = target,
			  .login = signature,
			  .type = type,
			  .body = body,
			  .len = len,
			  .header = header,
			  .cookie = signature };
	struct push_said said = { 0 };
	struct fault fault = { "" };
	const char *why = "";

	fuzz_must(push_format(format)->proof(&p, &why) != PUSH_GOOD);
	if (push_format(format)->read(&p, &said, &fault) < 0) {
		fuzz_must(*fault.text != '\0' && said.answer == NULL);
	} else {
		fuzz_must(said.answer != NULL);
		if (said.event != NULL)
			look(said.event);
	}
	record_free(said.event);
	free(said.answer);
	free(body);
	free(target);
	free(signature);
}

FUZZ(twilio)
{
	run("twilio", "application/x-www-form-urlencoded", data, len);
}

FUZZ(cti)
{
	run("cti", "application/x-www-form-urlencoded", data, len);
	run("cti", "application/json", data, len);
}

FUZZ(cloudevents)
{
	char *body = fuzz_text(data, len), *value = cloudevents_header(body);
	json_t *event = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
	const char *attribute = NULL;
	struct fault fault = { "" };
	struct record *e = record_new();
	json_t *object;

	fuzz_must(value == NULL || text_utf8(value, strlen(value)));
	fuzz_must(cloudevents_mode(body) <= CLOUDEVENTS_UNREADABLE);
	object = cloudevents_read(event, &attribute, &fault);
	if (object == NULL) {
		fuzz_must(attribute != NULL && *fault.text != '\0');
	} else {
		record_set(
		    e, "source",
		    json_string_value(json_object_get(object, "source")));
		record_set(e, "id",
			   json_string_value(json_object_get(object, "id")));
		fuzz_must(record_has(e, "source") && record_has(e, "id"));
		cloudevents_home(e, &policy);
		fuzz_must(record_has(e, "source") && record_has(e, "id"));
	}
	record_free(e);
	json_decref(object);
	json_decref(event);
	free(value);
	free(body);
}
