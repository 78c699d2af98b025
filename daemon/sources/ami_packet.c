#include "daemon/sources/ami_packet.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/text.h"

/* Asterisk keeps 80 bytes of a number (AST_CHANNEL_NAME, AST_MAX_EXTENSION);
 * the rest of a packet that one cut is longer than this. */
#define VALUE_MOST 128

struct ami_reader {
	struct text
	    text;    /* the packet so far: name NUL value NUL ..., a line */
	size_t line; /* where the line begins that is being read */
	size_t size; /* bytes of the packet on the wire */
	/* Where each header's name and value are in the text. */
	size_t names[AMI_HEADERS_MOST], values[AMI_HEADERS_MOST];
	size_t count;
	bool greeted;
	const char *skipping; /* why the rest of the packet is not read */
	bool told;            /* the packet was, and its text can go */
	bool cut;             /* one was cut short by what is said in it */
	size_t since, begun;  /* bytes since then; when this one began */
	struct ami_header headers[AMI_HEADERS_MOST];
};

const char *
ami_get(const struct ami_packet *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++) {
		if (strcasecmp(p->headers[i].name, name) == 0)
			return p->headers[i].value;
	}
	return "";
}

int64_t
ami_stamp_ms(const struct ami_packet *p)
{
	const char *stamp = ami_get(p, "Timestamp");
	size_t whole = strcspn(stamp, ".");
	char digits[16];
	int64_t ms;

	if (whole >= sizeof digits)
		return 0;
	(void)snprintf(digits, sizeof digits, "%.*s", (int)whole, stamp);
	if (text_int64(&ms, digits, 1, INT64_C(99999999999)) < 0)
		return 0;
	ms *= 1000;
	stamp += whole;
	for (int64_t worth = 100; worth > 0 && *stamp != '\0'; worth /= 10) {
		stamp++;
		if (*stamp < '0' || *stamp > '9')
			break;
		ms += (*stamp - '0') * worth;
	}
	return ms;
}

struct ami_reader *
ami_reader_new(void)
{
	return text_alloc(sizeof(struct ami_reader));
}

void
ami_reader_free(struct ami_reader *r)
{
	if (r == NULL)
		return;
	text_done(&r->text);
	free(r);
}

static void
begin(struct ami_reader *r)
{
	r->text.len = r->line = r->size = r->count = 0;
	r->skipping = NULL;
	r->told = false;
}

/* Up to a line's end, or all there is; true: the line is whole. */
static bool
take_line(struct ami_reader *r, const char **bytes, size_t *len)
{
	const char *end = memchr(*bytes, '\n', *len);
	size_t n = end != NULL ? (size_t)(end - *bytes) : *len;
	size_t all = n + (end != NULL ? 1 : 0);

	if (r->size == 0)
		r->begun = r->since;
	r->since += all;
	r->size += all;
	if (r->size > AMI_PACKET_MOST && r->skipping == NULL)
		r->skipping = "too long a packet";
	/* Of a packet that is skipped, only whether its line is blank. */
	if (r->skipping == NULL)
		text_add(&r->text, *bytes, n);
	else if (n > 0 && r->text.len - r->line < 2)
		text_add(&r->text, *bytes, n < 2 ? n : 2);
	*bytes += all;
	*len -= all;
	return end != NULL;
}

static void
neutralise(char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			s[i] = '?';
	}
}

static void
end_line(struct ami_reader *r)
{
	text_add(&r->text, "", 1);
	r->line = r->text.len;
}

/* NULL, or why the line is none. */
static const char *
take_header(struct ami_reader *r, char *line, size_t len)
{
	char *colon = memchr(line, ':', len);
	size_t value;

	if (colon == NULL || colon == line) {
		r->text.len = r->line;
		return "a line without a colon";
	}
	if (r->count == AMI_HEADERS_MOST) {
		r->text.len = r->line;
		r->skipping = "too many headers";
		return NULL;
	}
	*colon = '\0';
	value = (size_t)(colon + 1 - line);
	if (value < len && line[value] == ' ')
		value++;
	r->names[r->count] = r->line;
	r->values[r->count++] = r->line + value;
	end_line(r);
	return NULL;
}

static size_t
count_of(const struct ami_reader *r, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < r->count; i++) {
		if (strcasecmp(r->headers[i].name, name) == 0)
			n++;
	}
	return n;
}

static bool
lacks(const struct ami_reader *r, const char *name, const char *after)
{
	return count_of(r, name) > 0 && count_of(r, after) == 0;
}

/* A caller's number, and what he dials, may have line ends in it (From:
 * <sip:1%0d%0aX@...>), which Asterisk passes on: headers of his, or the end of
 * the packet, whole packets of his, and the rest.  Of a channel all is told,
 * its Uniqueid after these two, and once; the wait of a QueueEntry stands
 * behind its number.  What is shorter was cut, and what begins so soon after it
 * was in the value, or is that rest. */
static bool
is_forged(struct ami_reader *r)
{
	static const char *const once[] = { "Event",       "Privilege",
					    "ActionID",    "Uniqueid",
					    "Linkedid",    "DestUniqueid",
					    "DestLinkedid" };

	if (r->cut && r->begun < VALUE_MOST)
		return true;
	r->cut = lacks(r, "ChannelState", "Uniqueid") ||
		 lacks(r, "DestChannelState", "DestUniqueid") ||
		 (strcasecmp(r->headers[0].value, "QueueEntry") == 0 &&
		  lacks(r, "CallerIDNum", "Wait"));
	if (r->cut)
		r->since = 0;
	for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
		if (count_of(r, once[i]) > 1)
			return true;
	}
	return r->cut;
}

static enum ami_taken
tell(struct ami_reader *r, struct ami_packet *ret, const char **ret_why)
{
	const char *base = r->text.data;

	for (size_t i = 0; i < r->count; i++) {
		r->headers[i].name = base + r->names[i];
		r->headers[i].value = base + r->values[i];
	}
	r->told = true;
	*ret = (struct ami_packet){ .kind = AMI_EVENT,
				    .what = r->headers[0].value,
				    .headers = r->headers,
				    .count = r->count };
	if (strcasecmp(r->headers[0].name, "Response") == 0)
		ret->kind = AMI_RESPONSE;
	else if (strcasecmp(r->headers[0].name, "Event") != 0)
		*ret_why = "neither an answer nor an event";
	if (is_forged(r))
		*ret_why = "line ends in a value";
	return *ret_why != NULL ? AMI_REJECT : AMI_PACKET;
}

/* A line is whole: what there is to tell now. */
static enum ami_taken
use_line(struct ami_reader *r, struct ami_packet *ret, const char **ret_why)
{
	char *line = r->text.data + r->line;
	size_t len = r->text.len - r->line;
	bool first = !r->greeted;

	if (len > 0 && line[len - 1] == '\r')
		r->text.len--, len--;
	neutralise(line, len);
	r->greeted = true;
	if (r->skipping != NULL && len > 0) {
		r->text.len = r->line;
		return AMI_MORE;
	}
	if (r->skipping != NULL) {
		*ret_why = r->skipping;
		begin(r);
		return AMI_REJECT;
	}
	if (len == 0 && r->count == 0) {
		begin(r); /* a blank line too many */
		return AMI_MORE;
	}
	if (len == 0)
		return tell(r, ret, ret_why);
	if (first && memchr(line, ':', len) == NULL) {
		end_line(r);
		r->told = true;
		*ret = (struct ami_packet){ .kind = AMI_GREETING,
					    .what = r->text.data };
		return AMI_PACKET;
	}
	*ret_why = take_header(r, line, len);
	return *ret_why != NULL ? AMI_REJECT : AMI_MORE;
}

enum ami_taken
ami_reader_take(struct ami_reader *r, const char **bytes, size_t *len,
		struct ami_packet *ret, const char **ret_why)
{
	enum ami_taken taken = AMI_MORE;

	*ret_why = NULL;
	if (r->told)
		begin(r);
	while (*len > 0 && taken == AMI_MORE) {
		if (take_line(r, bytes, len))
			taken = use_line(r, ret, ret_why);
	}
	return taken;
}
