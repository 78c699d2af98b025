#include "tests/unit/tracker.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/policy/event.h"
#include "daemon/sources/ami_packet.h"

static void
on_event(void *cookie, struct record *e)
{
	struct tracker *t = cookie;
	struct fault fault = { "" };
	const char *type = record_text(e, "type");
	const char *call = record_text(e, "call");

	cr_expect(event_check(e, t->now.wall_ms, &fault) == NULL, "%s",
		  fault.text);
	cr_expect_str_eq(record_text(e, "id"), call);
	t->events++;
	if (strcmp(type, "call.talking") == 0)
		text_addf(&t->told, "talking %s\n", call);
	else if (strcmp(type, "call.missed") == 0)
		text_addf(&t->told,
			  "missed %s from %s in %s after %" PRId64 "\n", call,
			  record_text(e, "from"), record_text(e, "queue"),
			  record_int(e, "waited_s", -1));
	else
		text_addf(&t->told,
			  "answered %s from %s in %s for %" PRId64 "\n", call,
			  record_text(e, "from"), record_text(e, "queue"),
			  record_int(e, "talked_s", -1));
	record_free(e);
}

static void
on_reject(void *cookie, const char *why)
{
	struct tracker *t = cookie;

	cr_expect(*why != '\0');
	t->rejects++;
}

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
	t->now.mono_ms = 1000;
	t->now.wall_ms = TRACKER_START_MS;
	t->calls =
	    asterisk_calls_new(&(struct tracker_options){ .config = &t->config,
							  .event = on_event,
							  .reject = on_reject,
							  .cookie = t });
	return t;
}

void
tracker_free(struct tracker *t)
{
	asterisk_calls_free(t->calls);
	text_done(&t->told);
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
	static char words[64 * 1024];

	(void)snprintf(words, sizeof words, "%s",
		       t->told.data != NULL ? t->told.data : "");
	text_done(&t->told);
	return words;
}
