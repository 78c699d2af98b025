#include "daemon/policy/fields.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/policy/policy.h"
#include "daemon/policy/sentences.h"
#include "daemon/policy/warnings.h"
#include "tests/unit/policy_file.h"

#define accept policy_file_accept

TestSuite(policy_fields, .init = policy_file_open, .fini = policy_file_close);

static void
field_is(const struct record *r, const char *name, const char *value)
{
	const char *is = record_get(r, name);

	cr_assert_not_null(is, "there is no %s", name);
	cr_assert_str_eq(is, value);
}

Test(policy_fields, writes_tiers_queues_and_durations)
{
	struct record *r = policy_fields(accept(NULL, NULL, NULL));

	field_is(r, "site", "acme");
	field_is(r, "timezone", "Europe/Berlin");
	field_is(r, "unknown_caller", "standard");
	field_is(r, "default_queue", "sales");
	field_is(r, "tiers",
		 "[{\"name\":\"gold\",\"value\":3000,\"weight\":2.5,"
		 "\"call-back\":900000,\"complaint\":14400000},"
		 "{\"name\":\"standard\",\"value\":0,\"weight\":1,"
		 "\"call-back\":3600000,\"complaint\":172800000}]");
	field_is(r, "severities", "[1,2,4]");
	field_is(r, "queues", "[\"sales\",\"billing\"]");
	field_is(r, "number:+4930901820", "sales");
	field_is(r, "keep_ms", "7776000000");
	field_is(r, "not_ms", "1800000");
	field_is(r, "undo_ms", "60000");
	field_is(r, "history_most", "200");
	field_is(r, "feedback_most", "20");
	field_is(r, "alerts", "[]");
	record_free(r);
}

Test(policy_fields, writes_all_of_a_queue)
{
	struct record *r = policy_fields(
	    accept("retry = usual",
		   "retry = usual caller_id = \"030 901820\" say_first = "
		   "\"Grüß \\\"\" "
		   "close_needs = { cause } tier \"gold\" { callback = 10m }",
		   NULL));

	field_is(r, "queue:sales",
		 "{\"hours\":\"hours:office\",\"ladder\":["
		 "{\"at\":0,\"to\":\"own-agent\",\"only\":true,\"alert\":\"\"},"
		 "{\"at\":0.4,\"to\":\"agents\",\"only\":false,\"alert\":\"\"},"
		 "{\"at\":1,\"to\":\"rb-leads\",\"only\":false,"
		 "\"alert\":\"broken\"}],"
		 "\"retry\":{\"no-answer\":[1800000,7200000,14400000],"
		 "\"busy\":[300000,300000,900000],"
		 "\"voicemail\":[14400000,86400000]},"
		 "\"then\":\"unreachable\",\"retry_share\":0,\"days\":0,"
		 "\"call_from\":\"09:00\",\"call_to\":\"20:00\","
		 "\"hold\":900000,\"hold_max\":2700000,"
		 "\"caller_id\":\"+4930901820\",\"say_first\":\"Grüß \\\"\","
		 "\"close_needs\":[\"cause\"],"
		 "\"tiers\":{\"gold\":{\"call-back\":600000}}}");
	record_free(r);
}

Test(policy_fields, writes_sources_outcomes_and_alerts)
{
	struct record *r = policy_fields(
	    accept(NULL, NULL,
		   "source \"pbx\" { ignore_under = 5s silent_after = 30m "
		   "queue = sales "
		   "ignore_from = { \"+49 30 1234*\" } }\n"
		   "outcome \"sold\" { like = done }\n"
		   "alert \"duty\" { on = { broken } run = \"/bin/mail x\" }"));

	field_is(r, "source:pbx",
		 "{\"ignore_under\":5000,\"ignore_from\":[\"+49301234*\"],"
		 "\"answered_min\":20000,\"queue\":\"sales\","
		 "\"down_after\":20000,\"silent_after\":1800000,"
		 "\"silent_usual\":true,\"serves\":[\"sales\"]}");
	field_is(
	    r, "source-default",
	    "{\"ignore_under\":0,\"ignore_from\":[],\"answered_min\":20000}");
	field_is(r, "alerts", "[{\"name\":\"duty\",\"on\":[\"broken\"]}]");
	cr_assert_not_null(
	    strstr(record_get(r, "outcomes"),
		   "\"sold\":{\"effect\":\"close\",\"reason\":\"done\","
		   "\"tried\":true,\"plan\":\"\"}"));
	cr_assert_not_null(
	    strstr(record_get(r, "outcomes"),
		   "\"left-message\":{\"effect\":\"retry\",\"reason\":\"\","
		   "\"tried\":true,\"plan\":\"voicemail\"}"));
	record_free(r);
}

Test(policy_fields, has_the_same_hash_for_the_same_meaning)
{
	char a[17], b[17];

	policy_hash(a, accept(NULL, NULL, NULL));
	cr_assert_eq(strlen(a), 16);
	policy_hash(b, accept("+49 30 901820", "030/90 18 20", "# more\n"));
	cr_assert_str_eq(a, b);
	policy_hash(b, accept("callback = 15m", "callback = 16m", NULL));
	cr_assert_str_neq(a, b);
	policy_hash(b, accept("18:00", "18:30", NULL));
	cr_assert_str_neq(a, b);
}

/* ---- sentences ---------------------------------------------------------- */

static void
says(const char *all, const char *words)
{
	cr_assert_not_null(strstr(all, words), "want %s in:\n%s", words, all);
}

Test(policy_fields, tells_in_sentences_what_was_understood)
{
	char *s = policy_sentences(policy_file_example());

	says(s,
	     "gold: called back within 15 minutes of opening hours, complaints "
	     "within 4 hours; weight 5. Customers worth 3000 to 19999, and "
	     "unknown callers.\n");
	says(s, "platinum: called back within 5 minutes");
	says(s, "Customers worth 20000 or more.\n");
	says(s, "hours office: open mon-fri 08:00-12:30, mon-fri 13:00-18:00");
	says(s,
	     "ladder usual: at once the customer's own agent alone; from 40% "
	     "the queue's agents; from 75% the queue's agents with the alert "
	     "at-risk; from 100% rb-leads with the alert broken; from 200% "
	     "rb-managers with the alert escalated.\n");
	says(s, "after no answer again in 30 minutes, 2 hours, 4 hours; ");
	says(s, "queue sales: calls to +493012340, +4930123410 belong here, "
		"and whatever names no queue; hours office, ladder usual");
	says(s, "agents: members of rb-agents pull and finish items.\n");
	says(s, "calls shorter than 5 seconds are ignored");
	says(s, "runs /usr/lib/ringback/alert-mail duty@acme.example, for 30 "
		"seconds at most.\n");
	free(s);
}

Test(policy_fields, uses_no_word_of_the_inside)
{
	char *s = policy_sentences(policy_file_example());

	cr_assert_null(strstr(s, "share"));
	cr_assert_null(strstr(s, "lease"));
	cr_assert_null(strstr(s, "fence"));
	free(s);
}

Test(policy_fields, warns_of_holidays_that_end_this_year)
{
	const struct policy *p = policy_file_example();
	char *in_2026 = policy_warnings(p, 1795000000000); /* November 2026 */
	char *in_2025 = policy_warnings(p, 1762000000000);

	says(in_2026, "end in 2026; add those of the next year.\n");
	cr_assert_null(strstr(in_2025, "end in"));
	free(in_2026);
	free(in_2025);
}

Test(policy_fields, warns_of_alerts_that_nobody_hears)
{
	char *s = policy_warnings(accept(NULL, NULL, NULL), 0);

	says(s, "Warning: no alert program hears of broken promises");
	cr_assert_null(strstr(s, "raises broken"), "said twice:\n%s", s);
	free(s);
}

Test(policy_fields, warns_of_a_step_whose_alert_is_misspelt)
{
	char *s = policy_warnings(
	    accept("alert = \"broken\"", "alert = \"brokn\"",
		   "alert \"a\" { on = { broken, escalated, unreachable, "
		   "source-down } run = \"/bin/true\" }"),
	    0);

	says(s, "Warning: ladder usual raises brokn at 100%, and no alert has");
	says(s, "Warning: alert a waits for broken, which no step of a ladder "
		"raises.\n");
	cr_assert_null(strstr(s, "source-down"), "ringback raises it:\n%s", s);
	cr_assert_null(strstr(s, "escalated"), "ringback raises it:\n%s", s);
	cr_assert_null(strstr(s, "unreachable"), "ringback raises it:\n%s", s);
	free(s);
}

static const char link[] =
    "source \"pbx\" { type = asterisk address = \"pbx.acme.example:5038\" "
    "user = ringback secret_file = \"/etc/ringback/pbx.secret\" "
    "contexts = { from-trunk } queue_log = \"/var/log/asterisk/queue_log\" "
    "silent_after = 30m queue_names = { \"600 = sales\" } "
    "dial_agent = \"PJSIP/{phone}\" }\n"
    "source \"form\" { contexts = { x } queue_log = \"/q\" "
    "silent_usual = false }\n"
    "alert \"a\" { on = { broken } run = \"/bin/true\" }";

Test(policy_fields, says_what_each_source_is)
{
	char *s = policy_sentences(accept(NULL, NULL, link));

	says(s, "source pbx: asks Asterisk at pbx.acme.example:5038 as "
		"ringback; what was missed meanwhile is read from "
		"/var/log/asterisk/queue_log; calls of from-trunk that enter "
		"no queue count, too; a call answered for 20 seconds got "
		"through; queues there and here: 600 = sales; alert when no "
		"daemon has a link for 20 seconds; alert when silent for 30 "
		"minutes of opening hours; alert when silent for much longer "
		"than is usual at that hour.\n");
	says(s, "source form: a call answered for 20 seconds got through.\n");
	free(s);
	s = policy_sentences(
	    accept(NULL, NULL,
		   "source \"x\" { type = cti address = \"127.0.0.1:1\" user = "
		   "r contexts = { c } queue_log = \"/q\" silent_usual = "
		   "false }"));
	says(s, "source x: takes what a telephone system pushes, as sipgate "
		"does; a call answered for 20 seconds got through.\n");
	free(s);
}

Test(policy_fields, warns_of_what_a_source_cannot_be_meant_to_be)
{
	char *s = policy_warnings(accept(NULL, NULL, link), 0);

	says(s, "Warning: source pbx: pbx.acme.example:5038 is spoken to over "
		"the network without TLS");
	says(s, "Warning: source pbx: dial_agent stands there without "
		"dial_customer, so no calls are made through it.\n");
	says(s, "Warning: source form: contexts is nothing that a source "
		"without a type looks at.\n");
	says(s, "Warning: source form: queue_log is nothing that a source "
		"without a type looks at.\n");
	says(s, "Warning: no alert program hears of source-down: calls that "
		"pbx does not tell are missed unseen.\n");
	cr_assert_null(strstr(s, "source pbx: contexts"), "%s", s);
	free(s);
	s = policy_warnings(
	    accept(NULL, NULL,
		   "source \"a\" { address = \"127.0.0.1:5038\" user = r }\n"
		   "source \"b\" { type = cti user = r member = x }\n"
		   "source \"c\" { type = asterisk public_url = "
		   "\"https://x\" queue_log = \"/nowhere/queue_log\" }"),
	    0);
	says(s, "Warning: source a: it has an address and no type, so nothing "
		"asks there; write type = \"asterisk\" or type = "
		"\"freeswitch\".\n");
	cr_assert_null(strstr(s, "source a: user"), "said once:\n%s", s);
	says(s, "Warning: source b: user is nothing that a source of type cti "
		"looks at.\n");
	says(s, "Warning: source b: member is nothing that a source of type "
		"cti looks at.\n");
	says(s, "Warning: source c: public_url is nothing that a source of "
		"type asterisk looks at.\n");
	says(s, "Warning: source c: queue_log /nowhere/queue_log: No such file "
		"or directory. ");
	free(s);
	s = policy_warnings(
	    accept(NULL, NULL,
		   "source \"a\" { type = asterisk address = "
		   "\"127.0.0.1:5038\" }\nsource \"b\" { type = asterisk "
		   "tls = true address = \"pbx.acme.example:5039\" }"),
	    0);
	cr_assert_null(strstr(s, "without TLS"), "%s", s);
	free(s);
}

Test(policy_fields, warns_of_groups_that_the_system_has_not)
{
	char *s = policy_warnings(
	    accept(NULL, NULL, "agents = { \"rb-no-such\", \"root\" }"), 0);

	says(s, "Warning: agents: there is no Unix group rb-no-such here, so "
		"nobody is in it; make it with: sudo addgroup rb-no-such\n");
	cr_assert_null(strstr(s, "group root"));
	free(s);
}

Test(policy_fields, warns_of_what_keeps_people_and_tokens_out)
{
	char *s = policy_warnings(
	    accept(NULL, NULL,
		   "socket_group = \"rb-no-such\" socket_mode = \"0444\" "
		   "https_key = \"/etc/key\" token_file = \"/nowhere/tokens\" "
		   "redis_url = \"sentinel://m@a,b\""),
	    0);

	says(s, "Warning: socket_group: there is no Unix group rb-no-such");
	says(s, "Warning: socket_mode 0444 lets nobody but root connect");
	says(s, "Warning: https_key stands there without https");
	says(s, "Warning: token_file: there is no folder /nowhere,");
	says(s, "Warning: redis_url names 2 sentinels: when one of them");
	free(s);
	s = policy_warnings(
	    accept(NULL, NULL,
		   "token_file = \"\" redis_url = \"sentinel://m@a,b,c\""),
	    0);
	cr_assert_null(strstr(s, "token"), "%s", s);
	cr_assert_null(strstr(s, "socket"), "%s", s);
	cr_assert_null(strstr(s, "sentinel"), "%s", s);
	free(s);
}

Test(policy_fields, begins_every_warning_the_same)
{
	const struct policy *p =
	    accept(NULL, NULL,
		   "agents = { \"rb-no-such\" }\n"
		   "alert \"a\" { on = { broken } run = \"/nowhere/mail\" }");
	char *s = policy_warnings(p, 0);

	for (const char *line = s; *line != '\0'; line = strchr(line, '\n') + 1)
		cr_assert_eq(strncmp(line, "Warning: ", 9), 0, "%s", line);
	free(s);
}
