/* fn_source.h -- what the tests of sources share: daemons that live and report,
 * and what the site says of the source "pbx". */
#ifndef RB_TESTS_STORE_FN_SOURCE_H
#define RB_TESTS_STORE_FN_SOURCE_H

#include <stdbool.h>
#include <time.h>

#include "tests/store/fn.h"

#define ALERTS                                                             \
	"[{\"name\":\"duty\",\"on\":[\"broken\",\"source-down\",\"source-" \
	"silent\"]},"                                                      \
	"{\"name\":\"good\",\"on\":[\"source-up\",\"source-heard\"]}]"
#define SOURCE(more)                                                 \
	"{\"ignore_under\":0,\"ignore_from\":[],\"answered_min\":0," \
	"\"type\":\"asterisk\",\"down_after\":20000,\"serves\":[]," more "}"
#define QUIET "\"silent_after\":0,\"silent_usual\":false"

/* The source "pbx", with these options of silence. */
static inline void
have(const char *source)
{
	(void)site_policy(s, "sources", "[\"pbx\"]", "source:pbx", source,
			  "alerts", ALERTS, NULL);
}

/* The days around now begin so in Berlin, while it is winter. */
static inline void
tell_days(char *list, size_t size)
{
	int64_t today = (s->now_ms + SITE_HOUR) / SITE_DAY;
	size_t len = 0;

	for (int64_t day = today - 1; day <= today + 2; day++) {
		time_t noon = (time_t)(day * SITE_DAY / 1000 + 43200);
		struct tm tm = { 0 };

		(void)gmtime_r(&noon, &tm);
		len += strftime(list + len, size - len, "%Y-%m-%d=", &tm);
		len += (size_t)snprintf(list + len, size - len, "%s,",
					id(day * SITE_DAY - SITE_HOUR));
	}
}

static bool summer; /* the test tells the days itself */

static inline void
tick(const char *daemon)
{
	char days[200] = "";

	if (!summer)
		tell_days(days, sizeof days);
	(void)site_call(s, "tick", days, daemon, NULL);
}

/* A daemon that lives says how it has the source. */
static inline struct reply *
report(const char *daemon, const char *state, const char *why)
{
	return site_call(s, "feed", daemon, "pbx",
			 strcmp(state, "up") == 0 ? id(s->now_ms) : "0",
			 "state", state, "why", why, NULL);
}

/* Time passes, for these daemons as well. */
static inline void
live(int64_t ms, const char *daemon, const char *other)
{
	int64_t until = s->now_ms + ms;

	while (s->now_ms < until) {
		site_after(s,
			   until - s->now_ms < 5000 ? until - s->now_ms : 5000);
		tick(daemon);
		if (other != NULL)
			tick(other);
	}
}

static inline const char *
source(const char *field)
{
	return reply_get(site_call(s, "sources", NULL), "source", field);
}

#define SOURCE_IS(field, value)                                       \
	cr_assert_str_eq(source(field), value, "%s is \"%s\"", field, \
			 source(field))

#endif
