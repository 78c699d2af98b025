/* Orders to a scripted FreeSWITCH, and breaks of agents: what is sent, and that
 * each order ends once, by the right word. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/esl.h"
#include "daemon/sources/freeswitch_originate.h"
#include "daemon/sources/freeswitch_pause.h"
#include "tests/harness/loop.h"
#include "tests/harness/pbx.h"
#include "tests/harness/pbx_esl.h"
#include "tests/unit/switchlink.h"

#define AGENT "7e692820-b9d8-406c-bc53-5087b7732126"
#define CUSTOMER "fe692820-b9d8-406c-bc53-5087b7732126"

static char dial_agent[] = "user/{phone}@example.org";
static char dial_customer[] = "sofia/gateway/trunk/{number}";
static char tel[] = "tel", member[] = "{phone}@default", nothing[] = "";

static const struct policy_source section = { .name = tel,
					      .dial_agent = dial_agent,
					      .dial_customer = dial_customer,
					      .member = member };

struct rig {
	struct switchlink link;
	struct freeswitch_originate *calls;
	struct freeswitch_pause *breaks;
	int told, ends;
	struct originate_news last;
	char why[100];
};

static void
on_event(void *cookie, const struct esl_packet *p)
{
	struct rig *r = cookie;

	freeswitch_originate_event(r->calls, p);
}

static void
on_lost(void *cookie)
{
	struct rig *r = cookie;

	freeswitch_originate_lost(r->calls);
	freeswitch_pause_lost(r->breaks);
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
	(void)snprintf(r->why, sizeof r->why, "%s", news->why);
}

static struct rig *
rig(void)
{
	struct rig *r = text_alloc(sizeof *r);

	r->link.event = on_event;
	r->link.lost = on_lost;
	r->link.cookie = r;
	switchlink_open(&r->link);
	r->calls = freeswitch_originate_new(r->link.base, r->link.esl);
	r->breaks = freeswitch_pause_new(r->link.esl, "tel");
	return r;
}

static void
rig_down(struct rig *r)
{
	switchlink_close(&r->link);
	freeswitch_originate_free(r->calls);
	freeswitch_pause_free(r->breaks);
	switchlink_done(&r->link);
	free(r);
}

static const struct originate order = { .id = AGENT,
					.phone = "1001",
					.number = "+3725550123",
					.caller_id = "+49301111",
					.agent_ms = 20000,
					.customer_ms = 30000 };

static void
call(struct rig *r)
{
	struct fault fault = { "" };

	cr_assert_eq(freeswitch_originate_order(r->calls, &section, &order,
						on_told, r, &fault),
		     0, "%s", fault.text);
	cr_assert(pbx_esl_asked(r->link.pbx, "originate ", SOON));
}

static void
say(struct rig *r, const char *event, const char *uuid, const char *more)
{
	char lines[300];

	(void)snprintf(lines, sizeof lines, "Event-Name: %s\nUnique-ID: %s\n%s",
		       event, uuid, more);
	pbx_esl_event(r->link.pbx, lines);
}

static bool
came_to(struct rig *r, enum originate_state state)
{
	for (int i = 0; i < 500 && (r->told == 0 || r->last.state != state);
	     i++)
		loop_for(r->link.base, 10);
	return r->told > 0 && r->last.state == state;
}

static enum originate_result
result(struct rig *r)
{
	cr_assert(came_to(r, ORIGINATE_ENDED));
	cr_assert_eq(r->ends, 1);
	return r->last.result;
}

static void
agent_answers(struct rig *r)
{
	say(r, "CHANNEL_ANSWER", AGENT, "");
	cr_assert(came_to(r, ORIGINATE_CUSTOMER));
	pbx_esl_job(r->link.pbx, "+OK " AGENT "\n");
}

/* ---- what is sent -------------------------------------------------------- */

Test(unit_freeswitch_orders, rings_the_agent_and_bridges_the_customer)
{
	struct rig *r = rig();

	call(r);
	cr_assert_not_null(strstr(
	    pbx_last(r->link.pbx),
	    "bgapi originate {origination_uuid=" AGENT ",ringback_call=" AGENT
	    ",originate_timeout=20,ignore_early_media=true,"
	    "hangup_after_bridge=true,origination_caller_id_number="
	    "+3725550123,origination_caller_id_name=+3725550123}"
	    "user/1001@example.org &bridge({origination_uuid=" CUSTOMER
	    ",ringback_call=" AGENT
	    ",originate_timeout=30,origination_caller_id_number="
	    "+49301111,origination_caller_id_name=+49301111}"
	    "sofia/gateway/trunk/+3725550123)\n"));
	rig_down(r);
}

Test(unit_freeswitch_orders, nothing_but_digits_is_dialled)
{
	struct rig *r = rig();
	struct fault fault = { "" };
	const char *const bad[] = {
		"1001 &shutdown()", "1001,x=y", "", "+1", "1001}",
		"1001\n\nbgapi x"
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct originate o = order;

		o.phone = bad[i];
		cr_assert_eq(freeswitch_originate_order(r->calls, &section, &o,
							on_told, r, &fault),
			     -1);
		o = order;
		o.number = i == 3 ? "+" : bad[i];
		cr_assert_eq(freeswitch_originate_order(r->calls, &section, &o,
							on_told, r, &fault),
			     -1);
	}
	cr_assert_str_eq(pbx_block(r->link.pbx, 100), "");
	cr_assert_eq(r->told, 0);
	rig_down(r);
}

Test(unit_freeswitch_orders, a_dial_string_that_could_say_more_is_refused)
{
	static char const *const agents[] = { "user/1001", "{phone}",
					      "user/{phone} x", "user/{phone})",
					      "user/'{phone}" };
	struct fault fault = { "" };

	for (size_t i = 0; i < sizeof agents / sizeof *agents; i++) {
		char text[40];
		struct policy_source s = section;

		(void)snprintf(text, sizeof text, "%s", agents[i]);
		s.dial_agent = text;
		cr_assert_eq(freeswitch_originate_check(&s, &fault), -1, "%s",
			     text);
		cr_assert_not_null(strstr(fault.text, "dial_agent"));
	}
	cr_assert_eq(freeswitch_originate_check(&section, &fault), 0);
}

/* ---- how it ends --------------------------------------------------------- */

Test(unit_freeswitch_orders, a_talk_is_told_with_its_length)
{
	struct rig *r = rig();

	call(r);
	agent_answers(r);
	say(r, "CHANNEL_ANSWER", CUSTOMER, "");
	cr_assert(came_to(r, ORIGINATE_TALKING));
	loop_for(r->link.base, 50);
	say(r, "CHANNEL_HANGUP_COMPLETE", CUSTOMER,
	    "Hangup-Cause: NORMAL_CLEARING\n");
	say(r, "CHANNEL_HANGUP_COMPLETE", AGENT,
	    "Hangup-Cause: NORMAL_CLEARING\n");
	cr_assert_eq(result(r), ORIGINATE_TALKED);
	cr_assert_geq(r->last.talked_ms, 40);
	loop_for(r->link.base, 50);
	rig_down(r);
}

Test(unit_freeswitch_orders, each_cause_of_the_customers_leg_has_its_word)
{
	static const struct {
		const char *cause;
		enum originate_result result;
	} rows[] = {
		{ "NO_ANSWER", ORIGINATE_NO_ANSWER },
		{ "USER_BUSY", ORIGINATE_BUSY },
		{ "UNALLOCATED_NUMBER", ORIGINATE_BAD_NUMBER },
		{ "NORMAL_TEMPORARY_FAILURE", ORIGINATE_REFUSED },
		{ "CALL_REJECTED", ORIGINATE_REFUSED },
		{ "ORIGINATOR_CANCEL", ORIGINATE_GIVEN_UP },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rig *r = rig();
		char cause[80];

		call(r);
		agent_answers(r);
		(void)snprintf(cause, sizeof cause, "Hangup-Cause: %s\n",
			       rows[i].cause);
		say(r, "CHANNEL_HANGUP_COMPLETE", CUSTOMER, cause);
		say(r, "CHANNEL_HANGUP_COMPLETE", AGENT,
		    "Hangup-Cause: NORMAL_CLEARING\n");
		cr_assert_eq(result(r), rows[i].result, "%s", rows[i].cause);
		rig_down(r);
	}
}

Test(unit_freeswitch_orders, the_last_trunk_counts)
{
	struct rig *r = rig();

	call(r);
	agent_answers(r);
	say(r, "CHANNEL_HANGUP_COMPLETE", CUSTOMER,
	    "Hangup-Cause: NETWORK_OUT_OF_ORDER\n");
	say(r, "CHANNEL_HANGUP_COMPLETE", CUSTOMER,
	    "Hangup-Cause: USER_BUSY\n");
	say(r, "CHANNEL_HANGUP_COMPLETE", AGENT, "");
	cr_assert_eq(result(r), ORIGINATE_BUSY);
	cr_assert_str_eq(r->why, "USER_BUSY");
	rig_down(r);
}

Test(unit_freeswitch_orders, a_gateway_that_is_not_there_is_told)
{
	struct rig *r = rig();

	call(r);
	agent_answers(r);
	say(r, "CHANNEL_HANGUP_COMPLETE", AGENT,
	    "variable_originate_disposition: INVALID_GATEWAY\n");
	cr_assert_eq(result(r), ORIGINATE_REFUSED);
	cr_assert_str_eq(r->why, "INVALID_GATEWAY");
	rig_down(r);
}

Test(unit_freeswitch_orders, each_cause_of_the_agents_leg_has_its_word)
{
	static const struct {
		const char *said;
		enum originate_result result;
	} rows[] = {
		{ "-ERR NO_ANSWER\n", ORIGINATE_AGENT_NO_ANSWER },
		{ "-ERR USER_BUSY\n", ORIGINATE_AGENT_BUSY },
		{ "-ERR USER_NOT_REGISTERED\n", ORIGINATE_AGENT_AWAY },
		{ "-ERR NORMAL_TEMPORARY_FAILURE\n", ORIGINATE_AGENT_AWAY },
		{ "-USAGE: originate\n", ORIGINATE_AGENT_AWAY },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rig *r = rig();

		call(r);
		pbx_esl_job(r->link.pbx, rows[i].said);
		cr_assert_eq(result(r), rows[i].result, "%s", rows[i].said);
		rig_down(r);
	}
}

Test(unit_freeswitch_orders, who_gives_up_hangs_both_up)
{
	struct rig *r = rig();

	call(r);
	for (int i = 0; i < 3; i++)
		freeswitch_originate_hang_up(r->calls, AGENT);
	cr_assert(pbx_asked(r->link.pbx, "bgapi uuid_kill " AGENT, SOON));
	cr_assert(pbx_asked(r->link.pbx, "bgapi uuid_kill " CUSTOMER, SOON));
	cr_assert_str_empty(pbx_block(r->link.pbx, 100));
	cr_assert_eq(result(r), ORIGINATE_GIVEN_UP);
	freeswitch_originate_hang_up(r->calls, AGENT); /* nothing */
	rig_down(r);
}

Test(unit_freeswitch_orders, a_link_that_goes_is_lost_and_so_is_a_stop)
{
	struct rig *r = rig();

	call(r);
	agent_answers(r);
	pbx_reset(r->link.pbx);
	cr_assert_eq(result(r), ORIGINATE_LOST);
	rig_down(r);
	r = rig();
	call(r);
	switchlink_close(&r->link);
	freeswitch_originate_free(r->calls);
	cr_assert_eq(r->ends, 1);
	cr_assert_eq(r->last.result, ORIGINATE_LOST);
	freeswitch_pause_free(r->breaks);
	switchlink_done(&r->link);
	free(r);
}

/* ---- breaks -------------------------------------------------------------- */

/* The next job is this one. */
static void
answers(struct rig *r, const char *command, const char *said)
{
	cr_assert(pbx_esl_asked(r->link.pbx, "", SOON), "%s", command);
	cr_assert_eq(strncmp(pbx_last(r->link.pbx) + strlen("bgapi "), command,
			     strlen(command)),
		     0, "%s: %s", command, pbx_last(r->link.pbx));
	pbx_esl_job(r->link.pbx, said);
}

Test(unit_freeswitch_orders, who_is_available_gets_a_break_and_is_again)
{
	struct rig *r = rig();

	freeswitch_pause_set(r->breaks, &section, "1001", true);
	answers(r, "callcenter_config agent get status 1001@default\n",
		"Available (On Demand)");
	answers(r, "global_setvar ringback_break_1001=demand\n", "+OK");
	answers(r,
		"callcenter_config agent set status 1001@default 'On Break'\n",
		"+OK\n");
	freeswitch_pause_set(r->breaks, &section, "1001", false);
	answers(r, "callcenter_config agent get status 1001@default\n",
		"On Break");
	answers(r, "global_getvar ringback_break_1001\n", "demand");
	answers(r,
		"callcenter_config agent set status 1001@default "
		"'Available (On Demand)'\n",
		"+OK\n");
	answers(r, "global_setvar ringback_break_1001=\n", "+OK");
	rig_down(r);
}

Test(unit_freeswitch_orders, where_nobody_is_to_be_paused_a_break_of_ours_ends)
{
	struct rig *r = rig();

	freeswitch_pause_set(r->breaks, &section, "1001", true);
	answers(r, "callcenter_config agent get status 1001", "Available");
	answers(r, "global_setvar ringback_break_1001=plain\n", "+OK");
	answers(r, "callcenter_config agent set status 1001", "+OK\n");
	freeswitch_pause_end(r->breaks);
	answers(r, "callcenter_config agent get status 1001", "On Break");
	answers(r, "global_getvar ringback_break_1001\n", "plain");
	answers(r,
		"callcenter_config agent set status 1001@default 'Available'\n",
		"+OK\n");
	answers(r, "global_setvar ringback_break_1001=\n", "+OK");
	freeswitch_pause_end(r->breaks);
	loop_for(r->link.base, 50);
	cr_assert_str_eq(pbx_block(r->link.pbx, 100), "");
	rig_down(r);
}

Test(unit_freeswitch_orders, a_break_of_his_own_stays)
{
	struct rig *r = rig();

	freeswitch_pause_set(r->breaks, &section, "1001", true);
	answers(r, "callcenter_config agent get status", "On Break");
	freeswitch_pause_set(r->breaks, &section, "1002", false);
	answers(r, "callcenter_config agent get status 1002", "On Break");
	answers(r, "global_getvar ringback_break_1002\n", "");
	freeswitch_pause_set(r->breaks, &section, "1003", false);
	answers(r, "callcenter_config agent get status 1003", "Logged Out");
	freeswitch_pause_set(r->breaks, &section, "1004", true);
	answers(r, "callcenter_config agent get status 1004",
		"-ERR Agent not found!\n");
	freeswitch_pause_set(r->breaks, &section, "10 x", true);
	loop_for(r->link.base, 50);
	cr_assert_str_eq(pbx_block(r->link.pbx, 100), "");
	rig_down(r);
}

Test(unit_freeswitch_orders, a_name_of_agents_that_could_say_more_is_refused)
{
	static const char *const names[] = { "1001", "{phone} x", "'{phone}" };
	struct policy_source s = section;
	struct fault fault = { "" };
	char text[40];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		(void)snprintf(text, sizeof text, "%s", names[i]);
		s.member = text;
		cr_assert_eq(freeswitch_pause_check(&s, &fault), -1);
	}
	s.member = nothing;
	cr_assert_eq(freeswitch_pause_check(&s, &fault), 0);
}
