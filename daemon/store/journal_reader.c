#include "daemon/store/journal_reader.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/text.h"
#include "daemon/store/journal_segment.h"

struct journal_reader {
	struct journal_reading options;
	char *site;  /* owned */
	char *bytes; /* owned; never moves, records point into it */
	size_t size, loaded, walked, end;
	struct journal_record *list; /* owned */
	size_t count, list_size;
	uint64_t last;
};

struct journal_reader *
journal_reader_new(const struct journal_reading *options, size_t size)
{
	struct journal_reader *r = text_alloc(sizeof *r);

	r->options = *options;
	r->site = text_dup(options->site);
	r->bytes = text_alloc(size + 1);
	r->size = size;
	return r;
}

void
journal_reader_free(struct journal_reader *r)
{
	if (r == NULL)
		return;
	free(r->site);
	free(r->bytes);
	free(r->list);
	free(r);
}

static void
add(struct journal_reader *r, const struct journal_record *record)
{
	if (r->count == r->list_size) {
		r->list_size = r->list_size > 0 ? r->list_size * 2 : 256;
		r->list = text_realloc(r->list, r->list_size * sizeof *r->list);
	}
	r->list[r->count++] = *record;
}

static void
tell_damaged(struct journal_reader *r, size_t at, size_t len, bool last)
{
	if (r->options.damaged != NULL)
		r->options.damaged(r->options.cookie, at, r->bytes + at, len,
				   last);
}

/* A sequence that does not grow was never given to this record by us. */
static bool
is_ours(const struct journal_reader *r, const struct journal_record *record)
{
	return record->seq > r->last && record->seq <= JOURNAL_MOST_SEQ;
}

/* Nothing but zeros comes after it, if anything. */
static bool
is_last(const struct journal_reader *r, size_t at)
{
	struct journal_record record;
	size_t size;

	return journal_record_read(&record, &size, r->bytes + at,
				   r->loaded - at) == JOURNAL_NOTHING;
}

static void
walk(struct journal_reader *r)
{
	struct journal_record record = { 0 };
	enum journal_found found;
	size_t size;

	while (r->walked < r->loaded) {
		size_t left = r->loaded - r->walked;

		found = journal_record_read(&record, &size,
					    r->bytes + r->walked, left);
		if (found == JOURNAL_NOTHING)
			return;
		if (found == JOURNAL_WHOLE && is_ours(r, &record)) {
			r->last = record.seq;
			r->end = r->walked + size;
			if (record.seq > r->options.after)
				add(r, &record);
		} else {
			tell_damaged(r, r->walked, size,
				     is_last(r, r->walked + size));
		}
		r->walked += size;
	}
}

static int
begin(struct journal_reader *r, struct fault *fault)
{
	int at;

	if (r->walked > 0)
		return 0;
	at = journal_segment_begin(r->bytes, r->loaded, r->site, fault);
	if (at < 0)
		return -1;
	r->walked = (size_t)at;
	return 0;
}

int
journal_reader_load(struct journal_reader *r, int fd, size_t upto,
		    struct fault *fault)
{
	size_t to = upto < r->size ? upto : r->size;

	while (r->loaded < to) {
		ssize_t n = pread(fd, r->bytes + r->loaded, to - r->loaded,
				  (off_t)r->loaded);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fault_set(fault, "It cannot be read: %s.",
				  strerror(errno));
			return -2;
		}
		if (n == 0)
			break;
		r->loaded += (size_t)n;
	}
	if (begin(r, fault) < 0)
		return -1;
	walk(r);
	return 0;
}

int
journal_reader_take(struct journal_reader *r, const char *bytes, size_t len,
		    struct fault *fault)
{
	assert(len <= r->size - r->loaded);
	memcpy(r->bytes + r->loaded, bytes, len);
	r->loaded += len;
	if (begin(r, fault) < 0)
		return -1;
	walk(r);
	return 0;
}

size_t
journal_reader_loaded(const struct journal_reader *r)
{
	return r->loaded;
}

size_t
journal_reader_count(const struct journal_reader *r)
{
	return r->count;
}

const struct journal_record *
journal_reader_at(const struct journal_reader *r, size_t i)
{
	return &r->list[i];
}

uint64_t
journal_reader_last(const struct journal_reader *r)
{
	return r->last;
}

size_t
journal_reader_end(const struct journal_reader *r)
{
	return r->end;
}
