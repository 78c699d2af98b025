/* journal_reader.h -- one file of the journal in memory, as records.  Whatever
 * the bytes are, every one of them is a record's, told as damaged, or a zero
 * at the end. */
#ifndef RB_STORE_JOURNAL_READER_H
#define RB_STORE_JOURNAL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/fault.h"
#include "daemon/store/journal_record.h"

struct journal_reader;

struct journal_reading {
	const char *site;
	uint64_t after; /* sequences up to this one are done: passed over */
	/* damaged: these bytes are no record; last: nothing whole comes after
	 * them, so they may be what a crash left half written. */
	void (*damaged)(void *cookie, size_t at, const char *bytes, size_t len,
			bool last);
	void *cookie;
};

/* journal_reader_new: room for a file of so many bytes; it begins empty. */
struct journal_reader *journal_reader_new(const struct journal_reading *,
					  size_t size);
void journal_reader_free(struct journal_reader *); /* NULL is allowed */

/* journal_reader_load: the file up to that byte, or to its end; what was loaded
 * before is not read again.  -1 and a sentence: it is another site's or a newer
 * version's; -2 and a sentence: it cannot be read. */
int journal_reader_load(struct journal_reader *, int fd, size_t upto,
			struct fault *);
/* journal_reader_take: the same from memory. */
int journal_reader_take(struct journal_reader *, const char *bytes, size_t len,
			struct fault *);

size_t journal_reader_loaded(const struct journal_reader *); /* bytes */
size_t journal_reader_count(const struct journal_reader *);
/* journal_reader_at: borrowed until the reader is freed. */
const struct journal_record *journal_reader_at(const struct journal_reader *,
					       size_t i);
/* journal_reader_last: the highest sequence seen, done ones too; or 0. */
uint64_t journal_reader_last(const struct journal_reader *);
/* journal_reader_end: where the last whole record ends. */
size_t journal_reader_end(const struct journal_reader *);

#endif
