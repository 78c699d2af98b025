/* What sipgate.io, Placetel and systems like Zammad's push: what counts of a
 * call, in whatever order it comes, and who may say it. */
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/pushing.h"

#define FORM "application/x-www-form-urlencoded"
#define CALL "&from=4930182001111&to=4930901820&direction=in&callId=c1"

static const char new_call[] = "event=newCall&user[]=Alice&user[]=Bob" CALL;
static const char answer[] = "event=answer&user=Alice&answeringNumber=1" CALL;
static const char by_voicemail[] = "event=answer&user=voicemail" CALL;
static const char hangup[] = "event=hangup&cause=normalClearing" CALL;
static const char gave_up[] = "event=hangup&cause=cancel" CALL;

static void
expect_orders(const char *const *words, int64_t waiting)
{
	int order[] = { 0, 1, 2 };

	do {
		struct house *h = pushing_house();

		for (int i = 0; i < 3; i++) {
			cr_expect_eq(pushing_cti(h, words[order[i]])->status,
				     200);
			cr_expect_eq(pushing_cti(h, words[order[i]])->status,
				     200);
		}
		cr_expect_eq(pushing_waiting(h), waiting, "%s, order %d%d%d",
			     words[2], order[0], order[1], order[2]);
		pushing_done(h);
	} while (pushing_next_order(order, 3));
}

Test(push_cti, all_orders_of_a_calls_events_end_the_same)
{
	expect_orders((const char *const[]){ new_call, answer, hangup }, 0);
	expect_orders((const char *const[]){ new_call, answer, gave_up }, 0);
	expect_orders((const char *const[]){ new_call, by_voicemail, hangup },
		      1);
	expect_orders((const char *const[]){ new_call, gave_up, gave_up }, 1);
}

Test(push_cti, each_cause_of_a_hangup_has_its_meaning)
{
	static const struct {
		const char *form;
		int waiting;
	} list[] = {
		{ "event=hangup&cause=busy" CALL, 1 },
		{ "event=hangup&cause=noAnswer" CALL, 1 },
		{ "event=hangup&cause=congestion" CALL, 1 },
		{ "event=hangup&cause=notFound" CALL, 1 },
		{ "event=hangup&cause=forwarded" CALL, 0 },
		{ "event=hangup&cause=normalClearing" CALL, 0 },
		{ "event=hangup" CALL, 1 },
		{ "event=hangup&cause=cancel&direction=out&callId=c&from=1",
		  0 },
		{ "event=HungUp&type=missed&from=030182001&call_id=c", 1 },
		{ "event=HungUp&type=voicemail&from=030182001&call_id=c", 1 },
		{ "event=HungUp&type=blocked&from=030182001&call_id=c", 0 },
		{ "event=HungUp&type=missed&from=anonymous&call_id=c", 0 },
		{ "event=OutgoingCall&from=030182001&call_id=c", 0 },
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		struct house *h = pushing_house();
		const struct said *a = pushing_cti(h, list[i].form);

		cr_expect_eq(a->status, 200, "%s", a->body);
		cr_expect_eq(pushing_waiting(h), list[i].waiting, "%s",
			     list[i].form);
		pushing_done(h);
	}
}

Test(push_cti, sipgate_is_asked_for_answer_and_hangup_at_the_same_address)
{
	struct house *h = pushing_house();
	const char *token = house_token(h, "push");
	const struct said *a = pushing_cti(h, new_call);
	char *url = house_print(h,
				"onAnswer=\"" PUSHING_URL
				"/v1/cti/cti?token=%s\" onHangup=\"" PUSHING_URL
				"/v1/cti/cti?token=%s\"",
				token, token);

	cr_expect_str_eq(said_header(a, "Content-Type"), "application/xml");
	cr_expect(strstr(a->body, url) != NULL, "%s", a->body);
	a = pushing_cti(h, gave_up);
	cr_expect(strstr(a->body, "onHangup") == NULL, "%s", a->body);
	pushing_done(h);
}

static const struct said *
with(struct house *h, const char *headers, const char *path)
{
	return house_ask(h, &(struct question){ .who = "nobody",
						.path = path,
						.type = FORM,
						.headers = headers,
						.body = gave_up });
}

static char *
basic_of(struct house *h, const char *login)
{
	char in_base64[400];

	(void)EVP_EncodeBlock((unsigned char *)in_base64,
			      (const unsigned char *)login, (int)strlen(login));
	return house_print(h, "Authorization: Basic %s\r\n", in_base64);
}

Test(push_cti, a_token_may_be_a_password_or_in_the_address_of_these_alone)
{
	struct house *h = pushing_house();
	const char *token = house_token(h, "push");
	char *basic = basic_of(h, house_print(h, "pbx:%s", token));
	const struct said *a = with(h, basic, "/v1/cti/cti");

	cr_expect_eq(a->status, 200, "%s", a->body);
	cr_expect_eq(with(h, basic, "/v1/events")->status, 401);
	cr_expect_eq(
	    with(h, "", house_print(h, "/v1/events?token=%s", token))->status,
	    401);
	cr_expect_eq(with(h, "", "/v1/cti/cti")->status, 401);
	cr_expect(strstr(house_ask(h, &(struct question){ .who = "nobody",
							  .path = "/v1/cti/cti",
							  .type = FORM,
							  .headers = basic,
							  .body = new_call })
			     ->body,
			 house_print(h, "https://pbx:%s@rb.example/v1/cti/cti",
				     token)) != NULL);
	/* What is no token, and what is one of another place. */
	cr_expect_eq(with(h,
			  basic_of(h, "pbx:rbt_0000000000000000000000000000"),
			  "/v1/cti/cti")
			 ->status,
		     401);
	cr_expect_eq(with(h, basic_of(h, token), "/v1/cti/cti")->status, 401);
	cr_expect_eq(with(h, "Authorization: Basic !!!!\r\n",
			  house_print(h, "/v1/cti/cti?token=%s", token))
			 ->status,
		     401);
	cr_expect_eq(
	    with(h, "", house_print(h, "/v1/cti/nobody?token=%s", token))
		->status,
	    404);
	cr_expect_eq(
	    with(h, "", house_print(h, "/v1/cti/tw?token=%s", token))->status,
	    404);
	pushing_done(h);
}

Test(push_cti, wrong_tokens_in_addresses_are_guesses)
{
	struct house *h = pushing_house();
	int status = 0;

	for (int i = 0; i < 60 && status != 429; i++)
		status = with(h, "",
			      "/v1/cti/"
			      "cti?token=rbt_000000000000000000000000000000000")
			     ->status;
	cr_expect_eq(status, 429);
	cr_expect_eq(pushing_cti(h, gave_up)->status, 200, "a right one");
	pushing_done(h);
}

static bool
told_of_both(void *cookie)
{
	const char *body = house_get(cookie, "anna", "/v1/sources")->body;

	return strstr(body, "a wrong token") != NULL &&
	       strstr(body, "no such source") != NULL;
}

Test(push_cti, a_wrong_token_and_a_wrong_name_are_not_silent)
{
	struct house *h = pushing_house();
	const struct said *a = with(
	    h, "", "/v1/cti/cti?token=rbt_000000000000000000000000000000000");

	cr_expect_eq(a->status, 401);
	cr_expect(strstr(a->body, "into the address: ?token=") != NULL, "%s",
		  a->body);
	cr_expect_eq(with(h, "",
			  house_print(h, "/v1/cti/nobody?token=%s",
				      house_token(h, "push")))
			 ->status,
		     404);
	cr_expect(house_await(told_of_both, h, 20000), "%s",
		  house_get(h, "anna", "/v1/sources")->body);
	pushing_done(h);
}

Test(push_cti, placetel_signs_and_needs_no_token)
{
	struct house *h = pushing_house();
	static const char form[] =
	    "event=HungUp&type=missed&from=030182001&to=030901820&call_id=p1";
	static const char talk[] = "event=HungUp&type=accepted&duration=40"
				   "&from=030182001&to=030901820&call_id=p2";
	struct question q = { .who = "nobody",
			      .path = "/v1/cti/placetel",
			      .type = FORM,
			      .body = form };

	q.headers = house_print(h, "X-PLACETEL-SIGNATURE: %s\r\n",
				pushing_hmac(h, "SHA256", form));
	cr_expect_eq(house_ask(h, &q)->status, 200);
	cr_expect_eq(house_ask(h, &q)->status, 200);
	cr_expect_eq(pushing_waiting(h), 1);
	q.body = talk; /* still signed for the other */
	cr_expect_eq(house_ask(h, &q)->status, 403);
	q.headers = house_print(h, "X-PLACETEL-SIGNATURE: %s\r\n",
				pushing_hmac(h, "SHA256", talk));
	cr_expect_eq(house_ask(h, &q)->status, 200);
	/* Missed a moment ago, and the talk began 40 s before: not after it. */
	cr_expect_eq(pushing_waiting(h), 1);
	q.path = "/v1/cti/placetel?token=x";
	q.headers = "";
	q.who = "push";
	cr_expect_eq(house_ask(h, &q)->status, 403, "a token is no signature");
	pushing_done(h);
}

Test(push_cti, zammads_json_is_taken_and_what_is_none_refused)
{
	struct house *h = pushing_house();
	char *path =
	    house_print(h, "/v1/cti/cti?token=%s", house_token(h, "push"));
	static const struct {
		const char *type, *body;
		int status;
	} list[] = {
		{ "application/json",
		  "{\"event\":\"hangup\",\"from\":\"493018200111\",\"to\":"
		  "\"4930901820\","
		  "\"direction\":\"in\",\"callId\":\"z1\",\"cause\":\"cancel\","
		  "\"user\":[\"a\"],\"queue\":\"quality\"}",
		  200 },
		{ "application/json", "{\"event\":\"hangup\"", 422 },
		{ "application/json", "[]", 422 },
		{ "application/json", "{\"event\":\"hangup\"}", 422 },
		{ "application/json",
		  "{\"event\":\"hangup\",\"callId\":\"\xff\"}", 422 },
		{ FORM, "event=hangup&callId=%zz", 422 },
		{ FORM, "event=hangup&callId=%00", 422 },
		{ FORM, "event=ringing&callId=1", 422 },
		{ FORM, "", 422 },
		{ "text/xml", "<event/>", 415 },
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		const struct said *a =
		    house_ask(h, &(struct question){ .who = "nobody",
						     .path = path,
						     .type = list[i].type,
						     .body = list[i].body });

		cr_expect_eq(a->status, list[i].status, "%s: %d %s",
			     list[i].body, a->status, a->body);
	}
	cr_expect_eq(pushing_waiting(h), 1);
	cr_expect_str_eq(
	    said_text(house_get(h, "admin", "/v1/items/1001"), "item.queue"),
	    "quality");
	pushing_done(h);
}

Test(push_cti, too_long_and_too_odd_texts_harm_nothing)
{
	struct house *h = pushing_house();
	char *body = malloc(70000);
	const struct said *a;

	memset(body, 'a', 69999);
	body[69999] = '\0';
	memcpy(body, "event=hangup&callId=x&from=", 27);
	a = pushing_cti(h, body);
	cr_expect_eq(a->status, 413, "%s", a->body);
	body[50000] = '\0';
	cr_expect_eq(pushing_cti(h, body)->status, 200, "a number of 50000");
	cr_expect_eq(pushing_waiting(h), 0);
	free(body);
	/* A name in ISO 8859-1 with a CR, an LF and an ESC. */
	a = pushing_twilio(
	    h, NULL,
	    ((const char *const[]){
		"CallSid", "CA8", "CallStatus", "busy", "CallerName",
		"Schr\xf6"
		"der\r\nX: y\x1b[31m",
		"Direction", "inbound", "From", "+4930182001", "To",
		"+4930901820", NULL }));
	cr_expect_eq(a->status, 200, "%s", a->body);
	a = house_get(h, "anna", "/v1/items/1001");
	cr_expect_str_eq(said_text(a, "item.name"), "Schr\xc3\xb6"
						    "der??X: y?[31m");
	pushing_done(h);
}

Test(push_cti, a_name_in_an_address_gets_into_no_header)
{
	struct house *h = pushing_house();
	const struct said *a = house_ask(
	    h,
	    &(struct question){
		.who = "nobody",
		.path = house_print(
		    h, "/v1/cti/cti?token=%s&x=%%3Ctag%%20a=%%22b%%22%%3E'&y='",
		    house_token(h, "push")),
		.type = FORM,
		.body = new_call });

	cr_expect_eq(a->status, 200, "%s", a->body);
	cr_expect(strstr(a->body, "y=&#39;") != NULL, "%s", a->body);
	cr_expect(strstr(a->body, "&amp;") != NULL ||
		      strstr(a->body, "&#38;") != NULL,
		  "%s", a->body);
	pushing_done(h);
}
