#include "client/work.h"

#include <stdio.h>
#include <string.h>

#include "client/clock.h"
#include "client/field.h"

#define TOO_SOON_MS 300
#define REST_MS 1000

static void
go(struct work *w, enum work_mode mode)
{
	w->mode = mode;
}

void
work_type(struct work *w, enum work_mode mode)
{
	go(w, mode);
	w->line.text[0] = '\0';
	snprintf(w->line_for, sizeof w->line_for, "%lld",
		 (long long)work_number(w));
}

json_t *
work_fenced(const struct work *w)
{
	int64_t fence = field_int(field_obj(w->card, "item"), "fence", 0);
	json_t *body = json_object();

	if (fence > 0)
		json_object_set_new(body, "fence", json_integer(fence));
	return body;
}

/* NULL where the code is not UTF-8. */
static json_t *
outcome_body(const struct work *w, const char *code)
{
	json_t *body = json_pack("{s:s}", "outcome", code);
	json_t *fenced = work_fenced(w);

	if (body != NULL)
		json_object_update(body, fenced);
	json_decref(fenced);
	return body;
}

static void
record(struct work *w, const char *code)
{
	json_t *body = outcome_body(w, code);

	if (body == NULL)
		return;
	json_object_set_new(body, "next", json_boolean(!w->paused));
	work_act(w, ACT_OUTCOME, "/outcome", body);
}

static void
record_later(struct work *w, bool only_try)
{
	json_t *body = outcome_body(w, "later");
	json_t *at = json_string(w->line.text);

	if (body == NULL || at == NULL) {
		json_decref(body);
		json_decref(at);
		work_say(w, "That time is not UTF-8.");
		return;
	}
	json_object_set_new(body, "at", at);
	json_object_set_new(body, "anyone", json_boolean(w->anyone));
	if (only_try)
		json_object_set_new(body, "dry_run", json_true());
	else
		json_object_set_new(body, "next", json_boolean(!w->paused));
	work_act(w, only_try ? ACT_LATER_TRY : ACT_OUTCOME, "/outcome", body);
}

static void
take_line(struct work *w)
{
	enum work_mode mode = w->mode;
	json_t *body = json_object();
	json_t *text = json_string(w->line.text);

	if (*w->line.text == '\0' || text == NULL) {
		json_decref(body);
		json_decref(text);
		go(w, WORK_KEYS);
		return;
	}
	/* A note is kept for anything; the rest is for what is held. */
	if (mode != WORK_NOTE && work_strays(w)) {
		json_decref(body);
		json_decref(text);
		work_say(w, "%s is no longer yours, so this cannot be done.",
			 w->line_for);
		return;
	}
	if (mode == WORK_LATER) {
		json_decref(body);
		json_decref(text);
		w->anyone = false;
		record_later(w, true);
		return;
	}
	go(w, WORK_KEYS);
	if (mode == WORK_OTHER || mode == WORK_PHONE) {
		json_decref(body);
		if (mode == WORK_OTHER)
			record(w, json_string_value(text));
		else
			workcall_phone(w, json_string_value(text));
		json_decref(text);
		return;
	}
	json_object_set_new(body, mode == WORK_NOTE ? "note" : "to", text);
	work_act(w, mode == WORK_NOTE ? ACT_NOTE : ACT_MOVE,
		 mode == WORK_NOTE ? "/note" : "/move", body);
}

static void
pause_or_go_on(struct work *w)
{
	work_act(w, ACT_DUTY, NULL,
		 json_pack("{s:s}", "duty", w->paused ? "on" : "off"));
}

/* One row a key that acts on what is held. */
static const struct {
	const char *outcome; /* or NULL */
	enum work_mode mode;
	char key;
} held_keys[] = {
	{ "done", WORK_KEYS, 'd' },      { "no-answer", WORK_KEYS, 'n' },
	{ "voicemail", WORK_KEYS, 'v' }, { "busy", WORK_KEYS, 'b' },
	{ NULL, WORK_LATER, 'l' },       { NULL, WORK_OTHER, 'o' },
	{ NULL, WORK_NOTE, 'm' },        { NULL, WORK_TO, 't' },
};

/* The site's own outcomes have keys where it has given them some. */
static const char *
own_outcome(const struct work *w, char key)
{
	const json_t *list = field_list(w->me, "outcomes");
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);
		const char *own = field_str(o, "key");

		if (own[0] == key && own[1] == '\0' && field_has(o, "name"))
			return field_str(o, "name");
	}
	return NULL;
}

static void
take_held_key(struct work *w, char key)
{
	const char *own;
	size_t i;

	/* A key that was meant for the last item must not hit this one. */
	if (clock_mono_ms() - w->shown_ms < TOO_SOON_MS)
		return;
	if (key == 'r') {
		work_act(w, ACT_RELEASE, "/release", json_object());
		return;
	}
	if (key == 'c') {
		workcall_key(w);
		return;
	}
	for (i = 0; i < sizeof held_keys / sizeof held_keys[0]; i++) {
		if (held_keys[i].key != key)
			continue;
		if (held_keys[i].outcome != NULL) {
			record(w, held_keys[i].outcome);
			return;
		}
		work_type(w, held_keys[i].mode);
		return;
	}
	own = own_outcome(w, key);
	if (own != NULL)
		record(w, own);
	else
		work_say(w, "%c is no key here; ? shows all.", key);
}

static void
take_key(struct work *w, char key)
{
	switch (key) {
	case 'q':
		if (w->card != NULL)
			go(w, WORK_LEAVE);
		else
			w->quit = true;
		break;
	case 'u': work_act(w, ACT_UNDO, NULL, json_object()); break;
	case 'p': pause_or_go_on(w); break;
	case '?': go(w, WORK_HELP); break;
	default:
		if (w->card != NULL)
			take_held_key(w, key);
		break;
	}
}

static void
take_leave(struct work *w, const struct key *k)
{
	if (k->code == KEY_ESC) {
		go(w, WORK_KEYS);
	} else if (k->text[0] == 'k') {
		w->quit = true;
	} else if (k->text[0] == 'r') {
		w->give_back = true;
		go(w, WORK_KEYS);
		work_act(w, ACT_RELEASE, "/release", json_object());
	}
}

static void
take_echo(struct work *w, const struct key *k)
{
	if (k->code == KEY_ESC) {
		go(w, WORK_LATER);
	} else if (k->code == KEY_ENTER) {
		go(w, WORK_KEYS);
		record_later(w, false);
	} else if (k->text[0] == 'a') {
		w->anyone = !w->anyone;
	}
}

static void
take_hang_up(struct work *w, const struct key *k)
{
	go(w, WORK_KEYS);
	if (k->text[0] == 'c')
		workcall_hang_up(w);
}

/* Enter takes what the end of a call proposes, and else looks for the next. */
static void
take_enter(struct work *w)
{
	const char *outcome = workcall_proposes(w);

	w->again_ms = 0;
	if (*outcome != '\0' && workcall_may_take(w))
		record(w, outcome);
}

static void
take_typed(struct work *w, const struct key *k)
{
	if (k->code == KEY_ESC)
		go(w, WORK_KEYS);
	else if (k->code == KEY_ENTER)
		take_line(w);
	else
		typed_key(&w->line, k);
}

/* Who was typing or about to press a key when the item changed by itself,
 * means the one before: until the keys have rested, none is an act. */
static bool
is_hushed(struct work *w, const struct key *k, int64_t now)
{
	bool rested = now - w->key_ms >= REST_MS;

	w->key_ms = now;
	if (!w->hush || w->mode != WORK_KEYS || k->code != KEY_TEXT)
		return false;
	w->hush = !rested;
	return w->hush;
}

void
workkeys_take(struct work *w, const struct key *k)
{
	w->changed = true;
	w->touched = true;
	if (is_hushed(w, k, clock_mono_ms()))
		return;
	if (!work_types(w) || k->code != KEY_TEXT) {
		w->said[0] = '\0'; /* it was read */
		w->told_why = false;
	}
	if (k->code == KEY_STOP) {
		/* The second time it means it. */
		if (work_strays(w))
			go(w, WORK_KEYS);
		else if (w->card == NULL || w->mode == WORK_LEAVE)
			w->quit = true;
		else
			go(w, WORK_LEAVE);
		return;
	}
	switch (w->mode) {
	case WORK_KEYS:
		if (k->code == KEY_TEXT)
			take_key(w, k->text[0]);
		else if (k->code == KEY_ENTER)
			take_enter(w);
		break;
	case WORK_NOTE:
	case WORK_TO:
	case WORK_OTHER:
	case WORK_PHONE:
	case WORK_LATER: take_typed(w, k); break;
	case WORK_HANG_UP: take_hang_up(w, k); break;
	case WORK_ECHO: take_echo(w, k); break;
	case WORK_LEAVE: take_leave(w, k); break;
	case WORK_HELP: go(w, WORK_KEYS); break;
	}
}
