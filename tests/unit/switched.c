#include "tests/unit/switched.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/sources/esl_packet.h"

struct switched *
switched_new(void)
{
	static char public[] = "public", tel[] = "tel";
	static char *contexts[] = { public };
	struct switched *s = text_alloc(sizeof *s);

	s->config.name = tel;
	s->config.answered_min_ms = 20000;
	s->config.contexts.list = contexts;
	s->config.contexts.count = 1;
	s->now.mono_ms = 1000;
	s->now.wall_ms = SWITCHED_START_S * 1000;
	s->told.now = &s->now;
	s->calls = freeswitch_calls_new(
	    &(struct tracker_options){ .config = &s->config,
				       .event = told_event,
				       .reject = told_reject,
				       .cookie = &s->told });
	freeswitch_calls_up(s->calls, &s->now);
	return s;
}

void
switched_free(struct switched *s)
{
	freeswitch_calls_free(s->calls);
	told_done(&s->told);
	free(s);
}

void
switched_bytes(struct switched *s, const char *bytes, size_t len)
{
	struct esl_reader *r = esl_reader_new();
	struct esl_packet p;
	enum esl_taken taken;
	const char *why;

	while ((taken = esl_reader_take(r, &bytes, &len, &p, &why)) !=
	       ESL_MORE) {
		cr_assert_eq(taken, ESL_PACKET, "%s", why);
		if (p.kind == ESL_EVENT)
			freeswitch_calls_event(s->calls, &p, &s->now);
	}
	esl_reader_free(r);
}

static void
add_event(struct switched *s, const char *lines)
{
	struct text t = { 0 }, wire = { 0 };

	text_addf(&t, "Event-Date-Timestamp: %" PRId64 "000\n%s\n",
		  s->now.wall_ms + s->now.ahead_ms, lines);
	text_addf(&wire,
		  "Content-Length: %zu\nContent-Type: text/event-plain\n\n%s",
		  t.len, t.data);
	switched_bytes(s, wire.data, wire.len);
	text_done(&t);
	text_done(&wire);
}

void
switched_say(struct switched *s, const char *fmt, ...)
{
	char lines[4000];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(lines, sizeof lines, fmt, ap);
	va_end(ap);
	add_event(s, lines);
}

void
switched_member(struct switched *s, const char *action, const char *queue,
		const char *session, const char *member, const char *more)
{
	switched_say(
	    s,
	    "Event-Name: CUSTOM\nEvent-Subclass: callcenter%%3A%%3Ainfo\n"
	    "CC-Action: %s\nCC-Queue: %s\nCC-Member-Session-UUID: %s\n"
	    "CC-Member-UUID: %s\nCC-Member-CID-Number: 3725550123\n"
	    "CC-Member-CID-Name: 3725550123\n%s",
	    action, queue, session, member, more);
}

void
switched_leave(struct switched *s, const char *session, const char *member,
	       const char *reason)
{
	char more[300];

	(void)snprintf(more, sizeof more,
		       "CC-Member-Joined-Time: 1795324900\n"
		       "CC-Member-Leaving-Time: %" PRId64
		       "\nCC-Cause: Cancel\nCC-Cancel-Reason: %s\n"
		       "Unique-ID: %s\nAnswer-State: answered\n",
		       s->now.wall_ms / 1000, reason, session);
	switched_member(s, "member-queue-end", "", session, member, more);
}

void
switched_hangup(struct switched *s, const char *uuid, const char *more)
{
	switched_say(
	    s,
	    "Event-Name: CHANNEL_HANGUP_COMPLETE\nUnique-ID: %s\n"
	    "Call-Direction: inbound\nCaller-Context: public\n"
	    "Channel-Name: sofia/external/3725550123\nAnswer-State: hangup\n"
	    "Caller-Caller-ID-Number: 3725550123\n"
	    "Caller-Destination-Number: 4930100\n"
	    "Hangup-Cause: NORMAL_CLEARING\n%s",
	    uuid, more);
}

void
switched_pass(struct switched *s, int64_t ms)
{
	s->now.mono_ms += ms;
	s->now.wall_ms += ms;
	freeswitch_calls_due(s->calls, &s->now);
}

const char *
switched_told(struct switched *s)
{
	return told_lines(&s->told);
}
