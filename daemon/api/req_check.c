/* Is a request in order?  Its bytes are: frame.h has seen to that.  What is
 * left is what they mean; and what of it proves who sent it. */
#include "daemon/api/req.h"

#include <event2/http.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/api/req_inside.h"
#include "daemon/base/base64.h"
#include "daemon/base/text.h"

#define LONGEST_LOGIN 1000 /* in base64 */

static const char *
parse_target(struct target *t, const char *raw)
{
	size_t n = strcspn(raw, "?");
	char *path = text_dup_n(raw, n);
	const char *why =
	    target_parse(t, path, raw[n] == '?' ? raw + n + 1 : NULL);

	free(path);
	return why;
}

bool
req_refused(struct req *r)
{
	const char *content = req_header(r, "Content-Encoding");
	const char *why =
	    parse_target(&r->target, evhttp_request_get_uri(r->ev));

	if (why != NULL) {
		req_close_after(r);
		req_fail(r, 400, "bad request", "%s", why);
	} else if (content != NULL && strcasecmp(content, "identity") != 0) {
		req_fail(r, 415, "unknown encoding",
			 "The body must come without a Content-Encoding.");
	} else {
		return false;
	}
	return true;
}

const char *
req_target(const struct req *r)
{
	return r->ev != NULL ? evhttp_request_get_uri(r->ev) : "";
}

const char *
req_login(struct req *r)
{
	const char *s = req_header(r, "Authorization"), *kept = "";
	size_t len, n;
	char *login;

	if (s == NULL || strncasecmp(s, "Basic ", 6) != 0)
		return "";
	s += 6 + strspn(s + 6, " ");
	n = strlen(s);
	login = n <= LONGEST_LOGIN ? base64_decode(s, n, &len) : NULL;
	if (login != NULL && text_utf8(login, len))
		kept = req_keep_text(r, login);
	free(login);
	return kept;
}

void
req_loosen(struct req *r)
{
	r->loose = true;
}

bool
req_is_loose(const struct req *r)
{
	return r->loose;
}
