/* What Twilio pushes: what counts of a call, in whatever order it comes, and
 * who may say it; and what holds for every system that pushes. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/pushing.h"

#define CALLER "+4930182001"
#define FORM "application/x-www-form-urlencoded"

/* ---- Twilio ------------------------------------------------------ */

#define INBOUND "Direction", "inbound", "From", CALLER
#define TO "To", "+4930901820"
#define ASKED(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const char *const no_answer[] = { "CallSid",
					 "CA1",
					 "CallStatus",
					 "no-answer",
					 INBOUND,
					 "Timestamp",
					 "Wed, 25 Nov 2026 08:00:00 +0000",
					 TO,
					 NULL };
static const char *const dial_failed[] = {
	"CallSid",   "CA1",   "CallStatus", "in-progress", "DialCallStatus",
	"no-answer", INBOUND, TO,           NULL
};
static const char *const leg_talks[] = {
	"CallSid",     "CA2",         "CallStatus",
	"in-progress", "Direction",   "outbound-dial",
	"From",        "+4930901820", "ParentCallSid",
	"CA1",         "To",          "+4930182009",
	NULL
};
static const char *const leg_over[] = { "CallDuration",
					"31",
					"CallSid",
					"CA2",
					"CallStatus",
					"completed",
					"Direction",
					"outbound-dial",
					"From",
					"+4930901820",
					"ParentCallSid",
					"CA1",
					"To",
					"+4930182009",
					NULL };
static const char *const completed[] = {
	"CallDuration", "50",    "CallSid", "CA1", "CallStatus",
	"completed",    INBOUND, TO,        NULL
};

static void
expect_twiml(const struct said *a)
{
	cr_expect_eq(a->status, 200, "%d %s", a->status, a->body);
	cr_expect_str_eq(said_header(a, "Content-Type"), "text/xml");
	cr_expect(strstr(a->body, "<Response/>") != NULL, "%s", a->body);
}

Test(push, a_call_that_twilio_could_not_connect_is_missed_once)
{
	struct house *h = pushing_house();

	house_secret(h, "4930182001");
	for (int i = 0; i < 2; i++) {
		expect_twiml(pushing_twilio(h, NULL, no_answer));
		expect_twiml(pushing_twilio(h, NULL, dial_failed));
		expect_twiml(pushing_twilio(h, NULL, completed));
	}
	cr_expect_eq(pushing_waiting(h), 1);
	(void)house_get(h, "anna", "/v1/items/1001");
	pushing_done(h);
}

Test(push, a_call_that_an_agent_took_is_not_missed_in_any_order)
{
	const char *const *const words[] = { dial_failed, leg_talks, leg_over,
					     completed };
	int order[] = { 0, 1, 2, 3 };

	do {
		struct house *h = pushing_house();

		for (int i = 0; i < 4; i++) {
			expect_twiml(pushing_twilio(h, NULL, words[order[i]]));
			expect_twiml(pushing_twilio(h, NULL, words[order[i]]));
		}
		cr_expect_eq(pushing_waiting(h), 0, "order %d%d%d%d", order[0],
			     order[1], order[2], order[3]);
		pushing_done(h);
	} while (pushing_next_order(order, 4));
}

Test(push, completed_alone_says_nothing_of_a_talk)
{
	struct house *h = pushing_house();

	/* Missed before, by another call: it is not closed by an announcement.
	 */
	expect_twiml(pushing_twilio(h, NULL, no_answer));
	expect_twiml(
	    pushing_twilio(h, NULL,
			   ASKED("CallDuration", "50", "CallSid", "CA9",
				 "CallStatus", "completed", INBOUND, TO)));
	cr_expect_eq(pushing_waiting(h), 1);
	/* But by one in which <Dial> found somebody. */
	expect_twiml(
	    pushing_twilio(h, NULL,
			   ASKED("CallSid", "CA9", "CallStatus", "completed",
				 "DialCallDuration", "48", "DialCallStatus",
				 "completed", INBOUND, TO)));
	cr_expect_eq(pushing_waiting(h), 0);
	pushing_done(h);
}

Test(push, the_results_of_enqueue_count)
{
	static const struct {
		const char *result;
		bool missed;
	} list[] = {
		{ "hangup", true },     { "leave", true },
		{ "queue-full", true }, { "system-error", true },
		{ "bridged", false },   { "redirected", false },
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		struct house *h = pushing_house();

		expect_twiml(pushing_twilio(
		    h, NULL,
		    ASKED("CallSid", "CA1", "CallStatus", "completed", INBOUND,
			  "QueueResult", list[i].result, "QueueSid", "QU77",
			  "QueueTime", "17", TO)));
		cr_expect_eq(pushing_waiting(h), list[i].missed, "%s",
			     list[i].result);
		if (list[i].missed)
			cr_expect_str_eq(
			    said_text(house_get(h, "admin", "/v1/items/1001"),
				      "item.queue"),
			    "quality", "%s", "queue_names");
		pushing_done(h);
	}
}

Test(push, calls_of_ours_are_no_missed_ones)
{
	struct house *h = pushing_house();

	expect_twiml(pushing_twilio(
	    h, NULL,
	    ASKED("CallSid", "CA1", "CallStatus", "no-answer", "Direction",
		  "outbound-api", "From", "+4930901820", "To", CALLER)));
	expect_twiml(
	    pushing_twilio(h, NULL,
			   ASKED("CallSid", "CA2", "CallStatus", "busy",
				 "Direction", "outbound-dial", "From", CALLER,
				 "ParentCallSid", "CA3", "To", "+4930182009")));
	cr_expect_eq(pushing_waiting(h), 0);
	pushing_done(h);
}

Test(push, twilio_may_sign_with_the_port_or_without)
{
	struct house *h = pushing_house();

	expect_twiml(
	    pushing_twilio(h, PUSHING_URL ":443/v1/twilio/tw", no_answer));
	cr_expect_eq(
	    pushing_twilio(h, "http://rb.example/v1/twilio/tw", no_answer)
		->status,
	    403);
	cr_expect_eq(
	    pushing_twilio(h, PUSHING_URL ":8443/v1/twilio/tw", no_answer)
		->status,
	    403);
	pushing_done(h);
}

static void
expect_forged(struct house *h, const char *headers, const char *path)
{
	char *before = house_digest(h);
	const struct said *a = house_ask(
	    h, &(struct question){
		   .who = "push",
		   .path = path,
		   .type = FORM,
		   .headers = headers,
		   .body = "CallSid=CA1&CallStatus=no-answer&Direction=inbound"
			   "&From=%2B4930182001" });

	cr_expect_eq(a->status, 403, "%s: %d %s", headers, a->status, a->body);
	cr_expect_str_eq(said_header(a, "Content-Type"),
			 "application/problem+json");
	house_unchanged(h, before, headers);
}

Test(push, a_forged_signature_is_refused_counted_and_logged_once)
{
	struct house *h = pushing_house();
	char longer[3000] = "X-Twilio-Signature: ";
	char *log, *at;
	int times = 0;

	memset(longer + strlen(longer), 'A', 2500);
	memcpy(longer + 2520, "\r\n", 3);
	expect_forged(h, "", "/v1/twilio/tw");
	for (int i = 0; i < 5; i++)
		expect_forged(
		    h, "X-Twilio-Signature: 0/KCTR6DLpKmkAf8muzZqo1nDgQ=\r\n",
		    "/v1/twilio/tw");
	expect_forged(h, longer, "/v1/twilio/tw");
	expect_forged(h, "X-Twilio-Signature: a\r\nX-Twilio-Signature: b\r\n",
		      "/v1/twilio/tw");
	expect_forged(h, "", "/v1/twilio/cti");
	expect_forged(h, "", "/v1/twilio/nobody");
	expect_forged(h, "", "/v1/cti/placetel");
	expect_forged(h, "X-PLACETEL-SIGNATURE: 00\r\n", "/v1/cti/placetel");
	log = daemon_log(house_daemon(h, 0));
	for (at = log; (at = strstr(at, "source=tw")) != NULL; at++)
		times++;
	cr_expect_eq(times, 2, "one without and one with: %s", log);
	cr_expect(strstr(log, "why=\"a wrong signature\"") != NULL);
	free(log);
	house_secret(h, "0/KCTR6DLpKmkAf8muzZqo1nDgQ");
	pushing_done(h);
}

/* ---- whoever pushes ----------------------------------------------- */

#define CALL "&from=4930182001111&to=4930901820&direction=in&callId=c1"
#define NEW_CALL "event=newCall&user[]=Alice" CALL
#define GAVE_UP "event=hangup&cause=cancel" CALL

static bool
are_two(void *cookie)
{
	const struct said *a =
	    house_get(cookie, "anna", "/v1/items?state=waiting");

	return a->status == 200 &&
	       json_array_size(json_object_get(a->json, "items")) == 2;
}

Test(push, while_redis_is_away_what_is_pushed_is_kept)
{
	struct house *h = pushing_house();

	/* So that the daemon knows the token without Redis. */
	cr_expect_eq(pushing_cti(h, NEW_CALL)->status, 200);
	redis_kill9(house_redis(h));
	expect_twiml(pushing_twilio(h, NULL, no_answer));
	cr_expect_eq(pushing_cti(h, GAVE_UP)->status, 200);
	redis_restart(house_redis(h));
	cr_expect(house_await(are_two, h, 20000));
	pushing_done(h);
}

/* A connection that is still open when the daemon is told to stop. */
Test(push, what_comes_while_the_daemon_stops_is_taken_all_the_same)
{
	struct house *h = pushing_house();
	static const char body[] = "CallSid=CA1&CallStatus=busy&Direction="
				   "inbound&From=%2B4930182001";
	char *head = house_print(
	    h,
	    "POST /v1/twilio/tw HTTP/1.1\r\nHost: x\r\nContent-Type: " FORM
	    "\r\nContent-Length: %zu\r\nX-Twilio-Signature: %s\r\n\r\n%.20s",
	    sizeof body - 1,
	    pushing_hmac(h, "SHA1",
			 PUSHING_URL
			 "/v1/twilio/twCallSidCA1CallStatusbusyDirection"
			 "inboundFrom+4930182001"),
	    body);
	int fd = ask_tcp(daemon_port(house_daemon(h, 0)));
	struct said a;

	(void)ask_send(fd, head, strlen(head));
	cr_expect_eq(house_get(h, "anna", "/v1/me")->status, 200);
	(void)kill(daemon_pid(house_daemon(h, 0)), SIGTERM);
	cr_assert(daemon_said(house_daemon(h, 0), "stopping", 1, 10000));
	(void)ask_send(fd, body + 20, sizeof body - 21);
	ask_read(&a, fd, true);
	cr_expect_eq(a.status, 200, "%d %s", a.status, a.body);
	said_done(&a);
	ask_close(fd);
	pushing_done(h);
}
