/* The journal after anything may have happened to it on the disk: every byte
 * is a record's, told as damaged, or a zero at the end. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/fault.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/store/journal_event.h"
#include "daemon/store/journal_reader.h"
#include "daemon/store/journal_record.h"
#include "daemon/store/journal_segment.h"
#include "tests/fuzz/fuzz.h"

struct told {
	const char *bytes;
	size_t len, damaged, next;
};

static void
on_damaged(void *cookie, size_t at, const char *bytes, size_t len, bool last)
{
	struct told *t = cookie;

	(void)last;
	fuzz_must(len > 0 && at >= t->next && at + len <= t->len);
	fuzz_must(memcmp(bytes, t->bytes + at, len) == 0);
	t->next = at + len;
	t->damaged += len;
}

static size_t
zeros_at_end(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[len - n - 1] == '\0')
		n++;
	return n;
}

/* What was read is written the same way. */
static size_t
look(const struct journal_reader *r)
{
	size_t bytes = 0;

	for (size_t i = 0; i < journal_reader_count(r); i++) {
		const struct journal_record *one = journal_reader_at(r, i);
		unsigned char head[JOURNAL_HEAD];

		journal_record_head(head, one);
		fuzz_must(one->len <= JOURNAL_MOST_DATA);
		fuzz_must(
		    memcmp(one->data - JOURNAL_HEAD, head, JOURNAL_HEAD) == 0);
		bytes += JOURNAL_HEAD + one->len;
	}
	return bytes;
}

FUZZ(journal)
{
	char *bytes = fuzz_text(data, len);
	struct told told = { .bytes = bytes, .len = len };
	const struct journal_reading how = { .site = "t",
					     .damaged = on_damaged,
					     .cookie = &told };
	struct journal_reader *r = journal_reader_new(&how, len);
	struct fault fault = { "" };
	size_t all;

	if (journal_reader_take(r, bytes, len, &fault) < 0) {
		fuzz_must(fault.text[0] != '\0');
	} else {
		all = look(r) + told.damaged + JOURNAL_SEGMENT_HEAD +
		      zeros_at_end(bytes, len);
		fuzz_must(all >= len);
		fuzz_must(journal_reader_end(r) <= len);
	}
	journal_reader_free(r);
	free(bytes);
}

/* An event out of a record; what is one is written the same way. */
FUZZ(journal_event)
{
	char *bytes = fuzz_text(data, len);
	struct record *event = NULL, *again = NULL;
	const char *uuid = journal_event_read(&event, bytes, len);
	struct text out = { 0 };

	fuzz_must((uuid == NULL) == (event == NULL));
	if (uuid != NULL) {
		journal_event_write(&out, uuid, event, 1);
		fuzz_must(journal_event_read(&again, out.data, out.len) !=
			  NULL);
		fuzz_must(record_count(again) >= record_count(event));
	}
	record_free(event);
	record_free(again);
	text_done(&out);
	free(bytes);
}

/* The data are texts: two NUL bytes, which a head needs, stand in no text. */
static void
add_text(char *to, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = data[i] != 0 ? (char)data[i] : ' ';
}

/* The same, from a file whose every checksum is right: the first byte of each
 * record is its length, what follows its data and a fault. */
FUZZ(journal_whole)
{
	char file[4096] = "";
	struct told told = { .bytes = file };
	const struct journal_reading how = { .site = "t",
					     .damaged = on_damaged,
					     .cookie = &told };
	struct journal_record one = { .at_ms = 1 };
	struct journal_reader *r;
	struct fault fault = { "" };
	size_t at = JOURNAL_SEGMENT_HEAD, made = 0, flips = 0;

	journal_segment_head((unsigned char *)file, "t", 1, 1);
	while (len > 0 && at + JOURNAL_HEAD + 256 < sizeof file) {
		unsigned flip;

		one.len = fuzz_byte(&data, &len);
		one.len = one.len < len ? one.len : len;
		one.seq++;
		one.data = file + at + JOURNAL_HEAD;
		add_text(file + at + JOURNAL_HEAD, data, one.len);
		journal_record_head((unsigned char *)file + at, &one);
		data += one.len;
		len -= one.len;
		flip = fuzz_byte(&data, &len);
		if (flip > 0 && flip <= JOURNAL_HEAD + one.len) {
			file[at + flip - 1] ^= 0x40;
			flips++;
		} else {
			made++;
		}
		at += JOURNAL_HEAD + one.len;
	}
	told.len = at;
	r = journal_reader_new(&how, at);
	fuzz_must(journal_reader_take(r, file, at, &fault) == 0);
	/* A damaged record takes no whole one with it. */
	fuzz_must(journal_reader_count(r) == made);
	fuzz_must((flips > 0) == (told.damaged > 0));
	journal_reader_free(r);
}
