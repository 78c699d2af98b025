#include "daemon/store/journal_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/store/journal_bytes.h"
#include "daemon/store/journal_disk.h"
#include "daemon/store/journal_folder.h"
#include "daemon/store/journal_reader.h"
#include "daemon/store/journal_segment.h"
#include "daemon/store/journal_writer.h"

#define USUAL_SEGMENT ((int64_t)8 * 1024 * 1024)
#define LARGEST_SEGMENT ((size_t)64 * 1024 * 1024)
#define REFUSED_SEGMENT ((int64_t)256 * 1024)

struct segment {
	TAILQ_ENTRY(segment) all;
	uint64_t first;
	size_t size;      /* on disk; of the one being written: reserved */
	uint64_t records; /* not done; exact once it has been read */
};
TAILQ_HEAD(segments, segment);

struct journal_file {
	struct journal_file_options options;
	char *path, *site;             /* owned */
	int folder;                    /* locked */
	struct segments segments;      /* the oldest first */
	struct journal_writer *writer; /* of the last one, or NULL */
	struct journal_reader *reader; /* of the first one, or NULL */
	size_t handed, done;           /* of the reader's records */
	uint64_t next_seq, done_seq, appended;
	bool lost; /* some that were appended, before the sync that tells */
	struct journal_file *refused; /* owned; NULL until it is needed */
	struct journal_figures found; /* damaged and refused only */
};

static void say(struct journal_file *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
say(struct journal_file *j, const char *fmt, ...)
{
	char sentence[600];
	va_list ap;

	if (j->options.said == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(sentence, sizeof sentence, fmt, ap);
	va_end(ap);
	j->options.said(j->options.cookie, sentence);
}

static struct segment *
segment_add(struct journal_file *j, uint64_t first, size_t size)
{
	struct segment *s = text_alloc(sizeof *s);

	s->first = first;
	s->size = size;
	TAILQ_INSERT_TAIL(&j->segments, s, all);
	return s;
}

static bool
is_written(const struct journal_file *j, const struct segment *s)
{
	return j->writer != NULL && TAILQ_NEXT(s, all) == NULL;
}

static size_t
kept_bytes(const struct journal_file *j, const struct segment *s)
{
	return is_written(j, s) ? journal_writer_kept(j->writer) : s->size;
}

/* ---- writing ------------------------------------------------------------ */

static void
end_writing(struct journal_file *j)
{
	struct segment *last = TAILQ_LAST(&j->segments, segments);

	if (j->writer == NULL || last == NULL)
		return;
	last->size = journal_writer_kept(j->writer);
	journal_writer_free(j->writer);
	j->writer = NULL;
}

static int64_t
bytes_on_disk(const struct journal_file *j)
{
	const struct segment *s;
	int64_t sum = 0;

	TAILQ_FOREACH(s, &j->segments, all)
	sum += (int64_t)s->size;
	return sum;
}

static enum journal_why
begin_writing(struct journal_file *j, struct fault *fault)
{
	struct journal_writing w = { .folder = j->folder,
				     .site = j->site,
				     .first = j->next_seq,
				     .at_ms = clock_wall_ms(),
				     .size = (size_t)j->options.segment_size,
				     .disk = j->options.disk };

	if (bytes_on_disk(j) + j->options.segment_size > j->options.most) {
		fault_set(fault,
			  "The journal in %s has reached its limit of %" PRId64
			  " bytes (journal_max).",
			  j->path, j->options.most);
		return JOURNAL_FULL;
	}
	j->writer = journal_writer_new(&w);
	if (j->writer == NULL) {
		fault_set(fault, "The journal in %s cannot be written: %s.",
			  j->path, strerror(errno));
		return JOURNAL_FAILED;
	}
	(void)segment_add(j, j->next_seq, journal_writer_size(j->writer));
	return JOURNAL_OK;
}

enum journal_why
journal_file_append(struct journal_file *j, int64_t at_ms, const char *data,
		    size_t len, struct fault *fault)
{
	struct journal_record record = { .at_ms = at_ms,
					 .data = data,
					 .len = len };
	enum journal_why why = JOURNAL_OK;

	assert(len <= JOURNAL_MOST_DATA);
	if (j->lost) {
		fault_set(fault, "The journal in %s could not be synced.",
			  j->path);
		return JOURNAL_FAILED;
	}
	if (j->writer != NULL && !journal_writer_fits(j->writer, len)) {
		j->lost = journal_file_sync(j, fault) < 0;
		if (j->lost)
			return JOURNAL_FAILED;
		end_writing(j);
	}
	if (j->writer == NULL)
		why = begin_writing(j, fault);
	if (why != JOURNAL_OK)
		return why;
	record.seq = j->next_seq;
	/* Also one that could not be written has had its number: what may be
	 * left of it is never taken for another. */
	j->next_seq++;
	if (journal_writer_add(j->writer, &record) < 0) {
		fault_set(fault, "The journal in %s cannot be written: %s.",
			  j->path, strerror(errno));
		if (j->appended == 0)
			end_writing(j);
		return JOURNAL_FAILED;
	}
	j->appended++;
	return JOURNAL_OK;
}

int
journal_file_sync(struct journal_file *j, struct fault *fault)
{
	struct segment *last = TAILQ_LAST(&j->segments, segments);
	int rc;

	if (j->lost) {
		j->lost = false;
		fault_set(fault, "The journal in %s could not be synced.",
			  j->path);
		return -1;
	}
	if (j->appended == 0)
		return 0;
	assert(last != NULL);
	rc = journal_writer_sync(j->writer);
	if (rc < 0) {
		fault_set(fault, "The journal in %s cannot be synced: %s.",
			  j->path, strerror(errno));
		end_writing(j);
	} else {
		last->records += j->appended;
	}
	j->appended = 0;
	return rc;
}

/* ---- what is damaged goes aside ----------------------------------------- */

static bool
is_zero(const char *p, size_t len)
{
	while (len > 0 && p[len - 1] == '\0')
		len--;
	return len == 0;
}

static void
on_damaged(void *cookie, size_t at, const char *bytes, size_t len, bool last)
{
	struct journal_file *j = cookie;
	const struct segment *s = TAILQ_FIRST(&j->segments);
	char name[64];
	int rc;

	(void)snprintf(name, sizeof name, "%016" PRIx64 "-%zu", s->first, at);
	if (is_zero(bytes, len)) {
		j->found.damaged++;
		say(j,
		    "%zu zero bytes stood where records of the journal in "
		    "%s should be.",
		    len, j->path);
		return;
	}
	rc = journal_folder_aside(j->folder, name, bytes, len);
	if (rc > 0)
		return; /* told by the process that put it there */
	j->found.damaged++;
	if (rc < 0)
		say(j,
		    "%zu damaged bytes of the journal in %s could not be "
		    "put aside: %s.",
		    len, j->path, strerror(errno));
	else if (last)
		say(j,
		    "The journal in %s ended in %zu bytes of a record that "
		    "was not whole, as a crash leaves them: cut off, and kept "
		    "in damaged/%s.",
		    j->path, len, name);
	else
		say(j,
		    "%zu bytes of the journal in %s are damaged: passed "
		    "over, and kept in damaged/%s.",
		    len, j->path, name);
}

/* ---- reading ------------------------------------------------------------ */

static void
drop_first(struct journal_file *j)
{
	struct segment *s = TAILQ_FIRST(&j->segments);
	char name[JOURNAL_SEGMENT_NAME];

	if (is_written(j, s))
		end_writing(j);
	journal_segment_name(name, s->first);
	(void)unlinkat(j->folder, name, 0);
	TAILQ_REMOVE(&j->segments, s, all);
	free(s);
	journal_reader_free(j->reader);
	j->reader = NULL;
	j->handed = j->done = 0;
}

/* What cannot be read must not hold up the rest. */
static void
set_first_aside(struct journal_file *j, const char *why)
{
	struct segment *s = TAILQ_FIRST(&j->segments);
	char name[JOURNAL_SEGMENT_NAME];

	journal_segment_name(name, s->first);
	j->found.damaged++;
	if (journal_folder_move_aside(j->folder, name) < 0)
		say(j, "%s in %s: %s It stays where it is, and is passed over.",
		    name, j->path, why);
	else
		say(j, "%s in %s: %s It is in damaged/ now.", name, j->path,
		    why);
	TAILQ_REMOVE(&j->segments, s, all);
	free(s);
	journal_reader_free(j->reader);
	j->reader = NULL;
	j->handed = j->done = 0;
}

static int
load(struct journal_file *j, struct segment *s, struct fault *fault)
{
	char name[JOURNAL_SEGMENT_NAME];
	int fd, rc;

	journal_segment_name(name, s->first);
	fd = openat(j->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		fault_set(fault, "It cannot be opened: %s.", strerror(errno));
		return -2;
	}
	rc = journal_reader_load(j->reader, fd, kept_bytes(j, s), fault);
	(void)close(fd);
	if (rc == 0)
		s->records = journal_reader_count(j->reader) - j->done;
	return rc;
}

/* The first file, as far as it is kept, is in the reader.  False: there is
 * none. */
static bool
look(struct journal_file *j)
{
	const struct journal_reading reading = { .site = j->site,
						 .after = j->done_seq,
						 .damaged = on_damaged,
						 .cookie = j };
	struct fault fault = { "" };
	struct segment *s;

	while ((s = TAILQ_FIRST(&j->segments)) != NULL) {
		if (j->reader == NULL)
			j->reader = journal_reader_new(&reading, s->size);
		else if (journal_reader_loaded(j->reader) >= kept_bytes(j, s))
			return true;
		if (load(j, s, &fault) == 0)
			return true;
		if (is_written(j, s))
			end_writing(j);
		set_first_aside(j, fault.text);
	}
	return false;
}

/* The first file that has something left. */
static bool
look_further(struct journal_file *j)
{
	while (look(j)) {
		struct segment *s = TAILQ_FIRST(&j->segments);

		if (j->done < journal_reader_count(j->reader))
			return true;
		if (is_written(j, s) && j->appended > 0)
			return false;
		drop_first(j);
	}
	return false;
}

int
journal_file_next(struct journal_file *j, struct journal_record *ret)
{
	if (!look_further(j) || j->handed == journal_reader_count(j->reader)) {
		if (TAILQ_EMPTY(&j->segments) && j->refused != NULL) {
			journal_file_close(j->refused);
			j->refused = NULL;
		}
		return 0;
	}
	*ret = *journal_reader_at(j->reader, j->handed++);
	return 1;
}

void
journal_file_done(struct journal_file *j, uint64_t seq)
{
	size_t before = j->done;

	while (j->done < j->handed &&
	       journal_reader_at(j->reader, j->done)->seq <= seq)
		j->done++;
	if (j->done == before)
		return;
	j->done_seq = journal_reader_at(j->reader, j->done - 1)->seq;
	TAILQ_FIRST(&j->segments)->records -= j->done - before;
	/* Not synced: what is forgotten is done again, which changes nothing.
	 */
	if (journal_folder_put_done(j->folder, j->done_seq) < 0)
		say(j,
		    "How far the journal in %s is done could not be "
		    "written: %s. A restart does some of it again.",
		    j->path, strerror(errno));
	(void)look_further(j);
}

int
journal_file_refuse(struct journal_file *j, uint64_t seq, struct fault *fault)
{
	const struct journal_record *record = NULL;
	enum journal_why why;

	for (size_t i = j->done; i < j->handed && record == NULL; i++) {
		if (journal_reader_at(j->reader, i)->seq == seq)
			record = journal_reader_at(j->reader, i);
	}
	if (record == NULL) {
		fault_set(fault, "There is no such record.");
		return -1;
	}
	if (j->refused == NULL) {
		char *path = text_print("%s/refused", j->path);
		struct journal_file_options o = j->options;

		o.folder = path;
		o.segment_size = REFUSED_SEGMENT;
		j->refused = journal_file_open(&o, &why, fault);
		if (j->refused != NULL)
			journal_folder_give(j->folder, j->refused->folder);
		free(path);
	}
	if (j->refused == NULL ||
	    journal_file_append(j->refused, record->at_ms, record->data,
				record->len, fault) != JOURNAL_OK ||
	    journal_file_sync(j->refused, fault) < 0)
		return -1;
	j->found.refused++;
	return 0;
}

/* ---- open, close -------------------------------------------------------- */

static void
on_segment(void *cookie, uint64_t first, size_t size)
{
	struct journal_file *j = cookie;

	if (size <= LARGEST_SEGMENT)
		(void)segment_add(j, first, size);
	else
		say(j,
		    "%016" PRIx64 ".journal in %s is larger than any that "
		    "was ever made here; it is passed over.",
		    first, j->path);
}

/* The highest number that was ever given: in the last file, or done. */
static int
find_next_seq(struct journal_file *j, struct fault *fault)
{
	const struct journal_reading reading = { .site = j->site };
	struct segment *last = TAILQ_LAST(&j->segments, segments);
	struct journal_reader *reader;
	char name[JOURNAL_SEGMENT_NAME];
	uint64_t seq = j->done_seq;
	int fd, rc = 0;

	if (last != NULL) {
		seq = last->first > seq ? last->first : seq;
		reader = journal_reader_new(&reading, last->size);
		journal_segment_name(name, last->first);
		fd = openat(j->folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
		if (fd >= 0)
			rc = journal_reader_load(reader, fd, last->size, fault);
		if (rc == 0 && journal_reader_last(reader) > seq)
			seq = journal_reader_last(reader);
		if (fd >= 0)
			(void)close(fd);
		journal_reader_free(reader);
	}
	j->next_seq = seq + 1;
	/* A file that cannot be read is put aside when its turn comes. */
	return rc == -1 ? -1 : 0;
}

/* At most so many: numbers that were never given count, too. */
static void
count_records(struct journal_file *j)
{
	struct segment *s;

	TAILQ_FOREACH(s, &j->segments, all)
	{
		const struct segment *next = TAILQ_NEXT(s, all);

		s->records =
		    (next != NULL ? next->first : j->next_seq) - s->first;
	}
}

static int64_t
segment_size(const struct journal_file_options *o)
{
	int64_t size = o->segment_size;

	if (size == 0)
		size =
		    o->most / 4 < USUAL_SEGMENT ? o->most / 4 : USUAL_SEGMENT;
	return size > (int64_t)JOURNAL_WRITER_LEAST
		   ? size
		   : (int64_t)JOURNAL_WRITER_LEAST;
}

struct journal_file *
journal_file_open(const struct journal_file_options *options,
		  enum journal_why *ret_why, struct fault *fault)
{
	struct journal_file *j = text_alloc(sizeof *j);

	*ret_why = JOURNAL_FAILED;
	TAILQ_INIT(&j->segments);
	j->options = *options;
	j->options.segment_size = segment_size(options);
	if (options->disk == NULL)
		j->options.disk = &journal_disk_real;
	j->path = text_dup(options->folder);
	j->site = text_dup(options->site);
	j->folder = journal_folder_open(j->path, ret_why, fault);
	if (j->folder < 0)
		goto fail;
	if (journal_folder_list(j->folder, on_segment, j) < 0) {
		fault_set(fault, "The journal's folder %s cannot be read: %s.",
			  j->path, strerror(errno));
		goto fail;
	}
	j->done_seq = journal_folder_get_done(j->folder);
	if (find_next_seq(j, fault) < 0)
		goto fail;
	count_records(j);
	(void)look_further(j);
	*ret_why = JOURNAL_OK;
	return j;
fail:
	journal_file_close(j);
	return NULL;
}

void
journal_file_close(struct journal_file *j)
{
	struct segment *s;

	if (j == NULL)
		return;
	end_writing(j);
	while ((s = TAILQ_FIRST(&j->segments)) != NULL) {
		TAILQ_REMOVE(&j->segments, s, all);
		free(s);
	}
	journal_reader_free(j->reader);
	journal_file_close(j->refused);
	if (j->folder >= 0)
		(void)close(j->folder);
	free(j->path);
	free(j->site);
	free(j);
}

/* ---- figures ------------------------------------------------------------ */

/* What is on disk, without what is reserved or done. */
static uint64_t
bytes_of(const struct journal_file *j, const struct segment *s)
{
	const char *from;
	size_t size = kept_bytes(j, s);

	if (s->records == 0 || s != TAILQ_FIRST(&j->segments) ||
	    j->done >= journal_reader_count(j->reader))
		return s->records > 0 ? size : 0;
	from = journal_reader_at(j->reader, 0)->data;
	return size -
	       (size_t)(journal_reader_at(j->reader, j->done)->data - from);
}

void
journal_file_figures(struct journal_file *j, struct journal_figures *ret)
{
	const struct segment *s;

	(void)look_further(j);
	*ret = j->found;
	TAILQ_FOREACH(s, &j->segments, all)
	{
		ret->records += s->records;
		ret->bytes += bytes_of(j, s);
	}
	if (j->reader != NULL && j->done < journal_reader_count(j->reader))
		ret->oldest_ms = journal_reader_at(j->reader, j->done)->at_ms;
}
