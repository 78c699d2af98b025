/* A session with a scripted Asterisk: what is said to it, and what it makes of
 * what comes. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/address.h"
#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/sources/ami.h"
#include "daemon/sources/feed.h"
#include "tests/harness/loop.h"
#include "tests/harness/pbx.h"
#include "tests/harness/pbx_ami.h"

#define SOON 10000

struct rig {
	struct event_base *base;
	struct pbx *pbx;
	struct feed *feed;
	struct ami *ami;
	int ups, downs, events;
	char last[80]; /* event */
};

static void
on_event(void *cookie, const struct ami_packet *p)
{
	struct rig *r = cookie;

	r->events++;
	(void)snprintf(r->last, sizeof r->last, "%s %s", p->what,
		       ami_get(p, "N"));
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

static struct ami_options
options(struct rig *r, struct address *to)
{
	struct fault fault = { "" };

	cr_assert_eq(address_parse(to, pbx_address(r->pbx), -1, &fault), 0);
	return (struct ami_options){ .base = r->base,
				     .to = to,
				     .user = "queued",
				     .secret = "s3cret",
				     .events = "agent,call",
				     .feed = r->feed,
				     .event = on_event,
				     .changed = on_changed,
				     .cookie = r };
}

static struct rig *
rig(void)
{
	struct rig *r = text_alloc(sizeof *r);
	struct address to;
	struct ami_options o;

	r->base = event_base_new();
	r->pbx = pbx_start(r->base);
	/* No event is given to it: it needs no store. */
	r->feed = feed_new(
	    &(struct feed_options){ .base = r->base, .name = "pbx" }, NULL);
	o = options(r, &to);
	r->ami = ami_new(&o);
	cr_assert(pbx_came(r->pbx, 1, SOON));
	return r;
}

static void
let_in(struct rig *r)
{
	r->ups = r->events = 0;
	cr_assert(pbx_ami_login(r->pbx, SOON));
	cr_assert(loop_while_zero(r->base, &r->events, SOON));
	cr_assert_str_eq(r->last, "FullyBooted ");
	cr_assert_eq(r->ups, 1);
}

static struct rig *
rig_up(void)
{
	struct rig *r = rig();

	let_in(r);
	return r;
}

static void
rig_down(struct rig *r)
{
	ami_free(r->ami);
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

/* ---- logging in ---------------------------------------------------------- */

Test(unit_ami_session, logs_in_by_the_challenge_of_the_recording)
{
	struct rig *r = rig();

	pbx_say(r->pbx, PBX_AMI_GREETING);
	cr_assert(pbx_asked(r->pbx, "Action: Challenge", SOON));
	cr_assert_str_eq(pbx_field(r->pbx, "AuthType"), "MD5");
	pbx_ami_answer(r->pbx, "Success", "Challenge: 196563167\r\n");
	cr_assert(pbx_asked(r->pbx, "Action: Login", SOON));
	cr_assert_str_eq(pbx_field(r->pbx, "Username"), "queued");
	cr_assert_str_eq(pbx_field(r->pbx, "Events"), "agent,call");
	cr_assert_str_eq(pbx_field(r->pbx, "Secret"), "");
	cr_assert_str_eq(pbx_field(r->pbx, "Key"),
			 "45376e4699ed4e1b80cda64c15621380");
	cr_assert_eq(r->ups, 0);
	pbx_ami_answer(r->pbx, "Success", "");
	cr_assert(loop_while_zero(r->base, &r->ups, SOON));
	cr_assert_str_eq(why(r), "up");
	rig_down(r);
}

Test(unit_ami_session, gives_the_plain_secret_where_challenges_are_refused)
{
	struct rig *r = rig();

	pbx_pieces(r->pbx, PBX_AMI_GREETING, strlen(PBX_AMI_GREETING), 1);
	cr_assert(pbx_asked(r->pbx, "Action: Challenge", SOON));
	pbx_ami_answer(r->pbx, "Error", "Message: Invalid AuthType\r\n");
	cr_assert(pbx_asked(r->pbx, "Action: Login", SOON));
	cr_assert_str_eq(pbx_field(r->pbx, "Secret"), "s3cret");
	cr_assert_str_eq(pbx_field(r->pbx, "AuthType"), "");
	pbx_ami_answer(r->pbx, "Success", "");
	cr_assert(loop_while_zero(r->base, &r->ups, SOON));
	rig_down(r);
}

static bool
has_why(void *cookie)
{
	return *why(cookie) != '\0';
}

/* Why it is down, once it is. */
static const char *
why_down(struct rig *r)
{
	(void)loop_until(r->base, has_why, r, SOON);
	return why(r);
}

Test(unit_ami_session, a_refused_password_is_told_and_tried_again_later,
     .timeout = 60)
{
	struct rig *r = rig();
	int64_t began;

	pbx_say(r->pbx, PBX_AMI_GREETING);
	cr_assert(pbx_asked(r->pbx, "Action: Challenge", SOON));
	pbx_ami_answer(r->pbx, "Success", "Challenge: 1\r\n");
	cr_assert(pbx_asked(r->pbx, "Action: Login", SOON));
	pbx_ami_answer(r->pbx, "Error", "Message: Authentication failed\r\n");
	began = clock_mono_ms();
	cr_assert_str_eq(why_down(r),
			 "Asterisk refused the name or the password "
			 "(Authentication failed)");
	cr_assert_eq(r->ups + r->downs, 0);
	cr_assert(pbx_gone(r->pbx, SOON));
	/* It does not hammer: three quarters of five seconds at least. */
	cr_assert(pbx_came(r->pbx, 2, SOON));
	cr_assert_geq(clock_mono_ms() - began, 3000);
	let_in(r);
	rig_down(r);
}

Test(unit_ami_session, what_is_no_asterisk_is_told)
{
	struct rig *r = rig();

	pbx_say(r->pbx, "SSH-2.0-OpenSSH_9.2p1\r\n");
	cr_assert_str_eq(why_down(r), "what answers there is no Asterisk "
				      "Manager Interface");
	cr_assert(pbx_gone(r->pbx, SOON));
	cr_assert_str_eq(pbx_block(r->pbx, 100), "", "nothing was said to it");
	rig_down(r);
}

Test(unit_ami_session, a_greeting_may_come_late_and_in_halves)
{
	struct rig *r = rig();

	loop_for(r->base, 2500);
	pbx_say(r->pbx, "Asterisk Call Man");
	cr_assert(pbx_flush(r->pbx, SOON));
	loop_for(r->base, 500);
	cr_assert_str_eq(pbx_block(r->pbx, 0), "", "nothing is said yet");
	pbx_say(r->pbx, "ager/11.0.0\r\n");
	cr_assert(pbx_asked(r->pbx, "Action: Challenge", SOON));
	pbx_ami_answer(r->pbx, "Success", "Challenge: 1\r\n");
	cr_assert(pbx_asked(r->pbx, "Action: Login", SOON));
	pbx_ami_answer(r->pbx, "Success", "");
	cr_assert(loop_while_zero(r->base, &r->ups, SOON));
	rig_down(r);
}

Test(unit_ami_session, who_greets_and_never_answers_is_left, .timeout = 60)
{
	struct rig *r = rig();

	pbx_say(r->pbx, PBX_AMI_GREETING);
	cr_assert(pbx_gone(r->pbx, 20000));
	cr_assert_str_eq(why_down(r),
			 "Asterisk did not let us in within 10 seconds");
	rig_down(r);
}

Test(unit_ami_session, comes_again_after_a_drop_and_says_so)
{
	struct rig *r = rig_up();

	/* In the middle of a packet: nothing of it is an event. */
	pbx_say(r->pbx, "Event: A\r\nN: 1\r\n\r\nEvent: B\r\nN: 2\r\n");
	pbx_drop(r->pbx);
	cr_assert(loop_while_zero(r->base, &r->downs, SOON));
	cr_assert_str_eq(r->last, "A 1");
	cr_assert_str_eq(why(r), "Asterisk closed the connection");
	cr_assert(pbx_came(r->pbx, 2, SOON));
	let_in(r);
	pbx_say(r->pbx, "N: 3\r\n\r\nEvent: C\r\nN: 4\r\n\r\n");
	r->events = 0;
	while (strcmp(r->last, "C 4") != 0 &&
	       loop_while_zero(r->base, &r->events, SOON))
		r->events = 0;
	cr_assert_str_eq(r->last, "C 4");
	rig_down(r);
}

Test(unit_ami_session, a_refused_connection_is_tried_again_and_again)
{
	struct rig *r = rig_up();

	pbx_refuse(r->pbx, true);
	pbx_reset(r->pbx);
	cr_assert(loop_while_zero(r->base, &r->downs, SOON));
	loop_for(r->base, 2500); /* some attempts that fail */
	cr_assert_str_eq(why(r), "Connection refused");
	pbx_refuse(r->pbx, false);
	cr_assert(pbx_came(r->pbx, 2, SOON));
	cr_assert(pbx_ami_login(r->pbx, SOON));
	cr_assert(loop_until(r->base, has_why, r, SOON));
	rig_down(r);
}

/* ---- actions ------------------------------------------------------------- */

struct heard {
	int ends, listed;
	enum ami_end end;
	char message[80];
	struct ami *again; /* asks this one when it is told */
	int refused;
};

static void
on_answered(void *cookie, enum ami_end end, const struct ami_packet *p)
{
	struct heard *h = cookie;
	const struct ami_act act = { .action = "Ping" };

	h->ends++;
	h->end = end;
	(void)snprintf(h->message, sizeof h->message, "%s",
		       p != NULL ? ami_get(p, "Message") : "");
	if (h->again != NULL)
		h->refused = ami_act(h->again, &act);
}

static void
on_listed(void *cookie, const struct ami_packet *p)
{
	struct heard *h = cookie;

	h->listed++;
	(void)p;
}

static int
act(struct rig *r, struct heard *h, const char *action, const char *id)
{
	const struct ami_header headers[] = { { "Queue", "support" },
					      { "Variable", "a=1" },
					      { "Variable", "b=2" } };

	return ami_act(r->ami, &(struct ami_act){ .action = action,
						  .headers = headers,
						  .count = 3,
						  .id = id,
						  .answered = on_answered,
						  .listed = on_listed,
						  .cookie = h,
						  .limit_ms = 3000 });
}

Test(unit_ami_session, an_answer_is_found_by_its_id_among_events_and_others)
{
	struct rig *r = rig_up();
	struct heard one = { 0 }, two = { 0 };
	char id[64];

	cr_assert_eq(act(r, &one, "QueuePause", "call-1"), 0);
	cr_assert_eq(act(r, &two, "QueuePause", NULL), 0);
	cr_assert(pbx_asked(r->pbx, "ActionID: call-1", SOON));
	(void)pbx_block(r->pbx, SOON);
	(void)snprintf(id, sizeof id, "%s", pbx_field(r->pbx, "ActionID"));
	cr_assert_neq(*id, '\0');
	cr_assert_not_null(strstr(pbx_last(r->pbx),
				  "\nQueue: support\nVariable: a=1\n"
				  "Variable: b=2\n"));
	/* The event has a field Response of its own. */
	pbx_sayf(r->pbx,
		 "Event: OriginateResponse\r\nActionID: call-1\r\n"
		 "Response: Failure\r\nN: 5\r\n\r\n"
		 "Response: Error\r\nMessage: no\r\nActionID: %s\r\n"
		 "\r\nResponse: Success\r\nActionID: nobody\r\n\r\n",
		 id);
	cr_assert(loop_while_zero(r->base, &two.ends, SOON));
	cr_assert_eq(two.end, AMI_REFUSED);
	cr_assert_str_eq(two.message, "no");
	cr_assert_str_eq(r->last, "OriginateResponse 5");
	cr_assert_eq(one.ends, 0);
	pbx_say(r->pbx, "Response: Success\r\nActionID: call-1\r\n"
			"Message: yes\r\n\r\n");
	cr_assert(loop_while_zero(r->base, &one.ends, SOON));
	cr_assert_eq(one.end, AMI_DONE);
	cr_assert_str_eq(one.message, "yes");
	rig_down(r);
	cr_assert_eq(one.ends + two.ends, 2);
}

Test(unit_ami_session, a_list_ends_with_its_last_event)
{
	struct rig *r = rig_up();
	struct heard h = { 0 };

	cr_assert_eq(act(r, &h, "QueueStatus", "list"), 0);
	r->events = 0;
	pbx_say(r->pbx, "Response: Success\r\nActionID: list\r\n"
			"EventList: start\r\n\r\n"
			"Event: QueueParams\r\nActionID: list\r\n\r\n"
			"Event: Hangup\r\nN: 1\r\n\r\n"
			"Event: QueueMember\r\nActionID: list\r\n\r\n");
	cr_assert(loop_while_zero(r->base, &r->events, SOON));
	cr_assert_eq(h.ends, 0);
	pbx_say(r->pbx, "Event: QueueStatusComplete\r\nActionID: list\r\n"
			"EventList: Complete\r\nListItems: 2\r\n\r\n");
	cr_assert(loop_while_zero(r->base, &h.ends, SOON));
	cr_assert_eq(h.end, AMI_DONE);
	cr_assert_eq(h.listed, 2);
	cr_assert_eq(r->events, 1, "the rest of what happens is told as ever");
	rig_down(r);
}

Test(unit_ami_session, every_action_ends_once_also_when_the_link_goes)
{
	struct rig *r = rig_up();
	struct heard late = { 0 }, cut = { .again = r->ami }, freed = { 0 };

	cr_assert_eq(act(r, &late, "Originate", NULL), 0);
	cr_assert(loop_while_zero(r->base, &late.ends, SOON), "3 s are over");
	cr_assert_eq(late.end, AMI_LOST);
	cr_assert_eq(act(r, &cut, "Originate", NULL), 0);
	pbx_drop(r->pbx);
	cr_assert(loop_while_zero(r->base, &cut.ends, SOON));
	cr_assert_eq(cut.end, AMI_LOST);
	cr_assert_eq(cut.refused, -1, "it was not up any more");
	cr_assert_eq(act(r, &cut, "Originate", NULL), -1);
	cr_assert(pbx_came(r->pbx, 2, SOON));
	let_in(r);
	cr_assert_eq(act(r, &freed, "Originate", NULL), 0);
	rig_down(r);
	cr_assert_eq(freed.ends, 1);
	cr_assert_eq(freed.end, AMI_LOST);
	cr_assert_eq(late.ends + cut.ends, 2);
}

Test(unit_ami_session, no_value_can_begin_an_action_of_its_own)
{
	static const char *const bad[] = { "x\r\nAction: Command", "x\n",
					   "x\ry", "\033[2J", "x\x7f" };
	struct rig *r = rig_up();
	char huge[2000];
	struct ami_header h = { "CallerID", "" };
	struct ami_act a = { .action = "Originate", .headers = &h, .count = 1 };

	memset(huge, 'x', sizeof huge);
	huge[sizeof huge - 1] = '\0';
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		h = (struct ami_header){ "CallerID", bad[i] };
		cr_assert_eq(ami_act(r->ami, &a), -1, "%zu", i);
		h = (struct ami_header){ bad[i], "x" };
		cr_assert_eq(ami_act(r->ami, &a), -1, "%zu", i);
		a.id = bad[i];
		h = (struct ami_header){ "CallerID", "x" };
		cr_assert_eq(ami_act(r->ami, &a), -1, "%zu", i);
		a.id = NULL;
	}
	h = (struct ami_header){ "CallerID", huge };
	cr_assert_eq(ami_act(r->ami, &a), -1);
	h = (struct ami_header){ "Caller:ID", "x" };
	cr_assert_eq(ami_act(r->ami, &a), -1);
	cr_assert_eq(ami_act(r->ami, &(struct ami_act){ .action = "Last" }), 0);
	cr_assert(pbx_asked(r->pbx, "Action: Last", SOON));
	rig_down(r);
}

/* ---- what it lives through ----------------------------------------------- */

static bool
knows_clock(void *cookie)
{
	struct feed_state state;

	feed_look(((struct rig *)cookie)->feed, &state);
	return state.clock_known;
}

Test(unit_ami_session, a_ping_tells_how_far_the_clocks_are_apart)
{
	struct rig *r = rig_up();
	struct feed_state state;
	char stamp[64];

	cr_assert(pbx_asked(r->pbx, "Action: Ping", SOON));
	(void)snprintf(stamp, sizeof stamp,
		       "Ping: Pong\r\nTimestamp: %lld.858121\r\n",
		       (long long)(clock_wall_ms() / 1000 - 3600));
	pbx_ami_answer(r->pbx, "Success", stamp);
	cr_assert(loop_until(r->base, knows_clock, r, SOON));
	feed_look(r->feed, &state);
	cr_assert_gt(state.clock_ms, -3600 * 1000 - SOON);
	cr_assert_lt(state.clock_ms, -3600 * 1000 + SOON);
	rig_down(r);
}

Test(unit_ami_session, who_does_not_read_is_cut)
{
	struct rig *r = rig_up();
	char value[900];
	struct ami_header h = { "X", value };
	int sent = 0;

	memset(value, 'x', sizeof value);
	value[sizeof value - 1] = '\0';
	pbx_stall(r->pbx, true);
	while (r->downs == 0 && sent < 100000) {
		const struct ami_act a = {
			.action = "A", .headers = &h, .count = 1, .limit_ms = 1
		};
		if (ami_act(r->ami, &a) == 0)
			sent++;
		loop_for(r->base, sent % 500 == 0 ? 1500 : 0);
	}
	cr_assert_str_eq(why(r), "Asterisk does not read what it is sent");
	rig_down(r);
}

static bool
has_all(void *cookie)
{
	return ((struct rig *)cookie)->events >= 100001;
}

Test(unit_ami_session, a_flood_is_read_to_its_last_event)
{
	struct rig *r = rig_up();
	struct heard h = { 0 };

	r->events = 0;
	cr_assert_eq(act(r, &h, "QueuePause", "in-flood"), 0);
	cr_assert(pbx_flood(r->pbx,
			    "Event: VarSet\r\nPrivilege: dialplan,all\r\n"
			    "Channel: PJSIP/x-00000000\r\nN: 7\r\n\r\n",
			    100000, 60000));
	pbx_say(r->pbx, "Response: Success\r\nActionID: in-flood\r\n\r\n"
			"Event: End\r\n\r\n");
	cr_assert(loop_until(r->base, has_all, r, 60000));
	cr_assert_eq(r->events, 100001);
	cr_assert_eq(h.ends, 1);
	rig_down(r);
}

Test(unit_ami_session, what_cannot_be_read_is_counted_and_passed_over)
{
	struct rig *r = rig_up();
	struct feed_state state;

	r->events = 0;
	pbx_say(r->pbx, "Event: Long\r\nX: ");
	pbx_flood(r->pbx, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 2000,
		  SOON);
	pbx_say(r->pbx, "\r\nN: 1\r\n\r\nHello: you\r\n\r\n"
			"Event: Good\r\nno colon here\r\nN: 2\r\n\r\n");
	cr_assert(loop_while_zero(r->base, &r->events, SOON));
	cr_assert_str_eq(r->last, "Good 2");
	feed_look(r->feed, &state);
	cr_assert_eq(state.rejects, 3);
	cr_assert_str_eq(state.reasons[0].words, "too long a packet");
	cr_assert_str_eq(state.reasons[1].words,
			 "neither an answer nor an event");
	cr_assert_str_eq(state.reasons[2].words, "a line without a colon");
	rig_down(r);
}

/* A caller's number with line ends in it could answer in Asterisk's place. */
Test(unit_ami_session, nobody_can_guess_the_ids_of_its_actions)
{
	struct rig *r = rig();
	char first[100];

	pbx_say(r->pbx, PBX_AMI_GREETING);
	cr_assert(pbx_asked(r->pbx, "Action: Challenge", SOON));
	(void)snprintf(first, sizeof first, "%s",
		       pbx_field(r->pbx, "ActionID"));
	cr_assert_geq(strlen(first), 16);
	pbx_drop(r->pbx);
	cr_assert(pbx_came(r->pbx, 2, SOON));
	pbx_say(r->pbx, PBX_AMI_GREETING);
	cr_assert(pbx_asked(r->pbx, "Action: Challenge", SOON));
	cr_assert_str_neq(pbx_field(r->pbx, "ActionID"), first);
	rig_down(r);
}
