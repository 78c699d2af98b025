/* The stream that stays, and the way to the daemon itself. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/ask.h"
#include "tests/client/expect.h"
#include "tests/client/fake.h"
#include "tests/client/sample.h"

TestSuite(watch, .init = plain_surroundings, .timeout = 60);

#define STREAM "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

Test(watch, watch_says_when_redis_is_away_and_back)
{
	static const struct fake_rule rules[] = {
		{ "GET /v1/log?alerts=1", 0,
		  STREAM "event: away\ndata: {\"type\":\"away\",\"at\":"
			 "\"2026-11-22T10:03:26.000Z\"}\n\n"
			 "event: back\ndata: {\"type\":\"back\",\"at\":"
			 "\"2026-11-22T10:03:31.000Z\"}\n\n"
			 "event: recovered\ndata: {\"restored\":75,"
			 "\"failed\":2}\n\n",
		  FAKE_RAW, 1 },
		{ "GET /v1/log?alerts=1", 403,
		  "{\"detail\":\"No longer.\",\"status\":403}", FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct ran r = run(fake, "watch", NULL);

	HAS(r.out, "-- 10:03:26 Redis is away: nothing can be handed out");
	HAS(r.out, "-- 10:03:31 Redis is back, after 5 seconds\n");
	HAS(r.out, "75 told again,");
	HAS(r.out, "2 in vain");
	fake_stop(fake);
}

Test(watch, watch_goes_on_behind_the_last_id)
{
	static const struct fake_rule rules[] = {
		{ "GET /v1/log?alerts=1", 0,
		  STREAM ": hello\n\nid: 7-1\nevent: alert\ndata: {\"at\":"
			 "\"2026-11-22T10:03:26Z\",\"alert\":\"broken\","
			 "\"number\":4830,"
			 "\"tier\":\"platinum\",\"queue\":\"sales\",\"to\":"
			 "\"rb-leads\"}"
			 "\n\nid: 7-2\nevent: held\ndata: {\"at\":"
			 "\"2026-11-22T10:03:58Z\",\"number\":4830,\"queue\":"
			 "\"sales\","
			 "\"agent\":\"carla\"}\n\n"
			 "event: called\ndata: {\"at\":"
			 "\"2026-11-22T10:04:00Z\",\"number\":4830,\"queue\":"
			 "\"sales\",\"agent\":\"carla\",\"result\":\"talked\","
			 "\"talked_s\":190}\n\n"
			 "event: held\ndata: {\"number\":4831,\"with\":4830}"
			 "\n\nevent: put-off\ndata: {\"number\":4832,\"why\":"
			 "\"with\"}\n\nevent: closed\ndata: {\"at\":"
			 "\"2026-11-22T10:15:02Z\",\"number\":4830,\"queue\":"
			 "\"sales\",\"outcome\":\"done\",\"agent\":\"carla\","
			 "\"late_ms\":696000}\n\n"
			 "id: 7-3\ndata: not json\n\n",
		  FAKE_RAW, 1 },
		{ "GET /v1/log?alerts=1", 0, STREAM "event: reset\ndata:\n\n",
		  FAKE_RAW, 1 },
		{ "GET /v1/log?alerts=1", 403,
		  "{\"detail\":\"No longer.\",\"status\":403}", FAKE_JSON, 0 },
		{ "GET /v1/queues", 200,
		  "{\"queues\":[{\"late\":9,\"at_risk\":3,\"held\":4},"
		  "{\"late\":3}]}",
		  FAKE_JSON, 0 },
		{ "GET /v1/items/4830", 200,
		  SAMPLE_CARD("4830", ",\"name\":\"Fa. Lang\""), FAKE_JSON, 0 },
		{ 0 },
	};
	struct fake *fake = fake_start(rules);
	struct ran r = run(fake, "watch", NULL);
	const char *heard = fake_heard(fake), *once;

	cr_expect_eq(r.code, 1);
	HAS(r.out, " 10:03:26  BROKEN     4830  platinum  sales    Fa. Lang"
		   "          to rb-leads");
	HAS(r.out, " 10:03:58  taken      4830            sales    Fa. Lang"
		   "          carla");
	HAS(r.out, " 10:04:00  called     4830            sales    Fa. Lang"
		   "          talked 3:10,");
	cr_expect_eq(strncmp(r.out, "-- now: 12 late, 3 at risk, 4 held\n", 35),
		     0, "%s", r.out);
	HAS(r.out, " 10:15:02  over       4830            sales    Fa. Lang"
		   "          done by carla,");
	HAS(r.out, "11 minutes");
	cr_expect_null(strstr(r.out, "4831"));
	cr_expect_null(strstr(r.out, "4832"));
	HAS(r.out, "daemon gone, trying again ...");
	HAS(r.out, "nothing missed");
	HAS(r.out, "no longer in the log");
	HAS(r.err, "No longer.");
	HAS(heard, "Last-Event-ID: 7-3");
	once = strstr(heard, "GET /v1/items/4830");
	cr_assert_not_null(once);
	cr_expect_null(strstr(once + 1, "GET /v1/items/4830"));
	fake_stop(fake);
}

Test(watch, watch_without_a_daemon_exits_4)
{
	cr_expect_eq(run(NULL, "watch", "--socket", "/nowhere/s", NULL).code,
		     4);
}

static struct ask *
way_to(struct fake *fake)
{
	struct ask_where where = { .socket = fake_socket(fake) };
	struct ask *ask = NULL;
	char why[256];

	cr_assert_eq(ask_open(&ask, &where, why, sizeof why), 0);
	return ask;
}

Test(watch, a_daemon_that_hangs_is_given_up_in_time)
{
	static const struct fake_rule rules[] = {
		{ "GET /", 0, "", FAKE_HANG, 0 }, { 0 }
	};
	struct fake *fake = fake_start(rules);
	struct ask *ask = way_to(fake);
	struct request r = { .method = "GET",
			     .path = "/v1/me",
			     .timeout_s = 1 };
	struct answer a;

	ask_do(ask, &r, &a);
	cr_expect_eq(a.status, 0);
	cr_expect_eq(answer_exit(&a), EXIT_AWAY);
	HAS(a.fault, "did not answer within 1 s");
	answer_done(&a);
	ask_close(ask);
	fake_stop(fake);
}

Test(watch, calls_run_side_by_side_and_may_be_dropped)
{
	static const struct fake_rule rules[] = {
		{ "GET /hang", 0, "", FAKE_HANG, 0 },
		{ "GET /v1/me", 200, SAMPLE_ME, FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct ask *ask = way_to(fake);
	struct request slow = { .method = "GET", .path = "/hang" };
	struct request fast = { .method = "GET", .path = "/v1/me" };
	struct call *waits = call_start(ask, &slow);
	struct call *quick = call_start(ask, &fast);
	struct answer a;
	int i;

	for (i = 0; i < 100 && !call_is_done(quick); i++)
		ask_wait(ask, -1, 100);
	cr_assert(call_is_done(quick));
	cr_expect_not(call_is_done(waits));
	call_take(quick, &a);
	cr_expect_eq(a.status, 200);
	answer_done(&a);
	call_drop(waits);
	call_drop(NULL);
	ask_close(ask);
	fake_stop(fake);
}

Test(watch, next_waits_over_a_restart_of_the_daemon)
{
	static const struct fake_rule rules[] = {
		{ "POST /v1/next", 200, SAMPLE_NOTHING, FAKE_JSON, 1 },
		{ "POST /v1/next", 0, "", FAKE_RAW, 1 },
		{ "POST /v1/next", 200, SAMPLE_NOTHING, FAKE_JSON, 1 },
		{ "POST /v1/next", 200, SAMPLE_CARD("4821", ""), FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *fake = fake_start(rules);
	struct ran r = run(fake, "next", "--wait", NULL);

	cr_expect_eq(r.code, 0);
	HAS(r.out, " 4821  Maria");
	HAS(r.err, "daemon gone, trying again");
	HAS(r.err, "back after 1 s");
	HAS(fake_heard(fake), "{\"wait_s\":50}");
	fake_stop(fake);
}
