#include "daemon/api/next.h"

#include <inttypes.h>
#include <string.h>

#include "daemon/api/api.h"
#include "daemon/api/parking.h"
#include "daemon/api/req.h"
#include "daemon/api/wire.h"
#include "daemon/base/clock.h"
#include "daemon/base/record.h"
#include "daemon/policy/policy.h"
#include "daemon/store/store.h"

#define MOST_WAIT_S 300
/* A parked agent is asked for at least this often: it shows that he is there,
 * and finds what a lost hint would have told. */
#define ASK_EVERY_MS 15000
/* And this often while Redis is away: who waits already goes on waiting. */
#define AWAY_MS 1000

/*
 * POST /v1/next
 *	next_post	how long may it take
 *	next_ask	Redis gives, or parks the agent
 *	next_told	a card, nothing, or parked: then wait for a hint
 *	next_park
 *	next_woken	ask again, or it is over
 */
struct next_call {
	struct req *req;  /* borrowed */
	int64_t until_ms; /* monotonic; 0: do not wait */
	bool parked;      /* once, at least */
};
static void next_ask(struct next_call *, int64_t wait_ms);
static void next_told(void *, enum store_end, const struct store_answer *);
static void next_woken(void *, enum parking_end);

static const struct wire_field next_fields[] = {
	{ .name = "wait_s", .kind = WIRE_INT, .min = 0, .max = MOST_WAIT_S },
};

void
next_post(struct req *req)
{
	struct next_call *c = req_keep(req, sizeof *c);
	struct record *fields = api_record(req);
	struct api *api = api_of(req);
	int64_t wait_ms;
	size_t len;

	(void)req_body(req, &len);
	if (len > 0 && api_read(req, fields, next_fields, 1) < 0)
		return;
	wait_ms = record_int(fields, "wait_s", 0) * 1000;
	if (wait_ms > 0 &&
	    !parking_enter(api->parking, (size_t)api->policy->max_waiting)) {
		req_add_header(req, "Retry-After", "5");
		req_fail(req, 503, "too many wait",
		    "%" PRId64
		    " agents wait here already. Ask without waiting.",
		    api->policy->max_waiting);
		return;
	}
	c->req = req;
	c->until_ms = wait_ms > 0 ? clock_mono_ms() + wait_ms : 0;
	next_ask(c, wait_ms);
}

static void
next_ask(struct next_call *c, int64_t wait_ms)
{
	struct actor actor = api_actor(c->req);

	store_next(api_of(c->req)->store, &actor, wait_ms, next_told, c);
}

/* Before he is answered: another may wait in his place. */
static void
next_leave(const struct next_call *c)
{
	if (c->until_ms > 0)
		parking_exit(api_of(c->req)->parking);
}

static void
answer_nothing(struct req *req, const struct store_answer *a)
{
	const struct policy *policy = api_of(req)->policy;
	const struct record *nothing = answer_section(a, "nothing");
	const char *name = req_caller(req)->name;

	/* Leads and managers serve no queue, and still have their items. */
	if (nothing != NULL && record_int(nothing, "serves", 0) == 0 &&
	    req_caller(req)->role == ROLE_AGENT) {
		req_fail(req, 409, "no queue",
		    "You serve no queue yet, %s. A supervisor can change "
		    "that: ringback agents add QUEUE %s",
		    name, name);
		return;
	}
	req_answer(req, 200, wire_nothing(a, policy));
}

static void
next_park(struct next_call *c, int64_t most_ms)
{
	int64_t left = c->until_ms - clock_mono_ms();

	c->parked = true;
	parking_add(api_of(c->req)->parking, c->req, req_caller(c->req)->name,
	    left < 1 ? 1 : left < most_ms ? left : most_ms, next_woken, c);
}

/* Redis went away, or did not answer in time, while he waited: asking again
 * gives him whatever he may have been handed. */
static bool
goes_on_waiting(const struct next_call *c, enum store_end end)
{
	return (end == STORE_NOT_SENT || end == STORE_UNKNOWN) && c->parked &&
	    clock_mono_ms() < c->until_ms &&
	    !parking_is_over(api_of(c->req)->parking);
}

static void
next_told(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct next_call *c = cookie;
	struct api *api = api_of(c->req);
	json_t *card;

	if (goes_on_waiting(c, end)) {
		next_park(c, AWAY_MS);
		return;
	}
	if (end == STORE_DONE && strcmp(a->word, "parked") == 0) {
		next_park(c, ASK_EVERY_MS);
		return;
	}
	next_leave(c);
	if (end != STORE_DONE) {
		api_fail_end(c->req, end, a);
	} else if (strcmp(a->word, "held") == 0) {
		api_saw(c->req, answer_section(a, "item"));
		card = wire_card(a, api->policy);
		(void)json_object_set_new(card, "held", json_true());
		req_answer(c->req, 200, card);
	} else {
		api_saw(c->req, NULL);
		answer_nothing(c->req, a);
	}
}

static void
next_woken(void *cookie, enum parking_end how)
{
	struct next_call *c = cookie;
	int64_t left = c->until_ms - clock_mono_ms();

	if (how == PARKING_GONE) {
		next_leave(c);
		req_fail(c->req, 503, "gone", "The client left.");
	} else if (left <= 0 || parking_is_over(api_of(c->req)->parking)) {
		next_ask(c, 0);
	} else {
		next_ask(c, left);
	}
}
