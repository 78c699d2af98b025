/* journal_record.h -- one record of the journal as bytes, and back.  Pure.
 *
 *	0  4  "RBJ1"
 *	4  4  length of the data
 *	8  8  sequence: grows from record to record, never given twice
 *	16 8  when it was accepted (wall time, ms)
 *	24 4  CRC-32 of the data
 *	28 4  CRC-32 of the 28 bytes before
 *	32    the data
 *
 * Numbers are little-endian; the CRC is zlib's.  The head has a CRC of its own,
 * so that a damaged record can be stepped over: where its head is whole its
 * length can be believed, and where it is not, the next whole head is the next
 * record.  A text cannot pass for a head: numbers hold NUL bytes, texts none.
 */
#ifndef RB_STORE_JOURNAL_RECORD_H
#define RB_STORE_JOURNAL_RECORD_H

#include <stddef.h>
#include <stdint.h>

#define JOURNAL_HEAD 32
#define JOURNAL_MOST_DATA 65536
/* A greater sequence was never given: what has one is damage, and numbering
 * does not go on behind it. */
#define JOURNAL_MOST_SEQ (UINT64_MAX / 4)

struct journal_record {
	uint64_t seq;
	int64_t at_ms;
	const char *data; /* borrowed from the buffer */
	size_t len;
};

/* journal_record_head: the 32 bytes that go before the data. */
void journal_record_head(unsigned char ret[JOURNAL_HEAD],
			 const struct journal_record *);

enum journal_found {
	JOURNAL_WHOLE,   /* a record; *ret_size bytes in all */
	JOURNAL_NOTHING, /* only zeros from here on, or no byte at all */
	JOURNAL_DAMAGED, /* no record for the next *ret_size bytes */
};

/* journal_record_read: what begins at the first of so many bytes, whatever they
 * are.  *ret is set for a whole one only.  Work in proportion to the bytes that
 * *ret_size steps over. */
enum journal_found journal_record_read(struct journal_record *ret,
				       size_t *ret_size, const char *bytes,
				       size_t len);

#endif
