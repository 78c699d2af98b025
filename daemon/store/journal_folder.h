/* journal_folder.h -- the folder of the journal: whose it is, what stands in
 * it, what goes aside.  The functions with -1 set errno. */
#ifndef RB_STORE_JOURNAL_FOLDER_H
#define RB_STORE_JOURNAL_FOLDER_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/fault.h"
#include "daemon/store/journal_file.h"

/* journal_folder_open: a descriptor that holds the lock; the folder is made
 * where only its last part is missing.  -1, why, and a sentence. */
int journal_folder_open(const char *path, enum journal_why *ret_why,
			struct fault *);

/* journal_folder_give: what was made in the folder belongs to its owner: root,
 * who replays for another, must not lock him out. */
void journal_folder_give(int folder, int fd);

/* journal_folder_check: may it be used by this process, as far as one can see
 * without making or locking it?  0, or -1 and a sentence. */
int journal_folder_check(const char *path, struct fault *);

/* journal_folder_list: the files with records, the oldest first. */
int journal_folder_list(int folder,
			void (*each)(void *cookie, uint64_t first, size_t size),
			void *cookie);

/* How far it is done: a file of 20 bytes, "RBJDONE1", the sequence, the CRC-32
 * of both; 0 where there is none, or none that is whole. */
uint64_t journal_folder_get_done(int folder);
int journal_folder_put_done(int folder, uint64_t seq);

/* journal_folder_aside: bytes into damaged/NAME, synced; 1 where it stands
 * there already. */
int journal_folder_aside(int folder, const char *name, const char *bytes,
			 size_t len);
int journal_folder_move_aside(int folder, const char *name);

#endif
