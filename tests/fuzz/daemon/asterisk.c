/* What an Asterisk says of its calls, over its Manager Interface and in its
 * queue_log.  Between two texts time passes, or the link goes and comes. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/policy/event.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/ami_packet.h"
#include "daemon/sources/asterisk_calls.h"
#include "daemon/sources/queue_log.h"
#include "tests/fuzz/fuzz.h"

#define NOW_MS INT64_C(1795324800000)

static void
on_event(void *cookie, struct record *e)
{
	struct fault fault = { "" };

	(void)cookie;
	fuzz_must(event_check(e, NOW_MS, &fault) == NULL);
	fuzz_must(record_has(e, "id") && record_has(e, "call"));
	fuzz_must(record_int(e, "talked_s", 0) >= 0);
	fuzz_must(record_int(e, "waited_s", 0) >= 0);
	record_free(e);
}

static void
on_reject(void *cookie, const char *why)
{
	(void)cookie;
	fuzz_must(*why != '\0');
}

static void
hear(struct asterisk_calls *c, const char *text, const struct tracker_now *now)
{
	struct ami_reader *r = ami_reader_new();
	struct ami_packet p;
	enum ami_taken taken;
	const char *why;
	size_t len = strlen(text);

	while ((taken = ami_reader_take(r, &text, &len, &p, &why)) !=
	       AMI_MORE) {
		if (taken == AMI_PACKET)
			asterisk_calls_packet(c, &p, now);
	}
	ami_reader_free(r);
}

static void
gap(struct asterisk_calls *c, const char *text, bool channels,
    const struct tracker_now *now)
{
	struct queue_log *log = queue_log_new();
	const struct asterisk_gap what = { .channels = channels,
					   .queues = true,
					   .log = log,
					   .since_ms = NOW_MS - 1000 };

	queue_log_add(log, text, strlen(text));
	asterisk_calls_settle(c, &what, now);
	queue_log_free(log);
}

FUZZ(asterisk_calls)
{
	static char context[] = "from-trunk", name[] = "pbx";
	static char *contexts[] = { context };
	struct policy_source config = { .name = name,
					.answered_min_ms = 20000,
					.contexts = { .list = contexts,
						      .count = 1 } };
	struct tracker_now now = { .mono_ms = 1000, .wall_ms = NOW_MS };
	struct asterisk_calls *c = asterisk_calls_new(&(struct tracker_options){
	    .config = &config, .event = on_event, .reject = on_reject });

	while (len > 0) {
		unsigned act = fuzz_byte(&data, &len);
		char *text = fuzz_cut(&data, &len);

		switch (act) {
		case 'd': asterisk_calls_down(c, &now); break;
		case 'u': asterisk_calls_up(c); break;
		case 'l':
		case 'L': gap(c, text, act == 'L', &now); break;
		default: hear(c, text, &now);
		}
		now.mono_ms += act * 100;
		now.wall_ms += act * 100;
		(void)asterisk_calls_due(c, &now);
		free(text);
	}
	now.mono_ms += 2 * ASTERISK_AGE_MS;
	(void)asterisk_calls_due(c, &now);
	asterisk_calls_free(c);
}

FUZZ(queue_log)
{
	size_t cut = fuzz_byte(&data, &len);
	struct queue_log *l = queue_log_new();
	char *text = fuzz_text(data, len);

	cut = cut < len ? cut : len;
	queue_log_add(l, text, cut);
	queue_log_add(l, text + cut, len - cut);
	queue_log_end(l);
	for (size_t i = 0; i < queue_log_count(l); i++) {
		const struct queue_log_stay *s = queue_log_at(l, i);

		fuzz_must(*s->uniqueid != '\0' && s->queue != NULL);
		fuzz_must(queue_log_stay(l, s->uniqueid) != NULL);
		fuzz_must(s->number != NULL && s->visit > 0);
		fuzz_must(fuzz_clean(s->uniqueid, strlen(s->uniqueid)) ||
			  strpbrk(s->uniqueid, "\n\r\033") == NULL);
	}
	free(text);
	queue_log_free(l);
}
