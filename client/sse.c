#include "client/sse.h"

#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES 65536
#define DATA_MAX_BYTES 262144

void
sse_restart(struct sse *s)
{
	buf_cut(&s->line, s->line.len);
	buf_cut(&s->data, s->data.len);
	s->event[0] = '\0';
	s->after_cr = false;
	s->too_long = false;
}

void
sse_done(struct sse *s)
{
	buf_done(&s->line);
	buf_done(&s->data);
}

static void
set(char *buf, size_t size, const char *value)
{
	snprintf(buf, size, "%s", value);
}

static void
take_field(struct sse *s, const char *name, const char *value)
{
	if (strcmp(name, "event") == 0) {
		set(s->event, sizeof s->event, value);
	} else if (strcmp(name, "id") == 0) {
		if (strlen(value) < sizeof s->id)
			set(s->id, sizeof s->id, value);
	} else if (strcmp(name, "data") == 0) {
		if (s->data.len + strlen(value) > DATA_MAX_BYTES) {
			s->too_long = true;
			return;
		}
		if (s->data.len > 0)
			buf_str(&s->data, "\n");
		buf_str(&s->data, value);
	}
}

static void
end_line(struct sse *s, sse_event *told, void *cookie)
{
	char *line = s->line.data, *colon;

	if (s->line.len == 0) {
		if (!s->too_long && (s->data.len > 0 || *s->event != '\0'))
			told(cookie, s->id,
			     *s->event != '\0' ? s->event : "message",
			     s->data.len > 0 ? s->data.data : "");
		buf_cut(&s->data, s->data.len);
		s->event[0] = '\0';
		s->too_long = false;
		return;
	}
	colon = strchr(line, ':');
	if (colon != line) {
		const char *value = "";

		if (colon != NULL) {
			*colon = '\0';
			value = colon + 1 + (colon[1] == ' ');
		}
		take_field(s, line, value);
	}
	buf_cut(&s->line, s->line.len);
}

void
sse_feed(struct sse *s, const char *data, size_t len, sse_event *told,
	 void *cookie)
{
	size_t i;

	for (i = 0; i < len; i++) {
		char c = data[i];

		if (c == '\n' && s->after_cr) {
			s->after_cr = false;
			continue;
		}
		s->after_cr = c == '\r';
		if (c == '\n' || c == '\r')
			end_line(s, told, cookie);
		else if (s->line.len < LINE_MAX_BYTES)
			buf_add(&s->line, &c, 1);
		else
			s->too_long = true;
	}
}
