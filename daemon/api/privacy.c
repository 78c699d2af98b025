#include "daemon/api/privacy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/api/api.h"
#include "daemon/api/refusal.h"
#include "daemon/api/req.h"
#include "daemon/api/wire.h"
#include "daemon/base/log.h"
#include "daemon/base/record.h"
#include "daemon/policy/phone.h"
#include "daemon/policy/policy.h"
#include "daemon/policy/shape.h"
#include "daemon/store/journal.h"
#include "daemon/store/store.h"

#define SALT_BYTES 16

static const char *
phone_of(struct req *req)
{
	struct phone phone;

	if (phone_parse(&phone, req_part(req, 0),
			api_of(req)->policy->region) != PHONE_OK)
		return "";
	return req_keep_text(req, phone.e164);
}

/* ---- told ----------------------------------------------------------- */

/*
 * GET /v1/customers/{id}/export
 *	customer_export	from the beginning, or where a page ended
 *	export_ask	a part of it, in which there may be nothing of his
 *	exported	answer the first that has an item, or the last
 */
struct telling {
	struct req *req;
	struct store_person person;
	json_t *page; /* owned */
};
static void exported(void *, enum store_end, const struct store_answer *);

static void
export_ask(struct telling *c)
{
	store_export(api_of(c->req)->store, &c->person, exported, c);
}

/* The name is what Redis said: where it is no text, that is left out. */
static void
append(json_t *object, const char *name, json_t *value /* taken */)
{
	json_t *list = json_object_get(object, name);

	if (list == NULL) {
		list = json_array();
		if (json_object_set_new(object, name, list) < 0)
			list = NULL;
	}
	(void)json_array_append_new(list, value);
}

/* What only the order of handing out goes by tells nobody anything of a
 * person. */
static json_t *
item_of(const struct record *fields)
{
	static const char *const inner[] = { "share",   "base", "class",
					     "indexed", "rev",  "told",
					     "fence" };
	json_t *item = shape_object(fields);

	for (size_t i = 0; i < sizeof inner / sizeof *inner; i++)
		(void)json_object_del(item, inner[i]);
	return item;
}

/* What follows an item belongs to it. */
static void
take_section(json_t *page, const struct section *s)
{
	json_t *items = json_object_get(page, "items");
	json_t *item = json_array_get(items, json_array_size(items) - 1);

	if (strcmp(s->name, "person") == 0 || strcmp(s->name, "customer") == 0)
		(void)json_object_set_new(page, s->name,
					  shape_object(s->fields));
	else if (strcmp(s->name, "never") == 0)
		append(page, "never_call",
		       shape_text(record_text(s->fields, "phone")));
	else if (strcmp(s->name, "item") == 0)
		append(page, "items", item_of(s->fields));
	else if (item != NULL && strcmp(s->name, "page") != 0)
		append(item, s->name, shape_object(s->fields));
	else if (strcmp(s->name, "page") != 0)
		append(page, s->name, shape_object(s->fields));
}

static void
exported(void *cookie, enum store_end end, const struct store_answer *a)
{
	const struct record *page = answer_section(a, "page");
	struct telling *c = cookie;
	const char *cursor = page != NULL ? record_get(page, "cursor") : NULL;

	if (end != STORE_DONE) {
		api_fail_end(c->req, end, a);
		return;
	}
	for (size_t i = 0; i < a->count; i++)
		take_section(c->page, &a->sections[i]);
	if (cursor != NULL && json_object_get(c->page, "items") == NULL) {
		c->person.cursor = req_keep_text(c->req, cursor);
		export_ask(c);
		return;
	}
	(void)json_object_set_new(c->page, "cursor",
				  cursor != NULL ? json_string(cursor)
						 : json_null());
	req_answer(c->req, 200, json_incref(c->page));
}

static void
free_page(void *page)
{
	json_decref(page);
}

void
customer_export(struct req *req)
{
	struct telling *c = req_keep(req, sizeof *c);
	const char *cursor = req_query(req, "cursor");

	if (cursor != NULL &&
	    (strlen(cursor) > 15 ||
	     strspn(cursor, "0123456789") != strlen(cursor))) {
		req_fail(req, 422, "a field is wrong",
			 "cursor is none that an answer gave.");
		return;
	}
	c->req = req;
	c->person =
	    (struct store_person){ .id = req_part(req, 0),
				   .phone = phone_of(req),
				   .cursor = cursor != NULL ? cursor : "" };
	c->page = json_object();
	req_on_free(req, free_page, c->page);
	/* Who looked, and not at whom: that would be one more trace. */
	if (cursor == NULL)
		log_info("privacy", "exported by=%s from=%s",
			 req_caller(req)->name, req_from(req));
	export_ask(c);
}

/* ---- forgotten ------------------------------------------------------ */

/*
 * POST /v1/customers/{id}/forget
 *	customer_forget	from the beginning, unless events wait here
 *	forget_ask	a slice; it goes on whether the client waits or not
 *	forgotten	the next slice, or answer
 */
struct forget {
	struct req *req;
	struct store_person person;
	struct store_forgetting f;
	struct actor who;
	json_t *sums;      /* owned */
	const char *other; /* a customer whom items with the number belong to */
};
static void forgotten(void *, enum store_end, const struct store_answer *);

static const char *const counted[] = { "items",   "open",     "entries",
				       "words",   "answered", "directory",
				       "numbers", "acts",     "never_call",
				       "others" };
#define COUNTED (sizeof counted / sizeof *counted)

static void
forget_ask(struct forget *c)
{
	store_forget(api_of(c->req)->store, &c->person, &c->f, forgotten, c);
}

static void
count(struct forget *c, const struct record *told)
{
	for (size_t i = 0; i < COUNTED; i++) {
		json_int_t n =
		    json_integer_value(json_object_get(c->sums, counted[i]));

		(void)json_object_set_new(
		    c->sums, counted[i],
		    json_integer(n + record_int(told, counted[i], 0)));
	}
	if (record_has(told, "other"))
		c->other = req_keep_text(c->req, record_get(told, "other"));
}

static void
fail_held(struct req *req, const struct record *holder)
{
	const char *agent = record_get(holder, "agent");
	int64_t number = record_int(holder, "number", 0);
	json_t *extra = json_pack("{s:s?, s:I}", "agent", agent, "number",
				  (json_int_t)number);

	req_fail_with(
	    req, 409, "held",
	    req_keep_print(
		req,
		"%" PRId64 " of this person is with %s now, who may be talking "
		"to him. Nothing was forgotten; do it when that is over.",
		number, agent != NULL ? agent : "somebody"),
	    extra);
}

/* Was anything known at all? */
static bool
found(const struct forget *c)
{
	for (size_t i = 0; i < COUNTED; i++)
		if (json_integer_value(json_object_get(c->sums, counted[i])) >
		    0)
			return true;
	return false;
}

static void
finish(struct forget *c)
{
	if (!found(c)) {
		req_fail(c->req, 404, "nobody",
			 "Nothing is known of such a customer or number.");
		return;
	}
	if (c->other != NULL)
		(void)json_object_set_new(c->sums, "other",
					  shape_text(c->other));
	req_answer(c->req, 200, json_pack("{s:O}", "forgotten", c->sums));
}

static void
forgotten(void *cookie, enum store_end end, const struct store_answer *a)
{
	const struct record *told = answer_section(a, "forgotten");
	const struct record *holder = answer_section(a, "holder");
	struct forget *c = cookie;

	if (end != STORE_DONE) {
		api_fail_end(c->req, end, a);
	} else if (holder != NULL) {
		fail_held(c->req, holder);
	} else if (told == NULL) {
		refuse(c->req, a);
	} else {
		count(c, told);
		if (strcmp(a->word, "more") == 0 &&
		    record_has(told, "cursor")) {
			c->person.cursor =
			    req_keep_text(c->req, record_get(told, "cursor"));
			forget_ask(c);
			return;
		}
		finish(c);
	}
}

/* What waits in the journal is in no answer, and still on the disk.  (What
 * waits at other daemons is set aside when it comes: Redis knows who was
 * forgotten.) */
static bool
waits_here(struct req *req)
{
	const struct journal *journal = api_of(req)->journal;
	struct journal_state state = { .since_ms = 0 };

	if (journal != NULL)
		journal_look(journal, &state);
	if (state.since_ms == 0)
		return false;
	req_add_header(req, "Retry-After", "5");
	req_fail(
	    req, 503, "events wait",
	    "%" PRIu64
	    " events wait here on the disk to be taken by Redis, and "
	    "may be about this person. Nothing was forgotten; try again when "
	    "they are in.",
	    state.figures.records);
	return true;
}

/* Only counts where this is the first that the site ever forgets. */
static const char *
make_salt(struct req *req)
{
	unsigned char bytes[SALT_BYTES];
	char *hex = req_keep(req, 2 * SALT_BYTES + 1);
	static const char digits[] = "0123456789abcdef";

	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		abort();
	for (size_t i = 0; i < SALT_BYTES; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	return hex;
}

void
customer_forget(struct req *req)
{
	struct forget *c;

	if (waits_here(req))
		return;
	c = req_keep(req, sizeof *c);
	c->req = req;
	c->person = (struct store_person){ .id = req_part(req, 0),
					   .phone = phone_of(req),
					   .cursor = "" };
	c->who = api_actor(req);
	c->f =
	    (struct store_forgetting){ .salt = make_salt(req), .who = &c->who };
	c->sums = json_object();
	req_on_free(req, free_page, c->sums);
	forget_ask(c);
}
