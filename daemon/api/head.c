#include "daemon/api/head.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define BAD "bad request"

/* ---- one part after the other ------------------------------------------- */

static bool
is_token_char(unsigned char c)
{
	return isalnum(c) ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static void
next_part(struct head *h, enum head_at at)
{
	h->at = at;
	h->in_part = 0;
	h->part[0] = '\0';
}

/* Kept as far as there is room: then it is none of the words we know. */
static void
keep(struct head *h, unsigned char c)
{
	if (h->in_part < sizeof h->part - 1) {
		h->part[h->in_part] = (char)c;
		h->part[h->in_part + 1] = '\0';
	}
	h->in_part++;
}

static bool
is(const struct head *h, const char *word)
{
	return h->in_part == strlen(word) && strcmp(h->part, word) == 0;
}

/* ---- the first line ----------------------------------------------------- */

static void
end_method(struct head *h, struct denial *d)
{
	static const char *const known[] = { "GET",   "POST",   "HEAD",
					     "PUT",   "DELETE", "OPTIONS",
					     "PATCH", "TRACE",  "CONNECT" };
	bool found = false;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		found = found || is(h, known[i]);
	if (h->in_part == 0)
		denial_set(d, 400, BAD, "The request begins with a blank.");
	else if (!found)
		denial_set(
		    d, 501, "unknown method",
		    "There is no such method here (their names are in capital "
		    "letters).");
	h->takes_body = is(h, "POST") || is(h, "PUT") || is(h, "PATCH");
	next_part(h, HEAD_TARGET);
}

static void
end_target(struct head *h, struct denial *d)
{
	if (h->in_part == 0)
		denial_set(
		    d, 400, BAD,
		    "The first line of the request has two blanks together.");
	next_part(h, HEAD_VERSION);
}

static void
end_first_line(struct head *h, struct denial *d)
{
	if (h->at == HEAD_METHOD && h->in_part == 0)
		denial_set(d, 400, BAD,
			   "The request begins with an empty line.");
	else if (h->at != HEAD_VERSION)
		denial_set(d, 400, BAD,
			   "The first line of the request does not end with "
			   "HTTP/1.1.");
	else if (h->in_part == 8 && strncmp(h->part, "HTTP/", 5) == 0 &&
		 isdigit((unsigned char)h->part[5]) && h->part[6] == '.' &&
		 isdigit((unsigned char)h->part[7]) && !is(h, "HTTP/1.0") &&
		 !is(h, "HTTP/1.1"))
		denial_set(d, 505, "unknown version",
			   "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
	else if (!is(h, "HTTP/1.0") && !is(h, "HTTP/1.1"))
		denial_set(d, 400, BAD,
			   "The first line of the request does not end with "
			   "HTTP/1.1.");
	h->old = is(h, "HTTP/1.0");
	next_part(h, HEAD_NAME);
}

/* ---- headers ------------------------------------------------------------ */

static void
end_name(struct head *h, struct denial *d)
{
	if (h->in_part == 0)
		denial_set(d, 400, BAD, "A header has no name.");
	h->name[0] = '\0';
	if (h->in_part < sizeof h->name)
		memcpy(h->name, h->part, h->in_part + 1);
	next_part(h, HEAD_VALUE);
}

/* RFC 9112, 6.3: digits and nothing else. */
static void
end_length(struct head *h, struct denial *d)
{
	size_t digits = strspn(h->part, "0123456789");

	h->lengths++;
	if (h->lengths > 1)
		denial_set(d, 400, BAD,
			   "The request has more than one Content-Length.");
	else if (digits == 0 || h->part[digits] != '\0')
		denial_set(d, 400, BAD,
			   "The Content-Length is no number of digits.");
	else if (h->in_part > 18)
		denial_set(d, 413, "too large", "The body is too large.");
	for (size_t i = 0; i < digits && d->status == 0; i++)
		h->length = h->length * 10 + (uint64_t)(h->part[i] - '0');
}

static void
end_header(struct head *h, const struct head_limits *limits, struct denial *d)
{
	/* Blanks at the end are not part of it. */
	while (
	    h->in_part > 0 && h->in_part < sizeof h->part &&
	    (h->part[h->in_part - 1] == ' ' || h->part[h->in_part - 1] == '\t'))
		h->part[--h->in_part] = '\0';
	if (h->at == HEAD_NAME)
		denial_set(d, 400, BAD, "A header has no colon.");
	else if (strcasecmp(h->name, "content-length") == 0)
		end_length(h, d);
	else if (strcasecmp(h->name, "transfer-encoding") == 0) {
		h->encodings++;
		h->chunked = strcasecmp(h->part, "chunked") == 0;
	} else if (strcasecmp(h->name, "connection") == 0)
		h->connection =
		    h->connection || strcasecmp(h->part, "close") != 0;
	else if (strcasecmp(h->name, "host") == 0)
		h->hosts++;
	else if (strcasecmp(h->name, "expect") == 0) {
		h->expects++;
		if (h->expects > 1 || strcasecmp(h->part, "100-continue") != 0)
			denial_set(
			    d, 417, "expectation failed",
			    "What the request expects is not done here.");
	}
	h->headers++;
	if (h->headers > limits->headers)
		denial_set(d, 431, "too large",
			   "The request has more than %zu headers.",
			   limits->headers);
	next_part(h, HEAD_NAME);
}

static void
end_head(struct head *h, struct denial *d)
{
	if (h->encodings > 0 && h->lengths > 0)
		denial_set(d, 400, BAD,
			   "The request has a Transfer-Encoding and a "
			   "Content-Length.");
	if (h->encodings > 1 || (h->encodings == 1 && (h->old || !h->chunked)))
		denial_set(
		    d, 400, BAD,
		    "The only Transfer-Encoding is \"chunked\", in HTTP/1.1.");
	if (h->hosts > 1)
		denial_set(d, 400, BAD, "The request has more than one Host.");
	if (h->hosts == 0 && !h->old)
		denial_set(d, 400, BAD, "The request has no Host.");
	/* evhttp refuses this one, in HTML. */
	if (h->takes_body && h->connection && h->lengths == 0 &&
	    h->encodings == 0)
		denial_set(d, 411, "length required",
			   "The request needs a Content-Length, be it 0.");
	h->at = HEAD_DONE;
}

/* ---- bytes -------------------------------------------------------------- */

static void
end_line(struct head *h, const struct head_limits *limits, struct denial *d)
{
	if (!h->after_cr)
		denial_set(
		    d, 400, BAD,
		    "A line of the request's head ends without a carriage "
		    "return.");
	h->after_cr = false;
	if (h->at < HEAD_NAME)
		end_first_line(h, d);
	else if (h->at == HEAD_NAME && h->in_part == 0)
		end_head(h, d);
	else
		end_header(h, limits, d);
}

/* RFC 9112, 3.2: the forms for proxies and servers as a whole are of no use
 * here, and what begins with // is a path to one and a host to the other. */
static void
check_target(const struct head *h, const struct head_limits *limits,
	     unsigned char c, struct denial *d)
{
	if (h->in_part == 1 && c != '/')
		denial_set(d, 400, BAD, "The address must begin with /.");
	if (h->in_part == 2 && c == '/')
		denial_set(d, 400, BAD, "The address begins with two slashes.");
	if (h->in_part > limits->target)
		denial_set(d, 414, "too long",
			   "The address is longer than %zu bytes.",
			   limits->target);
}

static void
take_of_first_line(struct head *h, const struct head_limits *limits,
		   unsigned char c, struct denial *d)
{
	if (c == '\t') {
		denial_set(d, 400, BAD,
			   "The first line of the request has a tabulator.");
	} else if (c == ' ' && h->at == HEAD_METHOD) {
		end_method(h, d);
	} else if (c == ' ' && h->at == HEAD_TARGET) {
		end_target(h, d);
	} else {
		keep(h, c);
		if (h->at == HEAD_TARGET)
			check_target(h, limits, c, d);
	}
}

static void
take_of_header(struct head *h, unsigned char c, struct denial *d)
{
	bool blank = c == ' ' || c == '\t';

	if (h->at == HEAD_VALUE) {
		if (!blank || h->in_part > 0)
			keep(h, c);
	} else if (c == ':') {
		end_name(h, d);
	} else if (blank && h->in_part == 0) {
		denial_set(d, 400, BAD, "The request has a folded header.");
	} else if (!is_token_char(c)) {
		denial_set(
		    d, 400, BAD,
		    "A header's name has characters that may not be there.");
	} else {
		keep(h, c);
	}
}

static void
take(struct head *h, const struct head_limits *limits, unsigned char c,
     struct denial *d)
{
	h->bytes++;
	if (h->bytes > limits->bytes)
		denial_set(d, 431, "too large",
			   "The request's head is larger than %zu bytes.",
			   limits->bytes);
	if (c == '\n') {
		end_line(h, limits, d);
		return;
	}
	if (h->after_cr)
		denial_set(
		    d, 400, BAD,
		    "The request's head has a carriage return within a line.");
	h->after_cr = c == '\r';
	if (h->after_cr)
		return;
	if ((c < 0x20 && c != '\t') || c == 0x7f)
		denial_set(d, 400, BAD,
			   "The request's head has a control character.");
	if (h->at < HEAD_NAME)
		take_of_first_line(h, limits, c, d);
	else
		take_of_header(h, c, d);
}

size_t
head_feed(struct head *h, const struct head_limits *limits, const char *data,
	  size_t len, struct denial *d)
{
	size_t i = 0;

	while (i < len && h->at != HEAD_DONE && d->status == 0)
		take(h, limits, (unsigned char)data[i++], d);
	return i;
}
