#include "daemon/api/target.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"

#define BAD_ESCAPE "The address has a %-escape that is none."
#define BAD_CHARACTER "The address has a character that may not be there."

/* Decodes len bytes into *ret (owned by the caller, also when refused). */
static const char *
decode(char **ret, const char *raw, size_t len)
{
	char *to = *ret = text_alloc(len + 1);

	for (size_t i = 0; i < len; i++) {
		int high, low;

		if (raw[i] != '%') {
			*to++ = raw[i];
			continue;
		}
		if (len - i < 3)
			return BAD_ESCAPE;
		high = text_hex(raw[i + 1]);
		low = text_hex(raw[i + 2]);
		if (high < 0 || low < 0)
			return BAD_ESCAPE;
		*to++ = (char)(high * 16 + low);
		i += 2;
	}
	for (const char *s = *ret; s < to; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return BAD_CHARACTER;
	}
	if (!text_utf8(*ret, (size_t)(to - *ret)))
		return "The address is not UTF-8.";
	return NULL;
}

static const char *
parse_path(struct target *t, const char *raw)
{
	const char *at = raw, *why;

	if (*at != '/')
		return "The address must begin with /.";
	while (*at == '/') {
		const char *from = at + 1;
		char **segment = &t->segments[t->segment_count];

		if (t->segment_count == TARGET_MOST_SEGMENTS)
			return "The address has too many parts.";
		at = from + strcspn(from, "/");
		t->segment_count++;
		why = decode(segment, from, (size_t)(at - from));
		if (why != NULL)
			return why;
		if (strcmp(*segment, ".") == 0 || strcmp(*segment, "..") == 0)
			return "The address has a part \".\" or \"..\".";
	}
	return decode(&t->path, raw, strlen(raw));
}

static const char *
parse_query(struct target *t, const char *raw)
{
	while (*raw != '\0') {
		size_t len = strcspn(raw, "&");
		const char *equals = memchr(raw, '=', len);
		size_t name_len =
		    equals != NULL ? (size_t)(equals - raw) : len;
		size_t skip = equals != NULL ? name_len + 1 : len;
		const char *why;

		if (len > 0 && t->pair_count == TARGET_MOST_PAIRS)
			return "The address has too many parameters.";
		if (len > 0) {
			why = decode(
			    &t->pairs[t->pair_count].name, raw, name_len);
			t->pair_count++;
			if (why != NULL)
				return why;
			why = decode(&t->pairs[t->pair_count - 1].value,
			    raw + skip, len - skip);
			if (why != NULL)
				return why;
		}
		raw += len;
		if (*raw == '&')
			raw++;
	}
	return NULL;
}

static const char *
check_raw(const char *raw)
{
	size_t n = strlen(raw);

	if (n > TARGET_LONGEST)
		return "The address is too long.";
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)raw[i] <= 0x20 || (unsigned char)raw[i] >= 0x7f ||
		    raw[i] == '#')
			return BAD_CHARACTER;
	}
	return NULL;
}

const char *
target_parse(struct target *t, const char *path, const char *query)
{
	const char *why;

	*t = (struct target){ 0 };
	why = check_raw(path);
	if (why == NULL && query != NULL)
		why = check_raw(query);
	if (why == NULL)
		why = parse_path(t, path);
	if (why == NULL && query != NULL)
		why = parse_query(t, query);
	return why;
}

void
target_done(struct target *t)
{
	free(t->path);
	for (size_t i = 0; i < t->segment_count; i++)
		free(t->segments[i]);
	for (size_t i = 0; i < t->pair_count; i++) {
		free(t->pairs[i].name);
		free(t->pairs[i].value);
	}
	*t = (struct target){ 0 };
}

const char *
target_query(const struct target *t, const char *name)
{
	for (size_t i = 0; i < t->pair_count; i++) {
		if (strcmp(t->pairs[i].name, name) == 0)
			return t->pairs[i].value;
	}
	return NULL;
}
