/* A session with a scripted FreeSWITCH: what is said to it, and what it makes
 * of what comes. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/address.h"
#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/sources/esl.h"
#include "daemon/sources/feed.h"
#include "tests/harness/loop.h"
#include "tests/harness/pbx.h"
#include "tests/harness/pbx_esl.h"

#define SOON 10000

struct rig {
	struct event_base *base;
	struct pbx *pbx;
	struct feed *feed;
	struct esl *esl;
	const char *user;
	int ups, downs, events, ends;
	enum esl_end end;
	char said[200], last[80];
};

static void
on_event(void *cookie, const struct esl_packet *p)
{
	struct rig *r = cookie;

	r->events++;
	(void)snprintf(r->last, sizeof r->last, "%s %s", p->what,
		       esl_get(p, "N"));
}

static void
on_changed(void *cookie, bool up)
{
	struct rig *r = cookie;

	if (up)
		r->ups++;
	else
		r->downs++;
}

static struct rig *
rig_as(const char *user, const char *secret)
{
	struct rig *r = text_alloc(sizeof *r);
	struct address to;
	struct fault fault = { "" };

	r->base = event_base_new();
	r->pbx = pbx_start(r->base);
	/* No event is given to it: it needs no store. */
	r->feed = feed_new(
	    &(struct feed_options){ .base = r->base, .name = "tel" }, NULL);
	cr_assert_eq(address_parse(&to, pbx_address(r->pbx), -1, &fault), 0);
	r->esl = esl_new(&(struct esl_options){ .base = r->base,
						.to = &to,
						.user = user,
						.secret = secret,
						.events = "CHANNEL_ANSWER "
							  "CUSTOM fifo::info",
						.feed = r->feed,
						.event = on_event,
						.changed = on_changed,
						.cookie = r });
	cr_assert(pbx_came(r->pbx, 1, SOON));
	return r;
}

static struct rig *
rig(void)
{
	return rig_as("", "ClueCon");
}

static struct rig *
rig_up(void)
{
	struct rig *r = rig();

	cr_assert(pbx_esl_login(r->pbx, SOON));
	cr_assert(loop_while_zero(r->base, &r->ups, SOON));
	return r;
}

static void
rig_down(struct rig *r)
{
	esl_free(r->esl);
	feed_free(r->feed);
	pbx_stop(r->pbx);
	event_base_free(r->base);
	free(r);
}

static const char *
why(const struct rig *r)
{
	static char words[200];
	struct feed_state state;

	feed_look(r->feed, &state);
	(void)snprintf(words, sizeof words, "%s", state.up ? "up" : state.why);
	return words;
}

static bool
has_why(void *cookie)
{
	return *why(cookie) != '\0' && strcmp(why(cookie), "up") != 0;
}

static const char *
why_down(struct rig *r)
{
	(void)loop_until(r->base, has_why, r, SOON);
	return why(r);
}

/* ---- logging in ---------------------------------------------------------- */

Test(unit_esl_session, logs_in_and_asks_for_ordinary_events_before_custom_ones)
{
	struct rig *r = rig();

	pbx_say(r->pbx, PBX_ESL_GREETING);
	cr_assert_str_eq(pbx_block(r->pbx, SOON), "auth ClueCon\n");
	pbx_esl_reply(r->pbx, "+OK accepted");
	cr_assert_str_eq(pbx_block(r->pbx, SOON),
			 "event plain HEARTBEAT BACKGROUND_JOB CHANNEL_ANSWER "
			 "CUSTOM fifo::info\n");
	cr_assert_eq(r->ups, 0);
	pbx_esl_reply(r->pbx, "+OK event listener enabled plain");
	cr_assert(loop_while_zero(r->base, &r->ups, SOON));
	cr_assert_str_eq(why(r), "up");
	rig_down(r);
}

Test(unit_esl_session, logs_in_as_a_user_of_the_directory)
{
	struct rig *r = rig_as("ringback@example.org", "geheim");

	pbx_say(r->pbx, PBX_ESL_GREETING);
	cr_assert_str_eq(pbx_block(r->pbx, SOON),
			 "userauth ringback@example.org:geheim\n");
	rig_down(r);
}

Test(unit_esl_session, a_refused_password_is_told_and_tried_again_later,
     .timeout = 60)
{
	struct rig *r = rig();
	struct feed_state state;
	int64_t began;

	pbx_say(r->pbx, PBX_ESL_GREETING);
	cr_assert(pbx_asked(r->pbx, "auth ", SOON));
	pbx_esl_reply(r->pbx, "-ERR invalid");
	pbx_say(r->pbx, "Content-Type: text/disconnect-notice\n"
			"Content-Length: 24\n\nDisconnected, goodbye.\n\n");
	began = clock_mono_ms();
	cr_assert_str_eq(why_down(r),
			 "FreeSWITCH refused the password (-ERR invalid)");
	cr_assert_eq(r->ups + r->downs, 0);
	feed_look(r->feed, &state);
	cr_assert_eq(state.heard_ms, 0, "what came meanwhile is still missed");
	cr_assert(pbx_gone(r->pbx, SOON));
	/* It does not hammer: three quarters of five seconds at least. */
	cr_assert(pbx_came(r->pbx, 2, SOON));
	cr_assert_geq(clock_mono_ms() - began, 3000);
	rig_down(r);
}

Test(unit_esl_session, who_is_turned_away_by_an_acl_is_told_which)
{
	struct rig *r = rig();

	pbx_say(r->pbx, "Content-Type: text/rude-rejection\n"
			"Content-Length: 24\n\nAccess Denied, go away.\n");
	pbx_drop(r->pbx);
	cr_assert_str_eq(why_down(r),
			 "FreeSWITCH turned us away: apply-inbound-acl of "
			 "event_socket.conf.xml does not let this address in");
	rig_down(r);
}

Test(unit_esl_session, a_password_with_a_line_end_is_never_sent)
{
	struct rig *r = rig_as("", "a\n\nbgapi shutdown");

	pbx_say(r->pbx, PBX_ESL_GREETING);
	cr_assert_str_eq(why_down(r),
			 "the user or the password cannot be sent: it is too "
			 "long or has control characters");
	cr_assert_str_eq(pbx_block(r->pbx, 100), "");
	rig_down(r);
}

Test(unit_esl_session, what_is_no_freeswitch_is_told)
{
	struct rig *r = rig();

	pbx_say(r->pbx, "SSH-2.0-OpenSSH_9.2p1\r\n");
	cr_assert_str_eq(why_down(r), "what it sends is no event socket (a "
				      "line without a colon)");
	cr_assert(pbx_gone(r->pbx, SOON));
	rig_down(r);
}

Test(unit_esl_session, who_greets_and_never_answers_is_left, .timeout = 60)
{
	struct rig *r = rig();

	pbx_say(r->pbx, PBX_ESL_GREETING);
	cr_assert(pbx_gone(r->pbx, 20000));
	cr_assert_str_eq(why_down(r),
			 "FreeSWITCH did not let us in within 10 seconds");
	rig_down(r);
}

/* ---- while it is up ------------------------------------------------------ */

Test(unit_esl_session, comes_again_after_a_drop_and_a_goodbye)
{
	struct rig *r = rig_up();

	pbx_say(r->pbx, "Content-Length: 400\nContent-Type: text/event-plain\n"
			"\nEvent-Name: CHANNEL_ANSWER\nN: half");
	cr_assert(pbx_flush(r->pbx, SOON));
	pbx_reset(r->pbx);
	cr_assert(loop_while_zero(r->base, &r->downs, SOON));
	cr_assert_eq(r->events, 0);
	cr_assert(pbx_came(r->pbx, 2, SOON));
	cr_assert(pbx_esl_login(r->pbx, SOON));
	r->downs = 0;
	pbx_say(r->pbx, "Content-Type: text/disconnect-notice\n"
			"Content-Length: 3\n\nBye");
	cr_assert(loop_while_zero(r->base, &r->downs, SOON));
	cr_assert_str_eq(why(r), "FreeSWITCH said goodbye");
	cr_assert(pbx_came(r->pbx, 3, SOON));
	rig_down(r);
}

Test(unit_esl_session, a_length_of_four_gigabytes_is_counted_and_cut)
{
	struct rig *r = rig_up();
	struct feed_state state;

	pbx_say(r->pbx, "Content-Length: 4294967296\n"
			"Content-Type: text/event-plain\n\nEvent-Name: X\n\n");
	cr_assert(loop_while_zero(r->base, &r->downs, SOON));
	feed_look(r->feed, &state);
	cr_assert_eq(state.rejects, 1);
	cr_assert_str_eq(state.reasons[0].words, "a length that is none");
	cr_assert_eq(r->events, 0);
	rig_down(r);
}

static bool
has_clock(void *cookie)
{
	const struct rig *r = cookie;
	struct feed_state state;

	feed_look(r->feed, &state);
	return state.clock_known;
}

Test(unit_esl_session, tells_the_difference_of_the_clocks)
{
	struct rig *r = rig_up();
	struct feed_state state;

	pbx_esl_event(r->pbx, "Event-Name: HEARTBEAT\n");
	cr_assert(loop_until(r->base, has_clock, r, SOON));
	feed_look(r->feed, &state);
	cr_assert_lt(llabs(state.clock_ms), 5000);
	cr_assert_eq(r->events, 0, "a heartbeat is none of ours");
	rig_down(r);
}

struct flood {
	struct rig *r;
	int events;
};

static bool
all_came(void *cookie)
{
	const struct flood *f = cookie;

	return f->r->events >= f->events;
}

Test(unit_esl_session, takes_a_flood_in_pieces, .timeout = 120)
{
	struct rig *r = rig_up();
	struct flood f = { .r = r, .events = 20002 };
	static const char event[] =
	    "Content-Length: 35\nContent-Type: text/event-plain\n\n"
	    "Event-Name: CHANNEL_ANSWER\nN: many\n";

	pbx_pieces(r->pbx, event, sizeof event - 1, 1);
	cr_assert(pbx_flood(r->pbx, event, 20000, 60000));
	pbx_pieces(r->pbx, event, sizeof event - 1, 7);
	cr_assert(loop_until(r->base, all_came, &f, 60000));
	cr_assert_str_eq(r->last, "CHANNEL_ANSWER many");
	cr_assert_eq(r->events, 20002);
	rig_down(r);
}

/* ---- jobs ---------------------------------------------------------------- */

static void
on_answered(void *cookie, enum esl_end end, const char *said)
{
	struct rig *r = cookie;

	r->ends++;
	r->end = end;
	(void)snprintf(r->said, sizeof r->said, "%s", said);
}

static int
ask(struct rig *r, const char *command, int64_t limit_ms)
{
	const struct esl_ask a = { .command = command,
				   .answered = on_answered,
				   .cookie = r,
				   .limit_ms = limit_ms };

	return esl_ask(r->esl, &a);
}

Test(unit_esl_session, a_job_ends_once_by_its_own_id)
{
	struct rig *r = rig_up();

	cr_assert_eq(ask(r, "uuid_exists x", 0), 0);
	cr_assert(pbx_esl_asked(r->pbx, "uuid_exists x", SOON));
	pbx_esl_event(r->pbx, "Event-Name: BACKGROUND_JOB\nJob-UUID: another\n"
			      "Content-Length: 4\n\ntrue");
	pbx_esl_job(r->pbx, "false");
	pbx_esl_job(r->pbx, "true");
	cr_assert(loop_while_zero(r->base, &r->ends, SOON));
	loop_for(r->base, 50);
	cr_assert_eq(r->ends, 1);
	cr_assert_eq(r->end, ESL_DONE);
	cr_assert_str_eq(r->said, "false");
	rig_down(r);
}

Test(unit_esl_session, a_job_that_is_refused_at_once_ends)
{
	struct rig *r = rig_up();

	cr_assert_eq(ask(r, "status", 0), 0);
	cr_assert(pbx_asked(r->pbx, "bgapi status", SOON));
	pbx_esl_reply(r->pbx, "-ERR permission denied");
	cr_assert(loop_while_zero(r->base, &r->ends, SOON));
	cr_assert_eq(r->end, ESL_REFUSED);
	cr_assert_str_eq(r->said, "-ERR permission denied");
	rig_down(r);
}

Test(unit_esl_session, a_job_without_an_answer_and_one_at_the_end_are_lost)
{
	struct rig *r = rig_up();

	cr_assert_eq(ask(r, "status", 1000), 0);
	cr_assert(loop_while_zero(r->base, &r->ends, SOON));
	cr_assert_eq(r->end, ESL_LOST);
	cr_assert_eq(ask(r, "status", 0), 0);
	pbx_drop(r->pbx);
	cr_assert(loop_while_zero(r->base, &r->downs, SOON));
	cr_assert_eq(r->ends, 2);
	cr_assert_eq(ask(r, "status", 0), -1, "it is down");
	cr_assert(pbx_came(r->pbx, 2, SOON));
	cr_assert(pbx_esl_login(r->pbx, SOON));
	r->ups = 0;
	cr_assert(loop_while_zero(r->base, &r->ups, SOON));
	cr_assert_eq(ask(r, "status", 0), 0);
	rig_down(r); /* told by esl_free */
}

Test(unit_esl_session, a_command_with_a_line_end_or_too_long_is_not_taken)
{
	struct rig *r = rig_up();
	char *longer = text_alloc(4000);

	memset(longer, 'a', 3999);
	cr_assert_eq(ask(r, "status\n\nbgapi shutdown", 0), -1);
	cr_assert_eq(ask(r, "status\r", 0), -1);
	cr_assert_eq(ask(r, "st\x7f", 0), -1);
	cr_assert_eq(ask(r, longer, 0), -1);
	free(longer);
	cr_assert_str_eq(pbx_block(r->pbx, 100), "");
	rig_down(r);
}

Test(unit_esl_session, what_it_never_reads_is_bounded)
{
	struct rig *r = rig_up();
	int taken = 0;

	while (ask(r, "status", 0) == 0)
		taken++;
	cr_assert_leq(taken, 1000);
	cr_assert_geq(taken, 900);
	rig_down(r);
}

Test(unit_esl_session, an_idle_one_is_asked_and_a_dead_one_is_left,
     .timeout = 90)
{
	struct rig *r = rig_up();

	cr_assert(pbx_asked(r->pbx, "event plain HEARTBEAT", 20000));
	cr_assert_eq(r->downs, 0);
	cr_assert(loop_while_zero(r->base, &r->downs, 40000));
	cr_assert_str_eq(why(r), "FreeSWITCH said nothing for 30 seconds");
	rig_down(r);
}
