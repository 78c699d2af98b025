/*
 * Not libical's zones: its conversion to UTC gives one answer and does not say
 * whether the clocks skip that time or show it twice, and 3.0.16 was measured
 * half an hour off for Australia/Lord_Howe from 2038.  So this reads TZif
 * (RFC 8536) itself: the 64-bit table, continued until 2100 by the rule at its
 * end; it agrees with the C library's localtime for every zone.
 */
#include "daemon/base/zone.h"

#include <assert.h>
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/day.h"
#include "daemon/base/text.h"
#include "daemon/base/zone_rule.h"

#define FOLDER "/usr/share/zoneinfo/"
#define LAST_YEAR 2100
#define FILE_MOST (256 * 1024)
/* Two clocks are never further apart than this, plus a change of date line. */
#define CLOCKS_APART (2 * DAY_SECONDS)

/* From a moment on, the clock is so far ahead of UTC. */
struct change {
	int64_t at_s;
	int64_t offset_s;
};

struct zone {
	struct zone *next;
	char *name;             /* owned */
	struct change *changes; /* owned; the first one is at INT64_MIN */
	size_t count;
	size_t size;
};

static struct zone *known; /* the ones read so far */

static void
add_change(struct zone *z, int64_t at_s, int64_t offset_s)
{
	if (z->count == z->size) {
		z->size = z->size > 0 ? z->size * 2 : 64;
		z->changes =
		    text_realloc(z->changes, z->size * sizeof *z->changes);
	}
	z->changes[z->count++] =
	    (struct change){ .at_s = at_s, .offset_s = offset_s };
}

static void
zone_free(struct zone *z)
{
	free(z->name);
	free(z->changes);
	free(z);
}

/* A window on the file; whoever reads past its end gets zeros and `short_`. */
struct bytes {
	const unsigned char *at;
	size_t left;
	bool short_;
};

static const unsigned char *
take(struct bytes *b, size_t n)
{
	const unsigned char *p = b->at;

	if (n > b->left) {
		b->short_ = true;
		return NULL;
	}
	b->at += n;
	b->left -= n;
	return p;
}

static int64_t
take_int(struct bytes *b, size_t n)
{
	const unsigned char *p = take(b, n);
	uint64_t v = 0;

	if (p == NULL)
		return 0;
	if (p[0] & 0x80)
		v = UINT64_MAX;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

struct header {
	size_t utc_flags, wall_flags, leaps, times, types, chars;
};

static int
take_header(struct bytes *b, struct header *h)
{
	const unsigned char *p = take(b, 20);
	size_t *const counts[] = { &h->utc_flags, &h->wall_flags, &h->leaps,
				   &h->times,     &h->types,      &h->chars };

	if (p == NULL || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
		return -1;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		int64_t n = take_int(b, 4);

		if (n < 0 || n > FILE_MOST)
			return -1;
		*counts[i] = (size_t)n;
	}
	/* Leap seconds would shift every time of ours. */
	return b->short_ || h->types == 0 || h->leaps != 0 ? -1 : 0;
}

static int
read_changes(struct zone *z, struct bytes *b, const struct header *h)
{
	struct bytes times = { .at = take(b, h->times * 8),
			       .left = h->times * 8 };
	const unsigned char *which = take(b, h->times);
	const unsigned char *types = take(b, h->types * 6);

	(void)take(b, h->chars + h->wall_flags + h->utc_flags);
	if (b->short_)
		return -1;
	for (size_t i = 0; i <= h->times; i++) {
		/* What was before the first change is type 0. */
		size_t type = i == 0 ? 0 : which[i - 1];
		struct bytes one = { .at = types + type * 6, .left = 4 };

		if (type >= h->types)
			return -1;
		add_change(z, i == 0 ? INT64_MIN : take_int(&times, 8),
			   take_int(&one, 4));
		if (i > 0 && z->changes[i].at_s <= z->changes[i - 1].at_s)
			return -1;
	}
	return 0;
}

/* The table ends where the rule at the end of the file takes over. */
static int
apply_rule(struct zone *z, struct bytes *b)
{
	const unsigned char *end;
	struct zone_rule rule;
	struct day first = { .year = 1970 };
	char text[80];
	size_t n;

	if (b->left < 2 || *b->at != '\n')
		return -1;
	end = memchr(b->at + 1, '\n', b->left - 1);
	n = end != NULL ? (size_t)(end - b->at) - 1 : sizeof text;
	if (n >= sizeof text)
		return -1;
	if (n == 0)
		return 0;
	memcpy(text, b->at + 1, n);
	text[n] = '\0';
	if (zone_rule_read(&rule, text) < 0)
		return -1;
	if (!rule.changes)
		return 0;
	if (z->count > 1)
		day_split(&first, z->changes[z->count - 1].at_s);
	for (int year = first.year; year <= LAST_YEAR; year++) {
		struct zone_turn turns[2];

		zone_rule_year(turns, &rule, year);
		for (size_t i = 0; i < 2; i++) {
			if (turns[i].at_s > z->changes[z->count - 1].at_s)
				add_change(z, turns[i].at_s, turns[i].offset_s);
		}
	}
	return 0;
}

static int
read_zone(struct zone *z, const unsigned char *data, size_t len)
{
	struct bytes b = { .at = data, .left = len };
	struct header h;

	/* First the 32-bit part, of which only the size matters. */
	if (take_header(&b, &h) < 0)
		return -1;
	(void)take(&b, h.times * 5 + h.types * 6 + h.chars + h.wall_flags +
			   h.utc_flags);
	if (b.short_ || take_header(&b, &h) < 0 || read_changes(z, &b, &h) < 0)
		return -1;
	return apply_rule(z, &b);
}

/* Letters, digits, '_', '+', '-' in parts with '/'.  A capital comes first, as
 * in all names of IANA: "posix/", "right/" and "localtime" are something else,
 * and no '.' leads out of the folder. */
static bool
is_name(const char *s)
{
	size_t n = strnlen(s, 65);

	if (n == 0 || n > 64 || !isupper((unsigned char)*s) || s[n - 1] == '/')
		return false;
	for (; *s != '\0'; s++) {
		if (!isalnum((unsigned char)*s) && strchr("_+-/", *s) == NULL)
			return false;
	}
	return true;
}

/* The whole file into buf; its length, or -1. */
static ssize_t
load(const char *name, unsigned char *buf, size_t size)
{
	char *path = text_print(FOLDER "%s", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t len = -1, n;

	free(path);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		goto out;
	for (len = 0; (size_t)len < size; len += n) {
		n = read(fd, buf + len, size - (size_t)len);
		if (n < 0) {
			len = -1;
			break;
		}
		if (n == 0)
			break;
	}
out:
	(void)close(fd);
	return len;
}

const struct zone *
zone_find(const char *name)
{
	unsigned char *data;
	struct zone *z;
	ssize_t len;

	if (name == NULL || !is_name(name))
		return NULL;
	for (z = known; z != NULL; z = z->next) {
		if (strcmp(z->name, name) == 0)
			return z;
	}
	z = text_alloc(sizeof *z);
	z->name = text_dup(name);
	data = text_alloc(FILE_MOST);
	len = load(name, data, FILE_MOST);
	if (len < 0 || read_zone(z, data, (size_t)len) < 0) {
		zone_free(z);
		z = NULL;
	} else {
		z->next = known;
		known = z;
	}
	free(data);
	return z;
}

/* The last change at or before that moment. */
static size_t
find_change(const struct zone *z, int64_t utc_s)
{
	size_t low = 0, high = z->count;

	assert(z->count > 0);
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (z->changes[mid].at_s <= utc_s)
			low = mid;
		else
			high = mid;
	}
	return low;
}

int64_t
zone_local_s(const struct zone *z, int64_t utc_s)
{
	return utc_s + z->changes[find_change(z, utc_s)].offset_s;
}

struct zone_moment
zone_moment(const struct zone *z, int64_t local_s)
{
	struct zone_moment m = { .fold = ZONE_SKIPPED };
	size_t i = find_change(z, local_s - CLOCKS_APART);

	for (; i < z->count &&
	       (i == 0 || z->changes[i].at_s <= local_s + CLOCKS_APART);
	     i++) {
		const struct change *c = &z->changes[i];
		int64_t t = local_s - c->offset_s;

		if (t >= c->at_s && (i + 1 == z->count || t < c[1].at_s)) {
			if (m.fold == ZONE_SKIPPED)
				m = (struct zone_moment){ .first_s = t,
							  .fold = ZONE_ONCE };
			else
				m.fold = ZONE_TWICE;
			m.last_s = t;
		} else if (m.fold == ZONE_SKIPPED && t < c->at_s &&
			   local_s - c[-1].offset_s >= c->at_s) {
			m.first_s = m.last_s = c->at_s;
		}
	}
	return m;
}

bool
zone_same(const struct zone *a, const struct zone *b, int64_t from_s,
	  int64_t until_s)
{
	size_t i = find_change(a, from_s), k = find_change(b, from_s);

	while (a->changes[i].offset_s == b->changes[k].offset_s) {
		bool a_ends = ++i == a->count || a->changes[i].at_s >= until_s;
		bool b_ends = ++k == b->count || b->changes[k].at_s >= until_s;

		if (a_ends || b_ends)
			return a_ends && b_ends;
		if (a->changes[i].at_s != b->changes[k].at_s)
			return false;
	}
	return false;
}
