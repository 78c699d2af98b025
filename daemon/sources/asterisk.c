#include "daemon/sources/asterisk.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/address.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/ami.h"
#include "daemon/sources/asterisk_order.h"
#include "daemon/sources/asterisk_listen.h"
#include "daemon/sources/asterisk_originate.h"
#include "daemon/sources/asterisk_pause.h"
#include "daemon/sources/feed.h"
#include "daemon/sources/section.h"

#define PORT 5038
#define PORT_TLS 5039
/* Queues and their agents; channels, what they dial, OriginateResponse.  What
 * the user may not read does not come. */
#define EVENTS "agent,call"

struct source {
	struct source_options o;
	struct ami *ami; /* owned, as all of these */
	struct asterisk_listen *listen;
	struct asterisk_originate *originate;
	struct asterisk_pause *pause;
};

static int
find(struct address *ret, const struct policy_source *s, struct fault *fault)
{
	return section_address(ret, s, s->tls ? PORT_TLS : PORT, fault);
}

int
asterisk_check(const struct policy_source *s, struct fault *fault)
{
	const struct section_need needs[] = {
		{ "address", s->address,
		  "where Asterisk listens for its "
		  "manager, such as \"127.0.0.1:5038\"" },
		{ "user", s->user, "that of manager.conf" },
		{ "secret_file", s->secret_file, "the file with its secret" },
	};
	struct address to;

	if (section_check(s, needs, sizeof needs / sizeof *needs, fault) < 0 ||
	    asterisk_order_check(s, fault) < 0)
		return -1;
	return find(&to, s, fault);
}

static void
on_event(void *cookie, const struct ami_packet *p)
{
	struct source *s = cookie;

	asterisk_listen_event(s->listen, p);
	asterisk_originate_event(s->originate, p);
}

static void
on_changed(void *cookie, bool up)
{
	struct source *s = cookie;

	asterisk_listen_changed(s->listen, up);
	if (up)
		return;
	asterisk_originate_lost(s->originate);
	asterisk_pause_lost(s->pause);
}

struct source *
asterisk_start(const struct source_options *o)
{
	struct source *s = text_alloc(sizeof *s);
	struct fault fault = { "" };
	struct address to;
	const struct ami_options ami = { .base = o->base,
					 .to = &to,
					 .user = o->config->user,
					 .secret = o->secret,
					 .events = EVENTS,
					 .tls = o->tls,
					 .feed = o->feed,
					 .event = on_event,
					 .changed = on_changed,
					 .cookie = s };

	s->o = *o;
	if (find(&to, o->config, &fault) < 0)
		abort(); /* it was checked */
	s->ami = ami_new(&ami);
	s->listen = asterisk_listen_new(o, s->ami);
	s->originate = asterisk_originate_new(o->base, s->ami);
	s->pause = asterisk_pause_new(s->ami, o->config->name);
	return s;
}

void
asterisk_stop(struct source *s)
{
	asterisk_listen_changed(s->listen, false);
	ami_free(s->ami);
	asterisk_listen_free(s->listen);
	asterisk_originate_free(s->originate);
	asterisk_pause_free(s->pause);
	free(s);
}

void
asterisk_use(struct source *s, const struct policy_source *config)
{
	if (s->o.config->pause_agents && !config->pause_agents)
		asterisk_pause_end(s->pause);
	s->o.config = config;
	asterisk_listen_use(s->listen, config);
}

int
asterisk_originate(struct source *s, const struct originate *order,
		   originate_told *told, void *cookie, struct fault *fault)
{
	return asterisk_originate_order(s->originate, s->o.config, order, told,
					cookie, fault);
}

void
asterisk_hang_up(struct source *s, const char *id)
{
	asterisk_originate_hang_up(s->originate, id);
}

void
asterisk_pause(struct source *s, const char *phone, bool paused)
{
	asterisk_pause_set(s->pause, s->o.config, phone, paused);
}
