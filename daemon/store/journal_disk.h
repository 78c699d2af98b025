/* journal_disk.h -- what the journal asks of the disk, as functions, so that a
 * test can make the disk fill up, fail or take its time.  They set errno. */
#ifndef RB_STORE_JOURNAL_DISK_H
#define RB_STORE_JOURNAL_DISK_H

#include <stddef.h>
#include <sys/types.h>

struct journal_disk {
	ssize_t (*write)(int fd, const void *, size_t, off_t);
	int (*sync)(int fd); /* data, and what is needed to read it again */
	int (*reserve)(int fd, off_t size);
};

/* journal_disk_real: pwrite, fdatasync, and fallocate where there is one. */
extern const struct journal_disk journal_disk_real;

#endif
