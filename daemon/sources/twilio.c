#include "daemon/sources/twilio.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "daemon/base/base64.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/form.h"

#define LONGEST_SID 100
#define WEEK_S 604800

static const char empty_twiml[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response/>\n";

int
twilio_check(const struct policy_source *s, struct fault *fault)
{
	if (*s->secret_file == '\0') {
		fault_set(
		    fault,
		    "source \"%s\": Twilio signs what it sends with the auth "
		    "token of the account; name the file that it is in with "
		    "secret_file.",
		    s->name);
		return -1;
	}
	if (push_url_ok(s->public_url))
		return 0;
	fault_set(
	    fault,
	    "source \"%s\": Twilio signs the address that it sends to; say how "
	    "that begins with public_url = \"https://...\".",
	    s->name);
	return -1;
}

/* ---- the signature ----------------------------------------------- */

static int
by_name(const void *a, const void *b)
{
	const struct form_field *x = a, *y = b;
	int names = strcmp(x->name, y->name);

	return names != 0 ? names : strcmp(x->value, y->value);
}

/* Over the address and all fields, by name; the same twice counts once. */
void
twilio_sign(char ret[TWILIO_SIGNATURE_SIZE], const char *token, const char *url,
	    const struct form *f)
{
	struct form_field sorted[FORM_MOST];
	unsigned char mac[EVP_MAX_MD_SIZE];
	struct text signed_text = { 0 };
	unsigned int len = 0;
	char *in_base64;

	memcpy(sorted, f->fields, f->count * sizeof *sorted);
	qsort(sorted, f->count, sizeof *sorted, by_name);
	text_add_str(&signed_text, url);
	for (size_t i = 0; i < f->count; i++) {
		if (i > 0 && by_name(&sorted[i - 1], &sorted[i]) == 0)
			continue;
		text_add_str(&signed_text, sorted[i].name);
		text_add_str(&signed_text, sorted[i].value);
	}
	if (HMAC(EVP_sha1(), token, (int)strlen(token),
		 (const unsigned char *)signed_text.data, signed_text.len, mac,
		 &len) == NULL)
		abort();
	in_base64 = base64_encode(mac, len);
	(void)snprintf(ret, TWILIO_SIGNATURE_SIZE, "%s", in_base64);
	free(in_base64);
	text_done(&signed_text);
}

/* The address of the request with its port as configured (0), without (1), or
 * with the one that its scheme has (2): Twilio signs some with, some without.
 */
static char *
address(const struct push *p, int way)
{
	const char *url = p->config->public_url;
	bool tls = strncmp(url, "https://", 8) == 0;
	size_t begin = tls ? 8 : 7, host, all;
	const char *end, *colon = NULL, *at;

	all = strlen(url);
	while (all > begin && url[all - 1] == '/')
		all--;
	end = memchr(url + begin, '/', all - begin);
	host = end != NULL ? (size_t)(end - url) : all;
	at = memchr(url + begin, '@', host - begin);
	for (const char *s = at != NULL ? at : url + begin; s < url + host; s++)
		colon = *s == ':' ? s : *s == ']' ? NULL : colon;
	if (way == 0)
		return text_print("%.*s%s", (int)all, url, p->target);
	return text_print("%.*s%s%.*s%s",
			  (int)(colon != NULL ? (size_t)(colon - url) : host),
			  url,
			  way == 1 ? ""
			  : tls    ? ":443"
				   : ":80",
			  (int)(all - host), url + host, p->target);
}

static bool
is_signed(const struct push *p, const struct form *f, const char *given)
{
	char made[TWILIO_SIGNATURE_SIZE];
	bool good = false;

	for (int way = 0; way < 3; way++) {
		char *url = address(p, way);

		twilio_sign(made, p->secret, url, f);
		free(url);
		good = push_equal(made, given) || good;
	}
	return good;
}

enum push_proof
twilio_proof(const struct push *p, const char **ret_why)
{
	const char *given = p->header(p->cookie, "X-Twilio-Signature");
	struct fault fault = { "" };
	struct form f;
	bool good = false;

	*ret_why = "no signature";
	if (given == NULL || *given == '\0')
		return PUSH_BAD;
	*ret_why = "a wrong signature";
	if (*p->secret == '\0' || strlen(given) != TWILIO_SIGNATURE_SIZE - 1)
		return PUSH_BAD;
	if (form_read(&f, p->body, p->len, &fault) == 0)
		good = is_signed(p, &f, given);
	form_done(&f);
	return good ? PUSH_GOOD : PUSH_BAD;
}

/* ---- what it says ------------------------------------------------ */

/* At most four digits and what must follow them; goes behind it. */
static bool
take(const char **at, char end, int *ret)
{
	size_t n = strspn(*at, "0123456789");

	if (n == 0 || n > 4 || (*at)[n] != end)
		return false;
	*ret = 0;
	for (size_t i = 0; i < n; i++)
		*ret = *ret * 10 + ((*at)[i] - '0');
	*at += n + (end != '\0');
	return true;
}

static bool
take_month(const char **at, int *ret)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++) {
		if (strncmp(*at, names + 3 * i, 3) == 0 && (*at)[3] == ' ') {
			*ret = i;
			*at += 4;
			return true;
		}
	}
	return false;
}

/* "Tue, 31 Aug 2010 20:36:28 +0000" to ms; 0 where it is no such time. */
static int64_t
time_of(const char *s)
{
	struct tm tm = { 0 };
	int zone = 0;
	char sign;

	if (strlen(s) < 5 || strncmp(s + 3, ", ", 2) != 0)
		return 0;
	s += 5;
	if (!take(&s, ' ', &tm.tm_mday) || !take_month(&s, &tm.tm_mon) ||
	    !take(&s, ' ', &tm.tm_year) || !take(&s, ':', &tm.tm_hour) ||
	    !take(&s, ':', &tm.tm_min) || !take(&s, ' ', &tm.tm_sec) ||
	    tm.tm_year < 1970)
		return 0;
	sign = *s;
	if (sign != '+' && sign != '-')
		return 0;
	s++;
	if (!take(&s, '\0', &zone))
		return 0;
	tm.tm_year -= 1900;
	zone = (zone / 100 * 60 + zone % 100) * 60;
	return ((int64_t)timegm(&tm) - (sign == '+' ? zone : -zone)) * 1000;
}

/* A field that is a whole number of seconds; -1 where it is none. */
static int64_t
seconds(const struct form *f, const char *name)
{
	int64_t n;

	return text_int64(&n, form_get(f, name), 0, WEEK_S) == 0 ? n : -1;
}

/* A plus that the sender did not encode came as a blank. */
static void
set_number(struct record *e, const char *name, const char *value)
{
	char *s = *value == ' ' && value[1] >= '0' && value[1] <= '9'
		      ? text_print("+%s", value + 1)
		      : text_dup(value);

	record_set(e, name, s);
	free(s);
}

static struct record *
event(const struct form *f, const char *type, const char *call)
{
	struct record *e = record_new();
	int64_t at = time_of(form_get(f, "Timestamp"));

	record_set(e, "type", type);
	record_set(e, "id", call);
	record_set(e, "call", call);
	set_number(e, "from", form_get(f, "From"));
	set_number(e, "to", form_get(f, "To"));
	if (*form_get(f, "CallerName") != '\0')
		record_set(e, "name", form_get(f, "CallerName"));
	if (at > 0)
		record_set_int(e, "time", at);
	return e;
}

static struct record *
answered(const struct form *f, const char *duration)
{
	struct record *e = event(f, "call.answered", form_get(f, "CallSid"));

	if (seconds(f, duration) >= 0)
		record_set_int(e, "talked_s", seconds(f, duration));
	return e;
}

static struct record *
missed(const struct form *f)
{
	struct record *e = event(f, "call.missed", form_get(f, "CallSid"));

	if (seconds(f, "QueueTime") >= 0)
		record_set_int(e, "waited_s", seconds(f, "QueueTime"));
	if (*form_get(f, "QueueSid") != '\0')
		record_set(e, "queue", form_get(f, "QueueSid"));
	return e;
}

static bool
is(const char *s, const char *words)
{
	size_t n = strlen(s);
	const char *at = words;

	while (n > 0 && (at = strstr(at, s)) != NULL) {
		if ((at == words || at[-1] == ' ') &&
		    (at[n] == ' ' || at[n] == '\0'))
			return true;
		at += n;
	}
	return false;
}

/* Who left the queue without an agent hears our empty TwiML: his call ends. */
static struct record *
of_queue(const struct form *f, const char *result)
{
	if (is(result, "bridged redirected-from-bridged"))
		return answered(f, "");
	if (is(result, "hangup leave queue-full system-error error"))
		return missed(f);
	return NULL; /* redirected: another TwiML has the caller */
}

static struct record *
of_dial(const struct form *f, const char *status)
{
	if (strcmp(status, "completed") == 0 &&
	    strcmp(form_get(f, "DialBridged"), "false") != 0)
		return answered(f, "DialCallDuration");
	if (is(status, "completed no-answer busy failed canceled"))
		return missed(f);
	return NULL; /* answered: a conference, where nobody else may be */
}

/* A leg to an agent.  The number it shows may be our own: who the caller is,
 * his own leg tells. */
static struct record *
of_leg(const struct form *f, const char *parent, const char *status)
{
	int64_t talked = seconds(f, "CallDuration");
	struct record *e;

	if (strcmp(status, "in-progress") != 0 &&
	    !(strcmp(status, "completed") == 0 && talked > 0))
		return NULL;
	e = event(f, "call.talking", parent);
	if (*status == 'c' && record_has(e, "time"))
		record_set_int(e, "time",
			       record_int(e, "time", 0) - talked * 1000);
	return e;
}

static struct record *
of_call(const struct form *f)
{
	const char *parent = form_get(f, "ParentCallSid");
	const char *status = form_get(f, "CallStatus");

	if (*parent != '\0')
		return of_leg(f, parent, status);
	if (strcmp(form_get(f, "Direction"), "inbound") != 0)
		return NULL; /* a call of ours */
	if (*form_get(f, "QueueResult") != '\0')
		return of_queue(f, form_get(f, "QueueResult"));
	if (*form_get(f, "DialCallStatus") != '\0')
		return of_dial(f, form_get(f, "DialCallStatus"));
	if (is(status, "no-answer busy canceled failed"))
		return missed(f);
	if (strcmp(status, "completed") == 0)
		return event(f, "call.ended", form_get(f, "CallSid"));
	return NULL;
}

int
twilio_read(const struct push *p, struct push_said *ret, struct fault *fault)
{
	static const char *const sids[] = { "CallSid", "ParentCallSid" };
	struct form f;
	int rc = -1;

	if (form_read(&f, p->body, p->len, fault) < 0)
		goto out;
	if (*form_get(&f, "CallSid") == '\0') {
		fault_set(fault, "The form has no CallSid.");
		goto out;
	}
	for (size_t i = 0; i < 2; i++) {
		if (strlen(form_get(&f, sids[i])) > LONGEST_SID) {
			fault_set(fault, "%s is longer than %d bytes.", sids[i],
				  LONGEST_SID);
			goto out;
		}
	}
	*ret = (struct push_said){ .event = of_call(&f),
				   .answer = text_dup(empty_twiml),
				   .answer_type = "text/xml" };
	rc = 0;
out:
	form_done(&f);
	return rc;
}
