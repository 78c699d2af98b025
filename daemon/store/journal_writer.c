#include "daemon/store/journal_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/text.h"
#include "daemon/store/journal_disk.h"
#include "daemon/store/journal_folder.h"
#include "daemon/store/journal_segment.h"

struct journal_writer {
	const struct journal_disk *disk; /* borrowed */
	int fd;
	size_t size, written, kept;
};

static int
write_all(struct journal_writer *w, const void *bytes, size_t len)
{
	const char *p = bytes;
	ssize_t n;

	while (len > 0) {
		n = w->disk->write(w->fd, p, len, (off_t)w->written);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n < 0 ? errno : ENOSPC;
			return -1;
		}
		p += n;
		len -= (size_t)n;
		w->written += (size_t)n;
	}
	return 0;
}

/* As much room as there is, up to what was wished. */
static int
reserve(struct journal_writer *w)
{
	for (;;) {
		if (w->disk->reserve(w->fd, (off_t)w->size) == 0)
			return 0;
		if (w->size / 2 < JOURNAL_WRITER_LEAST)
			return -1;
		w->size /= 2;
	}
}

static int
begin(struct journal_writer *w, const struct journal_writing *o)
{
	unsigned char head[JOURNAL_SEGMENT_HEAD];

	journal_folder_give(o->folder, w->fd);
	journal_segment_head(head, o->site, o->first, o->at_ms);
	if (reserve(w) < 0 || write_all(w, head, sizeof head) < 0 ||
	    w->disk->sync(w->fd) < 0 || fsync(o->folder) < 0)
		return -1;
	w->kept = w->written;
	return 0;
}

struct journal_writer *
journal_writer_new(const struct journal_writing *o)
{
	struct journal_writer *w;
	char name[JOURNAL_SEGMENT_NAME];
	int error, fd;

	journal_segment_name(name, o->first);
	fd = openat(o->folder, name,
		    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return NULL;
	w = text_alloc(sizeof *w);
	w->disk = o->disk;
	w->fd = fd;
	w->size = o->size;
	if (begin(w, o) == 0)
		return w;
	error = errno;
	(void)unlinkat(o->folder, name, 0);
	(void)close(fd);
	free(w);
	errno = error;
	return NULL;
}

/* What is cut off must not be read again, so this is as good as writing. */
static void
cut(struct journal_writer *w, size_t at)
{
	w->written = at;
	if (ftruncate(w->fd, (off_t)at) == 0)
		w->size = at;
}

void
journal_writer_free(struct journal_writer *w)
{
	if (w == NULL)
		return;
	cut(w, w->kept);
	(void)close(w->fd);
	free(w);
}

bool
journal_writer_fits(const struct journal_writer *w, size_t len)
{
	return w->size - w->written >= JOURNAL_HEAD + len;
}

int
journal_writer_add(struct journal_writer *w, const struct journal_record *r)
{
	unsigned char head[JOURNAL_HEAD];
	size_t before = w->written;
	int error;

	journal_record_head(head, r);
	if (write_all(w, head, sizeof head) == 0 &&
	    write_all(w, r->data, r->len) == 0)
		return 0;
	error = errno;
	cut(w, before);
	errno = error;
	return -1;
}

int
journal_writer_sync(struct journal_writer *w)
{
	int error;

	if (w->kept == w->written)
		return 0;
	if (w->disk->sync(w->fd) == 0) {
		w->kept = w->written;
		return 0;
	}
	error = errno;
	cut(w, w->kept);
	errno = error;
	return -1;
}

size_t
journal_writer_kept(const struct journal_writer *w)
{
	return w->kept;
}

size_t
journal_writer_size(const struct journal_writer *w)
{
	return w->size;
}
