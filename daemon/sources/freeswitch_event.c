/* What stands in an event. */
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/sources/dialstring.h"
#include "daemon/sources/esl_packet.h"
#include "daemon/sources/freeswitch_inside.h"

const char *
freeswitch_get(const struct freeswitch_event *e, const char *name)
{
	return esl_get(e->p, name);
}

int64_t
freeswitch_epoch_s(const struct freeswitch_event *e, const char *name)
{
	int64_t s;

	if (text_int64(&s, freeswitch_get(e, name), 1, INT64_C(99999999999)) <
	    0)
		return 0;
	return s;
}

int64_t
freeswitch_micros_ms(const struct freeswitch_event *e, const char *name)
{
	int64_t us;

	if (text_int64(&us, freeswitch_get(e, name), 1, INT64_MAX) < 0)
		return 0;
	return us / 1000 - e->now->ahead_ms;
}

struct freeswitch_event
freeswitch_event_of(const struct esl_packet *p, const struct tracker_now *now)
{
	struct freeswitch_event e = { .p = p,
				      .now = now,
				      .uuid = esl_get(p, "Unique-ID") };

	e.at_ms = freeswitch_micros_ms(&e, "Event-Date-Timestamp");
	if (e.at_ms == 0)
		e.at_ms = now->wall_ms;
	return e;
}

bool
freeswitch_is_ended(const struct freeswitch_event *e)
{
	return strcmp(freeswitch_get(e, "Answer-State"), "hangup") == 0 ||
	       *freeswitch_get(e, "Hangup-Cause") != '\0';
}

/* ---- who he is ---------------------------------------------------------- */

/* What he dialled at first; a transfer changes the destination. */
static const char *
dialled(const struct freeswitch_event *e)
{
	const char *user = freeswitch_get(e, "variable_sip_req_user");

	return dialstring_is_number(user)
		   ? user
		   : freeswitch_get(e, "Caller-Destination-Number");
}

void
freeswitch_take_caller(struct freeswitch_call *call,
		       const struct freeswitch_event *e)
{
	freeswitch_set(&call->number,
		       freeswitch_get(e, "Caller-Caller-ID-Number"));
	freeswitch_set(&call->name, freeswitch_get(e, "Caller-Caller-ID-Name"));
	freeswitch_set(&call->language,
		       freeswitch_get(e, "variable_default_language"));
	freeswitch_set(&call->to, dialled(e));
}
