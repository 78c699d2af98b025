#include "tests/unit/told.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/fault.h"
#include "daemon/base/record.h"
#include "daemon/policy/event.h"

void
told_event(void *cookie, struct record *e)
{
	struct told *t = cookie;
	struct fault fault = { "" };
	const char *type = record_text(e, "type");
	const char *call = record_text(e, "call");

	cr_expect(event_check(e, t->now->wall_ms, &fault) == NULL, "%s",
		  fault.text);
	cr_expect_str_eq(record_text(e, "id"), call);
	t->events++;
	t->last_ms = record_int(e, "time", 0);
	if (strcmp(type, "call.talking") == 0)
		text_addf(&t->lines, "talking %s\n", call);
	else if (strcmp(type, "call.missed") == 0)
		text_addf(&t->lines,
			  "missed %s from %s in %s after %" PRId64 "\n", call,
			  record_text(e, "from"), record_text(e, "queue"),
			  record_int(e, "waited_s", -1));
	else
		text_addf(&t->lines,
			  "answered %s from %s in %s for %" PRId64 "\n", call,
			  record_text(e, "from"), record_text(e, "queue"),
			  record_int(e, "talked_s", -1));
	record_free(e);
}

void
told_reject(void *cookie, const char *why)
{
	struct told *t = cookie;

	cr_expect(*why != '\0');
	t->rejects++;
}

void
told_done(struct told *t)
{
	text_done(&t->lines);
}

const char *
told_lines(struct told *t)
{
	static char words[64 * 1024];

	(void)snprintf(words, sizeof words, "%s",
		       t->lines.data != NULL ? t->lines.data : "");
	text_done(&t->lines);
	return words;
}
