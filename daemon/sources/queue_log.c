#include "daemon/sources/queue_log.h"

#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"

#define FIELDS 12 /* what stands further behind means nothing here */
#define TEXT_MOST 200

struct stay {
	struct queue_log_stay told; /* must be the first */
	char *uniqueid, *queue, *number;
};

struct queue_log {
	struct stay **stays; /* owned, each too */
	size_t count, size;
	void *last; /* tsearch(3), by uniqueid: the last of each channel */
	struct text line; /* as much as there is of it */
	bool skips;       /* to the end of one that is too long */
	int64_t first_ms;
	size_t bad;
};

struct line {
	int64_t time_ms;
	const char *field[FIELDS]; /* "" where there are fewer */
};
enum { UNIQUEID = 1, QUEUE = 2, EVENT = 4, P1 = 5 }; /* among the fields */

struct queue_log *
queue_log_new(void)
{
	return text_alloc(sizeof(struct queue_log));
}

static void
keep(void *node)
{
	(void)node; /* the stays are freed as a list */
}

void
queue_log_free(struct queue_log *l)
{
	if (l == NULL)
		return;
	tdestroy(l->last, keep);
	for (size_t i = 0; i < l->count; i++) {
		free(l->stays[i]->uniqueid);
		free(l->stays[i]->queue);
		free(l->stays[i]->number);
		free(l->stays[i]);
	}
	free(l->stays);
	text_done(&l->line);
	free(l);
}

/* ---- stays -------------------------------------------------------------- */

static int
by_uniqueid(const void *a, const void *b)
{
	const struct queue_log_stay *x = a, *y = b;

	return strcmp(x->uniqueid, y->uniqueid);
}

const struct queue_log_stay *
queue_log_stay(const struct queue_log *l, const char *uniqueid)
{
	const struct queue_log_stay key = { .uniqueid = uniqueid };
	const struct queue_log_stay *const *found =
	    tfind(&key, &l->last, by_uniqueid);

	return found != NULL ? *found : NULL;
}

static struct stay *
last_of(const struct queue_log *l, const struct line *line)
{
	const struct queue_log_stay key = { .uniqueid = line->field[UNIQUEID] };
	struct stay *const *found = tfind(&key, &l->last, by_uniqueid);

	return found != NULL ? *found : NULL;
}

static void
set(char **owned, const char **told, const char *value)
{
	free(*owned);
	*owned = text_dup_n(value, strnlen(value, TEXT_MOST));
	*told = *owned;
}

static struct stay *
stay_new(struct queue_log *l, const struct line *line)
{
	struct stay *s, **slot, *before = last_of(l, line);

	if (l->count >= QUEUE_LOG_MOST)
		return NULL;
	if (l->count == l->size) {
		l->size = l->size > 0 ? 2 * l->size : 64;
		l->stays = text_realloc(l->stays, l->size * sizeof *l->stays);
	}
	s = text_alloc(sizeof *s);
	l->stays[l->count++] = s;
	set(&s->uniqueid, &s->told.uniqueid, line->field[UNIQUEID]);
	set(&s->queue, &s->told.queue, line->field[QUEUE]);
	set(&s->number, &s->told.number, "");
	s->told.visit = before != NULL ? before->told.visit + 1 : 1;
	s->told.waited_s = -1;
	slot = tsearch(s, &l->last, by_uniqueid);
	if (slot == NULL)
		abort();
	*slot = s;
	return s;
}

/* The stay in which that line was written: of one whose ENTERQUEUE was not
 * read, it begins here. */
static struct stay *
stay_of(struct queue_log *l, const struct line *line)
{
	struct stay *s = last_of(l, line);

	return s != NULL ? s : stay_new(l, line);
}

/* ---- events ------------------------------------------------------------- */

static void
waited(struct stay *s, const struct line *line, int parameter)
{
	int64_t seconds;

	if (text_int64(&seconds, line->field[P1 + parameter - 1], 0,
		       INT64_C(10000000)) == 0)
		s->told.waited_s = seconds;
}

static void
on_enter(struct queue_log *l, const struct line *line)
{
	struct stay *s = last_of(l, line);

	if (s == NULL || s->told.state == QUEUE_LOG_TALKS ||
	    s->told.state == QUEUE_LOG_TALKED)
		s = stay_new(l, line);
	if (s == NULL)
		return;
	set(&s->queue, &s->told.queue, line->field[QUEUE]);
	if (*line->field[P1 + 1] != '\0')
		set(&s->number, &s->told.number, line->field[P1 + 1]);
	s->told.state = QUEUE_LOG_WAITS;
	if (s->told.joined_ms == 0)
		s->told.joined_ms = line->time_ms;
	s->told.left_ms = 0;
}

/* The stay in which somebody talks.  Who has left is in none until he comes
 * into a queue again: such a line was not Asterisk's. */
static struct stay *
talk_of(struct queue_log *l, const struct line *line)
{
	struct stay *s = stay_of(l, line);

	if (s == NULL || (s->told.state != QUEUE_LOG_LEFT &&
			  s->told.state != QUEUE_LOG_GONE))
		return s;
	l->bad++;
	return NULL;
}

static void
on_connect(struct queue_log *l, const struct line *line)
{
	struct stay *s = talk_of(l, line);

	if (s == NULL)
		return;
	s->told.state = QUEUE_LOG_TALKS;
	s->told.left_ms = s->told.began_ms = line->time_ms;
	waited(s, line, 1);
}

static void
on_complete(struct queue_log *l, const struct line *line)
{
	struct stay *s = talk_of(l, line);
	int64_t seconds = 0;

	if (s == NULL)
		return;
	s->told.state = QUEUE_LOG_TALKED;
	s->told.ended_ms = line->time_ms;
	if (s->told.began_ms > 0)
		return;
	(void)text_int64(&seconds, line->field[P1 + 1], 0, INT64_C(10000000));
	s->told.began_ms = line->time_ms - seconds * 1000;
	s->told.left_ms = s->told.began_ms;
}

static void
leaves(struct queue_log *l, const struct line *line, enum queue_log_state state,
       int wait)
{
	struct stay *s = stay_of(l, line);

	if (s == NULL)
		return;
	/* Whoever gives up waits, whatever stood there before. */
	s->told.began_ms = s->told.ended_ms = 0;
	s->told.state = state;
	s->told.left_ms = line->time_ms;
	waited(s, line, wait);
}

static void
on_abandon(struct queue_log *l, const struct line *line)
{
	leaves(l, line, QUEUE_LOG_GONE, 3);
}

static void
on_time_out(struct queue_log *l, const struct line *line)
{
	leaves(l, line, QUEUE_LOG_LEFT, 3);
}

static void
on_key(struct queue_log *l, const struct line *line)
{
	leaves(l, line, QUEUE_LOG_LEFT, 4);
}

/* Asterisk began anew: whoever was there is not any more. */
static void
on_start(struct queue_log *l, const struct line *line)
{
	for (size_t i = 0; i < l->count; i++) {
		struct queue_log_stay *s = &l->stays[i]->told;

		if (s->state == QUEUE_LOG_WAITS) {
			s->state = QUEUE_LOG_GONE;
			s->left_ms = line->time_ms;
		} else if (s->state == QUEUE_LOG_TALKS) {
			s->state = QUEUE_LOG_TALKED;
			s->ended_ms = line->time_ms;
		}
	}
}

static void
take(struct queue_log *l, const struct line *line)
{
	static const struct {
		const char *event;
		void (*act)(struct queue_log *, const struct line *);
	} rows[] = {
		{ "ENTERQUEUE", on_enter },
		{ "CONNECT", on_connect },
		{ "COMPLETEAGENT", on_complete },
		{ "COMPLETECALLER", on_complete },
		{ "TRANSFER", on_complete },
		{ "BLINDTRANSFER", on_complete },
		{ "ATTENDEDTRANSFER", on_complete },
		{ "ABANDON", on_abandon },
		{ "EXITWITHTIMEOUT", on_time_out },
		{ "EXITEMPTY", on_time_out },
		{ "WITHDRAW", on_time_out },
		{ "SYSCOMPAT", on_time_out },
		{ "EXITWITHKEY", on_key },
		{ "QUEUESTART", on_start },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].event, line->field[EVENT]) == 0)
			rows[i].act(l, line);
	}
}

/* ---- lines -------------------------------------------------------------- */

static bool
is_text(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return false;
	}
	return true;
}

/* In place.  False where it is no line of a queue_log. */
static bool
split(struct line *ret, char *s, size_t len)
{
	struct line line;
	int64_t seconds;
	size_t n = 0;

	if (len > 0 && s[len - 1] == '\r')
		s[--len] = '\0';
	if (!is_text(s, len))
		return false;
	for (size_t i = 0; i < FIELDS; i++)
		line.field[i] = "";
	for (char *at = s; at != NULL && n < FIELDS; n++) {
		line.field[n] = at;
		at = strchr(at, '|');
		if (at != NULL)
			*at++ = '\0';
	}
	if (n <= EVENT || *line.field[UNIQUEID] == '\0' ||
	    *line.field[EVENT] == '\0' ||
	    text_int64(&seconds, line.field[0], 1, INT64_C(99999999999)) < 0)
		return false;
	line.time_ms = seconds * 1000;
	*ret = line;
	return true;
}

static void
take_line(struct queue_log *l)
{
	struct line line;

	if (l->line.len == 0)
		return;
	if (split(&line, l->line.data, l->line.len)) {
		if (l->first_ms == 0)
			l->first_ms = line.time_ms;
		take(l, &line);
	} else {
		l->bad++;
	}
	l->line.len = 0;
	l->line.data[0] = '\0';
}

static void
add_piece(struct queue_log *l, const char *s, size_t len)
{
	if (l->skips)
		return;
	if (l->line.len + len > QUEUE_LOG_LINE) {
		l->skips = true;
		l->line.len = 0;
		l->bad++;
		return;
	}
	text_add(&l->line, s, len);
}

void
queue_log_add(struct queue_log *l, const char *s, size_t len)
{
	while (len > 0) {
		const char *end = memchr(s, '\n', len);
		size_t piece = end != NULL ? (size_t)(end - s) : len;

		add_piece(l, s, piece);
		if (end == NULL)
			return;
		if (!l->skips)
			take_line(l);
		l->skips = false;
		s = end + 1;
		len -= piece + 1;
	}
}

void
queue_log_end(struct queue_log *l)
{
	if (l->line.len > 0)
		l->bad++;
	l->line.len = 0;
	l->skips = false;
}

size_t
queue_log_count(const struct queue_log *l)
{
	return l->count;
}

const struct queue_log_stay *
queue_log_at(const struct queue_log *l, size_t i)
{
	return &l->stays[i]->told;
}

int64_t
queue_log_first_ms(const struct queue_log *l)
{
	return l->first_ms;
}

size_t
queue_log_bad(const struct queue_log *l)
{
	return l->bad;
}
