#include "daemon/api/frame.h"

#include <inttypes.h>

#include "daemon/base/text.h"

#define BAD "bad request"
#define MOST_SIZE_DIGITS 8

void
frame_reset(struct frame *f)
{
	*f = (struct frame){ 0 };
}

bool
frame_whole(const struct frame *f)
{
	return f->at >= FRAME_DONE;
}

static void
fail_size(const struct frame_limits *limits, struct denial *d)
{
	denial_set(d, 413, "too large",
		   "The body is larger than the %" PRIu64
		   " bytes that are allowed.",
		   limits->body);
}

static void
after_head(struct frame *f, const struct frame_limits *limits, struct denial *d)
{
	const struct head *h = &f->head;

	if (h->length > limits->body)
		fail_size(limits, d);
	f->left = h->length;
	if (!h->takes_body && (h->chunked || h->length > 0))
		f->at = FRAME_UNREAD;
	else if (h->chunked)
		f->at = FRAME_SIZE;
	else
		f->at = h->length > 0 ? FRAME_LENGTH : FRAME_DONE;
}

/* RFC 9112, 7.1: hexadecimal digits and the end of the line.  An extension is
 * allowed by the standard, sent by nobody, and read in many ways. */
static void
take_of_size(struct frame *f, const struct frame_limits *limits,
	     unsigned char c, struct denial *d)
{
	int digit = text_hex((char)c);

	if (f->after_cr && c == '\n') {
		f->after_cr = false;
		f->body += f->left;
		f->digits = 0;
		f->at = f->left > 0 ? FRAME_CHUNK : FRAME_LAST;
	} else if (!f->after_cr && c == '\r' && f->digits > 0) {
		f->after_cr = true;
	} else if (f->after_cr || digit < 0) {
		denial_set(
		    d, 400, BAD,
		    "A chunk does not begin with its size and a line end.");
	} else if (++f->digits > MOST_SIZE_DIGITS) {
		fail_size(limits, d);
	} else {
		f->left = f->left * 16 + (unsigned)digit;
		if (f->left > limits->body - f->body)
			fail_size(limits, d);
	}
}

static void
take_line_end(struct frame *f, unsigned char c, struct denial *d)
{
	bool last = f->at == FRAME_LAST;

	if (!f->after_cr && c == '\r') {
		f->after_cr = true;
	} else if (f->after_cr && c == '\n') {
		f->after_cr = false;
		f->at = last ? FRAME_DONE : FRAME_SIZE;
	} else if (last) {
		denial_set(d, 400, BAD,
			   "Headers after the last chunk are not read.");
	} else {
		denial_set(d, 400, BAD, "A chunk is longer than it says.");
	}
}

/* What needs no look at every byte. */
static size_t
skip(struct frame *f, size_t len)
{
	size_t n = f->left < len ? (size_t)f->left : len;

	f->left -= n;
	if (f->left == 0)
		f->at = f->at == FRAME_LENGTH ? FRAME_DONE : FRAME_AFTER_CHUNK;
	return n;
}

static size_t
step(struct frame *f, const struct frame_limits *limits, const char *data,
     size_t len, struct denial *d)
{
	size_t n = 1;

	switch (f->at) {
	case FRAME_HEAD:
		n = head_feed(&f->head, &limits->head, data, len, d);
		if (f->head.at == HEAD_DONE && d->status == 0)
			after_head(f, limits, d);
		return n;
	case FRAME_LENGTH:
	case FRAME_CHUNK: return skip(f, len);
	case FRAME_SIZE:
		take_of_size(f, limits, (unsigned char)*data, d);
		return n;
	case FRAME_AFTER_CHUNK:
	case FRAME_LAST: take_line_end(f, (unsigned char)*data, d); return n;
	case FRAME_DONE:
	case FRAME_UNREAD: break;
	}
	return len;
}

void
frame_feed(struct frame *f, const struct frame_limits *limits, const char *data,
	   size_t len, struct denial *d)
{
	size_t i = 0, n;

	while (i < len && !frame_whole(f) && d->status == 0) {
		n = step(f, limits, data + i, len - i, d);
		i += n;
		f->bytes += n;
	}
}
