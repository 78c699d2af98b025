#include "daemon/policy/shape.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/when.h"

/* What a field is.  A name that does not stand here is a text. */
enum form { TEXT, INT, REAL, TIME, FLAG, LIST };

/* clang-format off */
static const struct {
	const char *name;
	enum form form;
} forms[] = {
	{ "made_at", TIME },      { "ends_at", TIME },     { "promised", TIME },
	{ "agreed", TIME },       { "back_due", TIME },
	{ "restored", INT },      { "failed", INT },
	{ "accepted", FLAG },     { "agents", INT },       { "agents_on", INT },
	{ "asked", INT },         { "at", TIME },          { "at_risk", INT },
	{ "broken", INT },        { "calls", INT },        { "closed_at", TIME },
	{ "called_at", TIME },
	{ "count", INT },         { "created", TIME },     { "done", INT },
	{ "due", TIME },          { "estimate_ms", INT },  { "events", INT },
	{ "factor", REAL },       { "fence", INT },        { "got_through", INT },
	{ "groups", LIST },       { "held", INT },         { "held_ms", INT },
	{ "hold_until", TIME },   { "holding", INT },      { "kept", INT },
	{ "last_at", TIME },      { "late", INT },         { "late_ms", INT },
	{ "never_call", FLAG },   { "next_due", TIME },    { "next_due_ms", INT },
	{ "number", INT },        { "open", FLAG },        { "opens", TIME },
	{ "phones", LIST },       { "policy", INT },       { "position", INT },
	{ "priority", REAL },     { "promise_at", TIME },  { "promises", INT },
	{ "queues", LIST },       { "releases", INT },     { "scheduled", INT },
	{ "seen", TIME },         { "serves", INT },       { "severity", INT },
	{ "severity_weight", REAL }, { "shared", FLAG },   { "since", TIME },
	{ "talked_s", INT },
	{ "target_ms", INT },     { "tier_weight", REAL }, { "till", TIME },
	{ "total", INT },         { "tried", INT },        { "tries", INT },
	{ "tries_max", INT },     { "try_at", TIME },      { "unknown", FLAG },
	{ "until", TIME },        { "used", INT },         { "value", INT },
	{ "waited_s", REAL },     { "waiting", INT },      { "with", INT },
	{ "yours", FLAG },
	{ "clock_ms", INT },      { "down_ms", INT },      { "rejects", INT },
	{ "silent", FLAG },       { "silent_ms", INT },    { "silent_since", TIME },
};
/* clang-format on */

static enum form
form_of(const char *name)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (strcmp(forms[i].name, name) == 0)
			return forms[i].form;
	}
	return TEXT;
}

/* Texts were checked when they came in; what a stranger wrote into Redis may
 * still be no UTF-8, and must not make the field vanish. */
json_t *
shape_text(const char *s)
{
	json_t *v = json_string(s);
	char *clean;

	if (v != NULL)
		return v;
	clean = text_dup(s);
	text_clean(clean, true);
	v = json_string(clean);
	free(clean);
	return v;
}

json_t *
shape_list(const char *s)
{
	json_t *list = json_array();

	while (*s != '\0') {
		size_t n = strcspn(s, ",");
		char *one = text_dup_n(s, n);

		if (n > 0)
			(void)json_array_append_new(list, shape_text(one));
		free(one);
		s += n + (s[n] == ',');
	}
	return list;
}

static json_t *
time_value(int64_t ms)
{
	char buf[25];

	when_print(buf, ms);
	return json_string(buf);
}

static json_t *
value_of(enum form form, const char *s)
{
	int64_t n;

	switch (form) {
	case INT:
		return text_int64(&n, s, INT64_MIN, INT64_MAX) == 0 ?
		    json_integer(n) :
		    json_null();
	case REAL:
		return json_real(strtod(s, NULL));
	case TIME:
		return text_int64(&n, s, INT64_MIN, INT64_MAX) == 0 ?
		    time_value(n) :
		    json_null();
	case FLAG:
		return json_boolean(strcmp(s, "1") == 0);
	case LIST:
		return shape_list(s);
	case TEXT:
		break;
	}
	return shape_text(s);
}

json_t *
shape_object(const struct record *r)
{
	json_t *object = json_object();

	for (size_t i = 0; i < record_count(r); i++) {
		const char *name = record_name_at(r, i);

		(void)json_object_set_new(object, name,
		    value_of(form_of(name), record_value_at(r, i)));
	}
	return object;
}
