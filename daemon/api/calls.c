#include "daemon/api/calls.h"

#include <inttypes.h>
#include <string.h>

#include "daemon/api/access.h"
#include "daemon/api/api.h"
#include "daemon/api/callbook.h"
#include "daemon/api/parking.h"
#include "daemon/api/refusal.h"
#include "daemon/api/req.h"
#include "daemon/api/wire.h"
#include "daemon/base/clock.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/dialstring.h"
#include "daemon/sources/feed.h"
#include "daemon/sources/feeds.h"
#include "daemon/store/store.h"

#define WAIT_S 25
#define MOST_WAIT_S 60

static const char *
given(const struct record *r, const char *name)
{
	const char *s = record_get(r, name);

	return s != NULL ? s : "";
}

/* ---- POST /v1/items/{id}/call ------------------------------------------- */

/*
 *	call_post	is there a system that can call
 *	call_allowed	Redis knows whom, and lets nobody else
 *	order_it	the system rings
 */
struct call_back {
	struct req *req;    /* borrowed */
	const char *source; /* "" or the one that was asked for */
	char id[CALLBOOK_ID_SIZE];
};
static void call_allowed(void *, enum store_end, const struct store_answer *);

static bool
is_up(const struct feeds_caller *c)
{
	struct feed_state state;

	feed_look(c->feed, &state);
	return state.up;
}

static void
fail_down(struct req *req, const struct feed *feed)
{
	struct feed_state state;

	feed_look(feed, &state);
	req_add_header(req, "Retry-After", "5");
	if (state.since_ms == 0)
		req_fail(req, 503, "the telephone system is away",
			 "The telephone system %s has not been reached yet; "
			 "nobody was called. Try again in a moment.",
			 state.name);
	else
		req_fail(req, 503, "the telephone system is away",
			 "The telephone system %s is away since %s (%s); "
			 "nobody was called. Try again in a moment, or dial "
			 "by hand.",
			 state.name,
			 api_clock(req, state.since_ms, CALENDAR_CLOCK),
			 state.why);
}

static void
fail_asked(struct req *req, const char *asked)
{
	if (policy_source(api_of(req)->policy, asked) == NULL)
		req_fail(req, 409, "cannot call",
			 "The configuration has no source \"%s\". Leave it "
			 "out, or see which there are: ringback sources",
			 asked);
	else
		req_fail(req, 409, "cannot call",
			 "Through %s nobody can be called: that needs an "
			 "Asterisk or FreeSWITCH with dial_agent and "
			 "dial_customer in the configuration. Leave the "
			 "source out.",
			 asked);
}

/* The one that was asked for; else the one in which the customer rang, if it is
 * up; else any.  -1 when the request has been failed. */
static int
find_system(struct req *req, const char *asked, const char *rang,
	    struct feeds_caller *ret)
{
	const struct feeds *feeds = api_of(req)->feeds;
	bool found = feeds_caller(feeds, *asked != '\0' ? asked : rang, ret);

	if (found && *asked != '\0' && strcmp(ret->name, asked) != 0) {
		fail_asked(req, asked);
		return -1;
	}
	if (found && *asked == '\0' && !is_up(ret))
		found = feeds_caller(feeds, "", ret);
	if (!found) {
		req_fail(req, 409, "no telephone system",
			 "No telephone system can make calls yet. In the "
			 "configuration a source needs type, address, "
			 "dial_agent and dial_customer: see "
			 "ringback.conf(5).");
		return -1;
	}
	if (is_up(ret))
		return 0;
	fail_down(req, ret->feed);
	return -1;
}

static int
read_call(struct req *req, struct record *r)
{
	static const struct wire_field fields[] = {
		{ .name = "fence",
		  .kind = WIRE_INT,
		  .min = 0,
		  .max = 9007199254740991 },
		{ .name = "phone", .kind = WIRE_TEXT },
		{ .name = "source", .kind = WIRE_NAME },
	};
	size_t len;

	(void)req_body(req, &len);
	if (len > 0 && api_read(req, r, fields, 3) < 0)
		return -1;
	if (!record_has(r, "phone") ||
	    dialstring_is_phone(record_get(r, "phone")))
		return 0;
	req_fail(req, 422, "a field is wrong",
		 "phone must be a telephone of your own system: 1 to %d "
		 "digits.",
		 DIALSTRING_DIGITS);
	return -1;
}

void
call_post(struct req *req)
{
	struct call_back *c = req_keep(req, sizeof *c);
	struct record *r = api_record(req);
	struct actor actor = api_actor(req);
	struct feeds_caller system;
	struct store_dial dial = { .id = req_part(req, 0), .call = c->id };

	if (read_call(req, r) < 0)
		return;
	c->req = req;
	c->source = given(r, "source");
	if (find_system(req, c->source, "", &system) < 0)
		return;
	if (callbook_is_full(api_of(req)->callbook)) {
		req_add_header(req, "Retry-After", "5");
		req_fail(req, 503, "too many calls",
			 "So many calls are under way here that no more can "
			 "be followed. Try again in a moment.");
		return;
	}
	callbook_id(c->id);
	dial.fence = given(r, "fence");
	dial.phone = given(r, "phone");
	store_dial(api_of(req)->store, &actor, &dial, call_allowed, c);
}

static void
answer_call(struct req *req, int status, const char *id)
{
	req_answer(req, status, callbook_tell(api_of(req)->callbook, id));
}

static void
order_it(struct call_back *c, const struct record *dial)
{
	struct req *req = c->req;
	struct callbook *book = api_of(req)->callbook;
	struct actor actor = api_actor(req);
	struct feeds_caller system = { .name = "" };
	struct fault fault = { "" };
	struct callbook_order order = { .id = c->id,
					.who = &actor,
					.number = record_int(dial, "number", 0),
					.phone = record_text(dial, "phone"),
					.to = record_text(dial, "to"),
					.caller_id =
					    record_text(dial, "caller_id") };

	if (find_system(req, c->source, record_text(dial, "source"), &system) <
	    0) {
		callbook_refuse(book, &order);
		return;
	}
	order.source = system.source;
	order.type = system.type;
	if (callbook_begin(book, &order, &fault) < 0)
		req_fail(req, 503, "not called",
			 "The telephone system %s did not take the call: %s.",
			 system.name, fault.text);
	else
		answer_call(req, 202, c->id);
}

/* Redis may have marked him all the same: nobody is rung, and that is told. */
static void
take_back(const struct call_back *c)
{
	struct actor actor = api_actor(c->req);
	int64_t number = 0;

	if (text_int64(&number, req_part(c->req, 0), 1, INT64_MAX) == 0)
		callbook_refuse(api_of(c->req)->callbook,
				&(struct callbook_order){ .id = c->id,
							  .who = &actor,
							  .number = number,
							  .phone = "",
							  .to = "",
							  .caller_id = "" });
}

static void
call_allowed(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct call_back *c = cookie;

	if (end == STORE_UNKNOWN)
		take_back(c);
	if (end != STORE_DONE)
		api_fail_end(c->req, end, a);
	else if (strcmp(a->word, "ok") == 0)
		order_it(c, answer_section(a, "dial"));
	else
		refuse(c->req, a);
}

/* ---- GET /v1/calls/{call}, POST /v1/calls/{call}/hangup ----------------- */

/* Whose it is not learns nothing of it.  -1 when the request has been failed.
 */
static int
find_call(struct req *req, const char *id, bool own)
{
	const char *agent = callbook_agent(api_of(req)->callbook, id);
	const struct caller *caller = req_caller(req);

	if (agent != NULL && (strcmp(agent, caller->name) == 0 ||
			      (!own && caller->role >= ROLE_SUPERVISOR)))
		return 0;
	req_fail(req, 404, "no such call",
		 "There is no such call of yours at this daemon; one that has "
		 "ended is kept for some minutes. The item says what came of "
		 "it.");
	return -1;
}

/*
 *	call_get	as it is, or wait until it goes on
 *	call_woken	it went on, or the time is up
 */
struct follow {
	struct req *req; /* borrowed */
};

static void
call_woken(void *cookie, enum parking_end how)
{
	struct req *req = ((struct follow *)cookie)->req;

	parking_exit(api_of(req)->following);
	if (how == PARKING_GONE)
		req_fail(req, 503, "gone", "The client left.");
	else if (find_call(req, req_part(req, 0), false) == 0)
		answer_call(req, 200, req_part(req, 0));
}

/* How long it may wait: ms; -1 when the request has been failed. */
static int64_t
read_wait(struct req *req)
{
	const char *after = req_query(req, "after");
	const char *s = req_query(req, "wait_s");
	int64_t wait_s = after != NULL ? WAIT_S : 0;

	if (after != NULL && !callbook_is_state(after)) {
		req_fail(req, 422, "a filter is wrong",
			 "after must be agent, customer, talking or ended.");
		return -1;
	}
	if (s != NULL && text_int64(&wait_s, s, 0, MOST_WAIT_S) < 0) {
		req_fail(req, 422, "a filter is wrong",
			 "wait_s must be a whole number of at most %d.",
			 MOST_WAIT_S);
		return -1;
	}
	return wait_s * 1000;
}

void
call_get(struct req *req)
{
	struct follow *f = req_keep(req, sizeof *f);
	struct api *api = api_of(req);
	const char *id = req_part(req, 0), *after = req_query(req, "after");
	int64_t wait_ms = read_wait(req);

	if (wait_ms < 0 || find_call(req, id, false) < 0)
		return;
	if (wait_ms == 0 || after == NULL || parking_is_over(api->following) ||
	    !callbook_is_at(api->callbook, id, after)) {
		answer_call(req, 200, id);
		return;
	}
	if (!parking_enter(api->following, (size_t)api->policy->max_waiting)) {
		req_add_header(req, "Retry-After", "1");
		req_fail(req, 503, "too many wait",
			 "%" PRId64 " wait here already. Ask without wait_s.",
			 api->policy->max_waiting);
		return;
	}
	f->req = req;
	parking_add(api->following, req, id, wait_ms, call_woken, f);
}

void
call_hangup(struct req *req)
{
	const char *id = req_part(req, 0);
	struct record *r = api_record(req);
	size_t len;

	(void)req_body(req, &len);
	if ((len > 0 && api_read(req, r, NULL, 0) < 0) ||
	    find_call(req, id, true) < 0)
		return;
	callbook_hang_up(api_of(req)->callbook, id);
	answer_call(req, 202, id);
}

/* ---- PUT /v1/agents/{name}/phone ---------------------------------------- */

struct phone_set {
	struct req *req; /* borrowed, as the next */
	const char *phone;
};

static void
phone_was_set(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct phone_set *c = cookie;

	if (end != STORE_DONE)
		api_fail_end(c->req, end, a);
	else
		req_answer(c->req, 200,
			   json_pack("{s:s, s:s}", "agent", req_part(c->req, 0),
				     "phone", c->phone));
}

void
agent_phone_put(struct req *req)
{
	static const struct wire_field fields[] = {
		{ .name = "phone", .kind = WIRE_TEXT },
	};
	const struct caller *caller = req_caller(req);
	const char *agent = req_part(req, 0), *phone;
	struct phone_set *c = req_keep(req, sizeof *c);
	struct record *r = api_record(req);
	struct actor actor = api_actor(req);

	if (strcmp(agent, caller->name) != 0 &&
	    caller->role < ROLE_SUPERVISOR) {
		access_refuse(api_of(req)->access, req, ROLE_SUPERVISOR,
			      "Saying at which telephone somebody else is");
		return;
	}
	if (api_read(req, r, fields, 1) < 0)
		return;
	phone = record_get(r, "phone");
	if (phone == NULL || !text_is_name(agent) ||
	    (*phone != '\0' && !dialstring_is_phone(phone))) {
		req_fail(req, 422, "a field is wrong",
			 "phone must be a telephone of your own system: 1 to "
			 "%d digits; or \"\" for none.",
			 DIALSTRING_DIGITS);
		return;
	}
	c->req = req;
	c->phone = phone;
	store_agent_phone(api_of(req)->store, &actor, agent, phone,
			  phone_was_set, c);
}
