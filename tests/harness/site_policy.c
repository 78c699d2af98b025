#include "tests/harness/site_policy.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/site.h"
#include "tests/harness/site_call.h"

#define QUEUE(hours, ladder, window)                                          \
	"{\"hours\":\"hours:" hours "\",\"ladder\":[" ladder "],"             \
	"\"retry\":{\"no-answer\":[1800000,7200000,14400000],"                \
	"\"busy\":[300000,300000,900000],\"voicemail\":[14400000,86400000]}," \
	"\"then\":\"unreachable\",\"retry_share\":0,\"days\":0," window       \
	"\"hold\":900000,\"hold_max\":2700000,"                               \
	"\"caller_id\":\"+49301111\",\"say_first\":\"Sorry that we missed "   \
	"you.\","                                                             \
	"\"close_needs\":[],\"tiers\":{}}"
#define STEP(at, to, alert)                                                  \
	"{\"at\":" at ",\"to\":\"" to "\",\"only\":false,\"alert\":\"" alert \
	"\"}"
#define USUAL                                                                  \
	"{\"at\":0,\"to\":\"own-agent\",\"only\":true,\"alert\":\"\"}," STEP(  \
	    "0.4", "agents",                                                   \
	    "") "," STEP("0.75", "agents",                                     \
			 "at-risk") "," STEP("1.0", "rb-leads",                \
					     "broken") "," STEP("2.0",         \
								"rb-managers", \
								"escalated")
#define DAYTIME "\"call_from\":\"09:00\",\"call_to\":\"20:00\","
#define TIER(name, value, weight, call, complaint)                      \
	"{\"name\":\"" name "\",\"value\":" value ",\"weight\":" weight \
	",\"call-back\":" call ",\"complaint\":" complaint "}"
#define CLOSES(name, reason)                                      \
	"\"" name "\":{\"effect\":\"close\",\"reason\":\"" reason \
	"\",\"tried\":true,\"plan\":\"\"},"
#define RETRIES(name, plan)                                                  \
	"\"" name "\":{\"effect\":\"retry\",\"reason\":\"\",\"tried\":true," \
	"\"plan\":\"" plan "\"},"

/* clang-format off */
static const struct {
	const char *field, *value;
} usual[] = {
	{ "site", "t" },
	{ "timezone", "Europe/Berlin" },
	{ "tiers", "[" TIER("platinum", "20000", "16", "300000", "3600000") ","
	           TIER("gold", "3000", "5", "900000", "14400000") ","
	           TIER("standard", "0", "1", "3600000", "172800000") "]" },
	{ "unknown_caller", "gold" },
	{ "severities", "[1,2,4]" },
	{ "queues", "[\"sales\",\"billing\",\"always\"]" },
	{ "queue:sales", QUEUE("office", USUAL, DAYTIME) },
	{ "queue:billing", QUEUE("office", USUAL, DAYTIME) },
	{ "queue:always", QUEUE("always", STEP("0", "agents", ""), "") },
	{ "number:+49301111", "sales" },
	{ "number:+49302222", "billing" },
	{ "number:+49303333", "always" },
	{ "source:pbx", "{\"ignore_under\":5000,\"ignore_from\":[\"+4930123*\"],"
	                "\"answered_min\":20000}" },
	{ "source-default", "{\"ignore_under\":0,\"ignore_from\":[],\"answered_min\":0}" },
	{ "outcomes", "{" CLOSES("done", "done") CLOSES("declined", "declined")
	              CLOSES("bad-number", "bad-number")
	              CLOSES("wrong-number", "bad-number")
	              CLOSES("never-call", "never-call")
	              RETRIES("no-answer", "no-answer") RETRIES("busy", "busy")
	              RETRIES("voicemail", "voicemail")
	              RETRIES("left-message", "voicemail")
	              RETRIES("other-person", "no-answer")
	              "\"reached\":{\"effect\":\"stay\",\"reason\":\"\","
	              "\"tried\":true,\"plan\":\"\"},"
	              "\"later\":{\"effect\":\"later\",\"reason\":\"\","
	              "\"tried\":true,\"plan\":\"\"}}" },
	{ "alerts", "[{\"name\":\"duty\",\"on\":[\"broken\",\"escalated\","
	            "\"unreachable\",\"held-long\"]}]" },
	{ "default_queue", "sales" },
	{ "receipt_ms", "1209600000" },
	{ "keep_ms", "7776000000" },
	{ "feedback_ms", "31536000000" },
	{ "undo_ms", "60000" },
	{ "duty_ms", "1800000" },
	{ "not_ms", "1800000" },
	{ "appointment_ms", "900000" },
	{ "burst_ms", "60000" },
};
/* clang-format on */

json_t *
site_policy_usual(void)
{
	json_t *policy = json_object();

	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		(void)json_object_set_new(policy, usual[i].field,
					  json_string(usual[i].value));
	return policy;
}

static struct reply *
put(struct site *s)
{
	const char *argv[SITE_ARGS], *name;
	char hash[32];
	json_t *value;
	int n = 0;

	(void)snprintf(hash, sizeof hash, "policy-%d", ++s->policies);
	argv[n++] = hash;
	json_object_foreach(s->policy, name, value)
	{
		argv[n++] = name;
		argv[n++] = json_string_value(value);
	}
	return site_call_list(s, "policy_put", n, argv);
}

struct reply *
site_policy(struct site *s, ...)
{
	va_list ap;

	va_start(ap, s);
	for (;;) {
		const char *field = va_arg(ap, const char *);
		const char *value;

		if (field == NULL)
			break;
		value = va_arg(ap, const char *);
		if (*value == '\0')
			(void)json_object_del(s->policy, field);
		else
			(void)json_object_set_new(s->policy, field,
						  json_string(value));
	}
	va_end(ap);
	return put(s);
}

static json_t *
read_json(const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

	if (value == NULL)
		site_fail(text, "is no JSON");
	return value;
}

struct reply *
site_queue(struct site *s, const char *queue, ...)
{
	char field[80], *text;
	json_t *settings;
	va_list ap;

	(void)snprintf(field, sizeof field, "queue:%s", queue);
	settings =
	    read_json(json_string_value(json_object_get(s->policy, field)));
	va_start(ap, queue);
	for (;;) {
		const char *member = va_arg(ap, const char *);

		if (member == NULL)
			break;
		(void)json_object_set_new(settings, member,
					  read_json(va_arg(ap, const char *)));
	}
	va_end(ap);
	text = json_dumps(settings, JSON_COMPACT);
	(void)json_object_set_new(s->policy, field, json_string(text));
	json_decref(settings);
	free(text);
	return put(s);
}
