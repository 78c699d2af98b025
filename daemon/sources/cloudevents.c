#include "daemon/sources/cloudevents.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/base64.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/event.h"
#include "daemon/policy/policy.h"

#define LONGEST 200 /* bytes of an attribute that we keep */

/* ---- which form it has ------------------------------------------- */

/* The longer prefix first, as the binding says (3.1). */
enum cloudevents_mode
cloudevents_mode(const char *type)
{
	static const char one[] = "application/cloudevents";
	static const char many[] = "application/cloudevents-batch";
	bool batch;
	const char *format;
	size_t n;

	if (type == NULL || strncasecmp(type, one, sizeof one - 1) != 0)
		return CLOUDEVENTS_NONE;
	batch = strncasecmp(type, many, sizeof many - 1) == 0;
	format = type + (batch ? sizeof many : sizeof one) - 1;
	n = strcspn(format, "; \t");
	if (n != 5 || strncasecmp(format, "+json", n) != 0)
		return CLOUDEVENTS_UNREADABLE;
	return batch ? CLOUDEVENTS_BATCH : CLOUDEVENTS_STRUCTURED;
}

/* ---- a header ---------------------------------------------------- */

/* "a \"b\"" without its quotes; what has none as it is.  NULL: one is missing.
 */
static char *
unquote(const char *s)
{
	char *out = text_alloc(strlen(s) + 1), *to = out;

	if (*s != '"') {
		memcpy(out, s, strlen(s) + 1);
		return out;
	}
	for (s++; *s != '\0' && *s != '"'; s++) {
		if (*s == '\\' && s[1] != '\0')
			s++;
		*to++ = *s;
	}
	if (*s == '"' && s[1] == '\0')
		return out;
	free(out);
	return NULL;
}

/* Once, in place.  False: an escape that is none. */
static bool
unescape(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++) {
		int high, low;

		if (*s != '%') {
			*to++ = *s;
			continue;
		}
		high = text_hex(s[1]);
		low = high >= 0 ? text_hex(s[2]) : -1;
		if (low < 0 || high * 16 + low < 0x20)
			return false;
		*to++ = (char)(high * 16 + low);
		s += 2;
	}
	*to = '\0';
	return true;
}

char *
cloudevents_header(const char *value)
{
	char *s = unquote(value);

	if (s != NULL && unescape(s) && text_utf8(s, strlen(s)))
		return s;
	free(s);
	return NULL;
}

/* ---- the JSON format --------------------------------------------- */

struct reading {
	const json_t *event;
	const char **attribute; /* which is wrong */
	struct fault *fault;
};

static const char *
wrong(const struct reading *r, const char *name, const char *what)
{
	*r->attribute = name;
	fault_set(r->fault, "%s %s.", name, what);
	return NULL;
}

static const char *
needed(const struct reading *r, const char *name)
{
	const json_t *v = json_object_get(r->event, name);
	const char *s = json_string_value(v);

	if (v == NULL || json_is_null(v))
		return wrong(r, name,
			     "is missing: a CloudEvent needs "
			     "specversion, id, source and type");
	if (s == NULL || *s == '\0')
		return wrong(r, name, "must be a text that is not empty");
	if (strlen(s) > LONGEST)
		return wrong(r, name, "is longer than 200 bytes");
	return s;
}

static json_t *
unpack(const struct reading *r, const json_t *packed)
{
	const char *text = json_string_value(packed);
	size_t len = 0;
	char *bytes = NULL;
	json_t *data = NULL;

	if (text != NULL)
		bytes = base64_decode(text, strlen(text), &len);
	if (bytes != NULL)
		data = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL);
	free(bytes);
	if (json_is_object(data))
		return data;
	json_decref(data);
	(void)wrong(r, "data_base64", "must be a JSON object in base64");
	return NULL;
}

static json_t *
given(const struct reading *r, const char *name)
{
	json_t *v = json_object_get(r->event, name);

	return json_is_null(v) ? NULL : v;
}

/* The payload as an object, the caller's: {} where there is none. */
static json_t *
payload(const struct reading *r)
{
	json_t *data = given(r, "data"), *packed = given(r, "data_base64");

	if (data != NULL && packed != NULL) {
		(void)wrong(r, "data", "and data_base64 are both there");
		return NULL;
	}
	if (packed != NULL)
		return unpack(r, packed);
	if (data == NULL)
		return json_object();
	if (json_is_object(data))
		return json_copy(data);
	(void)wrong(r, "data", "must be a JSON object");
	return NULL;
}

/* Those that every event has. */
struct context {
	const char *id, *source;
	const char *type; /* ours */
};

static bool
read_context(struct context *ret, const struct reading *r)
{
	const char *version = needed(r, "specversion");
	const char *type;

	if (version == NULL)
		return false;
	if (strcmp(version, "1.0") != 0)
		return wrong(r, "specversion", "must be 1.0") != NULL;
	ret->id = needed(r, "id");
	ret->source = ret->id != NULL ? needed(r, "source") : NULL;
	type = ret->source != NULL ? needed(r, "type") : NULL;
	if (type == NULL)
		return false;
	ret->type = event_type(type);
	if (ret->type == NULL)
		(void)wrong(
		    r, "type",
		    "must be call.missed, call.talking, call.answered, "
		    "call.ended, callback.requested, complaint or feedback, or "
		    "end with a dot and one of these");
	return ret->type != NULL;
}

json_t *
cloudevents_read(const json_t *event, const char **ret_attribute,
		 struct fault *fault)
{
	const struct reading r = { event, ret_attribute, fault };
	json_t *time = given(&r, "time"), *object;
	struct context context = { NULL, NULL, NULL };

	if (!json_is_object(event)) {
		*ret_attribute = "";
		fault_set(fault, "A CloudEvent is a JSON object.");
		return NULL;
	}
	if (!read_context(&context, &r))
		return NULL;
	object = payload(&r);
	if (object == NULL)
		return NULL;
	(void)json_object_set_new(object, "type", json_string(context.type));
	(void)json_object_set_new(object, "id", json_string(context.id));
	(void)json_object_set_new(object, "source",
				  json_string(context.source));
	if (time != NULL)
		(void)json_object_set(object, "time", time);
	return object;
}

/* ---- whose it is ------------------------------------------------- */

/* "https://pbx.example/berlin-1?x" to "berlin-1"; of "urn:pbx:berlin-1", too.
 */
static char *
last_part(const char *uri)
{
	size_t len = strcspn(uri, "?#"), from;

	while (len > 0 && uri[len - 1] == '/')
		len--;
	for (from = len; from > 0 && strchr("/:", uri[from - 1]) == NULL;)
		from--;
	return text_dup_n(uri + from, len - from);
}

static void
put_before(struct record *e, const char *name, const char *source)
{
	char *s;

	if (!record_has(e, name))
		return;
	s = text_print("%s %s", source, record_get(e, name));
	record_set(e, name, s);
	free(s);
}

void
cloudevents_home(struct record *e, const struct policy *policy)
{
	char *source, *name;

	if (policy_source(policy, record_text(e, "source")) != NULL)
		return;
	source = text_dup(record_text(e, "source"));
	name = last_part(source);
	if (policy_source(policy, name) != NULL) {
		put_before(e, "id", source);
		put_before(e, "call", source);
		record_set(e, "source", name);
	}
	free(name);
	free(source);
}
