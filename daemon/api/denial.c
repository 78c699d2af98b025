#include "daemon/api/denial.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"

void
denial_set(struct denial *d, int status, const char *title, const char *fmt,
	   ...)
{
	va_list ap;

	if (d->status != 0)
		return;
	d->status = status;
	d->title = title;
	va_start(ap, fmt);
	(void)vsnprintf(d->why, sizeof d->why, fmt, ap);
	va_end(ap);
}

const char *
denial_phrase(int status)
{
	switch (status) {
	case 413: return "Content Too Large";
	case 422: return "Unprocessable Content";
	case 429: return "Too Many Requests";
	case 431: return "Request Header Fields Too Large";
	default: return NULL;
	}
}

/* Of RFC 9110: those that are ours to send without evhttp. */
static const char *
phrase(int status)
{
	const char *rare = denial_phrase(status);

	if (rare != NULL)
		return rare;
	switch (status) {
	case 408: return "Request Timeout";
	case 411: return "Length Required";
	case 414: return "URI Too Long";
	case 417: return "Expectation Failed";
	case 501: return "Not Implemented";
	case 503: return "Service Unavailable";
	case 505: return "HTTP Version Not Supported";
	default: return "Bad Request";
	}
}

char *
denial_text(const struct denial *d, size_t *ret_len)
{
	json_t *body =
	    json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank", "title",
		      d->title, "status", d->status, "detail", d->why);
	char *json = json_dumps(body, JSON_COMPACT);
	struct text t = { 0 };

	if (json == NULL)
		abort(); /* our own texts are UTF-8 */
	text_addf(&t, "HTTP/1.1 %d %s\r\n", d->status, phrase(d->status));
	if (d->retry_after_s > 0)
		text_addf(&t, "Retry-After: %d\r\n", d->retry_after_s);
	text_addf(&t,
		  "Content-Type: application/problem+json\r\n"
		  "Content-Length: %zu\r\nCache-Control: no-store\r\n"
		  "Connection: close\r\n\r\n%s\n",
		  strlen(json) + 1, json);
	free(json);
	json_decref(body);
	*ret_len = t.len;
	return text_take(&t);
}
