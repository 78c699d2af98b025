/* What calls itself a FreeSWITCH: packets, in pieces whose length is the first
 * byte, and the same at once: they must say the same.  And what its events are
 * taken for: whatever is told is fit for the feed, and no call is told twice.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/event.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/esl_packet.h"
#include "daemon/sources/freeswitch_calls.h"
#include "tests/fuzz/fuzz.h"

static void
must_be_clean(const char *s)
{
	for (; *s != '\0'; s++)
		fuzz_must((unsigned char)*s >= 0x20 && *s != 0x7f);
}

static void
tell(struct text *out, const struct esl_packet *p)
{
	fuzz_must(p->count <= ESL_HEADERS_MOST);
	fuzz_must(p->body[p->body_len] == '\0');
	fuzz_must(p->kind != ESL_EVENT || *p->what != '\0');
	text_addf(out, "%d %s %zu\n", (int)p->kind, p->what, p->body_len);
	for (size_t i = 0; i < p->count; i++) {
		const struct esl_header *h = &p->headers[i];

		must_be_clean(h->value);
		text_addf(out, "%s=%s\n", h->name, h->value);
	}
}

static bool
feed(struct esl_reader *r, const uint8_t *data, size_t len, struct text *out)
{
	char *copy = fuzz_text(data, len);
	const char *at = copy, *why = "";
	struct esl_packet p;
	enum esl_taken taken;

	while ((taken = esl_reader_take(r, &at, &len, &p, &why)) != ESL_MORE) {
		if (taken == ESL_PACKET) {
			tell(out, &p);
			continue;
		}
		text_addf(out, "%s\n", why);
		if (taken == ESL_BROKEN)
			break;
	}
	fuzz_must(taken == ESL_BROKEN || len == 0);
	free(copy);
	return taken != ESL_BROKEN;
}

static char *
read_by(const uint8_t *data, size_t len, size_t step)
{
	struct esl_reader *r = esl_reader_new();
	struct text out = { 0 };

	text_add_str(&out, "");
	for (size_t at = 0; at < len; at += step) {
		if (!feed(r, data + at, len - at < step ? len - at : step,
			  &out))
			break;
	}
	esl_reader_free(r);
	return text_take(&out);
}

FUZZ(esl_packet)
{
	size_t step = fuzz_byte(&data, &len) + 1;
	char *pieces = read_by(data, len, step);
	char *whole = read_by(data, len, len > 0 ? len : 1);

	if (pieces == NULL || whole == NULL)
		fuzz_must(pieces == whole);
	else
		fuzz_must(strcmp(pieces, whole) == 0);
	free(pieces);
	free(whole);
}

struct told {
	size_t events, rejects;
};

static void
on_event(void *cookie, struct record *e)
{
	struct told *t = cookie;
	struct fault fault = { "" };

	t->events++;
	fuzz_must(event_check(e, 1795324900000, &fault) == NULL);
	fuzz_must(record_has(e, "id") && record_has(e, "call"));
	for (size_t i = 0; i < record_count(e); i++)
		must_be_clean(record_value_at(e, i));
	fuzz_must(record_int(e, "waited_s", 0) >= 0);
	fuzz_must(record_int(e, "talked_s", 0) >= 0);
	record_free(e);
}

static void
on_reject(void *cookie, const char *why)
{
	struct told *t = cookie;

	t->rejects++;
	fuzz_must(*why != '\0');
}

struct played {
	struct freeswitch_calls *calls;
	struct tracker_now now;
	size_t events;
};

static void
play(struct played *play, const struct esl_packet *p)
{
	play->events++;
	play->now.mono_ms += 3000;
	play->now.wall_ms += 3000;
	if (strcmp(p->what, "HEARTBEAT") == 0)
		freeswitch_calls_due(play->calls, &play->now);
	else if (strcmp(p->what, "SHUTDOWN") == 0)
		freeswitch_calls_down(play->calls, &play->now);
	else if (strcmp(p->what, "STARTUP") == 0)
		freeswitch_calls_up(play->calls, &play->now);
	else
		freeswitch_calls_event(play->calls, p, &play->now);
}

/* The lines of one event, up to a blank one. */
static void
play_lines(struct played *to, const char *lines, size_t len)
{
	struct esl_reader *r = esl_reader_new();
	struct text wire = { 0 };
	struct esl_packet p;
	const char *at, *why;
	size_t left;

	text_addf(&wire,
		  "Content-Length: %zu\nContent-Type: text/event-plain\n\n",
		  len);
	text_add(&wire, lines, len);
	at = wire.data;
	left = wire.len;
	if (esl_reader_take(r, &at, &left, &p, &why) == ESL_PACKET &&
	    p.kind == ESL_EVENT)
		play(to, &p);
	esl_reader_free(r);
	text_done(&wire);
}

static void
close_gap(struct played *to)
{
	const char *unsure;

	freeswitch_calls_down(to->calls, &to->now);
	freeswitch_calls_up(to->calls, &to->now);
	while ((unsure = freeswitch_calls_unsure(to->calls)) != NULL) {
		char *id = text_dup(unsure);

		freeswitch_calls_sure(to->calls, id, to->events++ % 2 == 0,
				      &to->now);
		free(id);
	}
}

/* Events with a blank line between them.  The first byte says how the clocks
 * differ; a heartbeat lets time pass, a shutdown begins a gap. */
FUZZ(freeswitch_calls)
{
	static char public[] = "public", tel[] = "tel";
	static char *contexts[] = { public };
	const struct policy_source config = { .name = tel,
					      .answered_min_ms = 20000,
					      .contexts = { .list = contexts,
							    .count = 1 } };
	struct told told = { 0 };
	struct played to = { .now = { .mono_ms = 1000,
				      .wall_ms = 1795324900000 } };
	char *copy, *at, *end;

	to.now.ahead_ms = ((int64_t)fuzz_byte(&data, &len) - 128) * 60000;
	to.calls =
	    freeswitch_calls_new(&(struct tracker_options){ .config = &config,
							    .event = on_event,
							    .reject = on_reject,
							    .cookie = &told });
	copy = fuzz_text(data, len);
	freeswitch_calls_up(to.calls, &to.now);
	for (at = copy; (end = strstr(at, "\n\n")) != NULL; at = end + 2)
		play_lines(&to, at, (size_t)(end - at));
	play_lines(&to, at, strlen(at));
	close_gap(&to);
	/* An event makes three at most: another visit, its end, a resume. */
	fuzz_must(told.events <= 3 * to.events);
	freeswitch_calls_free(to.calls);
	free(copy);
}
