/* api.h -- what the handlers of one server stand on, and what all of them
 * share: who acts, and how an ending of the store is said in HTTP. */
#ifndef RB_API_API_H
#define RB_API_API_H

#include <jansson.h>
#include <stdbool.h>

#include "daemon/policy/calendar.h"
#include "daemon/store/store.h"

struct access;
struct callbook;
struct holding;
struct intake;
struct journal;
struct event_base;
struct feeds;
struct listeners;
struct parking;
struct policy;
struct presence;
struct rates;
struct rds;
struct record;
struct req;

struct api {
	struct store *store;
	struct intake *intake;       /* for events */
	struct journal *journal;     /* NULL: there is none */
	struct feeds *feeds;         /* of all sources */
	struct access *access;       /* to refuse what a role may not */
	struct rds *rds;             /* for pages of the log */
	const struct policy *policy; /* the one in force; changes at a reload */
	struct parking *parking;     /* agents who wait for a customer */
	struct callbook *callbook;   /* calls to customers */
	struct parking *following;   /* who waits for one of them to go on */
	struct listeners *listeners; /* of the log */
	struct rates *rates;         /* of events, by caller */
	struct presence *presence;   /* who is there */
	struct holding *holding;     /* whom they hold, when Redis is away */
	bool published; /* Redis has our policy and calendars, or newer ones */
	const char *not_published; /* why not; a sentence */
	/* A customer lives by this clock: his calling hours are to be in Redis
	 * before he is. */
	void (*zone_seen)(void *cookie, const char *zone);
	void *zone_cookie;
};

/* api_build: makes what is the server's own (parking, callbook, listeners,
 * presence, holding); the rest has been set.  api_free: gives it back, after the links to
 * Redis; all zero is allowed. */
void api_build(struct api *, struct event_base *);
void api_free(struct api *);

/* api_zone_seen: NULL is no zone. */
void api_zone_seen(const struct api *, const char *zone);

/* api_of: of the server that the request came to. */
struct api *api_of(const struct req *);

/* api_known: the caller is there (for routes.known). */
void api_known(struct req *);

/* api_most_requests: for routes.most. */
size_t api_most_requests(const struct req *);

/* api_actor: who acts, from the caller (borrowed from the request). */
struct actor api_actor(const struct req *);

/* api_saw: an answer to the caller tells of this item; NULL: he holds none. */
void api_saw(const struct req *, const struct record *item);

/* api_fail_end: every ending but STORE_DONE: 503 where nothing happened, 504
 * where it may have, 500 where Redis would not run it. */
void api_fail_end(struct req *, enum store_end, const struct store_answer *);

/* api_is_json: the body is said to be JSON, or comes under the type that curl
 * and simple senders give it unasked, or under none. */
bool api_is_json(const struct req *);

/* api_clock: the time on the site's clock, for a sentence; with the place where
 * this machine's own clock shows another.  The request's. */
const char *api_clock(struct req *, int64_t ms, enum calendar_form);

/* api_parse: the body as one JSON object, the caller's to free; NULL when the
 * request has been failed (400, 415). */
json_t *api_parse(struct req *);

/* api_fail_fields: 422, with the list of what is wrong (taken). */
void api_fail_fields(struct req *, json_t *errors);

/* api_read: the body as one JSON object, by the table, into the record.  0, or
 * -1 when the request has been failed (400, 415, 422). */
struct wire_field;
int api_read(struct req *, struct record *ret, const struct wire_field *,
    size_t count);

/* api_record: an empty record that lives as long as the request. */
struct record *api_record(struct req *);

#endif
