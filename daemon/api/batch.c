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
	struct req *req; /* borrowed: it lives until we answer it */
	batch_line *line;
	void (*end)(struct batch *); /* all are answered */
	json_t **answers;            /* by line; owned */
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
	if (!b->running && b->open == 0)
		b->end(b);
}

static void
end_lines(struct batch *b)
{
	struct text out = { 0 };
	size_t len;
	char *s;

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
		     json_pack("{s:s, s:s, s:s}", "type", "about:blank",
			       "title", title, "detail", detail));
}

void
batch_fail_fields(struct batch *b, size_t i, json_t *errors)
{
	batch_answer(b, i, 422,
		     json_pack("{s:s, s:s, s:s, s:o}", "type", "about:blank",
			       "title", "a field is wrong", "detail",
			       wire_first_error(errors), "errors", errors));
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

bool
batch_fits(struct batch *b, size_t i, size_t len)
{
	const struct policy *p = api_of(b->req)->policy;
	char detail[80];

	if (len <= (size_t)p->max_line)
		return true;
	(void)snprintf(detail, sizeof detail,
		       "A line may have %lld bytes; this one has %zu.",
		       (long long)p->max_line, len);
	batch_fail(b, i, 413, "too long", detail);
	return false;
}

static void
begin(struct batch *b, struct req *req, size_t n, void (*end)(struct batch *))
{
	b->req = req;
	b->end = end;
	b->count = b->open = n;
	b->answers = text_alloc((n + 1) * sizeof(json_t *));
	b->running = true;
	req_on_free(req, batch_free, b);
}

static bool
too_many(struct req *req, size_t n, const char *what)
{
	int64_t most = api_of(req)->policy->max_lines;

	if (n <= (size_t)most)
		return false;
	req_fail(req, 413, "too many", "At most %lld %s fit in one request.",
		 (long long)most, what);
	return true;
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
	if (too_many(req, n, "lines"))
		return;
	begin(b, req, n, end_lines);
	b->line = line;
	for (size_t at = 0; at < len; at += step) {
		size_t one = line_length(body + at, len - at, &step);

		if (!is_blank(body + at, one))
			b->line(b, i++, body + at, one, cookie);
	}
	b->running = false;
	finish(b);
}

/* ---- a list ------------------------------------------------------------- */

static int
status_of(const json_t *answer)
{
	return (int)json_integer_value(json_object_get(answer, "status"));
}

/* Who sends a list looks at one status, and sends all of it again where that
 * says so: one that was not stored decides; one that never can be does not,
 * unless there is no other. */
static int
status_of_all(const struct batch *b)
{
	int least = 600, most = 0, kept = 200;

	for (size_t i = 0; i < b->count; i++) {
		int status = status_of(b->answers[i]);

		least = status < least ? status : least;
		most = status > most ? status : most;
		kept = status == 202 ? 202 : kept;
	}
	if (most >= 500)
		return 503;
	return b->count > 0 && least >= 400 ? least : kept;
}

static void
end_list(struct batch *b)
{
	json_t *list = json_array();
	int status = status_of_all(b);

	for (size_t i = 0; i < b->count; i++)
		(void)json_array_append(list, b->answers[i]);
	if (status == 503)
		req_add_header(b->req, "Retry-After", "2");
	req_answer(b->req, status, list);
}

void
batch_list(struct req *req, const json_t *list, batch_item *item)
{
	struct batch *b = req_keep(req, sizeof *b);
	size_t n = json_array_size(list);

	if (too_many(req, n, "events"))
		return;
	begin(b, req, n, end_list);
	for (size_t i = 0; i < n; i++)
		item(b, i, json_array_get(list, i));
	b->running = false;
	finish(b);
}
