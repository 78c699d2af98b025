#include "daemon/store/journal_segment.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/store/journal_bytes.h"
#include "daemon/store/journal_record.h"

#define VERSION '1'

static const char magic[7] = { 'R', 'B', 'J', 'O', 'U', 'R', 'N' };
static const char ending[] = ".journal";

void
journal_segment_name(char ret[JOURNAL_SEGMENT_NAME], uint64_t first)
{
	(void)snprintf(ret, JOURNAL_SEGMENT_NAME, "%016" PRIx64 "%s", first,
		       ending);
}

uint64_t
journal_segment_named(const char *name)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t n = 0;

	if (strlen(name) != 16 + sizeof ending - 1 ||
	    strcmp(name + 16, ending) != 0)
		return 0;
	for (int i = 0; i < 16; i++) {
		const char *at = strchr(digits, name[i]);

		if (at == NULL)
			return 0;
		n = n * 16 + (uint64_t)(at - digits);
	}
	return n <= JOURNAL_MOST_SEQ ? n : 0;
}

void
journal_segment_head(unsigned char ret[JOURNAL_SEGMENT_HEAD], const char *site,
		     uint64_t first, int64_t at_ms)
{
	memset(ret, 0, JOURNAL_SEGMENT_HEAD);
	memcpy(ret, magic, sizeof magic);
	ret[7] = VERSION;
	memcpy(ret + 8, site, strnlen(site, JOURNAL_MOST_SITE));
	journal_put64(ret + 40, first);
	journal_put64(ret + 48, (uint64_t)at_ms);
	journal_put32(ret + 60, journal_crc(ret, 60));
}

int
journal_segment_begin(const char *bytes, size_t len, const char *site,
		      struct fault *fault)
{
	char theirs[JOURNAL_MOST_SITE + 1] = "";

	if (len < JOURNAL_SEGMENT_HEAD ||
	    memcmp(bytes, magic, sizeof magic) != 0 ||
	    journal_get32(bytes + 60) != journal_crc(bytes, 60))
		return 0;
	memcpy(theirs, bytes + 8, JOURNAL_MOST_SITE);
	if (bytes[7] != VERSION)
		fault_set(
		    fault,
		    "It was written by another version of ringbackd (format "
		    "%c, this one knows %c).",
		    bytes[7], VERSION);
	else if (strcmp(theirs, site) != 0)
		fault_set(fault,
			  "It holds events of the site \"%s\", and this one is "
			  "\"%s\".",
			  theirs, site);
	else
		return JOURNAL_SEGMENT_HEAD;
	return -1;
}
