#include "daemon/sources/freeswitch_originate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/dialstring.h"
#include "daemon/sources/esl.h"
#include "daemon/sources/freeswitch_calls.h"

#define UUID_SIZE 37
/* Beyond the time that a phone rings: for the system to say so. */
#define SAY_MS 5000
#define MOST_TALK_MS ((int64_t)12 * 60 * 60 * 1000)

/*
 * An order
 *	freeswitch_originate_order	bgapi originate
 *	on_started			refused: the agent's leg failed
 *	on_answer			of the agent, then of the customer
 *	on_hangup			of the customer's: its cause; of the
 *					agent's: it ends
 *	on_time				in each state: it ends all the same
 */
struct order {
	TAILQ_ENTRY(order) all;
	struct freeswitch_originate *of;
	char agent[UUID_SIZE], customer[UUID_SIZE]; /* their channels */
	struct originate_news news;
	originate_told *told;
	void *cookie;
	struct event *timer;          /* owned */
	int64_t customer_ms, talk_ms; /* it rings; monotonic */
	bool asked;                   /* on_started is still to come */
	bool given_up;                /* by hang_up */
	bool rung_out;  /* the customer's phone rang long enough */
	bool tried;     /* there was a channel to the customer */
	char cause[48]; /* of the end of that */
};

struct freeswitch_originate {
	struct event_base *base;
	struct esl *esl;
	TAILQ_HEAD(, order) orders;
};

/* ---- what is sent ------------------------------------------------------- */

/* Blanks and quotes would begin another argument, parentheses end the one that
 * the string stands in, and braces ours. */
static bool
is_string(const char *s, const char *place)
{
	return strstr(s, place) != NULL && strpbrk(s, " \t'\"\\()`") == NULL &&
	       strchr(s, '/') != NULL;
}

int
freeswitch_originate_check(const struct policy_source *s, struct fault *fault)
{
	if (*s->dial_agent != '\0' && !is_string(s->dial_agent, "{phone}")) {
		fault_set(fault,
			  "source \"%s\": dial_agent needs a dial string with "
			  "{phone} and without blanks, quotes and parentheses, "
			  "like \"user/{phone}@example.org\".",
			  s->name);
		return -1;
	}
	if (*s->dial_customer != '\0' &&
	    !is_string(s->dial_customer, "{number}")) {
		fault_set(fault,
			  "source \"%s\": dial_customer needs a dial string "
			  "with {number} and without blanks, quotes and "
			  "parentheses, like "
			  "\"sofia/gateway/trunk/{number}\".",
			  s->name);
		return -1;
	}
	return 0;
}

/* The agent's display shows the customer's number, the customer's ours. */
static char *
command_of(const struct order *o, const struct policy_source *config,
	   const struct originate *order)
{
	char *agent = dialstring_phone(config->dial_agent, order->phone);
	char *customer =
	    dialstring_number(config->dial_customer, order->number);
	char shown[80] = "", *command;

	if (*order->caller_id != '\0')
		(void)snprintf(shown, sizeof shown,
			       ",origination_caller_id_number=%s,"
			       "origination_caller_id_name=%s",
			       order->caller_id, order->caller_id);
	command = text_print(
	    "originate {origination_uuid=%s," FREESWITCH_OURS "=%s,"
	    "originate_timeout=%" PRId64 ",ignore_early_media=true,"
	    "hangup_after_bridge=true,origination_caller_id_number=%s,"
	    "origination_caller_id_name=%s}%s "
	    "&bridge({origination_uuid=%s," FREESWITCH_OURS "=%s,"
	    "originate_timeout=%" PRId64 "%s}%s)",
	    o->agent, o->agent, (order->agent_ms + 999) / 1000, order->number,
	    order->number, agent, o->customer, o->agent,
	    (order->customer_ms + 999) / 1000, shown, customer);
	free(agent);
	free(customer);
	return command;
}

static void
ask(struct freeswitch_originate *f, const char *verb, const char *uuid)
{
	char command[80];
	const struct esl_ask what = { .command = command };

	(void)snprintf(command, sizeof command, "%s %s", verb, uuid);
	(void)esl_ask(f->esl, &what);
}

static void
hang_up_all(struct order *o)
{
	ask(o->of, "uuid_kill", o->agent);
	ask(o->of, "uuid_kill", o->customer);
}

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
	char words[80];

	(void)snprintf(words, sizeof words, "%s", why);
	text_clean(words, false);
	TAILQ_REMOVE(&o->of->orders, o, all);
	(void)evtimer_del(o->timer);
	if (result == ORIGINATE_TALKED)
		o->news.talked_ms = clock_mono_ms() - o->talk_ms;
	o->news.state = ORIGINATE_ENDED;
	o->news.result = result;
	o->news.why = words;
	o->told(o->cookie, &o->news);
	o->news.why = "";
	if (!o->asked)
		order_free(o);
}

/* clang-format off */
static const struct {
	const char *cause;
	enum originate_result customer, agent;
} causes[] = {
	{ "NO_ANSWER",          ORIGINATE_NO_ANSWER,  ORIGINATE_AGENT_NO_ANSWER },
	{ "NO_USER_RESPONSE",   ORIGINATE_NO_ANSWER,  ORIGINATE_AGENT_NO_ANSWER },
	{ "ALLOTTED_TIMEOUT",   ORIGINATE_NO_ANSWER,  ORIGINATE_AGENT_NO_ANSWER },
	{ "PROGRESS_TIMEOUT",   ORIGINATE_NO_ANSWER,  ORIGINATE_AGENT_NO_ANSWER },
	{ "RECOVERY_ON_TIMER_EXPIRE", ORIGINATE_NO_ANSWER,
				ORIGINATE_AGENT_AWAY },
	{ "SUBSCRIBER_ABSENT",  ORIGINATE_NO_ANSWER,  ORIGINATE_AGENT_AWAY },
	{ "USER_BUSY",          ORIGINATE_BUSY,       ORIGINATE_AGENT_BUSY },
	{ "UNALLOCATED_NUMBER", ORIGINATE_BAD_NUMBER, ORIGINATE_AGENT_AWAY },
	{ "NUMBER_CHANGED",     ORIGINATE_BAD_NUMBER, ORIGINATE_AGENT_AWAY },
	{ "INVALID_NUMBER_FORMAT", ORIGINATE_BAD_NUMBER, ORIGINATE_AGENT_AWAY },
	{ "ORIGINATOR_CANCEL",  ORIGINATE_GIVEN_UP,   ORIGINATE_GIVEN_UP },
};
/* clang-format on */

static enum originate_result
result_of(const char *cause, bool customer)
{
	for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
		if (strcmp(causes[i].cause, cause) == 0)
			return customer ? causes[i].customer : causes[i].agent;
	}
	return customer ? ORIGINATE_REFUSED : ORIGINATE_AGENT_AWAY;
}

/* The agent was there, and the customer's phone was not answered. */
static void
end_unanswered(struct order *o)
{
	if (o->given_up)
		end(o, ORIGINATE_GIVEN_UP, "");
	else if (o->rung_out)
		end(o, ORIGINATE_NO_ANSWER, o->cause);
	else if (*o->cause != '\0')
		end(o, result_of(o->cause, true), o->cause);
	else
		end(o, ORIGINATE_GIVEN_UP, "");
}

static void
on_time(evutil_socket_t fd, short what, void *cookie)
{
	struct order *o = cookie;

	(void)fd;
	(void)what;
	if (o->news.state == ORIGINATE_TALKING) {
		end(o, ORIGINATE_TALKED, "");
	} else if (o->given_up || o->rung_out) {
		hang_up_all(o);
		end_unanswered(o);
	} else if (o->news.state == ORIGINATE_AGENT) {
		hang_up_all(o);
		end(o, ORIGINATE_LOST, "FreeSWITCH told nothing of the call");
	} else {
		o->rung_out = true;
		hang_up_all(o);
		set_timer(o, SAY_MS);
	}
}

/* ---- what happens ------------------------------------------------------- */

static void
agent_answered(struct order *o)
{
	if (o->news.state != ORIGINATE_AGENT)
		return;
	set_timer(o, o->given_up ? SAY_MS : o->customer_ms + SAY_MS);
	say(o, ORIGINATE_CUSTOMER);
}

static void
on_answer(struct order *o, const char *uuid)
{
	if (strcmp(uuid, o->agent) == 0) {
		agent_answered(o);
	} else if (o->news.state != ORIGINATE_TALKING) {
		o->talk_ms = clock_mono_ms();
		set_timer(o, MOST_TALK_MS);
		say(o, ORIGINATE_TALKING);
	}
}

/* "SUCCESS" and what a hang-up of the agent's own makes say nothing of the
 * customer. */
static void
take_cause(struct order *o, const char *cause)
{
	if (*o->cause == '\0' && *cause != '\0' &&
	    strcmp(cause, "SUCCESS") != 0)
		(void)snprintf(o->cause, sizeof o->cause, "%s", cause);
}

static void
on_hangup(struct order *o, const char *uuid, const struct esl_packet *p)
{
	bool customer = strcmp(uuid, o->customer) == 0;

	if (o->news.state == ORIGINATE_TALKING) {
		end(o, ORIGINATE_TALKED, "");
		return;
	}
	/* The next trunk of the dial string may follow: its word counts. */
	if (customer) {
		o->cause[0] = '\0';
		take_cause(o, esl_get(p, "Hangup-Cause"));
		o->tried = true;
		return;
	}
	if (o->news.state == ORIGINATE_AGENT)
		return; /* on_started says why */
	if (!o->tried)
		take_cause(o, esl_get(p, "variable_originate_disposition"));
	end_unanswered(o);
}

void
freeswitch_originate_event(struct freeswitch_originate *f,
			   const struct esl_packet *p)
{
	bool answer = strcmp(p->what, "CHANNEL_ANSWER") == 0;
	struct order *o;
	const char *uuid;

	if (TAILQ_EMPTY(&f->orders) ||
	    (!answer && strcmp(p->what, "CHANNEL_HANGUP_COMPLETE") != 0))
		return;
	uuid = esl_get(p, "Unique-ID");
	TAILQ_FOREACH(o, &f->orders, all)
	{
		if (strcmp(o->agent, uuid) != 0 &&
		    strcmp(o->customer, uuid) != 0)
			continue;
		if (answer)
			on_answer(o, uuid);
		else
			on_hangup(o, uuid, p);
		return;
	}
}

/* ---- orders ------------------------------------------------------------- */

static void
on_started(void *cookie, enum esl_end how, const char *said)
{
	struct order *o = cookie;
	const char *cause = strncmp(said, "-ERR ", 5) == 0 ? said + 5 : said;

	o->asked = false;
	if (o->news.state == ORIGINATE_ENDED)
		order_free(o);
	else if (how == ESL_DONE)
		agent_answered(o);
	else if (how == ESL_LOST)
		end(o, ORIGINATE_LOST, "no answer");
	else if (o->given_up)
		end(o, ORIGINATE_GIVEN_UP, "");
	else if (o->news.state == ORIGINATE_AGENT)
		end(o, result_of(cause, false), cause);
	else
		end_unanswered(o);
}

/* A UUID of the customer's channel, as unique as the agent's. */
static void
name_channels(struct order *o, const char *id)
{
	static const char digits[] = "0123456789abcdef";
	const char *first = strchr(digits, *id);

	(void)snprintf(o->agent, sizeof o->agent, "%s", id);
	(void)snprintf(o->customer, sizeof o->customer, "%s", id);
	if (first != NULL)
		o->customer[0] = digits[(first - digits) ^ 8];
}

static struct order *
order_new(struct freeswitch_originate *f, const struct originate *order)
{
	struct order *o = text_alloc(sizeof *o);

	o->of = f;
	name_channels(o, order->id);
	o->news =
	    (struct originate_news){ .state = ORIGINATE_AGENT, .why = "" };
	o->customer_ms = order->customer_ms;
	o->timer = evtimer_new(f->base, on_time, o);
	if (o->timer == NULL)
		abort();
	return o;
}

int
freeswitch_originate_order(struct freeswitch_originate *f,
			   const struct policy_source *config,
			   const struct originate *order, originate_told *told,
			   void *cookie, struct fault *fault)
{
	struct esl_ask what = { .answered = on_started,
				.limit_ms = order->agent_ms + 2 * SAY_MS };
	struct order *o;
	char *command;
	int rc;

	if (dialstring_check(order, fault) < 0 ||
	    freeswitch_originate_check(config, fault) < 0)
		return -1;
	o = order_new(f, order);
	o->told = told;
	o->cookie = cookie;
	command = command_of(o, config, order);
	what.command = command;
	what.cookie = o;
	rc = esl_ask(f->esl, &what);
	free(command);
	if (rc < 0) {
		order_free(o);
		fault_set(fault, "FreeSWITCH takes no orders just now");
		return -1;
	}
	o->asked = true;
	set_timer(o, order->agent_ms + SAY_MS);
	TAILQ_INSERT_TAIL(&f->orders, o, all);
	return 0;
}

void
freeswitch_originate_hang_up(struct freeswitch_originate *f, const char *id)
{
	struct order *o;

	TAILQ_FOREACH(o, &f->orders, all)
	{
		if (strcmp(o->agent, id) != 0)
			continue;
		o->given_up = true;
		hang_up_all(o);
		set_timer(o, SAY_MS);
		return;
	}
}

void
freeswitch_originate_lost(struct freeswitch_originate *f)
{
	struct order *o;

	while ((o = TAILQ_FIRST(&f->orders)) != NULL)
		end(o, ORIGINATE_LOST, "the link to FreeSWITCH was lost");
}

struct freeswitch_originate *
freeswitch_originate_new(struct event_base *base, struct esl *esl)
{
	struct freeswitch_originate *f = text_alloc(sizeof *f);

	f->base = base;
	f->esl = esl;
	TAILQ_INIT(&f->orders);
	return f;
}

void
freeswitch_originate_free(struct freeswitch_originate *f)
{
	if (f == NULL)
		return;
	freeswitch_originate_lost(f);
	free(f);
}
