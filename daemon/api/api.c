#include "daemon/api/api.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/api/callbook.h"
#include "daemon/api/holding.h"
#include "daemon/api/kept.h"
#include "daemon/api/listeners.h"
#include "daemon/api/parking.h"
#include "daemon/api/presence.h"
#include "daemon/api/rates.h"
#include "daemon/api/req.h"
#include "daemon/api/wire.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/record.h"
#include "daemon/base/zone.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/policy.h"
#include "daemon/policy/when.h"
#include "daemon/store/trouble.h"

/* Redis is back within seconds, as a rule. */
#define RETRY_AFTER_S "2"

/* Who holds somebody, as far as it was seen here. */
#define MOST_HOLDERS 1000

void
api_build(struct api *api, struct event_base *base)
{
	api->parking = parking_new(base);
	api->following = parking_new(base);
	api->callbook =
	    callbook_new(&(struct callbook_options){ .base = base,
		.store = api->store,
		.waiting = api->following });
	api->listeners = listeners_new(base);
	api->presence = presence_new(api->store);
	api->rates = rates_new();
	api->holding = holding_new(MOST_HOLDERS);
}

void
api_free(struct api *api)
{
	parking_free(api->parking);
	callbook_free(api->callbook);
	parking_free(api->following);
	listeners_free(api->listeners);
	presence_free(api->presence);
	rates_free(api->rates);
	holding_free(api->holding);
}

struct api *
api_of(const struct req *req)
{
	return req_app(req);
}

void
api_zone_seen(const struct api *api, const char *zone)
{
	if (zone != NULL && *zone != '\0' && api->zone_seen != NULL)
		api->zone_seen(api->zone_cookie, zone);
}

void
api_known(struct req *req)
{
	presence_seen(api_of(req)->presence, req_caller(req));
}

size_t
api_most_requests(const struct req *req)
{
	return (size_t)api_of(req)->policy->max_requests;
}

struct actor
api_actor(const struct req *req)
{
	const struct caller *caller = req_caller(req);
	int rank = caller->role >= ROLE_MANAGER ? 3 :
	    caller->role == ROLE_SUPERVISOR	? 2 :
						  1;

	return (struct actor){ .name = caller->name,
		.groups = caller->groups,
		.rank = rank,
		.from = req_from(req) };
}

const char *
api_clock(struct req *req, int64_t ms, enum calendar_form form)
{
	const char *zone = api_of(req)->policy->timezone;
	const char *place = strrchr(zone, '/');
	const struct zone *z = zone_find(zone);
	int64_t offset = z != NULL ? zone_local_s(z, ms / 1000) - ms / 1000 : 0;
	char buf[64];

	calendar_local(buf, sizeof buf, ms, zone, form);
	if (offset == clock_local_offset_s(ms))
		return req_keep_text(req, buf);
	return req_keep_print(
	    req, "%s in %s", buf, place != NULL ? place + 1 : zone);
}

void
api_saw(const struct req *req, const struct record *item)
{
	holding_saw(api_of(req)->holding, req_caller(req)->name, item);
}

/* Redis answers, but would not run anything just now. */
static void
fail_hindered(struct req *req, const struct trouble *t, const char *error)
{
	bool full = strcmp(t->word, "OOM ") == 0;
	char why[300];

	trouble_tell(why, sizeof why, error);
	req_add_header(req, "Retry-After", RETRY_AFTER_S);
	if (strcmp(t->word, "NOPOLICY ") == 0)
		req_fail(req, 503, "not ready",
		    "Redis cannot be used yet: %s. Try again in a moment.",
		    why);
	else
		req_fail(req, 503,
		    full ? "Redis is full" : "Redis takes nothing",
		    "Redis took nothing: %s. Nothing was done; try again in a "
		    "moment.%s",
		    why, full ? " What is held can still be recorded." : "");
}

/* In the middle of what was asked.  Which key it is, the tick has found out. */
static void
fail_foreign(struct req *req, const char *error)
{
	const char *known = store_hindrance(api_of(req)->store);
	char why[300];

	trouble_tell(why, sizeof why, error);
	req_add_header(req, "Retry-After", RETRY_AFTER_S);
	req_fail(req, 503, "Redis takes nothing",
	    "Redis could not do it: %s. Repeat it when that is put right: "
	    "nothing is done twice.",
	    *known != '\0' ? known : why);
}

/* With what still works: calls are taken in, and whom he holds he may ring. */
static void
fail_away(struct req *req, const char *error)
{
	const struct api *api = api_of(req);
	int64_t since = store_down_since_ms(api->store);
	int64_t kept = kept_events(req);
	const struct trouble *trouble = trouble_find(error);
	const char *clock = "a moment ago";
	char time[25];
	json_t *extra, *held;
	char *detail;

	if (since == 0 && store_recovering(api->store)) {
		req_add_header(req, "Retry-After", "1");
		req_fail(req, 503, "recovering",
		    "Another Redis has just taken over; what it missed is being "
		    "told to it. Nothing was done: try again in a moment.");
		return;
	}
	if (since == 0 && trouble != NULL) {
		fail_hindered(req, trouble, error);
		return;
	}
	extra = json_object();
	if (since > 0) {
		clock = api_clock(req, since, CALENDAR_CLOCK);
		when_print(time, since);
		(void)json_object_set_new(
		    extra, "away_since", json_string(time));
	}
	(void)json_object_set_new(
	    extra, "kept", kept >= 0 ? json_integer(kept) : json_null());
	held = holding_tell(
	    api->holding, req_caller(req)->name, clock_wall_ms());
	if (held != NULL)
		(void)json_object_set_new(extra, "held", held);
	detail = req_keep_print(req,
	    "Redis is away since %s (%s); nothing was done. Try again in a "
	    "moment.",
	    clock, store_why(api->store));
	req_add_header(req, "Retry-After", RETRY_AFTER_S);
	req_fail_with(req, 503, "Redis is away", detail, extra);
}

static void
fail_unknown(struct req *req, const char *error)
{
	const struct trouble *t = trouble_inside(error);

	if (strncmp(error, STORE_UNCOPIED, strlen(STORE_UNCOPIED)) == 0)
		req_fail(req, 504, "not on a replica yet",
		    "It is done, but fewer replicas of Redis have it than "
		    "wait_replicas asks for. Repeat it: nothing is done "
		    "twice.");
	else if (t != NULL && strcmp(t->word, "WRONGTYPE ") == 0)
		fail_foreign(req, error);
	else
		req_fail(req, 504, "no answer from Redis",
		    "Redis has not answered in time; it may have been done. "
		    "Repeat it: nothing is done twice.");
}

static void
fail_refused(struct req *req, const char *error)
{
	char value[600];

	log_error("api", "end=refused route=%s error=%s", req_route(req),
	    log_value(value, sizeof value, error));
	req_fail(req, 500, "refused by Redis",
	    "Redis would not do it; the daemon's log says why.");
}

void
api_fail_end(struct req *req, enum store_end end, const struct store_answer *a)
{
	switch (end) {
	case STORE_NOT_SENT:
		fail_away(req, a->error);
		return;
	case STORE_UNKNOWN:
		fail_unknown(req, a->error);
		return;
	case STORE_REFUSED:
	case STORE_DONE:
	case STORE_KEPT:
		break;
	}
	fail_refused(req, a->error);
}

static void
free_record(void *record)
{
	record_free(record);
}

struct record *
api_record(struct req *req)
{
	struct record *r = record_new();

	req_on_free(req, free_record, r);
	return r;
}

bool
api_is_json(const struct req *req)
{
	const char *type = req_header(req, "Content-Type");

	return type == NULL || *type == '\0' ||
	    req_type_is(req, "application/json") ||
	    req_type_is(req, "application/x-www-form-urlencoded");
}

json_t *
api_parse(struct req *req)
{
	json_t *object;
	char *why = NULL;
	const char *body;
	size_t len;

	if (!api_is_json(req)) {
		req_fail(req, 415, "not a type that is understood",
		    "Send the body as application/json.");
		return NULL;
	}
	body = req_body(req, &len);
	object = wire_parse(body, len, &why);
	if (object == NULL)
		req_fail(req, 400, "not understood", "%s", why);
	free(why);
	return object;
}

void
api_fail_fields(struct req *req, json_t *errors)
{
	const char *first = req_keep_text(req, wire_first_error(errors));
	json_t *extra = json_object();

	(void)json_object_set_new(extra, "errors", errors);
	req_fail_with(req, 422, "a field is wrong", first, extra);
}

int
api_read(struct req *req, struct record *ret, const struct wire_field *fields,
    size_t count)
{
	json_t *object = api_parse(req), *errors;

	if (object == NULL)
		return -1;
	errors = wire_read(
	    ret, object, fields, count, api_of(req)->policy);
	json_decref(object);
	if (errors == NULL)
		return 0;
	api_fail_fields(req, errors);
	return -1;
}
