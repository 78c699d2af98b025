#include "daemon/api/cloud.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/api.h"
#include "daemon/api/req.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/cloudevents.h"

#define LONGEST_ORIGIN 255

static const char *const attributes[] = { "specversion", "id", "source", "type",
					  "time" };
#define NEEDED 4 /* the first of them */
#define COUNT (sizeof attributes / sizeof *attributes)

static void
header_name(char ret[24], const char *attribute)
{
	(void)snprintf(ret, 24, "ce-%s", attribute);
}

bool
cloud_is_binary(const struct req *req)
{
	char name[24];

	for (size_t i = 0; i < NEEDED; i++) {
		header_name(name, attributes[i]);
		if (req_header(req, name) != NULL)
			return true;
	}
	return false;
}

/* 0, or -1 with the sentence. */
static int
add(json_t *event, struct req *req, const char *attribute, struct fault *fault)
{
	char name[24], *value;

	header_name(name, attribute);
	if (req_header(req, name) == NULL)
		return 0;
	if (req_header_count(req, name) > 1) {
		fault_set(fault, "The header %s is there twice.", name);
		return -1;
	}
	value = cloudevents_header(req_header(req, name));
	if (value == NULL) {
		fault_set(fault, "The header %s is not percent-encoded UTF-8.",
			  name);
		return -1;
	}
	(void)json_object_set_new(event, attribute, json_string(value));
	free(value);
	return 0;
}

json_t *
cloud_event(struct req *req, json_t *data, const char **ret_attribute,
	    struct fault *fault)
{
	json_t *event = json_object();

	(void)json_object_set_new(event, "data", data);
	for (size_t i = 0; i < COUNT; i++) {
		if (add(event, req, attributes[i], fault) == 0)
			continue;
		*ret_attribute = attributes[i];
		json_decref(event);
		return NULL;
	}
	return event;
}

/* ---- may it be sent here? ---------------------------------------- */

/* A name of a host, as the profile has it (2.1.1). */
static bool
origin_ok(const char *s)
{
	if (*s == '\0' || strlen(s) > LONGEST_ORIGIN)
		return false;
	for (; *s != '\0'; s++) {
		if (!isalnum((unsigned char)*s) && strchr(".-:[]", *s) == NULL)
			return false;
	}
	return true;
}

/* Whoever has a token may send: the address is given to no one by this.  An
 * address to be told at is never called. */
void
cloud_options(struct req *req)
{
	const char *origin = req_header(req, "WebHook-Request-Origin");
	int64_t rate = api_of(req)->policy->event_rate;

	req_add_header(req, "Allow", "POST, OPTIONS");
	if (origin != NULL && !origin_ok(origin)) {
		req_fail(req, 400, "no origin",
			 "WebHook-Request-Origin must be the name of a host.");
		return;
	}
	if (origin != NULL) {
		req_add_header(req, "WebHook-Allowed-Origin", origin);
		req_add_header(
		    req, "WebHook-Allowed-Rate",
		    rate > 0 ? req_keep_print(req, "%lld", (long long)rate * 60)
			     : "*");
	}
	req_answer_text(req, 200, "text/plain", "", 0);
}
