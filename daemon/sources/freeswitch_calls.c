#include "daemon/sources/freeswitch_calls.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/esl_packet.h"
#include "daemon/sources/freeswitch_inside.h"

static bool
is_loopback(const char *channel)
{
	return strncmp(channel, "loopback/", 9) == 0;
}

static bool
is_context(const struct freeswitch_calls *c, const char *name)
{
	for (size_t i = 0; i < c->o.config->contexts.count; i++) {
		if (strcmp(c->o.config->contexts.list[i], name) == 0)
			return true;
	}
	return false;
}

/* ---- channels ----------------------------------------------------------- */

/* Somebody is there for the caller on that channel of ours or of a context. */
static void
meets(struct freeswitch_calls *c, const struct freeswitch_event *e,
      const char *caller, bool comes_in)
{
	struct freeswitch_call *call = freeswitch_table_find(&c->table, caller);

	if (call == NULL && comes_in) {
		call = freeswitch_caller_make(c, caller, e->now);
		if (call == NULL)
			return;
		call->place = PLACE_DIRECT;
	}
	if (call == NULL)
		return;
	if (call->place == PLACE_DIRECT && strcmp(caller, e->uuid) == 0)
		freeswitch_take_caller(call, e);
	freeswitch_caller_talks(c, call, e->at_ms, e->now);
}

/* The other channel of the event came in to a context. */
static bool
other_comes_in(const struct freeswitch_calls *c,
	       const struct freeswitch_event *e)
{
	return strcmp(freeswitch_get(e, "Other-Leg-Direction"), "inbound") ==
		   0 &&
	       !is_loopback(freeswitch_get(e, "Other-Leg-Channel-Name")) &&
	       is_context(c, freeswitch_get(e, "Other-Leg-Context"));
}

static bool
comes_in(const struct freeswitch_calls *c, const struct freeswitch_event *e)
{
	return strcmp(freeswitch_get(e, "Call-Direction"), "inbound") == 0 &&
	       !is_loopback(freeswitch_get(e, "Channel-Name")) &&
	       is_context(c, freeswitch_get(e, "Caller-Context"));
}

/* A dialled channel is answered: for whom it was dialled. */
static void
on_answer(struct freeswitch_calls *c, const struct freeswitch_event *e)
{
	const char *caller = freeswitch_get(e, "Other-Leg-Unique-ID");

	if (strcmp(freeswitch_get(e, "Call-Direction"), "outbound") != 0 ||
	    is_loopback(freeswitch_get(e, "Channel-Name")) || *caller == '\0' ||
	    strcmp(freeswitch_get(e, "Other-Type"), "originatee") == 0)
		return;
	meets(c, e, caller, other_comes_in(c, e));
}

static bool
is_set(const char *time)
{
	return *time != '\0' && strcmp(time, "0") != 0;
}

/* With early media it is bridged before anybody answers: then on_answer
 * follows. */
static void
on_bridge(struct freeswitch_calls *c, const struct freeswitch_event *e)
{
	const char *a = freeswitch_get(e, "Bridge-A-Unique-ID");
	const char *b = freeswitch_get(e, "Bridge-B-Unique-ID");
	const char *other = strcmp(a, e->uuid) == 0 ? b : a;

	if (*other == '\0')
		other = freeswitch_get(e, "Other-Leg-Unique-ID");
	if (is_set(freeswitch_get(e, "Other-Leg-Channel-Answered-Time")) &&
	    !is_loopback(freeswitch_get(e, "Other-Leg-Channel-Name")))
		meets(c, e, e->uuid, comes_in(c, e));
	if (*other != '\0' && !is_loopback(freeswitch_get(e, "Channel-Name")) &&
	    strcmp(freeswitch_get(e, "Answer-State"), "answered") == 0)
		meets(c, e, other, false);
}

static void
on_unbridge(struct freeswitch_calls *c, const struct freeswitch_event *e)
{
	const char *const ids[] = { e->uuid,
				    freeswitch_get(e, "Bridge-A-Unique-ID"),
				    freeswitch_get(e, "Bridge-B-Unique-ID") };

	for (size_t i = 0; i < 3; i++) {
		struct freeswitch_call *call =
		    freeswitch_table_find(&c->table, ids[i]);

		if (call != NULL)
			freeswitch_caller_pauses(call, e->now);
	}
}

/* What his last event tells of a talk since then: that the channel which was
 * dialled for him was answered; or, where we may not have heard that, that he
 * was bridged.  Its begin, or 0. */
static int64_t
talk_since(const struct freeswitch_event *e, int64_t since_ms, bool blind)
{
	int64_t other =
	    freeswitch_micros_ms(e, "Other-Leg-Channel-Answered-Time");
	int64_t bridged =
	    freeswitch_micros_ms(e, "Caller-Channel-Bridged-Time");

	if (other > 0 && other >= since_ms &&
	    strcmp(freeswitch_get(e, "Other-Type"), "originatee") == 0 &&
	    !is_loopback(freeswitch_get(e, "Other-Leg-Channel-Name")))
		return other;
	if (blind && bridged > 0 && bridged >= since_ms &&
	    is_set(freeswitch_get(e, "Caller-Channel-Answered-Time")))
		return bridged;
	return 0;
}

static void
end_call(struct freeswitch_calls *c, struct freeswitch_call *call,
	 const struct freeswitch_event *e, int64_t at_ms)
{
	int64_t since = call->left_ms > 0 ? call->left_ms : call->joined_ms;
	int64_t began = call->talked ? 0 : talk_since(e, since, call->blind);

	if (began > 0)
		freeswitch_caller_talked(c, call, began,
					 at_ms > began ? at_ms - began : 0);
	freeswitch_caller_ends(c, call, at_ms, e->now);
	freeswitch_table_remove(&c->table, call);
}

/* He left a queue before we listened, and his channel still knows it. */
static void
end_member(struct freeswitch_calls *c, const struct freeswitch_event *e,
	   int64_t at_ms)
{
	struct freeswitch_call *call =
	    freeswitch_caller_make(c, e->uuid, e->now);
	int64_t joined =
	    freeswitch_epoch_s(e, "variable_cc_queue_joined_epoch");
	int64_t left =
	    freeswitch_epoch_s(e, "variable_cc_queue_canceled_epoch");

	if (call == NULL)
		return;
	freeswitch_caller_joins(
	    c, call, freeswitch_get(e, "variable_cc_member_uuid"), e->now);
	freeswitch_take_caller(call, e);
	freeswitch_set(&call->queue, freeswitch_get(e, "variable_cc_queue"));
	call->left_ms = freeswitch_ms(e->now, left);
	if (joined > 0 && left >= joined)
		call->waited_s = left - joined;
	call->blind = true;
	end_call(c, call, e, at_ms);
}

/* No queue, and nobody talked as far as we heard. */
static void
end_direct(struct freeswitch_calls *c, const struct freeswitch_event *e,
	   int64_t at_ms)
{
	int64_t began = freeswitch_micros_ms(e, "Caller-Channel-Created-Time");
	struct freeswitch_call *call;

	if (!comes_in(c, e) || *freeswitch_get(e, "variable_cc_side") != '\0')
		return;
	/* A conference is no bridge, and yet somebody may be there. */
	if (strcmp(freeswitch_get(e, "variable_last_app"), "conference") == 0)
		return;
	call = freeswitch_caller_make(c, e->uuid, e->now);
	if (call == NULL)
		return;
	call->place = PLACE_DIRECT;
	freeswitch_take_caller(call, e);
	if (began > 0 && at_ms >= began)
		call->waited_s = (at_ms - began) / 1000;
	call->blind = began < c->up_ms;
	end_call(c, call, e, at_ms);
}

static void
on_hangup(struct freeswitch_calls *c, const struct freeswitch_event *e)
{
	struct freeswitch_call *call =
	    freeswitch_table_find(&c->table, e->uuid);
	int64_t at = freeswitch_micros_ms(e, "Caller-Channel-Hangup-Time");

	if (at == 0)
		at = e->at_ms;
	if (call != NULL) {
		if (call->number == NULL)
			freeswitch_take_caller(call, e);
		end_call(c, call, e, at);
	} else if (strcmp(freeswitch_get(e, "variable_cc_side"), "member") ==
		       0 &&
		   strcmp(freeswitch_get(e, "variable_cc_cause"), "cancel") ==
		       0) {
		end_member(c, e, at);
	} else {
		end_direct(c, e, at);
	}
}

/* ---- all of them -------------------------------------------------------- */

/* clang-format off */
static const struct {
	const char *what;
	void (*happened)(struct freeswitch_calls *,
			 const struct freeswitch_event *);
} rows[] = {
	{ "CHANNEL_ANSWER",          on_answer },
	{ "CHANNEL_BRIDGE",          on_bridge },
	{ "CHANNEL_UNBRIDGE",        on_unbridge },
	{ "CHANNEL_HANGUP_COMPLETE", on_hangup },
};
/* clang-format on */

void
freeswitch_calls_event(struct freeswitch_calls *c, const struct esl_packet *p,
		       const struct tracker_now *now)
{
	struct freeswitch_event e = freeswitch_event_of(p, now);

	if (*freeswitch_get(&e, "variable_" FREESWITCH_OURS) != '\0')
		return;
	if (strcmp(p->what, "CUSTOM") == 0) {
		freeswitch_queue_event(c, freeswitch_get(&e, "Event-Subclass"),
				       &e);
		return;
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].what, p->what) == 0) {
			rows[i].happened(c, &e);
			return;
		}
	}
}

/* ---- life --------------------------------------------------------------- */

struct freeswitch_calls *
freeswitch_calls_new(const struct tracker_options *o)
{
	struct freeswitch_calls *c = text_alloc(sizeof *c);

	c->o = *o;
	c->gap = true;
	freeswitch_table_init(&c->table);
	return c;
}

void
freeswitch_calls_free(struct freeswitch_calls *c)
{
	if (c == NULL)
		return;
	freeswitch_table_done(&c->table);
	free(c);
}

void
freeswitch_calls_use(struct freeswitch_calls *c,
		     const struct policy_source *config)
{
	c->o.config = config;
}

size_t
freeswitch_calls_count(const struct freeswitch_calls *c)
{
	return c->table.count;
}
