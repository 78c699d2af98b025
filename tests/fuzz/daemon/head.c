/* The request's head: whatever way it is cut into pieces, the verdict is the
 * same.  The first byte is the length of the pieces. */
#include <stdlib.h>
#include <string.h>

#include "daemon/api/head.h"
#include "tests/fuzz/fuzz.h"

FUZZ(head)
{
	size_t step = fuzz_byte(&data, &len) + 1;
	char *text = fuzz_text(data, len);
	struct head whole, pieces;

	head_reset(&whole);
	head_reset(&pieces);
	head_feed(&whole, text, len);
	for (size_t at = 0; at < len; at += step)
		head_feed(&pieces, text + at,
			  len - at < step ? len - at : step);
	fuzz_must(whole.status == pieces.status && whole.done == pieces.done);
	fuzz_must(whole.bytes == pieces.bytes && whole.lines == pieces.lines);
	fuzz_must((whole.status == 0) == (whole.why == NULL));
	/* What passes is fit for evhttp: no NUL, no bare line feed. */
	if (whole.status == 0) {
		fuzz_must(memchr(text, '\0', whole.bytes) == NULL);
		for (size_t i = 0; i < whole.bytes; i++)
			fuzz_must(text[i] != '\n' ||
				  (i > 0 && text[i - 1] == '\r'));
	}
	free(text);
}
