/* journal.h -- the daemon's face of the journal: events that are kept on disk
 * while Redis is away.  A process of its own does the file work
 * (journal_keeper.h); it is started at once, and anew whenever it died.
 *
 * Everything that can be read of it ends well whatever the disk does: an append
 * that is not answered in time is told not kept, and while the oldest one is
 * late further ones are refused at once. */
#ifndef RB_STORE_JOURNAL_H
#define RB_STORE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/store/journal_file.h"

struct event_base;
struct journal;

struct journal_options {
	struct event_base *base; /* borrowed */
	const char *folder;
	const char *site;
	int64_t most;                    /* bytes on disk */
	int64_t append_ms;               /* an append's deadline; 0: 2000 */
	const struct journal_disk *disk; /* NULL: the real one; borrowed */
	/* All may be NULL, and none runs inside a call of this face. */
	void (*changed)(void *cookie); /* what journal_look tells */
	void (*said)(void *cookie, const char *sentence);
	void *cookie;
};

/* Who reads: told from the loop after journal_read and journal_refuse. */
struct journal_reading_hooks {
	void (*record)(void *cookie, const struct journal_record *);
	void (*end)(void *cookie, size_t records); /* of that journal_read */
	void (*aside)(void *cookie, uint64_t seq, bool ok);
	/* lost: the process died; what was read and not done comes again. */
	void (*lost)(void *cookie);
	void *cookie;
};

struct journal_state {
	bool open;       /* what is in it can be read */
	bool usable;     /* and it takes more, for all that is known */
	const char *why; /* why not; "" while usable.  Borrowed for a moment */
	struct journal_figures figures;
	int64_t since_ms; /* wall time since when something is kept; or 0 */
	uint64_t refused; /* appends refused since the start, for any reason */
};

struct journal *journal_new(const struct journal_options *); /* copied */
/* journal_free: ends all open appends as not kept, and waits until the process
 * has synced what it was given and ended; at most two seconds, where the disk
 * hangs.  NULL is allowed. */
void journal_free(struct journal *);

/* journal_append: the data is copied, at most JOURNAL_MOST_DATA bytes.  Told
 * once, from the loop or from journal_free: kept means synced on disk; else it
 * is not promised, and may be there all the same. */
typedef void journal_kept(void *cookie, bool kept);
void journal_append(struct journal *, int64_t at_ms, const char *data,
		    size_t len, journal_kept *, void *cookie);

void journal_look(const struct journal *, struct journal_state *ret);

/* ---- one reader */
void journal_set_reader(struct journal *,
			const struct journal_reading_hooks *); /* copied */
void journal_read(struct journal *, size_t most);
void journal_done(struct journal *, uint64_t seq);
void journal_refuse(struct journal *, uint64_t seq);

/* journal_pid: of the process; 0 while there is none.  For tests. */
int journal_pid(const struct journal *);

#endif
