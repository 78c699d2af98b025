#include "daemon/store/journal_event.h"

#include <string.h>

#include <uuid/uuid.h>

#include "daemon/base/record.h"
#include "daemon/base/text.h"

static void
add(struct text *out, const char *s)
{
	text_add(out, s, strlen(s) + 1);
}

void
journal_event_write(struct text *out, const char *uuid,
		    const struct record *event, int64_t at_ms)
{
	add(out, uuid);
	for (size_t i = 0; i < record_count(event); i++) {
		if (strcmp(record_name_at(event, i), "time") == 0)
			continue;
		add(out, record_name_at(event, i));
		add(out, record_value_at(event, i));
	}
	add(out, "time");
	text_addf(out, "%lld", (long long)record_int(event, "time", at_ms));
	text_add(out, "", 1);
}

/* The string at *at, which moves behind it. */
static const char *
next(const char *data, size_t len, size_t *at)
{
	const char *s = data + *at;

	*at += strnlen(s, len - *at) + 1;
	return s;
}

const char *
journal_event_read(struct record **ret, const char *data, size_t len)
{
	const char *uuid, *name, *value;
	uuid_t ignored;
	size_t at = 0;
	struct record *event;

	if (len == 0 || data[len - 1] != '\0')
		return NULL;
	uuid = next(data, len, &at);
	if (uuid_parse(uuid, ignored) < 0)
		return NULL;
	event = record_new();
	while (at < len) {
		name = next(data, len, &at);
		if (at == len || *name == '\0')
			break;
		value = next(data, len, &at);
		record_set(event, name, value);
	}
	if (at == len && record_has(event, "type") &&
	    record_has(event, "time")) {
		*ret = event;
		return uuid;
	}
	record_free(event);
	return NULL;
}
