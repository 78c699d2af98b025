#include "tests/unit/switchlink.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdbool.h>

#include "daemon/base/address.h"
#include "daemon/sources/esl.h"
#include "daemon/sources/feed.h"
#include "tests/harness/loop.h"
#include "tests/harness/pbx.h"
#include "tests/harness/pbx_esl.h"

static void
on_event(void *cookie, const struct esl_packet *p)
{
	struct switchlink *l = cookie;

	if (l->event != NULL)
		l->event(l->cookie, p);
}

static void
on_changed(void *cookie, bool up)
{
	struct switchlink *l = cookie;

	if (up)
		l->ups++;
	else if (l->lost != NULL)
		l->lost(l->cookie);
}

void
switchlink_open(struct switchlink *l)
{
	struct address to;
	struct fault fault = { "" };

	l->base = event_base_new();
	l->pbx = pbx_start(l->base);
	l->feed = feed_new(
	    &(struct feed_options){ .base = l->base, .name = "tel" }, NULL);
	cr_assert_eq(address_parse(&to, pbx_address(l->pbx), -1, &fault), 0);
	l->esl = esl_new(&(struct esl_options){ .base = l->base,
						.to = &to,
						.user = "",
						.secret = "ClueCon",
						.events = "CHANNEL_ANSWER",
						.feed = l->feed,
						.event = on_event,
						.changed = on_changed,
						.cookie = l });
	cr_assert(pbx_came(l->pbx, 1, SOON));
	cr_assert(pbx_esl_login(l->pbx, SOON));
	cr_assert(loop_while_zero(l->base, &l->ups, SOON));
}

void
switchlink_close(struct switchlink *l)
{
	esl_free(l->esl);
}

void
switchlink_done(struct switchlink *l)
{
	feed_free(l->feed);
	pbx_stop(l->pbx);
	event_base_free(l->base);
}
