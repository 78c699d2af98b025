#include "client/card.h"

#include <stdio.h>
#include <string.h>

#include "client/calling.h"
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
	page_clean(p, name, sizeof name, words_name(item));
	page_cut(p, name, AT_TIER - 8);
	page_put(p, PAGE_BOLD, "%s", name);
	page_at(p, AT_TIER);
	page_put(p, PAGE_PLAIN, "%s%s", field_str(item, "tier"),
		 field_bool(item, "unknown") ? " *" : "");
	if (p->width < 80)
		page_end(p);
	page_at(p, p->width < 80 ? 7 : AT_KIND);
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

/* "rang 3 times, last at 10:17" */
static void
say_rang(char *buf, size_t size, const json_t *item, int64_t now)
{
	int64_t calls = field_int(item, "calls", 0);
	int64_t last = field_time(item, "last_at");
	char at[32] = "?";

	buf[0] = '\0';
	if (last >= 0)
		clock_at(at, sizeof at, last, now);
	if (calls > 1)
		snprintf(buf, size, "rang %lld times, last at %s",
			 (long long)calls, at);
	else if (calls == 1 && last >= 0)
		snprintf(buf, size, "rang once, at %s", at);
}

static void
print_call(struct page *p, const json_t *item, int64_t now)
{
	const char *phone = field_str(item, "phone");
	int64_t waited = field_int(item, "waited_s", 0);
	char rang[96], span[32];

	begin(p, "call");
	page_put(p, PAGE_BOLD, "%s",
		 *words_phone(item) != '\0' ? words_phone(item) : "no number");
	say_rang(rang, sizeof rang, item, now);
	/* Of somebody without a name the number is all there is: once. */
	if (strcmp(phone, words_phone(item)) == 0 ||
	    *words_phone(item) == '+' || words_who(item) != words_name(item))
		phone = "";
	if (*phone != '\0' || *rang != '\0') {
		page_at(p, AT_SECOND);
		page_put(p, PAGE_PLAIN, "%s%s%s", phone,
			 *phone != '\0' && *rang != '\0' ? ", " : "", rang);
	}
	if (waited > 0) {
		clock_talk(span, sizeof span, waited);
		page_put(p, PAGE_PLAIN, ", waited %s in the queue", span);
	}
	page_end(p);
}

/* The try that is made just now, or was, through the telephone system. */
static void
print_calling(struct page *p, const json_t *calling, int64_t now)
{
	bool ended = strcmp(field_str(calling, "state"), "ended") == 0;
	int64_t at = field_time(calling, "called_at");
	char text[64], when[32] = "";

	if (!field_has(calling, "state"))
		return;
	calling_short(text, sizeof text, calling);
	if (at >= 0)
		clock_at(when, sizeof when, at, now);
	begin(p, ended ? "called" : "calling");
	page_put(p, PAGE_PLAIN, "%s%s%s", ended ? when : "",
		 ended && *when != '\0' ? ", " : "", text);
	page_end(p);
}

static bool
is_state(const json_t *item, const char *state)
{
	return strcmp(field_str(item, "state"), state) == 0;
}

static void
put_due(struct page *p, int64_t due, int64_t now, enum page_style late)
{
	char at[32], span[32];

	clock_at(at, sizeof at, due, now);
	clock_words(span, sizeof span, due > now ? due - now : now - due);
	page_put(p, PAGE_BOLD, "%s", at);
	if (due > now)
		page_put(p, PAGE_PLAIN, ", in %s", span);
	else if (late == PAGE_ALARM)
		page_put(p, PAGE_ALARM, ", LATE %s", span);
	else
		page_put(p, PAGE_PLAIN, ", %s ago", span);
}

/* "13:26, broken (7 min late)", "13:26, kept at 13:24": the promised instant
 * is known while the item is open, or by how late the try was. */
static void
put_settled(struct page *p, const json_t *item, int64_t now)
{
	bool closed = is_state(item, "closed");
	bool kept = strcmp(words_settled(item), "kept") == 0;
	int64_t done = field_time(item, "promise_at");
	int64_t late = closed ? field_int(item, "late_ms", -1) : -1;
	int64_t due = closed ? field_time(item, "due") : -1;
	char at[32] = "", was[32] = "", span[32];

	if (due < 0 && done >= 0 && late > 0)
		due = done - late;
	if (late < 0 && due >= 0 && done > due)
		late = done - due;
	if (due >= 0)
		clock_at(was, sizeof was, due, now);
	if (done >= 0)
		clock_at(at, sizeof at, done, now);
	clock_span(span, sizeof span, late);
	page_put(p, kept ? PAGE_PLAIN : PAGE_ALARM, "%s%s%s", was,
		 *was != '\0' ? ", " : "", words_settled(item));
	if (!kept && late > 0)
		page_put(p, PAGE_PLAIN, " (%s late)", span);
	else if (*at != '\0')
		page_put(p, PAGE_PLAIN, " %s%s", strlen(at) == 5 ? "at " : "",
			 at);
}

/* What there is of a promise: settled, running, or standing still. */
static void
put_promise(struct page *p, const json_t *item, int64_t now)
{
	int64_t due = field_time(item, "due"), at = field_time(item, "try_at");
	int64_t late = field_int(item, "late_ms", 0);
	char text[32];

	if (*words_settled(item) != '\0') {
		put_settled(p, item, now);
	} else if (is_state(item, "closed")) {
		page_put(p, PAGE_PLAIN, "closed without a try");
	} else if (due >= 0) {
		put_due(p, due, now, PAGE_ALARM);
	} else if (late > 0) {
		clock_words(text, sizeof text, late);
		page_put(p, PAGE_ALARM, "LATE %s", text);
	} else if (is_state(item, "scheduled") && at >= 0) {
		clock_at(text, sizeof text, at, now);
		page_put(p, PAGE_PLAIN, "counts from %s", text);
	} else {
		page_put(p, PAGE_PLAIN, "when it opens");
	}
}

static void
print_waited(struct page *p, const json_t *item, int64_t now)
{
	int64_t since = field_time(item, "since");
	int64_t used = field_int(item, "used", -1);
	int64_t target = field_int(item, "target_ms", 0);
	bool closed = is_state(item, "closed");
	char at[32] = "", span[32], text[160] = "";
	size_t len;

	if (since >= 0) {
		clock_at(at, sizeof at, since, now);
		snprintf(text, sizeof text, "%s since %s",
			 closed ? "was open" : "waits", at);
	}
	/* Of a retry it is no promise that is used up. */
	if (used >= 0 && target > 0 && *words_settled(item) == '\0') {
		clock_words(span, sizeof span, target);
		len = strlen(text);
		snprintf(text + len, sizeof text - len, "%s%lld %% of %s used",
			 len > 0 ? ", " : "", (long long)used, span);
	}
	page_at(p, AT_SECOND);
	page_put(p, PAGE_PLAIN, "%s", text);
}

static void
print_promise(struct page *p, const json_t *item, int64_t now)
{
	int64_t due = field_time(item, "due");
	int64_t at = field_time(item, "try_at");

	begin(p, "promised");
	put_promise(p, item, now);
	print_waited(p, item, now);
	page_end(p);
	if (*words_settled(item) == '\0' || is_state(item, "closed"))
		return;
	if (is_state(item, "scheduled"))
		due = at;
	if (due < 0)
		return;
	begin(p, "next try");
	page_put(p, PAGE_PLAIN, "due ");
	put_due(p, due, now, PAGE_PLAIN);
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

/* The quote is cut where there is no room, not the queue behind it. */
static void
quote(struct page *p, char *buf, size_t size, const json_t *item)
{
	char said[400], queue[100];
	int room;

	page_clean(p, queue, sizeof queue, field_str(item, "queue"));
	page_clean(p, said, sizeof said, field_str(item, "text"));
	room = p->width - p->col - page_cells(p, queue) - 4;
	page_cut(p, said, room > 10 ? room : 10);
	snprintf(buf, size, "\"%s\", %s", said, queue);
}

static void
print_also(struct page *p, const json_t *list, int64_t now)
{
	char promise[160], text[512];
	size_t i;

	for (i = 0; i < json_array_size(list) && i < 5; i++) {
		const json_t *item = json_array_get(list, i);

		begin(p, i == 0 ? "also open" : "");
		page_put(p, PAGE_PLAIN, "%lld %s",
			 (long long)field_int(item, "number", 0),
			 field_str(item, "kind"));
		page_at(p, AT_SECOND);
		if (field_has(item, "text")) {
			quote(p, text, sizeof text, item);
		} else {
			words_promise(promise, sizeof promise, item, now);
			snprintf(text, sizeof text, "%.60s, %.100s",
				 field_str(item, "queue"), promise);
		}
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

/* When it was agreed to ring, and with whom. */
static void
print_agreed(struct page *p, const json_t *item, int64_t now)
{
	int64_t at = field_time(item, "try_at");
	char text[400], span[32];

	if (is_state(item, "closed") ||
	    !words_agreed(text, sizeof text, item, now))
		return;
	begin(p, "agreed");
	page_wrap(p, text, 3);
	if (now - at >= 60000) {
		clock_words(span, sizeof span, now - at);
		page_put(p, PAGE_ALARM, ", LATE %s", span);
	}
	page_end(p);
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
	print_calling(p, field_obj(card, "calling"), now);
	print_promise(p, item, now);
	print_agreed(p, item, now);
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
