#include "daemon/api/wire.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/when.h"

/* Nested deeper than anything we read: refused before jansson recurses. */
#define MOST_DEPTH 32
#define MOST_TEXT 200
#define MOST_TEXTS 20

json_t *
wire_error(json_t *list, const char *field, const char *fmt, ...)
{
	va_list ap;
	char detail[400], *pointer;

	va_start(ap, fmt);
	(void)vsnprintf(detail, sizeof detail, fmt, ap);
	va_end(ap);
	text_clean(detail, false);
	if (list == NULL)
		list = json_array();
	pointer = text_print("#/%s", field);
	(void)json_array_append_new(list,
	    json_pack("{s:s, s:s}", "detail", detail, "pointer", pointer));
	free(pointer);
	return list;
}

const char *
wire_first_error(const json_t *list)
{
	const char *s = json_string_value(
	    json_object_get(json_array_get(list, 0), "detail"));

	return s != NULL ? s : "";
}

static bool
too_deep(const char *s, size_t len)
{
	bool in_text = false;
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		if (in_text) {
			if (s[i] == '\\')
				i++;
			else if (s[i] == '"')
				in_text = false;
		} else if (s[i] == '"') {
			in_text = true;
		} else if (s[i] == '[' || s[i] == '{') {
			if (++depth > MOST_DEPTH)
				return true;
		} else if (s[i] == ']' || s[i] == '}') {
			depth--;
		}
	}
	return false;
}

static json_t *
parse(const char *body, size_t len, char **ret_why)
{
	json_error_t error;
	json_t *root;

	if (too_deep(body, len)) {
		*ret_why = text_dup("The JSON is nested too deeply.");
		return NULL;
	}
	root = json_loadb(body, len, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL) {
		text_clean(error.text, false);
		*ret_why = text_print("The body is not JSON: %s (line %d, "
				      "column %d).",
		    error.text, error.line, error.column);
		return NULL;
	}
	return root;
}

json_t *
wire_parse(const char *body, size_t len, char **ret_why)
{
	json_t *root;

	if (len == 0) {
		*ret_why = text_dup("The body is empty; a JSON object is "
				    "expected.");
		return NULL;
	}
	root = parse(body, len, ret_why);
	if (root != NULL && !json_is_object(root)) {
		json_decref(root);
		*ret_why = text_dup("The body is JSON, but not an object.");
		return NULL;
	}
	return root;
}

json_t *
wire_parse_list(const char *body, size_t len, char **ret_why)
{
	json_t *root = parse(body, len, ret_why);

	if (root != NULL && !json_is_array(root)) {
		json_decref(root);
		*ret_why = text_dup("The body is JSON, but not an array.");
		return NULL;
	}
	return root;
}

/* ---- one field: its value as a string into the record, or an error ------------------ */

static bool
is_id(const char *s)
{
	if (text_is_step(s))
		return false;
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f || *s == '|')
			return false;
	}
	return true;
}

/* At most so many bytes of valid UTF-8, without half a character. */
static size_t
whole_characters(const char *s, size_t most)
{
	while (most > 0 && ((unsigned char)s[most] & 0xc0) == 0x80)
		most--;
	return most;
}

static json_t *
read_text(struct record *ret, const json_t *v, const struct wire_field *f,
    json_t *errors)
{
	size_t most = f->max > 0 ? (size_t)f->max : MOST_TEXT;
	const char *s = json_string_value(v);
	size_t len = json_string_length(v);

	if (s == NULL)
		return wire_error(errors, f->name, "%s must be a text.", f->name);
	if (len > most && !f->cut)
		return wire_error(errors, f->name,
		    "%s is too long: at most %zu bytes.", f->name, most);
	if (!text_utf8(s, len))
		return wire_error(errors, f->name,
		    "%s holds a character that cannot be kept.", f->name);
	if (f->kind == WIRE_NAME && len > 0 && !text_is_name(s))
		return wire_error(errors, f->name,
		    "%s must be a name of at most 64 letters, digits and "
		    "any of . _ - @",
		    f->name);
	if (f->kind == WIRE_ID && !is_id(s))
		return wire_error(errors, f->name,
		    "%s may hold neither control characters nor a bar (|), "
		    "and is not \".\" or \"..\".",
		    f->name);
	if (len > most)
		len = whole_characters(s, most);
	record_set_n(ret, f->name, s, len);
	return errors;
}

static json_t *
read_int(struct record *ret, const json_t *v, const struct wire_field *f,
    json_t *errors)
{
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v))
		return wire_error(
		    errors, f->name, "%s must be a whole number.", f->name);
	if (n < f->min || n > f->max)
		return wire_error(errors, f->name,
		    "%s must lie between %" PRId64 " and %" PRId64 ".", f->name,
		    f->min, f->max);
	record_set_int(ret, f->name, n);
	return errors;
}

static json_t *
read_real(struct record *ret, const json_t *v, const struct wire_field *f,
    json_t *errors)
{
	double n = json_number_value(v);
	char buf[40];

	if (!json_is_number(v))
		return wire_error(
		    errors, f->name, "%s must be a number.", f->name);
	if (!(n >= (double)f->min && n <= (double)f->max))
		return wire_error(errors, f->name,
		    "%s must lie between %" PRId64 " and %" PRId64 ".", f->name,
		    f->min, f->max);
	(void)snprintf(buf, sizeof buf, "%.15g", n);
	record_set(ret, f->name, buf);
	return errors;
}

static json_t *
read_time(struct record *ret, const json_t *v, const struct wire_field *f,
    json_t *errors)
{
	const char *s = json_string_value(v);
	int64_t ms;

	if (s == NULL || strlen(s) != json_string_length(v) ||
	    when_rfc3339(&ms, s) < 0)
		return wire_error(errors, f->name,
		    "%s must be a time like 2026-11-22T09:20:00Z.", f->name);
	record_set_int(ret, f->name, ms);
	return errors;
}

static json_t *
read_texts(struct record *ret, const json_t *v, const struct wire_field *f,
    json_t *errors)
{
	struct text joined = { 0 };
	size_t most = f->max > 0 ? (size_t)f->max : MOST_TEXTS;
	bool ok = json_is_array(v) && json_array_size(v) <= most;
	char *s;

	for (size_t i = 0; ok && i < json_array_size(v); i++) {
		const json_t *e = json_array_get(v, i);
		const char *one = json_string_value(e);

		ok = one != NULL && json_string_length(e) <= MOST_TEXT &&
		    text_utf8(one, json_string_length(e)) &&
		    strchr(one, ',') == NULL;
		if (ok)
			text_addf(&joined, "%s%s", i > 0 ? "," : "", one);
	}
	s = text_take(&joined);
	if (ok)
		record_set(ret, f->name, s);
	else
		errors = wire_error(errors, f->name,
		    "%s must be a list of at most %zu short texts.", f->name,
		    most);
	free(s);
	return errors;
}

static json_t *
read_field(struct record *ret, const json_t *v, const struct wire_field *f,
    json_t *errors)
{
	switch (f->kind) {
	case WIRE_TEXT:
	case WIRE_NAME:
	case WIRE_ID:
		return read_text(ret, v, f, errors);
	case WIRE_INT:
		return read_int(ret, v, f, errors);
	case WIRE_REAL:
		return read_real(ret, v, f, errors);
	case WIRE_TIME:
		return read_time(ret, v, f, errors);
	case WIRE_TEXTS:
		return read_texts(ret, v, f, errors);
	case WIRE_FLAG:
		if (!json_is_boolean(v))
			return wire_error(errors, f->name,
			    "%s must be true or false.", f->name);
		record_set(ret, f->name, json_is_true(v) ? "1" : "0");
		return errors;
	}
	return errors;
}

json_t *
wire_read(struct record *ret, const json_t *object,
    const struct wire_field *fields, size_t count,
    const struct policy *policy)
{
	json_t *errors = NULL;

	for (size_t i = 0; i < count; i++) {
		const json_t *v = json_object_get(object, fields[i].name);
		struct wire_field f = fields[i];

		if (f.limit != 0)
			memcpy(&f.max, (const char *)policy + f.limit,
			    sizeof f.max);
		if (v != NULL && !json_is_null(v))
			errors = read_field(ret, v, &f, errors);
		if (fields[i].required && errors == NULL &&
		    !record_has(ret, fields[i].name))
			errors = wire_error(errors, fields[i].name,
			    "%s is missing.", fields[i].name);
	}
	return errors;
}
