#include "daemon/sources/asterisk_order.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/dialstring.h"
#include "daemon/sources/originate.h"

/* "Local/" says of a channel what is meant anyway: dial it in the dialplan. */
static const char *
in_dialplan(const char *pattern)
{
	static const char local[] = "Local/";

	return strncmp(pattern, local, strlen(local)) == 0
		   ? pattern + strlen(local)
		   : pattern;
}

int
asterisk_order_check(const struct policy_source *s, struct fault *fault)
{
	const char *customer = in_dialplan(s->dial_customer);
	const char *at = strrchr(customer, '@');

	if (*s->dial_agent != '\0' &&
	    (strstr(s->dial_agent, "{phone}") == NULL ||
	     strchr(s->dial_agent, '/') == NULL)) {
		fault_set(fault,
			  "source \"%s\": dial_agent needs a technology and "
			  "{phone}, like \"PJSIP/{phone}\".",
			  s->name);
		return -1;
	}
	if (*s->dial_customer != '\0' &&
	    (strstr(customer, "{number}") == NULL || at == NULL ||
	     at[1] == '\0' || at == customer || strchr(customer, '/'))) {
		fault_set(fault,
			  "source \"%s\": dial_customer needs {number} and a "
			  "context of the dialplan, like "
			  "\"{number}@from-internal\".",
			  s->name);
		return -1;
	}
	if (*s->member != '\0' && strstr(s->member, "{phone}") == NULL) {
		fault_set(fault,
			  "source \"%s\": member needs {phone}, as in "
			  "\"Local/{phone}@from-queue/n\".",
			  s->name);
		return -1;
	}
	return 0;
}

/* The values of the headers, until they are sent. */
struct dialled {
	char *agent, *customer, *context;
	char timeout[24], caller[40];
};

static void
dialled_fill(struct dialled *d, const struct policy_source *config,
	     const struct originate *order)
{
	d->agent = dialstring_phone(config->dial_agent, order->phone);
	d->customer = dialstring_number(in_dialplan(config->dial_customer),
					order->number);
	d->context = strrchr(d->customer, '@');
	*d->context++ = '\0';
	(void)snprintf(d->timeout, sizeof d->timeout, "%" PRId64,
		       order->agent_ms);
	(void)snprintf(d->caller, sizeof d->caller, "<%s>", order->caller_id);
}

int
asterisk_order_originate(struct ami *ami, const struct policy_source *config,
			 const struct originate *order, const char *channel,
			 ami_answered *answered, void *cookie)
{
	struct dialled d;
	struct ami_act act = { .action = "Originate",
			       .id = channel,
			       .answered = answered,
			       .cookie = cookie };
	int rc;

	dialled_fill(&d, config, order);
	const struct ami_header headers[] = {
		{ "Channel", d.agent },   { "Context", d.context },
		{ "Exten", d.customer },  { "Priority", "1" },
		{ "Timeout", d.timeout }, { "Async", "true" },
		{ "ChannelId", channel }, { "CallerID", d.caller },
	};

	act.headers = headers;
	act.count =
	    sizeof headers / sizeof *headers - (*order->caller_id == '\0');
	rc = ami_act(ami, &act);
	free(d.agent);
	free(d.customer);
	return rc;
}

/* A channel that has gone by itself is no news. */
static void
on_hung_up(void *cookie, enum ami_end end, const struct ami_packet *p)
{
	(void)cookie;
	if (end == AMI_REFUSED &&
	    strcmp(ami_get(p, "Message"), "Permission denied") == 0)
		log_warn("source", "Asterisk does not let us hang up: its "
				   "user needs write = call");
}

void
asterisk_order_hang_up(struct ami *ami, const char *uniqueid)
{
	const struct ami_header headers[] = { { "Channel", uniqueid } };
	const struct ami_act act = { .action = "Hangup",
				     .headers = headers,
				     .count = 1,
				     .answered = on_hung_up };

	(void)ami_act(ami, &act);
}
