#include "client/sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/buf.h"
#include "client/clock.h"
#include "client/field.h"
#include "client/table.h"

#define CLOCK_MS 2000 /* a greater difference is a wrong clock */
#define REASONS 20    /* of a source, that are shown */

/* Each type has a page that says how it is set up. */
static const struct {
	const char *type;
	const char *page;
} pages[] = {
	{ "asterisk", "ringback-asterisk(7)" },
	{ "freeswitch", "ringback-freeswitch(7)" },
};

static const char *
page_of(const json_t *s)
{
	size_t i;

	for (i = 0; i < sizeof pages / sizeof pages[0]; i++)
		if (strcmp(pages[i].type, field_str(s, "type")) == 0)
			return pages[i].page;
	return "ringback-push(7)";
}

static const char *
name_of(const json_t *s)
{
	return field_has(s, "name") ? field_str(s, "name")
				    : field_str(s, "source");
}

static bool
is_down(const json_t *s)
{
	return strcmp(field_str(s, "state"), "down") == 0;
}

/* Who is down is not called silent besides. */
static const char *
state_word(const json_t *s)
{
	if (is_down(s))
		return "DOWN";
	return field_bool(s, "silent") ? "SILENT" : field_str(s, "state");
}

static int64_t
state_since(const json_t *s)
{
	return field_bool(s, "silent") && !is_down(s)
		   ? field_time(s, "silent_since")
		   : field_time(s, "since");
}

static int64_t
clock_off(const json_t *s)
{
	return llabs(field_int(s, "clock_ms", 0));
}

static void
source_row(struct table *t, const json_t *s, int64_t now)
{
	int64_t since = state_since(s), last = field_time(s, "last_at");
	char from[32], ago[64] = "none yet", events[24], rejects[24];
	char off[32] = "", span[32];
	const char *cells[8];

	if (since >= 0)
		clock_at(from, sizeof from, since, now);
	clock_span(span, sizeof span, now - last);
	if (last >= 0)
		snprintf(ago, sizeof ago, "%s ago", span);
	snprintf(events, sizeof events, "%lld",
		 (long long)field_int(s, "events", 0));
	snprintf(rejects, sizeof rejects, "%lld",
		 (long long)field_int(s, "rejects", 0));
	if (clock_off(s) > CLOCK_MS)
		clock_span(off, sizeof off, clock_off(s));
	cells[0] = name_of(s);
	cells[1] = field_str(s, "type");
	cells[2] = state_word(s);
	cells[3] = since >= 0 ? from : "";
	cells[4] = ago;
	cells[5] = events;
	cells[6] = rejects;
	cells[7] = off;
	table_row(t, cells);
	if (is_down(s) || field_bool(s, "silent"))
		table_alarm(t, 2);
	if (field_int(s, "rejects", 0) > 0)
		table_alarm(t, 6);
}

/* A sentence of outside text, ended once. */
static const char *
full_stop(const char *s)
{
	size_t len = strlen(s);

	return len > 0 && strchr(".!?", s[len - 1]) != NULL ? "" : ".";
}

static void
say_down(struct page *p, const json_t *s, int64_t now)
{
	int64_t since = field_time(s, "since");
	const char *why = field_str(s, "why");
	char at[32] = "";

	if (since >= 0)
		clock_at(at, sizeof at, since, now);
	page_say(p, " %s is DOWN%s%s%s%s%s", name_of(s),
		 since >= 0 ? " since " : "", at, *why != '\0' ? ": " : "", why,
		 full_stop(why));
	page_say(p,
		 "   Calls missed there are not heard of meanwhile. Does it "
		 "run, may this machine reach it, are user and secret right? "
		 "See %s, and: journalctl -u ringbackd",
		 page_of(s));
}

static void
say_silent(struct page *p, const json_t *s, int64_t now)
{
	int64_t since = field_time(s, "silent_since");
	char at[32] = "";

	if (since >= 0)
		clock_at(at, sizeof at, since, now);
	page_say(p, " %s is SILENT%s%s, longer than is usual at this hour.",
		 name_of(s), since >= 0 ? " since " : "", at);
	page_say(p,
		 "   Ring a number of it and hang up: comes nothing, it does "
		 "not tell us any more. See %s",
		 page_of(s));
}

static void
say_rejects(struct page *p, const json_t *s)
{
	const json_t *reasons = field_list(s, "reasons");
	size_t n = json_array_size(reasons), i;

	page_say(p,
		 " %s: %lld rejected, and no call-back came of %s:", name_of(s),
		 (long long)field_int(s, "rejects", 0),
		 field_int(s, "rejects", 0) == 1 ? "it" : "them");
	for (i = 0; i < n && i < REASONS; i++) {
		const json_t *r = json_array_get(reasons, i);

		page_say(p, "   %5lld  %s", (long long)field_int(r, "count", 0),
			 field_has(r, "reason") ? field_str(r, "reason")
						: "no reason given");
	}
	if (n > REASONS)
		page_say(p, "   and %zu other reasons", n - REASONS);
	page_say(p,
		 "   Each is told in: journalctl -u ringbackd; what is "
		 "taken, in %s",
		 page_of(s));
}

static void
say_clock(struct page *p, const json_t *s)
{
	char off[32];

	clock_words(off, sizeof off, clock_off(s));
	page_say(p,
		 " The clocks of %s and of this service differ by %s: promises "
		 "are counted wrong by that. Set them by NTP.",
		 name_of(s), off);
}

static bool
is_well(const json_t *s)
{
	return !is_down(s) && !field_bool(s, "silent") &&
	       field_int(s, "waiting", 0) <= 0 &&
	       field_int(s, "rejects", 0) <= 0 && clock_off(s) <= CLOCK_MS;
}

/* What somebody should do something about. */
static void
say_troubles(struct page *p, const json_t *list, int64_t now)
{
	bool all_well = true;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *s = json_array_get(list, i);

		if (is_well(s))
			continue;
		if (all_well)
			page_end(p);
		all_well = false;
		if (is_down(s))
			say_down(p, s, now);
		else if (field_bool(s, "silent"))
			say_silent(p, s, now);
		if (field_int(s, "waiting", 0) > 0)
			page_say(p,
				 " %s: %lld told and not yet in Redis; they "
				 "are kept until then.",
				 name_of(s),
				 (long long)field_int(s, "waiting", 0));
		if (field_int(s, "rejects", 0) > 0)
			say_rejects(p, s);
		if (clock_off(s) > CLOCK_MS)
			say_clock(p, s);
	}
}

int
sources_run(struct cmd *c)
{
	static const struct table_head heads[] = {
		{ "source", TABLE_CUT, 0 },      { "type", TABLE_LEFT, 5 },
		{ "state", TABLE_LEFT, 0 },      { "since", TABLE_LEFT, 3 },
		{ "last event", TABLE_LEFT, 2 }, { "events", TABLE_RIGHT, 4 },
		{ "rejects", TABLE_RIGHT, 1 },   { "clock off", TABLE_RIGHT, 6 }
	};
	int64_t now = clock_now_ms();
	const json_t *list;
	struct table *t;
	struct answer a;
	struct path p;
	size_t i;

	if (cmd_count(c) > 0)
		return cmd_usage(c, "sources takes no words.");
	path_init(&p, "/v1/sources");
	if (!cmd_send(c, "GET", &p, NULL, &a))
		return cmd_finish(c, &a);
	list = field_list(a.json, "sources");
	if (json_array_size(list) == 0) {
		page_say(c->page,
			 "Nobody tells of calls yet. A telephone system: "
			 "ringback.conf(5), source. By hand: ringback add call "
			 "NUMBER");
	} else {
		t = table_new(c->page, heads, 8);
		for (i = 0; i < json_array_size(list); i++)
			source_row(t, json_array_get(list, i), now);
		table_end(t);
		say_troubles(c->page, list, now);
	}
	answer_done(&a);
	return EXIT_DONE;
}

/* "up (last call 12 s ago)", "up (4 min)", "DOWN since 09:58" */
static void
add_state(struct buf *b, const json_t *s, int64_t now, bool first)
{
	int64_t since = state_since(s), last = field_time(s, "last_at");
	bool wrong = is_down(s) || field_bool(s, "silent");
	char at[32], span[32];

	buf_str(b, name_of(s));
	if (*state_word(s) != '\0')
		buf_str(b, " ");
	buf_str(b, state_word(s));
	if (wrong && since >= 0) {
		clock_at(at, sizeof at, since, now);
		buf_str(b, " since ");
		buf_str(b, at);
	} else if (!wrong && last >= 0) {
		clock_span(span, sizeof span, now - last);
		buf_str(b, first ? " (last call " : " (");
		buf_str(b, span);
		buf_str(b, first ? " ago)" : ")");
	} else if (!wrong) {
		buf_str(b, " (no call yet)");
	}
}

void
sources_line(struct page *p, const json_t *list, int64_t now_ms)
{
	bool first = true;
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *s = json_array_get(list, i);

		if (*name_of(s) == '\0')
			continue;
		buf_str(&b, b.len > 0 ? ", " : "");
		add_state(&b, s, now_ms, first);
		/* What the first such span means, the others mean too. */
		if (!is_down(s) && !field_bool(s, "silent") &&
		    field_time(s, "last_at") >= 0)
			first = false;
	}
	if (b.len > 0)
		page_say(p, " Sources: %s", b.data);
	buf_done(&b);
}
