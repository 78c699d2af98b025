/* journal_keeper.h -- the process that does the journal's file work, so that
 * the daemon's loop never waits for a disk.
 *
 * It speaks over one socket (journal_talk.h).  All that it can read at once is
 * one group: written, synced once, then answered.  When the daemon's end is
 * closed, by whatever death, it syncs what it was given and ends.  It ends only
 * so: signals meant for a whole service pass it by. */
#ifndef RB_STORE_JOURNAL_KEEPER_H
#define RB_STORE_JOURNAL_KEEPER_H

#include <sys/types.h>

#include "daemon/base/fault.h"

struct journal_file_options;

/* journal_keeper_start: forks; the daemon's end of the socket, non-blocking,
 * and the process to wait for.  -1 and a sentence.  The options' `said` and
 * cookie are the keeper's own. */
int journal_keeper_start(const struct journal_file_options *, pid_t *ret_pid,
			 struct fault *);

/* journal_keeper_run: what that process does, until the other end of fd is
 * closed; its exit status. */
int journal_keeper_run(int fd, const struct journal_file_options *);

#endif
