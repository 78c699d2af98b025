#include "daemon/api/req.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/api/req_inside.h"
#include "daemon/base/text.h"

#define LOOK_AGAIN_MS 500

LIST_HEAD(reqs, req);

struct req_home {
	struct event_base *base; /* borrowed */
	struct reqs open, over;
	size_t count; /* of open */
	size_t resting; /* of these */
	size_t max_body, max_unsent;
	struct event *sweep; /* owned */
	bool closing;
};

struct piece {
	struct piece *next;
	max_align_t data[];
};

struct last_wish {
	struct last_wish *next;
	void (*call)(void *);
	void *cookie;
};

/* ---- memory ------------------------------------------------------------- */

void *
req_keep(struct req *r, size_t size)
{
	struct piece *p = text_alloc(sizeof *p + size);

	p->next = r->pieces;
	r->pieces = p;
	return p->data;
}

char *
req_keep_text(struct req *r, const char *s)
{
	size_t n = s != NULL ? strlen(s) + 1 : 0;

	return s != NULL ? memcpy(req_keep(r, n), s, n) : NULL;
}

char *
req_keep_print(struct req *r, const char *fmt, ...)
{
	char *s = NULL, *kept;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		abort();
	va_end(ap);
	kept = req_keep_text(r, s);
	free(s);
	return kept;
}

void
req_set_app(struct req *r, void *app)
{
	r->app = app;
}

void *
req_app(const struct req *r)
{
	return r->app;
}

void
req_on_free(struct req *r, void (*call)(void *), void *cookie)
{
	struct last_wish *w = req_keep(r, sizeof *w);

	*w = (struct last_wish){ r->wishes, call, cookie };
	r->wishes = w;
}

static void
free_req(struct req *r)
{
	LIST_REMOVE(r, all);
	while (r->wishes != NULL) {
		struct last_wish *w = r->wishes;

		r->wishes = w->next;
		w->call(w->cookie);
	}
	while (r->pieces != NULL) {
		struct piece *p = r->pieces;

		r->pieces = p->next;
		free(p);
	}
	target_done(&r->target);
	free(r);
}

static void
free_answered(struct req_home *h)
{
	struct req *r;

	while ((r = LIST_FIRST(&h->over)) != NULL)
		free_req(r);
}

static void
on_sweep(evutil_socket_t fd, short what, void *cookie)
{
	(void)fd;
	(void)what;
	free_answered(cookie);
}

void
req_rest(struct req *r, bool resting)
{
	if (r->resting == resting)
		return;
	r->resting = resting;
	r->home->resting += resting ? 1 : (size_t)-1;
}

size_t
req_working(const struct req *r)
{
	return r->home->count - r->home->resting;
}

void
req_detach(struct req *r)
{
	struct req_home *h = r->home;

	req_rest(r, false);
	if (r->watch != NULL)
		event_free(r->watch);
	r->watch = NULL;
	r->gone = NULL;
	r->stream.gone = NULL;
	if (r->conn != NULL)
		r->conn->on_closed = NULL;
	r->conn = NULL;
	r->ev = NULL;
	LIST_REMOVE(r, all);
	LIST_INSERT_HEAD(&h->over, r, all);
	h->count--;
	event_active(h->sweep, EV_TIMEOUT, 0);
}

/* ---- what was asked ----------------------------------------------------- */

const char *
req_method(const struct req *r)
{
	static const struct {
		enum evhttp_cmd_type type;
		const char *name;
	} methods[] = {
		{ EVHTTP_REQ_GET, "GET" },
		{ EVHTTP_REQ_POST, "POST" },
		{ EVHTTP_REQ_HEAD, "HEAD" },
		{ EVHTTP_REQ_PUT, "PUT" },
		{ EVHTTP_REQ_DELETE, "DELETE" },
		{ EVHTTP_REQ_OPTIONS, "OPTIONS" },
		{ EVHTTP_REQ_TRACE, "TRACE" },
		{ EVHTTP_REQ_CONNECT, "CONNECT" },
		{ EVHTTP_REQ_PATCH, "PATCH" },
	};

	for (size_t i = 0; r->ev != NULL &&
	     i < sizeof methods / sizeof *methods;
	     i++) {
		if (methods[i].type == evhttp_request_get_command(r->ev))
			return methods[i].name;
	}
	return "";
}

const char *
req_path(const struct req *r)
{
	return r->target.path != NULL ? r->target.path : "";
}

const char *
req_route(const struct req *r)
{
	return r->route != NULL ? r->route : "none";
}

void
req_set_route(struct req *r, const char *pattern)
{
	r->route = pattern;
}

const char *
req_part(const struct req *r, size_t i)
{
	return i < r->part_count ? r->target.segments[r->parts[i]] : "";
}

const char *
req_query(const struct req *r, const char *name)
{
	return target_query(&r->target, name);
}

const char *
req_query_name(const struct req *r, size_t i)
{
	return i < r->target.pair_count ? r->target.pairs[i].name : NULL;
}

const char *
req_header(const struct req *r, const char *name)
{
	if (r->ev == NULL)
		return NULL;
	return evhttp_find_header(
	    evhttp_request_get_input_headers(r->ev), name);
}

bool
req_type_is(const struct req *r, const char *type)
{
	const char *given = req_header(r, "Content-Type");
	size_t n = strlen(type);

	return given != NULL && strcspn(given, "; \t") == n &&
	    strncasecmp(given, type, n) == 0;
}

size_t
req_header_count(const struct req *r, const char *name)
{
	const struct evkeyval *h;
	size_t n = 0;

	TAILQ_FOREACH(h, evhttp_request_get_input_headers(r->ev), next)
		n += strcasecmp(h->key, name) == 0;
	return n;
}

const char *
req_body(struct req *r, size_t *ret_len)
{
	if (r->body == NULL && r->ev != NULL) {
		struct evbuffer *in = evhttp_request_get_input_buffer(r->ev);

		r->body_len = evbuffer_get_length(in);
		r->body = req_keep(r, r->body_len + 1);
		(void)evbuffer_copyout(in, r->body, r->body_len);
	}
	*ret_len = r->body_len;
	return r->body;
}

const struct caller *
req_caller(const struct req *r)
{
	return &r->caller;
}

const char *
req_from(const struct req *r)
{
	return r->origin.from;
}

const char *
req_counted(const struct req *r)
{
	return r->origin.counted;
}

void
req_set_caller(struct req *r, const struct caller *caller)
{
	r->caller = *caller;
	r->caller.name = req_keep_text(r, caller->name);
	r->caller.groups = req_keep_text(r, caller->groups);
}

void
req_peer(const struct req *r, struct conn_peer *ret)
{
	if (r->conn != NULL)
		conn_peer(r->conn, ret);
	else
		*ret = (struct conn_peer){ 0 };
}

size_t
req_segments(const struct req *r)
{
	return r->target.segment_count;
}

const char *
req_segment(const struct req *r, size_t i)
{
	return i < r->target.segment_count ? r->target.segments[i] : "";
}

void
req_set_part(struct req *r, size_t i, size_t segment)
{
	assert(i < REQ_MOST_PARTS && segment < r->target.segment_count);
	r->parts[i] = segment;
	r->part_count = i + 1;
}

/* ---- the one who asked -------------------------------------------------- */

bool
req_alive(const struct req *r)
{
	return r->conn != NULL && conn_alive(r->conn);
}

static void
tell_gone(struct req *r)
{
	void (*told)(void *) = r->gone;

	r->gone = NULL;
	if (r->watch != NULL)
		event_free(r->watch);
	r->watch = NULL;
	if (told != NULL)
		told(r->gone_cookie);
}

/* Readable: the end, or the next request sent ahead, which must wait.  Then the
 * socket stays readable, so the kernel is asked now and then instead. */
static void
on_readable(evutil_socket_t fd, short what, void *cookie)
{
	const struct timeval again = { .tv_usec = LOOK_AGAIN_MS * 1000 };
	struct req *r = cookie;

	(void)fd;
	(void)what;
	if (!req_alive(r)) {
		tell_gone(r);
		return;
	}
	(void)event_del(r->watch);
	(void)event_assign(r->watch, r->home->base, -1, 0, on_readable, r);
	(void)event_add(r->watch, &again);
}

void
req_on_gone(struct req *r, void (*gone)(void *), void *cookie)
{
	r->gone = gone;
	r->gone_cookie = cookie;
	if (gone == NULL || r->watch != NULL || r->ev == NULL)
		return;
	r->watch = event_new(r->home->base,
	    r->conn != NULL ? bufferevent_getfd(r->conn->bev) : -1, EV_READ,
	    on_readable, r);
	if (r->watch == NULL)
		abort();
	if (r->conn == NULL)
		event_active(r->watch, EV_TIMEOUT, 0);
	else
		(void)event_add(r->watch, NULL);
}

static void
on_closed(void *cookie)
{
	struct req *r = cookie;
	void (*stream_gone)(void *) = r->stream.gone;

	r->conn = NULL;
	r->stream.gone = NULL;
	tell_gone(r);
	if (stream_gone != NULL)
		stream_gone(r->stream.cookie);
}

/* ---- life --------------------------------------------------------------- */

struct req *
req_new(struct req_home *h, struct conn *conn, struct evhttp_request *ev)
{
	struct req *r = text_alloc(sizeof *r);
	bool last;

	r->home = h;
	r->conn = conn;
	r->ev = ev;
	r->origin = conn->origin;
	r->caller = (struct caller){ .name = "", .groups = "" };
	LIST_INSERT_HEAD(&h->open, r, all);
	h->count++;
	last = conn_begin(conn);
	conn->on_closed = on_closed;
	conn->cookie = r;
	if (last)
		req_close_after(r);
	return req_refused(r) ? NULL : r;
}

bool
req_closing(const struct req *r)
{
	return r->home->closing;
}

size_t
req_max_body(const struct req *r)
{
	return r->home->max_body;
}

size_t
req_max_unsent(const struct req *r)
{
	return r->home->max_unsent;
}

struct req_home *
req_home_new(struct event_base *base, size_t max_body, size_t max_unsent)
{
	struct req_home *h = text_alloc(sizeof *h);

	h->base = base;
	h->max_body = max_body;
	h->max_unsent = max_unsent;
	LIST_INIT(&h->open);
	LIST_INIT(&h->over);
	h->sweep = event_new(base, -1, 0, on_sweep, h);
	if (h->sweep == NULL)
		abort();
	return h;
}

void
req_home_free(struct req_home *h)
{
	if (h == NULL)
		return;
	assert(LIST_EMPTY(&h->open));
	free_answered(h);
	event_free(h->sweep);
	free(h);
}

size_t
req_home_open(const struct req_home *h)
{
	return h->count;
}

void
req_home_close(struct req_home *h)
{
	h->closing = true;
}

void
req_home_end_streams(struct req_home *h)
{
	struct req *r;

again:
	LIST_FOREACH(r, &h->open, all)
	{
		void (*gone)(void *) = r->stream.gone;

		if (gone == NULL)
			continue;
		r->stream.gone = NULL;
		gone(r->stream.cookie);
		goto again; /* it may have ended others */
	}
}
