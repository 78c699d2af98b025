/* journal_writer.h -- one file of the journal that is being written.  Its room
 * is reserved when it is made, so that what was begun does not end for want of
 * room. */
#ifndef RB_STORE_JOURNAL_WRITER_H
#define RB_STORE_JOURNAL_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/store/journal_record.h"

/* The least room with which a file is made; a record of any size fits. */
#define JOURNAL_WRITER_LEAST ((size_t)128 * 1024)

struct journal_disk;
struct journal_writer;

struct journal_writing {
	int folder; /* an open one */
	const char *site;
	uint64_t first; /* sequence of its first record */
	int64_t at_ms;  /* wall time */
	size_t
	    size; /* to reserve; the half, and so on, where it is not there */
	const struct journal_disk *disk; /* borrowed */
};

/* journal_writer_new: makes the file, and syncs it and the folder.  NULL: errno
 * says why, and no file is left. */
struct journal_writer *journal_writer_new(const struct journal_writing *);
/* journal_writer_free: cuts off what is not kept, and the room that is left. */
void journal_writer_free(struct journal_writer *); /* NULL is allowed */

bool journal_writer_fits(const struct journal_writer *, size_t len);
/* journal_writer_add: written, not yet kept.  -1 with errno: the record is cut
 * off again; go on in another file. */
int journal_writer_add(struct journal_writer *, const struct journal_record *);
/* journal_writer_sync: all that was added is kept.  -1 with errno: all since
 * the last success is cut off, as if never written.  Not to be tried again on
 * this file: a kernel that could not write forgets that it should have. */
int journal_writer_sync(struct journal_writer *);

size_t journal_writer_kept(const struct journal_writer *); /* bytes */
size_t journal_writer_size(const struct journal_writer *); /* reserved */

#endif
