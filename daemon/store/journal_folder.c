#include "daemon/store/journal_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/text.h"
#include "daemon/store/journal_bytes.h"
#include "daemon/store/journal_record.h"
#include "daemon/store/journal_segment.h"

#define DONE_SIZE 20

static const char done_magic[8] = { 'R', 'B', 'J', 'D', 'O', 'N', 'E', '1' };
static const char aside[] = "damaged";

/* ---- whose it is -------------------------------------------------------- */

static void
say_what_helps(struct fault *fault, const char *path, const char *why)
{
	fault_set(
	    fault,
	    "The journal's folder %s cannot be used: %s. It must belong to the "
	    "user that ringbackd runs as, and be writable by him alone: "
	    "install -d -o USER -m 700 %s",
	    path, why, path);
}

static int
check_owner(int fd, const char *path, struct fault *fault)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		say_what_helps(fault, path, strerror(errno));
	else if (geteuid() != 0 && st.st_uid != geteuid())
		say_what_helps(fault, path, "it belongs to another user");
	else if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		say_what_helps(fault, path, "others may write into it");
	else if (faccessat(fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) < 0)
		say_what_helps(fault, path, strerror(errno));
	else
		return 0;
	return -1;
}

void
journal_folder_give(int folder, int fd)
{
	struct stat st;

	if (geteuid() == 0 && fstat(folder, &st) == 0 && st.st_uid != 0 &&
	    fchown(fd, st.st_uid, st.st_gid) < 0)
		return; /* what was to be written is written all the same */
}

/* A name that a crash takes back would take the records along. */
static void
sync_parent(int fd)
{
	int parent = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (parent < 0)
		return;
	(void)fsync(parent);
	(void)close(parent);
}

int
journal_folder_open(const char *path, enum journal_why *ret_why,
		    struct fault *fault)
{
	bool made = mkdir(path, 0700) == 0;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*ret_why = JOURNAL_FAILED;
	if (fd < 0) {
		say_what_helps(fault, path, strerror(errno));
		return -1;
	}
	if (made)
		sync_parent(fd);
	if (check_owner(fd, path, fault) < 0) {
		(void)close(fd);
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			*ret_why = JOURNAL_BUSY;
		fault_set(fault,
			  "The journal in %s is in use by another process%s%s.",
			  path,
			  errno == EWOULDBLOCK
			      ? ": each ringbackd needs a folder of its own"
			      : ", or cannot be locked: ",
			  errno == EWOULDBLOCK ? "" : strerror(errno));
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* The folder that there is, or the one in which it would be made. */
int
journal_folder_check(const char *path, struct fault *fault)
{
	char *parent, *slash;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (fd >= 0) {
		rc = check_owner(fd, path, fault);
		(void)close(fd);
		return rc;
	}
	if (errno != ENOENT) {
		say_what_helps(fault, path, strerror(errno));
		return -1;
	}
	parent = text_dup(path);
	slash = strrchr(parent, '/');
	if (slash != NULL && slash != parent)
		*slash = '\0';
	rc =
	    slash != NULL && faccessat(AT_FDCWD, slash == parent ? "/" : parent,
				       W_OK | X_OK, AT_EACCESS) == 0
		? 0
		: -1;
	if (rc < 0)
		say_what_helps(fault, path,
			       "it is not there, and cannot be made");
	free(parent);
	return rc;
}

/* ---- what stands in it -------------------------------------------------- */

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
is_segment(const struct dirent *e)
{
	return journal_segment_named(e->d_name) != 0;
}

int
journal_folder_list(int folder,
		    void (*each)(void *cookie, uint64_t first, size_t size),
		    void *cookie)
{
	struct dirent **list = NULL;
	int n = scandirat(folder, ".", &list, is_segment, by_name);

	for (int i = 0; i < n; i++) {
		struct stat st;

		if (fstatat(folder, list[i]->d_name, &st,
			    AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode))
			each(cookie, journal_segment_named(list[i]->d_name),
			     (size_t)st.st_size);
		free(list[i]);
	}
	free(list);
	return n < 0 ? -1 : 0;
}

/* ---- how far it is done ------------------------------------------------- */

uint64_t
journal_folder_get_done(int folder)
{
	char bytes[DONE_SIZE];
	int fd = openat(folder, "done", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, bytes, sizeof bytes);
	(void)close(fd);
	if (n != DONE_SIZE ||
	    memcmp(bytes, done_magic, sizeof done_magic) != 0 ||
	    journal_get32(bytes + 16) != journal_crc(bytes, 16))
		return 0;
	return journal_get64(bytes + 8) <= JOURNAL_MOST_SEQ
		   ? journal_get64(bytes + 8)
		   : 0;
}

int
journal_folder_put_done(int folder, uint64_t seq)
{
	char bytes[DONE_SIZE];
	int fd = openat(folder, "done",
			O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	ssize_t n;

	if (fd < 0)
		return -1;
	memcpy(bytes, done_magic, sizeof done_magic);
	journal_put64(bytes + 8, seq);
	journal_put32(bytes + 16, journal_crc(bytes, 16));
	n = pwrite(fd, bytes, sizeof bytes, 0);
	journal_folder_give(folder, fd);
	(void)close(fd);
	return n == (ssize_t)sizeof bytes ? 0 : -1;
}

/* ---- what goes aside ---------------------------------------------------- */

static int
open_aside(int folder)
{
	bool made = mkdirat(folder, aside, 0700) == 0;
	int dir;

	if (!made && errno != EEXIST)
		return -1;
	dir = openat(folder, aside,
		     O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (made && dir >= 0)
		journal_folder_give(folder, dir);
	return dir;
}

static int
write_new(int dir, const char *name, const char *bytes, size_t len)
{
	int error,
	    fd = openat(dir, name,
			O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			0600);
	size_t at = 0;
	ssize_t n = 0;

	if (fd < 0)
		return errno == EEXIST ? 1 : -1;
	journal_folder_give(dir, fd);
	while (at < len && n >= 0) {
		n = write(fd, bytes + at, len - at);
		if (n > 0)
			at += (size_t)n;
	}
	if (n < 0 || fsync(fd) < 0 || fsync(dir) < 0) {
		error = errno;
		(void)unlinkat(dir, name, 0);
		(void)close(fd);
		errno = error;
		return -1;
	}
	(void)close(fd);
	return 0;
}

int
journal_folder_aside(int folder, const char *name, const char *bytes,
		     size_t len)
{
	int dir = open_aside(folder), rc, error;

	if (dir < 0)
		return -1;
	rc = write_new(dir, name, bytes, len);
	error = errno;
	(void)close(dir);
	errno = error;
	return rc;
}

int
journal_folder_move_aside(int folder, const char *name)
{
	int dir = open_aside(folder), rc;

	if (dir < 0)
		return -1;
	rc = renameat(folder, name, dir, name);
	(void)close(dir);
	return rc;
}
