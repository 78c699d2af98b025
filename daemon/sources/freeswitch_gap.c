#include "daemon/sources/freeswitch_gap.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/sources/esl.h"
#include "daemon/sources/freeswitch_calls.h"
#include "daemon/sources/freeswitch_table.h"

#define MOST_QUEUES 500
#define MOST_COLUMNS 32
/* So often the link may break over a list of members, in a row: it may be the
 * list that is too long. */
#define MOST_BREAKS 2

struct freeswitch_gap {
	struct freeswitch_gap_options o;
	char *queues[MOST_QUEUES]; /* owned; not asked yet */
	size_t queue_count;
	char session[FREESWITCH_ID_SIZE]; /* that is asked for */
	int64_t since_ms;
	bool asking;     /* an answer is still to come */
	unsigned breaks; /* see MOST_BREAKS */
};

/*
 *	freeswitch_gap_close	"callcenter_config queue list"
 *	on_queues		their names
 *	ask_queue, on_members	of one after the other
 *	ask_channel, on_channel	of one caller after the other
 */
static void on_queues(void *, enum esl_end, const char *);
static void ask_queue(struct freeswitch_gap *);
static void on_members(void *, enum esl_end, const char *);
static void ask_channel(struct freeswitch_gap *);
static void on_channel(void *, enum esl_end, const char *);

static void
ask(struct freeswitch_gap *g, const char *command, esl_answered *answered)
{
	const struct esl_ask what = { .command = command,
				      .answered = answered,
				      .cookie = g };

	g->asking = esl_ask(g->o.esl, &what) == 0;
}

static void
forget_queues(struct freeswitch_gap *g)
{
	while (g->queue_count > 0)
		free(g->queues[--g->queue_count]);
}

void
freeswitch_gap_close(struct freeswitch_gap *g, int64_t since_ms)
{
	if (g->asking)
		return;
	forget_queues(g);
	g->since_ms = since_ms;
	if (g->breaks < MOST_BREAKS) {
		ask(g, "callcenter_config queue list", on_queues);
		return;
	}
	g->breaks = 0;
	ask_channel(g);
}

/* What is sent back is of a bounded kind. */
static bool
is_word(const char *s, size_t len)
{
	return len > 0 && len < 128 &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			 "0123456789._@-") >= len;
}

/* The next line of a list, and where the one after it begins. */
static const char *
next_line(const char **at, size_t *ret_len)
{
	const char *line = *at;

	if (*line == '\0')
		return NULL;
	*ret_len = strcspn(line, "\n");
	*at = line + *ret_len + (line[*ret_len] == '\n');
	return line;
}

static void
on_queues(void *cookie, enum esl_end end, const char *said)
{
	struct freeswitch_gap *g = cookie;
	const char *line;
	size_t len;

	g->asking = false;
	/* Without mod_callcenter it is refused. */
	if (end != ESL_DONE)
		said = "";
	(void)next_line(&said, &len); /* names of the columns */
	while ((line = next_line(&said, &len)) != NULL) {
		size_t n = strcspn(line, "|\n");

		if (line[n] == '|' && is_word(line, n) &&
		    g->queue_count < MOST_QUEUES)
			g->queues[g->queue_count++] = text_dup_n(line, n);
	}
	ask_queue(g);
}

static void
ask_queue(struct freeswitch_gap *g)
{
	char *command;

	if (g->queue_count == 0) {
		ask_channel(g);
		return;
	}
	g->queue_count--;
	command = text_print("callcenter_config queue list members %s",
			     g->queues[g->queue_count]);
	free(g->queues[g->queue_count]);
	ask(g, command, on_members);
	free(command);
}

/* Cuts a line in place: columns[i] of the row, or of their names. */
static size_t
cut_columns(char *line, char *columns[MOST_COLUMNS])
{
	size_t n = 0;

	while (n < MOST_COLUMNS) {
		char *bar = strchr(line, '|');

		columns[n++] = line;
		if (bar == NULL)
			break;
		*bar = '\0';
		line = bar + 1;
	}
	return n;
}

struct rows { /* a list: the names of its columns, the row that is read */
	char *head, *line; /* owned */
	char *names[MOST_COLUMNS], *values[MOST_COLUMNS];
	size_t count;
};

static const char *
value_of(const struct rows *r, const char *name)
{
	for (size_t i = 0; i < r->count; i++) {
		if (strcmp(r->names[i], name) == 0)
			return r->values[i];
	}
	return "";
}

static int64_t
epoch_of(const struct rows *r, const char *name)
{
	int64_t s;

	if (text_int64(&s, value_of(r, name), 0, INT64_C(99999999999)) < 0)
		return 0;
	return s;
}

static void
take(struct freeswitch_gap *g, const struct rows *r)
{
	const struct freeswitch_row row = {
		.queue = value_of(r, "queue"),
		.member = value_of(r, "uuid"),
		.session = value_of(r, "session_uuid"),
		.number = value_of(r, "cid_number"),
		.name = value_of(r, "cid_name"),
		.state = value_of(r, "state"),
		.joined_s = epoch_of(r, "joined_epoch"),
		.left_s = epoch_of(r, "abandoned_epoch"),
	};
	struct tracker_now now;

	g->o.now(g->o.cookie, &now);
	freeswitch_calls_row(g->o.calls, &row, g->since_ms, &now);
}

/* A name with a bar in it makes a row with too many columns: whose it is cannot
 * be told. */
static void
read_members(struct freeswitch_gap *g, const char *said)
{
	struct rows r = { 0 };
	const char *line;
	size_t len;

	line = next_line(&said, &len);
	if (line == NULL)
		return;
	r.head = text_dup_n(line, len);
	r.count = cut_columns(r.head, r.names);
	while ((line = next_line(&said, &len)) != NULL) {
		r.line = text_dup_n(line, len);
		if (cut_columns(r.line, r.values) == r.count && r.count > 3)
			take(g, &r);
		free(r.line);
	}
	free(r.head);
}

static void
on_members(void *cookie, enum esl_end end, const char *said)
{
	struct freeswitch_gap *g = cookie;

	g->asking = false;
	if (end == ESL_LOST && !esl_is_up(g->o.esl)) {
		g->breaks++;
		return;
	}
	g->breaks = 0;
	if (end == ESL_DONE)
		read_members(g, said);
	ask_queue(g);
}

static void
be_sure(struct freeswitch_gap *g, bool lives)
{
	struct tracker_now now;

	g->o.now(g->o.cookie, &now);
	freeswitch_calls_sure(g->o.calls, g->session, lives, &now);
}

static void
ask_channel(struct freeswitch_gap *g)
{
	const char *session = NULL;
	char command[FREESWITCH_ID_SIZE + 16];

	if (!esl_is_up(g->o.esl))
		return;
	while ((session = freeswitch_calls_unsure(g->o.calls)) != NULL) {
		(void)snprintf(g->session, sizeof g->session, "%s", session);
		if (is_word(session, strlen(session)))
			break;
		be_sure(g, true);
	}
	if (session == NULL)
		return;
	(void)snprintf(command, sizeof command, "uuid_exists %s", g->session);
	ask(g, command, on_channel);
}

/* Of whom it says nothing, the last event will tell. */
static void
on_channel(void *cookie, enum esl_end end, const char *said)
{
	struct freeswitch_gap *g = cookie;

	g->asking = false;
	if (end == ESL_LOST && !esl_is_up(g->o.esl))
		return;
	be_sure(g, end != ESL_DONE || strncmp(said, "false", 5) != 0);
	ask_channel(g);
}

struct freeswitch_gap *
freeswitch_gap_new(const struct freeswitch_gap_options *o)
{
	struct freeswitch_gap *g = text_alloc(sizeof *g);

	g->o = *o;
	return g;
}

void
freeswitch_gap_free(struct freeswitch_gap *g)
{
	if (g == NULL)
		return;
	forget_queues(g);
	free(g);
}
