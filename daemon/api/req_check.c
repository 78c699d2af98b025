/* Is a request in order?  Its bytes are: frame.h has seen to that.  What is
 * left is what they mean. */
#include "daemon/api/req.h"

#include <event2/http.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/api/req_inside.h"
#include "daemon/base/text.h"

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
