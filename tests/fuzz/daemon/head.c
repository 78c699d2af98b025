/* A request's bytes, head and body: whatever way they are cut into pieces, the
 * verdict is the same.  The first byte is the length of the pieces. */
#include <stdlib.h>
#include <string.h>

#include "daemon/api/frame.h"
#include "tests/fuzz/fuzz.h"

FUZZ(head)
{
	const struct frame_limits limits = {
		.head = { .bytes = 4096, .headers = 20, .target = 512 },
		.body = 256
	};
	size_t step = fuzz_byte(&data, &len) + 1;
	char *text = fuzz_text(data, len);
	struct frame whole, pieces;
	struct denial why = { 0 }, same = { 0 };

	frame_reset(&whole);
	frame_reset(&pieces);
	frame_feed(&whole, &limits, text, len, &why);
	for (size_t at = 0; at < len; at += step)
		frame_feed(&pieces, &limits, text + at,
		    len - at < step ? len - at : step, &same);
	fuzz_must(why.status == same.status && strcmp(why.why, same.why) == 0);
	fuzz_must(whole.at == pieces.at && whole.bytes == pieces.bytes);
	fuzz_must((why.status == 0) == (why.why[0] == '\0'));
	fuzz_must(whole.body <= limits.body && whole.bytes <= len);
	/* What passes is fit for evhttp: no NUL, no bare line feed. */
	if (why.status == 0) {
		fuzz_must(memchr(text, '\0', whole.head.bytes) == NULL);
		for (size_t i = 0; i < whole.head.bytes; i++)
			fuzz_must(text[i] != '\n' ||
			    (i > 0 && text[i - 1] == '\r'));
	}
	free(text);
}
