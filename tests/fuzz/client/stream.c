/* Server-Sent Events: however the bytes are cut, the events are the same.  The
 * first byte is the length of the pieces. */
#include <stdlib.h>
#include <string.h>

#include "client/buf.h"
#include "client/sse.h"
#include "tests/fuzz/fuzz.h"

static void
note(void *cookie, const char *id, const char *event, const char *data)
{
	struct buf *b = cookie;

	fuzz_must(strlen(id) < SSE_ID_MAX && *event != '\0');
	buf_str(b, id);
	buf_add(b, "", 1);
	buf_str(b, event);
	buf_add(b, "", 1);
	buf_str(b, data);
	buf_add(b, "", 1);
}

FUZZ(client_stream)
{
	size_t step = fuzz_byte(&data, &len) + 1;
	char *text = fuzz_text(data, len);
	struct sse whole = { 0 }, pieces = { 0 };
	struct buf one = { 0 }, two = { 0 };

	sse_feed(&whole, text, len, note, &one);
	for (size_t at = 0; at < len; at += step)
		sse_feed(&pieces, text + at, len - at < step ? len - at : step,
			 note, &two);
	fuzz_must(one.len == two.len &&
		  (one.len == 0 || memcmp(one.data, two.data, one.len) == 0));
	sse_restart(&whole);
	sse_feed(&whole, text, len, note, &two);
	sse_done(&whole);
	sse_done(&pieces);
	buf_done(&one);
	buf_done(&two);
	free(text);
}
