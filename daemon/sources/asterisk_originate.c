#include "daemon/sources/asterisk_originate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "daemon/base/text.h"
#include "daemon/sources/ami.h"
#include "daemon/sources/ami_packet.h"
#include "daemon/sources/asterisk_calls.h"
#include "daemon/sources/asterisk_leg.h"
#include "daemon/sources/asterisk_order.h"
#include "daemon/sources/dialstring.h"
#include "daemon/sources/order.h"

#define MOST_LEGS 8
#define MOST_CHANNELS 16
/* For the next trunk, after a leg that failed. */
#define NEXT_LEG_MS 1500
/* For the rest of what is told of the agent's leg, which comes at once. */
#define REST_MS 1000

struct channel {
	char id[ASTERISK_ID_SIZE]; /* "": a free place */
	bool local;                /* half of a Local pair: nobody's phone */
};

/*
 * An attempt
 *	asterisk_originate_order	Action Originate
 *	on_taken			refused: it ends
 *	on_response			the agent picked up, or it ends
 *	on_dial_begin, on_dial_end	the customer's legs
 *	on_hangup			of the last who talked: it ends
 *	on_time				in each state: it ends all the same
 */
struct attempt {
	struct order order; /* must be the first */
	struct asterisk_originate *of;
	char channel[44]; /* its id, and "rb-" before it */
	struct asterisk_leg agent, legs[MOST_LEGS];
	struct asterisk_leg behind; /* what a Local channel of his dialled */
	size_t leg_count;
	struct channel channels[MOST_CHANNELS];
	bool answering; /* a leg was answered */
	bool failed;    /* Asterisk gave the agent up; why comes with his leg */
	char reason[8]; /* as it said then */
};

struct asterisk_originate {
	struct event_base *base;
	struct ami *ami;
	struct orders orders;
};

static struct attempt *
attempt_of(struct order *o)
{
	return (struct attempt *)(void *)o;
}

/* ---- its end ------------------------------------------------------------ */

static void
hang_up_all(const struct attempt *t)
{
	asterisk_order_hang_up(t->of->ami, t->channel);
	for (size_t i = 0; i < MOST_CHANNELS; i++) {
		const struct channel *c = &t->channels[i];

		if (*c->id != '\0' && !c->local &&
		    strcmp(c->id, t->channel) != 0)
			asterisk_order_hang_up(t->of->ami, c->id);
	}
}

/* What we have ended says nothing by itself; else the last leg that failed
 * does, unless the agent went. */
static enum originate_result
result_of_legs(const struct attempt *t, const char **ret_why)
{
	*ret_why = "";
	if (t->order.given_up)
		return ORIGINATE_GIVEN_UP;
	if (t->order.rung_out)
		return ORIGINATE_NO_ANSWER;
	for (size_t i = t->leg_count; i > 0; i--) {
		const struct asterisk_leg *leg = &t->legs[i - 1];

		if (leg->ended && !leg->cancelled) {
			*ret_why = leg->why;
			return asterisk_leg_result(leg);
		}
	}
	if (t->leg_count > 0)
		return ORIGINATE_GIVEN_UP;
	*ret_why = "the dialplan dialled nobody";
	return ORIGINATE_REFUSED;
}

static void
end_by_legs(struct attempt *t)
{
	const char *why;
	enum originate_result result = result_of_legs(t, &why);

	order_end(&t->order, result, why);
}

/* A phone that is busy, or was never there, has both the reason 0: its leg
 * says more. */
static enum originate_result
agent_result(const struct attempt *t)
{
	enum originate_result r = asterisk_leg_result(&t->agent);

	if (r == ORIGINATE_REFUSED)
		r = asterisk_leg_result(&t->behind);
	if (t->order.given_up)
		return ORIGINATE_GIVEN_UP;
	if (strcmp(t->reason, "5") == 0 || r == ORIGINATE_BUSY)
		return ORIGINATE_AGENT_BUSY;
	if (strcmp(t->reason, "3") == 0 || r == ORIGINATE_NO_ANSWER)
		return ORIGINATE_AGENT_NO_ANSWER;
	return ORIGINATE_AGENT_AWAY;
}

static void
end_without_agent(struct attempt *t)
{
	order_end(&t->order, agent_result(t), t->agent.why);
}

static void
on_time(evutil_socket_t fd, short what, void *cookie)
{
	struct attempt *t = cookie;
	bool asked_to_end = t->order.given_up || t->order.rung_out;

	(void)fd;
	(void)what;
	if (t->order.news.state == ORIGINATE_TALKING) {
		order_end(&t->order, ORIGINATE_TALKED, "");
	} else if (t->failed) {
		end_without_agent(t);
	} else if (t->order.news.state == ORIGINATE_AGENT) {
		hang_up_all(t);
		order_end(
		    &t->order,
		    t->order.given_up ? ORIGINATE_GIVEN_UP : ORIGINATE_LOST,
		    t->order.given_up ? ""
				      : "Asterisk told nothing of the call: "
					"may its user read class call?");
	} else if (asked_to_end || asterisk_legs_over(t->legs, t->leg_count)) {
		hang_up_all(t);
		end_by_legs(t);
	} else {
		t->order.rung_out = true;
		hang_up_all(t);
		order_timer(&t->order, ORDER_SAY_MS);
	}
}

/* ---- its channels ------------------------------------------------------- */

static struct channel *
find_channel(struct attempt *t, const char *id)
{
	for (size_t i = 0; i < MOST_CHANNELS; i++) {
		if (strcmp(t->channels[i].id, id) == 0)
			return &t->channels[i];
	}
	return NULL;
}

static struct asterisk_leg *
find_leg(struct attempt *t, const char *id)
{
	if (strcmp(t->channel, id) == 0)
		return &t->agent;
	for (size_t i = 0; i < t->leg_count; i++) {
		if (strcmp(t->legs[i].id, id) == 0)
			return &t->legs[i];
	}
	return NULL;
}

/* Whose event it is: by the call that its channels belong to. */
static struct attempt *
find(struct asterisk_originate *a, const struct ami_packet *p)
{
	static const char *const names[] = { "Linkedid", "DestLinkedid",
					     "Uniqueid", "DestUniqueid" };
	struct order *at;

	TAILQ_FOREACH(at, &a->orders, all)
	{
		struct attempt *t = attempt_of(at);

		for (size_t i = 0; i < 4; i++) {
			const char *id = ami_get(p, names[i]);

			if (*id != '\0' && (strcmp(id, t->channel) == 0 ||
					    find_channel(t, id) != NULL))
				return t;
		}
	}
	return NULL;
}

static void
on_new_channel(struct attempt *t, const struct ami_packet *p)
{
	const char *id = ami_get(p, "Uniqueid");
	struct channel *c = find_channel(t, "");

	if (c == NULL || !asterisk_id_ok(id) || find_channel(t, id) != NULL)
		return;
	(void)snprintf(c->id, sizeof c->id, "%s", id);
	c->local = strncmp(ami_get(p, "Channel"), "Local/", 6) == 0;
	if (t->order.given_up)
		asterisk_order_hang_up(t->of->ami, id);
}

/* ---- what happens ------------------------------------------------------- */

/* The agent is there; from here on the customer's phone is waited for. */
static void
agent_answered(struct attempt *t)
{
	if (t->order.news.state != ORIGINATE_AGENT)
		return;
	order_timer(&t->order,
		    t->order.given_up ? ORDER_SAY_MS : t->order.customer_ms);
	order_say(&t->order, ORIGINATE_CUSTOMER);
}

static void
on_dial_begin(struct attempt *t, const struct ami_packet *p)
{
	const char *id = ami_get(p, "DestUniqueid");
	struct asterisk_leg *leg;

	/* From our channel: what a Local channel of the agent's dials is he. */
	if (strcmp(ami_get(p, "Uniqueid"), t->channel) != 0 ||
	    !asterisk_id_ok(id) || t->leg_count == MOST_LEGS)
		return;
	if (t->order.news.state == ORIGINATE_CUSTOMER &&
	    asterisk_legs_over(t->legs, t->leg_count) && !t->order.given_up &&
	    !t->order.rung_out)
		order_timer(&t->order, t->order.customer_ms);
	leg = &t->legs[t->leg_count++];
	asterisk_leg_begin(leg, id);
	agent_answered(t);
}

static void
on_dial_end(struct attempt *t, const struct ami_packet *p)
{
	struct asterisk_leg *leg = find_leg(t, ami_get(p, "DestUniqueid"));

	if (leg == NULL) {
		asterisk_leg_begin(&t->behind, "");
		leg = &t->behind;
	}
	asterisk_leg_dialled(leg, ami_get(p, "DialStatus"));
	if (leg == &t->agent) {
		if (leg->answered)
			agent_answered(t);
	} else if (leg == &t->behind) {
		return;
	} else if (leg->answered) {
		t->answering = true;
		order_talks(&t->order);
	} else if (t->order.news.state == ORIGINATE_CUSTOMER &&
		   asterisk_legs_over(t->legs, t->leg_count)) {
		order_timer(&t->order, NEXT_LEG_MS);
	}
}

/* Those who are left with a phone of their own.  Where a Local pair took itself
 * out of the way, its two ends go on. */
static size_t
phones_left(const struct attempt *t)
{
	size_t n = 0;

	for (size_t i = 0; i < MOST_CHANNELS; i++)
		n += *t->channels[i].id != '\0' && !t->channels[i].local;
	return n;
}

static bool
leg_talks(struct attempt *t)
{
	for (size_t i = 0; i < t->leg_count; i++) {
		if (t->legs[i].answered &&
		    find_channel(t, t->legs[i].id) != NULL)
			return true;
	}
	return false;
}

static void
on_hangup(struct attempt *t, const struct ami_packet *p)
{
	const char *id = ami_get(p, "Uniqueid");
	struct channel *c = find_channel(t, id);
	struct asterisk_leg *leg = find_leg(t, id);
	bool ours = strcmp(id, t->channel) == 0;

	if (leg != NULL)
		asterisk_leg_hung_up(leg, p);
	if (c != NULL)
		*c = (struct channel){ .id = "" };
	if (ours && t->failed) {
		end_without_agent(t);
		return;
	}
	if (t->order.news.state == ORIGINATE_TALKING) {
		if (t->answering ? !leg_talks(t) && phones_left(t) < 2 : ours)
			order_end(&t->order, ORIGINATE_TALKED, "");
	} else if (ours && t->order.news.state == ORIGINATE_CUSTOMER) {
		end_by_legs(t);
	}
}

/* Asterisk says that it failed before or after how his leg ended; of a phone
 * that is not there, there is no leg at all. */
static void
on_response(struct attempt *t, const struct ami_packet *p)
{
	if (strcmp(ami_get(p, "Response"), "Success") == 0) {
		agent_answered(t);
		return;
	}
	if (t->order.news.state != ORIGINATE_AGENT || t->failed)
		return;
	t->failed = true;
	(void)snprintf(t->reason, sizeof t->reason, "%s", ami_get(p, "Reason"));
	if (find_channel(t, t->channel) == NULL)
		end_without_agent(t);
	else
		order_timer(&t->order, REST_MS);
}

/* A dialplan that joins them without dialling: nothing else tells of it. */
static void
on_bridged(struct attempt *t, const struct ami_packet *p)
{
	if (t->order.news.state == ORIGINATE_CUSTOMER && t->leg_count == 0 &&
	    strcmp(ami_get(p, "Uniqueid"), t->channel) == 0)
		order_talks(&t->order);
}

static void
on_hangup_request(struct attempt *t, const struct ami_packet *p)
{
	struct asterisk_leg *leg = find_leg(t, ami_get(p, "Uniqueid"));

	if (leg != NULL)
		asterisk_leg_hung_up(leg, p);
}

/* clang-format off */
static const struct {
	const char *name;
	void (*happened)(struct attempt *, const struct ami_packet *);
} rows[] = {
	{ "Newchannel",    on_new_channel },
	{ "DialBegin",     on_dial_begin },
	{ "DialEnd",       on_dial_end },
	{ "HangupRequest", on_hangup_request },
	{ "Hangup",        on_hangup },
	{ "BridgeEnter",   on_bridged },
};
/* clang-format on */

/* The ActionID is the channel's. */
static struct attempt *
by_action(const struct asterisk_originate *a, const char *id)
{
	size_t n = sizeof ASTERISK_OURS - 1;

	return strncmp(id, ASTERISK_OURS, n) == 0
		   ? attempt_of(order_find(&a->orders, id + n))
		   : NULL;
}

void
asterisk_originate_event(struct asterisk_originate *a,
			 const struct ami_packet *p)
{
	struct attempt *t;

	if (TAILQ_EMPTY(&a->orders))
		return;
	if (strcmp(p->what, "OriginateResponse") == 0) {
		t = by_action(a, ami_get(p, "ActionID"));
		if (t != NULL)
			on_response(t, p);
		return;
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].name, p->what) != 0)
			continue;
		t = find(a, p);
		if (t != NULL)
			rows[i].happened(t, p);
		return;
	}
}

/* ---- orders ------------------------------------------------------------- */

static void
on_taken(void *cookie, enum ami_end how, const struct ami_packet *p)
{
	struct attempt *t = cookie;

	if (!order_answered(&t->order))
		return;
	if (how == AMI_REFUSED)
		order_end(&t->order, ORIGINATE_REFUSED, ami_get(p, "Message"));
	else if (how == AMI_LOST)
		order_end(&t->order, ORIGINATE_LOST, "no answer");
}

static struct attempt *
attempt_new(struct asterisk_originate *a, const struct originate *call)
{
	struct attempt *t = text_alloc(sizeof *t);

	t->of = a;
	(void)snprintf(t->channel, sizeof t->channel, ASTERISK_OURS "%s",
		       call->id);
	asterisk_leg_begin(&t->agent, t->channel);
	order_init(&t->order, a->base, call, on_time);
	return t;
}

int
asterisk_originate_order(struct asterisk_originate *a,
			 const struct policy_source *config,
			 const struct originate *call, originate_told *told,
			 void *cookie, struct fault *fault)
{
	struct attempt *t;

	if (dialstring_check(call, fault) < 0 ||
	    asterisk_order_check(config, fault) < 0)
		return -1;
	t = attempt_new(a, call);
	t->order.told = told;
	t->order.cookie = cookie;
	if (asterisk_order_originate(a->ami, config, call, t->channel, on_taken,
				     t) < 0) {
		order_free(&t->order);
		fault_set(fault, "Asterisk takes no orders just now");
		return -1;
	}
	order_begin(&t->order, &a->orders, call->agent_ms);
	return 0;
}

void
asterisk_originate_hang_up(struct asterisk_originate *a, const char *id)
{
	struct attempt *t = attempt_of(order_give_up(&a->orders, id));

	if (t != NULL)
		hang_up_all(t);
}

void
asterisk_originate_lost(struct asterisk_originate *a)
{
	order_end_all(&a->orders, "the link to Asterisk was lost");
}

struct asterisk_originate *
asterisk_originate_new(struct event_base *base, struct ami *ami)
{
	struct asterisk_originate *a = text_alloc(sizeof *a);

	a->base = base;
	a->ami = ami;
	TAILQ_INIT(&a->orders);
	return a;
}

void
asterisk_originate_free(struct asterisk_originate *a)
{
	if (a == NULL)
		return;
	asterisk_originate_lost(a);
	free(a);
}
