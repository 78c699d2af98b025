#include "daemon/sources/asterisk_originate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/sources/ami.h"
#include "daemon/sources/ami_packet.h"
#include "daemon/sources/asterisk_calls.h"
#include "daemon/sources/asterisk_leg.h"
#include "daemon/sources/asterisk_order.h"
#include "daemon/sources/dialstring.h"

#define MOST_LEGS 8
#define MOST_CHANNELS 16
/* Beyond the time that a phone rings: for the system to say so. */
#define SAY_MS 5000
/* For the next trunk, after a leg that failed. */
#define NEXT_LEG_MS 1500
#define MOST_TALK_MS ((int64_t)12 * 60 * 60 * 1000)

struct channel {
	char id[ASTERISK_ID_SIZE]; /* "": a free place */
	bool local;                /* half of a Local pair: nobody's phone */
};

/*
 * An order
 *	asterisk_originate_order	Action Originate
 *	on_taken			refused: it ends
 *	on_response			the agent picked up, or it ends
 *	on_dial_begin, on_dial_end	the customer's legs
 *	on_hangup			of the last who talked: it ends
 *	on_time				in each state: it ends all the same
 */
struct order {
	TAILQ_ENTRY(order) all;
	struct asterisk_originate *of;
	char id[40], channel[44]; /* ours, and "rb-" before it */
	struct originate_news news;
	originate_told *told;
	void *cookie;
	struct event *timer;                    /* owned */
	int64_t customer_ms, began_ms, talk_ms; /* monotonic but the first */
	struct asterisk_leg agent, legs[MOST_LEGS];
	struct asterisk_leg behind; /* what a Local channel of his dialled */
	size_t leg_count;
	struct channel channels[MOST_CHANNELS];
	bool asked;     /* on_taken is still to come */
	bool given_up;  /* by hang_up */
	bool rung_out;  /* the customer's phone rang long enough */
	bool answering; /* a leg was answered */
	char why[120];
};

struct asterisk_originate {
	struct event_base *base;
	struct ami *ami;
	TAILQ_HEAD(, order) orders;
};

/* ---- its end ------------------------------------------------------------ */

static void
order_free(struct order *o)
{
	event_free(o->timer);
	free(o);
}

static void
set_timer(struct order *o, int64_t ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000,
				    .tv_usec = (ms % 1000) * 1000 };

	(void)evtimer_add(o->timer, &tv);
}

static void
say(struct order *o, enum originate_state state)
{
	if (state <= o->news.state)
		return;
	o->news.state = state;
	o->told(o->cookie, &o->news);
}

/* Detached first, told last; freed when nothing more will come of it. */
static void
end(struct order *o, enum originate_result result, const char *why)
{
	TAILQ_REMOVE(&o->of->orders, o, all);
	o->of = NULL;
	(void)evtimer_del(o->timer);
	(void)snprintf(o->why, sizeof o->why, "%s", why);
	text_clean(o->why, false);
	o->news.result = result;
	o->news.why = o->why;
	if (result == ORIGINATE_TALKED)
		o->news.talked_ms = clock_mono_ms() - o->talk_ms;
	say(o, ORIGINATE_ENDED);
	if (!o->asked)
		order_free(o);
}

static void
hang_up_all(const struct order *o)
{
	asterisk_order_hang_up(o->of->ami, o->channel);
	for (size_t i = 0; i < MOST_CHANNELS; i++) {
		const struct channel *c = &o->channels[i];

		if (*c->id != '\0' && !c->local &&
		    strcmp(c->id, o->channel) != 0)
			asterisk_order_hang_up(o->of->ami, c->id);
	}
}

/* What we have ended says nothing by itself; else the last leg that failed
 * does, unless the agent went. */
static enum originate_result
result_of_legs(const struct order *o, const char **ret_why)
{
	*ret_why = "";
	if (o->given_up)
		return ORIGINATE_GIVEN_UP;
	if (o->rung_out)
		return ORIGINATE_NO_ANSWER;
	for (size_t i = o->leg_count; i > 0; i--) {
		const struct asterisk_leg *leg = &o->legs[i - 1];

		if (leg->ended && !leg->cancelled) {
			*ret_why = leg->why;
			return asterisk_leg_result(leg);
		}
	}
	if (o->leg_count > 0)
		return ORIGINATE_GIVEN_UP;
	*ret_why = "the dialplan dialled nobody";
	return ORIGINATE_REFUSED;
}

static void
end_by_legs(struct order *o)
{
	const char *why;
	enum originate_result result = result_of_legs(o, &why);

	end(o, result, why);
}

static void
on_time(evutil_socket_t fd, short what, void *cookie)
{
	struct order *o = cookie;
	bool asked_to_end = o->given_up || o->rung_out;

	(void)fd;
	(void)what;
	if (o->news.state == ORIGINATE_TALKING) {
		end(o, ORIGINATE_TALKED, "");
	} else if (o->news.state == ORIGINATE_AGENT) {
		hang_up_all(o);
		end(o, o->given_up ? ORIGINATE_GIVEN_UP : ORIGINATE_LOST,
		    o->given_up ? ""
				: "Asterisk told nothing of the call: "
				  "may its user read class call?");
	} else if (asked_to_end || asterisk_legs_over(o->legs, o->leg_count)) {
		hang_up_all(o);
		end_by_legs(o);
	} else {
		o->rung_out = true;
		hang_up_all(o);
		set_timer(o, SAY_MS);
	}
}

/* ---- its channels ------------------------------------------------------- */

static struct channel *
find_channel(struct order *o, const char *id)
{
	for (size_t i = 0; i < MOST_CHANNELS; i++) {
		if (strcmp(o->channels[i].id, id) == 0)
			return &o->channels[i];
	}
	return NULL;
}

static struct asterisk_leg *
find_leg(struct order *o, const char *id)
{
	if (strcmp(o->channel, id) == 0)
		return &o->agent;
	for (size_t i = 0; i < o->leg_count; i++) {
		if (strcmp(o->legs[i].id, id) == 0)
			return &o->legs[i];
	}
	return NULL;
}

/* Whose event it is: by the call that its channels belong to. */
static struct order *
find(struct asterisk_originate *a, const struct ami_packet *p)
{
	static const char *const names[] = { "Linkedid", "DestLinkedid",
					     "Uniqueid", "DestUniqueid" };
	struct order *o;

	TAILQ_FOREACH(o, &a->orders, all)
	{
		for (size_t i = 0; i < 4; i++) {
			const char *id = ami_get(p, names[i]);

			if (*id != '\0' && (strcmp(id, o->channel) == 0 ||
					    find_channel(o, id) != NULL))
				return o;
		}
	}
	return NULL;
}

static void
on_new_channel(struct order *o, const struct ami_packet *p)
{
	const char *id = ami_get(p, "Uniqueid");
	struct channel *c = find_channel(o, "");

	if (c == NULL || !asterisk_id_ok(id) || find_channel(o, id) != NULL)
		return;
	(void)snprintf(c->id, sizeof c->id, "%s", id);
	c->local = strncmp(ami_get(p, "Channel"), "Local/", 6) == 0;
	if (o->given_up)
		asterisk_order_hang_up(o->of->ami, id);
}

/* ---- what happens ------------------------------------------------------- */

/* The agent is there; from here on the customer's phone is waited for. */
static void
agent_answered(struct order *o)
{
	if (o->news.state != ORIGINATE_AGENT)
		return;
	set_timer(o, o->given_up ? SAY_MS : o->customer_ms);
	say(o, ORIGINATE_CUSTOMER);
}

static void
somebody_talks(struct order *o)
{
	if (o->news.state == ORIGINATE_TALKING)
		return;
	o->talk_ms = clock_mono_ms();
	set_timer(o, MOST_TALK_MS);
	say(o, ORIGINATE_TALKING);
}

static void
on_dial_begin(struct order *o, const struct ami_packet *p)
{
	const char *id = ami_get(p, "DestUniqueid");
	struct asterisk_leg *leg;

	/* From our channel: what a Local channel of the agent's dials is he. */
	if (strcmp(ami_get(p, "Uniqueid"), o->channel) != 0 ||
	    !asterisk_id_ok(id) || o->leg_count == MOST_LEGS)
		return;
	if (o->news.state == ORIGINATE_CUSTOMER &&
	    asterisk_legs_over(o->legs, o->leg_count) && !o->given_up &&
	    !o->rung_out)
		set_timer(o, o->customer_ms);
	leg = &o->legs[o->leg_count++];
	asterisk_leg_begin(leg, id);
	agent_answered(o);
}

static void
on_dial_end(struct order *o, const struct ami_packet *p)
{
	struct asterisk_leg *leg = find_leg(o, ami_get(p, "DestUniqueid"));

	if (leg == NULL) {
		asterisk_leg_begin(&o->behind, "");
		leg = &o->behind;
	}
	asterisk_leg_dialled(leg, ami_get(p, "DialStatus"));
	if (leg == &o->agent) {
		if (leg->answered)
			agent_answered(o);
	} else if (leg == &o->behind) {
		return;
	} else if (leg->answered) {
		o->answering = true;
		somebody_talks(o);
	} else if (o->news.state == ORIGINATE_CUSTOMER &&
		   asterisk_legs_over(o->legs, o->leg_count)) {
		set_timer(o, NEXT_LEG_MS);
	}
}

/* Those who are left with a phone of their own.  Where a Local pair took itself
 * out of the way, its two ends go on. */
static size_t
phones_left(const struct order *o)
{
	size_t n = 0;

	for (size_t i = 0; i < MOST_CHANNELS; i++)
		n += *o->channels[i].id != '\0' && !o->channels[i].local;
	return n;
}

static bool
leg_talks(struct order *o)
{
	for (size_t i = 0; i < o->leg_count; i++) {
		if (o->legs[i].answered &&
		    find_channel(o, o->legs[i].id) != NULL)
			return true;
	}
	return false;
}

static void
on_hangup(struct order *o, const struct ami_packet *p)
{
	const char *id = ami_get(p, "Uniqueid");
	struct channel *c = find_channel(o, id);
	struct asterisk_leg *leg = find_leg(o, id);
	bool ours = strcmp(id, o->channel) == 0;

	if (leg != NULL)
		asterisk_leg_hung_up(leg, p);
	if (c != NULL)
		*c = (struct channel){ .id = "" };
	if (o->news.state == ORIGINATE_TALKING) {
		if (o->answering ? !leg_talks(o) && phones_left(o) < 2 : ours)
			end(o, ORIGINATE_TALKED, "");
	} else if (ours && o->news.state == ORIGINATE_CUSTOMER) {
		end_by_legs(o);
	}
}

/* A phone that is busy, or was never there, has both the reason 0: its leg
 * says more. */
static enum originate_result
agent_result(const struct order *o, const char *reason)
{
	enum originate_result r = asterisk_leg_result(&o->agent);

	if (r == ORIGINATE_REFUSED)
		r = asterisk_leg_result(&o->behind);
	if (o->given_up)
		return ORIGINATE_GIVEN_UP;
	if (strcmp(reason, "5") == 0 || r == ORIGINATE_BUSY)
		return ORIGINATE_AGENT_BUSY;
	if (strcmp(reason, "3") == 0 || r == ORIGINATE_NO_ANSWER)
		return ORIGINATE_AGENT_NO_ANSWER;
	return ORIGINATE_AGENT_AWAY;
}

static void
on_response(struct order *o, const struct ami_packet *p)
{
	if (strcmp(ami_get(p, "Response"), "Success") == 0)
		agent_answered(o);
	else if (o->news.state == ORIGINATE_AGENT)
		end(o, agent_result(o, ami_get(p, "Reason")), o->agent.why);
}

/* A dialplan that joins them without dialling: nothing else tells of it. */
static void
on_bridged(struct order *o, const struct ami_packet *p)
{
	if (o->news.state == ORIGINATE_CUSTOMER && o->leg_count == 0 &&
	    strcmp(ami_get(p, "Uniqueid"), o->channel) == 0)
		somebody_talks(o);
}

static void
on_hangup_request(struct order *o, const struct ami_packet *p)
{
	struct asterisk_leg *leg = find_leg(o, ami_get(p, "Uniqueid"));

	if (leg != NULL)
		asterisk_leg_hung_up(leg, p);
}

/* clang-format off */
static const struct {
	const char *name;
	void (*happened)(struct order *, const struct ami_packet *);
} rows[] = {
	{ "Newchannel",    on_new_channel },
	{ "DialBegin",     on_dial_begin },
	{ "DialEnd",       on_dial_end },
	{ "HangupRequest", on_hangup_request },
	{ "Hangup",        on_hangup },
	{ "BridgeEnter",   on_bridged },
};
/* clang-format on */

static struct order *
by_action(struct asterisk_originate *a, const char *id)
{
	struct order *o;

	TAILQ_FOREACH(o, &a->orders, all)
	{
		if (strcmp(o->channel, id) == 0)
			return o;
	}
	return NULL;
}

void
asterisk_originate_event(struct asterisk_originate *a,
			 const struct ami_packet *p)
{
	struct order *o;

	if (TAILQ_EMPTY(&a->orders))
		return;
	if (strcmp(p->what, "OriginateResponse") == 0) {
		o = by_action(a, ami_get(p, "ActionID"));
		if (o != NULL)
			on_response(o, p);
		return;
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].name, p->what) != 0)
			continue;
		o = find(a, p);
		if (o != NULL)
			rows[i].happened(o, p);
		return;
	}
}

/* ---- orders ------------------------------------------------------------- */

static void
on_taken(void *cookie, enum ami_end how, const struct ami_packet *p)
{
	struct order *o = cookie;

	o->asked = false;
	if (o->news.state == ORIGINATE_ENDED)
		order_free(o);
	else if (how == AMI_REFUSED)
		end(o, ORIGINATE_REFUSED, ami_get(p, "Message"));
	else if (how == AMI_LOST)
		end(o, ORIGINATE_LOST, "no answer");
}

static struct order *
order_new(struct asterisk_originate *a, const struct originate *order)
{
	struct order *o = text_alloc(sizeof *o);

	o->of = a;
	(void)snprintf(o->id, sizeof o->id, "%s", order->id);
	(void)snprintf(o->channel, sizeof o->channel, ASTERISK_OURS "%s",
		       o->id);
	o->news =
	    (struct originate_news){ .state = ORIGINATE_AGENT, .why = "" };
	o->customer_ms = order->customer_ms;
	asterisk_leg_begin(&o->agent, o->channel);
	o->timer = evtimer_new(a->base, on_time, o);
	if (o->timer == NULL)
		abort();
	return o;
}

int
asterisk_originate_order(struct asterisk_originate *a,
			 const struct policy_source *config,
			 const struct originate *order, originate_told *told,
			 void *cookie, struct fault *fault)
{
	struct order *o;

	if (dialstring_check(order, fault) < 0 ||
	    asterisk_order_check(config, fault) < 0)
		return -1;
	o = order_new(a, order);
	o->told = told;
	o->cookie = cookie;
	if (asterisk_order_originate(a->ami, config, order, o->channel,
				     on_taken, o) < 0) {
		order_free(o);
		fault_set(fault, "Asterisk takes no orders just now");
		return -1;
	}
	o->asked = true;
	set_timer(o, order->agent_ms + SAY_MS);
	TAILQ_INSERT_TAIL(&a->orders, o, all);
	return 0;
}

void
asterisk_originate_hang_up(struct asterisk_originate *a, const char *id)
{
	struct order *o;

	TAILQ_FOREACH(o, &a->orders, all)
	{
		if (strcmp(o->id, id) != 0)
			continue;
		o->given_up = true;
		hang_up_all(o);
		set_timer(o, SAY_MS);
		return;
	}
}

void
asterisk_originate_lost(struct asterisk_originate *a)
{
	struct order *o;

	while ((o = TAILQ_FIRST(&a->orders)) != NULL)
		end(o, ORIGINATE_LOST, "the link to Asterisk was lost");
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
