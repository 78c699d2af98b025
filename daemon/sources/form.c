#include "daemon/sources/form.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"

/* NULL: an escape that is none, or a NUL. */
static char *
decode(const char *s, size_t len)
{
	char *out = text_alloc(len + 1), *to = out;
	bool good = true;

	for (size_t i = 0; i < len && good; i++) {
		char c = s[i] == '+' ? ' ' : s[i];

		if (s[i] == '%') {
			int high = len - i > 2 ? text_hex(s[i + 1]) : -1;
			int low = len - i > 2 ? text_hex(s[i + 2]) : -1;

			good = high >= 0 && low >= 0;
			c = good ? (char)(high * 16 + low) : '?';
			i += 2;
		}
		good = good && c != '\0';
		*to++ = c;
	}
	if (good)
		return out;
	free(out);
	return NULL;
}

static int
add(struct form *f, char *name, char *value)
{
	if (name == NULL || value == NULL || f->count == FORM_MOST) {
		free(name);
		free(value);
		return -1;
	}
	f->fields[f->count++] = (struct form_field){ name, value };
	return 0;
}

int
form_add(struct form *f, const char *name, const char *value)
{
	return add(f, text_dup(name), text_dup(value));
}

static int
read_pair(struct form *f, const char *s, size_t len)
{
	const char *equals = memchr(s, '=', len);
	size_t n = equals != NULL ? (size_t)(equals - s) : len;
	size_t skip = equals != NULL ? n + 1 : n;

	return add(f, decode(s, n), decode(s + skip, len - skip));
}

int
form_read(struct form *ret, const char *body, size_t len, struct fault *fault)
{
	size_t at = 0;

	*ret = (struct form){ .count = 0 };
	while (at < len) {
		const char *end = memchr(body + at, '&', len - at);
		size_t n = end != NULL ? (size_t)(end - body) - at : len - at;

		if (n > 0 && read_pair(ret, body + at, n) < 0) {
			if (ret->count == FORM_MOST)
				fault_set(fault,
					  "The form has more than %d fields.",
					  FORM_MOST);
			else
				fault_set(
				    fault,
				    "The form has a %%-escape that is none, or "
				    "a NUL.");
			return -1;
		}
		at += n + 1;
	}
	return 0;
}

void
form_done(struct form *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->fields[i].name);
		free(f->fields[i].value);
	}
	f->count = 0;
}

const char *
form_get(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++) {
		if (strcmp(f->fields[i].name, name) == 0)
			return f->fields[i].value;
	}
	return "";
}
