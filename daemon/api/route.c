#include "daemon/api/route.h"

#include <string.h>

#include "daemon/api/access.h"
#include "daemon/api/req.h"
#include "daemon/base/text.h"

#define LONGEST_PART 200

struct passing {
	struct req *req;
	const struct routes *routes;
	const struct route *row;
};

/* One segment of the pattern (up to len) against one of the path. */
static bool
segment_fits(const char *pattern, size_t len, const char *segment)
{
	if (*pattern == '{')
		return *segment != '\0' && strlen(segment) <= LONGEST_PART;
	return strncmp(pattern, segment, len) == 0 && segment[len] == '\0';
}

static bool
fits(const char *pattern, struct req *req)
{
	size_t i = 0;

	for (; *pattern == '/'; i++) {
		size_t len = strcspn(pattern + 1, "/");

		if (i == req_segments(req) ||
		    !segment_fits(pattern + 1, len, req_segment(req, i)))
			return false;
		pattern += 1 + len;
	}
	return i == req_segments(req);
}

static void
set_parts(const char *pattern, struct req *req)
{
	size_t part = 0;

	for (size_t i = 0; *pattern == '/'; i++) {
		if (pattern[1] == '{')
			req_set_part(req, part++, i);
		pattern += 1 + strcspn(pattern + 1, "/");
	}
}

static bool
serves(const struct route *row, const char *method)
{
	return strcmp(row->method, method) == 0 ||
	    (strcmp(row->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

static void
fail_method(struct req *req, const struct routes *routes)
{
	struct text allow = { 0 };

	for (size_t i = 0; i < routes->count; i++) {
		const struct route *row = &routes->rows[i];

		if (!fits(row->pattern, req))
			continue;
		text_addf(&allow, "%s%s%s", allow.len > 0 ? ", " : "",
		    row->method,
		    strcmp(row->method, "GET") == 0 ? ", HEAD" : "");
	}
	if (allow.len == 0) {
		req_fail(req, 404, "not found", "There is nothing at %s.",
		    req_path(req));
	} else {
		req_add_header(req, "Allow", allow.data);
		req_fail(req, 405, "method not allowed",
		    "%s is not served here; this address takes %s.",
		    req_method(req), allow.data);
	}
	text_done(&allow);
}

static void
on_known(void *cookie, bool known)
{
	struct passing *p = cookie;

	if (!known)
		return;
	if (req_caller(p->req)->role < p->row->least) {
		access_refuse(p->routes->access, p->req, p->row->least,
		    p->row->doing);
		return;
	}
	if (p->routes->known != NULL)
		p->routes->known(p->req);
	p->row->handle(p->req);
}

static bool
is_crowded(struct req *req, const struct routes *routes)
{
	if (routes->most == NULL || req_working(req) <= routes->most(req))
		return false;
	req_add_header(req, "Retry-After", "1");
	req_fail(req, 503, "too busy",
	    "%zu requests are being worked on, which is as many as may be; "
	    "nothing was done. Try again in a moment.",
	    req_working(req) - 1);
	return true;
}

void
route_request(struct req *req, void *cookie)
{
	const struct routes *routes = cookie;
	struct passing *p;

	for (size_t i = 0; i < routes->count; i++) {
		const struct route *row = &routes->rows[i];

		if (!serves(row, req_method(req)) || !fits(row->pattern, req))
			continue;
		set_parts(row->pattern, req);
		req_set_route(req, row->pattern);
		if (row->least == ROLE_NONE) {
			row->handle(req);
			return;
		}
		if (is_crowded(req, routes))
			return;
		if (routes->signs != NULL && routes->signs(req)) {
			row->handle(req);
			return;
		}
		p = req_keep(req, sizeof *p);
		*p = (struct passing){ req, routes, row };
		access_ask(routes->access, req, on_known, p);
		return;
	}
	fail_method(req, routes);
}
