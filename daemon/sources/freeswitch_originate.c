#include "daemon/sources/freeswitch_originate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/dialstring.h"
#include "daemon/sources/esl.h"
#include "daemon/sources/freeswitch_calls.h"
#include "daemon/sources/order.h"

/*
 * An attempt
 *	freeswitch_originate_order	bgapi originate
 *	on_started			refused: the agent's leg failed
 *	on_answer			of the agent, then of the customer
 *	on_hangup			of the customer's: its cause; of the
 *					agent's: it ends
 *	on_time				in each state: it ends all the same
 */
struct attempt {
	struct order order; /* must be the first */
	struct freeswitch_originate *of;
	char agent[ORDER_ID_SIZE], customer[ORDER_ID_SIZE]; /* channels */
	bool tried;     /* there was a channel to the customer */
	char cause[48]; /* of the end of that */
};

struct freeswitch_originate {
	struct event_base *base;
	struct esl *esl;
	struct orders orders;
};

static struct attempt *
attempt_of(struct order *o)
{
	return (struct attempt *)(void *)o;
}

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
command_of(const struct attempt *t, const struct policy_source *config,
	   const struct originate *call)
{
	char *agent = dialstring_phone(config->dial_agent, call->phone);
	char *customer = dialstring_number(config->dial_customer, call->number);
	char shown[80] = "", *command;

	if (*call->caller_id != '\0')
		(void)snprintf(shown, sizeof shown,
			       ",origination_caller_id_number=%s,"
			       "origination_caller_id_name=%s",
			       call->caller_id, call->caller_id);
	command = text_print(
	    "originate {origination_uuid=%s," FREESWITCH_OURS "=%s,"
	    "originate_timeout=%" PRId64 ",ignore_early_media=true,"
	    "hangup_after_bridge=true,origination_caller_id_number=%s,"
	    "origination_caller_id_name=%s}%s "
	    "&bridge({origination_uuid=%s," FREESWITCH_OURS "=%s,"
	    "originate_timeout=%" PRId64 "%s}%s)",
	    t->agent, t->agent, (call->agent_ms + 999) / 1000, call->number,
	    call->number, agent, t->customer, t->agent,
	    (call->customer_ms + 999) / 1000, shown, customer);
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
hang_up_all(struct attempt *t)
{
	ask(t->of, "uuid_kill", t->agent);
	ask(t->of, "uuid_kill", t->customer);
}

/* ---- its end ------------------------------------------------------------ */

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
end_unanswered(struct attempt *t)
{
	if (t->order.given_up)
		order_end(&t->order, ORIGINATE_GIVEN_UP, "");
	else if (t->order.rung_out)
		order_end(&t->order, ORIGINATE_NO_ANSWER, t->cause);
	else if (*t->cause != '\0')
		order_end(&t->order, result_of(t->cause, true), t->cause);
	else
		order_end(&t->order, ORIGINATE_GIVEN_UP, "");
}

static void
on_time(evutil_socket_t fd, short what, void *cookie)
{
	struct attempt *t = cookie;

	(void)fd;
	(void)what;
	if (t->order.news.state == ORIGINATE_TALKING) {
		order_end(&t->order, ORIGINATE_TALKED, "");
	} else if (t->order.given_up || t->order.rung_out) {
		hang_up_all(t);
		end_unanswered(t);
	} else if (t->order.news.state == ORIGINATE_AGENT) {
		hang_up_all(t);
		order_end(&t->order, ORIGINATE_LOST,
			  "FreeSWITCH told nothing of the call");
	} else {
		t->order.rung_out = true;
		hang_up_all(t);
		order_timer(&t->order, ORDER_SAY_MS);
	}
}

/* ---- what happens ------------------------------------------------------- */

static void
agent_answered(struct attempt *t)
{
	if (t->order.news.state != ORIGINATE_AGENT)
		return;
	order_timer(&t->order, t->order.given_up
				   ? ORDER_SAY_MS
				   : t->order.customer_ms + ORDER_SAY_MS);
	order_say(&t->order, ORIGINATE_CUSTOMER);
}

static void
on_answer(struct attempt *t, const char *uuid)
{
	if (strcmp(uuid, t->agent) == 0)
		agent_answered(t);
	else
		order_talks(&t->order);
}

/* "SUCCESS" and what a hang-up of the agent's own makes say nothing of the
 * customer. */
static void
take_cause(struct attempt *t, const char *cause)
{
	if (*t->cause == '\0' && *cause != '\0' &&
	    strcmp(cause, "SUCCESS") != 0)
		(void)snprintf(t->cause, sizeof t->cause, "%s", cause);
}

static void
on_hangup(struct attempt *t, const char *uuid, const struct esl_packet *p)
{
	bool customer = strcmp(uuid, t->customer) == 0;

	if (t->order.news.state == ORIGINATE_TALKING) {
		order_end(&t->order, ORIGINATE_TALKED, "");
		return;
	}
	/* The next trunk of the dial string may follow: its word counts. */
	if (customer) {
		t->cause[0] = '\0';
		take_cause(t, esl_get(p, "Hangup-Cause"));
		t->tried = true;
		return;
	}
	if (t->order.news.state == ORIGINATE_AGENT)
		return; /* on_started says why */
	if (!t->tried)
		take_cause(t, esl_get(p, "variable_originate_disposition"));
	end_unanswered(t);
}

void
freeswitch_originate_event(struct freeswitch_originate *f,
			   const struct esl_packet *p)
{
	bool answer = strcmp(p->what, "CHANNEL_ANSWER") == 0;
	struct order *at;
	const char *uuid;

	if (TAILQ_EMPTY(&f->orders) ||
	    (!answer && strcmp(p->what, "CHANNEL_HANGUP_COMPLETE") != 0))
		return;
	uuid = esl_get(p, "Unique-ID");
	TAILQ_FOREACH(at, &f->orders, all)
	{
		struct attempt *t = attempt_of(at);

		if (strcmp(t->agent, uuid) != 0 &&
		    strcmp(t->customer, uuid) != 0)
			continue;
		if (answer)
			on_answer(t, uuid);
		else
			on_hangup(t, uuid, p);
		return;
	}
}

/* ---- orders ------------------------------------------------------------- */

static void
on_started(void *cookie, enum esl_end how, const char *said)
{
	struct attempt *t = cookie;
	const char *cause = strncmp(said, "-ERR ", 5) == 0 ? said + 5 : said;

	if (!order_answered(&t->order))
		return;
	if (how == ESL_DONE)
		agent_answered(t);
	else if (how == ESL_LOST)
		order_end(&t->order, ORIGINATE_LOST, "no answer");
	else if (t->order.given_up)
		order_end(&t->order, ORIGINATE_GIVEN_UP, "");
	else if (t->order.news.state == ORIGINATE_AGENT)
		order_end(&t->order, result_of(cause, false), cause);
	else
		end_unanswered(t);
}

/* A UUID of the customer's channel, as unique as the agent's. */
static void
name_channels(struct attempt *t, const char *id)
{
	static const char digits[] = "0123456789abcdef";
	const char *first = strchr(digits, *id);

	(void)snprintf(t->agent, sizeof t->agent, "%s", id);
	(void)snprintf(t->customer, sizeof t->customer, "%s", id);
	if (first != NULL)
		t->customer[0] = digits[(first - digits) ^ 8];
}

static struct attempt *
attempt_new(struct freeswitch_originate *f, const struct originate *call)
{
	struct attempt *t = text_alloc(sizeof *t);

	t->of = f;
	name_channels(t, call->id);
	order_init(&t->order, f->base, call, on_time);
	return t;
}

int
freeswitch_originate_order(struct freeswitch_originate *f,
			   const struct policy_source *config,
			   const struct originate *call, originate_told *told,
			   void *cookie, struct fault *fault)
{
	struct esl_ask what = { .answered = on_started,
				.limit_ms = call->agent_ms + 2 * ORDER_SAY_MS };
	struct attempt *t;
	char *command;
	int rc;

	if (dialstring_check(call, fault) < 0 ||
	    freeswitch_originate_check(config, fault) < 0)
		return -1;
	t = attempt_new(f, call);
	t->order.told = told;
	t->order.cookie = cookie;
	command = command_of(t, config, call);
	what.command = command;
	what.cookie = t;
	rc = esl_ask(f->esl, &what);
	free(command);
	if (rc < 0) {
		order_free(&t->order);
		fault_set(fault, "FreeSWITCH takes no orders just now");
		return -1;
	}
	order_begin(&t->order, &f->orders, call->agent_ms);
	return 0;
}

void
freeswitch_originate_hang_up(struct freeswitch_originate *f, const char *id)
{
	struct attempt *t = attempt_of(order_give_up(&f->orders, id));

	if (t != NULL)
		hang_up_all(t);
}

void
freeswitch_originate_lost(struct freeswitch_originate *f)
{
	order_end_all(&f->orders, "the link to FreeSWITCH was lost");
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
