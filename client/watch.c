#include "client/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/buf.h"
#include "client/calling.h"
#include "client/clock.h"
#include "client/field.h"
#include "client/problem.h"
#include "client/sse.h"
#include "client/words.h"

#define NAMES 1024
#define INCOMING_MAX (4U * 1024 * 1024)
#define AGAIN_MS 1000

struct watch {
	struct cmd *c;
	struct call *stream;
	struct buf
	    in; /* came, not yet read: curl may not be used from within */
	struct sse sse;
	bool too_slow;   /* incoming was full: begin again behind the last id */
	bool connected;  /* now */
	bool was_there;  /* ever */
	int64_t gone_ms; /* monotonic; 0 while connected */
	int64_t away_ms; /* Redis is away since then; 0: it is not */
	struct {
		int64_t number;
		char *name; /* owned */
	} names[NAMES];
};

/* How an entry is called on the screen; capitals where somebody must act. */
static const struct {
	const char *code;
	const char *word;
	bool alarm;
} entries[] = {
	{ "at-risk", "at risk", false },
	{ "broken", "BROKEN", true },
	{ "escalated", "ESCALATED", true },
	{ "unreachable", "UNREACHED", true },
	{ "source-down", "DOWN", true },
	{ "source-up", "up", false },
	{ "source-silent", "SILENT", true },
	{ "source-heard", "heard", false },
	{ "held-long", "held long", false },
	{ "hold-lost", "held long", false },
	{ "event", "new", false },
	{ "made", "new", false },
	{ "held", "taken", false },
	{ "released", "given back", false },
	{ "closed", "over", false },
};

static const char *
look_up(struct watch *w, int64_t number)
{
	size_t slot = (size_t)(number % NAMES);
	struct answer a;
	struct path p;
	char text[32];
	struct request r = { .method = "GET", .path = p.text, .timeout_s = 5 };

	if (number <= 0)
		return "";
	if (w->names[slot].number == number)
		return w->names[slot].name;
	snprintf(text, sizeof text, "%lld", (long long)number);
	path_init(&p, "/v1/items/");
	path_part(&p, text);
	ask_do(w->c->ask, &r, &a);
	free(w->names[slot].name);
	/* A name that could not be had now is asked for again. */
	w->names[slot].number = answer_ok(&a) ? number : 0;
	w->names[slot].name =
	    buf_dup(answer_ok(&a) ? words_who(field_obj(a.json, "item")) : "");
	answer_done(&a);
	return w->names[slot].name;
}

static void
add(char *buf, size_t size, const char *before, const char *text)
{
	size_t len = strlen(buf);

	if (*text != '\0')
		snprintf(buf + len, size - len, "%s%s%s", len > 0 ? ", " : "",
			 before, text);
}

/* After a takeover: what had to be told again. */
static void
add_restored(char *buf, size_t size, const json_t *e)
{
	char text[64];

	if (json_object_get(e, "restored") == NULL)
		return;
	snprintf(text, sizeof text, "%lld told again",
		 (long long)field_int(e, "restored", 0));
	add(buf, size, "", text);
	if (field_int(e, "failed", 0) == 0)
		return;
	snprintf(text, sizeof text, "%lld in vain",
		 (long long)field_int(e, "failed", 0));
	add(buf, size, "", text);
}

static void
tail_of(char *buf, size_t size, const json_t *e)
{
	int64_t late = field_int(e, "late_ms", 0),
		used = field_int(e, "used", -1);
	int64_t due = field_time(e, "due");
	bool alert = field_has(e, "alert");
	char text[64];

	buf[0] = '\0';
	if (used >= 0 && alert) {
		snprintf(text, sizeof text, "%lld %%", (long long)used);
		add(buf, size, "", text);
	}
	if (due >= 0 && alert) {
		clock_at(text, sizeof text, due, clock_now_ms());
		add(buf, size, "due ", text);
	}
	add(buf, size, "to ", field_str(e, "to"));
	if (field_has(e, "result")) {
		calling_short(text, sizeof text, e);
		add(buf, size, "", text);
	}
	words_code(text, sizeof text, field_str(e, "outcome"));
	add(buf, size, "", text);
	if (*text != '\0' && field_has(e, "agent")) {
		size_t len = strlen(buf);

		snprintf(buf + len, size - len, " by %s",
			 field_str(e, "agent"));
	} else {
		add(buf, size, "", field_str(e, "agent"));
	}
	if (!alert && field_has(e, "by")) {
		snprintf(text, sizeof text, "by %.40s", field_str(e, "by"));
		add(buf, size, "", text);
		/* What a daemon heard by asking comes from nowhere else. */
		if (strcmp(field_str(e, "origin"), "source") != 0)
			add(buf, size, "from ", field_str(e, "origin"));
	}
	add(buf, size, "", field_str(e, "text"));
	add_restored(buf, size, e);
	if (alert && field_int(e, "held_ms", 0) > 0) {
		clock_words(text, sizeof text, field_int(e, "held_ms", 0));
		add(buf, size, "", text);
	}
	if (late > 0) {
		clock_words(text, sizeof text, late);
		snprintf(text + strlen(text), sizeof text - strlen(text),
			 " late");
		add(buf, size, "", text);
	}
}

/* The clock and what it is: the first columns of each row. */
static void
put_entry(struct page *p, const char *type, const json_t *e)
{
	const char *code = field_has(e, "alert") ? field_str(e, "alert") : type;
	int64_t at = field_time(e, "at");
	char clock[16], word[48];
	bool alarm = false;
	size_t i;

	words_code(word, sizeof word, code);
	for (i = 0; i < sizeof entries / sizeof entries[0]; i++)
		if (strcmp(entries[i].code, code) == 0) {
			snprintf(word, sizeof word, "%s", entries[i].word);
			alarm = entries[i].alarm;
		}
	clock_seconds(clock, sizeof clock, at >= 0 ? at : clock_now_ms());
	page_at(p, 1);
	page_put(p, PAGE_PLAIN, "%s", clock);
	page_at(p, 11);
	page_put(p, alarm ? PAGE_ALARM : PAGE_PLAIN, "%s", word);
	page_at(p, 22);
}

/* "no connection: refused", "after 4 minutes", "since 09:10": of a source. */
static void
source_tail(char *buf, size_t size, const json_t *e)
{
	static const char *const gone[] = { "down_ms", "silent_ms" };
	bool alert = field_has(e, "alert");
	int64_t since = field_time(e, "since");
	char text[64];
	size_t i;

	buf[0] = '\0';
	if (alert && since >= 0 && !field_has(e, "why")) {
		clock_at(text, sizeof text, since, clock_now_ms());
		add(buf, size, "since ", text);
	}
	for (i = 0; i < 2; i++) {
		if (alert || field_int(e, gone[i], 0) <= 0)
			continue;
		clock_words(text, sizeof text, field_int(e, gone[i], 0));
		add(buf, size, "after ", text);
	}
	add(buf, size, "", field_str(e, "why"));
	words_code(text, sizeof text, field_str(e, "reason"));
	add(buf, size, "", text);
	if (field_has(e, "theirs")) {
		snprintf(text, sizeof text, "%.40s is none here",
			 field_str(e, "theirs"));
		add(buf, size, "", text);
	}
	if (strcmp(field_str(e, "type"), "no-queue") == 0)
		add(buf, size, "it is in ", field_str(e, "queue"));
	add(buf, size, "to ", field_str(e, "to"));
}

static void
show_source(struct page *p, const char *type, const json_t *e)
{
	char tail[400];

	put_entry(p, type, e);
	page_put(p, PAGE_PLAIN, "source %s", field_str(e, "source"));
	source_tail(tail, sizeof tail, e);
	if (*tail != '\0' && p->width >= 70) {
		page_at(p, 47);
		page_wrap(p, tail, 3);
	} else if (*tail != '\0') {
		page_put(p, PAGE_PLAIN, ", %s", tail);
	}
	page_end(p);
}

static void
show_event(struct watch *w, const char *type, const json_t *e)
{
	struct page *p = w->c->page;
	int64_t number = field_int(e, "number", 0);
	const char *name = look_up(w, number);
	char tail[400], shown[128];

	if (number <= 0 && field_has(e, "source")) {
		show_source(p, type, e);
		return;
	}
	put_entry(p, type, e);
	if (number > 0)
		page_put(p, PAGE_BOLD, "%lld", (long long)number);
	page_at(p, 28);
	page_put(p, PAGE_PLAIN, "%s", field_str(e, "tier"));
	page_at(p, 38);
	page_put(p, PAGE_PLAIN, "%s", field_str(e, "queue"));
	page_at(p, 47);
	tail_of(tail, sizeof tail, e);
	page_clean(p, shown, sizeof shown, name);
	page_cut(p, shown, 17);
	page_put(p, PAGE_PLAIN, "%s", shown);
	page_at(p, 65);
	if (p->col + 12 <= p->width)
		page_wrap(p, tail, 3);
	else
		page_put(p, PAGE_PLAIN, "%s", tail);
	page_end(p);
}

/* Told of the service itself, not of an item: false for anything else. */
static bool
say_service(struct watch *w, const char *type, const json_t *e)
{
	int64_t at = field_time(e, "at");
	char clock[16], span[32];

	clock_seconds(clock, sizeof clock, at >= 0 ? at : clock_now_ms());
	if (strcmp(type, "away") == 0) {
		if (w->away_ms == 0)
			page_say(w->c->page,
				 "-- %s Redis is away: nothing can be handed "
				 "out until it is back",
				 clock);
		w->away_ms = at >= 0 ? at : clock_now_ms();
		return true;
	}
	if (strcmp(type, "back") != 0)
		return false;
	clock_words(span, sizeof span, at - w->away_ms);
	if (w->away_ms != 0)
		page_say(w->c->page, "-- %s Redis is back, after %s", clock,
			 at - w->away_ms < 1000 ? "a moment" : span);
	w->away_ms = 0;
	return true;
}

/* What goes along with another item of the same customer is no news. */
static bool
goes_along(const json_t *e)
{
	return field_int(e, "with", 0) > 0 ||
	       strcmp(field_str(e, "why"), "with") == 0;
}

static void
take_event(void *cookie, const char *id, const char *type, const char *data)
{
	struct watch *w = cookie;
	json_t *e = json_loads(data, 0, NULL);
	char at[16];

	(void)id;
	if (strcmp(type, "reset") == 0) {
		clock_seconds(at, sizeof at, clock_now_ms());
		w->sse.id[0] = '\0';
		if (!w->c->json)
			page_say(w->c->page,
				 "-- %s a part of the past is no longer in "
				 "the log; going on with now",
				 at);
	} else if (json_is_object(e) && w->c->json) {
		struct answer a = { .len = strlen(data) };

		a.text = buf_dup(data);
		cmd_json(w->c, &a);
		answer_done(&a);
	} else if (json_is_object(e) && !goes_along(e) &&
		   !say_service(w, type, e)) {
		show_event(w, type, e);
	}
	json_decref(e);
}

static bool
take_bytes(void *cookie, const char *data, size_t len)
{
	struct watch *w = cookie;

	if (w->in.len + len > INCOMING_MAX) {
		w->too_slow = true;
		return false;
	}
	buf_add(&w->in, data, len);
	return true;
}

/* What the names are looked up for may bring in more; that comes next. */
static void
read_incoming(struct watch *w)
{
	while (w->in.len > 0 && ferror(w->c->page->to) == 0) {
		struct buf now = w->in;

		memset(&w->in, 0, sizeof w->in);
		sse_feed(&w->sse, now.data, now.len, take_event, w);
		buf_done(&now);
	}
	fflush(w->c->page->to);
}

static void
connect_stream(struct watch *w)
{
	struct request r = { .method = "GET",
			     .timeout_s = -1,
			     .path = cmd_option(w->c, OPT_ALL) != NULL
					 ? "/v1/log"
					 : "/v1/log?alerts=1",
			     .last_id = w->sse.id,
			     .on_data = take_bytes,
			     .cookie = w };

	w->too_slow = false;
	sse_restart(&w->sse);
	w->stream = call_start(w->c->ask, &r);
}

static void
say_gone(struct watch *w)
{
	char at[16];

	if (w->gone_ms != 0)
		return;
	w->gone_ms = clock_mono_ms();
	if (w->c->json)
		return;
	clock_seconds(at, sizeof at, clock_now_ms());
	fprintf(w->c->page->to, "-- %s daemon gone, trying again ...", at);
	if (!w->c->page->tty)
		fputc('\n', w->c->page->to);
	fflush(w->c->page->to);
}

/* What is wrong already, before anything happens. */
static void
say_now(struct watch *w)
{
	struct request r = { .method = "GET",
			     .path = "/v1/queues",
			     .timeout_s = 5 };
	int64_t late = 0, risk = 0, held = 0;
	const json_t *list;
	struct answer a;
	size_t i;

	ask_do(w->c->ask, &r, &a);
	list = field_list(a.json, "queues");
	for (i = 0; i < json_array_size(list); i++) {
		const json_t *q = json_array_get(list, i);

		late += field_int(q, "late", 0);
		risk += field_int(q, "at_risk", 0);
		held += field_int(q, "held", 0);
	}
	if (answer_ok(&a) && list != NULL)
		page_say(w->c->page,
			 "-- now: %lld late, %lld at risk, %lld held%s",
			 (long long)late, (long long)risk, (long long)held,
			 w->c->page->tty ? "; Ctrl-C ends it" : "");
	answer_done(&a);
}

static void
say_back(struct watch *w)
{
	int64_t ms = clock_mono_ms() - w->gone_ms;
	bool first = !w->was_there;
	char span[32];

	w->connected = true;
	w->was_there = true;
	w->away_ms = 0; /* where it still is, it is told again */
	if (first && !w->c->json)
		say_now(w);
	if (w->gone_ms == 0)
		return;
	w->gone_ms = 0;
	if (w->c->json)
		return;
	clock_words(span, sizeof span, ms);
	fprintf(w->c->page->to, "%s back after %s%s\n",
		w->c->page->tty ? "" : "--", ms < 1000 ? "a moment" : span,
		*w->sse.id != '\0' ? ", nothing missed" : "");
	fflush(w->c->page->to);
}

/* The stream has ended: false where trying again cannot help. */
static bool
stream_ended(struct watch *w, int *ret_exit)
{
	bool slow = w->too_slow;
	struct answer a;
	int64_t again;

	call_take(w->stream, &a);
	w->stream = NULL;
	w->connected = false;
	if (!w->was_there ||
	    (a.status >= 400 && answer_exit(&a) == EXIT_REFUSED) ||
	    (a.status != 0 && a.status != 200 && a.status < 400)) {
		*ret_exit = cmd_finish(w->c, &a);
		return false;
	}
	answer_done(&a);
	if (slow)
		return true;
	say_gone(w);
	again = clock_mono_ms() + AGAIN_MS;
	while (clock_mono_ms() < again)
		ask_wait(w->c->ask, -1, 100);
	return true;
}

int
watch_run(struct cmd *c)
{
	struct watch *w;
	int code = EXIT_DONE;
	size_t i;

	if (cmd_count(c) > 0)
		return cmd_usage(c, "watch takes no words.");
	w = buf_alloc(sizeof *w);
	w->c = c;
	while (ferror(c->page->to) == 0) {
		if (w->stream == NULL)
			connect_stream(w);
		ask_wait(c->ask, -1, 1000);
		if (!w->connected && call_status(w->stream) == 200)
			say_back(w);
		read_incoming(w);
		if (call_is_done(w->stream) && !stream_ended(w, &code))
			break;
	}
	call_drop(w->stream);
	for (i = 0; i < NAMES; i++)
		free(w->names[i].name);
	sse_done(&w->sse);
	buf_done(&w->in);
	free(w);
	return code;
}
