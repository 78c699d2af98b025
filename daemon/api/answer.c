#include "daemon/api/req.h"

#include <assert.h>
#include <event2/buffer.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/denial.h"
#include "daemon/api/req_inside.h"
#include "daemon/base/text.h"

void
req_add_header(struct req *r, const char *name, const char *value)
{
	assert(r->ev != NULL);
	for (const char *s = value; *s != '\0'; s++) {
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
			return;
	}
	(void)evhttp_add_header(
	    evhttp_request_get_output_headers(r->ev), name, value);
}

void
req_close_after(struct req *r)
{
	struct evkeyvalq *out = evhttp_request_get_output_headers(r->ev);

	if (evhttp_find_header(out, "Connection") == NULL)
		req_add_header(r, "Connection", "close");
}

/* ---- answers ------------------------------------------------------------ */

void
req_answer_text(struct req *r, int status, const char *type, const char *text,
    size_t len)
{
	struct evhttp_request *ev = r->ev;
	struct evbuffer *out = evbuffer_new();
	bool bodyless = strcmp(req_method(r), "HEAD") == 0 || status == 204 ||
	    status == 304;
	char length[24];

	assert(ev != NULL && r->stream.req == NULL); /* exactly once */
	if (out == NULL)
		abort();
	if (req_closing(r))
		req_close_after(r);
	if (status != 204 && status != 304) {
		(void)snprintf(length, sizeof length, "%zu", len);
		req_add_header(r, "Content-Length", length);
		req_add_header(r, "Content-Type", type);
	}
	req_add_header(r, "Cache-Control", "no-store");
	if (!bodyless)
		(void)evbuffer_add(out, text, len);
	if (r->conn != NULL)
		conn_answered(r->conn, ev);
	req_detach(r);
	evhttp_send_reply(ev, status, denial_phrase(status), out);
	evbuffer_free(out);
}

static void
answer_json(struct req *r, int status, const char *type, json_t *body)
{
	struct text text = { 0 };
	char *dump = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;

	assert(body == NULL || dump != NULL);
	if (dump != NULL) {
		text_add_str(&text, dump);
		text_add(&text, "\n", 1);
	}
	free(dump);
	json_decref(body);
	req_answer_text(r, status, type,
	    text.data != NULL ? text.data : "", text.len);
	text_done(&text);
}

void
req_answer(struct req *r, int status, json_t *body)
{
	answer_json(r, status, "application/json", body);
}

/* What came from outside may be part of it: always valid, never a control. */
static json_t *
clean_string(const char *s)
{
	char *copy = text_dup(s);
	json_t *string;

	text_clean(copy, true);
	string = json_string(copy);
	free(copy);
	return string;
}

void
req_fail_with(struct req *r, int status, const char *title,
    const char *detail, json_t *extra)
{
	json_t *body = json_object();

	(void)json_object_set_new(body, "type", json_string("about:blank"));
	(void)json_object_set_new(body, "title", clean_string(title));
	(void)json_object_set_new(body, "status", json_integer(status));
	(void)json_object_set_new(body, "detail", clean_string(detail));
	if (extra != NULL)
		(void)json_object_update(body, extra);
	json_decref(extra);
	answer_json(r, status, "application/problem+json", body);
}

void
req_fail(struct req *r, int status, const char *title, const char *fmt, ...)
{
	char detail[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(detail, sizeof detail, fmt, ap);
	va_end(ap);
	req_fail_with(r, status, title, detail, NULL);
}

/* ---- streams ------------------------------------------------------------ */

struct stream *
req_stream(struct req *r, const char *type, void (*gone)(void *),
    void *cookie)
{
	assert(r->ev != NULL && r->stream.req == NULL);
	req_on_gone(r, NULL, NULL);
	if (r->watch != NULL)
		event_free(r->watch);
	r->watch = NULL;
	req_rest(r, true);
	r->stream = (struct stream){ r, gone, cookie, false };
	req_add_header(r, "Content-Type", type);
	req_add_header(r, "Cache-Control", "no-store");
	req_close_after(r);
	if (r->conn != NULL) {
		/* Listeners say nothing for hours; only writing has a limit. */
		const struct timeval limit = { .tv_sec = 60 };

		evhttp_send_reply_start(r->ev, 200, NULL);
		bufferevent_set_timeouts(r->conn->bev, NULL, &limit);
	}
	return &r->stream;
}

int
stream_send(struct stream *s, const char *data, size_t len)
{
	struct req *r = s->req;
	struct evbuffer *out;

	if (r->conn == NULL || s->dropped || len == 0)
		return r->conn == NULL || s->dropped ? -1 : 0;
	if (evbuffer_get_length(bufferevent_get_output(r->conn->bev)) + len >
	    req_max_unsent(r)) {
		s->dropped = true;
		conn_drop(r->conn);
		return -1;
	}
	out = evbuffer_new();
	if (out == NULL)
		abort();
	(void)evbuffer_add(out, data, len);
	evhttp_send_reply_chunk(r->ev, out);
	evbuffer_free(out);
	return 0;
}

void
stream_end(struct stream *s)
{
	struct req *r = s->req;
	struct evhttp_request *ev = r->ev;

	assert(ev != NULL);
	if (r->conn != NULL)
		conn_answered(r->conn, ev);
	req_detach(r);
	evhttp_send_reply_end(ev);
}
