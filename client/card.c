#include "client/card.h"

#include <stdio.h>
#include <string.h>

#include "client/clock.h"
#include "client/field.h"
#include "client/words.h"

/* Columns of a wide page: names of fields, first and second text. */
enum { AT_NAME = 1, AT_FIRST = 11, AT_SECOND = 36, AT_TIER = 31, AT_KIND = 45 };

static void
begin(struct page *p, const char *name)
{
	page_at(p, AT_NAME);
	page_put(p, PAGE_DIM, "%s", name);
	page_at(p, AT_FIRST);
}

void
card_head(struct page *p, const json_t *card)
{
	const json_t *item = field_obj(card, "item");
	int64_t tries = field_int(item, "tries", 0) + 1;
	int64_t most = field_int(item, "tries_max", 0);
	char right[64], name[256];

	page_at(p, 1);
	page_put(p, PAGE_BOLD, "%lld", (long long)field_int(item, "number", 0));
	page_at(p, 7);
	page_clean(p, name, sizeof name, words_who(item));
	page_cut(p, name, AT_TIER - 8);
	page_put(p, PAGE_BOLD, "%s", name);
	page_at(p, AT_TIER);
	page_put(p, PAGE_PLAIN, "%s%s", field_str(item, "tier"),
		 field_bool(item, "unknown") ? " *" : "");
	page_at(p, AT_KIND);
	page_put(p, PAGE_PLAIN, "%s, %s", field_str(item, "kind"),
		 field_str(item, "queue"));
	if (strcmp(field_str(item, "kind"), "complaint") == 0)
		snprintf(right, sizeof right, "severity %lld",
			 (long long)field_int(item, "severity", 1));
	else
		snprintf(right, sizeof right, "try %lld of %lld",
			 (long long)tries, (long long)most);
	if (strcmp(field_str(item, "state"), "closed") != 0 &&
	    (most > 0 || strncmp(right, "try", 3) != 0))
		page_right(p, PAGE_PLAIN, right);
	page_end(p);
}

static void
print_call(struct page *p, const json_t *item, int64_t now)
{
	const char *phone = field_str(item, "phone");
	int64_t calls = field_int(item, "calls", 0);
	int64_t last = field_time(item, "last_at");
	char at[32], more[160] = "";

	begin(p, "call");
	page_put(p, PAGE_BOLD, "%s",
		 *words_phone(item) != '\0' ? words_phone(item) : "no number");
	if (last >= 0)
		clock_at(at, sizeof at, last, now);
	if (calls > 1)
		snprintf(more, sizeof more, "rang %lld times, last at %s",
			 (long long)calls, last >= 0 ? at : "?");
	else if (calls == 1 && last >= 0)
		snprintf(more, sizeof more, "rang once, at %s", at);
	if (strcmp(phone, words_phone(item)) == 0)
		phone = "";
	if (*phone != '\0' || *more != '\0') {
		page_at(p, AT_SECOND);
		page_put(p, PAGE_PLAIN, "%s%s%s", phone,
			 *phone != '\0' && *more != '\0' ? ", " : "", more);
	}
	page_end(p);
}

static void
print_due(struct page *p, const json_t *item, int64_t now)
{
	int64_t due = field_time(item, "due");
	int64_t kept = field_time(item, "promise_at");
	char at[32], span[32];

	if (strcmp(field_str(item, "promise"), "kept") == 0) {
		if (kept >= 0)
			clock_at(at, sizeof at, kept, now);
		page_put(p, PAGE_PLAIN, "kept%s%s", kept >= 0 ? " at " : "",
			 kept >= 0 ? at : "");
		return;
	}
	if (due < 0) {
		page_put(p, PAGE_PLAIN, "no time");
		return;
	}
	clock_at(at, sizeof at, due, now);
	clock_words(span, sizeof span, due > now ? due - now : now - due);
	page_put(p, PAGE_BOLD, "%s", at);
	if (due > now)
		page_put(p, PAGE_PLAIN, ", in %s", span);
	else
		page_put(p, PAGE_ALARM, ", LATE %s", span);
}

static void
print_promise(struct page *p, const json_t *item, int64_t now)
{
	int64_t since = field_time(item, "since");
	int64_t used = field_int(item, "used", -1);
	int64_t target = field_int(item, "target_ms", 0);
	char at[32] = "", span[32];

	begin(p, "promised");
	print_due(p, item, now);
	if (since >= 0)
		clock_at(at, sizeof at, since, now);
	page_at(p, AT_SECOND);
	if (*at != '\0')
		page_put(p, PAGE_PLAIN, "waits since %s", at);
	if (used >= 0 && target > 0) {
		clock_words(span, sizeof span, target);
		page_put(p, PAGE_PLAIN, "%s%lld %% of %s used",
			 *at != '\0' ? ", " : "", (long long)used, span);
	}
	page_end(p);
}

static void
print_language(struct page *p, const json_t *card, const json_t *item)
{
	const json_t *customer = field_obj(card, "customer");
	const char *code = field_str(item, "language");
	const char *zone = field_str(customer, "timezone");
	char place[64];

	if (*code == '\0')
		code = field_str(customer, "language");
	if (*zone == '\0')
		zone = field_str(card, "tz");
	clock_place(place, sizeof place, zone);
	if (*code == '\0' && !field_has(customer, "here_time"))
		return;
	begin(p, "speaks");
	page_put(p, PAGE_PLAIN, "%s",
		 *code != '\0' ? words_language(code) : "not known");
	if (field_has(customer, "here_time")) {
		page_at(p, AT_SECOND);
		page_put(p, PAGE_PLAIN, "%s there%s%s%s",
			 field_str(customer, "here_time"),
			 *place != '\0' ? " (" : "", place,
			 *place != '\0' ? ")" : "");
	}
	page_end(p);
}

static void
print_customer(struct page *p, const json_t *card, const json_t *item)
{
	const json_t *c = field_obj(card, "customer");
	const char *own = field_str(c, "agent");
	int64_t since = field_time(c, "since");
	char text[128] = "";

	if (c == NULL)
		return;
	if (field_bool(c, "never_call")) {
		page_at(p, AT_NAME);
		page_put(p, PAGE_ALARM,
			 "NEVER CALL: this customer asked not to be "
			 "called.");
		page_end(p);
	}
	if (*own != '\0' && strcmp(own, field_str(item, "agent")) == 0)
		own = "you";
	begin(p, "own agent");
	page_put(p, PAGE_PLAIN, "%s", *own != '\0' ? own : "none");
	if (since >= 0)
		snprintf(text, sizeof text, "since %d, ", clock_year(since));
	page_at(p, AT_SECOND);
	page_put(p, PAGE_PLAIN, "%svalue %lld%s", text,
		 (long long)field_int(c, "value", 0),
		 field_bool(c, "shared") ? ", shared number" : "");
	page_end(p);
	if (!field_has(c, "prefers"))
		return;
	begin(p, "prefers");
	page_wrap(p, field_str(c, "prefers"), 2);
	page_end(p);
}

static void
print_text(struct page *p, const json_t *item)
{
	static const char *const extra[] = { "category", "link" };
	char quoted[2048];
	size_t i;

	if (field_has(item, "text")) {
		snprintf(quoted, sizeof quoted, "\"%s\"",
			 field_str(item, "text"));
		begin(p, "says");
		page_wrap(p, quoted, 6);
		page_end(p);
	}
	for (i = 0; i < 2; i++) {
		if (!field_has(item, extra[i]))
			continue;
		begin(p, extra[i]);
		page_put(p, PAGE_PLAIN, "%s", field_str(item, extra[i]));
		page_end(p);
	}
}

static void
print_also(struct page *p, const json_t *list, int64_t now)
{
	char promise[128], text[256];
	size_t i;

	for (i = 0; i < json_array_size(list) && i < 5; i++) {
		const json_t *item = json_array_get(list, i);

		begin(p, i == 0 ? "also open" : "");
		page_put(p, PAGE_PLAIN, "%lld %s",
			 (long long)field_int(item, "number", 0),
			 field_str(item, "kind"));
		page_at(p, AT_SECOND);
		words_promise(promise, sizeof promise, item, now);
		if (field_has(item, "text"))
			snprintf(text, sizeof text, "\"%.100s\", %.60s",
				 field_str(item, "text"),
				 field_str(item, "queue"));
		else
			snprintf(text, sizeof text, "%.60s, %.100s",
				 field_str(item, "queue"), promise);
		page_put(p, PAGE_PLAIN, "%s", text);
		page_end(p);
	}
}

static void
print_before(struct page *p, const json_t *list)
{
	char day[32], code[64];
	size_t i;

	for (i = 0; i < json_array_size(list) && i < 5; i++) {
		const json_t *b = json_array_get(list, i);
		int64_t at = field_time(b, "at");

		if (at >= 0)
			clock_day(day, sizeof day, at);
		words_code(code, sizeof code, field_str(b, "what"));
		begin(p, i == 0 ? "before" : "");
		page_put(p, PAGE_PLAIN, "%s", at >= 0 ? day : "");
		page_at(p, 19);
		page_put(p, PAGE_PLAIN, "%s", field_str(b, "agent"));
		page_at(p, 25);
		page_put(p, PAGE_PLAIN, "%s", code);
		if (field_has(b, "note")) {
			page_at(p, AT_SECOND);
			page_wrap(p, field_str(b, "note"), 2);
		}
		page_end(p);
	}
}

void
card_print(struct page *p, const json_t *card, int64_t now)
{
	card_head(p, card);
	page_rule(p);
	card_body(p, card, now);
}

void
card_body(struct page *p, const json_t *card, int64_t now)
{
	const json_t *item = field_obj(card, "item");
	char quoted[1024];

	print_call(p, item, now);
	print_promise(p, item, now);
	print_language(p, card, item);
	print_customer(p, card, item);
	print_text(p, item);
	print_also(p, field_list(card, "also"), now);
	print_before(p, field_list(card, "before"));
	if (!field_has(card, "say_first"))
		return;
	snprintf(quoted, sizeof quoted, "\"%s\"", field_str(card, "say_first"));
	begin(p, "say first");
	page_wrap(p, quoted, 3);
	page_end(p);
}

void
card_told(struct page *p, const json_t *card, int64_t now)
{
	const json_t *told = field_list(card, "told");
	size_t n = json_array_size(told), i;
	char at[32];

	for (i = n > 3 ? n - 3 : 0; i < n; i++) {
		const json_t *t = json_array_get(told, i);
		int64_t ms = field_time(t, "at");

		page_at(p, 1);
		if (ms >= 0)
			clock_at(at, sizeof at, ms, now);
		page_put(p, PAGE_BOLD, "%s%s", ms >= 0 ? at : "",
			 ms >= 0 ? " " : "");
		page_wrap(p, field_str(t, "text"), 3);
		page_end(p);
	}
}

void
card_foot(struct page *p, const json_t *card, int64_t now)
{
	int64_t until = field_time(field_obj(card, "item"), "hold_until");
	char at[32];

	card_told(p, card, now);
	page_rule(p);
	page_at(p, 1);
	if (until >= 0) {
		clock_at(at, sizeof at, until, now);
		page_put(p, PAGE_PLAIN, "Yours until %s. ", at);
	}
	page_put(p, PAGE_PLAIN,
		 "Next: ringback done, done no-answer, later WHEN, release");
	page_end(p);
}

/* Most entries are what they say; of the others the kind is a part of it. */
static void
history_text(char *buf, size_t size, const json_t *h)
{
	static const char *const plain[] = { "event", "note", "outcome" };
	const char *type = field_str(h, "type"), *text = field_str(h, "text");
	char words[64];
	size_t i;

	words_code(words, sizeof words, type);
	if (strcmp(type, "released") == 0)
		snprintf(words, sizeof words, "given back");
	for (i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if (strcmp(type, plain[i]) == 0 && *text != '\0')
			words[0] = '\0';
	if (strcmp(type, "moved") == 0)
		snprintf(buf, size, "moved to %s", text);
	else
		snprintf(buf, size, "%s%s%s", words,
			 *words != '\0' && *text != '\0' ? ": " : "", text);
}

void
card_history(struct page *p, const json_t *card)
{
	const json_t *list = field_list(card, "history");
	char at[32], text[2048];
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *h = json_array_get(list, i);
		int64_t ms = field_time(h, "at");

		if (ms >= 0)
			clock_stamp(at, sizeof at, ms);
		page_at(p, 1);
		page_put(p, PAGE_PLAIN, "%s", ms >= 0 ? at : "");
		page_at(p, 15);
		page_put(p, PAGE_PLAIN, "%s", field_str(h, "actor"));
		page_at(p, 24);
		history_text(text, sizeof text, h);
		page_wrap(p, text, 6);
		page_end(p);
	}
}
