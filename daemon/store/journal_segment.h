/* journal_segment.h -- one file of the journal: its name and its head.  Pure.
 *
 * The name is the sequence of its first record: "0000000000000001.journal".
 *
 *	0  8  "RBJOURN1"
 *	8  32 the site, NUL-padded
 *	40 8  the first sequence
 *	48 8  when it was made (wall time, ms)
 *	56 4  zeros
 *	60 4  CRC-32 of the 60 bytes before
 *	64    records (journal_record.h); after them zeros, where there is room
 */
#ifndef RB_STORE_JOURNAL_SEGMENT_H
#define RB_STORE_JOURNAL_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/fault.h"

#define JOURNAL_SEGMENT_HEAD 64
#define JOURNAL_SEGMENT_NAME 28 /* with the NUL */
#define JOURNAL_MOST_SITE 32

void journal_segment_name(char ret[JOURNAL_SEGMENT_NAME], uint64_t first);
/* journal_segment_named: the sequence in the name; 0 where it is none, or one
 * that was never given. */
uint64_t journal_segment_named(const char *name);

void journal_segment_head(unsigned char ret[JOURNAL_SEGMENT_HEAD],
			  const char *site, uint64_t first, int64_t at_ms);

/* journal_segment_begin: where the records begin in these bytes, whatever they
 * are: after a whole head, or 0 where there is none (then what stands there is
 * damage).  -1 and a sentence: whole, but another site's or a newer version's.
 */
int journal_segment_begin(const char *bytes, size_t len, const char *site,
			  struct fault *);

#endif
