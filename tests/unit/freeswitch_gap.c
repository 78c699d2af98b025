/* What is asked of a FreeSWITCH after a gap, and what its answers are taken
 * for. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/sources/esl.h"
#include "daemon/sources/freeswitch_gap.h"
#include "tests/harness/loop.h"
#include "tests/harness/pbx.h"
#include "tests/harness/pbx_esl.h"
#include "tests/unit/switched.h"
#include "tests/unit/switchlink.h"

#define HEAD                                                       \
	"queue|instance_id|uuid|session_uuid|cid_number|cid_name|" \
	"system_epoch|joined_epoch|rejoined_epoch|bridge_epoch|"   \
	"abandoned_epoch|base_score|skill_score|serving_agent|"    \
	"serving_system|state|score\n"

struct rig {
	struct switchlink link;
	struct switched *calls;
	struct freeswitch_gap *gap;
};

static void
look(void *cookie, struct tracker_now *ret)
{
	const struct rig *r = cookie;

	*ret = r->calls->now;
}

static struct rig *
rig(void)
{
	struct rig *r = text_alloc(sizeof *r);

	r->calls = switched_new();
	switchlink_open(&r->link);
	r->gap = freeswitch_gap_new(
	    &(struct freeswitch_gap_options){ .esl = r->link.esl,
					      .calls = r->calls->calls,
					      .now = look,
					      .cookie = r });
	return r;
}

static void
rig_down(struct rig *r)
{
	switchlink_close(&r->link);
	freeswitch_gap_free(r->gap);
	switched_free(r->calls);
	switchlink_done(&r->link);
	free(r);
}

static void
answers(struct rig *r, const char *command, const char *said)
{
	cr_assert(pbx_esl_asked(r->link.pbx, command, SOON), "%s", command);
	pbx_esl_job(r->link.pbx, said);
}

/* Down for 60 s. */
static void
gap(struct rig *r)
{
	freeswitch_calls_down(r->calls->calls, &r->calls->now);
	switched_pass(r->calls, 60000);
	freeswitch_calls_up(r->calls->calls, &r->calls->now);
	freeswitch_gap_close(r->gap, SWITCHED_START_S * 1000);
}

Test(unit_freeswitch_gap, asks_for_queues_members_and_channels)
{
	struct rig *r = rig();

	switched_member(r->calls, "member-queue-start", "sales", "s1", "m1",
			"");
	switched_member(r->calls, "member-queue-start", "sales", "s2", "m2",
			"");
	gap(r);
	answers(r, "callcenter_config queue list\n",
		"name|strategy\nsales@default|x\nbad name|x\n+OK\n");
	answers(r, "callcenter_config queue list members sales@default\n",
		HEAD "sales|single_box|m1||3725550123|M|0|1795324900|0|0|"
		     "1795324910|0|0|||Abandoned|0\n"
		     "sales|single_box|m7||3725550777|M|0|1795324905|0|0|"
		     "1795324930|0|0|||Abandoned|0\n"
		     "sales|single_box|m8||3725550888|a|b|1795324905|0|0|"
		     "1795324930|0|0|||Abandoned|0|9\n"
		     "sales|single_box|m6|s6|3725550666|M|0|1795324955|0|0|"
		     "0|0|0|||Waiting|0\n+OK\n");
	answers(r, "uuid_exists s1\n", "false");
	answers(r, "uuid_exists s2\n", "true");
	cr_assert_str_eq(pbx_block(r->link.pbx, 200), "");
	cr_assert_str_eq(switched_told(r->calls),
			 "missed m7 from 3725550777 in sales after 25\n"
			 "missed s1/m1 from 3725550123 in sales after 10\n");
	/* s6 is known from now on, though it began in the gap. */
	switched_hangup(r->calls, "s6", "");
	cr_assert_str_eq(switched_told(r->calls),
			 "missed s6/m6 from 3725550666 in sales after -1\n");
	rig_down(r);
}

Test(unit_freeswitch_gap, without_mod_callcenter_channels_are_asked_for)
{
	struct rig *r = rig();

	switched_member(r->calls, "member-queue-start", "sales", "s1", "m1",
			"");
	gap(r);
	answers(r, "callcenter_config queue list\n",
		"-ERR callcenter_config Command not found!\n");
	answers(r, "uuid_exists s1\n", "false");
	cr_assert_str_eq(pbx_block(r->link.pbx, 200), "");
	cr_assert_str_eq(switched_told(r->calls),
			 "missed s1/m1 from 3725550123 in sales after -1\n");
	rig_down(r);
}

static void
drop(struct rig *r, int came)
{
	r->link.ups = 0;
	pbx_reset(r->link.pbx);
	cr_assert(pbx_came(r->link.pbx, came, SOON));
	cr_assert(pbx_esl_login(r->link.pbx, SOON));
	cr_assert(loop_while_zero(r->link.base, &r->link.ups, SOON));
}

/* One that is longer than an event may be would break every link. */
Test(unit_freeswitch_gap, a_list_that_breaks_the_link_twice_is_not_asked_for)
{
	struct rig *r = rig();

	switched_member(r->calls, "member-queue-start", "sales", "s1", "m1",
			"");
	for (int came = 2; came <= 3; came++) {
		gap(r);
		answers(r, "callcenter_config queue list\n",
			"name|x\nsales|x\n+OK\n");
		cr_assert(pbx_esl_asked(
		    r->link.pbx, "callcenter_config queue list members", SOON));
		drop(r, came);
	}
	gap(r);
	answers(r, "uuid_exists s1\n", "false");
	cr_assert_str_eq(pbx_block(r->link.pbx, 200), "");
	cr_assert_str_eq(switched_told(r->calls),
			 "missed s1/m1 from 3725550123 in sales after -1\n");
	gap(r);
	answers(r, "callcenter_config queue list\n", "+OK\n");
	rig_down(r);
}

Test(unit_freeswitch_gap, a_second_gap_within_begins_again)
{
	struct rig *r = rig();

	switched_member(r->calls, "member-queue-start", "sales", "s1", "m1",
			"");
	gap(r);
	cr_assert(pbx_esl_asked(r->link.pbx, "callcenter_config", SOON));
	drop(r, 2);
	gap(r);
	answers(r, "callcenter_config queue list\n", "+OK\n");
	answers(r, "uuid_exists s1\n", "false");
	cr_assert_str_eq(pbx_block(r->link.pbx, 200), "");
	cr_assert_str_eq(switched_told(r->calls),
			 "missed s1/m1 from 3725550123 in sales after -1\n");
	rig_down(r);
}
