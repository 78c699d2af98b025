/* Orders to a scripted Asterisk: their limits in time, and that each ends once
 * whatever comes.  How the ends are told apart: tests/api/calls.c. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/address.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/ami.h"
#include "daemon/sources/asterisk_leg.h"
#include "daemon/sources/asterisk_order.h"
#include "daemon/sources/asterisk_originate.h"
#include "daemon/sources/dialstring.h"
#include "daemon/sources/feed.h"
#include "tests/harness/loop.h"
#include "tests/harness/pbx.h"
#include "tests/harness/pbx_ami.h"

#define SOON 10000
#define ID "7e692820-b9d8-406c-bc53-5087b7732126"
#define CH "rb-" ID

struct rig {
	struct event_base *base;
	struct pbx *pbx;
	struct feed *feed;
	struct ami *ami;
	struct asterisk_originate *calls;
	int ups, told, ends;
	struct originate_news last;
};

static char dial_agent[] = "PJSIP/{phone}";
static char dial_customer[] = "{number}@out";
static char no_member[] = "";
static char tel[] = "tel";

static const struct policy_source section = { .name = tel,
					      .dial_agent = dial_agent,
					      .dial_customer = dial_customer,
					      .member = no_member };

static void
on_event(void *cookie, const struct ami_packet *p)
{
	struct rig *r = cookie;

	asterisk_originate_event(r->calls, p);
}

static void
on_changed(void *cookie, bool up)
{
	struct rig *r = cookie;

	if (up)
		r->ups++;
	else
		asterisk_originate_lost(r->calls);
}

static void
on_told(void *cookie, const struct originate_news *news)
{
	struct rig *r = cookie;

	cr_expect_eq(r->ends, 0, "told after its end");
	cr_expect(r->told == 0 || news->state > r->last.state);
	r->told++;
	r->ends += news->state == ORIGINATE_ENDED;
	r->last = *news;
	r->last.why = "";
}

static struct rig *
rig_up(void)
{
	struct rig *r = text_alloc(sizeof *r);
	struct fault fault = { "" };
	struct address to;

	r->base = event_base_new();
	r->pbx = pbx_start(r->base);
	r->feed = feed_new(
	    &(struct feed_options){ .base = r->base, .name = "tel" }, NULL);
	cr_assert_eq(address_parse(&to, pbx_address(r->pbx), -1, &fault), 0);
	r->ami = ami_new(&(struct ami_options){ .base = r->base,
						.to = &to,
						.user = "u",
						.secret = "s",
						.events = "call",
						.feed = r->feed,
						.event = on_event,
						.changed = on_changed,
						.cookie = r });
	r->calls = asterisk_originate_new(r->base, r->ami);
	cr_assert(pbx_came(r->pbx, 1, SOON) && pbx_ami_login(r->pbx, SOON));
	cr_assert(loop_while_zero(r->base, &r->ups, SOON));
	return r;
}

static void
rig_down(struct rig *r)
{
	ami_free(r->ami);
	asterisk_originate_free(r->calls);
	feed_free(r->feed);
	pbx_stop(r->pbx);
	event_base_free(r->base);
	free(r);
}

static const struct originate usual = { .id = ID,
					.phone = "201",
					.number = "+4930111",
					.caller_id = "+4930222",
					.agent_ms = 20000,
					.customer_ms = 20000 };

static void
order(struct rig *r, int64_t customer_ms)
{
	struct originate o = usual;
	struct fault fault = { "" };

	o.customer_ms = customer_ms;
	cr_assert_eq(asterisk_originate_order(r->calls, &section, &o, on_told,
					      r, &fault),
		     0, "%s", fault.text);
	cr_assert_eq(r->told, 0);
	cr_assert(pbx_asked(r->pbx, "Action: Originate", SOON));
	pbx_ami_answer(r->pbx, "Success", "");
}

#define BOTH_RING                                                       \
	"Event: Newchannel\r\nChannel: PJSIP/201-1\r\nUniqueid: " CH    \
	"\r\nLinkedid: " CH "\r\n\r\n"                                  \
	"Event: OriginateResponse\r\nActionID: " CH                     \
	"\r\nResponse: Success\r\nReason: 4\r\n\r\n"                    \
	"Event: Newchannel\r\nChannel: PJSIP/t-1\r\nUniqueid: 1.2\r\n"  \
	"Linkedid: " CH "\r\n\r\n"                                      \
	"Event: DialBegin\r\nUniqueid: " CH "\r\nDestUniqueid: 1.2\r\n" \
	"DestLinkedid: " CH "\r\n\r\n"

Test(unit_asterisk_originate, a_customer_rings_so_long_and_no_longer)
{
	struct rig *r = rig_up();

	order(r, 200);
	pbx_say(r->pbx, BOTH_RING);
	cr_assert(pbx_asked(r->pbx, "Action: Hangup", SOON));
	cr_expect_str_eq(pbx_field(r->pbx, "Channel"), CH);
	cr_expect_eq(r->ends, 0, "the system says when it is over");
	pbx_say(r->pbx,
		"Event: Hangup\r\nUniqueid: " CH "\r\nCause: 16\r\n\r\n");
	cr_assert(loop_while_zero(r->base, &r->ends, SOON));
	cr_expect_eq(r->last.result, ORIGINATE_NO_ANSWER);
	rig_down(r);
}

Test(unit_asterisk_originate, of_a_system_that_says_nothing_more_it_ends_too)
{
	struct rig *r = rig_up();

	order(r, 200);
	pbx_say(r->pbx, BOTH_RING);
	cr_assert(loop_while_zero(r->base, &r->ends, SOON));
	cr_expect_eq(r->last.result, ORIGINATE_NO_ANSWER);
	rig_down(r);
}

Test(unit_asterisk_originate, given_up_it_ends_though_nothing_is_heard)
{
	struct rig *r = rig_up();

	order(r, 20000);
	asterisk_originate_hang_up(r->calls, "another");
	asterisk_originate_hang_up(r->calls, ID);
	cr_assert(pbx_asked(r->pbx, "Action: Hangup", SOON));
	/* It was not there yet; when it is, it is hung up. */
	pbx_say(r->pbx, "Event: Newchannel\r\nUniqueid: " CH "\r\nLinkedid: " CH
			"\r\n\r\n");
	cr_assert(pbx_asked(r->pbx, "Action: Hangup", SOON));
	cr_assert(loop_while_zero(r->base, &r->ends, SOON));
	cr_expect_eq(r->last.result, ORIGINATE_GIVEN_UP);
	rig_down(r);
}

Test(unit_asterisk_originate, given_up_again_it_is_not_hung_up_again)
{
	struct rig *r = rig_up();

	order(r, 20000);
	for (int i = 0; i < 3; i++)
		asterisk_originate_hang_up(r->calls, ID);
	pbx_say(r->pbx, "Event: Newchannel\r\nUniqueid: c.1\r\nLinkedid: " CH
			"\r\n\r\n");
	cr_assert(pbx_asked(r->pbx, "Action: Hangup", SOON));
	cr_expect_str_eq(pbx_field(r->pbx, "Channel"), CH);
	cr_assert(pbx_asked(r->pbx, "Action: Hangup", SOON));
	cr_expect_str_eq(pbx_field(r->pbx, "Channel"), "c.1");
	rig_down(r);
}

Test(unit_asterisk_originate, what_is_under_way_when_it_stops_is_lost)
{
	struct rig *r = rig_up();

	order(r, 20000);
	pbx_say(r->pbx, BOTH_RING);
	while (r->told == 0)
		loop_for(r->base, 5);
	ami_free(r->ami);
	r->ami = NULL;
	cr_expect_eq(r->ends, 0);
	asterisk_originate_free(r->calls);
	r->calls = NULL;
	cr_expect_eq(r->ends, 1);
	cr_expect_eq(r->last.result, ORIGINATE_LOST);
	rig_down(r);
}

Test(unit_asterisk_originate, and_what_was_not_taken_yet)
{
	struct rig *r = rig_up();
	struct fault fault = { "" };

	cr_assert_eq(asterisk_originate_order(r->calls, &section, &usual,
					      on_told, r, &fault),
		     0);
	pbx_drop(r->pbx);
	cr_assert(loop_while_zero(r->base, &r->ends, SOON));
	cr_expect_eq(r->last.result, ORIGINATE_LOST);
	cr_expect_eq(asterisk_originate_order(r->calls, &section, &usual,
					      on_told, r, &fault),
		     -1);
	cr_expect_str_neq(fault.text, "");
	rig_down(r);
}

/* ---- the agent's phone -------------------------------------------------- */

#define AGENT_RINGS                                                     \
	"Event: Newchannel\r\nChannel: PJSIP/201-1\r\nUniqueid: " CH    \
	"\r\nLinkedid: " CH "\r\n\r\n"                                  \
	"Event: DialBegin\r\nDestUniqueid: " CH "\r\nDestLinkedid: " CH \
	"\r\n\r\n"
#define FAILED                                      \
	"Event: OriginateResponse\r\nActionID: " CH \
	"\r\nResponse: Failure\r\nReason: 0\r\n\r\n"
#define IS_BUSY                                                       \
	"Event: DialEnd\r\nDestUniqueid: " CH "\r\nDestLinkedid: " CH \
	"\r\nDialStatus: BUSY\r\n\r\n"
#define HUNG_UP                                              \
	"Event: Hangup\r\nUniqueid: " CH "\r\nLinkedid: " CH \
	"\r\nCause: 17\r\n\r\n"

static void
expect_end(const char *said, enum originate_result result)
{
	struct rig *r = rig_up();

	order(r, 20000);
	pbx_say(r->pbx, said);
	cr_assert(loop_while_zero(r->base, &r->ends, SOON));
	cr_expect_eq(r->last.result, result, "%s: %d", said, r->last.result);
	cr_expect_eq(r->ends, 1);
	rig_down(r);
}

Test(unit_asterisk_originate, a_busy_agent_is_busy_in_whatever_order_it_is_told)
{
	expect_end(AGENT_RINGS IS_BUSY FAILED HUNG_UP, ORIGINATE_AGENT_BUSY);
	expect_end(AGENT_RINGS FAILED IS_BUSY HUNG_UP, ORIGINATE_AGENT_BUSY);
	expect_end(AGENT_RINGS FAILED HUNG_UP, ORIGINATE_AGENT_BUSY);
	expect_end(AGENT_RINGS FAILED IS_BUSY, ORIGINATE_AGENT_BUSY);
}

Test(unit_asterisk_originate, an_agent_without_a_channel_is_away_at_once)
{
	expect_end(FAILED, ORIGINATE_AGENT_AWAY);
}

Test(unit_asterisk_originate, others_calls_are_none_of_its_business)
{
	struct rig *r = rig_up();

	order(r, 20000);
	pbx_say(r->pbx,
		"Event: Hangup\r\nUniqueid: 9.9\r\nLinkedid: 9.9\r\n\r\n"
		"Event: OriginateResponse\r\nActionID: rb-x\r\nResponse: "
		"Failure\r\n\r\n"
		"Event: DialEnd\r\nDestUniqueid: 9.9\r\nDestLinkedid: 9.9\r\n"
		"DialStatus: BUSY\r\n\r\n" BOTH_RING);
	while (r->told == 0)
		loop_for(r->base, 5);
	cr_expect_eq(r->last.state, ORIGINATE_CUSTOMER);
	cr_expect_eq(r->told, 1);
	rig_down(r);
}

/* ---- what is dialled ---------------------------------------------------- */

Test(unit_asterisk_originate, phones_are_digits_and_numbers_have_a_plus)
{
	cr_expect(dialstring_is_phone("1") &&
		  dialstring_is_phone("123456789012345"));
	cr_expect(dialstring_is_number("+4930111") &&
		  dialstring_is_number("4930111"));
	for (int c = 1; c < 256; c++) {
		char s[] = { '2', (char)c, '1', '\0' };
		bool digit = c >= '0' && c <= '9';

		cr_expect_eq(dialstring_is_phone(s), digit, "%d", c);
		cr_expect_eq(dialstring_is_number(s), digit, "%d", c);
	}
	cr_expect_not(dialstring_is_phone("") || dialstring_is_number("+"));
	cr_expect_not(dialstring_is_phone("1234567890123456"));
	cr_expect_not(dialstring_is_phone("+1") || dialstring_is_number("++1"));
}

Test(unit_asterisk_originate, a_template_is_filled_wherever_it_says_so)
{
	char *s = dialstring_number("0{number}@a-{number}", "+49");

	cr_expect_str_eq(s, "0+49@a-+49");
	free(s);
	s = dialstring_phone("PJSIP/{phone}", "{phone}");
	cr_expect_str_eq(s, "PJSIP/");
	free(s);
}

Test(unit_asterisk_originate, nothing_else_is_ordered)
{
	static const struct originate bad[] = {
		{ .id = "7E692820-b9d8-406c-bc53-5087b7732126",
		  .phone = "1",
		  .number = "+1",
		  .caller_id = "" },
		{ .id = ID, .phone = "1&2", .number = "+1", .caller_id = "" },
		{ .id = ID, .phone = "1", .number = "1,2", .caller_id = "" },
		{ .id = ID, .phone = "1", .number = "+1", .caller_id = "a" },
		{ .id = "", .phone = "1", .number = "+1", .caller_id = "" },
	};
	struct fault fault = { "" };

	cr_expect_eq(dialstring_check(&usual, &fault), 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		cr_expect_eq(dialstring_check(&bad[i], &fault), -1, "%zu", i);
}

Test(unit_asterisk_originate, a_section_says_how_to_dial)
{
	static const struct {
		const char *agent, *customer;
		bool good;
	} rows[] = {
		{ "PJSIP/{phone}", "{number}@out", true },
		{ "Local/{phone}@agents/n", "Local/{number}@out", true },
		{ "", "", true },
		{ "PJSIP/1001", "{number}@out", false },
		{ "{phone}", "{number}@out", false },
		{ "PJSIP/{phone}", "{number}", false },
		{ "PJSIP/{phone}", "{number}@", false },
		{ "PJSIP/{phone}", "@out", false },
		{ "PJSIP/{phone}", "123@out", false },
		{ "PJSIP/{phone}", "PJSIP/{number}@trunk", false },
	};
	struct policy_source s = { .name = tel, .member = no_member };
	struct fault fault;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		s.dial_agent = text_dup(rows[i].agent);
		s.dial_customer = text_dup(rows[i].customer);
		fault = (struct fault){ "" };
		cr_expect_eq(asterisk_order_check(&s, &fault),
			     rows[i].good ? 0 : -1, "%zu", i);
		cr_expect_eq(*fault.text == '\0', rows[i].good);
		free(s.dial_agent);
		free(s.dial_customer);
	}
}

/* ---- how a leg ended ---------------------------------------------------- */

static enum originate_result
leg_of(const char *status, const char *cause)
{
	const struct ami_header headers[] = { { "Cause", cause },
					      { "Cause-txt", "Words" } };
	const struct ami_packet p = { .kind = AMI_EVENT,
				      .what = "Hangup",
				      .headers = headers,
				      .count = 2 };
	struct asterisk_leg leg;

	asterisk_leg_begin(&leg, "1.2");
	asterisk_leg_dialled(&leg, status);
	asterisk_leg_hung_up(&leg, &p);
	cr_expect(asterisk_legs_over(&leg, 1));
	return asterisk_leg_result(&leg);
}

Test(unit_asterisk_originate, the_cause_says_more_than_the_status)
{
	static const struct {
		const char *status, *cause;
		enum originate_result result;
	} rows[] = {
		{ "BUSY", "17", ORIGINATE_BUSY },
		{ "BUSY", "1", ORIGINATE_BUSY },
		{ "NOANSWER", "0", ORIGINATE_NO_ANSWER },
		{ "NOANSWER", "16", ORIGINATE_NO_ANSWER },
		{ "NOANSWER", "1", ORIGINATE_BAD_NUMBER },
		{ "CHANUNAVAIL", "28", ORIGINATE_BAD_NUMBER },
		{ "CHANUNAVAIL", "22", ORIGINATE_BAD_NUMBER },
		{ "CHANUNAVAIL", "20", ORIGINATE_NO_ANSWER },
		{ "CHANUNAVAIL", "", ORIGINATE_REFUSED },
		{ "CONGESTION", "34", ORIGINATE_REFUSED },
		{ "CONGESTION", "17", ORIGINATE_BUSY },
		{ "NOANSWER", "21", ORIGINATE_REFUSED },
		{ "NOANSWER", "99999999999", ORIGINATE_NO_ANSWER },
		{ "", "-1", ORIGINATE_REFUSED },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		cr_expect_eq(leg_of(rows[i].status, rows[i].cause),
			     rows[i].result, "%zu", i);
}

Test(unit_asterisk_originate, only_ids_are_sent_back)
{
	char longest[ASTERISK_ID_SIZE + 1];

	cr_expect(asterisk_id_ok("1795617388.16") &&
		  asterisk_id_ok("pbx-1-1795617388.16") &&
		  asterisk_id_ok(CH ";2"));
	cr_expect_not(asterisk_id_ok("") || asterisk_id_ok("a b") ||
		      asterisk_id_ok("1\r\nAction: x") ||
		      asterisk_id_ok("PJSIP/1-1"));
	memset(longest, '1', sizeof longest);
	longest[ASTERISK_ID_SIZE] = '\0';
	cr_expect_not(asterisk_id_ok(longest));
	longest[ASTERISK_ID_SIZE - 1] = '\0';
	cr_expect(asterisk_id_ok(longest));
}
