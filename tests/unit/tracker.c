#include "tests/unit/tracker.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/sources/ami_packet.h"

struct tracker *
tracker_new(void)
{
	static char from_trunk[] = "from-trunk", pbx[] = "pbx";
	static char *contexts[] = { from_trunk };
	struct tracker *t = text_alloc(sizeof *t);

	t->config.name = pbx;
	t->config.answered_min_ms = 20000;
	t->config.contexts.list = contexts;
	t->config.contexts.count = 1;
	t->told.now = &t->now;
	t->now.mono_ms = 1000;
	t->now.wall_ms = TRACKER_START_MS;
	t->calls =
	    asterisk_calls_new(&(struct tracker_options){ .config = &t->config,
							  .event = told_event,
							  .reject = told_reject,
							  .cookie = &t->told });
	return t;
}

void
tracker_free(struct tracker *t)
{
	asterisk_calls_free(t->calls);
	told_done(&t->told);
	free(t);
}

void
tracker_bytes(struct tracker *t, const char *bytes, size_t len)
{
	struct ami_reader *r = ami_reader_new();
	struct ami_packet p;
	enum ami_taken taken;
	const char *why;

	while ((taken = ami_reader_take(r, &bytes, &len, &p, &why)) !=
	       AMI_MORE) {
		if (taken == AMI_PACKET)
			asterisk_calls_packet(t->calls, &p, &t->now);
	}
	ami_reader_free(r);
}

/* The greeting is what a reader expects first. */
void
tracker_packet(struct tracker *t, const char *lines)
{
	struct text wire = { 0 };
	bool agent = strstr(lines, "Event: Queue") == lines ||
		     strstr(lines, "Event: Agent") == lines;

	text_add_str(&wire, "Asterisk Call Manager/11.0.0\r\n");
	for (; *lines != '\0'; lines += strcspn(lines, "\n")) {
		lines += *lines == '\n';
		if (*lines == '\0' || *lines == '\n')
			continue;
		text_add(&wire, lines, strcspn(lines, "\n"));
		text_add_str(&wire, "\r\n");
	}
	if (strstr(wire.data, "Privilege: ") == NULL)
		text_addf(&wire, "Privilege: %s,all\r\n",
			  agent ? "agent" : "call");
	text_add_str(&wire, "\r\n");
	tracker_bytes(t, wire.data, wire.len);
	text_done(&wire);
}

void
tracker_say(struct tracker *t, const char *event, const char *uniqueid,
	    const char *linkedid, const char *more)
{
	struct text s = { 0 };

	text_addf(&s, "Event: %s\n", event);
	if (strstr(more, "\nChannel: ") == NULL &&
	    strncmp(more, "Channel: ", 9) != 0)
		text_addf(&s, "Channel: PJSIP/trunk-%s\n", uniqueid);
	if (strstr(more, "CallerIDNum: ") == NULL)
		text_add_str(&s, "CallerIDNum: 3725550123\n");
	text_addf(&s,
		  "CallerIDName: <unknown>\nLanguage: en\nUniqueid: %s\n"
		  "Linkedid: %s\n%s",
		  uniqueid, linkedid, more);
	tracker_packet(t, s.data);
	text_done(&s);
}

void
tracker_new_channel(struct tracker *t, const char *uniqueid,
		    const char *linkedid, const char *name)
{
	char more[200];

	(void)snprintf(more, sizeof more,
		       "Channel: %s\nChannelState: %d\nContext: %s\n"
		       "Exten: 4930100",
		       name, strcmp(uniqueid, linkedid) == 0 ? 4 : 0,
		       strncmp(name, "PJSIP/trunk", 11) == 0 ? "from-trunk"
							     : "from-internal");
	tracker_say(t, "Newchannel", uniqueid, linkedid, more);
}

struct tracker *
tracker_joined(void)
{
	struct tracker *t = tracker_new();

	tracker_new_channel(t, "1.1", "1.1", "PJSIP/trunk-1");
	tracker_say(t, "QueueCallerJoin", "1.1", "1.1", "Queue: sales");
	return t;
}

void
tracker_abandon(struct tracker *t, const char *queue)
{
	char more[100];

	(void)snprintf(more, sizeof more, "Queue: %s\nHoldTime: 9", queue);
	tracker_say(t, "QueueCallerAbandon", "1.1", "1.1", more);
	tracker_say(t, "QueueCallerLeave", "1.1", "1.1", more);
}

void
tracker_connect(struct tracker *t)
{
	tracker_say(t, "QueueCallerLeave", "1.1", "1.1", "Queue: sales");
	tracker_say(t, "AgentConnect", "1.1", "1.1",
		    "Queue: sales\nInterface: PJSIP/1001\nHoldTime: 4\n"
		    "DestChannel: PJSIP/1001-2\nDestUniqueid: 1.2");
}

void
tracker_pass(struct tracker *t, int64_t ms)
{
	t->now.mono_ms += ms;
	t->now.wall_ms += ms;
	(void)asterisk_calls_due(t->calls, &t->now);
}

const char *
tracker_told(struct tracker *t)
{
	return told_lines(&t->told);
}
