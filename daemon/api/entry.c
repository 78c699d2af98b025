#include "daemon/api/entry.h"

#include <stdint.h>

#include "daemon/api/api.h"
#include "daemon/api/rates.h"
#include "daemon/api/req.h"
#include "daemon/base/clock.h"
#include "daemon/base/record.h"
#include "daemon/policy/event.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/feed.h"
#include "daemon/sources/feeds.h"
#include "daemon/store/intake.h"

struct entry {
	struct req *req; /* borrowed: it lives until it is answered */
	struct record *event;
	char uuid[EVENT_UUID_SIZE];
	store_done *done;
	void *cookie;
};

bool
entry_within_rate(struct req *req, size_t n)
{
	const struct api *api = api_of(req);
	const struct caller *caller = req_caller(req);
	const struct rate rate = { api->policy->event_rate,
				   api->policy->event_burst };
	const char *who = req_keep_print(
	    req, "%s %s", caller->by_token ? "token" : "user", caller->name);
	int64_t wait_ms =
	    rates_take(api->rates, who, n, &rate, clock_mono_ms());

	if (wait_ms == 0)
		return true;
	entry_reject(req, NULL, "too many at once", NULL);
	req_add_header(
	    req, "Retry-After",
	    req_keep_print(req, "%lld", (long long)(wait_ms + 999) / 1000));
	req_fail(
	    req, 429, "too many events",
	    "%s may send %lld events a second and sent more; none of these "
	    "was taken. Send them again in a moment.",
	    caller->name, (long long)rate.per_second);
	return false;
}

const char *
entry_check(struct req *req, struct record *e, struct fault *fault)
{
	if (!record_has(e, "source"))
		record_set(e, "source", req_caller(req)->name);
	record_set(e, "by", req_caller(req)->name);
	record_set(e, "origin", req_from(req));
	return event_check(e, clock_wall_ms(), fault);
}

static struct feed *
feed_of(struct req *req, const char *source)
{
	struct feeds *feeds = api_of(req)->feeds;

	return feeds != NULL ? feeds_of(feeds, source) : NULL;
}

static void
on_taken(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct entry *entry = cookie;
	struct feed *feed = NULL;

	if (end == STORE_KEPT ||
	    (end == STORE_DONE && !intake_is_passing(end, a)))
		feed = feed_of(entry->req, record_text(entry->event, "source"));
	if (feed != NULL)
		feed_count(feed);
	entry->done(entry->cookie, end, a);
}

const char *
entry_take(struct req *req, struct record *e, store_done *done, void *cookie)
{
	struct entry *entry = req_keep(req, sizeof *entry);
	struct api *api = api_of(req);

	*entry = (struct entry){
		.req = req, .event = e, .done = done, .cookie = cookie
	};
	event_name(entry->uuid, e);
	event_make_uniform(e, api->policy);
	api_zone_seen(api, record_get(e, "zone"));
	intake_event(api->intake, entry->uuid, e, on_taken, entry);
	return entry->uuid;
}

void
entry_heard(struct req *req, const char *source)
{
	struct feed *feed = feed_of(req, source);

	if (feed != NULL)
		feed_heard(feed);
}

void
entry_reject(struct req *req, const char *source, const char *reason,
	     const char *detail)
{
	const struct api *api = api_of(req);
	const char *name =
	    source != NULL && policy_source(api->policy, source) != NULL
		? source
		: req_caller(req)->name;
	struct feed *feed = feed_of(req, name);

	if (feed != NULL)
		feed_reject(feed, reason, detail);
}
