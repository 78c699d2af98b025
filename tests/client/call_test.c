/* Calling back through the telephone system: ringback call. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/client/expect.h"
#include "tests/client/fake.h"
#include "tests/client/sample.h"

TestSuite(call, .init = plain_surroundings, .timeout = 60);

#define ID "0b1c6b0e-3c3f-4c56-9a53-0f6f0d0f4d10"
#define CALL(state, more)                                               \
	"{\"call\":\"" ID "\",\"state\":\"" state "\",\"number\":4821," \
	"\"phone\":\"1001\",\"to\":\"+4930901820\",\"since\":"          \
	"1606036920000" more "}"
#define GET_AFTER(state) "GET /v1/calls/" ID "?after=" state "&wait_s=25"

#define HELD                                                                   \
	{                                                                      \
		"GET /v1/items/held", 200, SAMPLE_CARD("4821", ""), FAKE_JSON, \
		    0                                                          \
	}
#define ORDERED                                                                \
	{                                                                      \
		"POST /v1/items/4821/call", 202, CALL("agent", ""), FAKE_JSON, \
		    0                                                          \
	}
#define PICKED_UP                                                           \
	{                                                                   \
		GET_AFTER("agent"), 200, CALL("customer", ""), FAKE_JSON, 0 \
	}

static struct ran
ended_with(const char *body)
{
	static struct fake_rule rules[5];
	struct fake *fake;
	struct ran r;

	rules[0] = (struct fake_rule)HELD;
	rules[1] = (struct fake_rule)ORDERED;
	rules[2] =
	    (struct fake_rule){ GET_AFTER("agent"), 200, body, FAKE_JSON, 0 };
	fake = fake_start(rules);
	r = run(fake, "call", NULL);
	fake_stop(fake);
	return r;
}

Test(call, it_is_told_line_by_line_and_ends_with_what_is_proposed)
{
	static const struct fake_rule rules[] = {
		HELD,
		ORDERED,
		PICKED_UP,
		{ GET_AFTER("customer"), 200, CALL("talking", ""), FAKE_JSON,
		  0 },
		{ GET_AFTER("talking"), 200,
		  CALL("ended", ",\"result\":\"talked\",\"talked_s\":190,"
				"\"outcome\":\"done\""),
		  FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct ran r = run(fake, "call", NULL);

	cr_expect_eq(r.code, 0);
	cr_expect_str_eq(
	    r.out, "Your phone 1001 is ringing.\n"
		   "Ringing Maria Schr\xc3\xb6"
		   "der, 030 901820.\n"
		   "Talking since 22 Nov 2020.\n"
		   "Ended after 3:10.\n"
		   "Next: ringback done -m TEXT, or ringback done no-answer, "
		   "later WHEN. A voicemail that answered is: ringback done "
		   "voicemail.\n");
	cr_expect_str_eq(r.err, "");
	HAS(fake_heard(fake), "{\"fence\":123}");
	fake_stop(fake);
}

Test(call, each_end_has_its_words_and_what_helps)
{
	static const struct {
		const char *result;
		const char *says;
		const char *next;
		int code;
	} ends[] = {
		{ "\"result\":\"busy\",\"outcome\":\"busy\"", "Busy.\n",
		  "Next: ringback done busy", 1 },
		{ "\"result\":\"no-answer\",\"outcome\":\"no-answer\"",
		  "Nobody answered.\n", "Next: ringback done no-answer", 1 },
		{ "\"result\":\"bad-number\",\"outcome\":\"bad-number\"",
		  "There is no such number.\n", "ringback done bad-number", 1 },
		{ "\"result\":\"refused\",\"why\":\"Congestion\"",
		  "The call was refused there. (Congestion)\n",
		  "Once more: ringback call, or dial by hand.", 1 },
		{ "\"result\":\"agent-no-answer\"",
		  "Your phone 1001 was not picked up.\n",
		  "Once more: ringback call", 1 },
		{ "\"result\":\"agent-busy\"", "Your phone 1001 is busy.\n",
		  "ringback call --phone NUMBER", 1 },
		{ "\"result\":\"agent-away\"",
		  "Your phone 1001 is not there, or it refused the call.\n",
		  "ringback agents phone NUMBER", 1 },
		{ "\"result\":\"given-up\"", "Hung up before anybody",
		  "Once more: ringback call.", 1 },
		{ "\"result\":\"lost\"", "How the call ended is not known",
		  "If you talked: ringback done", 4 },
		{ "\"result\":\"eaten-by-a-bear\"", "Ended: eaten-by-a-bear.\n",
		  "Next: ringback done", 1 },
	};
	char body[400];
	size_t i;

	for (i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		struct ran r;

		snprintf(body, sizeof body,
			 "{\"call\":\"" ID "\",\"state\":\"ended\",%s}",
			 ends[i].result);
		r = ended_with(body);
		cr_expect_eq(r.code, ends[i].code, "%s: %d %s", ends[i].result,
			     r.code, r.err);
		HAS(r.out, ends[i].says);
		HAS(r.out, ends[i].next);
	}
}

Test(call, json_is_an_object_a_state)
{
	static const struct fake_rule rules[] = {
		HELD,
		ORDERED,
		PICKED_UP,
		{ GET_AFTER("customer"), 200,
		  CALL("ended", ",\"result\":\"busy\",\"outcome\":\"busy\""),
		  FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct ran r = run(fake, "call", "--json", "--phone", "1007",
			   "--source", "pbx", NULL);

	cr_expect_eq(r.code, 1);
	cr_expect_str_eq(
	    r.out,
	    CALL("agent", "") "\n" CALL("customer", "") "\n" CALL(
		"ended", ",\"result\":\"busy\",\"outcome\":\"busy\"") "\n");
	HAS(fake_heard(fake), "{\"fence\":123,\"phone\":\"1007\","
			      "\"source\":\"pbx\"}");
	fake_stop(fake);
}

Test(call, a_refusal_is_the_daemons)
{
	static const struct fake_rule rules[] = {
		{ "GET /v1/items/4821", 200, SAMPLE_CARD("4821", ""), FAKE_JSON,
		  0 },
		{ "POST /v1/items/4821/call", 409,
		  "{\"status\":409,\"detail\":\"No phone of yours is known.\","
		  "\"help\":\"Tell it: ringback agents phone 1001\"}",
		  FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct ran r = run(fake, "call", "4821", NULL);

	cr_expect_eq(r.code, 1);
	cr_expect_str_eq(r.out, "");
	cr_expect_str_eq(r.err, "ringback: No phone of yours is known.\n"
				"  Tell it: ringback agents phone 1001\n");
	fake_stop(fake);
}

Test(call, a_system_that_is_away_exits_4)
{
	static const struct fake_rule rules[] = {
		HELD,
		{ "POST /v1/items/4821/call", 503,
		  "{\"status\":503,\"detail\":\"The telephone system pbx is "
		  "away since 09:58 (refused).\"}",
		  FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct ran r = run(fake, "call", NULL);

	cr_expect_eq(r.code, 4);
	HAS(r.err, "The telephone system pbx is away since 09:58");
	fake_stop(fake);
}

Test(call, who_holds_nothing_is_told_so)
{
	static const struct fake_rule rules[] = {
		{ "GET /v1/items/held", 409,
		  "{\"status\":409,\"detail\":\"You hold nothing.\",\"help\":"
		  "\"ringback next\"}",
		  FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct ran r = run(fake, "call", NULL);

	cr_expect_eq(r.code, 1);
	HAS(r.err, "You hold nothing.");
	HAS_NOT(fake_heard(fake), "POST");
	cr_expect_eq(run(fake, "call", "anna", NULL).code, 2);
	cr_expect_eq(run(fake, "call", "1", "2", NULL).code, 2);
	cr_expect_eq(run(fake, "call", "--phone", "\xff", NULL).code, 1);
	fake_stop(fake);
}

Test(call, an_order_without_an_answer_is_not_repeated)
{
	static const struct fake_rule rules[] = { HELD,
						  { "POST /v1/items/4821/call",
						    0, "", FAKE_RAW, 1 },
						  ORDERED,
						  { 0 } };
	struct fake *fake = fake_start(rules);
	struct ran r = run(fake, "call", NULL);
	const char *once = strstr(fake_heard(fake), "/call HTTP");

	cr_expect_eq(r.code, 4);
	HAS(r.err, "if your phone rings, ringback call shows it");
	cr_assert_not_null(once);
	HAS_NOT(once + 1, "/call HTTP");
	fake_stop(fake);
}

#define CARD_CALLING(told)                                     \
	"{\"held\":true,\"item\":" SAMPLE_ITEM("4821", "held", \
					       "") ",\"calling\":" told "}"

Test(call, one_that_is_under_way_is_shown_and_not_doubled)
{
	static const struct fake_rule rules[] = {
		{ "GET /v1/items/held", 200,
		  CARD_CALLING("{\"call\":\"" ID "\",\"state\":\"customer\"}"),
		  FAKE_JSON, 0 },
		{ "GET /v1/calls/" ID "?wait_s=25", 200, CALL("talking", ""),
		  FAKE_JSON, 0 },
		{ GET_AFTER("talking"), 200,
		  CALL("ended", ",\"result\":\"talked\""), FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct ran r = run(fake, "call", NULL);

	cr_expect_eq(r.code, 0);
	HAS(r.out, "A call is under way already.\nTalking since ");
	HAS(r.out, "Ended.\n");
	HAS_NOT(fake_heard(fake), "POST");
	fake_stop(fake);
}

Test(call, a_daemon_that_dies_in_mid_call_is_borne_and_the_item_tells)
{
	static const struct fake_rule rules[] = {
		HELD,
		ORDERED,
		{ GET_AFTER("agent"), 0, "", FAKE_RAW, 4 },
		{ GET_AFTER("agent"), 404, "{\"status\":404}", FAKE_JSON, 0 },
		{ "GET /v1/items/4821", 200,
		  CARD_CALLING("{\"call\":\"" ID "\",\"state\":\"customer\"}"),
		  FAKE_JSON, 1 },
		{ GET_AFTER("customer"), 404, "{\"status\":404}", FAKE_JSON,
		  0 },
		{ "GET /v1/items/4821", 200,
		  CARD_CALLING("{\"call\":\"" ID "\",\"state\":\"ended\","
			       "\"result\":\"busy\",\"outcome\":\"busy\"}"),
		  FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct ran r = run(fake, "call", NULL);

	cr_expect_eq(r.code, 1);
	HAS(r.err, "daemon gone, trying again; the call itself goes on");
	HAS(r.err, "back after ");
	HAS(r.out, "Ringing Maria");
	HAS(r.out, "Busy.\nNext: ringback done busy");
	fake_stop(fake);
}

Test(call, what_nobody_knows_any_more_is_lost)
{
	static const struct fake_rule rules[] = {
		HELD,
		ORDERED,
		{ GET_AFTER("agent"), 404, "{\"status\":404}", FAKE_JSON, 0 },
		{ "GET /v1/items/4821", 200, SAMPLE_CARD("4821", ""), FAKE_JSON,
		  0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct ran r = run(fake, "call", NULL);

	cr_expect_eq(r.code, 4);
	HAS(r.out, "How the call ended is not known");
	fake_stop(fake);
}

Test(call, while_it_rings_ctrl_c_hangs_up)
{
	static const struct fake_rule rules[] = {
		HELD,
		ORDERED,
		{ GET_AFTER("agent"), 200, "", FAKE_HANG, 1 },
		{ GET_AFTER("agent"), 200,
		  CALL("ended", ",\"result\":\"given-up\""), FAKE_JSON, 0 },
		{ "POST /v1/calls/" ID "/hangup", 200, "{}", FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = tty_start(fake, "call");

	cr_assert(tty_await(t, "Your phone 1001 is ringing."));
	cr_assert(fake_await(fake, GET_AFTER("agent")));
	tty_type(t, "\x03");
	cr_expect(tty_await(t, "hanging up"));
	cr_expect(tty_await(t, "Hung up before anybody answered."));
	cr_expect_eq(tty_end(t), 1);
	HAS(fake_heard(fake), "POST /v1/calls/" ID "/hangup");
	fake_stop(fake);
}

Test(call, while_they_talk_ctrl_c_leaves_the_call_alone)
{
	static const struct fake_rule rules[] = {
		HELD,
		ORDERED,
		{ GET_AFTER("agent"), 200, CALL("talking", ""), FAKE_JSON, 0 },
		{ GET_AFTER("talking"), 200, "", FAKE_HANG, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = tty_start(fake, "call");

	cr_assert(tty_await(t, "Talking since"));
	cr_assert(fake_await(fake, GET_AFTER("talking")));
	tty_type(t, "\x03");
	cr_expect(tty_await(t, "the call goes on"));
	cr_expect_eq(tty_end(t), 0);
	HAS_NOT(fake_heard(fake), "/hangup");
	fake_stop(fake);
}

Test(call, nothing_of_it_steers_a_terminal_or_names_another_command)
{
	struct ran r = ended_with(
	    "{\"call\":\"" ID "\",\"state\":\"ended\",\"result\":\"refused\","
	    "\"outcome\":\"busy; rm -rf /\",\"why\":\"\\u001b[2J\\u202eboo\"}");

	HAS(r.out, "The call was refused there. (?[2J?boo)");
	HAS_NOT(r.out, "rm -rf");
	cr_expect_null(strchr(r.out, 033));
}

Test(call, odd_answers_end_it_or_are_passed_over)
{
	static const char *const bodies[] = {
		"{}",
		"{\"call\":7,\"state\":[]}",
		"{\"call\":\"" ID "\"}",
		"{\"call\":\"\",\"state\":\"agent\"}",
		"{\"state\":\"ended\"}",
	};
	static struct fake_rule rules[3];
	size_t i;

	for (i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		struct fake *fake;
		struct ran r;

		rules[0] = (struct fake_rule)HELD;
		rules[1] = (struct fake_rule){ "POST /v1/items/4821/call", 202,
					       bodies[i], FAKE_JSON, 0 };
		fake = fake_start(rules);
		r = run(fake, "call", NULL);
		cr_expect_eq(r.code, 4, "%zu: %d", i, r.code);
		HAS(r.err, "did not say which call");
		fake_stop(fake);
	}
}

Test(call, odd_figures_of_an_end_are_shown_as_they_can_be)
{
	struct ran r =
	    ended_with("{\"call\":\"" ID "\",\"state\":\"ended\",\"result\":"
		       "\"talked\",\"talked_s\":8999999999999,\"since\":-1e308,"
		       "\"outcome\":{},\"why\":7}");

	cr_expect_eq(r.code, 0);
	HAS(r.out, "Ended after 2499999999:59:59.\n");
}
