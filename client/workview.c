#include "client/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/card.h"
#include "client/clock.h"
#include "client/field.h"
#include "client/nothing.h"
#include "client/words.h"

/* With few rows there are no blank lines and rules, and one line of keys. */
static bool
is_low(void)
{
	return screen_rows() < 16;
}

static void
put_gap(struct page *p)
{
	if (!is_low())
		page_end(p);
}

static void
put_rule(struct page *p)
{
	if (!is_low())
		page_rule(p);
}

/* The queues in so many cells: all of them, or "sales +3", or nothing. */
static void
fit_queues(struct page *p, char *buf, size_t size, const json_t *queues,
	   int room)
{
	size_t n = json_array_size(queues), i, len = 0;
	const char *first = json_string_value(json_array_get(queues, 0));
	char all[512] = "", clean[512];

	for (i = 0; i < n; i++) {
		const char *q = json_string_value(json_array_get(queues, i));

		snprintf(all + len, sizeof all - len, "%s%s", i > 0 ? " " : "",
			 q != NULL ? q : "?");
		len = strlen(all);
	}
	page_clean(p, clean, sizeof clean, all);
	if (page_cells(p, clean) > room && n > 1) {
		snprintf(all, sizeof all, "%.100s +%zu",
			 first != NULL ? first : "?", n - 1);
		page_clean(p, clean, sizeof clean, all);
	}
	snprintf(buf, size, "%s", page_cells(p, clean) <= room ? clean : "");
}

static void
draw_head(struct page *p, const struct work *w, int64_t now)
{
	const json_t *queues = field_list(w->me, "queues");
	char day[16], at[16], counts[96], right[160], list[512] = "", name[64];
	int room, i;

	clock_weekday(day, sizeof day, now);
	clock_seconds(at, sizeof at, now);
	at[5] = '\0';
	page_at(p, 1);
	page_clean(p, name, sizeof name, field_str(w->me, "name"));
	page_cut(p, name, p->width - (w->paused ? 21 : 13));
	page_put(p, PAGE_BOLD, "work  %s", name);
	if (w->paused)
		page_put(p, PAGE_ALARM, "  PAUSED");
	snprintf(counts, sizeof counts,
		 "done %lld  tried %lld  waiting %lld   ",
		 (long long)field_int(w->me, "done", 0),
		 (long long)field_int(w->me, "tried", 0),
		 (long long)field_int(w->me, "waiting", 0));
	/* The queues come before the weekday, and that before the counts. */
	for (i = 0, room = -1; i < 3 && *list == '\0'; i++) {
		if (room >= 0 && json_array_size(queues) == 0)
			break;
		snprintf(right, sizeof right, "%s%s%s%s", i < 2 ? counts : "",
			 i == 0 ? day : "", i == 0 ? " " : "", at);
		room = p->width - p->col - 3 - (int)strlen(right);
		fit_queues(p, list, sizeof list, queues, room);
	}
	if (*list != '\0')
		page_put(p, PAGE_PLAIN, "  %s", list);
	page_right(p, PAGE_PLAIN, right);
	page_end(p);
	put_rule(p);
}

/* The card is of one instant, so that all of it ages together. */
static int64_t
card_now(const struct work *w, int64_t now)
{
	return w->gone_ms == 0 && now - w->card_ms < 60000 && now >= w->card_ms
		   ? w->card_ms
		   : now;
}

/* How a call goes stands below, and newer than the card. */
static void
draw_card(struct page *p, const struct work *w, int64_t now)
{
	json_t *card = json_copy(w->card);

	(void)json_object_del(card, "calling");
	card_head(p, card);
	put_gap(p);
	card_body(p, card, card_now(w, now));
	put_gap(p);
	card_told(p, card, now);
	json_decref(card);
}

static void
draw_upper(struct page *p, struct work *w, int64_t now)
{
	draw_head(p, w, now);
	if (w->card != NULL) {
		draw_card(p, w, now);
	} else if (work_types(w)) {
		page_say(p, " The next one comes when this line is ended.");
	} else if (w->paused) {
		page_say(p, " Paused: you are off duty, nothing is handed to "
			    "you. p goes on.");
	} else if (w->nothing != NULL) {
		page_say(p,
			 " Nothing to call now. The next one comes by itself.");
		nothing_reasons(p, w->nothing, now);
	} else {
		page_say(p, " Looking for the next one ...");
	}
	put_gap(p);
}

/* The key of an outcome, or NULL: Enter records it anyway. */
static const char *
key_of(const char *outcome)
{
	static const char *const keys[][2] = { { "done", "d" },
					       { "no-answer", "n" },
					       { "voicemail", "v" },
					       { "busy", "b" } };
	size_t i;

	for (i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (strcmp(keys[i][0], outcome) == 0)
			return keys[i][1];
	return NULL;
}

/* What may come next, when a call has ended. */
static void
put_proposal(struct page *p, const struct work *w)
{
	const char *outcome = workcall_proposes(w), *key = key_of(outcome);
	char word[64], text[160];

	words_code(word, sizeof word, outcome);
	if (strcmp(outcome, "done") == 0)
		snprintf(text, sizeof text,
			 "Enter or d: done. v: a voicemail answered.");
	else if (*outcome != '\0')
		snprintf(text, sizeof text, "Enter%s%s records %s.",
			 key != NULL ? " or " : "", key != NULL ? key : "",
			 word);
	else
		snprintf(text, sizeof text, "c rings once more.");
	page_at(p, p->col + 1);
	page_put(p, PAGE_BOLD, "%s", text);
}

/* How the call goes stays there, whatever is told below it. */
static void
draw_calling(struct page *p, const struct work *w, int64_t now)
{
	char text[600];

	if (*w->calling.id == '\0' || w->card == NULL)
		return;
	calling_says(text, sizeof text, &w->calling, field_obj(w->card, "item"),
		     now);
	page_at(p, 1);
	page_wrap(p, text, is_low() ? 2 : 4);
	if (calling_has_ended(&w->calling))
		put_proposal(p, w);
	page_end(p);
}

static void
draw_said(struct page *p, const struct work *w, int64_t now)
{
	char span[32];

	draw_calling(p, w, now);

	if (w->gone_ms != 0) {
		clock_words(span, sizeof span, clock_mono_ms() - w->gone_ms);
		page_at(p, 1);
		page_put(p, PAGE_ALARM, "daemon gone, trying again (since %s)",
			 span);
		page_end(p);
	}
	if (*w->said != '\0') {
		page_at(p, 1);
		page_wrap(p, w->said, is_low() ? 2 : 100);
		page_end(p);
	} else if (*w->undoes != '\0' && *w->calling.id == '\0' &&
		   !(is_low() && w->gone_ms != 0)) {
		page_say(p, " u takes back: %s", w->undoes);
	}
	put_rule(p);
}

static void
draw_prompt(struct page *p, const char *what, const struct work *w,
	    const char *help)
{
	page_at(p, 1);
	page_wrap(p, what, 1);
	page_at(p, p->col + 1);
	page_wrap(p, w->line.text, 8);
	page_put(p, PAGE_PLAIN, "_");
	page_end(p);
	if (!work_strays(w))
		page_say(p, "   %s", help);
	else if (w->mode == WORK_NOTE)
		page_say(p,
			 "   %s is no longer yours. Enter keeps the note with "
			 "it, Esc throws it away.",
			 w->line_for);
	else
		page_say(p, "   %s is no longer yours. Esc goes on.",
			 w->line_for);
}

static void
draw_echo(struct page *p, const struct work *w, int64_t now)
{
	char when[200], until[32];
	int64_t end = field_time(w->echo, "until");

	words_later(when, sizeof when, w->echo, now);
	if (end >= 0)
		clock_at(until, sizeof until, end, now);
	page_say(p, " later: %s", w->line.text);
	if (w->anyone)
		page_say(p, "   %s. Anyone may ring.", when);
	else
		page_say(p, "   %s.%s%s%s", when,
			 end >= 0 ? " Yours until " : "", end >= 0 ? until : "",
			 end >= 0 ? ", then anyone's." : "");
	page_say(p, "   Enter keep   a %s   Esc back",
		 w->anyone ? "mine first" : "anyone may");
}

static void
draw_leave(struct page *p, const struct work *w, int64_t now)
{
	const json_t *item = field_obj(w->card, "item");
	int64_t until = field_time(item, "hold_until");
	char promise[160], at[32] = "";

	words_promise(promise, sizeof promise, item, now);
	if (until >= 0)
		clock_at(at, sizeof at, until, now);
	page_say(p, " You still hold %lld %s, %s.",
		 (long long)field_int(item, "number", 0), words_who(item),
		 promise);
	page_say(
	    p, "   k keep it%s%s%s   r give it back now   Esc go on working",
	    *at != '\0' ? " (yours until " : "", at, *at != '\0' ? ")" : "");
}

static void
draw_hang_up(struct page *p, const struct work *w)
{
	page_say(p, " End the call with %s?",
		 words_who(field_obj(w->card, "item")));
	page_say(p, "   c hang up   any other key goes on");
}

/* A key and its word stay together, whatever the width. */
static void
put_key(struct page *p, const char *text)
{
	char clean[96];

	page_clean(p, clean, sizeof clean, text);
	if (p->col > 1 && p->col + 3 + page_cells(p, clean) > p->width)
		page_end(p);
	page_at(p, p->col > 0 ? p->col + 3 : 1);
	page_put(p, PAGE_PLAIN, "%s", clean);
}

/* "g goodwill": the site's own outcomes that have a key. */
static void
draw_own_keys(struct page *p, const struct work *w)
{
	const json_t *list = field_list(w->me, "outcomes");
	char text[80], name[64];
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);

		if (!field_has(o, "key") || !field_has(o, "name"))
			continue;
		words_code(name, sizeof name, field_str(o, "name"));
		snprintf(text, sizeof text, "%.4s %s", field_str(o, "key"),
			 name);
		put_key(p, text);
	}
	if (p->col > 0)
		page_end(p);
}

static void
draw_help(struct page *p, const struct work *w)
{
	static const char *const lines[] = {
		" c call: rings your phone, then the customer; again: hangs up",
		" Enter records what the end of a call proposes",
		" d done  n no answer  v voicemail  b busy: what came of the "
		"try",
		" l later: at a time, in the customer's zone",
		" o other code: reached left-message wrong-number bad-number",
		"   other-person declined never-call, and your site's own",
		" m note  t to a queue, an agent or up  r give back  u undo "
		"the last",
		" p pause, and go on  q quit  Ctrl-L draw again",
		" Any key goes back.",
	};
	size_t i;

	draw_own_keys(p, w);
	for (i = 0; i < sizeof lines / sizeof lines[0]; i++)
		page_say(p, "%s", lines[i]);
}

static void
draw_keys(struct page *p, const struct work *w)
{
	static const char *const tries[] = { "d done",      "n no answer",
					     "v voicemail", "b busy",
					     "l later",     "o other code" };
	static const char *const acts[] = { "m note", "t to ...",
					    "r give back" };
	size_t i;

	if (is_low() && w->card != NULL) {
		put_key(p, "c d n v b l o m t r u p q");
		put_key(p, "? keys");
		page_end(p);
		return;
	}
	if (w->card != NULL)
		put_key(p, calling_goes_on(&w->calling) ? "c end" : "c call");
	for (i = 0; w->card != NULL && i < 6; i++)
		put_key(p, tries[i]);
	if (w->card != NULL) {
		page_end(p);
		draw_own_keys(p, w);
	}
	for (i = 0; w->card != NULL && i < 3; i++)
		put_key(p, acts[i]);
	put_key(p, "u undo");
	put_key(p, w->paused ? "p go on" : "p pause");
	put_key(p, "q quit");
	put_key(p, "? all keys");
	page_end(p);
}

static void
draw_lower(struct page *p, const struct work *w, int64_t now)
{
	draw_said(p, w, now);
	switch (w->mode) {
	case WORK_KEYS: draw_keys(p, w); break;
	case WORK_NOTE:
		draw_prompt(p, "note:", w, "Enter keep   Esc back");
		break;
	case WORK_TO:
		draw_prompt(
		    p, "to:", w,
		    "a queue, an agent, or up   Enter do it   Esc back");
		break;
	case WORK_OTHER:
		draw_prompt(
		    p, "outcome:", w,
		    "reached left-message wrong-number bad-number other-person "
		    "declined never-call ...   Esc back");
		break;
	case WORK_LATER:
		draw_prompt(
		    p, "later when?", w,
		    "such as: tomorrow 10, wed 14:30, in 20m   Esc back");
		break;
	case WORK_PHONE:
		draw_prompt(p, "your phone?", w,
			    "such as: 1001; it is kept, and then rings   Esc "
			    "back");
		break;
	case WORK_HANG_UP: draw_hang_up(p, w); break;
	case WORK_ECHO: draw_echo(p, w, now); break;
	case WORK_LEAVE: draw_leave(p, w, now); break;
	case WORK_HELP: draw_help(p, w); break;
	}
}

void
workview_draw(struct work *w)
{
	char *upper = NULL, *lower = NULL;
	size_t upper_len = 0, lower_len = 0;
	int64_t now = clock_now_ms();
	struct page p;
	FILE *f;

	f = open_memstream(&upper, &upper_len);
	if (f == NULL)
		return;
	page_init(&p, f, STDOUT_FILENO);
	draw_upper(&p, w, now);
	fclose(f);
	f = open_memstream(&lower, &lower_len);
	if (f != NULL) {
		page_init(&p, f, STDOUT_FILENO);
		draw_lower(&p, w, now);
		fclose(f);
		screen_draw(&w->screen, upper, lower, w->changed);
	}
	free(upper);
	free(lower);
	w->changed = false;
}
