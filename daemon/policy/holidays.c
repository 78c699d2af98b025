#include "daemon/policy/holidays.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/fault.h"
#include "daemon/base/text.h"
#include "daemon/policy/closures.h"

#define FILE_MOST (4 * 1024 * 1024)

struct file {
	struct file *next;
	char *path;               /* owned */
	struct stat seen;         /* what it was when it was read */
	struct closures closures; /* owned */
};

static struct file *files; /* the ones read so far */

/* The text of the file (the caller frees it), or NULL and the fault. */
static char *
load(struct file *f, struct fault *fault)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct text text = { 0 };
	char buf[16384];
	ssize_t n = -1;

	if (fd < 0 || fstat(fd, &f->seen) < 0) {
		fault_set(fault, "%s: %s", f->path, strerror(errno));
	} else if (!S_ISREG(f->seen.st_mode)) {
		fault_set(fault, "%s: this is no file", f->path);
	} else if (f->seen.st_size > FILE_MOST) {
		fault_set(fault, "%s: larger than %d MB", f->path,
			  FILE_MOST / 1024 / 1024);
	} else {
		n = read(fd, buf, sizeof buf);
		for (; n > 0 && text.len <= FILE_MOST;
		     n = read(fd, buf, sizeof buf))
			text_add(&text, buf, (size_t)n);
		if (n < 0)
			fault_set(fault, "%s: %s", f->path, strerror(errno));
	}
	if (fd >= 0)
		(void)close(fd);
	if (n >= 0)
		return text_take(&text);
	text_done(&text);
	return NULL;
}

static void
file_free(struct file *f)
{
	if (f == NULL)
		return;
	free(f->path);
	closures_done(&f->closures);
	free(f);
}

static struct file *
file_read(const char *path, struct fault *fault)
{
	struct file *f = text_alloc(sizeof *f);
	char *text;

	f->path = text_dup(path);
	text = load(f, fault);
	if (text == NULL ||
	    closures_read(&f->closures, f->path, text, fault) < 0) {
		file_free(f);
		f = NULL;
	}
	free(text);
	return f;
}

static bool
is_unchanged(const struct file *f)
{
	struct stat now;

	return stat(f->path, &now) == 0 && now.st_ino == f->seen.st_ino &&
	       now.st_dev == f->seen.st_dev && now.st_size == f->seen.st_size &&
	       now.st_mtim.tv_sec == f->seen.st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == f->seen.st_mtim.tv_nsec;
}

const struct closures *
holidays_read(const char *path, struct fault *fault)
{
	struct file **at = &files, *fresh, *old;

	while (*at != NULL && strcmp((*at)->path, path) != 0)
		at = &(*at)->next;
	old = *at;
	if (old != NULL && is_unchanged(old))
		return &old->closures;
	fresh = file_read(path, fault);
	if (fresh == NULL)
		return NULL;
	if (old != NULL)
		fresh->next = old->next;
	*at = fresh;
	file_free(old);
	return &fresh->closures;
}
