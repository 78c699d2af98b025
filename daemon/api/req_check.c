/* Is a request in order?  What two readers would read differently is refused
 * before a handler sees it. */
#include "daemon/api/req.h"

#include <ctype.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/api/req_inside.h"
#include "daemon/base/text.h"

struct seen {
	int lengths, hosts, encodings;
	const char *length, *encoding, *content;
};

static bool
is_token(const char *s)
{
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (!isalnum((unsigned char)*s) &&
		    strchr("!#$%&'*+-.^_`|~", *s) == NULL)
			return false;
	}
	return true;
}

static const char *
look_at_headers(struct evhttp_request *ev, struct seen *s)
{
	const struct evkeyval *h;

	TAILQ_FOREACH(h, evhttp_request_get_input_headers(ev), next)
	{
		if (!is_token(h->key))
			return "A header's name has characters that may not "
			       "be there.";
		if (strcasecmp(h->key, "Content-Length") == 0) {
			s->lengths++;
			s->length = h->value;
		} else if (strcasecmp(h->key, "Host") == 0) {
			s->hosts++;
		} else if (strcasecmp(h->key, "Transfer-Encoding") == 0) {
			s->encodings++;
			s->encoding = h->value;
		} else if (strcasecmp(h->key, "Content-Encoding") == 0) {
			s->content = h->value;
		}
	}
	return NULL;
}

static bool
is_digits(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n > 0 && n < 19 && s[n] == '\0';
}

static const char *
refuse_framing(struct evhttp_request *ev, const struct seen *s)
{
	bool old = ev->major < 1 || (ev->major == 1 && ev->minor < 1);

	if (ev->major < 1)
		return "This version of HTTP is not spoken here.";
	if (s->lengths > 1)
		return "The request has more than one Content-Length.";
	if (s->lengths == 1 && !is_digits(s->length))
		return "The Content-Length is no number of digits.";
	if (s->encodings > 0 && s->lengths > 0)
		return "The request has a Transfer-Encoding and a "
		       "Content-Length.";
	if (s->encodings > 1 || (s->encodings == 1 &&
				    (old || strcasecmp(s->encoding, "chunked") != 0)))
		return "The only Transfer-Encoding is \"chunked\", in HTTP/1.1.";
	if (s->hosts > 1)
		return "The request has more than one Host.";
	if (s->hosts == 0 && !old)
		return "The request has no Host.";
	return NULL;
}

/* evhttp takes "//a/b" for host and path: what begins with / is a path here. */
static const char *
parse_target(struct target *t, struct evhttp_request *ev)
{
	const char *raw = evhttp_request_get_uri(ev);
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(ev);
	const char *why;
	char *path;
	size_t n;

	if (raw == NULL || uri == NULL)
		return "The address is none.";
	if (*raw != '/') {
		path = text_dup(evhttp_uri_get_path(uri));
		why = target_parse(t, path != NULL ? path : "",
		    evhttp_uri_get_query(uri));
		free(path);
		return why;
	}
	n = strcspn(raw, "?");
	path = text_dup_n(raw, n);
	why = target_parse(t, path, raw[n] == '?' ? raw + n + 1 : NULL);
	free(path);
	return why;
}

bool
req_refused(struct req *r, const struct head *head)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(r->ev);
	struct seen seen = { 0 };
	const char *why = head->status == 400 ? head->why : NULL;

	if (why == NULL)
		why = look_at_headers(r->ev, &seen);
	if (why == NULL)
		why = refuse_framing(r->ev, &seen);
	if (why == NULL)
		why = parse_target(&r->target, r->ev);
	/* evhttp reads no body with these: it would be the next request. */
	if (why == NULL && (seen.lengths > 0 || seen.encodings > 0) &&
	    strcmp(req_method(r), "POST") != 0 &&
	    strcmp(req_method(r), "PUT") != 0 &&
	    strcmp(req_method(r), "PATCH") != 0)
		req_close_after(r);
	if (why != NULL) {
		req_close_after(r);
		req_fail(r, 400, "bad request", "%s", why);
	} else if (head->status != 0) {
		req_close_after(r);
		req_fail(r, head->status, "too large", "%s", head->why);
	} else if (evbuffer_get_length(body) > req_max_body(r)) {
		req_close_after(r);
		req_fail(r, 413, "too large",
		    "The body is larger than the %zu bytes that are allowed.",
		    req_max_body(r));
	} else if (seen.content != NULL &&
	    strcasecmp(seen.content, "identity") != 0) {
		req_fail(r, 415, "unknown encoding",
		    "The body must come without a Content-Encoding.");
	} else {
		return false;
	}
	return true;
}
