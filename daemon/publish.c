#include "daemon/publish.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/fault.h"
#include "daemon/base/log.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/fields.h"
#include "daemon/policy/policy.h"
#include "daemon/store/store.h"

#define DAY_MS ((int64_t)86400000)
/* How far calendars reach, and when they are written anew. */
#define AHEAD_MS (60 * DAY_MS)
#define SHORT_MS (45 * DAY_MS)
/* Events may be a week old: what they waited is counted on the calendar. */
#define BEHIND_MS (9 * DAY_MS)
/* The last instant of every list says what holds after it. */
#define FOR_GOOD_MS INT64_C(253402300799000)

struct publish {
	struct store *store;         /* borrowed */
	const struct policy *policy; /* borrowed */
	publish_told *told;
	void *cookie;
	char hash[17];  /* of our policy */
	bool must;      /* ours is to be written */
	bool agrees;    /* Redis has ours */
	bool running;   /* one round at a time */
	bool once_more; /* asked for during a round */
	bool differs_told;
	struct record *zones; /* owned: those whose windows Redis was given */
};

/*
 * A round
 *	publish_refresh	what policy does Redis have
 *	policy_known	which calendars does it have, how far do they reach
 *	calendars_known	write those that we need and that run short
 *	policy_put	then ours, where it is to be written
 *	finish		tell, and again if somebody asked meanwhile
 */
static void policy_known(void *, enum store_end, const struct store_answer *);
static void calendars_known(
    void *, enum store_end, const struct store_answer *);
static void policy_put(void *, enum store_end, const struct store_answer *);
static void finish(struct publish *, enum publish_end, const char *why);

static void
forget_zones(struct publish *p)
{
	record_free(p->zones);
	p->zones = record_new();
}

struct publish *
publish_new(struct store *store, const struct policy *policy,
    publish_told *told, void *cookie)
{
	struct publish *p = text_alloc(sizeof *p);

	p->store = store;
	p->told = told;
	p->cookie = cookie;
	publish_set_policy(p, policy);
	return p;
}

void
publish_free(struct publish *p)
{
	if (p == NULL)
		return;
	record_free(p->zones);
	free(p);
}

void
publish_set_policy(struct publish *p, const struct policy *policy)
{
	p->policy = policy;
	forget_zones(p);
	policy_hash(p->hash, policy);
}

void
publish_now(struct publish *p, bool must)
{
	p->must = p->must || must;
	publish_refresh(p);
}

void
publish_refresh(struct publish *p)
{
	if (p->running) {
		p->once_more = true;
		return;
	}
	p->running = true;
	p->once_more = false;
	store_policy_get(p->store, policy_known, p);
}

static void
policy_known(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct publish *p = cookie;
	const struct record *policy = answer_section(a, "policy");
	const char *hash;

	if (end != STORE_DONE || policy == NULL) {
		finish(p, PUBLISH_AWAY, "Redis did not tell its configuration.");
		return;
	}
	hash = record_get(policy, "hash");
	if (hash == NULL) { /* an empty Redis */
		p->must = true;
		forget_zones(p);
	}
	p->agrees = p->must || (hash != NULL && strcmp(hash, p->hash) == 0);
	if (!p->agrees && !p->differs_told)
		log_warn("policy",
		    "this daemon's file differs from the configuration in "
		    "force, which another daemon has written; reload to make "
		    "this one the site's");
	p->differs_told = !p->agrees;
	store_calendars(p->store, calendars_known, p);
}

/* ---- calendars ------------------------------------------------------------------------ */

/* How far a calendar reaches; 0 for one that is wanted, -1 for none. */
static int64_t
reach(const struct store_answer *a, const char *name)
{
	int64_t until = -1;

	for (size_t i = 0; i < a->count; i++) {
		const struct record *c = a->sections[i].fields;

		if (strcmp(record_text(c, "name"), name) == 0 &&
		    record_int(c, "until", 0) > until)
			until = record_int(c, "until", 0);
	}
	return until;
}

static void
ignore_answer(void *cookie, enum store_end end, const struct store_answer *a)
{
	(void)cookie;
	(void)a;
	if (end == STORE_REFUSED)
		log_error("policy", "a calendar was refused: %s", a->error);
}

struct span {
	int64_t from_ms, until_ms;
};

static void
put(struct publish *p, const char *name, const struct instants *in,
    bool open_at_end, const struct span *span)
{
	char **list = text_alloc((in->count + 1) * sizeof *list);
	const char **borrowed = text_alloc((in->count + 1) * sizeof *borrowed);
	const struct store_calendar calendar = { .name = name,
		.until_ms = span->until_ms,
		.instants = borrowed,
		.count = in->count + 1 };

	for (size_t i = 0; i < in->count; i++)
		list[i] = text_print("%" PRId64 "%c", in->list[i].at_ms,
		    in->list[i].opens ? 'o' : 'c');
	list[in->count] =
	    text_print("%" PRId64 "%c", FOR_GOOD_MS, open_at_end ? 'c' : 'o');
	for (size_t i = 0; i <= in->count; i++)
		borrowed[i] = list[i];
	store_calendar_put(p->store, &calendar, ignore_answer, NULL);
	for (size_t i = 0; i <= in->count; i++)
		free(list[i]);
	free(list);
	free(borrowed);
}

/* From where a calendar is to be computed: new, all that may be asked about;
 * else from where it ended, if no daemon ran for that long. */
static struct span
span_of(int64_t known_until, int64_t now)
{
	struct span span = { .from_ms = now - BEHIND_MS,
		.until_ms = now + AHEAD_MS };

	if (known_until > 0 && known_until < span.from_ms)
		span.from_ms = known_until;
	/* At most what calendar_hours takes. */
	if (span.from_ms < now - 2 * 365 * DAY_MS)
		span.from_ms = now - 2 * 365 * DAY_MS;
	return span;
}

static void
put_hours(struct publish *p, const struct policy_hours *h,
    const struct span *span, const char *name)
{
	const struct hours hours = { .open =
					 (const char *const *)h->open.list,
		.open_count = h->open.count,
		.holidays = *h->holidays != '\0' ? h->holidays : NULL,
		.zone = p->policy->timezone };
	struct instants in = { 0 };
	struct fault fault = { "" };

	if (calendar_hours(
		&in, &hours, span->from_ms, span->until_ms, &fault) < 0) {
		log_error("policy", "hours=%s %s", h->name, fault.text);
		return;
	}
	put(p, name, &in, calendar_open_at(&hours, span->until_ms), span);
	instants_done(&in);
}

/* "window:Europe/Berlin|09:00-20:00" */
static int
window_parse(const char *name, char zone[64], int *ret_from, int *ret_to)
{
	char from[6], to[6];
	const char *bar = strchr(name, '|');
	size_t n;

	if (strncmp(name, "window:", 7) != 0 || bar == NULL ||
	    strlen(bar + 1) != 11 || bar[6] != '-')
		return -1;
	n = (size_t)(bar - name) - 7;
	if (n >= 64)
		return -1;
	memcpy(zone, name + 7, n);
	zone[n] = '\0';
	(void)snprintf(from, sizeof from, "%.5s", bar + 1);
	(void)snprintf(to, sizeof to, "%.5s", bar + 7);
	return calendar_clock_minutes(ret_from, from) == 0 &&
		calendar_clock_minutes(ret_to, to) == 0 ?
	    0 :
	    -1;
}

static void
put_window(struct publish *p, const char *name, const struct span *span)
{
	struct instants in = { 0 };
	char zone[64];
	int from, to;

	if (window_parse(name, zone, &from, &to) < 0)
		return;
	/* A zone that this system does not know (any more): the site's. */
	if (!calendar_zone_ok(zone))
		(void)snprintf(zone, sizeof zone, "%s", p->policy->timezone);
	if (calendar_window(
		&in, zone, from, to, span->from_ms, span->until_ms) < 0)
		return;
	put(p, name, &in,
	    calendar_window_open_at(zone, from, to, span->until_ms), span);
	instants_done(&in);
}

/* The windows that Redis knows or wants: of customers in whatever zone. */
static void
put_windows(struct publish *p, const struct store_answer *a, int64_t now)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct record *c = a->sections[i].fields;
		const char *name = record_get(c, "name");
		int64_t until = record_int(c, "until", 0);
		struct span span = span_of(until, now);

		if (until < now + SHORT_MS)
			put_window(p, name, &span);
	}
}

/* The calendar of a plan's calling hours in a zone; free(). */
static char *
window_name(const struct policy_retry *r, const char *zone)
{
	return text_print("window:%s|%02d:%02d-%02d:%02d", zone,
	    (int)r->call_from / 60, (int)r->call_from % 60,
	    (int)r->call_to / 60, (int)r->call_to % 60);
}

/* On the site's clock: for callers of whom no more is known. */
static void
put_site_windows(struct publish *p, const struct store_answer *a, int64_t now)
{
	for (size_t i = 0; i < p->policy->retry_count; i++) {
		char *name = window_name(
		    &p->policy->retries[i], p->policy->timezone);
		struct span span = span_of(0, now);

		if (reach(a, name) < 0)
			put_window(p, name, &span);
		free(name);
	}
}

void
publish_zone(struct publish *p, const char *zone)
{
	struct span span = span_of(0, clock_wall_ms());

	if (record_has(p->zones, zone))
		return;
	record_set(p->zones, zone, "1");
	for (size_t i = 0; i < p->policy->retry_count; i++) {
		char *name = window_name(&p->policy->retries[i], zone);

		put_window(p, name, &span);
		free(name);
	}
}

static void
put_all_hours(struct publish *p, const struct store_answer *a, int64_t now)
{
	for (size_t i = 0; i < p->policy->hours_count; i++) {
		const struct policy_hours *h = &p->policy->hours[i];
		char *name = text_print("hours:%s", h->name);
		int64_t until = reach(a, name);
		struct span span = span_of(until, now);

		if (p->must || until < now + SHORT_MS)
			put_hours(p, h, &span, name);
		free(name);
	}
}

static void
calendars_known(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct publish *p = cookie;
	int64_t now = clock_wall_ms();
	struct record *fields;

	if (end != STORE_DONE) {
		finish(p, PUBLISH_AWAY, "Redis did not tell its calendars.");
		return;
	}
	put_windows(p, a, now);
	put_site_windows(p, a, now);
	/* Opening hours are the policy's: never those of an older file. */
	if (p->agrees)
		put_all_hours(p, a, now);
	if (!p->must) {
		finish(p, PUBLISH_DONE, "");
		return;
	}
	fields = policy_fields(p->policy);
	store_policy_put(p->store, p->hash, fields, policy_put, p);
	record_free(fields);
}

/* ---- the policy ------------------------------------------------------------------------ */

static void
policy_put(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct publish *p = cookie;
	const struct record *policy = answer_section(a, "policy");
	char why[400];

	if (end != STORE_DONE || policy == NULL) {
		finish(p, PUBLISH_AWAY, "Redis did not take the configuration.");
		return;
	}
	if (strcmp(a->word, "busy") != 0) {
		p->must = false;
		log_info("policy", "number=%s hash=%s %s",
		    record_text(policy, "number"), p->hash,
		    strcmp(a->word, "same") == 0 ? "in force" : "written");
		finish(p, PUBLISH_DONE, "");
		return;
	}
	(void)snprintf(why, sizeof why,
	    "The configuration drops the %s \"%s\", which %s items still need: "
	    "the one before stays in force. Put it back, finish or move the "
	    "items (ringback list --%s %s), then reload.",
	    record_text(policy, "kind"), record_text(policy, "name"),
	    record_text(policy, "count"), record_text(policy, "kind"),
	    record_text(policy, "name"));
	p->must = false;
	finish(p, PUBLISH_BUSY, why);
}

static void
finish(struct publish *p, enum publish_end end, const char *why)
{
	p->running = false;
	p->told(p->cookie, end, why);
	if (p->once_more)
		publish_refresh(p);
}
