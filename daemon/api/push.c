#include "daemon/api/push.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/api/api.h"
#include "daemon/api/entry.h"
#include "daemon/api/req.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/feed.h"
#include "daemon/sources/feeds.h"
#include "daemon/sources/push.h"
#include "daemon/store/intake.h"

#define FORM "application/x-www-form-urlencoded"
#define LONGEST_NAME 200
#define LONGEST_NUMBER 400

/*
 * A request of a telephone system
 *	push_post	is it signed, or by one with a token; what does it say
 *	on_taken	answered in the system's own format
 */
struct pushing {
	struct req *req; /* borrowed */
	const struct policy_source *config;
	struct push_said said;
};
static void on_taken(void *, enum store_end, const struct store_answer *);

/* ---- whose it is ------------------------------------------------- */

/* The address is /v1/{format}/{source}; NULL where it is another. */
static const struct push_format *
format_of(const struct req *req)
{
	return push_format(req_segment(req, 1));
}

/* NULL: the configuration has no such source of this type. */
static const struct policy_source *
source_of(const struct req *req)
{
	const struct policy_source *s =
	    policy_source(api_of(req)->policy, req_part(req, 0));

	return s != NULL && strcmp(s->type, req_segment(req, 1)) == 0 ? s
								      : NULL;
}

static const char *
secret_of(const struct req *req, const struct policy_source *s)
{
	const struct api *api = api_of(req);

	return api->feeds != NULL ? feeds_secret(api->feeds, s->name) : "";
}

bool
push_signs(struct req *req)
{
	const struct push_format *format = format_of(req);
	const struct policy_source *s;

	if (format == NULL)
		return false;
	req_loosen(req);
	s = source_of(req);
	return format->signs || (s != NULL && *secret_of(req, s) != '\0');
}

void
push_wrong_token(struct req *req)
{
	const struct policy_source *s =
	    format_of(req) != NULL ? source_of(req) : NULL;

	if (s != NULL)
		entry_reject(req, s->name, "a wrong token", req_from(req));
}

static const char *
header(void *cookie, const char *name)
{
	const struct req *req = cookie;

	return req_header_count(req, name) == 1 ? req_header(req, name) : NULL;
}

static void
set_up(struct push *p, struct req *req, const struct policy_source *s)
{
	const char *type = req_header(req, "Content-Type");

	*p = (struct push){ .config = s,
			    .secret = secret_of(req, s),
			    .target = req_target(req),
			    .login = req_login(req),
			    .header = header,
			    .cookie = req };
	p->body = req_body(req, &p->len);
	p->type = "";
	if (type != NULL)
		p->type = req_keep_print(req, "%.*s",
					 (int)strcspn(type, "; \t"), type);
}

static void
fail_unknown(struct req *req, const struct push_format *format)
{
	const char *sentence =
	    req_keep_print(req,
			   "The configuration has no source \"%s\" of the "
			   "type %s.",
			   req_part(req, 0), format->name);

	/* Counted for whoever has the token; who signs is nobody yet. */
	if (!format->signs)
		entry_reject(req, NULL, "no such source", sentence);
	req_fail(req, format->signs ? 403 : 404, "no such source", "%s",
		 sentence);
}

/* False: refused, and so answered. */
static bool
is_from_it(struct req *req, const struct push_format *format,
	   const struct push *p)
{
	const struct caller caller = { .name = p->config->name,
				       .role = ROLE_PUSH,
				       .groups = "",
				       .by_token = true };
	const char *why = "";

	switch (format->proof(p, &why)) {
	case PUSH_ASKS: return true; /* a token was asked for */
	case PUSH_GOOD: req_set_caller(req, &caller); return true;
	case PUSH_BAD: break;
	}
	entry_reject(req, p->config->name, why, req_from(req));
	req_fail(
	    req, 403, "not signed",
	    "This came with %s. It must be signed by the telephone system, "
	    "with the secret that the source \"%s\" has%s.",
	    why, p->config->name,
	    format->signs ? ", for the address that public_url begins" : "");
	return false;
}

/* ---- what it says ------------------------------------------------ */

static void
cut(struct record *e, const char *name, size_t most)
{
	const char *s = record_text(e, name);

	if (strlen(s) <= most)
		return;
	while (most > 0 && ((unsigned char)s[most] & 0xc0) == 0x80)
		most--;
	record_set_n(e, name, s, most);
}

static void
finish_event(struct req *req, struct record *e, const struct policy_source *s)
{
	const struct api *api = api_of(req);
	const struct policy_queue *queue = NULL;
	int64_t talked_s = record_int(e, "talked_s", -1);

	feed_clean(e);
	cut(e, "name", LONGEST_NAME);
	cut(e, "from", LONGEST_NUMBER);
	cut(e, "to", LONGEST_NUMBER);
	if (record_has(e, "queue"))
		queue =
		    policy_source_queue(api->policy, s, record_get(e, "queue"));
	record_set(e, "queue", queue != NULL ? queue->name : NULL);
	record_set(e, "source", s->name);
	/* When the talk began, as near as can be known. */
	if (talked_s > 0 && !record_has(e, "time"))
		record_set_int(e, "time",
			       store_now_ms(api->store) - talked_s * 1000);
}

static void
free_said(void *cookie)
{
	struct push_said *said = cookie;

	record_free(said->event);
	free(said->answer);
}

static void
answer(struct pushing *c)
{
	req_answer_text(c->req, 200, c->said.answer_type, c->said.answer,
			strlen(c->said.answer));
}

static void
reject(struct req *req, const struct policy_source *s, int status,
       const char *title, const char *sentence)
{
	entry_reject(req, s->name, title, sentence);
	req_fail(req, status, title, "%s", sentence);
}

static void
take(struct req *req, const struct push_format *format, const struct push *p)
{
	struct pushing *c = req_keep(req, sizeof *c);
	struct fault fault = { "" };

	c->req = req;
	c->config = p->config;
	if (format->read(p, &c->said, &fault) < 0) {
		reject(req, p->config, 422, "not understood", fault.text);
		return;
	}
	req_on_free(req, free_said, &c->said);
	if (c->said.event == NULL) {
		entry_heard(req, p->config->name);
		answer(c);
		return;
	}
	finish_event(req, c->said.event, p->config);
	if (entry_check(req, c->said.event, &fault) != NULL)
		reject(req, p->config, 422, "a field is wrong", fault.text);
	else
		(void)entry_take(req, c->said.event, on_taken, c);
}

static void
on_taken(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct pushing *c = cookie;

	if (end == STORE_KEPT ||
	    (end == STORE_DONE && !intake_is_passing(end, a))) {
		answer(c);
	} else if (end == STORE_DONE) {
		req_add_header(c->req, "Retry-After", "1");
		req_fail(
		    c->req, 503, "recovering",
		    "Redis has just changed and is being put in order. Send "
		    "it again in a moment.");
	} else {
		api_fail_end(c->req, end, a);
	}
}

void
push_post(struct req *req)
{
	const struct push_format *format = format_of(req);
	const struct policy_source *s = source_of(req);
	struct push p;

	if (s == NULL) {
		fail_unknown(req, format);
		return;
	}
	set_up(&p, req, s);
	if (p.len > PUSH_LONGEST)
		reject(
		    req, s, 413, "too long",
		    "What a telephone system tells has at most 65536 bytes.");
	else if (!is_from_it(req, format, &p))
		return;
	else if (*p.type != '\0' && !req_type_is(req, FORM) &&
		 !(format->json && req_type_is(req, "application/json")))
		reject(req, s, 415, "not a type that is understood",
		       format->json ? "Send a form (" FORM
				      ") or application/json."
				    : "Send a form (" FORM ").");
	else if (entry_within_rate(req, 1))
		take(req, format, &p);
}
