#include "daemon/api/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/api.h"
#include "daemon/api/req.h"
#include "daemon/api/wire.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"

struct batch {
	struct req *req;   /* borrowed: it lives until we answer it */
	batch_line *line;
	json_t **answers;  /* by line; owned */
	size_t count, open;
	bool running; /* lines are still being handed out */
};

static void
batch_free(void *cookie)
{
	struct batch *b = cookie;

	for (size_t i = 0; i < b->count; i++)
		json_decref(b->answers[i]);
	free(b->answers);
}

bool
batch_is(const struct req *req)
{
	return req_type_is(req, "application/x-ndjson") ||
	    req_type_is(req, "application/ndjson");
}

struct req *
batch_req(const struct batch *b)
{
	return b->req;
}

static void
finish(struct batch *b)
{
	struct text out = { 0 };
	size_t len;
	char *s;

	if (b->running || b->open > 0)
		return;
	for (size_t i = 0; i < b->count; i++) {
		s = json_dumps(b->answers[i], JSON_COMPACT);
		if (s != NULL)
			text_add_str(&out, s);
		text_add_str(&out, "\n");
		free(s);
	}
	len = out.len;
	s = text_take(&out);
	req_answer_text(b->req, 200, "application/x-ndjson", s, len);
	free(s);
}

void
batch_answer(struct batch *b, size_t i, int status, json_t *object)
{
	(void)json_object_set_new(object, "status", json_integer(status));
	b->answers[i] = object;
	b->open--;
	finish(b);
}

void
batch_fail(struct batch *b, size_t i, int status, const char *title,
    const char *detail)
{
	batch_answer(b, i, status,
	    json_pack("{s:s, s:s, s:s}", "type", "about:blank", "title", title,
		"detail", detail));
}

void
batch_fail_fields(struct batch *b, size_t i, json_t *errors)
{
	batch_answer(b, i, 422,
	    json_pack("{s:s, s:s, s:s, s:o}", "type", "about:blank", "title",
		"a field is wrong", "detail", wire_first_error(errors),
		"errors", errors));
}

/* Where the line that begins at s ends, and where the next one begins. */
static size_t
line_length(const char *s, size_t left, size_t *ret_step)
{
	const char *end = memchr(s, '\n', left);
	size_t len = end != NULL ? (size_t)(end - s) : left;

	*ret_step = len + (end != NULL);
	if (len > 0 && s[len - 1] == '\r')
		len--;
	return len;
}

static bool
is_blank(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] != ' ' && s[i] != '\t')
			return false;
	}
	return true;
}

static size_t
count_lines(const char *s, size_t len)
{
	size_t n = 0, step;

	for (size_t at = 0; at < len; at += step)
		n += !is_blank(s + at, line_length(s + at, len - at, &step));
	return n;
}

size_t
batch_lines(struct req *req)
{
	size_t len;
	const char *body = req_body(req, &len);

	return count_lines(body, len);
}

static void
run_line(struct batch *b, size_t i, const char *s, size_t len, void *cookie)
{
	const struct policy *p = api_of(b->req)->policy;
	char detail[80];

	if (len <= (size_t)p->max_line) {
		b->line(b, i, s, len, cookie);
		return;
	}
	(void)snprintf(detail, sizeof detail,
	    "A line may have %lld bytes; this one has %zu.",
	    (long long)p->max_line, len);
	batch_fail(b, i, 413, "too long", detail);
}

void
batch_run(struct req *req, batch_line *line, void *cookie)
{
	struct batch *b = req_keep(req, sizeof *b);
	const char *body;
	size_t len, step, n, i = 0;

	body = req_body(req, &len);
	n = count_lines(body, len);
	if (n == 0) {
		req_fail(req, 400, "not understood", "The body has no line.");
		return;
	}
	if (n > (size_t)api_of(req)->policy->max_lines) {
		req_fail(req, 413, "too many lines",
		    "At most %lld lines fit in one request.",
		    (long long)api_of(req)->policy->max_lines);
		return;
	}
	b->req = req;
	b->line = line;
	b->count = b->open = n;
	b->answers = text_alloc(n * sizeof(json_t *));
	b->running = true;
	req_on_free(req, batch_free, b);
	for (size_t at = 0; at < len; at += step) {
		size_t one = line_length(body + at, len - at, &step);

		if (!is_blank(body + at, one))
			run_line(b, i++, body + at, one, cookie);
	}
	b->running = false;
	finish(b);
}
