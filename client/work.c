#include "client/work.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/clock.h"
#include "client/field.h"
#include "client/problem.h"
#include "client/words.h"

#define WAIT_S 50
#define POLL_MS 10000
#define LOOK_MS 30000
#define EXTEND_MS 60000
#define SAID_MS 60000
#define AGAIN_MS 1000
#define MINUTE_MS 60000

static volatile sig_atomic_t ended, resized;

static void
on_end(int number)
{
	(void)number;
	ended = 1;
}

static void
on_resize(int number)
{
	(void)number;
	resized = 1;
}

void
work_say(struct work *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w->said, sizeof w->said, fmt, ap);
	va_end(ap);
	w->said_ms = clock_mono_ms();
	w->changed = true;
}

void
work_replace(json_t **slot, json_t *taken)
{
	json_decref(*slot);
	*slot = taken;
}

int64_t
work_number(const struct work *w)
{
	return field_int(field_obj(w->card, "item"), "number", 0);
}

bool
work_types(const struct work *w)
{
	return w->mode == WORK_NOTE || w->mode == WORK_TO ||
	       w->mode == WORK_OTHER || w->mode == WORK_LATER ||
	       w->mode == WORK_PHONE || w->mode == WORK_ECHO;
}

bool
work_strays(const struct work *w)
{
	char number[32];

	snprintf(number, sizeof number, "%lld", (long long)work_number(w));
	return work_types(w) && strcmp(number, w->line_for) != 0;
}

/* Who works with it, keeps it: each minute, of a short hold in its thirds. */
static void
plan_extend(struct work *w)
{
	int64_t until = field_time(field_obj(w->card, "item"), "hold_until");
	int64_t third = until >= 0 ? (until - clock_now_ms()) / 3 : EXTEND_MS;

	if (third < AGAIN_MS)
		third = AGAIN_MS;
	w->extend_ms =
	    clock_mono_ms() + (third < EXTEND_MS ? third : EXTEND_MS);
}

/* The time that was understood is of the item; the words stay. */
void
work_drop(struct work *w)
{
	if (w->mode == WORK_ECHO)
		w->mode = WORK_LATER;
	if (w->mode == WORK_LEAVE || w->mode == WORK_HANG_UP) {
		w->mode = WORK_KEYS;
		w->hush = true;
	}
	work_replace(&w->card, NULL);
	work_replace(&w->echo, NULL);
	workcall_forget(w);
	call_drop(w->poll);
	w->poll = NULL;
	w->asked = false;
	w->again_ms = 0;
	w->changed = true;
}

/* Hands over a card (owned); with a bell where it came by itself. */
void
work_take(struct work *w, json_t *card, bool bell)
{
	const json_t *item = field_obj(card, "item");
	char title[256];

	work_drop(w);
	work_replace(&w->nothing, NULL);
	w->card = card;
	w->card_ms = clock_now_ms();
	w->told_why = false;
	w->shown_ms = clock_mono_ms();
	w->poll_ms = clock_mono_ms() + POLL_MS;
	w->touched = false;
	plan_extend(w);
	workcall_card(w, card);
	if (!bell)
		return;
	w->hush = true;
	snprintf(title, sizeof title, "%lld %s",
		 (long long)field_int(item, "number", 0), words_who(item));
	screen_call(&w->screen, title);
}

/* Any good answer ends the absence, and all that waited for it goes on. */
static void
is_back(struct work *w)
{
	const char *last = w->afterwards != NULL ? w->afterwards : "";
	char span[32];

	if (w->gone_ms != 0) {
		clock_words(span, sizeof span, clock_mono_ms() - w->gone_ms);
		work_say(w, "The daemon is back, after %s.%s", span, last);
	} else if (w->away) {
		work_say(w, "The service is back.%s", last);
	} else {
		return;
	}
	w->gone_ms = 0;
	w->away = false;
	w->afterwards = NULL;
	w->again_ms = 0;
	w->poll_ms = 0;
}

/* After an absence nothing is asked that would be answered only late. */
static void
is_away(struct work *w)
{
	w->asked = false;
	w->look_ms = clock_mono_ms() + AGAIN_MS;
}

bool
work_went_well(struct work *w, const struct answer *a)
{
	bool told = w->away && *w->said != '\0';
	char text[600];

	if (answer_ok(a) && !problem_is_junk(a)) {
		is_back(w);
		return true;
	}
	w->changed = true;
	if (answer_exit(a) == EXIT_AWAY)
		is_away(w);
	if (a->status == 0) {
		if (w->gone_ms == 0)
			w->gone_ms = clock_mono_ms();
		return false;
	}
	w->gone_ms = 0;
	/* Where it only would not do this one thing, other answers say nothing
	 * of its return. */
	w->away = answer_exit(a) == EXIT_AWAY &&
		  (a->status != 503 || field_has(a->json, "away_since"));
	if (w->away && told)
		return false;
	problem_sentence(text, sizeof text, a);
	work_say(w, "%s", text);
	return false;
}

static void
start_look(struct work *w)
{
	struct request r = { .method = "GET", .path = "/v1/me" };

	call_drop(w->look);
	w->look = call_start(w->ask, &r);
	w->look_ms = clock_mono_ms() + LOOK_MS;
}

/* What was typed is not lost with the act; it waits for another Enter. */
static bool
keep_line(struct work *w, enum work_act act)
{
	if (w->mode != WORK_KEYS || *w->line.text == '\0' ||
	    (act != ACT_NOTE && act != ACT_MOVE && act != ACT_PHONE))
		return false;
	w->mode = act == ACT_NOTE   ? WORK_NOTE
		  : act == ACT_MOVE ? WORK_TO
				    : WORK_PHONE;
	return true;
}

/* Whoever pressed a key must know whether it counted. */
static void
say_not_done(struct work *w, enum work_act act, const struct answer *a)
{
	const char *key = keep_line(w, act) ? "Enter" : "the key";
	int64_t since = field_time(a->json, "away_since");
	char text[600], at[16];

	w->afterwards = " Was the last key recorded? Look, or press it again.";
	if (a->status == 0) {
		work_say(w,
			 "That was not recorded, or it is not known: press %s "
			 "again when the daemon is back.",
			 key);
	} else if (a->status == 503 && since >= 0) {
		clock_seconds(at, sizeof at, since);
		work_say(w,
			 "Not recorded: Redis is away since %s. Go on, and "
			 "press %s again when it is back.",
			 at, key);
		w->afterwards = " The last key was not recorded; press it "
				"again.";
	} else {
		problem_sentence(text, sizeof text, a);
		work_say(w, "%s", text);
	}
}

static void
finish_act(struct work *w)
{
	enum work_act act = w->acting;
	struct answer a;

	call_take(w->act, &a);
	w->act = NULL;
	w->acting = ACT_NONE;
	w->changed = true;
	if (work_went_well(w, &a)) {
		workacts_end(w, act, a.json);
		if (act == ACT_EXTEND)
			plan_extend(w);
		w->quit = w->quit || (w->give_back && act == ACT_RELEASE);
	} else {
		w->give_back = false;
		w->afterwards = NULL;
		if (workcall_is(act) && answer_exit(&a) == EXIT_AWAY)
			workcall_not(w, act, &a);
		else if (act != ACT_EXTEND && answer_exit(&a) == EXIT_AWAY)
			say_not_done(w, act, &a);
		else if (a.status == 413 || a.status == 422)
			(void)keep_line(w, act);
		/* Whether it is still ours is asked at once. */
		w->poll_ms = 0;
		w->told_why = a.status == 409 && !workcall_is(act);
	}
	answer_done(&a);
}

static void
finish_wait(struct work *w)
{
	int64_t now = clock_mono_ms();
	struct answer a;

	call_take(w->wait, &a);
	w->wait = NULL;
	if (!work_went_well(w, &a)) {
		w->again_ms =
		    now + (answer_exit(&a) == EXIT_AWAY ? AGAIN_MS : 10000);
	} else if (field_obj(a.json, "item") != NULL &&
		   !field_false(a.json, "held")) {
		work_take(w, json_incref(a.json), true);
		start_look(w);
	} else {
		/* A daemon that answers at once is not asked at once again. */
		w->again_ms = w->asked ? now + 1000 : 0;
		w->asked = true;
		w->changed = w->changed || !json_equal(w->nothing, a.json);
		work_replace(&w->nothing, json_incref(a.json));
	}
	answer_done(&a);
}

static void
finish_poll(struct work *w)
{
	const json_t *item, *name;
	struct answer a;

	call_take(w->poll, &a);
	w->poll = NULL;
	w->poll_ms = clock_mono_ms() + POLL_MS;
	w->card_ms = clock_now_ms();
	if (w->card == NULL || !work_went_well(w, &a)) {
		if (w->card != NULL && a.status == 404)
			workacts_gone(w);
		if (w->gone_ms != 0 || w->away)
			w->poll_ms = clock_mono_ms() + AGAIN_MS;
		answer_done(&a);
		return;
	}
	item = field_obj(a.json, "item");
	name = json_object_get(w->me, "name");
	if (field_int(item, "number", 0) != work_number(w)) {
		answer_done(&a);
		return;
	}
	if (strcmp(field_str(item, "state"), "held") != 0 ||
	    (field_has(item, "agent") && json_is_string(name) &&
	     strcmp(field_str(item, "agent"), json_string_value(name)) != 0)) {
		workacts_lose(w, a.json);
	} else {
		size_t before = json_array_size(field_list(w->card, "told"));

		if (json_array_size(field_list(a.json, "told")) > before)
			screen_call(&w->screen, "ringback");
		w->changed = w->changed || !json_equal(w->card, a.json);
		work_replace(&w->card, json_incref(a.json));
		workcall_card(w, w->card);
	}
	answer_done(&a);
}

static void
finish_look(struct work *w)
{
	struct answer a;

	call_take(w->look, &a);
	w->look = NULL;
	if (answer_exit(&a) == EXIT_AWAY) {
		is_away(w);
	} else if (answer_ok(&a) && json_is_object(a.json)) {
		is_back(w);
		w->changed = w->changed || !json_equal(w->me, a.json);
		work_replace(&w->me, json_incref(a.json));
		if (strcmp(field_str(w->me, "duty"), "on") == 0)
			w->paused = false; /* ended elsewhere */
	}
	answer_done(&a);
}

static void
finish_calls(struct work *w)
{
	if (w->act != NULL && call_is_done(w->act))
		finish_act(w);
	if (w->wait != NULL && call_is_done(w->wait))
		finish_wait(w);
	if (w->poll != NULL && call_is_done(w->poll))
		finish_poll(w);
	if (w->look != NULL && call_is_done(w->look))
		finish_look(w);
	workcall_go(w);
}

static void
start_wait(struct work *w)
{
	json_t *body = json_pack("{s:i}", "wait_s", w->asked ? WAIT_S : 0);
	struct request r = { .method = "POST",
			     .path = "/v1/next",
			     .body = body,
			     .timeout_s = WAIT_S + 20 };

	w->wait = call_start(w->ask, &r);
	json_decref(body);
}

static void
start_poll(struct work *w)
{
	struct request r = { .method = "GET" };
	struct path p;
	char number[32];

	snprintf(number, sizeof number, "%lld", (long long)work_number(w));
	path_init(&p, "/v1/items/");
	path_part(&p, number);
	r.path = p.text;
	w->poll = call_start(w->ask, &r);
}

static void
start_calls(struct work *w)
{
	int64_t now = clock_mono_ms();

	if (w->card == NULL && !w->paused && !work_types(w) &&
	    w->wait == NULL && w->act == NULL && now >= w->again_ms)
		start_wait(w);
	/* With each new minute the whole card is asked for anew. */
	if (w->card != NULL && w->poll == NULL && w->act == NULL &&
	    (now >= w->poll_ms ||
	     clock_now_ms() / MINUTE_MS != w->card_ms / MINUTE_MS))
		start_poll(w);
	if (w->card != NULL && w->act == NULL && w->touched && !w->quit &&
	    now >= w->extend_ms) {
		w->touched = false;
		w->extend_ms = now + EXTEND_MS;
		work_act(w, ACT_EXTEND, "/extend", json_object());
	}
	if (w->look == NULL && now >= w->look_ms)
		start_look(w);
	if (*w->said != '\0' && now - w->said_ms > SAID_MS) {
		w->said[0] = '\0';
		w->changed = true;
	}
	if (*w->undoes != '\0' && now > w->undo_ms) {
		w->undoes[0] = '\0';
		w->changed = true;
	}
}

static void
read_keys(struct work *w)
{
	unsigned char bytes[512];
	ssize_t len = read(STDIN_FILENO, bytes, sizeof bytes);
	size_t at = 0;
	struct key k;

	/* Readable without a byte: the terminal is gone. */
	if (len == 0 || (len < 0 && errno != EINTR && errno != EAGAIN))
		ended = 1;
	while (len > 0 && at < (size_t)len && !w->quit) {
		at += keys_decode(&k, bytes + at, (size_t)len - at);
		workkeys_take(w, &k);
	}
}

static void
catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_end };
	static const int numbers[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };
	size_t i;

	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		sigaction(numbers[i], &sa, NULL);
	sa.sa_handler = on_resize;
	sigaction(SIGWINCH, &sa, NULL);
}

static void
loop(struct work *w)
{
	w->changed = true;
	while (!w->quit && !ended && !ferror(stdout)) {
		start_calls(w);
		w->changed = w->changed || resized;
		resized = 0;
		workview_draw(w);
		if (ask_wait(w->ask, STDIN_FILENO, 500))
			read_keys(w);
		finish_calls(w);
	}
	call_drop(w->wait);
	call_drop(w->poll);
	call_drop(w->look);
	call_drop(w->tale);
	call_drop(w->act);
}

static int
set_duty(struct cmd *c, const char *duty, struct answer *a)
{
	json_t *body = json_pack("{s:s}", "duty", duty);
	struct request r = { .method = "POST",
			     .path = "/v1/me/duty",
			     .body = body };

	ask_do(c->ask, &r, a);
	json_decref(body);
	return answer_ok(a) && !problem_is_junk(a) ? 0 : -1;
}

int
work_run(struct cmd *c)
{
	struct work w = { .ask = c->ask };
	struct answer a;

	if (cmd_count(c) > 0)
		return cmd_usage(c, "work takes no words.");
	if (c->json || isatty(STDIN_FILENO) != 1 || !c->page->tty) {
		problem_say(
		    "work needs a terminal; in scripts use: ringback next "
		    "--wait --json");
		return EXIT_REFUSED;
	}
	if (set_duty(c, "on", &a) < 0)
		return cmd_finish(c, &a);
	w.me = json_incref(a.json);
	answer_done(&a);
	w.look_ms = clock_mono_ms() + LOOK_MS;
	catch_signals();
	if (keys_open() < 0) {
		problem_say("the terminal gives no single keys: %s",
			    strerror(errno));
		json_decref(w.me);
		return EXIT_REFUSED;
	}
	screen_open(&w.screen);
	loop(&w);
	screen_close(&w.screen);
	keys_close();
	if (w.card != NULL) {
		page_say(c->page, "You still hold %lld %s: ringback",
			 (long long)work_number(&w),
			 words_who(field_obj(w.card, "item")));
	} else {
		/* Who has gone is not counted as here; if it fails, it lapses.
		 */
		if (set_duty(c, w.paused ? "off" : "gone", &a) == 0)
			page_say(c->page, "You are off duty now; ringback next "
					  "puts you on duty again.");
		answer_done(&a);
	}
	json_decref(w.me);
	json_decref(w.card);
	json_decref(w.nothing);
	json_decref(w.echo);
	return EXIT_DONE;
}
