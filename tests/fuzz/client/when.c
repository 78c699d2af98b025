/* Times as people type them: "later" and "--since". */
#include <stdlib.h>
#include <string.h>

#include "client/clock.h"
#include "client/page.h"
#include "client/when.h"
#include "tests/fuzz/fuzz.h"

#define NOW_MS INT64_C(1795600000000)

FUZZ(client_when)
{
	char *text = fuzz_text(data, len), buf[64];
	int64_t ms = -1;

	if (when_ahead(&ms, text, NOW_MS) < 0)
		fuzz_must(ms == -1);
	else
		clock_write(buf, sizeof buf, ms);
	ms = -1;
	if (when_back(&ms, text, NOW_MS) < 0)
		fuzz_must(ms == -1);
	else
		clock_at(buf, sizeof buf, ms, NOW_MS);
	clock_place(buf, sizeof buf, text);
	free(text);
}

/* Whatever stands in a text, a terminal gets characters that only show. */
FUZZ(client_page)
{
	char *text, *out = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&out, &size);
	struct page p = { .to = to, .width = 20, .utf8 = true };

	p.width += (int)fuzz_byte(&data, &len);
	p.utf8 = fuzz_byte(&data, &len) % 2 == 0;
	text = fuzz_text(data, len);
	page_put(&p, PAGE_BOLD, "%s", text);
	page_right(&p, PAGE_PLAIN, text);
	page_end(&p);
	page_at(&p, 7);
	page_wrap(&p, text, 6);
	page_end(&p);
	page_say(&p, "%s", text);
	(void)fclose(to);
	fuzz_must(fuzz_clean(out, size));
	free(out);
	free(text);
}
