/* Calling back with one key: real daemons, and a scripted Asterisk that says
 * what a real one was recorded to say (22.8.2). */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/api/desk.h"
#include "tests/harness/loop.h"

#define AGENT_RINGS                                                     \
	"Event: Newchannel\nChannel: PJSIP/201-0000000f\nUniqueid: $\n" \
	"Linkedid: $\n\n"                                               \
	"Event: DialBegin\nDestChannel: PJSIP/201-0000000f\n"           \
	"DestUniqueid: $\nDestLinkedid: $\nDialString: 201\n\n"
#define AGENT_ANSWERS                                                    \
	AGENT_RINGS                                                      \
	"Event: OriginateResponse\nActionID: $\nResponse: Success\n"     \
	"Reason: 4\nUniqueid: $\n\n"                                     \
	"Event: DialEnd\nDestUniqueid: $\nDestLinkedid: $\nDialStatus: " \
	"ANSWER\n\n"
#define CUSTOMER_RINGS                                       \
	"Event: Newchannel\nChannel: PJSIP/trunk-00000010\n" \
	"Uniqueid: 1795617388.16\nLinkedid: $\n\n"           \
	"Event: DialBegin\nUniqueid: $\nLinkedid: $\n"       \
	"DestUniqueid: 1795617388.16\nDestLinkedid: $\nDialString: x\n\n"
#define CUSTOMER(status)                                                    \
	"Event: DialEnd\nUniqueid: $\nLinkedid: $\n"                        \
	"DestUniqueid: 1795617388.16\nDestLinkedid: $\nDialStatus: " status \
	"\n\n"
#define CUSTOMER_GONE(cause)                                       \
	"Event: Hangup\nChannel: PJSIP/trunk-00000010\nUniqueid: " \
	"1795617388.16\nLinkedid: $\nCause: " cause "\nCause-txt: Words\n\n"
#define AGENT_GONE                                                  \
	"Event: Hangup\nChannel: PJSIP/201-0000000f\nUniqueid: $\n" \
	"Linkedid: $\nCause: 16\n\n"

/* What came of it is told to Redis after the answer to who followed it. */
static const struct said *
card(struct desk *d, const char *field, const char *value)
{
	const struct said *a = NULL;

	for (int i = 0; i < 1000; i++) {
		a = house_get(d->h, "anna", "/v1/items/1001");
		if (strcmp(said_text(a, field), value) == 0)
			break;
		(void)usleep(5000);
	}
	return a;
}

/* ---- a call that is answered -------------------------------------------- */

Test(calls, the_agents_phone_rings_then_the_customers)
{
	struct desk *d = desk_at_work();
	const struct said *a = desk_post(d, "{}");

	cr_assert_eq(a->status, 202, "%s", a->body);
	cr_expect_str_eq(said_text(a, "state"), "agent");
	cr_expect_eq(said_int(a, "number"), 1001);
	cr_expect_str_eq(said_text(a, "phone"), "201");
	cr_expect_str_eq(said_text(a, "to"), ANN);
	cr_assert(pbx_asked(d->pbx, "Action: Originate", SOON));
	cr_expect_str_eq(pbx_field(d->pbx, "Channel"), "PJSIP/201");
	cr_expect_str_eq(pbx_field(d->pbx, "Context"), "from-internal");
	cr_expect_str_eq(pbx_field(d->pbx, "Exten"), ANN);
	cr_expect_str_eq(pbx_field(d->pbx, "Priority"), "1");
	cr_expect_str_eq(pbx_field(d->pbx, "Async"), "true");
	cr_expect_str_eq(pbx_field(d->pbx, "ChannelId"),
			 house_print(d->h, "rb-%s", d->call));
	pbx_ami_answer(d->pbx, "Success",
		       "Message: Originate successfully queued\r\n");
	desk_says(d, AGENT_ANSWERS);
	cr_expect_str_eq(said_text(desk_after(d, "agent"), "state"),
			 "customer");
	desk_says(d, CUSTOMER_RINGS CUSTOMER("ANSWER"));
	cr_expect_str_eq(said_text(desk_after(d, "customer"), "state"),
			 "talking");
	a = house_get(d->h, "anna", "/v1/items/1001");
	cr_expect_str_eq(
	    said_text(card(d, "calling.state", "talking"), "calling.call"),
	    d->call);
	desk_says(d, CUSTOMER_GONE("16") AGENT_GONE);
	a = desk_after(d, "talking");
	cr_expect_str_eq(said_text(a, "state"), "ended");
	cr_expect_str_eq(said_text(a, "result"), "talked");
	cr_expect_str_eq(said_text(a, "outcome"), "done");
	cr_expect_geq(said_int(a, "talked_s"), 0);
	desk_free(d);
}

Test(calls, what_came_of_it_is_proposed_and_never_recorded)
{
	struct desk *d = desk_at_work();
	const struct said *a;

	desk_order(d);
	desk_says(d, AGENT_ANSWERS CUSTOMER_RINGS CUSTOMER("ANSWER")
			 CUSTOMER_GONE("16") AGENT_GONE);
	a = card(d, "calling.result", "talked");
	cr_expect_str_eq(said_text(a, "calling.outcome"), "done");
	cr_expect_str_eq(said_text(a, "item.state"), "held");
	cr_expect_eq(said_int(a, "item.tries"), 0);
	a = house_do(d->h, "anna", "POST", "/v1/items/held/outcome",
		     "{\"outcome\":\"voicemail\"}");
	cr_expect_eq(a->status, 200);
	a = house_get(d->h, "anna", "/v1/items/1001");
	cr_expect_str_eq(said_text(a, "calling.call"), "");
	cr_expect_str_eq(said_text(a, "item.state"), "scheduled");
	desk_free(d);
}

/* ---- all other ends ----------------------------------------------------- */

static const struct {
	const char *script, *result, *outcome;
} ends[] = {
	{ AGENT_ANSWERS CUSTOMER_RINGS CUSTOMER("BUSY") CUSTOMER_GONE("17")
	      AGENT_GONE,
	  "busy", "busy" },
	{ AGENT_ANSWERS CUSTOMER_RINGS CUSTOMER("NOANSWER") CUSTOMER_GONE("16")
	      AGENT_GONE,
	  "no-answer", "no-answer" },
	/* As recorded: a number that is none is NOANSWER, by the status. */
	{ AGENT_ANSWERS CUSTOMER_RINGS CUSTOMER("NOANSWER") CUSTOMER_GONE("1")
	      AGENT_GONE,
	  "bad-number", "bad-number" },
	{ AGENT_ANSWERS CUSTOMER_RINGS CUSTOMER("CONGESTION")
	      CUSTOMER_GONE("34") AGENT_GONE,
	  "refused", "" },
	/* A dialplan that keeps the agent listening to a tone. */
	{ AGENT_ANSWERS CUSTOMER_RINGS CUSTOMER("BUSY") CUSTOMER_GONE("17"),
	  "busy", "busy" },
	{ AGENT_ANSWERS AGENT_GONE, "refused", "" },
	{ AGENT_ANSWERS CUSTOMER_RINGS CUSTOMER("CANCEL") CUSTOMER_GONE("16")
	      AGENT_GONE,
	  "given-up", "" },
	/* As recorded: a busy phone has the reason of one that is not there. */
	{ AGENT_RINGS "Event: HangupRequest\nUniqueid: $\nLinkedid: $\n"
		      "Cause: 17\n\nEvent: DialEnd\nDestUniqueid: $\n"
		      "DestLinkedid: $\nDialStatus: BUSY\n\n"
		      "Event: OriginateResponse\nActionID: $\nResponse: "
		      "Failure\nReason: 0\nUniqueid: $\n\n",
	  "agent-busy", "" },
	{ AGENT_RINGS "Event: OriginateResponse\nActionID: $\nResponse: "
		      "Failure\nReason: 3\nUniqueid: $\n\n",
	  "agent-no-answer", "" },
	/* Behind a Local channel, whose dialplan rang long enough. */
	{ AGENT_RINGS "Event: DialEnd\nUniqueid: $;2\nLinkedid: $\n"
		      "DestUniqueid: 4.1\nDestLinkedid: $\nDialStatus: "
		      "NOANSWER\n\nEvent: OriginateResponse\nActionID: $\n"
		      "Response: Failure\nReason: 0\n\n",
	  "agent-no-answer", "" },
	{ "Event: OriginateResponse\nActionID: $\nResponse: Failure\n"
	  "Reason: 0\nUniqueid: <unknown>\n\n",
	  "agent-away", "" },
};
#define ENDS (sizeof ends / sizeof *ends)

Test(calls, each_end_has_its_word)
{
	struct desk *d = desk_at_work();
	const struct said *a;

	for (size_t i = 0; i < ENDS; i++) {
		desk_order(d);
		desk_says(d, ends[i].script);
		a = desk_after(d, "agent");
		if (strcmp(said_text(a, "state"), "customer") == 0)
			a = desk_after(d, "customer");
		cr_expect_str_eq(said_text(a, "state"), "ended", "%zu", i);
		cr_expect_str_eq(said_text(a, "result"), ends[i].result,
				 "%zu: %s", i, a->body);
		cr_expect_str_eq(said_text(a, "outcome"), ends[i].outcome);
		a = card(d, "calling.result", ends[i].result);
		cr_expect_str_eq(said_text(a, "calling.call"), d->call);
	}
	desk_free(d);
}

Test(calls, the_next_trunk_may_reach_whom_the_first_did_not)
{
	struct desk *d = desk_at_work();

	desk_order(d);
	desk_says(d, AGENT_ANSWERS CUSTOMER_RINGS CUSTOMER("CONGESTION")
			 CUSTOMER_GONE("34"));
	desk_says(d,
		  "Event: Newchannel\nChannel: PJSIP/b-1\nUniqueid: 5.6\n"
		  "Linkedid: $\n\nEvent: DialBegin\nUniqueid: $\nLinkedid: $\n"
		  "DestUniqueid: 5.6\nDestLinkedid: $\n\nEvent: DialEnd\n"
		  "Uniqueid: $\nDestUniqueid: 5.6\nDialStatus: ANSWER\n\n");
	(void)desk_after(d, "agent");
	cr_expect_str_eq(said_text(desk_after(d, "customer"), "state"),
			 "talking");
	desk_says(d, "Event: Hangup\nChannel: PJSIP/b-1\nUniqueid: 5.6\n"
		     "Linkedid: $\nCause: 16\n\n");
	cr_expect_str_eq(said_text(desk_after(d, "talking"), "result"),
			 "talked");
	desk_free(d);
}

Test(calls, a_local_channel_is_nobodys_phone)
{
	struct desk *d = desk_at_work();

	desk_order(d);
	/* The agent's phone stands behind it; the pair goes when they talk. */
	desk_says(
	    d, "Event: Newchannel\nChannel: Local/201@a-1;1\nUniqueid: $\n"
	       "Linkedid: $\n\nEvent: Newchannel\nChannel: Local/201@a-1;2\n"
	       "Uniqueid: $;2\nLinkedid: $\n\nEvent: Newchannel\nChannel: "
	       "PJSIP/201-1\nUniqueid: 7.1\nLinkedid: $\n\nEvent: DialBegin\n"
	       "Uniqueid: $;2\nLinkedid: $\nDestUniqueid: 7.1\n\n"
	       "Event: DialEnd\nUniqueid: $;2\nLinkedid: $\n"
	       "DestUniqueid: 7.1\nDialStatus: ANSWER\n\n");
	cr_expect_str_eq(
	    said_text(desk_follow(d, "anna", "?after=agent&wait_s=1"), "state"),
	    "agent");
	desk_says(d,
		  "Event: OriginateResponse\nActionID: $\nResponse: Success\n"
		  "Reason: 4\n\n" CUSTOMER_RINGS CUSTOMER("ANSWER"));
	(void)desk_after(d, "agent");
	(void)desk_after(d, "customer");
	desk_says(d,
		  "Event: Hangup\nChannel: Local/201@a-1;1\nUniqueid: $\n\n"
		  "Event: Hangup\nChannel: Local/201@a-1;2\nUniqueid: $;2\n\n");
	cr_expect_str_eq(
	    said_text(desk_follow(d, "anna", "?after=talking&wait_s=1"),
		      "state"),
	    "talking");
	desk_says(d, CUSTOMER_GONE("16"));
	cr_expect_str_eq(said_text(desk_after(d, "talking"), "result"),
			 "talked");
	desk_free(d);
}

Test(calls, a_refused_order_ends_at_once_with_the_systems_words)
{
	struct desk *d = desk_at_work();
	const struct said *a;

	cr_assert_eq(desk_post(d, "{}")->status, 202);
	cr_assert(pbx_asked(d->pbx, "Action: Originate", SOON));
	pbx_ami_answer(d->pbx, "Error", "Message: Permission denied\r\n");
	cr_assert(pbx_flush(d->pbx, SOON));
	a = desk_after(d, "agent");
	cr_expect_str_eq(said_text(a, "result"), "refused");
	cr_expect_str_eq(said_text(a, "why"), "Permission denied");
	desk_free(d);
}

Test(calls, a_system_that_goes_away_has_lost_it)
{
	struct desk *d = desk_at_work();
	const struct said *a;

	desk_order(d);
	desk_says(d, AGENT_ANSWERS CUSTOMER_RINGS CUSTOMER("ANSWER"));
	(void)desk_after(d, "agent");
	(void)desk_after(d, "customer");
	desk_away(d);
	a = desk_after(d, "talking");
	cr_expect_str_eq(said_text(a, "result"), "lost");
	cr_expect_str_eq(said_text(a, "outcome"), "");
	(void)card(d, "calling.result", "lost");
	/* And takes the next one when it is back. */
	cr_assert(pbx_came(d->pbx, 2, SOON));
	cr_assert(pbx_ami_login(d->pbx, SOON));
	while (desk_post(d, "{}")->status == 503)
		loop_for(d->base, 20);
	cr_assert(pbx_asked(d->pbx, "Action: Originate", SOON));
	desk_free(d);
}

Test(calls, a_daemon_that_stops_says_that_it_is_lost)
{
	struct desk *d = desk_at_work();

	desk_order(d);
	desk_says(d, AGENT_ANSWERS CUSTOMER_RINGS);
	(void)desk_after(d, "agent");
	cr_assert_eq(daemon_stop(house_daemon(d->h, 0), 20000), 0);
	cr_expect_str_eq(redis_str(house_redis(d->h), "HGET",
				   "rb:{t}:item:1001", "call_result", NULL),
			 "lost");
	daemon_restart(house_daemon(d->h, 0));
	desk_free(d);
}

/* ---- who may, and when -------------------------------------------------- */

Test(calls, two_presses_of_the_key_are_one_call)
{
	struct desk *d = desk_at_work();
	const struct said *a;
	char first[64];

	cr_assert_eq(desk_post(d, "{}")->status, 202);
	(void)snprintf(first, sizeof first, "%s", d->call);
	a = desk_post(d, "{}");
	cr_expect_eq(a->status, 409);
	cr_expect_str_eq(said_text(a, "call"), first);
	cr_assert(pbx_asked(d->pbx, "Action: Originate", SOON));
	cr_expect_not(pbx_asked(d->pbx, "Action: Originate", 300));
	desk_free(d);
}

Test(calls, a_call_is_its_agents_and_the_supervisors_to_see)
{
	struct desk *d = desk_at_work();
	char *hangup;

	desk_order(d);
	hangup = house_print(d->h, "/v1/calls/%s/hangup", d->call);
	cr_expect_eq(desk_follow(d, "ben", "")->status, 404);
	cr_expect_eq(desk_follow(d, "supervisor", "")->status, 200);
	cr_expect_eq(house_do(d->h, "ben", "POST", hangup, "{}")->status, 404);
	cr_expect_eq(house_do(d->h, "supervisor", "POST", hangup, "")->status,
		     404);
	cr_expect_eq(desk_follow(d, "anna", "?after=nothing")->status, 422);
	cr_expect_eq(desk_follow(d, "anna", "?after=agent&wait_s=61")->status,
		     422);
	cr_expect_eq(house_get(d->h, "anna", "/v1/calls/x")->status, 404);
	cr_expect_eq(
	    house_do(d->h, "ben", "POST", "/v1/items/1001/call", "{}")->status,
	    409);
	desk_free(d);
}

Test(calls, where_another_is_only_a_supervisor_says)
{
	struct desk *d = desk_at_work();
	const struct said *a = house_do(
	    d->h, "anna", "PUT", "/v1/agents/ben/phone", "{\"phone\":\"202\"}");

	cr_expect_eq(a->status, 403);
	cr_expect_str_eq(said_text(a, "role_needed"), "supervisor");
	a = house_do(d->h, "supervisor", "PUT", "/v1/agents/ben/phone",
		     "{\"phone\":\"202\"}");
	cr_expect_eq(a->status, 200);
	cr_expect_str_eq(said_text(a, "phone"), "202");
	a = house_get(d->h, "ben", "/v1/me");
	cr_expect_str_eq(said_text(a, "phone"), "202");
	cr_expect_eq(
	    house_do(d->h, "anna", "PUT", "/v1/agents/anna/phone", "{}")
		->status,
	    422);
	desk_free(d);
}

Test(calls, hanging_up_gives_it_up)
{
	struct desk *d = desk_at_work();
	char *hangup, *channel;

	desk_order(d);
	desk_says(d, AGENT_ANSWERS CUSTOMER_RINGS);
	(void)desk_after(d, "agent");
	hangup = house_print(d->h, "/v1/calls/%s/hangup", d->call);
	channel = house_print(d->h, "rb-%s", d->call);
	cr_expect_eq(house_do(d->h, "anna", "POST", hangup, "{}")->status, 202);
	cr_assert(pbx_asked(d->pbx, "Action: Hangup", SOON));
	cr_expect_str_eq(pbx_field(d->pbx, "Channel"), channel);
	/* As recorded: both ends are hung up, so it is no CANCEL. */
	desk_says(d, CUSTOMER("NOANSWER") CUSTOMER_GONE("16") AGENT_GONE);
	cr_expect_str_eq(said_text(desk_after(d, "customer"), "result"),
			 "given-up");
	cr_expect_eq(house_do(d->h, "anna", "POST", hangup, "{}")->status, 202);
	desk_free(d);
}

Test(calls, what_is_missing_is_said)
{
	struct desk *d = desk_at_work();
	const struct said *a;

	(void)house_do(d->h, "anna", "PUT", "/v1/agents/anna/phone",
		       "{\"phone\":\"\"}");
	a = desk_post(d, "{}");
	cr_expect_eq(a->status, 409);
	cr_expect_not_null(
	    strstr(said_text(a, "detail"), "ringback agents phone 1001"));
	cr_expect_eq(desk_post(d, "{\"source\":\"pbx\"}")->status, 409);
	a = desk_post(d, "{\"source\":\"pbx\",\"phone\":\"77\"}");
	cr_expect_eq(a->status, 409);
	cr_expect_not_null(
	    strstr(said_text(a, "detail"), "Through pbx nobody can be called"));
	a = desk_post(d, "{\"source\":\"nobody\",\"phone\":\"77\"}");
	cr_expect_eq(a->status, 409);
	cr_expect_not_null(
	    strstr(said_text(a, "detail"), "no source \"nobody\""));
	cr_expect_eq(desk_post(d, "{\"fence\":7,\"phone\":\"201\"}")->status,
		     409);
	cr_expect_eq(desk_post(d, "{\"phone\":\"77\"}")->status, 202);
	cr_assert(pbx_asked(d->pbx, "Action: Originate", SOON));
	cr_expect_str_eq(pbx_field(d->pbx, "Channel"), "PJSIP/77");
	desk_free(d);
}

Test(calls, without_a_system_it_is_said_what_to_configure)
{
	struct desk *d = desk_with("");
	const struct said *a;

	(void)house_event(d->h, ANN);
	(void)house_do(d->h, "anna", "POST", "/v1/next", "{}");
	a = desk_post(d, "{}");
	cr_expect_eq(a->status, 409);
	cr_expect_not_null(strstr(said_text(a, "detail"), "dial_customer"));
	desk_free(d);
}

Test(calls, of_a_system_that_is_away_nothing_is_marked)
{
	struct desk *d = desk_at_work();
	const struct said *a;

	pbx_refuse(d->pbx, true);
	desk_away(d);
	do {
		loop_for(d->base, 10);
		a = desk_post(d, "{}");
	} while (a->status == 202);
	cr_expect_eq(a->status, 503, "%s", a->body);
	cr_expect_str_neq(said_header(a, "Retry-After"), "");
	cr_expect_not_null(strstr(said_text(a, "detail"), "tel is away"));
	desk_free(d);
}

/* ---- waiting for it to go on -------------------------------------------- */

/* One that waits; no other may. */
static int
waits(struct desk *d)
{
	char *request = house_print(
	    d->h,
	    "GET /v1/calls/%s?after=agent&wait_s=60 HTTP/1.1\r\nHost: x\r\n"
	    "Authorization: Bearer %s\r\n\r\n",
	    d->call, house_token(d->h, "anna"));
	int fd = ask_tcp(daemon_port(house_daemon(d->h, 0)));

	cr_assert(ask_send(fd, request, strlen(request)));
	while (desk_follow(d, "anna", "?after=agent&wait_s=1")->status != 503)
		;
	return fd;
}

Test(calls, so_many_may_wait_and_who_has_gone_waits_no_more)
{
	struct desk *d = desk_at_work_with(1, "max_waiting = 1\n");

	desk_order(d);
	ask_close(waits(d));
	while (desk_follow(d, "anna", "?after=agent&wait_s=1")->status != 200)
		;
	cr_expect_eq(
	    desk_follow(d, "anna", "?after=customer&wait_s=60")->status, 200,
	    "it is at another: nothing to wait for");
	desk_free(d);
}

Test(calls, who_waits_is_told_as_soon_as_it_goes_on)
{
	struct desk *d = desk_at_work_with(1, "max_waiting = 1\n");
	struct said a = { 0 };
	int fd;

	desk_order(d);
	fd = waits(d);
	desk_says(d, AGENT_ANSWERS);
	ask_read(&a, fd, true); /* within less than it would wait */
	cr_expect_eq(a.status, 200);
	cr_expect_str_eq(said_text(&a, "state"), "customer");
	said_done(&a);
	ask_close(fd);
	desk_free(d);
}

Test(calls, another_daemon_of_the_site_knows_what_came_of_it)
{
	struct desk *d = desk_at_work_with(2, NULL);
	const struct said *a;

	a = house_ask(d->h, &(struct question){ .who = "anna",
						.path = "/v1/items/held/call",
						.body = "{}",
						.daemon = 1 });
	if (a->status == 503)
		a = desk_post(d, "{}");
	cr_assert_eq(a->status, 202, "%s", a->body);
	(void)snprintf(d->call, sizeof d->call, "%s", said_text(a, "call"));
	cr_assert(pbx_asked(d->pbx, "Action: Originate", SOON));
	a = desk_post(d, "{}");
	cr_expect_neq(a->status, 202, "one attempt, whichever is asked");
	desk_says(d, "Event: OriginateResponse\nActionID: $\nResponse: "
		     "Failure\nReason: 3\n\n");
	for (int i = 0; i < 2; i++) {
		do
			a = house_ask(
			    d->h, &(struct question){ .who = "anna",
						      .method = "GET",
						      .path = "/v1/items/1001",
						      .daemon = i });
		while (*said_text(a, "calling.result") == '\0');
		cr_expect_str_eq(said_text(a, "calling.result"),
				 "agent-no-answer");
	}
	desk_free(d);
}

/* ---- what reaches the wire ---------------------------------------------- */

Test(calls, nothing_but_digits_and_plus_reaches_it_from_outside)
{
	static const char *const phones[] = {
		"201\\r\\nAction: Command",
		"201\\nX: y",

		"20 1",
		"+49301",
		"201/n@x",
		"{number}",
		"1234567890123456",
		"\\u0661\\u0662",
		"-1",
		"*98",
		"SIP/1",
	};
	static const char *const other[] = {
		"\r\nAction: Command\r\nCommand: core stop now\r\n\r\n",
		"+49301\r\nX: y",
		"${SHELL(x)}",
		"49,1,Goto(x)",
		"1&SIP/2",
	};
	struct desk *d = desk_at_work();
	const char *block;

	for (size_t i = 0; i < sizeof phones / sizeof *phones; i++) {
		char *body = house_print(d->h, "{\"phone\":\"%s\"}", phones[i]);

		cr_expect_eq(desk_post(d, body)->status, 422, "%s", phones[i]);
		cr_expect_eq(
		    house_do(d->h, "anna", "PUT", "/v1/agents/anna/phone", body)
			->status,
		    422, "%s", phones[i]);
	}
	/* Somebody else wrote into Redis. */
	for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
		(void)redis_int(house_redis(d->h), "HSET", "rb:{t}:item:1001",
				"phone", other[i], NULL);
		cr_expect_eq(desk_post(d, "{}")->status, 503, "%s", other[i]);
		(void)redis_int(house_redis(d->h), "HSET", "rb:{t}:item:1001",
				"phone", ANN, NULL);
		(void)redis_int(house_redis(d->h), "HSET",
				"rb:{t}:agent_phones", "anna", other[i], NULL);
		cr_expect_eq(desk_post(d, "{}")->status, 503, "%s", other[i]);
		(void)redis_int(house_redis(d->h), "HSET",
				"rb:{t}:agent_phones", "anna", "201", NULL);
	}
	cr_expect_eq(desk_post(d, "{}")->status, 202);
	do {
		block = pbx_block(d->pbx, SOON);
		cr_assert_str_neq(block, "");
		cr_expect_null(strstr(block, "Command"), "%s", block);
	} while (strncmp(block, "Action: Originate", 17) != 0);
	cr_expect_str_eq(pbx_field(d->pbx, "Channel"), "PJSIP/201");
	desk_free(d);
}
