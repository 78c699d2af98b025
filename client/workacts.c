#include "client/work.h"

#include <stdio.h>
#include <string.h>

#include "client/clock.h"
#include "client/field.h"
#include "client/history.h"
#include "client/words.h"

#define UNDO_S 60

/* An act on the item, or on what is named by itself. */
static void
act_path(const struct work *w, enum work_act act, const char *verb,
	 struct path *p)
{
	switch (act) {
	case ACT_UNDO: path_init(p, "/v1/undo"); return;
	case ACT_DUTY: path_init(p, "/v1/me/duty"); return;
	case ACT_HANG_UP:
		path_init(p, "/v1/calls/");
		path_part(p, w->calling.id);
		break;
	case ACT_PHONE:
		path_init(p, "/v1/agents/");
		path_part(p, field_str(w->me, "name"));
		break;
	case ACT_NONE:
	case ACT_OUTCOME:
	case ACT_LATER_TRY:
	case ACT_NOTE:
	case ACT_MOVE:
	case ACT_RELEASE:
	case ACT_EXTEND:
	case ACT_CALL:
		path_init(p, "/v1/items/");
		path_part(p, w->acting_on);
		break;
	}
	path_raw(p, verb);
}

/* What is on its way to us would cross it. */
static void
drop_crossing(struct work *w, enum work_act act)
{
	if (act == ACT_UNDO || act == ACT_DUTY) {
		call_drop(w->wait);
		w->wait = NULL;
	}
	if (act == ACT_DUTY || act == ACT_PHONE) {
		call_drop(w->look);
		w->look = NULL;
	}
}

void
work_act(struct work *w, enum work_act act, const char *verb, json_t *body)
{
	struct request r = { .method = act == ACT_PHONE ? "PUT" : "POST" };
	struct path p;

	if (w->act != NULL && w->acting == ACT_EXTEND) {
		call_drop(w->act);
		w->act = NULL;
	}
	if (w->act != NULL) {
		work_say(w, "One moment, the last key is still under way.");
		json_decref(body);
		return;
	}
	snprintf(w->acting_on, sizeof w->acting_on, "%lld",
		 (long long)work_number(w));
	if (act == ACT_NOTE) /* anybody may note, also what is gone */
		snprintf(w->acting_on, sizeof w->acting_on, "%s", w->line_for);
	act_path(w, act, verb, &p);
	r.path = p.text;
	r.body = body;
	w->act = call_start(w->ask, &r);
	w->acting = act;
	json_decref(body);
	drop_crossing(w, act);
}

/* An act that u takes back, and for how long. */
static void
may_undo(struct work *w, const char *what, const char *number, int64_t seconds)
{
	snprintf(w->undoes, sizeof w->undoes, "%.50s of %s", what, number);
	w->undo_ms = clock_mono_ms() + seconds * 1000;
}

static void
take_next(struct work *w, const json_t *next)
{
	if (field_obj(next, "item") != NULL && !field_false(next, "held"))
		work_take(w, json_deep_copy(next), false);
	else if (next != NULL)
		work_replace(&w->nothing, json_deep_copy(next));
}

static void
end_outcome(struct work *w, const json_t *answer)
{
	const json_t *item = field_obj(answer, "item");
	const json_t *next = field_obj(answer, "next");
	int64_t undo = field_int(answer, "undo_s", 0);
	char text[400], code[64];

	words_outcome(text, sizeof text, answer, clock_now_ms());
	words_code(code, sizeof code, field_str(answer, "outcome"));
	if (undo > 0) {
		work_say(w, "%s  u undo (%lld s)", text, (long long)undo);
		may_undo(w, code, w->acting_on, undo);
	} else {
		work_say(w, "%s", text);
	}
	w->look_ms = 0;
	if (strcmp(field_str(item, "state"), "held") == 0 && w->card != NULL &&
	    field_obj(next, "item") == NULL) {
		workcall_forget(w);
		json_object_del(w->card, "calling");
		json_object_set(w->card, "item",
				json_object_get(answer, "item"));
		return;
	}
	work_drop(w);
	take_next(w, next);
}

static void
end_duty(struct work *w, json_t *answer)
{
	w->paused = strcmp(field_str(answer, "duty"), "on") != 0;
	work_replace(&w->me, json_incref(answer));
	work_replace(&w->nothing, NULL);
	w->asked = false;
	w->again_ms = 0;
}

/* A note that is gone, or an item that is back; and who had to go for it. */
static void
end_undo(struct work *w, json_t *answer)
{
	int64_t number = field_int(field_obj(answer, "item"), "number", 0);
	char back[256];

	w->undoes[0] = '\0';
	if (strcmp(field_str(answer, "undone"), "note") == 0) {
		work_say(w, "Note on %lld taken back.", (long long)number);
		return;
	}
	if (field_obj(answer, "item") == NULL)
		return;
	work_take(w, json_incref(answer), false);
	words_put_back(back, sizeof back, answer);
	work_say(w, "Taken back: %lld is yours again. %s", (long long)number,
		 back);
}

static void
end_moved(struct work *w, enum work_act act, const json_t *answer)
{
	const json_t *item = field_obj(answer, "item");
	char text[600];

	words_place(text, sizeof text, answer, clock_now_ms(), act == ACT_MOVE);
	if (act == ACT_RELEASE || item == NULL)
		work_say(w, "%s %s.", w->acting_on,
			 act == ACT_MOVE ? "is moved" : "is given back");
	else
		work_say(w, "%s", text);
	may_undo(w, act == ACT_MOVE ? "the move" : "the giving back",
		 w->acting_on, UNDO_S);
	work_drop(w);
}

void
workacts_end(struct work *w, enum work_act act, json_t *answer)
{
	switch (act) {
	case ACT_OUTCOME: end_outcome(w, answer); break;
	case ACT_LATER_TRY:
		if (w->mode != WORK_LATER || work_strays(w))
			break;
		work_replace(&w->echo, json_incref(field_obj(answer, "item")));
		w->mode = WORK_ECHO;
		break;
	case ACT_NOTE:
		work_say(w, "%s noted.", w->acting_on);
		may_undo(w, "the note", w->acting_on, UNDO_S);
		break;
	case ACT_MOVE:
	case ACT_RELEASE: end_moved(w, act, answer); break;
	case ACT_UNDO: end_undo(w, answer); break;
	case ACT_EXTEND:
		if (w->card != NULL && field_obj(answer, "item") != NULL)
			json_object_set(w->card, "item",
					json_object_get(answer, "item"));
		break;
	case ACT_DUTY: end_duty(w, answer); break;
	case ACT_CALL:
	case ACT_HANG_UP:
	case ACT_PHONE: workcall_end(w, act, answer); break;
	case ACT_NONE: break;
	}
}

/* The fingers do not know it yet. */
static void
drop_unasked(struct work *w)
{
	work_drop(w);
	w->hush = true;
	w->key_ms = clock_mono_ms();
}

void
workacts_lose(struct work *w, const json_t *card)
{
	const json_t *item = field_obj(card, "item");
	const char *agent = field_str(item, "agent");
	long long number = work_number(w);
	int64_t until = field_time(field_obj(w->card, "item"), "hold_until");
	char last[400];

	w->undoes[0] = '\0'; /* the last act was another one, elsewhere */
	history_last(last, sizeof last, card);
	if (w->told_why)
		w->told_why = false;
	else if (strcmp(field_str(item, "state"), "closed") == 0)
		work_say(w, "%lld is closed%s%s.", number,
			 *last != '\0' ? ": " : "", last);
	else if (*agent != '\0' && strcmp(agent, field_str(w->me, "name")) != 0)
		work_say(w, "%lld is no longer yours: %s has it.", number,
			 agent);
	else if (until >= 0 && until <= clock_now_ms())
		work_say(w, "%lld is no longer yours: your hold ran out.",
			 number);
	else
		work_say(w, "%lld is no longer yours%s%s.", number,
			 *last != '\0' ? ": " : "", last);
	drop_unasked(w);
}

void
workacts_gone(struct work *w)
{
	w->undoes[0] = '\0';
	work_say(w, "%lld is not there any more.", (long long)work_number(w));
	drop_unasked(w);
}
