#include "daemon/api/kept.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/api/api.h"
#include "daemon/api/req.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/when.h"
#include "daemon/store/journal.h"

static void
size_words(char *buf, size_t size, uint64_t bytes)
{
	if (bytes < 10 * 1024)
		(void)snprintf(buf, size, "%" PRIu64 " bytes", bytes);
	else if (bytes < 10 * 1024 * 1024)
		(void)snprintf(buf, size, "%" PRIu64 " KiB", bytes / 1024);
	else
		(void)snprintf(buf, size, "%" PRIu64 " MiB",
			       bytes / 1024 / 1024);
}

/* NULL where there is nothing to tell. */
static json_t *
sentence(struct req *req, const struct journal_state *s)
{
	char bytes[32];
	uint64_t n = s->figures.records;
	const char *since;

	size_words(bytes, sizeof bytes, s->figures.bytes);
	if (n == 0)
		return s->usable ? json_null() : json_string(s->why);
	since = api_clock(req, s->since_ms, CALENDAR_CLOCK);
	return json_sprintf("%" PRIu64 " event%s kept on disk since %s (%s), "
			    "and will be in the queue when Redis takes %s.%s%s",
			    n, n == 1 ? " is" : "s are", since, bytes,
			    n == 1 ? "it" : "them", s->usable ? "" : " ",
			    s->usable ? "" : s->why);
}

static json_t *
time_or_null(int64_t ms)
{
	char time[25];

	if (ms == 0)
		return json_null();
	when_print(time, ms);
	return json_string(time);
}

json_t *
kept_tell(struct req *req)
{
	const struct api *api = api_of(req);
	struct journal_state s;

	if (api->journal == NULL)
		return json_pack(
		    "{s:b, s:i, s:s}", "usable", 0, "events", 0, "says",
		    "There is no journal: while Redis is away events are "
		    "refused.");
	journal_look(api->journal, &s);
	return json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}",
			 "usable", s.usable, "not_kept", (json_int_t)s.refused,
			 "refused", (json_int_t)s.figures.refused, "damaged",
			 (json_int_t)s.figures.damaged, "events",
			 (json_int_t)s.figures.records, "bytes",
			 (json_int_t)s.figures.bytes, "oldest",
			 time_or_null(s.figures.oldest_ms), "since",
			 time_or_null(s.since_ms), "says", sentence(req, &s));
}

int64_t
kept_events(const struct req *req)
{
	const struct api *api = api_of(req);
	struct journal_state s = { 0 };

	if (api->journal != NULL)
		journal_look(api->journal, &s);
	return s.usable ? (int64_t)s.figures.records : -1;
}
