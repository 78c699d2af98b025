/* journal_file.h -- events on disk, in order, until they are done: a folder of
 * files (journal_segment.h), used by one process at a time.  Blocks: for a
 * process of its own (journal_keeper.h).
 *
 *	0000000000000001.journal	records
 *	done		how far they are done
 *	damaged/	bytes that are no record, by file and offset
 *	refused/	a journal of its own: what Redis will never take
 *
 * A file goes as soon as all its records are done; since they are done in order
 * and what is refused is put aside, none can hold the others up.  Files of a
 * process before are only read: a new one is begun. */
#ifndef RB_STORE_JOURNAL_FILE_H
#define RB_STORE_JOURNAL_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/fault.h"
#include "daemon/store/journal_record.h"

struct journal_disk;
struct journal_file;

struct journal_file_options {
	const char *folder; /* made, where only the last part is missing */
	const char *site;
	int64_t most;                    /* bytes on disk, in all */
	int64_t segment_size;            /* 0: 8 MiB, or a quarter of most */
	const struct journal_disk *disk; /* NULL: the real one; borrowed */
	/* said: something was found or done that somebody should know. */
	void (*said)(void *cookie, const char *sentence);
	void *cookie;
};

struct journal_figures {
	uint64_t
	    records;    /* kept and not done; of files not read yet, at most */
	uint64_t bytes; /* that these take, about */
	int64_t oldest_ms; /* when the oldest was accepted; 0: none */
	uint64_t damaged;  /* pieces put aside since it was opened */
	uint64_t refused;  /* records put aside since then */
};

enum journal_why {
	JOURNAL_OK,
	JOURNAL_BUSY,   /* another process has it */
	JOURNAL_FULL,   /* it has its most bytes */
	JOURNAL_FAILED, /* the disk: full, or it fails */
};

/* journal_file_open: NULL, why, and a sentence that says what helps. */
struct journal_file *journal_file_open(const struct journal_file_options *,
				       enum journal_why *ret_why,
				       struct fault *);
void journal_file_close(struct journal_file *); /* NULL is allowed */

/* journal_file_append: written, not yet kept; data of at most JOURNAL_MOST_DATA
 * bytes.  Otherwise why not, and a sentence; what is there stays. */
enum journal_why journal_file_append(struct journal_file *, int64_t at_ms,
				     const char *data, size_t len,
				     struct fault *);
/* journal_file_sync: all that was appended is kept.  -1 and a sentence: none of
 * what was appended since the last success is; it counts as never appended. */
int journal_file_sync(struct journal_file *, struct fault *);

/* journal_file_next: the next kept record, in order, each once: 1; 0 when there
 * is none now, or some must be done first.  Borrowed until it is done. */
int journal_file_next(struct journal_file *, struct journal_record *ret);
/* journal_file_done: that one, and all before it. */
void journal_file_done(struct journal_file *, uint64_t seq);
/* journal_file_refuse: a copy into refused/, synced.  It is still to be done.
 * -1 and a sentence: it is not there. */
int journal_file_refuse(struct journal_file *, uint64_t seq, struct fault *);

void journal_file_figures(struct journal_file *, struct journal_figures *ret);

#endif
