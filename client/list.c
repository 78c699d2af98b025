#include "client/list.h"

#include <stdio.h>
#include <string.h>

#include "client/clock.h"
#include "client/field.h"
#include "client/table.h"
#include "client/words.h"

#define PAGES 200 /* no list is longer than 40,000 */
#define DAY_MS INT64_C(86400000)

struct list {
	struct cmd *c;
	struct table *table;
	int64_t now;
	int64_t rows;
	int64_t total;
	bool wide;    /* the queue has room */
	bool unknown; /* an unknown caller stands there */
};

static void
state_cell(char *buf, size_t size, const json_t *item, int64_t now)
{
	const char *state = field_str(item, "state");
	int64_t at = field_time(item, "try_at"), most;
	char when[32];

	if (strcmp(state, "closed") == 0) {
		words_code(buf, size, field_str(item, "reason"));
		return;
	}
	if (strcmp(state, "scheduled") != 0 || at < 0) {
		snprintf(buf, size, "%s", state);
		return;
	}
	clock_at(when, sizeof when, at, now);
	most = field_int(item, "tries_max", 0);
	if (strcmp(field_str(item, "why"), "retry") == 0 && most > 0)
		snprintf(buf, size, "%s %lld/%lld", when,
			 (long long)field_int(item, "tries", 0) + 1,
			 (long long)most);
	else
		snprintf(buf, size, "%s", when);
}

static void
due_cell(char *buf, size_t size, const json_t *item, int64_t now)
{
	int64_t due = field_time(item, "due");

	if (strcmp(field_str(item, "promise"), "kept") == 0)
		snprintf(buf, size, "kept");
	else if (strcmp(field_str(item, "state"), "closed") == 0)
		snprintf(buf, size, "%s", field_str(item, "promise"));
	else if (strcmp(field_str(item, "why"), "appointment") == 0 &&
		 strcmp(field_str(item, "state"), "scheduled") == 0)
		snprintf(buf, size, "appointed");
	else if (due >= 0)
		clock_due(buf, size, due, now);
	else
		snprintf(buf, size, "-");
}

static void
add_item(struct list *l, const json_t *item)
{
	char number[24], tier[96], state[96], due[48];
	const char *with = field_str(item, "agent"), *cells[8];
	size_t n = 0;

	snprintf(number, sizeof number, "%lld",
		 (long long)field_int(item, "number", 0));
	snprintf(tier, sizeof tier, "%.64s%s", field_str(item, "tier"),
		 field_bool(item, "unknown") ? " *" : "");
	state_cell(state, sizeof state, item, l->now);
	due_cell(due, sizeof due, item, l->now);
	if (*with == '\0' && strcmp(field_str(item, "state"), "scheduled") == 0)
		with = "anyone";
	cells[n++] = number;
	cells[n++] = words_who(item);
	cells[n++] = tier;
	cells[n++] = field_str(item, "kind");
	if (l->wide)
		cells[n++] = field_str(item, "queue");
	cells[n++] = state;
	cells[n++] = due;
	cells[n++] = with;
	table_row(l->table, cells);
	if (strncmp(due, "late", 4) == 0)
		table_alarm(l->table, l->wide ? 6 : 5);
	l->rows++;
	l->unknown = l->unknown || field_bool(item, "unknown");
}

static void
list_begin(struct list *l)
{
	static const struct table_head narrow[] = {
		{ "id", TABLE_RIGHT },   { "customer", TABLE_CUT },
		{ "tier", TABLE_LEFT },  { "kind", TABLE_LEFT },
		{ "state", TABLE_LEFT }, { "due", TABLE_LEFT },
		{ "with", TABLE_CUT }
	};
	static const struct table_head wide[] = {
		{ "id", TABLE_RIGHT },  { "customer", TABLE_CUT },
		{ "tier", TABLE_LEFT }, { "kind", TABLE_LEFT },
		{ "queue", TABLE_CUT }, { "state", TABLE_LEFT },
		{ "due", TABLE_LEFT },  { "with", TABLE_CUT }
	};

	l->wide = l->c->page->width >= 100;
	l->table = l->wide ? table_new(l->c->page, wide, 8)
			   : table_new(l->c->page, narrow, 7);
}

static void
list_end(struct list *l)
{
	struct page *p = l->c->page;

	if (l->rows == 0) {
		table_end(l->table);
		page_say(p, "Nothing is open here.");
		return;
	}
	table_end(l->table);
	page_say(
	    p, " %lld of %lld; those that wait, in the order of handing out.%s",
	    (long long)l->rows, (long long)l->total,
	    l->unknown ? "  * unknown caller" : "");
	if (l->rows < l->total)
		page_say(
		    p, " More: ringback list --all, --queue, --tier, --state, "
		       "--agent, --since");
}

static bool
list_path(struct cmd *c, struct path *p, const char *cursor)
{
	const char *since = cmd_option(c, OPT_SINCE);
	bool all = cmd_option(c, OPT_ALL) != NULL;
	int64_t now = clock_now_ms(), ms;
	char text[40];

	path_init(p, "/v1/items");
	path_query(p, "queue", cmd_option(c, OPT_QUEUE));
	path_query(p, "tier", cmd_option(c, OPT_TIER));
	path_query(p, "state", cmd_option(c, OPT_STATE));
	path_query(p, "agent", cmd_option(c, OPT_AGENT));
	path_query(p, "customer", cmd_option(c, OPT_CUSTOMER));
	if (since != NULL && clock_local(&ms, since, now) == 0) {
		/* "10:00" is the last one here, not the next. */
		if (ms > now && strlen(since) <= 5)
			ms -= DAY_MS;
		clock_write(text, sizeof text, ms);
		since = text;
	}
	path_query(p, "since", since);
	path_query(p, "all", all ? "1" : NULL);
	path_query(p, "limit", all ? "200" : "20");
	path_query(p, "cursor", cursor);
	return !p->too_long;
}

/* One page of the list; the cursor of the next, "" at the end. */
static int
list_page(struct list *l, char *cursor, size_t size)
{
	struct cmd *c = l->c;
	const json_t *items;
	struct answer a;
	struct path p;
	bool shown;
	size_t i;

	if (!list_path(c, &p, *cursor != '\0' ? cursor : NULL))
		return cmd_usage(c, "that is too long.");
	shown = cmd_send(c, "GET", &p, NULL, &a);
	snprintf(cursor, size, "%s", field_str(a.json, "cursor"));
	if (!shown)
		return cmd_finish(c, &a);
	if (l->table == NULL)
		list_begin(l);
	items = field_list(a.json, "items");
	for (i = 0; i < json_array_size(items); i++)
		add_item(l, json_array_get(items, i));
	l->total = field_int(a.json, "total", l->rows);
	answer_done(&a);
	return EXIT_DONE;
}

int
list_items(struct cmd *c)
{
	struct list l = { .c = c, .now = clock_now_ms() };
	bool all = cmd_option(c, OPT_ALL) != NULL;
	char cursor[512] = "";
	int page, code = EXIT_DONE;

	if (cmd_count(c) > 0)
		return cmd_usage(c, "list takes no words, only options.");
	for (page = 0; page < PAGES && code == EXIT_DONE; page++) {
		code = list_page(&l, cursor, sizeof cursor);
		if (!all || *cursor == '\0')
			break;
	}
	if (l.table != NULL)
		list_end(&l);
	return code;
}
