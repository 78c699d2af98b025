#include "client/list.h"

#include <stdio.h>
#include <string.h>

#include "client/clock.h"
#include "client/field.h"
#include "client/table.h"
#include "client/when.h"
#include "client/words.h"

#define PAGES 200 /* no list is longer than 40,000 */

struct list {
	struct cmd *c;
	struct table *table;
	int64_t now;
	int64_t rows;
	int64_t total;
	char since[40]; /* for all pages the same */
	bool wide;      /* the queue has room */
	bool unknown;   /* an unknown caller stands there */
	bool waiting;   /* one that waits does */
};

static void
state_cell(char *buf, size_t size, const json_t *item, int64_t now)
{
	const char *state = field_str(item, "state");
	int64_t at = field_time(item, "try_at"), tries, most;
	size_t len;

	if (strcmp(state, "closed") == 0) {
		words_code(buf, size, field_str(item, "reason"));
		return;
	}
	if (strcmp(state, "scheduled") == 0 && at >= 0)
		clock_at(buf, size, at, now);
	else
		snprintf(buf, size, "%s", state);
	tries = field_int(item, "tries", 0);
	most = field_int(item, "tries_max", 0);
	if (tries == 0 || most == 0 || strcmp(state, "held") == 0 ||
	    strcmp(field_str(item, "why"), "appointment") == 0)
		return;
	len = strlen(buf);
	snprintf(buf + len, size - len, " %lld/%lld", (long long)tries + 1,
		 (long long)most);
}

static void
due_cell(char *buf, size_t size, const json_t *item, int64_t now)
{
	const char *state = field_str(item, "state");
	int64_t due = field_time(item, "due");

	/* A retry has no promise: it shows what became of it. */
	if (*words_settled(item) != '\0')
		snprintf(buf, size, "%s", words_settled(item));
	else if (strcmp(state, "scheduled") == 0 &&
		 strcmp(field_str(item, "why"), "appointment") == 0)
		snprintf(buf, size, "appointed");
	else if (due >= 0 && strcmp(state, "closed") != 0)
		clock_due(buf, size, due, now);
	else
		snprintf(buf, size, "-");
}

enum { CUSTOMER = 1, DUE = 6 };

static void
add_item(struct list *l, const json_t *item)
{
	char number[24], tier[96], state[96], due[48];
	const char *with = field_str(item, "agent");
	const char *cells[] = { number,
				words_who(item),
				tier,
				field_str(item, "kind"),
				field_str(item, "queue"),
				state,
				due,
				with };

	snprintf(number, sizeof number, "%lld",
		 (long long)field_int(item, "number", 0));
	snprintf(tier, sizeof tier, "%.64s%s", field_str(item, "tier"),
		 field_bool(item, "unknown") ? " *" : "");
	state_cell(state, sizeof state, item, l->now);
	due_cell(due, sizeof due, item, l->now);
	if (*with == '\0' && strcmp(field_str(item, "state"), "scheduled") == 0)
		cells[7] = "anyone";
	table_row(l->table, cells);
	/* A number that is cut cannot be rung. */
	if (words_who(item) == words_phone(item))
		table_keep(l->table, CUSTOMER);
	if (strncmp(due, "late", 4) == 0)
		table_alarm(l->table, DUE);
	l->rows++;
	l->unknown = l->unknown || field_bool(item, "unknown");
	l->waiting =
	    l->waiting || strcmp(field_str(item, "state"), "waiting") == 0;
}

static void
list_begin(struct list *l)
{
	static const struct table_head heads[] = {
		{ "id", TABLE_RIGHT, 0 },  { "customer", TABLE_CUT, 0 },
		{ "tier", TABLE_LEFT, 2 }, { "kind", TABLE_LEFT, 4 },
		{ "queue", TABLE_CUT, 5 }, { "state", TABLE_LEFT, 1 },
		{ "due", TABLE_RIGHT, 0 }, { "with", TABLE_CUT, 3 }
	};

	l->table = table_new(l->c->page, heads, 8);
}

/* "Nothing is open for queue sales, tier gold." */
static void
say_empty(const struct cmd *c)
{
	static const struct {
		enum args_option option;
		const char *name;
	} filters[] = { { OPT_QUEUE, "queue" },       { OPT_TIER, "tier" },
			{ OPT_STATE, "state" },       { OPT_AGENT, "agent" },
			{ OPT_CUSTOMER, "customer" }, { OPT_SINCE, "since" } };
	bool closed = cmd_option(c, OPT_ALL) != NULL ||
		      cmd_option(c, OPT_STATE) != NULL ||
		      cmd_option(c, OPT_CUSTOMER) != NULL;
	char text[512] = "";
	size_t i, len = 0;

	for (i = 0; i < sizeof filters / sizeof filters[0]; i++) {
		const char *value = cmd_option(c, filters[i].option);

		if (value == NULL)
			continue;
		snprintf(text + len, sizeof text - len, "%s %s %.60s",
			 len > 0 ? "," : " for", filters[i].name, value);
		len = strlen(text);
	}
	page_say(c->page, "Nothing is %s%s.", closed ? "there" : "open", text);
}

static void
list_end(struct list *l)
{
	struct page *p = l->c->page;
	bool part = l->rows < l->total;
	char count[64];

	if (l->rows == 0) {
		table_drop(l->table);
		say_empty(l->c);
		return;
	}
	table_end(l->table);
	if (part)
		snprintf(count, sizeof count, "%lld of %lld shown",
			 (long long)l->rows, (long long)l->total);
	else
		snprintf(count, sizeof count, "%lld %s", (long long)l->rows,
			 l->rows == 1 ? "item" : "items");
	page_say(p, " %s.%s%s", count,
		 l->waiting ? " Those that wait stand in the order of handing "
			      "out."
			    : "",
		 l->unknown ? "  * unknown caller" : "");
	if (part)
		page_say(p, " The rest, and what is closed: ringback list "
			    "--all; or narrow it by --queue, --tier, --state, "
			    "--agent, --since.");
}

/* Reads --since; false: said that it is no time. */
static bool
read_since(struct cmd *c, char *buf, size_t size)
{
	const char *since = cmd_option(c, OPT_SINCE);
	int64_t ms;

	buf[0] = '\0';
	if (since == NULL)
		return true;
	if (when_back(&ms, since, clock_now_ms()) < 0) {
		cmd_usage(c,
			  "--since is a time such as 13:30, 2h, yesterday or "
			  "2026-11-22, not '%.60s'.",
			  since);
		return false;
	}
	clock_write(buf, size, ms);
	return true;
}

static bool
list_path(struct list *l, struct path *p, const char *cursor)
{
	const struct cmd *c = l->c;
	bool all = cmd_option(c, OPT_ALL) != NULL;

	path_init(p, "/v1/items");
	path_query(p, "queue", cmd_option(c, OPT_QUEUE));
	path_query(p, "tier", cmd_option(c, OPT_TIER));
	path_query(p, "state", cmd_option(c, OPT_STATE));
	path_query(p, "agent", cmd_option(c, OPT_AGENT));
	path_query(p, "customer", cmd_option(c, OPT_CUSTOMER));
	path_query(p, "since", *l->since != '\0' ? l->since : NULL);
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

	if (!list_path(l, &p, *cursor != '\0' ? cursor : NULL))
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
	if (!read_since(c, l.since, sizeof l.since))
		return EXIT_USAGE;
	for (page = 0; page < PAGES && code == EXIT_DONE; page++) {
		code = list_page(&l, cursor, sizeof cursor);
		if (!all || *cursor == '\0')
			break;
	}
	if (l.table != NULL)
		list_end(&l);
	return code;
}
