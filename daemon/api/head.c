#include "daemon/api/head.h"

void
head_reset(struct head *h)
{
	*h = (struct head){ 0 };
}

static void
refuse(struct head *h, int status, const char *why)
{
	if (h->status != 0)
		return;
	h->status = status;
	h->why = why;
}

static void
end_line(struct head *h)
{
	if (!h->after_cr)
		refuse(h, 400, "A line of the request's head ends without a "
			       "carriage return.");
	h->after_cr = false;
	h->lines++;
	if (h->in_line == 0)
		h->done = true;
	else if (h->lines > HEAD_MOST_LINES)
		refuse(h, 431, "The request has more than 100 headers.");
	h->in_line = 0;
}

static void
take(struct head *h, unsigned char c)
{
	h->bytes++;
	if (h->bytes > HEAD_MOST_BYTES)
		refuse(h, 431, "The request's head is larger than 16 KiB.");
	if (c == '\n') {
		end_line(h);
		return;
	}
	if (h->after_cr)
		refuse(h, 400, "The request's head has a carriage return "
			       "within a line.");
	h->after_cr = c == '\r';
	if (h->after_cr)
		return;
	if (h->in_line == 0 && h->lines > 0 && (c == ' ' || c == '\t'))
		refuse(h, 400, "The request has a folded header.");
	if ((c < 0x20 && c != '\t') || c == 0x7f)
		refuse(h, 400, "The request's head has a control character.");
	h->in_line++;
}

void
head_feed(struct head *h, const char *data, size_t len)
{
	for (size_t i = 0; i < len && !h->done; i++)
		take(h, (unsigned char)data[i]);
}
