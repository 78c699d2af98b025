#include "daemon/api/refusal.h"

#include <inttypes.h>
#include <string.h>

#include "daemon/api/api.h"
#include "daemon/api/req.h"
#include "daemon/api/wire.h"
#include "daemon/base/log.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/policy.h"
#include "daemon/policy/shape.h"

/* What a sentence is made of: the item or the section that came along. */
struct about {
	struct req *req;
	const struct record *fields; /* never NULL */
	int64_t number;
	const char *agent; /* "" where nobody */
};

static const char *
local(const struct about *a, const char *field, enum calendar_form form)
{
	return api_clock(a->req, record_int(a->fields, field, 0), form);
}

static const char *
text(const struct about *a, const char *field)
{
	const char *s = record_get(a->fields, field);

	return s != NULL ? s : "";
}

static const char *
say_no_item(const struct about *a)
{
	return req_keep_print(a->req, "There is no item %s.",
	    *req_part(a->req, 0) != '\0' ? req_part(a->req, 0) :
					   "of that number");
}

static const char *
say_closed(const struct about *a)
{
	return req_keep_print(a->req,
	    "%" PRId64 " is closed already (%s, %s).%s", a->number,
	    text(a, "reason"), local(a, "closed_at", CALENDAR_DAY),
	    record_has(a->fields, "late") ? " What you wrote is in its history." :
					    "");
}

static const char *
say_taken(const struct about *a)
{
	return req_keep_print(a->req,
	    "%" PRId64 " is with %s now.%s Ask %s, or add a note: "
	    "ringback note %" PRId64 " TEXT",
	    a->number, a->agent,
	    record_has(a->fields, "late") ?
		" What you did is in its history and shown there." :
		"",
	    a->agent, a->number);
}

static const char *
say_not_held(const struct about *a)
{
	return req_keep_print(a->req,
	    "%" PRId64 " is not yours at the moment. Take it first: "
	    "ringback take %" PRId64,
	    a->number, a->number);
}

static const char *
say_said(const struct about *a)
{
	return req_keep_print(a->req,
	    "You have said what came of %" PRId64 " a moment ago: %s. To say "
	    "something else take that back first: ringback undo",
	    a->number, text(a, "said"));
}

static const char *
say_nothing_held(const struct about *a)
{
	if (record_has(a->fields, "at"))
		return req_keep_print(a->req,
		    "Your hold of %" PRId64 " ran out at %s. To record what came "
		    "of it all the same: ringback done %" PRId64,
		    a->number, local(a, "at", CALENDAR_CLOCK), a->number);
	return req_keep_text(a->req,
	    "You hold nobody at the moment. Take somebody: ringback next");
}

static const char *
say_stale(const struct about *a)
{
	return req_keep_print(a->req,
	    "%" PRId64 " came back to you after you had lost it; what you sent "
	    "was about the earlier time. Look at it first: ringback show "
	    "%" PRId64,
	    a->number, a->number);
}

static const char *
say_not_yours(const struct about *a)
{
	return req_keep_print(a->req,
	    "%" PRId64 " waits in %s, which is not one of your queues. A "
	    "supervisor can change that: ringback agents add %s %s",
	    a->number, text(a, "queue"), text(a, "queue"),
	    req_caller(a->req)->name);
}

static const char *
say_reserved(const struct about *a)
{
	return req_keep_print(a->req,
	    "%" PRId64 " is reserved for the group %s.", a->number,
	    text(a, "group"));
}

static const char *
say_never_call(const struct about *a)
{
	return req_keep_print(a->req,
	    "The customer of %" PRId64 " does not want to be called, ever.",
	    a->number);
}

static const char *
say_window(const struct about *a)
{
	return req_keep_print(a->req,
	    "%" PRId64 " may not be called at this hour where the customer is; "
	    "from %s on.",
	    a->number, local(a, "opens", CALENDAR_DAY));
}

static const char *
say_no_number(const struct about *a)
{
	return req_keep_print(a->req,
	    "%" PRId64 " has no telephone number that could be called.",
	    a->number);
}

static const char *
say_calling(const struct about *a)
{
	bool own = strcmp(a->agent, req_caller(a->req)->name) == 0;

	return req_keep_print(a->req,
	    "The customer of %" PRId64 " is being called already, by %s.",
	    a->number, own ? "you" : a->agent);
}

static const char *
say_no_phone(const struct about *a)
{
	return req_keep_text(a->req,
	    "It is not known at which telephone you are. This says it, once: "
	    "ringback agents phone 1001");
}

static const char *
say_holding(const struct about *a)
{
	return req_keep_print(a->req,
	    "You still hold %" PRId64 ". Finish it first: ringback done, or "
	    "give it back: ringback release",
	    a->number);
}

static const char *
say_nothing_to_undo(const struct about *a)
{
	return req_keep_print(a->req,
	    "There is nothing to take back: the last act can be undone, once, "
	    "for %d seconds.",
	    (int)(api_of(a->req)->policy->undo_ms / 1000));
}

static const char *
say_top(const struct about *a)
{
	return req_keep_print(a->req,
	    "There is nobody above to move %" PRId64 " up to.", a->number);
}

static const char *
say_nowhere(const struct about *a)
{
	return req_keep_text(a->req,
	    "There is no queue and no agent of that name. See: ringback "
	    "queues, ringback agents");
}

static const char *
say_no_time(const struct about *a)
{
	return req_keep_text(a->req,
	    "An appointment needs a time that is still to come, like "
	    "\"tomorrow 10:00\".");
}

static const char *
say_closed_then(const struct about *a)
{
	return req_keep_print(a->req,
	    "%s is closed then (%s); it opens %s.", text(a, "queue"),
	    local(a, "at", CALENDAR_DAY), local(a, "opens", CALENDAR_DAY));
}

static const char *
say_asleep_then(const struct about *a)
{
	return req_keep_print(a->req,
	    "The customer of %" PRId64 " may not be called at that hour (%s "
	    "here); from %s on.",
	    a->number, local(a, "at", CALENDAR_DAY),
	    local(a, "opens", CALENDAR_DAY));
}

/* All that is missing at once, as it is to be typed. */
static const char *
say_needs(const struct about *a)
{
	struct text names = { 0 }, options = { 0 };
	const char *s = text(a, "needs"), *sentence;

	while (*s != '\0') {
		int n = (int)strcspn(s, ",");

		text_addf(&names, "%s%.*s", names.len > 0 ? " and " : "", n, s);
		text_addf(&options, " --%.*s TEXT", n, s);
		s += n + (s[n] == ',');
	}
	sentence = req_keep_print(a->req,
	    "To close the complaint %" PRId64 " say its %s: ringback done "
	    "%" PRId64 "%s",
	    a->number, names.len > 0 ? names.data : "cause", a->number,
	    options.len > 0 ? options.data : "");
	text_done(&names);
	text_done(&options);
	return sentence;
}

static const char *
say_other(const struct about *a)
{
	return req_keep_print(a->req,
	    "The last thing you did was about %" PRId64 ", not that one. To "
	    "take it back: ringback undo",
	    a->number);
}

static const char *
say_unknown(const struct about *a)
{
	return req_keep_print(a->req,
	    "There is no such outcome. Known are: %s.", text(a, "known"));
}

static const char *
say_no_queue(const struct about *a)
{
	return req_keep_text(a->req,
	    "There is no queue of that name. See: ringback queues");
}

static const char *
say_no_service(const struct about *a)
{
	return req_keep_text(
	    a->req, "That agent does not serve that queue.");
}

static const char *
say_phone_taken(const struct about *a)
{
	return req_keep_print(a->req,
	    "The number %s belongs to the customer %s already.",
	    text(a, "phone"), text(a, "id"));
}

static const char *
say_no_tier(const struct about *a)
{
	return req_keep_text(a->req,
	    "There is no tier of that name in the configuration.");
}

static const char *
say_token_exists(const struct about *a)
{
	return req_keep_text(a->req,
	    "There is a token of that name already. Revoke it first, or "
	    "choose another name.");
}

/* clang-format off */
static const struct {
	const char *word;
	int status;
	const char *title;
	const char *(*say)(const struct about *);
} rows[] = {
	{ "no-item",     404, "no such item",       say_no_item },
	{ "none",        404, "not found",          say_no_service },
	{ "closed",      409, "closed",             say_closed },
	{ "taken",       409, "taken",              say_taken },
	{ "not-held",    409, "not yours",          say_not_held },
	{ "nothing-held", 409, "nobody held",       say_nothing_held },
	{ "said",        409, "said already",       say_said },
	{ "stale",       409, "not the same hold",  say_stale },
	{ "not-yours",   403, "not your queue",     say_not_yours },
	{ "reserved",    403, "reserved",           say_reserved },
	{ "never-call",  409, "never to be called", say_never_call },
	{ "window",      409, "not at this hour",   say_window },
	{ "no-number",   409, "no number",          say_no_number },
	{ "calling",     409, "being called",       say_calling },
	{ "no-phone",    409, "no telephone",       say_no_phone },
	{ "holding",     409, "you hold another",   say_holding },
	{ "nothing",     409, "nothing to undo",    say_nothing_to_undo },
	{ "top",         409, "nobody above",       say_top },
	{ "nowhere",     422, "no such place",      say_nowhere },
	{ "no-time",     422, "no time",            say_no_time },
	{ "closed-then", 422, "closed then",        say_closed_then },
	{ "asleep-then", 422, "not at that hour",   say_asleep_then },
	{ "other",       409, "another item",       say_other },
	{ "needs",       422, "something is missing", say_needs },
	{ "unknown",     422, "no such outcome",    say_unknown },
	{ "no-queue",    404, "no such queue",      say_no_queue },
	{ "phone-taken", 409, "number taken",       say_phone_taken },
	{ "no-tier",     422, "no such tier",       say_no_tier },
	{ "exists",      409, "name taken",         say_token_exists },
};
/* clang-format on */

static json_t *
members(const struct about *a)
{
	json_t *extra = shape_object(a->fields);
	static const char *const shown[] = { "number", "agent", "group",
		"queue", "opens", "call", "known", "needs", "reason", "hold_until" };
	json_t *kept = json_object();

	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		json_t *v = json_object_get(extra, shown[i]);

		if (v != NULL)
			(void)json_object_set(kept, shown[i], v);
	}
	json_decref(extra);
	return kept;
}

/* The first section that is of the matter: "fact" is what the store keeps. */
static struct record *
matter(struct req *req, const struct store_answer *answer)
{
	for (size_t i = 0; i < answer->count; i++)
		if (strcmp(answer->sections[i].name, "fact") != 0)
			return answer->sections[i].fields;
	return api_record(req);
}

void
refuse(struct req *req, const struct store_answer *answer)
{
	char value[80];
	struct record *fields = matter(req, answer);
	struct about a = { .req = req, .fields = fields, .agent = "" };
	const char *word = answer->word;

	a.number = record_int(a.fields, "number", 0);
	if (record_has(a.fields, "agent"))
		a.agent = record_get(a.fields, "agent");
	if (answer_section(answer, "kept") != NULL)
		record_set(fields, "late", "1");
	if ((strcmp(word, "no-item") == 0 || strcmp(word, "not-held") == 0) &&
	    strcmp(req_part(req, 0), "held") == 0)
		word = "nothing-held";
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].word, word) == 0) {
			req_fail_with(req, rows[i].status, rows[i].title,
			    rows[i].say(&a), members(&a));
			return;
		}
	}
	log_error("api", "word=%s route=%s not understood",
	    log_value(value, sizeof value, word), req_route(req));
	req_fail(req, 500, "not understood",
	    "The daemon does not understand what Redis answered.");
}
