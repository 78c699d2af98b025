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
		body = wire_card(a, policy);
		(void)json_object_set_new(body, "held", json_true());
		req_answer(req, 200, body);
	} else if (strcmp(a->word, "ok") == 0 &&
	    answer_section(a, "item") != NULL) {
		req_answer(req, 200,
		    json_pack("{s:o}", "item",
			wire_item(answer_section(a, "item"), policy)));
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

	store_hold(
	    api_of(req)->store, &actor, req_part(req, 0), act_done, req);
}

void
extend_post(struct req *req)
{
	struct actor actor = api_actor(req);

	store_extend(
	    api_of(req)->store, &actor, req_part(req, 0), act_done, req);
}

void
release_post(struct req *req)
{
	static const struct wire_field fields[] = {
		{ .name = "reason", .kind = WIRE_TEXT, .max = 1000 },
	};
	struct actor actor = api_actor(req);
	struct record *r = api_record(req);

	if (read_optional(req, r, fields, 1) == 0)
		store_release(api_of(req)->store, &actor, req_part(req, 0),
		    given(r, "reason"), act_done, req);
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
		{ .name = "note", .kind = WIRE_TEXT, .max = 4000 },
	};
	struct actor actor = api_actor(req);
	struct record *r = api_record(req);
	struct store_move move = { .id = req_part(req, 0) };

	if (api_read(req, r, fields, sizeof fields / sizeof *fields) < 0)
		return;
	for (size_t i = 0; i < 3 && move.to == NULL; i++) {
		if (record_has(r, fields[i].name))
			move.to = record_get(r, fields[i].name);
	}
	if (move.to == NULL && strcmp(given(r, "up"), "1") == 0)
		move.to = "up";
	if (move.to == NULL) {
		req_fail(req, 422, "no place",
		    "Where to? A queue, an agent, or up: \"to\" is missing.");
		return;
	}
	move.note = given(r, "note");
	store_move(api_of(req)->store, &actor, &move, act_done, req);
}

void
note_post(struct req *req)
{
	static const struct wire_field fields[] = {
		{ .name = "note",
		    .kind = WIRE_TEXT,
		    .required = true,
		    .max = 4000 },
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

	store_undo(api_of(req)->store, &actor, act_done, req);
}
