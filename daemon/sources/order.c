#include "daemon/sources/order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"

#define MOST_TALK_MS ((int64_t)12 * 60 * 60 * 1000)

void
order_init(struct order *o, struct event_base *base,
	   const struct originate *what, event_callback_fn on_time)
{
	(void)snprintf(o->id, sizeof o->id, "%s", what->id);
	o->news =
	    (struct originate_news){ .state = ORIGINATE_AGENT, .why = "" };
	o->customer_ms = what->customer_ms;
	o->timer = evtimer_new(base, on_time, o);
	if (o->timer == NULL)
		abort();
}

void
order_free(struct order *o)
{
	event_free(o->timer);
	free(o);
}

void
order_begin(struct order *o, struct orders *list, int64_t agent_ms)
{
	o->list = list;
	o->asked = true;
	order_timer(o, agent_ms + ORDER_SAY_MS);
	TAILQ_INSERT_TAIL(list, o, all);
}

bool
order_answered(struct order *o)
{
	o->asked = false;
	if (o->news.state != ORIGINATE_ENDED)
		return true;
	order_free(o);
	return false;
}

struct order *
order_find(const struct orders *list, const char *id)
{
	struct order *o;

	TAILQ_FOREACH(o, list, all)
	{
		if (strcmp(o->id, id) == 0)
			return o;
	}
	return NULL;
}

struct order *
order_give_up(const struct orders *list, const char *id)
{
	struct order *o = order_find(list, id);

	if (o == NULL || o->given_up)
		return NULL;
	o->given_up = true;
	order_timer(o, ORDER_SAY_MS);
	return o;
}

void
order_timer(struct order *o, int64_t ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000,
				    .tv_usec = (ms % 1000) * 1000 };

	(void)evtimer_add(o->timer, &tv);
}

void
order_say(struct order *o, enum originate_state state)
{
	if (state <= o->news.state)
		return;
	o->news.state = state;
	o->told(o->cookie, &o->news);
}

void
order_talks(struct order *o)
{
	if (o->news.state == ORIGINATE_TALKING)
		return;
	o->talk_ms = clock_mono_ms();
	order_timer(o, MOST_TALK_MS);
	order_say(o, ORIGINATE_TALKING);
}

void
order_end(struct order *o, enum originate_result result, const char *why)
{
	TAILQ_REMOVE(o->list, o, all);
	(void)evtimer_del(o->timer);
	(void)snprintf(o->why, sizeof o->why, "%s", why);
	text_clean(o->why, false);
	o->news.result = result;
	o->news.why = o->why;
	if (result == ORIGINATE_TALKED)
		o->news.talked_ms = clock_mono_ms() - o->talk_ms;
	order_say(o, ORIGINATE_ENDED);
	if (!o->asked)
		order_free(o);
}

void
order_end_all(struct orders *list, const char *why)
{
	while (!TAILQ_EMPTY(list))
		order_end(TAILQ_FIRST(list), ORIGINATE_LOST, why);
}
