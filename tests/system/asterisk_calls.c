/* A daemon and an Asterisk that is played to it: what happens to callers there
 * becomes items here, once each. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "tests/harness/certs.h"
#include "tests/harness/loop.h"
#include "tests/harness/pbx.h"
#include "tests/harness/pbx_ami.h"
#include "tests/harness/recording.h"
#include "tests/system/team.h"

#define SOON 20000

TestSuite(system_asterisk_calls, .timeout = 60);

struct rig {
	struct event_base *base;
	struct pbx *pbx;
	struct team *team;
	char *folder; /* of the secret and the queue_log */
};

static void
rig(struct rig *r)
{
	char tail[1000];
	const struct daemon_options o = { .tail = tail };

	r->base = event_base_new();
	r->folder = redis_folder_new();
	free(certs_shell("cd %s && printf s3cret > secret && chmod 0600 secret "
			 "&& : > queue_log",
			 r->folder));
	r->pbx = pbx_start(r->base);
	(void)snprintf(tail, sizeof tail,
		       "source \"pbx\" {\n"
		       "    type = \"asterisk\"\n"
		       "    address = \"%s\"\n"
		       "    user = \"ringback\"\n"
		       "    secret_file = \"%s/secret\"\n"
		       "    queue_log = \"%s/queue_log\"\n"
		       "    queue_names = { \"support = sales\" }\n"
		       "    answered_min = \"1s\"\n}\n",
		       pbx_address(r->pbx), r->folder, r->folder);
	r->team = team_start(1, &o);
	cr_assert(pbx_came(r->pbx, 1, SOON));
}

static void
rig_close(struct rig *r)
{
	team_stop(r->team);
	pbx_stop(r->pbx);
	redis_folder_remove(r->folder);
	free(r->folder);
	event_base_free(r->base);
}

/* Lets it in; no channels are there, nobody waits. */
static void
logs_in(struct rig *r)
{
	cr_assert(pbx_ami_login(r->pbx, SOON));
	cr_assert(pbx_asked(r->pbx, "Action: Status", SOON));
	pbx_ami_answer(r->pbx, "Success", "EventList: start\r\n");
	pbx_sayf(r->pbx,
		 "Event: StatusComplete\r\nActionID: %s\r\n"
		 "EventList: Complete\r\nListItems: 0\r\n\r\n",
		 pbx_field(r->pbx, "ActionID"));
	cr_assert(pbx_asked(r->pbx, "Action: QueueStatus", SOON));
	pbx_ami_answer(r->pbx, "Success", "EventList: start\r\n");
	pbx_sayf(r->pbx,
		 "Event: QueueStatusComplete\r\nActionID: %s\r\n"
		 "EventList: Complete\r\nListItems: 0\r\n\r\n",
		 pbx_field(r->pbx, "ActionID"));
	cr_assert(pbx_flush(r->pbx, SOON));
}

static void
plays(struct rig *r, size_t scene)
{
	struct recording *rec = recording_asterisk();
	size_t len;
	const char *bytes = recording_events(rec, scene, &len);

	pbx_send(r->pbx, bytes, len);
	cr_assert(pbx_flush(r->pbx, SOON));
	recording_free(rec);
}

struct logged {
	struct team *team;
	const char *type;
	int count;
};

static bool
is_logged(void *cookie)
{
	const struct logged *l = cookie;

	return team_logged(l->team, l->type, 0) >= l->count;
}

static void
must_log(struct rig *r, const char *type, int count)
{
	struct logged l = { r->team, type, count };

	cr_assert(loop_until(r->base, is_logged, &l, SOON), "%s: %d of %d",
		  type, team_logged(r->team, type, 0), count);
	cr_assert_eq(team_logged(r->team, type, 0), count);
}

static void
say(struct rig *r, const char *event, const char *more)
{
	pbx_sayf(r->pbx,
		 "Event: %s\r\nPrivilege: agent,call,all\r\n"
		 "Channel: PJSIP/trunk-1\r\nChannelState: 4\r\n"
		 "CallerIDNum: 4930182005\r\nUniqueid: 7.1\r\n"
		 "Linkedid: 7.1\r\n%s\r\n",
		 event, more);
}

Test(system_asterisk_calls, who_hangs_up_in_a_queue_waits_to_be_called_back)
{
	struct rig r;
	struct web *agent;
	const struct web_answer *a;

	rig(&r);
	logs_in(&r);
	plays(&r, 4);
	must_log(&r, "made", 1);
	/* Said again, by whomever, it is the same. */
	plays(&r, 4);
	agent = team_agent(r.team, 0, "anna", "sales", NULL);
	a = web_ask(agent, "POST", "/v1/next", "{}");
	cr_assert_eq(a->status, 200, "%s", a->body);
	cr_expect(strstr(a->body, "3725550123") != NULL, "%s", a->body);
	cr_expect(strstr(a->body, "Mari Tamm") != NULL, "%s", a->body);
	must_log(&r, "made", 1);
	web_free(agent);
	rig_close(&r);
}

Test(system_asterisk_calls, who_rings_again_and_gets_through_disappears)
{
	struct rig r;

	rig(&r);
	logs_in(&r);
	say(&r, "QueueCallerJoin", "Queue: sales\r\n");
	say(&r, "QueueCallerAbandon", "Queue: sales\r\n");
	say(&r, "Hangup", "");
	cr_assert(pbx_flush(r.pbx, SOON));
	must_log(&r, "made", 1);
	pbx_sayf(r.pbx, "Event: QueueCallerJoin\r\nUniqueid: 8.1\r\n"
			"CallerIDNum: 4930182005\r\nLinkedid: 8.1\r\n"
			"Queue: sales\r\n\r\n"
			"Event: AgentConnect\r\nUniqueid: 8.1\r\n"
			"CallerIDNum: 4930182005\r\nLinkedid: 8.1\r\n"
			"Queue: sales\r\nDestUniqueid: 8.2\r\n\r\n");
	must_log(&r, "closed", 1);
	rig_close(&r);
}

static void
log_line(struct rig *r, int seconds, const char *rest)
{
	char path[300];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/queue_log", r->folder);
	f = fopen(path, "ae");
	cr_assert(f != NULL);
	(void)fprintf(f, "%lld|%s\n",
		      (long long)clock_wall_ms() / 1000 + seconds, rest);
	cr_assert_eq(fclose(f), 0);
}

Test(system_asterisk_calls,
     what_was_missed_while_the_link_was_away_is_told_once)
{
	struct rig r;

	rig(&r);
	/* Before it was ever heard: nobody's business. */
	log_line(&r, -3000, "5.1|sales|NONE|ENTERQUEUE||4930182001|1");
	log_line(&r, -2990, "5.1|sales|NONE|ABANDON|1|1|10");
	logs_in(&r);
	say(&r, "QueueCallerJoin", "Queue: sales\r\n");
	say(&r, "QueueCallerAbandon", "Queue: sales\r\n");
	say(&r, "Hangup", "");
	log_line(&r, -1, "7.1|sales|NONE|ENTERQUEUE||4930182005|1");
	log_line(&r, 0, "7.1|sales|NONE|ABANDON|1|1|1");
	must_log(&r, "made", 1);
	pbx_drop(r.pbx);
	log_line(&r, 0, "9.1|support|NONE|ENTERQUEUE||4930182009|1");
	log_line(&r, 0, "9.1|support|NONE|ABANDON|1|1|1");
	log_line(&r, 0, "9.2|support|NONE|ENTERQUEUE||4930182010|1");
	log_line(&r, 0, "9.2|support|P/1|CONNECT|0|9.3|1");
	log_line(&r, 0, "9.2|support|P/1|COMPLETEAGENT|0|0|1");
	for (int i = 2; i <= 3; i++) {
		cr_assert(pbx_came(r.pbx, i, SOON));
		logs_in(&r);
		must_log(&r, "made", 2);
		pbx_drop(r.pbx);
	}
	rig_close(&r);
}

Test(system_asterisk_calls, a_queue_log_that_cannot_be_read_is_told_once)
{
	struct rig r;

	rig(&r);
	free(certs_shell("rm %s/queue_log", r.folder));
	logs_in(&r);
	say(&r, "QueueCallerJoin", "Queue: sales\r\n");
	cr_assert(pbx_flush(r.pbx, SOON));
	for (int i = 2; i <= 3; i++) {
		pbx_drop(r.pbx);
		cr_assert(pbx_came(r.pbx, i, SOON));
		logs_in(&r);
		/* Who waited is gone: without a log, missed. */
		must_log(&r, "made", 1);
	}
	cr_assert(daemon_said(r.team->daemon[0], "No such file", 1, SOON));
	cr_assert(!daemon_said(r.team->daemon[0], "No such file", 2, 0));
	rig_close(&r);
}

Test(system_asterisk_calls, a_hundred_who_hang_up_at_once_are_a_hundred)
{
	struct rig r;

	rig(&r);
	logs_in(&r);
	for (int step = 0; step < 3; step++) {
		static const char *const events[] = { "QueueCallerJoin",
						      "QueueCallerAbandon",
						      "Hangup" };

		for (int i = 0; i < 100; i++)
			pbx_sayf(r.pbx,
				 "Event: %s\r\nPrivilege: call,all\r\n"
				 "Uniqueid: 6.%d\r\nLinkedid: 6.%d\r\n"
				 "CallerIDNum: 49301820%02d\r\n"
				 "Queue: sales\r\n\r\n",
				 events[step], i, i, i);
	}
	cr_assert(pbx_flush(r.pbx, SOON));
	must_log(&r, "made", 100);
	rig_close(&r);
}
