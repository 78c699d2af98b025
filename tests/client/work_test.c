/* The screen that stays: ringback work. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/client/expect.h"
#include "tests/client/fake.h"
#include "tests/client/sample.h"

TestSuite(work, .init = plain_surroundings, .timeout = 60);

/* Keys that come within 0.3 s of an item are not meant for it. */
static void
look_at_it(void)
{
	struct timespec t = { 0, 400 * 1000 * 1000 };

	nanosleep(&t, NULL);
}

/* After an item went by itself, keys count when they have rested for 1 s. */
static void
rest(void)
{
	struct timespec t = { 1, 200 * 1000 * 1000 };

	nanosleep(&t, NULL);
}

static const struct fake_rule day[] = {
	{ "POST /v1/me/duty", 200, SAMPLE_ME, FAKE_JSON, 0 },
	{ "GET /v1/me", 200, SAMPLE_ME, FAKE_JSON, 0 },
	{ "POST /v1/next", 200, SAMPLE_CARD("4821", ""), FAKE_JSON, 1 },
	{ "POST /v1/next", 200, SAMPLE_NOTHING, FAKE_JSON, 1 },
	{ "POST /v1/next", 200, SAMPLE_NOTHING, FAKE_HANG, 0 },
	{ "POST /v1/items/4821/outcome", 200,
	  "{\"item\":" SAMPLE_ITEM(
	      "4821", "scheduled",
	      ",\"why\":\"retry\",\"try_at\":\"2099-01-01T00:00:"
	      "00Z\"") ",\"outcome\":\"no-answer\",\"undo_s\":60,"
		       "\"next\":" SAMPLE_CARD("4823", ",\"name\":\"Peter "
						       "Lang\"") "}",
	  FAKE_JSON, 0 },
	{ "POST /v1/items/4823/outcome", 200,
	  "{\"item\":" SAMPLE_ITEM(
	      "4823", "scheduled",
	      ",\"try_at\":\"2099-11-25T15:00:00Z\",\"local\":"
	      "\"Wed 25 Nov "
	      "10:00\",\"timezone\":\"America/New_York\","
	      "\"until\":\"2099-11-25T15:15:00Z\"") ",\"outcome\":"
						    "\"later\"}",
	  FAKE_JSON, 1 },
	{ "POST /v1/items/4823/outcome", 200,
	  "{\"item\":" SAMPLE_ITEM(
	      "4823", "closed",
	      "") ",\"outcome\":\"later\",\"next\":" SAMPLE_NOTHING "}",
	  FAKE_JSON, 0 },
	{ "POST /v1/items/4821/note", 200, "{}", FAKE_JSON, 0 },
	{ "POST /v1/items/4821/release", 200, "{}", FAKE_JSON, 0 },
	{ "POST /v1/undo", 200,
	  "{\"item\":" SAMPLE_ITEM("4821", "held",
				   "") ",\"put_back\":{\"number\":4823,"
				       "\"name\":\"Peter Lang\"}}",
	  FAKE_JSON, 0 },
	{ "GET /v1/items/", 200, SAMPLE_CARD("4821", ""), FAKE_JSON, 0 },
	{ 0 },
};

Test(work, it_needs_a_terminal)
{
	struct fake *fake = fake_start(day);
	struct ran r = run(fake, "work", NULL);

	cr_expect_eq(r.code, 1);
	HAS(r.err, "work needs a terminal");
	cr_expect_str_eq(fake_heard(fake), "");
	fake_stop(fake);
}

Test(work, one_key_records_and_shows_the_next)
{
	struct fake *fake = fake_start(day);
	struct tty *t = tty_start(fake, "work");

	cr_assert(tty_await(t, "4821"));
	cr_expect(tty_await(t, "n no answer"));
	look_at_it();
	tty_type(t, "n");
	cr_expect(tty_await(t, "Peter Lang"));
	cr_expect(tty_await(t, "4821 no answer"));
	HAS(fake_heard(fake),
	    "{\"outcome\":\"no-answer\",\"fence\":123,\"next\":true}");
	look_at_it();
	tty_type(t, "l");
	cr_expect(tty_await(t, "later when?"));
	tty_type(t, "tomorrow 1x\x7f"
		    "0\r");
	cr_expect(tty_await(t, "Wed 25 Nov 10:00 in New York"));
	HAS(fake_heard(fake), "\"at\":\"tomorrow 10\",\"anyone\":false,"
			      "\"dry_run\":true}");
	tty_type(t, "a");
	cr_expect(tty_await(t, "Anyone may ring."));
	tty_type(t, "\r");
	cr_expect(tty_await(t, "Nothing to call now"));
	HAS(fake_heard(fake), "\"at\":\"tomorrow 10\",\"anyone\":true,"
			      "\"next\":true}");
	tty_type(t, "q");
	cr_expect_eq(tty_end(t), 0);
	cr_expect(fake_await(fake, "{\"duty\":\"gone\"}"));
	fake_stop(fake);
}

Test(work, a_key_for_the_last_item_does_not_hit_the_next)
{
	struct fake *fake = fake_start(day);
	struct tty *t = tty_start(fake, "work");

	cr_assert(tty_await(t, "n no answer"));
	look_at_it();
	tty_type(t, "n");
	cr_assert(tty_await(t, "Peter Lang"));
	tty_type(t, "n");
	look_at_it();
	tty_type(t, "m");
	cr_expect(tty_await(t, "note:"));
	cr_expect_null(strstr(fake_heard(fake), "items/4823/outcome"));
	tty_type(t, "\033");
	look_at_it();
	tty_type(t, "qk");
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}

Test(work, quitting_with_something_in_hand_asks)
{
	struct fake *fake = fake_start(day);
	struct tty *t = tty_start(fake, "work");

	cr_assert(tty_await(t, "n no answer"));
	look_at_it();
	tty_type(t, "q");
	cr_expect(tty_await(t, "You still hold 4821"));
	tty_type(t, "r");
	cr_expect_eq(tty_end(t), 0);
	HAS(fake_heard(fake), "POST /v1/items/4821/release");
	fake_stop(fake);
}

Test(work, a_note_is_typed_and_an_arrow_is_not)
{
	struct fake *fake = fake_start(day);
	struct tty *t = tty_start(fake, "work");

	cr_assert(tty_await(t, "n no answer"));
	look_at_it();
	tty_type(t, "m");
	cr_expect(tty_await(t, "note:"));
	tty_type(t, "\033[A");
	tty_type(t, "h\xc3\xb6ll\xc3\xb6\x7f\r");
	cr_expect(tty_await(t, "4821 noted."));
	HAS(fake_heard(fake), "{\"note\":\"h\xc3\xb6ll\"}");
	tty_type(t, "\x03");
	cr_expect(tty_await(t, "You still hold"));
	tty_type(t, "\x03");
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}

Test(work, an_outcome_of_the_sites_own_has_its_key)
{
	struct fake_rule rules[sizeof day / sizeof day[0]];
	struct fake *fake;
	struct tty *t;

	memcpy(rules, day, sizeof day);
	rules[0].body = rules[1].body =
	    "{\"name\":\"anna\",\"duty\":\"on\",\"outcomes\":[{\"name\":"
	    "\"sent-voucher\",\"key\":\"g\"},{\"name\":\"x\"},7,{}]}";
	fake = fake_start(rules);
	t = tty_start(fake, "work");
	cr_assert(tty_await(t, " g sent voucher"));
	look_at_it();
	tty_type(t, "xg");
	cr_expect(tty_await(t, "Peter Lang"));
	HAS(fake_heard(fake), "{\"outcome\":\"sent-voucher\",\"fence\":123");
	look_at_it();
	tty_type(t, "qk");
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}

Test(work, u_says_before_and_after_what_it_takes_back)
{
	struct fake *fake = fake_start(day);
	struct tty *t = tty_start(fake, "work");

	cr_assert(tty_await(t, "n no answer"));
	look_at_it();
	tty_type(t, "n");
	cr_expect(tty_await(t, "u undo (60 s)"));
	tty_type(t, "\f"); /* any key: the message was read */
	cr_expect(tty_await(t, "u takes back: no answer of 4821"));
	tty_type(t, "u");
	cr_expect(tty_await(t, "Taken back: 4821 is yours again. 4823 Peter "
			       "Lang is back in the queue."));
	look_at_it();
	tty_type(t, "qk");
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}

Test(work, a_pause_with_an_item_in_hand_is_seen_at_once)
{
	static const struct fake_rule rules[] = {
		{ "POST /v1/me/duty", 200, SAMPLE_ME, FAKE_JSON, 1 },
		{ "POST /v1/me/duty", 200,
		  "{\"name\":\"anna\",\"duty\":\"paused\"}", FAKE_JSON, 1 },
		{ "POST /v1/me/duty", 200, SAMPLE_ME, FAKE_JSON, 0 },
		{ "GET /v1/me", 200, "{\"name\":\"anna\"}", FAKE_JSON, 0 },
		{ "POST /v1/next", 200, SAMPLE_CARD("4821", ""), FAKE_JSON, 0 },
		{ "GET /v1/items/", 200, SAMPLE_CARD("4821", ""), FAKE_JSON,
		  0 },
		{ "POST /v1/items/4821/release", 200, "{}", FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = tty_start(fake, "work");

	cr_assert(tty_await(t, "p pause"));
	look_at_it();
	tty_type(t, "p");
	cr_expect(tty_await(t, "PAUSED"));
	cr_expect(tty_await(t, "p go on"));
	tty_type(t, "r");
	cr_expect(tty_await(t, "Paused: you are off duty"));
	tty_type(t, "q");
	cr_expect(tty_await(t, "You are off duty now; ringback next puts you "
			       "on duty again."));
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}

Test(work, an_item_that_is_gone_says_what_the_daemon_knows)
{
	static const struct fake_rule rules[] = {
		{ "POST /v1/me/duty", 200, SAMPLE_ME, FAKE_JSON, 0 },
		{ "GET /v1/me", 200, SAMPLE_ME, FAKE_JSON, 0 },
		{ "POST /v1/next", 200, SAMPLE_CARD("4821", ""), FAKE_JSON, 1 },
		{ "POST /v1/next", 200, SAMPLE_NOTHING, FAKE_HANG, 0 },
		{ "POST /v1/items/4821/note", 404, "{\"status\":404}",
		  FAKE_JSON, 0 },
		{ "GET /v1/items/4821", 200,
		  "{\"item\":{\"number\":4821,\"state\":\"waiting\"},"
		  "\"history\":[{\"type\":\"released\",\"actor\":\"lea\"}]}",
		  FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = tty_start(fake, "work");

	cr_assert(tty_await(t, "n no answer"));
	look_at_it();
	tty_type(t, "m");
	tty_type(t, "x\r");
	cr_expect(tty_await(t, "4821 is no longer yours: given back, by lea."));
	rest();
	tty_type(t, "q");
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}

Test(work, a_small_terminal_shows_the_number_the_promise_and_the_keys)
{
	struct fake *fake = fake_start(day);
	struct tty *t;

	setenv("COLUMNS", "200", 1); /* of another terminal */
	setenv("NO_COLOR", "1", 1);
	t = tty_start_size(fake, "work", 10, 40);
	/* In this order, each line from the top on, and no empty ones. */
	cr_assert(tty_await(t, "\033[H work  anna"));
	cr_assert(tty_await(t, "\n 4821  Maria"));
	cr_expect(tty_await(t, "\n       call-back, sales"));
	cr_expect(tty_await(t, "030 901820"));
	cr_expect(tty_await(t, "\n promised"));
	cr_expect(tty_await(t, "\n c d n v b l o m t r u p q   ? keys"));
	cr_expect_not(tty_saw(t, "\n  ,"));
	look_at_it();
	tty_type(t, "qk");
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}

/* The hold of 4821 runs out in between: its renewal is refused. */
static const struct fake_rule lost[] = {
	{ "POST /v1/me/duty", 200, SAMPLE_ME, FAKE_JSON, 0 },
	{ "GET /v1/me", 200, SAMPLE_ME, FAKE_JSON, 0 },
	{ "POST /v1/next", 200,
	  "{\"held\":true,\"item\":{\"number\":4821,\"state\":\"held\","
	  "\"agent\":\"anna\",\"fence\":1,"
	  "\"hold_until\":\"2020-01-01T00:00:00Z\"}}",
	  FAKE_JSON, 1 },
	{ "POST /v1/next", 200, SAMPLE_CARD("4823", ",\"name\":\"Peter Lang\""),
	  FAKE_JSON, 0 },
	{ "POST /v1/items/4821/extend", 409,
	  "{\"status\":409,\"detail\":\"You do not hold 4821.\"}", FAKE_JSON,
	  0 },
	{ "POST /v1/items/4821/note", 200, "{}", FAKE_JSON, 0 },
	{ "GET /v1/items/4821", 200,
	  "{\"item\":{\"number\":4821,\"state\":\"waiting\"}}", FAKE_JSON, 0 },
	{ "GET /v1/items/4823", 200,
	  SAMPLE_CARD("4823", ",\"name\":\"Peter Lang\""), FAKE_JSON, 0 },
	{ "POST /v1/items/4823/outcome", 200, "{}", FAKE_JSON, 0 },
	{ 0 },
};

Test(work, a_line_that_is_typed_stays_with_its_item)
{
	struct fake *fake = fake_start(lost);
	struct tty *t = tty_start(fake, "work");

	cr_assert(tty_await(t, "n no answer"));
	look_at_it();
	tty_type(t, "m");
	tty_type(t, "she wan");
	cr_expect(tty_await(t, "4821 is no longer yours. Enter keeps the note "
			       "with it, Esc throws it away."));
	cr_expect_null(
	    strstr(strstr(fake_heard(fake), "/v1/next") + 1, "/v1/next"));
	tty_type(t, "ted d\r");
	cr_expect(fake_await(fake, "POST /v1/items/4821/note"));
	HAS(fake_heard(fake), "{\"note\":\"she wanted d\"}");
	cr_expect(tty_await(t, "Peter Lang"));
	look_at_it();
	tty_type(t, "d"); /* still out of the sentence */
	rest();
	tty_type(t, "?");
	cr_expect(tty_await(t, "Any key goes back."));
	cr_expect_null(strstr(fake_heard(fake), "4823/outcome"));
	tty_type(t, "?d");
	cr_expect(fake_await(fake, "POST /v1/items/4823/outcome"));
	cr_expect(tty_await(t, "Peter Lang"));
	rest();
	tty_type(t, "q");
	tty_type(t, "k");
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}

Test(work, a_time_for_what_is_gone_is_not_sent)
{
	struct fake *fake = fake_start(lost);
	struct tty *t = tty_start(fake, "work");

	cr_assert(tty_await(t, "n no answer"));
	look_at_it();
	tty_type(t, "l");
	tty_type(t, "tomorrow d");
	cr_expect(tty_await(t, "4821 is no longer yours. Esc goes on."));
	tty_type(t, "\r");
	cr_expect(tty_await(t, "so this cannot be done."));
	tty_type(t, "\033");
	cr_expect(tty_await(t, "Peter Lang"));
	rest();
	tty_type(t, "x");
	cr_expect(tty_await(t, "x is no key here; ? shows all."));
	cr_expect_null(strstr(fake_heard(fake), "/outcome"));
	tty_type(t, "q");
	tty_type(t, "k");
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}

Test(work, any_good_answer_ends_the_absence)
{
	static const struct fake_rule rules[] = {
		{ "POST /v1/me/duty", 200, SAMPLE_ME, FAKE_JSON, 0 },
		{ "POST /v1/next", 0, "", FAKE_RAW, 1 },
		{ "POST /v1/next", 200, SAMPLE_NOTHING, FAKE_HANG, 0 },
		{ "GET /v1/me", 200, SAMPLE_ME, FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = tty_start(fake, "work");

	cr_expect(tty_await(t, "daemon gone, trying again"));
	cr_expect(tty_await(t, "The daemon is back, after"));
	cr_expect_null(strstr(fake_heard(fake), "{\"wait_s\":50}"));
	tty_type(t, "q");
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}

Test(work, a_dumb_terminal_gets_lines_and_no_escapes)
{
	struct fake *fake = fake_start(day);
	struct tty *t;

	setenv("TERM", "dumb", 1);
	t = tty_start(fake, "work");
	cr_assert(tty_await(t, "n no answer"));
	cr_expect_not(tty_saw(t, "\033"));
	look_at_it();
	tty_type(t, "qk");
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}

Test(work, a_daemon_that_goes_away_is_borne)
{
	struct fake_rule rules[] = { day[0],
				     day[1],
				     { "POST /v1/next", 0, "", FAKE_RAW, 2 },
				     { "POST /v1/next", 200,
				       SAMPLE_CARD("4821", ""), FAKE_JSON, 0 },
				     { 0 } };
	struct fake *fake = fake_start(rules);
	struct tty *t = tty_start(fake, "work");

	cr_expect(tty_await(t, "daemon gone, trying again"));
	cr_expect(tty_await(t, "4821"));
	cr_expect(tty_await(t, "The daemon is back, after"));
	look_at_it();
	tty_type(t, "qk");
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}

#define AWAY                                                          \
	"{\"title\":\"Redis is away\",\"status\":503,\"away_since\":" \
	"\"2026-11-22T10:15:40.000Z\",\"kept\":3}"

Test(work, an_act_while_redis_is_away_is_told_and_a_note_stays)
{
	struct fake_rule rules[] = {
		day[0],
		{ "GET /v1/me", 200, SAMPLE_ME, FAKE_JSON, 0 },
		{ "POST /v1/next", 200, SAMPLE_CARD("4821", ""), FAKE_JSON, 0 },
		{ "POST /v1/items/4821/note", 503, AWAY, FAKE_JSON, 1 },
		{ "POST /v1/items/4821/note", 200, "{}", FAKE_JSON, 0 },
		{ "POST /v1/items/4821/outcome", 503, AWAY, FAKE_JSON, 0 },
		{ "GET /v1/items/4821", 503, AWAY, FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = tty_start(fake, "work");
	int i;

	cr_assert(tty_await(t, "n no answer"));
	look_at_it();
	tty_type(t, "mten drills\r");
	cr_expect(tty_await(t, "Not recorded: Redis is away since 10:15:40. "
			       "Go on, and press Enter again"));
	cr_expect(tty_await(t, "note: ten drills_"));
	tty_type(t, " more\r");
	cr_expect(fake_await(fake, "{\"note\":\"ten drills more\"}"));
	/* A key is refused until the last one is answered. */
	for (i = 0; i < 20 && strstr(fake_heard(fake), "/outcome") == NULL;
	     i++) {
		tty_type(t, "d");
		look_at_it();
	}
	cr_expect(tty_await(t, "Go on, and press the key again"));
	cr_expect(tty_await(t, "The last key was not recorded; press it"));
	look_at_it();
	tty_type(t, "qk");
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}

Test(work, an_item_that_is_nowhere_any_more_is_let_go)
{
	struct fake_rule rules[] = {
		day[0],
		{ "GET /v1/me", 200, SAMPLE_ME, FAKE_JSON, 0 },
		{ "POST /v1/next", 200, SAMPLE_CARD("4821", ""), FAKE_JSON, 1 },
		{ "POST /v1/next", 200, SAMPLE_NOTHING, FAKE_HANG, 0 },
		{ "POST /v1/items/4821/outcome", 404,
		  "{\"status\":404,\"detail\":\"There is no item 4821.\"}",
		  FAKE_JSON, 0 },
		{ "GET /v1/items/4821", 404,
		  "{\"status\":404,\"detail\":\"There is no item 4821.\"}",
		  FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct tty *t = tty_start(fake, "work");

	cr_assert(tty_await(t, "n no answer"));
	look_at_it();
	tty_type(t, "d");
	cr_expect(tty_await(t, "4821 is not there any more."));
	rest();
	tty_type(t, "q");
	cr_expect_eq(tty_end(t), 0);
	fake_stop(fake);
}
