/* sse.h -- Server-Sent Events as they are written (WHATWG HTML, section 9.2):
 * the one place where an event becomes lines.  CR, LF and CRLF end a line
 * there, so none of them passes within a field.  Pure. */
#ifndef RB_API_SSE_H
#define RB_API_SSE_H

struct text;

/* sse_add: one event.  id NULL: without one.  A line end in id or event, which
 * are single words, becomes '?'; one in data begins another line of data. */
void sse_add(struct text *, const char *id, const char *event,
	     const char *data);

#endif
