/* What calls itself an Asterisk: packets, in pieces whose length is the first
 * byte, and the same at once: they must say the same. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/sources/ami_packet.h"
#include "tests/fuzz/fuzz.h"

#define LONG "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void
must_be_clean(const char *s)
{
	for (; *s != '\0'; s++)
		fuzz_must((unsigned char)*s >= 0x20 && *s != 0x7f);
}

static void
tell(struct text *out, const struct ami_packet *p)
{
	must_be_clean(p->what);
	fuzz_must(p->count <= AMI_HEADERS_MOST);
	fuzz_must((p->count == 0) == (p->kind == AMI_GREETING));
	text_addf(out, "%d %s\n", (int)p->kind, p->what);
	for (size_t i = 0; i < p->count; i++) {
		const struct ami_header *h = &p->headers[i];

		must_be_clean(h->name);
		must_be_clean(h->value);
		fuzz_must(*h->name != '\0' && strchr(h->name, ':') == NULL);
		text_addf(out, "%s=%s\n", h->name, h->value);
	}
	fuzz_must(out->len < (size_t)1024 * 1024);
}

static void
feed(struct ami_reader *r, const uint8_t *data, size_t len, struct text *out)
{
	char *copy = fuzz_text(data, len);
	const char *at = copy, *why = "";
	struct ami_packet p;
	enum ami_taken taken;

	while ((taken = ami_reader_take(r, &at, &len, &p, &why)) != AMI_MORE) {
		if (taken == AMI_PACKET)
			tell(out, &p);
		else
			text_addf(out, "%s\n", why);
	}
	fuzz_must(len == 0);
	free(copy);
}

static char *
read_by(const uint8_t *data, size_t len, size_t step)
{
	static const char after[] =
	    "\n\nRest: " LONG LONG LONG LONG "\n\nEvent: After\n\n",
			  end[] = "2 After\nEvent=After\n";
	struct ami_reader *r = ami_reader_new();
	struct text out = { 0 };

	for (size_t at = 0; at < len; at += step)
		feed(r, data + at, len - at < step ? len - at : step, &out);
	/* Whatever came: after a blank line it is in step, and what may be the
	 * rest of a packet that was cut is not so long. */
	feed(r, (const uint8_t *)after, sizeof after - 1, &out);
	fuzz_must(out.len >= sizeof end - 1 &&
		  strcmp(out.data + out.len - (sizeof end - 1), end) == 0);
	ami_reader_free(r);
	return text_take(&out);
}

FUZZ(ami)
{
	size_t step = fuzz_byte(&data, &len) + 1;
	char *pieces = read_by(data, len, step);
	char *whole = read_by(data, len, len > 0 ? len : 1);

	fuzz_must(strcmp(pieces, whole) == 0);
	free(pieces);
	free(whole);
}
