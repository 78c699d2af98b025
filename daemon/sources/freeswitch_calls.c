#include "daemon/sources/freeswitch_calls.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/dialstring.h"
#include "daemon/sources/esl_packet.h"
#include "daemon/sources/freeswitch_inside.h"

struct event { /* with what every handler needs of it */
	const struct esl_packet *p;
	const struct freeswitch_now *now;
	const char *uuid; /* the channel that it is about; "" */
	int64_t at_ms;    /* wall, by Redis's clock: its own, or now */
};

static const char *
get(const struct event *e, const char *name)
{
	return esl_get(e->p, name);
}

/* Seconds, by its clock; 0: it is none. */
static int64_t
epoch_s(const struct event *e, const char *name)
{
	int64_t s;

	if (text_int64(&s, get(e, name), 1, INT64_C(99999999999)) < 0)
		return 0;
	return s;
}

/* Of microseconds; by Redis's clock. */
static int64_t
micros_ms(const struct event *e, const char *name)
{
	int64_t us;

	if (text_int64(&us, get(e, name), 1, INT64_MAX) < 0)
		return 0;
	return us / 1000 - e->now->ahead_ms;
}

static struct event
event_of(const struct esl_packet *p, const struct freeswitch_now *now)
{
	struct event e = { .p = p,
			   .now = now,
			   .uuid = esl_get(p, "Unique-ID") };

	e.at_ms = micros_ms(&e, "Event-Date-Timestamp");
	if (e.at_ms == 0)
		e.at_ms = now->wall_ms;
	return e;
}

static bool
is_ended(const struct event *e)
{
	return strcmp(get(e, "Answer-State"), "hangup") == 0 ||
	       *get(e, "Hangup-Cause") != '\0';
}

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

/* ---- who he is ---------------------------------------------------------- */

/* What he dialled at first; a transfer changes the destination. */
static const char *
dialled(const struct event *e)
{
	const char *user = get(e, "variable_sip_req_user");

	return dialstring_is_number(user) ? user
					  : get(e, "Caller-Destination-Number");
}

/* The event is about his own channel. */
static void
take_caller(struct freeswitch_call *call, const struct event *e)
{
	freeswitch_set(&call->number, get(e, "Caller-Caller-ID-Number"));
	freeswitch_set(&call->name, get(e, "Caller-Caller-ID-Name"));
	freeswitch_set(&call->language, get(e, "variable_default_language"));
	freeswitch_set(&call->to, dialled(e));
}

static void
take_member(struct freeswitch_call *call, const struct event *e)
{
	int64_t joined = epoch_s(e, "CC-Member-Joined-Time");

	if (strcmp(e->uuid, call->session) == 0)
		take_caller(call, e);
	freeswitch_set(&call->number, get(e, "CC-Member-CID-Number"));
	freeswitch_set(&call->name, get(e, "CC-Member-CID-Name"));
	freeswitch_set(&call->queue, get(e, "CC-Queue"));
	if (joined > 0)
		call->joined_ms = freeswitch_ms(e->now, joined);
}

static void
waited(struct freeswitch_call *call, const struct event *e, int64_t until_s)
{
	int64_t since = epoch_s(e, "CC-Member-Joined-Time");

	if (since > 0 && until_s >= since)
		call->waited_s = until_s - since;
}

/* ---- mod_callcenter ----------------------------------------------------- */

/* He who makes this visit to a queue, whether its begin was heard or not. */
static struct freeswitch_call *
member_of(struct freeswitch_calls *c, const struct event *e)
{
	const char *member = get(e, "CC-Member-UUID");
	struct freeswitch_call *call =
	    freeswitch_caller_make(c, get(e, "CC-Member-Session-UUID"), e->now);

	if (call == NULL)
		return NULL;
	if (strcmp(call->member, member) != 0 || call->place == PLACE_DIRECT)
		freeswitch_caller_joins(c, call, member, e->now);
	take_member(call, e);
	return call;
}

static void
on_start(struct freeswitch_calls *c, const struct event *e)
{
	struct freeswitch_call *call = member_of(c, e);

	if (call != NULL && call->joined_ms == 0)
		call->joined_ms = e->at_ms;
}

static void
on_resume(struct freeswitch_calls *c, const struct event *e)
{
	const struct freeswitch_missed *before =
	    freeswitch_missed_of(&c->table, get(e, "CC-Member-UUID"));

	if (before != NULL &&
	    strcmp(before->session, get(e, "CC-Member-Session-UUID")) != 0)
		freeswitch_caller_resumed(
		    c, before, get(e, "CC-Member-CID-Number"), e->at_ms);
	on_start(c, e);
}

static void
on_agent(struct freeswitch_calls *c, const struct event *e)
{
	struct freeswitch_call *call = member_of(c, e);

	if (call == NULL)
		return;
	waited(call, e, epoch_s(e, "CC-Agent-Answered-Time"));
	freeswitch_caller_talks(c, call, e->at_ms, e->now);
}

static void
on_agent_end(struct freeswitch_calls *c, const struct event *e)
{
	struct freeswitch_call *call =
	    freeswitch_table_find(&c->table, get(e, "CC-Member-Session-UUID"));

	if (call == NULL)
		return;
	freeswitch_caller_pauses(call, e->now);
	/* The agent was there, and the caller was not any more. */
	if (strcmp(get(e, "CC-Agent-Bridged"), "false") == 0 &&
	    !call->told_answered) {
		freeswitch_table_timed(&c->table, call, false);
		call->talked = false;
		call->talked_ms = 0;
	}
}

/* Cancel: whatever the reason, he is told as missed only when his channel ends
 * and nobody talked with him.  Terminated: an agent did. */
static void
on_leave(struct freeswitch_calls *c, const struct event *e)
{
	struct freeswitch_call *call = member_of(c, e);
	int64_t left = epoch_s(e, "CC-Member-Leaving-Time");
	int64_t answered = epoch_s(e, "CC-Agent-Answered-Time");

	if (call == NULL)
		return;
	if (call->place == PLACE_QUEUE)
		call->place = PLACE_LEFT;
	call->left_ms = freeswitch_ms(e->now, left);
	if (strcmp(get(e, "CC-Cause"), "Terminated") == 0 && answered > 0) {
		waited(call, e, answered);
		freeswitch_caller_talked(
		    c, call, freeswitch_ms(e->now, answered),
		    left > answered ? (left - answered) * 1000 : 0);
	} else {
		waited(call, e, left);
	}
	if (is_ended(e))
		freeswitch_caller_ends(c, call, e->at_ms, e->now);
}

/* ---- mod_fifo ----------------------------------------------------------- */

/* It has no id for a visit: the second one after a talk is named by when it
 * began. */
static void
on_push(struct freeswitch_calls *c, const struct event *e)
{
	struct freeswitch_call *call =
	    freeswitch_caller_make(c, e->uuid, e->now);
	char member[40] = "";

	if (call == NULL)
		return;
	if (call->talked && strncmp(call->member, "fifo", 4) != 0)
		(void)snprintf(member, sizeof member, "fifo-%" PRId64,
			       epoch_s(e, "Event-Date-Timestamp") / 1000000);
	freeswitch_caller_joins(c, call, member, e->now);
	take_caller(call, e);
	freeswitch_set(&call->queue, get(e, "FIFO-Name"));
	call->joined_ms = e->at_ms;
}

static struct freeswitch_call *
waiter_of(struct freeswitch_calls *c, const struct event *e)
{
	struct freeswitch_call *call =
	    freeswitch_table_find(&c->table, e->uuid);

	if (call != NULL)
		return call;
	call = freeswitch_caller_make(c, e->uuid, e->now);
	if (call == NULL)
		return NULL;
	freeswitch_caller_joins(c, call, "", e->now);
	take_caller(call, e);
	freeswitch_set(&call->queue, get(e, "FIFO-Name"));
	return call;
}

static void
on_fifo_leave(struct freeswitch_calls *c, const struct event *e)
{
	struct freeswitch_call *call = waiter_of(c, e);

	if (call == NULL || call->place != PLACE_QUEUE)
		return;
	call->place = PLACE_LEFT;
	call->left_ms = e->at_ms;
	if (call->joined_ms > 0 && e->at_ms >= call->joined_ms)
		call->waited_s = (e->at_ms - call->joined_ms) / 1000;
	if (is_ended(e))
		freeswitch_caller_ends(c, call, e->at_ms, e->now);
}

static void
on_fifo_talk(struct freeswitch_calls *c, const struct event *e)
{
	struct freeswitch_call *call = waiter_of(c, e);

	if (call == NULL)
		return;
	if (!call->talked && call->joined_ms > 0 && e->at_ms >= call->joined_ms)
		call->waited_s = (e->at_ms - call->joined_ms) / 1000;
	freeswitch_caller_talks(c, call, e->at_ms, e->now);
	call->place = PLACE_LEFT;
}

static void
on_fifo_talked(struct freeswitch_calls *c, const struct event *e)
{
	struct freeswitch_call *call =
	    freeswitch_table_find(&c->table, e->uuid);

	if (call != NULL)
		freeswitch_caller_pauses(call, e->now);
}

/* ---- channels ----------------------------------------------------------- */

/* Somebody is there for the caller on that channel of ours or of a context. */
static void
meets(struct freeswitch_calls *c, const struct event *e, const char *caller,
      bool comes_in)
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
		take_caller(call, e);
	freeswitch_caller_talks(c, call, e->at_ms, e->now);
}

/* The other channel of the event came in to a context. */
static bool
other_comes_in(const struct freeswitch_calls *c, const struct event *e)
{
	return strcmp(get(e, "Other-Leg-Direction"), "inbound") == 0 &&
	       !is_loopback(get(e, "Other-Leg-Channel-Name")) &&
	       is_context(c, get(e, "Other-Leg-Context"));
}

static bool
comes_in(const struct freeswitch_calls *c, const struct event *e)
{
	return strcmp(get(e, "Call-Direction"), "inbound") == 0 &&
	       !is_loopback(get(e, "Channel-Name")) &&
	       is_context(c, get(e, "Caller-Context"));
}

/* A dialled channel is answered: for whom it was dialled. */
static void
on_answer(struct freeswitch_calls *c, const struct event *e)
{
	const char *caller = get(e, "Other-Leg-Unique-ID");

	if (strcmp(get(e, "Call-Direction"), "outbound") != 0 ||
	    is_loopback(get(e, "Channel-Name")) || *caller == '\0' ||
	    strcmp(get(e, "Other-Type"), "originatee") == 0)
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
on_bridge(struct freeswitch_calls *c, const struct event *e)
{
	const char *a = get(e, "Bridge-A-Unique-ID");
	const char *b = get(e, "Bridge-B-Unique-ID");
	const char *other = strcmp(a, e->uuid) == 0 ? b : a;

	if (*other == '\0')
		other = get(e, "Other-Leg-Unique-ID");
	if (is_set(get(e, "Other-Leg-Channel-Answered-Time")) &&
	    !is_loopback(get(e, "Other-Leg-Channel-Name")))
		meets(c, e, e->uuid, comes_in(c, e));
	if (*other != '\0' && !is_loopback(get(e, "Channel-Name")) &&
	    strcmp(get(e, "Answer-State"), "answered") == 0)
		meets(c, e, other, false);
}

static void
on_unbridge(struct freeswitch_calls *c, const struct event *e)
{
	const char *const ids[] = { e->uuid, get(e, "Bridge-A-Unique-ID"),
				    get(e, "Bridge-B-Unique-ID") };

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
talk_since(const struct event *e, int64_t since_ms, bool blind)
{
	int64_t other = micros_ms(e, "Other-Leg-Channel-Answered-Time");
	int64_t bridged = micros_ms(e, "Caller-Channel-Bridged-Time");

	if (other > 0 && other >= since_ms &&
	    strcmp(get(e, "Other-Type"), "originatee") == 0 &&
	    !is_loopback(get(e, "Other-Leg-Channel-Name")))
		return other;
	if (blind && bridged > 0 && bridged >= since_ms &&
	    is_set(get(e, "Caller-Channel-Answered-Time")))
		return bridged;
	return 0;
}

static void
end_call(struct freeswitch_calls *c, struct freeswitch_call *call,
	 const struct event *e, int64_t at_ms)
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
end_member(struct freeswitch_calls *c, const struct event *e, int64_t at_ms)
{
	struct freeswitch_call *call =
	    freeswitch_caller_make(c, e->uuid, e->now);
	int64_t joined = epoch_s(e, "variable_cc_queue_joined_epoch");
	int64_t left = epoch_s(e, "variable_cc_queue_canceled_epoch");

	if (call == NULL)
		return;
	freeswitch_caller_joins(c, call, get(e, "variable_cc_member_uuid"),
				e->now);
	take_caller(call, e);
	freeswitch_set(&call->queue, get(e, "variable_cc_queue"));
	call->left_ms = freeswitch_ms(e->now, left);
	if (joined > 0 && left >= joined)
		call->waited_s = left - joined;
	call->blind = true;
	end_call(c, call, e, at_ms);
}

/* No queue, and nobody talked as far as we heard. */
static void
end_direct(struct freeswitch_calls *c, const struct event *e, int64_t at_ms)
{
	int64_t began = micros_ms(e, "Caller-Channel-Created-Time");
	struct freeswitch_call *call;

	if (!comes_in(c, e) || *get(e, "variable_cc_side") != '\0')
		return;
	/* A conference is no bridge, and yet somebody may be there. */
	if (strcmp(get(e, "variable_last_app"), "conference") == 0)
		return;
	call = freeswitch_caller_make(c, e->uuid, e->now);
	if (call == NULL)
		return;
	call->place = PLACE_DIRECT;
	take_caller(call, e);
	if (began > 0 && at_ms >= began)
		call->waited_s = (at_ms - began) / 1000;
	call->blind = began < c->up_ms;
	end_call(c, call, e, at_ms);
}

static void
on_hangup(struct freeswitch_calls *c, const struct event *e)
{
	struct freeswitch_call *call =
	    freeswitch_table_find(&c->table, e->uuid);
	int64_t at = micros_ms(e, "Caller-Channel-Hangup-Time");

	if (at == 0)
		at = e->at_ms;
	if (call != NULL) {
		if (call->number == NULL)
			take_caller(call, e);
		end_call(c, call, e, at);
	} else if (strcmp(get(e, "variable_cc_side"), "member") == 0 &&
		   strcmp(get(e, "variable_cc_cause"), "cancel") == 0) {
		end_member(c, e, at);
	} else {
		end_direct(c, e, at);
	}
}

/* ---- all of them -------------------------------------------------------- */

/* clang-format off */
static const struct row {
	const char *what; /* Event-Name, or the subclass of CUSTOM */
	const char *field, *value; /* and this, NULL: whatever */
	void (*happened)(struct freeswitch_calls *, const struct event *);
} rows[] = {
	{ "callcenter::info", "CC-Action", "member-queue-start",  on_start },
	{ "callcenter::info", "CC-Action", "member-queue-resume", on_resume },
	{ "callcenter::info", "CC-Action", "member-queue-end",    on_leave },
	{ "callcenter::info", "CC-Action", "bridge-agent-start",  on_agent },
	{ "callcenter::info", "CC-Action", "bridge-agent-end",    on_agent_end },
	{ "fifo::info", "FIFO-Action", "push",                on_push },
	{ "fifo::info", "FIFO-Action", "abort",               on_fifo_leave },
	{ "fifo::info", "FIFO-Action", "timeout",             on_fifo_leave },
	{ "fifo::info", "FIFO-Action", "bridge-caller-start", on_fifo_talk },
	{ "fifo::info", "FIFO-Action", "bridge-caller-stop",  on_fifo_talked },
	{ "CHANNEL_ANSWER",          NULL, NULL, on_answer },
	{ "CHANNEL_BRIDGE",          NULL, NULL, on_bridge },
	{ "CHANNEL_UNBRIDGE",        NULL, NULL, on_unbridge },
	{ "CHANNEL_HANGUP_COMPLETE", NULL, NULL, on_hangup },
};
/* clang-format on */

void
freeswitch_calls_event(struct freeswitch_calls *c, const struct esl_packet *p,
		       const struct freeswitch_now *now)
{
	const char *what = p->what;
	struct event e = event_of(p, now);

	if (*get(&e, "variable_" FREESWITCH_OURS) != '\0')
		return;
	if (strcmp(what, "CUSTOM") == 0)
		what = get(&e, "Event-Subclass");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *r = &rows[i];

		if (strcmp(r->what, what) == 0 &&
		    (r->field == NULL ||
		     strcmp(get(&e, r->field), r->value) == 0)) {
			r->happened(c, &e);
			return;
		}
	}
}

/* ---- life --------------------------------------------------------------- */

struct freeswitch_calls *
freeswitch_calls_new(const struct freeswitch_calls_options *o)
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
