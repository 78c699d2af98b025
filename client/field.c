#include "client/field.h"

#include <stdio.h>
#include <string.h>

#include "client/clock.h"

/* No count, span or fence is greater; what is can be neither multiplied by 100
 * nor summed up over an answer without an overflow. */
#define FIELD_INT_MAX 9e12

const char *
field_str(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s != NULL ? s : "";
}

bool
field_has(const json_t *o, const char *name)
{
	return *field_str(o, name) != '\0';
}

int64_t
field_int(const json_t *o, const char *name, int64_t otherwise)
{
	const json_t *v = json_object_get(o, name);
	double n;

	if (!json_is_number(v))
		return otherwise;
	n = json_number_value(v);
	return n > -FIELD_INT_MAX && n < FIELD_INT_MAX ? (int64_t)n : otherwise;
}

double
field_real(const json_t *o, const char *name, double otherwise)
{
	const json_t *v = json_object_get(o, name);

	return json_is_number(v) ? json_number_value(v) : otherwise;
}

bool
field_bool(const json_t *o, const char *name)
{
	return json_is_true(json_object_get(o, name));
}

bool
field_false(const json_t *o, const char *name)
{
	return json_is_false(json_object_get(o, name));
}

json_t *
field_obj(const json_t *o, const char *name)
{
	json_t *v = json_object_get(o, name);

	return json_is_object(v) ? v : NULL;
}

json_t *
field_list(const json_t *o, const char *name)
{
	json_t *v = json_object_get(o, name);

	return json_is_array(v) ? v : NULL;
}

int64_t
field_time(const json_t *o, const char *name)
{
	int64_t ms = field_int(o, name, -1);

	if (ms >= 0)
		return ms;
	return clock_read(&ms, field_str(o, name)) == 0 ? ms : -1;
}

void
field_join(char *buf, size_t size, const json_t *list)
{
	size_t i, len = 0;

	buf[0] = '\0';
	for (i = 0; i < json_array_size(list); i++) {
		const char *s = json_string_value(json_array_get(list, i));
		int n;

		if (s == NULL)
			continue;
		n = snprintf(buf + len, size - len, "%s%s", len > 0 ? ", " : "",
			     s);
		if (n < 0 || (size_t)n >= size - len)
			return;
		len += (size_t)n;
	}
}
