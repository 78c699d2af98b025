#include "client/look.h"

#include <stdio.h>
#include <string.h>

#include "client/card.h"
#include "client/clock.h"
#include "client/field.h"
#include "client/history.h"
#include "client/sources.h"
#include "client/table.h"
#include "client/words.h"

static void
status_held(struct page *p, const json_t *me, int64_t now)
{
	const json_t *held = field_obj(me, "held");
	const json_t *item = field_obj(held, "item");
	char promise[160];

	if (item == NULL)
		item = held;
	if (item == NULL) {
		page_say(p, "You hold nothing.");
		return;
	}
	words_promise(promise, sizeof promise, item, now);
	page_say(p, "You hold %lld %s, %s, %s.",
		 (long long)field_int(item, "number", 0), words_name(item),
		 words_phone(item), promise);
}

int
look_status(struct cmd *c)
{
	int64_t now = clock_now_ms(), waiting;
	const char *hint = "next, or ringback work for the whole day";
	char queues[512];
	struct answer a;
	struct path p;
	bool holds, paused;

	path_init(&p, "/v1/me");
	if (!cmd_send(c, "GET", &p, NULL, &a))
		return cmd_finish(c, &a);
	paused = strcmp(field_str(a.json, "duty"), "paused") == 0;
	page_say(c->page, "%s, %s at %s, %s. Today: done %lld, tried %lld.",
		 field_str(a.json, "name"), field_str(a.json, "role"),
		 field_has(a.json, "site") ? field_str(a.json, "site")
					   : "this site",
		 paused                                         ? "paused"
		 : strcmp(field_str(a.json, "duty"), "on") == 0 ? "on duty"
								: "off duty",
		 (long long)field_int(a.json, "done", 0),
		 (long long)field_int(a.json, "tried", 0));
	holds = field_obj(a.json, "held") != NULL;
	status_held(c->page, a.json, now);
	field_join(queues, sizeof queues, field_list(a.json, "queues"));
	waiting = field_int(a.json, "waiting", 0);
	if (holds)
		hint = field_has(a.json, "phone")
			   ? "call, done, done no-answer, later WHEN, release"
			   : "done, done no-answer, later WHEN, release";
	else if (paused)
		hint = "resume";
	if (*queues != '\0')
		page_say(c->page, "Your queues: %s; %lld %s there.", queues,
			 (long long)waiting, waiting == 1 ? "waits" : "wait");
	else
		page_say(c->page,
			 "You serve no queue yet. A supervisor can change "
			 "that: ringback agents add QUEUE %s",
			 field_str(a.json, "name"));
	if (field_has(a.json, "phone"))
		page_say(c->page, "Your phone: %s.",
			 field_str(a.json, "phone"));
	if (*queues != '\0')
		page_say(c->page, "Next: ringback %s", hint);
	answer_done(&a);
	return EXIT_DONE;
}

/* Who was never rung is not rung again. */
static const char *
scheduled_word(const json_t *item)
{
	const char *why = field_str(item, "why");

	if (strcmp(why, "appointment") == 0)
		return "agreed";
	return strcmp(why, "window") == 0 && field_int(item, "tries", 0) == 0
		   ? "to be rung from"
		   : "rung again";
}

static void
show_state(struct page *p, const json_t *item, int64_t now)
{
	char text[160], reason[64], agreed[400];

	page_at(p, 1);
	page_put(p, PAGE_DIM, "state");
	page_at(p, 11);
	if (strcmp(field_str(item, "state"), "closed") == 0) {
		words_code(reason, sizeof reason, field_str(item, "reason"));
		page_put(p, PAGE_PLAIN, "closed%s%s",
			 *reason != '\0' ? ", " : "", reason);
	} else if (strcmp(field_str(item, "state"), "scheduled") == 0) {
		if (!words_agreed(agreed, sizeof agreed, item, now)) {
			words_later(text, sizeof text, item, now);
			snprintf(agreed, sizeof agreed, "%s", text);
		}
		page_put(p, PAGE_PLAIN, "%s %s", scheduled_word(item), agreed);
	} else {
		page_put(p, PAGE_PLAIN, "%s%s%s", field_str(item, "state"),
			 field_has(item, "agent") ? ", " : "",
			 field_str(item, "agent"));
	}
	page_end(p);
}

/* What closing a complaint asks for. */
static void
show_findings(struct page *p, const json_t *item)
{
	static const char *const names[] = { "cause", "correction" };
	const char *accepted = "-";
	size_t i;

	for (i = 0; i < 2; i++) {
		page_at(p, 1);
		page_put(p, PAGE_DIM, "%s", names[i]);
		page_at(p, 12);
		page_wrap(p,
			  field_has(item, names[i]) ? field_str(item, names[i])
						    : "-",
			  4);
		page_end(p);
	}
	if (field_bool(item, "accepted"))
		accepted = "yes";
	else if (field_false(item, "accepted"))
		accepted = "no";
	page_at(p, 1);
	page_put(p, PAGE_DIM, "accepted");
	page_at(p, 12);
	page_put(p, PAGE_PLAIN, "%s", accepted);
	page_end(p);
}

int
look_show(struct cmd *c)
{
	const char *word = cmd_word(c, 0);
	int64_t now = clock_now_ms();
	const json_t *item;
	struct answer a;
	struct path p;

	if (cmd_count(c) > 1 || (word != NULL && !args_is_item(word)))
		return cmd_usage(c, "show takes the number of one item.");
	path_init(&p, "/v1/items/");
	path_part(&p, word != NULL ? args_item(word) : "held");
	if (!cmd_send(c, "GET", &p, NULL, &a))
		return cmd_finish(c, &a);
	item = field_obj(a.json, "item");
	card_print(c->page, a.json, now);
	show_state(c->page, item, now);
	if (strcmp(field_str(item, "kind"), "complaint") == 0)
		show_findings(c->page, item);
	card_told(c->page, a.json, now);
	if (json_array_size(field_list(a.json, "history")) > 0) {
		page_end(c->page);
		history_print(c->page, a.json);
	}
	if (strcmp(field_str(item, "kind"), "complaint") == 0 &&
	    strcmp(field_str(item, "state"), "closed") != 0) {
		page_end(c->page);
		page_say(c->page,
			 "To close: ringback done %lld --cause TEXT "
			 "--correction TEXT --accepted yes",
			 (long long)field_int(item, "number", 0));
	}
	answer_done(&a);
	return EXIT_DONE;
}

static void
explain_sum(struct page *p, const json_t *sum, const char *who)
{
	char target[32], queue[100] = "";

	if (field_has(sum, "queue"))
		snprintf(queue, sizeof queue, " in %.90s",
			 field_str(sum, "queue"));
	clock_words(target, sizeof target, field_int(sum, "target_ms", 0));
	page_say(p,
		 "%s %s%s: weight %g x severity weight %g x %lld %% of %s used "
		 "= %.2f",
		 who, field_str(sum, "tier"), queue,
		 field_real(sum, "tier_weight", 0),
		 field_real(sum, "severity_weight", 0),
		 (long long)field_int(sum, "used", 0), target,
		 field_real(sum, "priority", 0));
}

int
look_explain(struct cmd *c)
{
	const char *word = cmd_word(c, 0);
	char who[64], list[256];
	const json_t *next;
	struct answer a;
	struct path p;

	if (cmd_count(c) > 1 || (word != NULL && !args_is_item(word)))
		return cmd_usage(c, "explain takes the number of one item.");
	path_init(&p, "/v1/items/");
	path_part(&p, word != NULL ? args_item(word) : "held");
	path_query(&p, "explain", "1");
	if (!cmd_send(c, "GET", &p, NULL, &a))
		return cmd_finish(c, &a);
	snprintf(who, sizeof who, "%lld",
		 (long long)field_int(a.json, "number", 0));
	if (field_int(a.json, "position", 0) > 0)
		page_say(c->page,
			 "%s is number %lld in the order of handing out%s%s.",
			 who, (long long)field_int(a.json, "position", 0),
			 field_has(a.json, "queue") ? " in " : "",
			 field_str(a.json, "queue"));
	else
		page_say(c->page, "%s is %s.", who, field_str(a.json, "state"));
	explain_sum(c->page, field_obj(a.json, "sum"), who);
	next = field_obj(a.json, "runner_up");
	if (next != NULL) {
		snprintf(who, sizeof who, "after it: %lld",
			 (long long)field_int(next, "number", 0));
		explain_sum(c->page, next, who);
	}
	field_join(list, sizeof list, field_list(a.json, "may_pull"));
	if (*list != '\0')
		page_say(c->page, "May be taken by: %s.", list);
	if (field_has(a.json, "rule"))
		page_say(c->page, "%s", field_str(a.json, "rule"));
	answer_done(&a);
	return EXIT_DONE;
}

static void
percent(char *buf, size_t size, int64_t part, int64_t whole)
{
	if (whole > 0 && part >= 0 && part <= whole)
		snprintf(buf, size, "%lld %%", (long long)(part * 100 / whole));
	else
		snprintf(buf, size, "-");
}

static void
queue_row(struct table *t, const json_t *q, int64_t now)
{
	bool open = field_bool(q, "open");
	int64_t change = field_time(q, open ? "till" : "opens");
	int64_t due = field_time(q, "next_due");
	char when[48], n[4][24], agents[48], next[48] = "-", kept[32], at[32];
	static const char *const counts[] = { "waiting", "at_risk", "late",
					      "held" };
	const char *cells[9];
	size_t i;

	if (change >= 0)
		clock_at(at, sizeof at, change, now);
	snprintf(when, sizeof when, "%s%s", open && change >= 0 ? "till " : "",
		 change >= 0 ? at : (open ? "always" : "closed"));
	for (i = 0; i < 4; i++)
		snprintf(n[i], sizeof n[i], "%lld",
			 (long long)field_int(q, counts[i], 0));
	snprintf(agents, sizeof agents, "%lld of %lld",
		 (long long)field_int(q, "agents_on", 0),
		 (long long)field_int(q, "agents", 0));
	if (due >= 0 && open)
		clock_due(next, sizeof next, due, now);
	else if (due >= 0)
		clock_at(next, sizeof next, due, now);
	percent(kept, sizeof kept, field_int(q, "kept", -1),
		field_int(q, "promises", 0));
	cells[0] = field_str(q, "queue");
	cells[1] = when;
	cells[2] = n[0];
	cells[3] = open ? n[1] : "-";
	cells[4] = open ? n[2] : "-";
	cells[5] = n[3];
	cells[6] = open ? agents : "closed";
	cells[7] = next;
	cells[8] = kept;
	table_row(t, cells);
	if (open && field_int(q, "late", 0) > 0)
		table_alarm(t, 4);
	if (strncmp(next, "late", 4) == 0)
		table_alarm(t, 7);
}

/* Who waits where nobody looks would wait for ever. */
static void
say_unserved(struct page *p, const json_t *queues)
{
	size_t i;

	for (i = 0; i < json_array_size(queues); i++) {
		const json_t *q = json_array_get(queues, i);
		int64_t waiting = field_int(q, "waiting", 0);

		if (waiting > 0 && field_int(q, "agents", -1) == 0)
			page_say(p,
				 " Nobody serves %s, where %lld %s: ringback "
				 "agents add %s NAME",
				 field_str(q, "queue"), (long long)waiting,
				 waiting == 1 ? "waits" : "wait",
				 field_str(q, "queue"));
	}
}

/* What made no item today, by reason: nobody is dropped unseen. */
static void
print_aside(struct page *p, json_t *aside)
{
	char text[512] = "";
	const char *reason;
	json_t *count;
	size_t len = 0;

	json_object_foreach(aside, reason, count)
	{
		snprintf(text + len, sizeof text - len, "%s%lld %s",
			 len > 0 ? ", " : "",
			 (long long)json_integer_value(count), reason);
		len = strlen(text);
	}
	if (len > 0)
		page_say(p, " Set aside today: %s.", text);
}

int
look_queues(struct cmd *c)
{
	static const struct table_head heads[] = {
		{ "queue", TABLE_CUT, 0 },     { "open", TABLE_LEFT, 5 },
		{ "waiting", TABLE_RIGHT, 0 }, { "at risk", TABLE_RIGHT, 2 },
		{ "late", TABLE_RIGHT, 0 },    { "held", TABLE_RIGHT, 6 },
		{ "agents", TABLE_RIGHT, 3 },  { "next due", TABLE_RIGHT, 1 },
		{ "kept", TABLE_RIGHT, 4 }
	};
	int64_t now = clock_now_ms(), waiting = 0, promises, kept;
	const json_t *list, *today, *journal;
	struct table *t;
	struct answer a;
	struct path p;
	char share[32];
	size_t i;

	if (cmd_count(c) > 0)
		return cmd_usage(c, "queues takes no words.");
	path_init(&p, "/v1/queues");
	if (!cmd_send(c, "GET", &p, NULL, &a))
		return cmd_finish(c, &a);
	list = field_list(a.json, "queues");
	t = table_new(c->page, heads, 9);
	for (i = 0; i < json_array_size(list); i++) {
		queue_row(t, json_array_get(list, i), now);
		waiting += field_int(json_array_get(list, i), "waiting", 0);
	}
	table_end(t);
	today = field_obj(a.json, "today");
	promises = field_int(today, "promises", 0);
	kept = field_int(today, "kept", 0);
	percent(share, sizeof share, kept, promises);
	page_end(c->page);
	page_say(c->page,
		 " %lld waiting. Today %lld of %lld promises kept (%s), "
		 "%lld got through.",
		 (long long)waiting, (long long)kept, (long long)promises,
		 share, (long long)field_int(today, "got_through", 0));
	say_unserved(c->page, list);
	print_aside(c->page, json_object_get(a.json, "aside"));
	sources_line(c->page, field_list(a.json, "sources"), now);
	journal = field_obj(a.json, "journal");
	if (field_has(journal, "says"))
		page_say(c->page, " Journal: %s", field_str(journal, "says"));
	answer_done(&a);
	return EXIT_DONE;
}
