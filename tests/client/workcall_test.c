/* The key c of ringback work: a call beside all other keys. */
#include <stdlib.h>
#include <time.h>

#include "tests/client/expect.h"
#include "tests/client/fake.h"
#include "tests/client/sample.h"

TestSuite(workcall, .init = plain_surroundings, .timeout = 60);

/* Keys that come within 0.3 s of an item, or of the end of a call, are not
 * meant for it. */
static void
look_at_it(void)
{
	struct timespec t = { 0, 400 * 1000 * 1000 };

	nanosleep(&t, NULL);
}

#define ID "0b1c6b0e-3c3f-4c56-9a53-0f6f0d0f4d10"
#define CALL(state, more)                                               \
	"{\"call\":\"" ID "\",\"state\":\"" state "\",\"number\":4821," \
	"\"phone\":\"1001\",\"to\":\"+4930901820\"" more "}"
#define GET_AFTER(state) "GET /v1/calls/" ID "?after=" state "&wait_s=25"
#define ME_WITH(phone)                                                  \
	"{\"name\":\"anna\",\"role\":\"agent\",\"queues\":[\"sales\"]," \
	"\"duty\":\"on\",\"phone\":" phone "}"
#define CARD_CALLING(told)                                     \
	"{\"held\":true,\"item\":" SAMPLE_ITEM("4821", "held", \
					       "") ",\"calling\":" told "}"

#define HERE(phone)                                                \
	{ "POST /v1/me/duty", 200, ME_WITH(phone), FAKE_JSON, 0 }, \
	{                                                          \
		"GET /v1/me", 200, ME_WITH(phone), FAKE_JSON, 0    \
	}
#define NEXT                                                             \
	{ "POST /v1/next", 200, SAMPLE_CARD("4821", ""), FAKE_JSON, 1 }, \
	{                                                                \
		"POST /v1/next", 200, SAMPLE_NOTHING, FAKE_HANG, 0       \
	}
#define POLLED                                                                 \
	{                                                                      \
		"GET /v1/items/4821", 200, SAMPLE_CARD("4821", ""), FAKE_JSON, \
		    0                                                          \
	}
#define ORDERED                                                                \
	{                                                                      \
		"POST /v1/items/4821/call", 202, CALL("agent", ""), FAKE_JSON, \
		    0                                                          \
	}
#define RECORDED                                                    \
	{                                                           \
		"POST /v1/items/4821/outcome", 200,                 \
		    SAMPLE_DONE("busy", "closed", ""), FAKE_JSON, 0 \
	}

/* The screen with the item on it, long enough to be meant. */
static struct tty *
at_work(struct fake *fake)
{
	struct tty *t = tty_start(fake, "work");

	cr_assert(tty_await(t, "c call   d done"));
	look_at_it();
	return t;
}

static void
leave(struct fake *fake, struct tty *t)
{
	look_at_it();
	tty_type(t, "qk");
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}

Test(workcall, c_calls_and_enter_takes_what_the_end_proposes)
{
	static const struct fake_rule rules[] = {
		HERE("\"1001\""),
		NEXT,
		POLLED,
		ORDERED,
		{ GET_AFTER("agent"), 200, CALL("customer", ""), FAKE_JSON, 0 },
		{ GET_AFTER("customer"), 200,
		  CALL("ended", ",\"result\":\"busy\",\"outcome\":\"busy\""),
		  FAKE_JSON, 0 },
		RECORDED,
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = at_work(fake);

	tty_type(t, "c");
	cr_expect(tty_await(t, "Busy. "));
	cr_expect(tty_await(t, "Enter or b records busy."));
	HAS(fake_heard(fake), "POST /v1/items/4821/call");
	HAS(fake_heard(fake), "{\"fence\":123}");
	HAS_NOT(fake_heard(fake), "/outcome");
	look_at_it();
	tty_type(t, "\r");
	cr_expect(tty_await(t, "4821 busy"));
	HAS(fake_heard(fake), "{\"outcome\":\"busy\",\"fence\":123,\"next\":"
			      "true}");
	tty_type(t, "q");
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}

Test(workcall, all_other_keys_work_while_it_rings)
{
	static const struct fake_rule rules[] = {
		HERE("\"1001\""),
		NEXT,
		POLLED,
		ORDERED,
		{ GET_AFTER("agent"), 200, CALL("customer", ""), FAKE_JSON, 0 },
		{ GET_AFTER("customer"), 200, "", FAKE_HANG, 0 },
		{ "POST /v1/items/4821/note", 200, "{}", FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = at_work(fake);

	tty_type(t, "c");
	cr_expect(tty_await(t, "Ringing Maria Schr\xc3\xb6"
			       "der, 030 901820."));
	cr_expect(tty_await(t, "c end   d done"));
	tty_type(t, "mwants ten\r");
	cr_expect(tty_await(t, "Ringing Maria"));
	cr_expect(tty_await(t, "4821 noted."));
	/* Nothing has ended, so Enter takes nothing. */
	tty_type(t, "\r");
	look_at_it();
	HAS_NOT(fake_heard(fake), "/outcome");
	leave(fake, t);
}

Test(workcall, c_during_a_call_offers_to_hang_up)
{
	static const struct fake_rule rules[] = {
		HERE("\"1001\""),
		NEXT,
		POLLED,
		ORDERED,
		{ GET_AFTER("agent"), 200, "", FAKE_HANG, 0 },
		{ "POST /v1/calls/" ID "/hangup", 200,
		  CALL("ended", ",\"result\":\"given-up\""), FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = at_work(fake);

	tty_type(t, "c");
	cr_expect(tty_await(t, "Your phone 1001 is ringing."));
	tty_type(t, "c");
	cr_expect(tty_await(t, "End the call with Maria"));
	tty_type(t, "\033");
	cr_expect(tty_await(t, "c end   d done"));
	HAS_NOT(fake_heard(fake), "/hangup");
	tty_type(t, "c");
	cr_expect(tty_await(t, "any other key goes on"));
	tty_type(t, "c");
	cr_expect(tty_await(t, "Hung up before anybody answered."));
	cr_expect(tty_await(t, "c rings once more."));
	HAS(fake_heard(fake), "POST /v1/calls/" ID "/hangup");
	look_at_it();
	tty_type(t, "\r");
	look_at_it();
	HAS_NOT(fake_heard(fake), "/outcome");
	leave(fake, t);
}

Test(workcall, who_has_no_phone_is_asked_for_it_once)
{
	static const struct fake_rule rules[] = {
		{ "POST /v1/me/duty", 200, ME_WITH("null"), FAKE_JSON, 0 },
		{ "GET /v1/me", 200, ME_WITH("null"), FAKE_JSON, 1 },
		{ "GET /v1/me", 200, ME_WITH("\"1001\""), FAKE_JSON, 0 },
		NEXT,
		POLLED,
		{ "PUT /v1/agents/anna/phone", 422,
		  "{\"status\":422,\"detail\":\"phone must be digits.\"}",
		  FAKE_JSON, 1 },
		{ "PUT /v1/agents/anna/phone", 200, "{}", FAKE_JSON, 0 },
		ORDERED,
		{ GET_AFTER("agent"), 200,
		  CALL("ended", ",\"result\":\"agent-no-answer\""), FAKE_JSON,
		  0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = at_work(fake);
	const char *once;

	tty_type(t, "c");
	cr_expect(tty_await(t, "your phone? _"));
	tty_type(t, "x\r");
	cr_expect(tty_await(t, "phone must be digits."));
	cr_expect(tty_await(t, "your phone? x_"));
	tty_type(t, "\x7f"
		    "1001\r");
	cr_expect(tty_await(t, "Your phone 1001 was not picked up."));
	HAS(fake_heard(fake), "{\"phone\":\"1001\"}");
	look_at_it();
	tty_type(t, "c");
	cr_expect(fake_await(fake, "/call HTTP"));
	cr_expect(tty_await(t, "Your phone 1001 was not picked up."));
	once = strstr(fake_heard(fake), "{\"phone\":\"1001\"}");
	HAS_NOT(once + 1, "PUT ");
	leave(fake, t);
}

Test(workcall, a_phone_that_was_not_there_is_asked_for_again)
{
	static const struct fake_rule rules[] = {
		HERE("\"1001\""),
		NEXT,
		POLLED,
		ORDERED,
		{ GET_AFTER("agent"), 200,
		  CALL("ended", ",\"result\":\"agent-away\""), FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = at_work(fake);

	tty_type(t, "c");
	cr_expect(tty_await(t, "Your phone 1001 is not there"));
	tty_type(t, "c");
	cr_expect(tty_await(t, "your phone? 1001_"));
	tty_type(t, "\033");
	leave(fake, t);
}

Test(workcall, a_refusal_and_a_system_that_is_away_are_told)
{
	static const struct fake_rule rules[] = {
		HERE("\"1001\""),
		NEXT,
		POLLED,
		{ "POST /v1/items/4821/call", 409,
		  "{\"status\":409,\"detail\":\"The customer of 4821 is being "
		  "called already, by ben.\"}",
		  FAKE_JSON, 1 },
		{ "POST /v1/items/4821/call", 503,
		  "{\"status\":503,\"detail\":\"The telephone system pbx is "
		  "away.\"}",
		  FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = at_work(fake);

	tty_type(t, "c");
	cr_expect(tty_await(t, "is being called already, by ben."));
	tty_type(t, "c");
	cr_expect(tty_await(t, "Not called: The telephone system pbx is "
			       "away."));
	/* It is only this one thing that is away. */
	cr_expect_not(tty_saw(t, "daemon gone"));
	leave(fake, t);
}

Test(workcall, an_order_without_an_answer_is_not_repeated)
{
	static const struct fake_rule rules[] = {
		HERE("\"1001\""),
		NEXT,
		{ "POST /v1/items/4821/call", 0, "", FAKE_RAW, 0 },
		{ "GET /v1/items/4821", 200,
		  CARD_CALLING("{\"call\":\"" ID "\",\"state\":\"customer\"}"),
		  FAKE_JSON, 0 },
		{ GET_AFTER("customer"), 200, "", FAKE_HANG, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = at_work(fake);
	const char *once;

	tty_type(t, "c");
	cr_expect(tty_await(t, "does your phone ring?"));
	/* ... and what became of it is found by itself. */
	cr_expect(tty_await(t, "Ringing Maria"));
	once = strstr(fake_heard(fake), "/call HTTP");
	cr_assert_not_null(once);
	HAS_NOT(once + 1, "/call HTTP");
	leave(fake, t);
}

Test(workcall, a_daemon_that_dies_in_mid_call_is_borne_and_the_card_tells)
{
	static const struct fake_rule rules[] = {
		HERE("\"1001\""),
		NEXT,
		ORDERED,
		{ GET_AFTER("agent"), 0, "", FAKE_RAW, 4 },
		{ GET_AFTER("agent"), 404, "{\"status\":404}", FAKE_JSON, 0 },
		{ "GET /v1/items/4821", 200,
		  CARD_CALLING("{\"call\":\"" ID "\",\"state\":\"ended\","
			       "\"result\":\"lost\"}"),
		  FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = at_work(fake);

	tty_type(t, "c");
	cr_expect(tty_await(t, "daemon gone, trying again"));
	cr_expect(tty_await(t, "How the call ended is not known"));
	leave(fake, t);
}

Test(workcall, what_nobody_knows_any_more_is_lost)
{
	static const struct fake_rule rules[] = {
		HERE("\"1001\""),
		NEXT,
		ORDERED,
		POLLED,
		{ GET_AFTER("agent"), 404, "{\"status\":404}", FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = at_work(fake);

	tty_type(t, "c");
	cr_expect(tty_await(t, "How the call ended is not known"));
	leave(fake, t);
}

Test(workcall, one_that_is_under_way_already_is_seen_at_once)
{
	static const struct fake_rule rules[] = {
		HERE("\"1001\""),
		{ "POST /v1/next", 200,
		  CARD_CALLING("{\"call\":\"" ID "\",\"state\":\"talking\"}"),
		  FAKE_JSON, 1 },
		{ "POST /v1/next", 200, SAMPLE_NOTHING, FAKE_HANG, 0 },
		{ "GET /v1/items/4821", 200,
		  CARD_CALLING("{\"call\":\"" ID "\",\"state\":\"talking\"}"),
		  FAKE_JSON, 0 },
		{ GET_AFTER("talking"), 200,
		  CALL("ended", ",\"result\":\"talked\",\"talked_s\":65,"
				"\"outcome\":\"done\""),
		  FAKE_JSON, 0 },
		{ "POST /v1/items/4821/outcome", 200,
		  SAMPLE_DONE("voicemail", "scheduled", ""), FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = tty_start(fake, "work");

	cr_expect(tty_await(t, "Ended after 1:05."));
	cr_expect(tty_await(t, "Enter or d: done. v: a voicemail answered."));
	look_at_it();
	tty_type(t, "v");
	cr_expect(tty_await(t, "4821 voicemail"));
	HAS(fake_heard(fake), "{\"outcome\":\"voicemail\",\"fence\":123");
	tty_type(t, "q");
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}

Test(workcall, a_small_and_hostile_one_stays_on_the_screen)
{
	static const struct fake_rule rules[] = {
		HERE("\"1001\""),
		NEXT,
		POLLED,
		ORDERED,
		{ GET_AFTER("agent"), 200,
		  CALL("ended", ",\"result\":\"\\u001b[2Jx\",\"outcome\":"
				"\"\\u009bdone\",\"why\":\"\\u202e\""),
		  FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t;

	setenv("LC_ALL", "C", 1);
	setenv("NO_COLOR", "1", 1);
	t = tty_start_size(fake, "work", 10, 40);
	cr_assert(tty_await(t, "\n c d n v b l o m t r u p q"));
	look_at_it();
	tty_type(t, "c");
	cr_expect(tty_await(t, " Ended: ?[2Jx. (?) c rings once more."));
	cr_expect_not(tty_saw(t, "\033[2J"));
	cr_expect_not(tty_saw(t, "\033[1m"));
	leave(fake, t);
}
