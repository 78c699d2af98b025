#include "daemon/sources/esl_packet.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "daemon/base/text.h"

#define NO_LENGTH ((size_t)-1)

struct reading { /* headers, by where they stand in the text */
	size_t name, value;
};

struct esl_reader {
	struct text text; /* the packet so far: "name\0value\0", the body */
	size_t line;      /* where the line begins that is being read */
	size_t size;      /* bytes of the headers on the wire */
	size_t length;    /* of the body; NO_LENGTH: not told */
	size_t body;      /* where it begins */
	bool in_body, told;
	const char *broken; /* why nothing is read any more */
	struct reading at[ESL_HEADERS_MOST];
	size_t count;
	struct esl_header headers[ESL_HEADERS_MOST];
	json_t *json; /* owned: of the event that was told last */
};

const char *
esl_get(const struct esl_packet *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++) {
		if (strcasecmp(p->headers[i].name, name) == 0)
			return p->headers[i].value;
	}
	return "";
}

struct esl_reader *
esl_reader_new(void)
{
	struct esl_reader *r = text_alloc(sizeof *r);

	r->length = NO_LENGTH;
	return r;
}

void
esl_reader_free(struct esl_reader *r)
{
	if (r == NULL)
		return;
	json_decref(r->json);
	text_done(&r->text);
	free(r);
}

/* A packet as large as they may be is no reason to keep its memory. */
static void
begin(struct esl_reader *r)
{
	json_decref(r->json);
	r->json = NULL;
	if (r->text.size > ESL_HEAD_MOST)
		text_done(&r->text);
	r->text.len = r->line = r->size = r->count = 0;
	r->length = NO_LENGTH;
	r->in_body = r->told = false;
}

static enum esl_taken
broken(struct esl_reader *r, const char *why, const char **ret_why)
{
	r->broken = *ret_why = why;
	return ESL_BROKEN;
}

/* ---- lines -------------------------------------------------------------- */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place; a '%' without two digits stands for itself. */
static size_t
decode(char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int high = i + 2 < len && s[i] == '%' ? hex(s[i + 1]) : -1;
		int low = high >= 0 ? hex(s[i + 2]) : -1;

		if (low >= 0) {
			s[n++] = (char)(high * 16 + low);
			i += 2;
		} else {
			s[n++] = s[i];
		}
	}
	return n;
}

static void
neutralise(char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			s[i] = '?';
	}
}

/* "Name: value" becomes two texts in its place, which has room for an end
 * behind it.  false: it is none, or there are too many. */
static bool
take_header(struct esl_reader *r, char *line, size_t len, bool encoded)
{
	char *colon = memchr(line, ':', len), *value;
	size_t rest;

	if (colon == NULL || colon == line || r->count == ESL_HEADERS_MOST)
		return false;
	neutralise(line, (size_t)(colon - line));
	*colon = '\0';
	value = colon + 1;
	rest = len - (size_t)(value - line);
	if (rest > 0 && *value == ' ')
		value++, rest--;
	if (encoded)
		rest = decode(value, rest);
	neutralise(value, rest);
	value[rest] = '\0';
	if (strcmp(value, "_undef_") == 0)
		*value = '\0';
	r->at[r->count].name = (size_t)(line - r->text.data);
	r->at[r->count++].value = (size_t)(value - r->text.data);
	return true;
}

static void
point(struct esl_reader *r, struct esl_packet *ret)
{
	for (size_t i = 0; i < r->count; i++) {
		r->headers[i].name = r->text.data + r->at[i].name;
		r->headers[i].value = r->text.data + r->at[i].value;
	}
	ret->headers = r->headers;
	ret->count = r->count;
}

/* Digits, and no more than may be; as kivaloo would, nothing is guessed. */
static int
read_length(size_t *ret, const char *s)
{
	int64_t n;

	if (text_int64(&n, s, 0, ESL_BODY_MOST) < 0)
		return -1;
	*ret = (size_t)n;
	return 0;
}

/* ---- events ------------------------------------------------------------- */

static enum esl_taken
reject(const char *why, const char **ret_why)
{
	*ret_why = why;
	return ESL_REJECT;
}

/* The headers of the event, up to a blank line, and its own body. */
static enum esl_taken
read_plain(struct esl_reader *r, struct esl_packet *ret, const char **ret_why)
{
	char *at = r->text.data + r->body, *end = r->text.data + r->text.len;
	size_t inner = 0;

	r->count = 0;
	while (at < end) {
		char *next = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((next != NULL ? next : end) - at);

		if (len > 0 && at[len - 1] == '\r')
			len--;
		if (len > 0 && !take_header(r, at, len, true))
			return reject("an event with no headers", ret_why);
		at = next != NULL ? next + 1 : end;
		if (len == 0)
			break;
	}
	point(r, ret);
	if (*esl_get(ret, "Content-Length") == '\0')
		return ESL_PACKET;
	if (read_length(&inner, esl_get(ret, "Content-Length")) < 0 ||
	    inner > (size_t)(end - at))
		return reject("a length that lies", ret_why);
	ret->body = at;
	ret->body_len = inner;
	at[inner] = '\0';
	return ESL_PACKET;
}

static void
neutralise_json(const char *s)
{
	/* jansson's own copy, which nobody else sees. */
	char *own = (char *)(uintptr_t)s;

	neutralise(own, strlen(own));
}

/* Values are texts; what else there is (lists) says nothing to us. */
static enum esl_taken
read_json(struct esl_reader *r, struct esl_packet *ret, const char **ret_why)
{
	json_t *value;
	const char *name;

	r->json = json_loadb(r->text.data + r->body, r->text.len - r->body,
			     JSON_ALLOW_NUL, NULL);
	if (!json_is_object(r->json))
		return reject("an event that is no JSON object", ret_why);
	r->count = 0;
	json_object_foreach(r->json, name, value)
	{
		if (!json_is_string(value))
			continue;
		if (strcmp(name, "_body") == 0) {
			ret->body = json_string_value(value);
			ret->body_len = strlen(ret->body);
			continue;
		}
		if (r->count == ESL_HEADERS_MOST)
			return reject("an event with too many headers",
				      ret_why);
		neutralise_json(json_string_value(value));
		r->headers[r->count++] =
		    (struct esl_header){ name, json_string_value(value) };
	}
	for (size_t i = 0; i < r->count; i++) {
		if (strcmp(r->headers[i].value, "_undef_") == 0)
			r->headers[i].value = "";
	}
	ret->headers = r->headers;
	ret->count = r->count;
	return ESL_PACKET;
}

/* ---- packets ------------------------------------------------------------ */

static const struct {
	const char *type;
	enum esl_kind kind;
} kinds[] = {
	{ "auth/request", ESL_AUTH },
	{ "command/reply", ESL_REPLY },
	{ "text/event-plain", ESL_EVENT },
	{ "text/event-json", ESL_EVENT },
	{ "text/disconnect-notice", ESL_DISCONNECT },
	{ "text/rude-rejection", ESL_REJECTION },
	{ "rude/rejection", ESL_REJECTION }, /* before 1.0.7 */
};

static enum esl_kind
kind_of(const char *type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcasecmp(kinds[i].type, type) == 0)
			return kinds[i].kind;
	}
	return ESL_OTHER;
}

/* All of it is there. */
static enum esl_taken
tell(struct esl_reader *r, struct esl_packet *ret, const char **ret_why)
{
	enum esl_taken taken = ESL_PACKET;
	const char *type;

	r->told = true;
	text_add(&r->text, "", 1); /* an end, also where nothing stands */
	r->text.len--;
	*ret = (struct esl_packet){ .what = "",
				    .body = r->text.data + r->body,
				    .body_len = r->text.len - r->body };
	point(r, ret);
	type = esl_get(ret, "Content-Type");
	ret->kind = kind_of(type);
	if (ret->kind == ESL_REPLY)
		ret->what = esl_get(ret, "Reply-Text");
	if (ret->kind != ESL_EVENT)
		return ESL_PACKET;
	ret->body = "";
	ret->body_len = 0;
	taken = strcasecmp(type, "text/event-json") == 0
		    ? read_json(r, ret, ret_why)
		    : read_plain(r, ret, ret_why);
	if (taken != ESL_PACKET)
		return taken;
	ret->what = esl_get(ret, "Event-Name");
	return *ret->what != '\0' ? ESL_PACKET
				  : reject("an event without a name", ret_why);
}

static const char *
type_of(const struct esl_reader *r)
{
	for (size_t i = 0; i < r->count; i++) {
		if (strcasecmp(r->text.data + r->at[i].name, "Content-Type") ==
		    0)
			return r->text.data + r->at[i].value;
	}
	return "";
}

static enum esl_taken
end_head(struct esl_reader *r, struct esl_packet *ret, const char **ret_why)
{
	const char *type = type_of(r);

	if (*type == '\0')
		return broken(r, "a packet without a type", ret_why);
	r->body = r->text.len;
	if (r->length == NO_LENGTH && kind_of(type) == ESL_EVENT)
		return broken(r, "an event without a length", ret_why);
	if (r->length == NO_LENGTH || r->length == 0)
		return tell(r, ret, ret_why);
	r->in_body = true;
	return ESL_MORE;
}

static enum esl_taken
end_line(struct esl_reader *r, struct esl_packet *ret, const char **ret_why)
{
	char *line = r->text.data + r->line;
	size_t len = r->text.len - r->line;
	const char *name, *value;

	if (len > 0 && line[len - 1] == '\r')
		len--;
	r->text.len = r->line + len;
	if (len == 0 && r->count == 0) {
		begin(r); /* a blank line too many */
		return ESL_MORE;
	}
	if (len == 0)
		return end_head(r, ret, ret_why);
	text_add(&r->text, "", 1);
	line = r->text.data + r->line;
	if (!take_header(r, line, len, false)) {
		/* An old one writes "Content-Length 24" when it rejects. */
		if (kind_of(type_of(r)) != ESL_REJECTION)
			return broken(r, "a line without a colon", ret_why);
		r->text.len = r->line;
		return ESL_MORE;
	}
	r->line = r->text.len;
	name = r->text.data + r->at[r->count - 1].name;
	value = r->text.data + r->at[r->count - 1].value;
	if (strcasecmp(name, "Content-Length") != 0)
		return ESL_MORE;
	if (r->length != NO_LENGTH)
		return broken(r, "two lengths", ret_why);
	if (read_length(&r->length, value) < 0)
		return broken(r, "a length that is none", ret_why);
	return ESL_MORE;
}

static enum esl_taken
take_line(struct esl_reader *r, const char **bytes, size_t *len,
	  struct esl_packet *ret, const char **ret_why)
{
	const char *end = memchr(*bytes, '\n', *len);
	size_t n = end != NULL ? (size_t)(end - *bytes) : *len;
	size_t all = n + (end != NULL ? 1 : 0);

	r->size += all;
	if (r->size > ESL_HEAD_MOST)
		return broken(r, "too long a header", ret_why);
	text_add(&r->text, *bytes, n);
	*bytes += all;
	*len -= all;
	return end != NULL ? end_line(r, ret, ret_why) : ESL_MORE;
}

static enum esl_taken
take_body(struct esl_reader *r, const char **bytes, size_t *len,
	  struct esl_packet *ret, const char **ret_why)
{
	size_t missing = r->length - (r->text.len - r->body);
	size_t n = *len < missing ? *len : missing;

	text_add(&r->text, *bytes, n);
	*bytes += n;
	*len -= n;
	return n == missing ? tell(r, ret, ret_why) : ESL_MORE;
}

enum esl_taken
esl_reader_take(struct esl_reader *r, const char **bytes, size_t *len,
		struct esl_packet *ret, const char **ret_why)
{
	enum esl_taken taken = ESL_MORE;

	if (r->broken != NULL)
		return broken(r, r->broken, ret_why);
	if (r->told)
		begin(r);
	while (*len > 0 && taken == ESL_MORE)
		taken = r->in_body ? take_body(r, bytes, len, ret, ret_why)
				   : take_line(r, bytes, len, ret, ret_why);
	return taken;
}
