/* Are the telephone systems heard: sources, queues and watch say so. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/client/expect.h"
#include "tests/client/fake.h"
#include "tests/client/sample.h"

TestSuite(sources, .init = plain_surroundings, .timeout = 60);

#define SOURCES                                                               \
	"\"sources\":["                                                       \
	"{\"name\":\"pbx\",\"type\":\"asterisk\",\"state\":\"up\",\"since\":" \
	"\"2020-11-22T09:22:00.000Z\",\"last_at\":1606036920000,"             \
	"\"events\":142,\"rejects\":12,\"reasons\":[{\"reason\":\"not a "     \
	"telephone number\",\"count\":9},{\"reason\":\"a line too long\","    \
	"\"count\":3}],\"clock_ms\":-5000,\"silent\":false},"                 \
	"{\"name\":\"web\",\"state\":\"pushes\",\"events\":7,\"rejects\":0,"  \
	"\"silent\":true,\"silent_since\":1606036920000},"                    \
	"{\"name\":\"form\",\"state\":\"pushes\",\"clock_ms\":2000},"         \
	"{\"name\":\"tk-west\",\"type\":\"freeswitch\",\"state\":\"down\","   \
	"\"since\":1606036920000,\"why\":\"no connection: refused\","         \
	"\"events\":0,\"waiting\":3,\"rejects\":0,\"silent\":true}]"

static struct ran
asked(const char *verb, const char *path, const char *body)
{
	static struct fake_rule rules[2];
	struct fake *fake;
	struct ran r;

	rules[0] = (struct fake_rule){ path, 200, body, FAKE_JSON, 0 };
	fake = fake_start(rules);
	r = run(fake, verb, NULL);
	fake_stop(fake);
	return r;
}

Test(sources, each_is_a_row_and_what_is_wrong_says_what_helps)
{
	struct ran r = asked("sources", "GET /v1/sources", "{" SOURCES "}");

	cr_expect_eq(r.code, 0);
	HAS(r.out, " source   type        state   since        last event ");
	HAS(r.out, "  events  rejects  clock off\n"
		   " pbx      asterisk    up      22 Nov 2020  ");
	HAS(r.out, " days ago     142       12        5 s\n");
	HAS(r.out, "\n web                  SILENT  22 Nov 2020  none yet ");
	HAS(r.out, "\n tk-west  freeswitch  DOWN    22 Nov 2020  none yet ");
	HAS(r.out, " pbx: 12 rejected, and no call-back came of them:\n"
		   "       9  not a telephone number\n"
		   "       3  a line too long\n"
		   "   Each is told in: journalctl -u ringbackd; what is "
		   "taken, in ringback-asterisk(7)\n");
	HAS(r.out, " The clocks of pbx and of this service differ by 5 "
		   "seconds");
	HAS_NOT(r.out, "clocks of form");
	HAS(r.out, " web is SILENT since 22 Nov 2020, longer than is usual");
	HAS(r.out, "See ringback-push(7)");
	HAS(r.out, " tk-west is DOWN since 22 Nov 2020: no connection: "
		   "refused.\n");
	HAS(r.out, "See ringback-freeswitch(7), and: journalctl");
	HAS_NOT(r.out, "tk-west is SILENT");
	HAS(r.out, " tk-west: 3 told and not yet in Redis");
}

Test(sources, a_narrow_terminal_keeps_name_and_state)
{
	struct ran r;

	setenv("COLUMNS", "24", 1);
	r = asked("sources", "GET /v1/sources", "{" SOURCES "}");
	HAS(r.out, " tk-west  DOWN");
	HAS_NOT(r.out, "clock off");
}

Test(sources, without_one_it_says_how_to_get_one)
{
	struct ran r = asked("sources", "GET /v1/sources", "{\"sources\":[]}");

	cr_expect_eq(r.code, 0);
	HAS(r.out, "ringback.conf(5), source");
	cr_expect_eq(run(NULL, "sources", "x", NULL).code, 2);
}

Test(sources, nothing_of_them_steers_a_terminal)
{
	struct ran r = asked(
	    "sources", "GET /v1/sources",
	    "{\"sources\":[{\"name\":\"a\\u001b[2J\",\"type\":\"\\u009b\","
	    "\"state\":\"down\",\"why\":\"\\u202e\\u0007x\",\"rejects\":1,"
	    "\"reasons\":[{\"reason\":\"\\u001b]0;y\",\"count\":\"z\"}]},"
	    "{\"state\":\"\\u001b\",\"silent\":true}]}");

	cr_expect_eq(r.code, 0);
	HAS(r.out, "a?[2J is DOWN: ??x.");
	HAS(r.out, "?]0;y");
	cr_expect_null(strchr(r.out, 033));
	cr_expect_null(strchr(r.out, 7));
}

Test(sources, odd_answers_end_well)
{
	static const char *const bodies[] = {
		"{}",
		"{\"sources\":7}",
		"{\"sources\":[7,null,[],{},{\"name\":7,\"state\":{},"
		"\"since\":[],\"last_at\":-1,\"events\":\"x\",\"rejects\":1e30,"
		"\"reasons\":{},\"clock_ms\":-9e12,\"silent\":\"yes\"},"
		"{\"name\":\"a\",\"rejects\":8e12,\"reasons\":[7,{}],"
		"\"clock_ms\":-8e12,\"last_at\":8e12,\"silent\":true}]}",
	};
	size_t i;

	for (i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		cr_expect_eq(
		    asked("sources", "GET /v1/sources", bodies[i]).code, 0);
		cr_expect_eq(asked("queues", "GET /v1/queues", bodies[i]).code,
			     0);
	}
}

Test(sources, queues_has_them_in_a_line)
{
	struct ran r =
	    asked("queues", "GET /v1/queues", "{\"queues\":[]," SOURCES "}");

	HAS(r.out, " Sources: pbx up (last call ");
	HAS(r.out, " ago), web SILENT since 22 Nov 2020, form pushes (no call "
		   "yet), tk-west DOWN since 22 Nov 2020\n");
	r = asked("queues", "GET /v1/queues",
		  "{\"sources\":[{\"source\":\"pbx\",\"last_at\":1},"
		  "{\"source\":\"web\",\"last_at\":1}]}");
	HAS(r.out, " Sources: pbx (last call ");
	HAS(r.out, "days ago), web (");
}

Test(sources, queues_names_those_that_wait_where_nobody_looks)
{
	struct ran r =
	    asked("queues", "GET /v1/queues",
		  "{\"queues\":[{\"queue\":\"sales\",\"waiting\":1,"
		  "\"agents\":1},{\"queue\":\"service\",\"waiting\":2,"
		  "\"agents\":0},{\"queue\":\"billing\",\"waiting\":0,"
		  "\"agents\":0}]}");

	HAS(r.out, " Nobody serves service, where 2 wait: ringback agents add "
		   "service NAME\n");
	HAS_NOT(r.out, "Nobody serves sales");
	HAS_NOT(r.out, "Nobody serves billing");
}

#define STREAM "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

Test(sources, watch_tells_when_one_goes_falls_silent_and_is_back)
{
	static const struct fake_rule rules[] = {
		{ "GET /v1/log?alerts=1", 0,
		  STREAM "event: alert\ndata: {\"alert\":\"source-down\","
			 "\"at\":\"2026-11-22T09:58:00Z\",\"source\":"
			 "\"tk-west\",\"why\":\"no connection: refused\","
			 "\"since\":1606036920000}\n\n"
			 "event: source-up\ndata: {\"at\":"
			 "\"2026-11-22T10:02:00Z\",\"source\":\"tk-west\","
			 "\"down_ms\":240000}\n\n"
			 "event: alert\ndata: {\"alert\":\"source-silent\","
			 "\"at\":\"2026-11-22T10:03:26Z\",\"source\":"
			 "\"\\u001b[2Jweb\",\"since\":1606036920000}\n\n",
		  FAKE_RAW, 1 },
		{ "GET /v1/log?alerts=1", 403,
		  "{\"detail\":\"No longer.\",\"status\":403}", FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct ran r = run(fake, "watch", NULL);

	HAS(r.out, " 09:58:00  DOWN       source tk-west           no "
		   "connection: refused\n");
	HAS(r.out, " 10:02:00  up         source tk-west           after 4 "
		   "minutes\n");
	HAS(r.out, " 10:03:26  SILENT     source ?[2Jweb           since 22 "
		   "Nov 2020\n");
	HAS_NOT(fake_heard(fake), "/v1/items/");
	fake_stop(fake);
}

Test(sources, watch_does_not_say_twice_that_a_source_told_it)
{
	static const struct fake_rule rules[] = {
		{ "GET /v1/log", 0,
		  STREAM "event: answered\ndata: {\"at\":"
			 "\"2026-11-22T09:58:00Z\",\"number\":4821,\"by\":"
			 "\"pbx\",\"origin\":\"source\"}\n\n"
			 "event: answered\ndata: {\"at\":"
			 "\"2026-11-22T09:59:00Z\",\"number\":4822,\"by\":"
			 "\"web\",\"origin\":\"192.0.2.1\"}\n\n"
			 "event: no-queue\ndata: {\"at\":"
			 "\"2026-11-22T09:59:30Z\",\"type\":\"no-queue\","
			 "\"source\":\"pbx\",\"theirs\":\"600\",\"queue\":"
			 "\"sales\"}\n\n"
			 "event: uncallable\ndata: {\"at\":"
			 "\"2026-11-22T09:59:40Z\",\"type\":\"uncallable\","
			 "\"source\":\"pbx\",\"reason\":\"withheld\"}\n\n",
		  FAKE_RAW, 1 },
		{ "GET /v1/log", 403,
		  "{\"detail\":\"No longer.\",\"status\":403}", FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct ran r = run(fake, "watch", "--all", NULL);

	HAS(r.out, "by pbx\n");
	HAS(r.out, "by web, from\n");
	HAS_NOT(r.out, "from source");
	HAS(r.out, "source pbx               600 is none here, it is in sales");
	HAS(r.out, "source pbx               withheld\n");
	fake_stop(fake);
}

Test(sources, who_has_no_name_is_not_named_by_his_number_twice)
{
	static const struct fake_rule rules[] = {
		{ "GET /v1/me", 200,
		  "{\"name\":\"anna\",\"role\":\"agent\",\"duty\":\"on\","
		  "\"queues\":[\"sales\"],\"held\":{\"item\":{\"number\":"
		  "4821,\"phone\":\"+4930901820\"}}}",
		  FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct ran r = run(fake, NULL);

	HAS(r.out, "You hold 4821 unknown caller, +4930901820, ");
	fake_stop(fake);
}

/* The phone that rings first is set where the queues are. */
Test(sources, agents_have_their_phones)
{
	static const struct fake_rule rules[] = {
		{ "GET /v1/me", 200,
		  "{\"name\":\"anna\",\"phone\":\"1001\",\"queues\":[]}",
		  FAKE_JSON, 0 },
		{ "PUT /v1/agents/anna/phone", 200, "{}", FAKE_JSON, 0 },
		{ "PUT /v1/agents/ben/phone", 403,
		  "{\"status\":403,\"role_needed\":\"supervisor\",\"name\":"
		  "\"anna\",\"group\":\"rb-leads\"}",
		  FAKE_JSON, 0 },
		{ "GET /v1/agents", 200,
		  "{\"agents\":[{\"agent\":\"anna\",\"duty\":\"on\",\"phone\":"
		  "\"1001\",\"queues\":[{\"queue\":\"sales\"}]},{\"agent\":"
		  "\"ben\",\"phone\":7}]}",
		  FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct ran r = run(fake, "agents", "phone", "1001", NULL);

	cr_expect_eq(r.code, 0, "%s", r.err);
	cr_expect_str_eq(r.out, "The phone of anna is 1001: it rings first in "
				"a call.\n");
	HAS(fake_heard(fake), "{\"phone\":\"1001\"}");
	r = run(fake, "agents", "phone", "anna", "none", NULL);
	cr_expect_str_eq(r.out, "No phone of anna is known any more.\n");
	HAS(fake_heard(fake), "{\"phone\":\"\"}");
	cr_expect_eq(run(fake, "agents", "phone", "-", NULL).code, 0);
	r = run(fake, "agents", "phone", NULL);
	HAS(r.out, "Your phone: 1001.");
	r = run(fake, "agents", "phone", "ben", "1002", NULL);
	cr_expect_eq(r.code, 1);
	HAS(r.err, "Ask somebody of the group rb-leads.");
	r = run(fake, "agents", NULL);
	HAS(r.out, "holds  phone  queues\n anna   on    never          1001  "
		   "sales\n");
	r = run(fake, NULL);
	HAS(r.out, "Your phone: 1001.\n");
	cr_expect_eq(run(fake, "agents", "phone", "anna", NULL).code, 2);
	cr_expect_eq(run(fake, "agents", "phone", "a", "b", "1", NULL).code, 2);
	cr_expect_eq(run(fake, "agents", "phone", "", NULL).code, 2);
	fake_stop(fake);
}

static struct ran
card_says(const char *more, const char *calling)
{
	static char body[3000];

	snprintf(
	    body, sizeof body,
	    "{\"held\":true,\"item\":" SAMPLE_ITEM("4821", "held", "%s") "%s}",
	    more, calling);
	return asked("next", "POST /v1/next", body);
}

Test(sources, a_card_has_the_wait_and_the_call)
{
	struct ran r = card_says(",\"waited_s\":130",
				 ",\"calling\":{\"call\":\"x\",\"state\":"
				 "\"ended\",\"result\":\"busy\"}");

	HAS(r.out, "rang 3 times, last at ");
	HAS(r.out, "waited 2:10 in the queue\n");
	HAS(r.out, "\n called    busy\n");
	r = card_says(",\"waited_s\":\"long\"",
		      ",\"calling\":{\"call\":\"x\",\"state\":\"customer\"}");
	HAS_NOT(r.out, "waited");
	HAS(r.out, "\n calling   rings there\n");
	r = card_says("", ",\"calling\":{\"state\":\"ended\",\"result\":"
			  "\"talked\",\"talked_s\":190,\"called_at\":"
			  "1606036920000}");
	HAS(r.out, "\n called    22 Nov 2020, talked 3:10\n");
	r = card_says("", ",\"calling\":[]");
	HAS_NOT(r.out, "called");
}
