#include "client/work.h"

#include <stdio.h>
#include <string.h>

#include "client/clock.h"
#include "client/field.h"
#include "client/problem.h"

#define PARK_S 25
#define AGAIN_MS 1000
#define TOO_SOON_MS 300

bool
workcall_is(enum work_act act)
{
	return act == ACT_CALL || act == ACT_HANG_UP || act == ACT_PHONE;
}

void
workcall_forget(struct work *w)
{
	call_drop(w->tale);
	w->tale = NULL;
	w->call_doubted = false;
	memset(&w->calling, 0, sizeof w->calling);
	if (w->mode == WORK_HANG_UP)
		w->mode = WORK_KEYS;
}

/* What was told of the call; its end is looked at by who is asked to hang up.
 */
static void
take_news(struct work *w, const json_t *told)
{
	if (!calling_read(&w->calling, told))
		return;
	w->changed = true;
	w->call_ms = 0;
	if (!calling_has_ended(&w->calling))
		return;
	w->ended_ms = clock_mono_ms();
	w->look_ms = 0; /* our phone may have been set elsewhere meanwhile */
	if (w->mode == WORK_HANG_UP)
		w->mode = WORK_KEYS;
}

/* Where the card does not know of it either, nobody will. */
static void
settle_doubt(struct work *w, const json_t *told)
{
	json_t *lost =
	    json_pack("{s:s,s:s}", "state", "ended", "result", "lost");

	if (strcmp(field_str(told, "call"), w->calling.id) != 0)
		take_news(w, lost);
	json_decref(lost);
	w->call_doubted = false;
}

void
workcall_card(struct work *w, const json_t *card)
{
	const json_t *told = field_obj(card, "calling");

	if (w->call_doubted)
		settle_doubt(w, told);
	if (told != NULL)
		take_news(w, told);
	else if (calling_has_ended(&w->calling) &&
		 strcmp(w->calling.result, "lost") != 0)
		workcall_forget(w); /* it was recorded, elsewhere */
}

const char *
workcall_proposes(const struct work *w)
{
	return w->card != NULL && calling_has_ended(&w->calling)
		   ? w->calling.outcome
		   : "";
}

bool
workcall_may_take(const struct work *w)
{
	int64_t now = clock_mono_ms();

	return now - w->ended_ms >= TOO_SOON_MS &&
	       now - w->shown_ms >= TOO_SOON_MS;
}

/* Without a phone of ours nothing can ring; one that was not there is doubted,
 * and may be typed anew. */
void
workcall_key(struct work *w)
{
	const char *phone = field_str(w->me, "phone");
	bool doubted = calling_has_ended(&w->calling) &&
		       strcmp(w->calling.result, "agent-away") == 0;

	if (calling_goes_on(&w->calling)) {
		w->mode = WORK_HANG_UP;
	} else if (*phone == '\0' || doubted) {
		work_type(w, WORK_PHONE);
		snprintf(w->line.text, sizeof w->line.text, "%.20s", phone);
	} else {
		work_act(w, ACT_CALL, "/call", work_fenced(w));
	}
}

void
workcall_hang_up(struct work *w)
{
	if (calling_goes_on(&w->calling))
		work_act(w, ACT_HANG_UP, "/hangup", json_object());
}

void
workcall_phone(struct work *w, const char *phone)
{
	snprintf(w->phone, sizeof w->phone, "%s", phone);
	work_act(w, ACT_PHONE, "/phone", json_pack("{s:s}", "phone", phone));
}

/* Whose phone is known now, wanted to call. */
static void
end_phone(struct work *w)
{
	json_t *phone = json_string(w->phone);

	if (w->me != NULL && phone != NULL)
		json_object_set(w->me, "phone", phone);
	json_decref(phone);
	if (w->card == NULL || work_types(w))
		return;
	work_act(w, ACT_CALL, "/call", work_fenced(w));
}

static void
end_call(struct work *w, const json_t *answer)
{
	/* A card that was asked for before does not know of it. */
	call_drop(w->poll);
	w->poll = NULL;
	workcall_forget(w);
	take_news(w, answer);
	if (*w->calling.id == '\0')
		work_say(w, "The daemon did not say which call it is.");
	w->call_ms = 0;
}

void
workcall_end(struct work *w, enum work_act act, const json_t *answer)
{
	if (act == ACT_PHONE)
		end_phone(w);
	else if (act == ACT_CALL)
		end_call(w, answer);
	else
		take_news(w, answer);
}

void
workcall_not(struct work *w, enum work_act act, const struct answer *a)
{
	char text[600];

	if (a->status != 0 && a->status != 504) {
		problem_sentence(text, sizeof text, a);
		work_say(w, "%s%s", act == ACT_CALL ? "Not called: " : "",
			 text);
	} else if (act == ACT_CALL) {
		work_say(w, "It is not known whether the call was ordered: "
			    "does your phone ring? If not, press c again when "
			    "the daemon is back.");
	} else {
		work_say(w, "It is not known whether that was done: press the "
			    "key again when the daemon is back.");
	}
}

static void
ask_how_it_goes(struct work *w)
{
	struct request r = { .method = "GET", .timeout_s = PARK_S + 20 };
	struct path p;

	path_init(&p, "/v1/calls/");
	path_part(&p, w->calling.id);
	path_query(&p, "after", w->calling.state);
	path_query(&p, "wait_s", "25");
	r.path = p.text;
	w->tale = call_start(w->ask, &r);
	w->call_ms = clock_mono_ms() + AGAIN_MS;
}

static void
take_tale(struct work *w)
{
	struct answer a;

	call_take(w->tale, &a);
	w->tale = NULL;
	if (a.status == 404) {
		/* As after a restart, which makes it forget. */
		w->call_doubted = true;
		w->poll_ms = 0;
	} else if (work_went_well(w, &a)) {
		take_news(w, a.json);
	} else {
		w->call_ms = clock_mono_ms() + AGAIN_MS;
	}
	answer_done(&a);
}

void
workcall_go(struct work *w)
{
	if (w->tale != NULL && call_is_done(w->tale))
		take_tale(w);
	if (w->tale == NULL && calling_goes_on(&w->calling) &&
	    !w->call_doubted && clock_mono_ms() >= w->call_ms)
		ask_how_it_goes(w);
}
