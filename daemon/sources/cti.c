#include "daemon/sources/cti.h"

#include <ctype.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/form.h"

#define LONGEST_ID 200
#define LONGEST_NUMBER 400
#define WEEK_S 604800

int
cti_check(const struct policy_source *s, struct fault *fault)
{
	if (*s->public_url == '\0' || push_url_ok(s->public_url))
		return 0;
	fault_set(
	    fault,
	    "source \"%s\": public_url must begin with http:// or https://, "
	    "and end before any ? or #.",
	    s->name);
	return -1;
}

/* ---- the signature: Placetel's, over the body -------------------- */

enum push_proof
cti_proof(const struct push *p, const char **ret_why)
{
	const char *given = p->header(p->cookie, "X-Placetel-Signature");
	unsigned char mac[EVP_MAX_MD_SIZE];
	char made[2 * EVP_MAX_MD_SIZE + 1] = "", lower[65] = "";
	unsigned int len = 0;

	if (*p->secret == '\0')
		return PUSH_ASKS;
	*ret_why = "no signature";
	if (given == NULL || *given == '\0')
		return PUSH_BAD;
	*ret_why = "a wrong signature";
	if (strlen(given) != 64)
		return PUSH_BAD;
	for (size_t i = 0; i < 64; i++)
		lower[i] = (char)tolower((unsigned char)given[i]);
	if (HMAC(EVP_sha256(), p->secret, (int)strlen(p->secret),
		 (const unsigned char *)p->body, p->len, mac, &len) == NULL)
		abort();
	for (unsigned int i = 0; i < len; i++)
		(void)snprintf(made + 2 * i, 3, "%02x", mac[i]);
	return push_equal(made, lower) ? PUSH_GOOD : PUSH_BAD;
}

/* ---- a form or JSON ---------------------------------------------- */

static int
add_json(struct form *f, const char *name, const json_t *v)
{
	char number[32];

	if (json_is_string(v))
		return form_add(f, name, json_string_value(v));
	if (!json_is_integer(v))
		return 0;
	(void)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT,
		       json_integer_value(v));
	return form_add(f, name, number);
}

static int
read_json(struct form *ret, const struct push *p, struct fault *fault)
{
	json_t *root =
	    json_loadb(p->body, p->len, JSON_REJECT_DUPLICATES, NULL);
	const char *name;
	json_t *v;
	int rc = 0;

	*ret = (struct form){ .count = 0 };
	if (!json_is_object(root)) {
		fault_set(fault, "The body is no JSON object.");
		json_decref(root);
		return -1;
	}
	json_object_foreach(root, name, v)
	{
		/* A list of users: one stands for all. */
		if (json_is_array(v))
			v = json_array_get(v, 0);
		rc = rc < 0 ? rc : add_json(ret, name, v);
	}
	json_decref(root);
	if (rc < 0)
		fault_set(fault, "The object has more than %d members.",
			  FORM_MOST);
	return rc;
}

static int
read_fields(struct form *ret, const struct push *p, struct fault *fault)
{
	if (strcasecmp(p->type, "application/json") == 0)
		return read_json(ret, p, fault);
	return form_read(ret, p->body, p->len, fault);
}

/* ---- what it says ------------------------------------------------ */

static const char *
either(const struct form *f, const char *one, const char *other)
{
	const char *s = form_get(f, one);

	return *s != '\0' ? s : form_get(f, other);
}

/* sipgate and Zammad tell numbers with the country and without a plus:
 * "492111234567"; a national one of theirs begins with a zero or is shorter. */
static void
set_number(struct record *e, const char *name, const char *value)
{
	size_t digits = strspn(value, "0123456789");
	char *s;

	if (digits >= 11 && digits <= 15 && value[digits] == '\0' &&
	    *value != '0')
		s = text_print("+%s", value);
	else
		s = text_dup_n(value, strnlen(value, LONGEST_NUMBER));
	record_set(e, name, s);
	free(s);
}

static struct record *
event(const struct form *f, const char *type)
{
	struct record *e = record_new();
	const char *id = either(f, "callId", "call_id");
	const char *first = form_get(f, "origCallId");

	record_set(e, "type", type);
	record_set(e, "id", id);
	/* Of a call that was put through, that of its beginning. */
	record_set(e, "call", *first != '\0' ? first : id);
	set_number(e, "from", form_get(f, "from"));
	set_number(e, "to", form_get(f, "to"));
	if (*form_get(f, "queue") != '\0')
		record_set(e, "queue", form_get(f, "queue"));
	return e;
}

/* Every cause but these says that nobody talked; where somebody did, he was
 * told of before or will be, and no call is missed by a new word. */
static struct record *
of_hangup(const struct form *f)
{
	const char *cause = either(f, "cause", "type");
	struct record *e;
	int64_t s;

	if (strcmp(cause, "forwarded") == 0 || strcmp(cause, "blocked") == 0)
		return NULL; /* another call goes on; we do not want this one */
	if (strcmp(cause, "normalClearing") == 0)
		return event(f, "call.ended");
	if (strcmp(cause, "accepted") != 0)
		return event(f, "call.missed");
	if (text_int64(&s, form_get(f, "duration"), 0, WEEK_S) < 0)
		return event(f, "call.ended");
	e = event(f, "call.answered");
	record_set_int(e, "talked_s", s);
	return e;
}

enum what { NEW, ANSWER, HANGUP, OTHER, UNKNOWN };

static enum what
what_is(const char *word)
{
	static const struct {
		const char *word;
		enum what what;
	} known[] = {
		{ "newCall", NEW },         { "IncomingCall", NEW },
		{ "OutgoingCall", OTHER },  { "answer", ANSWER },
		{ "CallAccepted", ANSWER }, { "hangup", HANGUP },
		{ "HungUp", HANGUP },       { "dtmf", OTHER },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (strcmp(known[i].word, word) == 0)
			return known[i].what;
	}
	return UNKNOWN;
}

static bool
is_voicemail(const struct form *f)
{
	return strcasecmp(either(f, "user", "user[]"), "voicemail") == 0;
}

static struct record *
of_event(const struct form *f, enum what what)
{
	if (strcasecmp(form_get(f, "direction"), "out") == 0)
		return NULL;
	if (what == ANSWER)
		return event(f,
			     is_voicemail(f) ? "call.missed" : "call.talking");
	return what == HANGUP ? of_hangup(f) : NULL;
}

/* ---- the answer -------------------------------------------------- */

static void
add_escaped(struct text *t, const char *s)
{
	for (; *s != '\0'; s++) {
		if (strchr("&<>\"'", *s) != NULL)
			text_addf(t, "&#%d;", *s);
		else
			text_add(t, s, 1);
	}
}

/* As a part of an address before its @. */
static void
add_login(struct text *t, const char *login)
{
	for (; *login != '\0'; login++) {
		if (isalnum((unsigned char)*login) ||
		    strchr("-._~:", *login) != NULL)
			text_add(t, login, 1);
		else
			text_addf(t, "%%%02X", (unsigned char)*login);
	}
}

/* sipgate tells of answer and hangup where the answer to newCall asks for it:
 * at the same address, with the same token. */
static char *
subscribe(const struct push *p)
{
	const char *url = p->config->public_url, *host;
	struct text where = { 0 }, out = { 0 };
	size_t n = strlen(url);

	while (n > 0 && url[n - 1] == '/')
		n--;
	host = strstr(url, "://");
	host = host != NULL ? host + 3 : url;
	text_add(&where, url, (size_t)(host - url));
	if (*p->login != '\0' && strchr(host, '@') == NULL) {
		add_login(&where, p->login);
		text_add_str(&where, "@");
	}
	text_add(&where, host, n - (size_t)(host - url));
	text_add_str(&where, p->target);
	text_add_str(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			   "<Response onAnswer=\"");
	add_escaped(&out, where.data);
	text_add_str(&out, "\" onHangup=\"");
	add_escaped(&out, where.data);
	text_add_str(&out, "\"/>\n");
	text_done(&where);
	return text_take(&out);
}

static void
set_answer(struct push_said *said, const struct push *p, bool asks)
{
	bool json = strcasecmp(p->type, "application/json") == 0;

	said->answer_type = json ? "application/json" : "application/xml";
	if (json)
		said->answer = text_dup("{}\n");
	else if (asks && *p->config->public_url != '\0')
		said->answer = subscribe(p);
	else
		said->answer = text_dup("<?xml version=\"1.0\" encoding="
					"\"UTF-8\"?>\n<Response/>\n");
}

/* ---- all of it --------------------------------------------------- */

static int
check(const struct form *f, enum what what, struct fault *fault)
{
	const char *id = either(f, "callId", "call_id");

	if (what == UNKNOWN)
		fault_set(fault,
			  "event must be newCall, answer or hangup, or one of "
			  "Placetel's.");
	else if (*id == '\0')
		fault_set(fault, "callId (or call_id) is missing.");
	else if (strlen(id) > LONGEST_ID ||
		 strlen(form_get(f, "origCallId")) > LONGEST_ID)
		fault_set(fault, "callId is longer than %d bytes.", LONGEST_ID);
	else
		return 0;
	return -1;
}

int
cti_read(const struct push *p, struct push_said *ret, struct fault *fault)
{
	struct form f;
	enum what what = UNKNOWN;
	int rc;

	rc = read_fields(&f, p, fault);
	if (rc == 0) {
		what = what_is(form_get(&f, "event"));
		rc = check(&f, what, fault);
	}
	if (rc == 0) {
		*ret = (struct push_said){ .event = of_event(&f, what) };
		set_answer(ret, p, what == NEW);
	}
	form_done(&f);
	return rc;
}
