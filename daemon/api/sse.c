#include "daemon/api/sse.h"

#include <stddef.h>
#include <string.h>

#include "daemon/base/text.h"

static void
add_word(struct text *out, const char *name, const char *value)
{
	text_add_str(out, name);
	for (; *value != '\0'; value++)
		text_add(out, *value == '\r' || *value == '\n' ? "?" : value,
			 1);
	text_add(out, "\n", 1);
}

static void
add_lines(struct text *out, const char *data)
{
	for (;;) {
		size_t n = strcspn(data, "\r\n");

		text_add_str(out, "data: ");
		text_add(out, data, n);
		text_add(out, "\n", 1);
		data += n;
		if (*data == '\0')
			return;
		data += data[0] == '\r' && data[1] == '\n' ? 2 : 1;
	}
}

void
sse_add(struct text *out, const char *id, const char *event, const char *data)
{
	if (id != NULL)
		add_word(out, "id: ", id);
	add_word(out, "event: ", event);
	add_lines(out, data);
	text_add(out, "\n", 1);
}
