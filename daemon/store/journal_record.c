#include "daemon/store/journal_record.h"

#include <stdbool.h>
#include <string.h>

#include "daemon/store/journal_bytes.h"

static const char magic[4] = { 'R', 'B', 'J', '1' };

void
journal_record_head(unsigned char ret[JOURNAL_HEAD],
		    const struct journal_record *r)
{
	memcpy(ret, magic, sizeof magic);
	journal_put32(ret + 4, (uint32_t)r->len);
	journal_put64(ret + 8, r->seq);
	journal_put64(ret + 16, (uint64_t)r->at_ms);
	journal_put32(ret + 24, journal_crc(r->data, r->len));
	journal_put32(ret + 28, journal_crc(ret, 28));
}

static bool
head_is_whole(const char *p, size_t len)
{
	return len >= JOURNAL_HEAD && memcmp(p, magic, sizeof magic) == 0 &&
	       journal_get32(p + 4) <= JOURNAL_MOST_DATA &&
	       journal_get64(p + 16) <= (uint64_t)INT64_MAX &&
	       journal_get32(p + 28) == journal_crc(p, 28);
}

static size_t
count_zeros(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && p[n] == '\0')
		n++;
	return n;
}

/* From `at` on, where the next whole head begins; len where there is none. */
static size_t
next_head(const char *p, size_t at, size_t len)
{
	const char *found;

	while (at < len) {
		found = memmem(p + at, len - at, magic, sizeof magic);
		if (found == NULL)
			return len;
		at = (size_t)(found - p);
		if (head_is_whole(found, len - at))
			return at;
		at++;
	}
	return len;
}

enum journal_found
journal_record_read(struct journal_record *ret, size_t *ret_size, const char *p,
		    size_t len)
{
	size_t zeros, data;

	*ret_size = 0;
	if (head_is_whole(p, len)) {
		data = journal_get32(p + 4);
		if (data > len - JOURNAL_HEAD) {
			/* Torn; unless a later write began inside of it. */
			*ret_size = next_head(p, 1, len);
			return JOURNAL_DAMAGED;
		}
		*ret_size = JOURNAL_HEAD + data;
		if (journal_get32(p + 24) !=
		    journal_crc(p + JOURNAL_HEAD, data))
			return JOURNAL_DAMAGED;
		*ret = (struct journal_record){ .seq = journal_get64(p + 8),
						.at_ms = (int64_t)journal_get64(
						    p + 16),
						.data = p + JOURNAL_HEAD,
						.len = data };
		return JOURNAL_WHOLE;
	}
	zeros = count_zeros(p, len);
	if (zeros == len)
		return JOURNAL_NOTHING;
	*ret_size = next_head(p, zeros > 0 ? zeros : 1, len);
	return JOURNAL_DAMAGED;
}
