#include "daemon/api/acts.h"

#include <string.h>

#include "daemon/api/api.h"
#include "daemon/api/refusal.h"
#include "daemon/api/req.h"
#include "daemon/api/wire.h"
#include "daemon/base/record.h"
#include "daemon/policy/policy.h"
#include "daemon/store/store.h"

/* Every act ends here: a card where the customer is now held, the item alone
 * where it is not, or a refusal. */
static void
act_done(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct req *req = cookie;
	const struct policy *policy = api_of(req)->policy;
	json_t *body;

	if (end != STORE_DONE) {
		api_fail_end(req, end, a);
	} else if (strcmp(a->word, "held") == 0) {
		api_saw(req, answer_section(a, "item"));
		body = wire_card(a, policy);
		(void)json_object_set_new(body, "held", json_true());
		if (answer_section(a, "put_back") != NULL)
			(void)json_object_set_new(body, "put_back",
			    wire_item(answer_section(a, "put_back"), policy));
		req_answer(req, 200, body);
	} else if (strcmp(a->word, "ok") == 0 &&
	    answer_section(a, "item") != NULL) {
		api_saw(req, answer_section(a, "item"));
		body = json_pack("{s:o}", "item",
		    wire_item(answer_section(a, "item"), policy));
		if (answer_section(a, "undone") != NULL)
			(void)json_object_set_new(
			    body, "undone", json_string("note"));
		if (answer_section(a, "place") != NULL)
			(void)json_object_set_new(body, "to_on_duty",
			    json_boolean(record_int(answer_section(a, "place"),
					     "on_duty", 0) == 1));
		req_answer(req, 200, body);
	} else {
		refuse(req, a);
	}
}

/* A body that may be left out: 0, or -1 when the request has been failed. */
static int
read_optional(struct req *req, struct record *ret,
    const struct wire_field *fields, size_t count)
{
	size_t len;

	(void)req_body(req, &len);
	return len > 0 ? api_read(req, ret, fields, count) : 0;
}

/* Of the hold that is meant: a request that was long on its way must not end one
 * that came after it. */
#define FENCE                                                                  \
	{ .name = "fence",                                                     \
		.kind = WIRE_INT,                                              \
		.min = 0,                                                      \
		.max = 9007199254740991 }

/* An object, if anything: none of its members counts. */
static int
read_nothing(struct req *req)
{
	return read_optional(req, api_record(req), NULL, 0);
}

static const char *
given(const struct record *r, const char *name)
{
	const char *s = record_get(r, name);

	return s != NULL ? s : "";
}

void
hold_post(struct req *req)
{
	struct actor actor = api_actor(req);

	if (read_nothing(req) == 0)
		store_hold(api_of(req)->store, &actor, req_part(req, 0),
		    act_done, req);
}

void
extend_post(struct req *req)
{
	struct actor actor = api_actor(req);

	if (read_nothing(req) == 0)
		store_extend(api_of(req)->store, &actor, req_part(req, 0),
		    act_done, req);
}

void
release_post(struct req *req)
{
	static const struct wire_field fields[] = {
		{ .name = "reason",
		    .kind = WIRE_TEXT,
		    .limit = WIRE_LIMIT(max_reason) },
		FENCE,
	};
	struct actor actor = api_actor(req);
	struct record *r = api_record(req);
	struct store_release release = { .id = req_part(req, 0) };

	if (read_optional(req, r, fields, sizeof fields / sizeof *fields) < 0)
		return;
	release.reason = given(r, "reason");
	release.fence = given(r, "fence");
	store_release(api_of(req)->store, &actor, &release, act_done, req);
}

/* Where to: a name, "queue:NAME", "agent:NAME" or "up".  -1: failed. */
static int
read_place(struct req *req, const struct record *r, const char **ret)
{
	static const char *const kinds[] = { "queue", "agent" };
	size_t n = record_has(r, "to");

	*ret = record_get(r, "to");
	for (size_t i = 0; i < 2; i++) {
		if (!record_has(r, kinds[i]))
			continue;
		n++;
		*ret = req_keep_print(
		    req, "%s:%s", kinds[i], record_get(r, kinds[i]));
	}
	if (strcmp(given(r, "up"), "1") == 0) {
		n++;
		*ret = "up";
	}
	if (n == 1)
		return 0;
	req_fail(req, 422, "no place",
	    "Where to? One of a queue, an agent, or up: name it as \"to\".");
	return -1;
}

/* {"to": NAME}, or by what it is: {"queue": NAME} {"agent": NAME} {"up": true} */
void
move_post(struct req *req)
{
	static const struct wire_field fields[] = {
		{ .name = "to", .kind = WIRE_NAME },
		{ .name = "queue", .kind = WIRE_NAME },
		{ .name = "agent", .kind = WIRE_NAME },
		{ .name = "up", .kind = WIRE_FLAG },
		{ .name = "note",
		    .kind = WIRE_TEXT,
		    .limit = WIRE_LIMIT(max_note) },
		FENCE,
	};
	struct actor actor = api_actor(req);
	struct record *r = api_record(req);
	struct store_move move = { .id = req_part(req, 0) };

	if (api_read(req, r, fields, sizeof fields / sizeof *fields) < 0)
		return;
	if (read_place(req, r, &move.to) < 0)
		return;
	move.note = given(r, "note");
	move.fence = given(r, "fence");
	store_move(api_of(req)->store, &actor, &move, act_done, req);
}

void
note_post(struct req *req)
{
	static const struct wire_field fields[] = {
		{ .name = "note",
		    .kind = WIRE_TEXT,
		    .required = true,
		    .limit = WIRE_LIMIT(max_note) },
	};
	struct actor actor = api_actor(req);
	struct record *r = api_record(req);

	if (api_read(req, r, fields, 1) == 0)
		store_note(api_of(req)->store, &actor, req_part(req, 0),
		    record_get(r, "note"), act_done, req);
}

void
undo_post(struct req *req)
{
	struct actor actor = api_actor(req);

	if (read_nothing(req) == 0)
		store_undo(
		    api_of(req)->store, &actor, req_part(req, 0), act_done, req);
}
