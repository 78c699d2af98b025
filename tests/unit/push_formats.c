/* What telephone systems push, to events: the translators alone. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/base64.h"
#include "daemon/base/record.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/cloudevents.h"
#include "daemon/sources/form.h"
#include "daemon/sources/push.h"
#include "daemon/sources/twilio.h"

static const char *given;

static const char *
header(void *cookie, const char *name)
{
	(void)cookie;
	(void)name;
	return given;
}

static struct policy_source config;

static struct push
push_of(const char *url, const char *secret, const char *body)
{
	static char public_url[100], name[] = "tw";

	(void)snprintf(public_url, sizeof public_url, "%s", url);
	config =
	    (struct policy_source){ .name = name, .public_url = public_url };
	return (struct push){ .config = &config,
			      .secret = secret,
			      .target = "/myapp.php?foo=1&bar=2",
			      .login = "",
			      .type = "",
			      .body = body,
			      .len = strlen(body),
			      .header = header };
}

/* ---- the signature ----------------------------------------------- */

/* The example of Twilio's own description. */
#define VECTOR "0/KCTR6DLpKmkAf8muzZqo1nDgQ="
#define VECTOR_FORM                                                 \
	"Digits=1234&To=%2B18005551212&From=%2B12349013030&Caller=" \
	"%2B12349013030&CallSid=CA1234567890ABCDE"

Test(push_formats, twilios_own_example_of_a_signature_is_right)
{
	char made[TWILIO_SIGNATURE_SIZE];
	struct fault fault;
	struct form f;

	cr_assert_eq(form_read(&f, VECTOR_FORM, strlen(VECTOR_FORM), &fault),
		     0);
	twilio_sign(made, "12345",
		    "https://mycompany.com/myapp.php?foo=1&bar=2", &f);
	cr_expect_str_eq(made, VECTOR);
	form_done(&f);
}

static enum push_proof
proof(const char *url, const char *secret, const char *signature,
      const char *form)
{
	struct push p = push_of(url, secret, form);
	const char *why = "";

	given = signature;
	return push_format("twilio")->proof(&p, &why);
}

Test(push_formats, a_signature_holds_with_any_way_to_write_the_port)
{
	static const char *const urls[] = { "https://mycompany.com",
					    "https://mycompany.com/",
					    "https://mycompany.com:443",
					    "https://mycompany.com:8443",
					    "https://mycompany.com:443/" };

	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
		cr_expect_eq(proof(urls[i], "12345", VECTOR, VECTOR_FORM),
			     PUSH_GOOD, "%s", urls[i]);
}

Test(push_formats, a_signature_of_anything_else_is_bad)
{
	static const struct {
		const char *url, *secret, *signature, *form;
	} list[] = {
		{ "http://mycompany.com", "12345", VECTOR, VECTOR_FORM },
		{ "https://mycompany.com/a", "12345", VECTOR, VECTOR_FORM },
		{ "https://mycompany.org", "12345", VECTOR, VECTOR_FORM },
		{ "https://mycompany.com", "12346", VECTOR, VECTOR_FORM },
		{ "https://mycompany.com", "", VECTOR, VECTOR_FORM },
		{ "https://mycompany.com", "12345", NULL, VECTOR_FORM },
		{ "https://mycompany.com", "12345", "", VECTOR_FORM },
		{ "https://mycompany.com", "12345",
		  "0/KCTR6DLpKmkAf8muzZqo1nDgR=", VECTOR_FORM },
		{ "https://mycompany.com", "12345", VECTOR "x", VECTOR_FORM },
		{ "https://mycompany.com", "12345", VECTOR, VECTOR_FORM "&a=" },
		{ "https://mycompany.com", "12345", VECTOR, "" },
		{ "https://mycompany.com", "12345", VECTOR, "%" },
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		cr_expect_eq(proof(list[i].url, list[i].secret,
				   list[i].signature, list[i].form),
			     PUSH_BAD, "%zu", i);
}

Test(push_formats, a_field_that_comes_twice_is_signed_once)
{
	char one[TWILIO_SIGNATURE_SIZE], two[TWILIO_SIGNATURE_SIZE];
	struct fault fault;
	struct form f;

	cr_assert_eq(form_read(&f, "b=2&a=1", 7, &fault), 0);
	twilio_sign(one, "k", "u", &f);
	form_done(&f);
	cr_assert_eq(form_read(&f, "a=1&b=2&a=1", 11, &fault), 0);
	twilio_sign(two, "k", "u", &f);
	form_done(&f);
	cr_expect_str_eq(one, two);
}

/* ---- Twilio's words ---------------------------------------------- */

static void
expect(const char *format, const char *form, const char *type,
       const char *field, const char *value)
{
	struct push p = push_of("https://a", "k", form);
	struct push_said said = { 0 };
	struct fault fault = { "" };

	cr_assert_eq(push_format(format)->read(&p, &said, &fault), 0, "%s: %s",
		     form, fault.text);
	cr_expect_str_eq(record_text(said.event, "type"), type, "%s", form);
	if (field != NULL)
		cr_expect_str_eq(record_text(said.event, field), value, "%s",
				 form);
	record_free(said.event);
	free(said.answer);
}

#define IN "CallSid=CA1&Direction=inbound&From=%2B4930182001&"
#define LEG "CallSid=CA2&ParentCallSid=CA1&Direction=outbound-dial&"

Test(push_formats, twilios_states_have_one_meaning_each)
{
	expect("twilio", IN "CallStatus=no-answer", "call.missed", "id", "CA1");
	expect("twilio", IN "CallStatus=busy", "call.missed", "call", "CA1");
	expect("twilio", IN "CallStatus=canceled", "call.missed", NULL, NULL);
	expect("twilio", IN "CallStatus=failed", "call.missed", NULL, NULL);
	expect("twilio", IN "CallStatus=completed", "call.ended", NULL, NULL);
	expect("twilio", IN "CallStatus=ringing", "", NULL, NULL);
	expect("twilio", IN "CallStatus=in-progress", "", NULL, NULL);
	expect("twilio", IN "CallStatus=swer", "", NULL, NULL);
	expect("twilio", IN "DialCallStatus=completed&DialCallDuration=7",
	       "call.answered", "talked_s", "7");
	expect("twilio", IN "DialCallStatus=completed&DialBridged=false",
	       "call.missed", NULL, NULL);
	expect("twilio", IN "DialCallStatus=answered", "", NULL, NULL);
	expect("twilio", IN "QueueResult=hangup&QueueTime=9", "call.missed",
	       "waited_s", "9");
	expect("twilio", IN "QueueResult=bridged&QueueTime=9", "call.answered",
	       "talked_s", "");
	expect("twilio", IN "QueueResult=redirected", "", NULL, NULL);
	expect("twilio", LEG "CallStatus=in-progress", "call.talking", "call",
	       "CA1");
	expect("twilio",
	       LEG "CallStatus=completed&CallDuration=60&Timestamp="
		   "Tue%2C%2031%20Aug%202010%2020%3A36%3A28%20%2B0000",
	       "call.talking", "time", "1283286928000");
	expect("twilio", LEG "CallStatus=completed&CallDuration=0", "", NULL,
	       NULL);
	expect("twilio", LEG "CallStatus=no-answer", "", NULL, NULL);
	expect("twilio",
	       "CallSid=CA1&Direction=outbound-api&CallStatus=no-answer", "",
	       NULL, NULL);
}

Test(push_formats, a_plus_that_was_not_encoded_is_still_one)
{
	expect("twilio",
	       "CallSid=1&Direction=inbound&CallStatus=busy&From=+49301",
	       "call.missed", "from", "+49301");
}

Test(push_formats, times_that_are_none_are_no_times)
{
	static const char *const none[] = {
		"",
		"now",
		"Tue, 31 Aug 2010",
		"Tue,+31+Foo+2010+20:36:28+%2B0000",
		"1282000000",
		"Tue,+31+ugS+2010+20:36:28+%2B0000",
		"Tue,+31+Aug+2010+20:36:28+%2B0000x",
		"Tue,+31+Aug+2010+20:36:28+GMT"
	};
	char form[200];

	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		(void)snprintf(form, sizeof form,
			       "%sCallStatus=busy&Timestamp=%s", IN, none[i]);
		expect("twilio", form, "call.missed", "time", "");
	}
	expect("twilio",
	       IN "CallStatus=busy&Timestamp=Tue,+31+Aug+2010+22:36:28+%2B0200",
	       "call.missed", "time", "1283286988000");
}

/* ---- CTI --------------------------------------------------------- */

Test(push_formats, numbers_with_a_country_and_no_plus_get_one)
{
	static const struct {
		const char *given, *read;
	} list[] = {
		{ "492111234567", "+492111234567" },
		{ "02111234567", "02111234567" },
		{ "2125550100", "2125550100" },
		{ "12125550100", "+12125550100" },
		{ "anonymous", "anonymous" },
		{ "%2B4930182001", "+4930182001" },
		{ "1234567890123456", "1234567890123456" },
	};
	char form[200];

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		(void)snprintf(form, sizeof form,
			       "event=hangup&cause=busy&callId=1&from=%s",
			       list[i].given);
		expect("cti", form, "call.missed", "from", list[i].read);
	}
}

Test(push_formats, a_call_that_was_put_through_is_that_of_its_beginning)
{
	expect("cti", "event=answer&callId=2&origCallId=1&direction=in",
	       "call.talking", "call", "1");
	expect("cti", "event=answer&callId=2&origCallId=1&direction=in",
	       "call.talking", "id", "2");
	expect("cti", "event=CallAccepted&call_id=2&from=1", "call.talking",
	       "call", "2");
	expect("cti", "event=HungUp&type=accepted&duration=12&call_id=2&from=1",
	       "call.answered", "talked_s", "12");
	expect("cti", "event=HungUp&type=accepted&duration=x&call_id=2&from=1",
	       "call.ended", NULL, NULL);
}

/* ---- forms, base64, headers -------------------------------------- */

Test(push_formats, a_form_is_decoded_strictly)
{
	static const char *const bad[] = { "a=%", "a=%4", "a=%zz", "%00=a",
					   "a=%00" };
	struct fault fault;
	struct form f;

	cr_assert_eq(form_read(&f, "a=1+2%20%2b&b&&=c&a=2", 21, &fault), 0);
	cr_expect_str_eq(form_get(&f, "a"), "1 2 +");
	cr_expect_str_eq(form_get(&f, "b"), "");
	cr_expect_str_eq(form_get(&f, ""), "c");
	cr_expect_str_eq(form_get(&f, "none"), "");
	cr_expect_eq(f.count, 4);
	form_done(&f);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		cr_expect_eq(form_read(&f, bad[i], strlen(bad[i]), &fault), -1,
			     "%s", bad[i]);
		form_done(&f);
	}
}

Test(push_formats, a_form_has_a_limited_number_of_fields)
{
	char body[2 * FORM_MOST + 3] = "";
	struct fault fault;
	struct form f;

	for (int i = 0; i <= FORM_MOST; i++)
		memcpy(body + 2 * i, "a&", 3);
	cr_expect_eq(form_read(&f, body, 2 * FORM_MOST, &fault), 0);
	form_done(&f);
	cr_expect_eq(form_read(&f, body, strlen(body), &fault), -1);
	form_done(&f);
}

Test(push_formats, base64_is_read_strictly)
{
	static const char *const bad[] = {
		"A",      "AA",   "AAA",  "A===", "AA=A",
		"AAAA\n", "AA A", "====", "_-AA", "AA==AA=="
	};
	size_t len = 9;
	char *s = base64_decode("", 0, &len);

	cr_expect(s != NULL && len == 0);
	free(s);
	s = base64_decode("aGFsbG8=", 8, &len);
	cr_expect(s != NULL && len == 5 && strcmp(s, "hallo") == 0);
	free(s);
	s = base64_encode("hallo", 5);
	cr_expect_str_eq(s, "aGFsbG8=");
	free(s);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		cr_expect_null(base64_decode(bad[i], strlen(bad[i]), &len),
			       "%s", bad[i]);
}

Test(push_formats, a_header_of_a_cloudevent_is_decoded_once)
{
	static const struct {
		const char *given, *read; /* NULL: refused */
	} list[] = {
		{ "plain", "plain" },
		{ "", "" },
		{ "a%20b", "a b" },
		{ "%2541", "%41" },
		{ "\"a \\\"b\\\\\"", "a \"b\\" },
		{ "\"%22\"", "\"" },
		{ "%e2%82%AC", "\xe2\x82\xac" },
		{ "\"a", NULL },
		{ "\"a\"b", NULL },
		{ "%", NULL },
		{ "%a", NULL },
		{ "%C0%A0", NULL },
		{ "%ED%A0%80", NULL },
		{ "%00", NULL },
		{ "%0a", NULL },
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		char *s = cloudevents_header(list[i].given);

		if (list[i].read == NULL)
			cr_expect_null(s, "%s", list[i].given);
		else
			cr_expect_str_eq(s, list[i].read);
		free(s);
	}
}
