#include "daemon/policy/read.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "daemon/policy/outcome.h"
#include "tests/unit/policy_file.h"

#define accept policy_file_accept
#define refuse policy_file_refuse

TestSuite(policy, .init = policy_file_open, .fini = policy_file_close);

Test(policy, reads_the_example)
{
	const struct policy *p = policy_file_example();
	const struct policy_queue *sales = policy_queue(p, "sales");

	cr_assert_str_eq(p->site, "acme");
	cr_assert_eq(p->tier_count, 3);
	cr_assert_eq(policy_tier(p, "gold")->callback_ms, 900000);
	cr_assert_eq(policy_ladder(p, "usual")->step_count, 5);
	cr_assert_eq(policy_retry(p, "usual")->busy.list[2], 900000);
	cr_assert_eq(policy_hours(p, "office")->open.count, 3);
	cr_assert_eq(sales->numbers.count, 2);
	cr_assert_eq(sales->hold_max_ms, 2700000);
	cr_assert_eq(policy_source(p, "pbx")->ignore_under_ms, 5000);
	cr_assert_eq(p->alerts[0].argv.count, 2);
	cr_assert_str_eq(p->alerts[0].argv.list[1], "duty@acme.example");
}

Test(policy, takes_the_example_as_it_is_shipped)
{
	struct policy *p = NULL;
	struct fault fault = { "" };

	cr_assert_eq(policy_read(&p, "conf/ringback.conf.example", &fault), 0,
		     "%s", fault.text);
	cr_assert_str_eq(p->redis_url, "unix:///run/ringback-redis/redis.sock");
	policy_free(p);
}

Test(policy, takes_the_defaults_of_the_manual)
{
	const struct policy *p = accept(NULL, NULL, NULL);

	cr_assert_str_eq(p->socket, "/run/ringback/ringback.sock");
	cr_assert_str_eq(p->http, "");
	cr_assert_str_eq(p->durability, "aof");
	cr_assert_str_eq(p->roles.admins.list[0], "sudo");
	cr_assert_str_eq(p->unknown_caller, "standard");
	cr_assert_str_eq(p->default_queue, "sales");
	cr_assert_eq(p->severities.list[2], 4);
	cr_assert_eq(p->keep_ms, 90LL * 86400000);
	cr_assert_eq(p->max_body, 1048576);
	cr_assert_eq(p->max_connections, 512);
	cr_assert_eq(p->retries[0].call_from, 540);
}

Test(policy, names_every_option_in_the_example)
{
	char line[400], word[64];
	const char *name;

	for (size_t i = 0; (name = policy_option_name(i)) != NULL; i++) {
		const char *last = strrchr(name, '.');
		FILE *f = fopen("conf/ringback.conf.example", "re");
		bool found = false;

		(void)snprintf(word, sizeof word, "%s",
			       last != NULL ? last + 1 : name);
		cr_assert_not_null(f);
		while (!found && fgets(line, sizeof line, f) != NULL) {
			const char *at = strstr(line, word);

			found = at != NULL &&
				strpbrk(at + strlen(word), "=\"") != NULL &&
				strchr(" =", at[strlen(word)]) != NULL;
		}
		(void)fclose(f);
		cr_assert(found, "%s is not in ringback.conf.example", name);
	}
}

/* ---- finding things ----------------------------------------------------- */

Test(policy, finds_the_tier_of_a_value)
{
	const struct policy *p = accept(NULL, NULL, NULL);

	cr_assert_str_eq(policy_tier_of(p, 3000)->name, "gold");
	cr_assert_str_eq(policy_tier_of(p, 2999)->name, "standard");
	cr_assert_str_eq(policy_tier_of(p, -1)->name, "standard");
}

Test(policy, finds_the_queue_of_a_number)
{
	const struct policy *p = accept(NULL, NULL, NULL);

	cr_assert_str_eq(policy_queue_of(p, "+4930901821")->name, "billing");
	cr_assert_null(policy_queue_of(p, "+4930901829"));
	cr_assert_null(policy_queue(p, "none"));
}

Test(policy, lets_a_queue_promise_something_of_its_own)
{
	const struct policy *p =
	    accept("queue \"sales\" {",
		   "queue \"sales\" { tier \"gold\" { callback = 10m }", NULL);
	const struct policy_queue *q = policy_queue(p, "sales");

	cr_assert_eq(policy_callback_ms(q, policy_tier(p, "gold")), 600000);
	cr_assert_eq(policy_complaint_ms(q, policy_tier(p, "gold")), 14400000);
	cr_assert_eq(policy_callback_ms(q, policy_tier(p, "standard")),
		     3600000);
}

Test(policy, knows_the_outcomes_of_the_site)
{
	const struct policy *p = accept(
	    NULL, NULL, "outcome \"sold\" { like = \"done\" key = \"s\" }");
	struct outcome o;

	cr_assert_eq(policy_outcome(&o, p, "sold"), 0);
	cr_assert_eq(o.effect, OUTCOME_CLOSE);
	cr_assert_str_eq(o.key, "s");
	cr_assert_eq(policy_outcome(&o, p, "busy"), 0);
	cr_assert_str_eq(o.plan, "busy");
	cr_assert_eq(policy_outcome(&o, p, "gone"), -1);
}

/* ---- at the top --------------------------------------------------------- */

Test(policy, refuses_a_zone_or_region_that_there_is_not)
{
	refuse("Europe/Berlin", "Europe/Bärlin", NULL, "conf:2: timezone");
	refuse("Europe/Berlin", "../../etc/passwd", NULL, "timezone");
	refuse("\"DE\"", "\"de\"", NULL, "conf:3: region \"de\" is no country");
}

Test(policy, refuses_addresses_that_are_none)
{
	refuse(NULL, NULL, "http = \"127.0.0.1:65536\"", "conf:17: http");
	refuse(NULL, NULL, "http = \"8025\"", "is no address with a port");
	refuse(NULL, NULL, "http = \"localhost:8025\"", "is no address");
	refuse(NULL, NULL, "socket = \"ringback.sock\"", "whole path");
	refuse(NULL, NULL, "redis_url = \"http://x\"", "redis_url is neither");
	refuse(NULL, NULL, "redis_url = \"redis://:secret@x:1\"",
	       "redis_url cannot have a password");
	refuse(NULL, NULL, "redis_url = \"sentinel://a:1,b:2\"",
	       "redis_url needs the name");
	refuse(NULL, NULL, "redis_url = \"cluster://a:1,a:1\"",
	       "names \"a:1\" twice");
	refuse(NULL, NULL, "redis_url = \"redis://a:1,b:2\"",
	       "a list of hosts belongs to");
	refuse(NULL, NULL, "redis_url = \"rediss://a:0\"", "is no host");
	refuse(NULL, NULL, "token_file = \"x\"", "is not a whole path");
	refuse(NULL, NULL,
	       "http = \"[::1]:1\" https = \"[::1]:1\" "
	       "https_cert = \"/c\" https_key = \"/k\"",
	       "a port of its own");
	refuse(NULL, NULL, "redis_secret_file = \"x\"", "is not a whole path");
	(void)accept(NULL, NULL, "http = \"[::1]:0\"");
	(void)accept(NULL, NULL, "redis_url = \"redis://127.0.0.1:6379\"");
}

Test(policy, refuses_values_beyond_their_range)
{
	refuse(NULL, NULL, "max_body = 0", "it may be 1024 to");
	refuse(NULL, NULL, "undo = \"2h\"", "it may be 0 seconds to 1 hour");
	refuse(NULL, NULL, "durability = \"disk\"", "\"aof\" or \"none\"");
	refuse(NULL, NULL, "severities = { 1, 2 }", "three weights");
	refuse(NULL, NULL, "socket_mode = \"0688\"", "is no mode of a file");
	refuse(NULL, NULL, "socket_mode = \"4755\"", "is no mode of a file");
	refuse(NULL, NULL, "socket_mode = \"rw-rw----\"",
	       "is no mode of a file");
	(void)accept(NULL, NULL, "socket_mode = \"660\"");
}

Test(policy, keeps_the_words_of_ladders_from_being_groups)
{
	refuse(NULL, NULL, "agents = { \"agents\" }", "cannot be called");
}

/* ---- tiers -------------------------------------------------------------- */

Test(policy, needs_a_tier_for_everybody)
{
	refuse("value = 0", "value = 1", NULL, "no tier has the value 0");
	refuse("value = 3000", "value = 0", NULL, "the same value, 0");
	refuse(NULL, NULL, "unknown_caller = \"silver\"", "which there is not");
}

Test(policy, orders_tiers_by_value)
{
	const struct policy *p = accept(NULL, NULL, NULL);

	cr_assert_str_eq(p->tiers[0].name, "gold");
	cr_assert_str_eq(p->tiers[1].name, "standard");
}

Test(policy, says_which_value_of_a_tier_is_wrong)
{
	refuse("callback = 15m", "callback = 15", NULL,
	       "conf:5: callback of tier \"gold\" is \"15\": write a duration");
	refuse("weight = 2.5", "weight = 0", NULL, "more than 0");
	refuse("weight = 2.5 ", "", NULL,
	       "conf:5: tier \"gold\" does not say what \"weight\" is");
	refuse("value = 3000", "value = -5", NULL, "it may be 0 to");
}

/* ---- hours, ladders, retries -------------------------------------------- */

Test(policy, refuses_hours_that_cannot_be_read)
{
	refuse("mon-fri 08:00-18:00", "mon-fry 08:00-18:00", NULL,
	       "conf:6: hours \"office\": ");
	refuse("{ \"mon-fri 08:00-18:00\" }", "{ }", NULL, "never open");
	refuse(
	    "18:00\" }", "18:00\" } holidays = \"/nowhere/x.ics\"", NULL,
	    "conf:6: hours \"office\": there is no file /nowhere/x.ics. Put");
	refuse("18:00\" }", "18:00\" } holidays = \"/\"", NULL, "no file");
	refuse("18:00\" }", "18:00\" } holidays = \"x.ics\"", NULL,
	       "must be a whole path");
}

Test(policy, refuses_a_ladder_that_falls)
{
	refuse("\"100%\"", "\"30%\"", NULL,
	       "conf:10: ladder \"usual\" falls from 40% to 30%");
	refuse("\"100%\"", "\"040%\"", NULL, "falls from 40% to 40%");
	refuse("\"100%\"", "\"1.0\"", NULL,
	       "the name of step \"1.0\" is \"1.0\": write a percentage");
}

Test(policy, refuses_a_step_to_nobody)
{
	refuse(
	    "rb-leads", "rb-chiefs", NULL,
	    "conf:10: step \"100%\" of ladder \"usual\" goes to \"rb-chiefs\"");
	(void)accept("rb-leads", "rb-chiefs", "managers = { \"rb-chiefs\" }");
}

Test(policy, refuses_retry_plans_that_cannot_work)
{
	refuse("retry \"usual\" { }", "retry \"usual\" { no_answer = {} }",
	       NULL, "did you mean \"no-answer\"?");
	refuse("retry \"usual\" { }", "retry \"usual\" { then = \"gone\" }",
	       NULL, "it may be \"unreachable\"");
	refuse("retry \"usual\" { }",
	       "retry \"usual\" { call_from = \"20:00\" }", NULL,
	       "earlier in the day");
	refuse("retry \"usual\" { }", "retry \"usual\" { busy = { \"5\" } }",
	       NULL, "busy of retry \"usual\" is \"5\"");
	refuse("retry \"usual\" { }", "retry \"usual\" { start_at = \"0.5\" }",
	       NULL, "write a percentage");
}

/* ---- queues ------------------------------------------------------------- */

Test(policy, needs_a_queue)
{
	refuse("queue \"sales\"", "/* queue", " */",
	       "x.conf: there is no queue; write at least one.");
	refuse("queue \"sales\"", "queue \"up\"", NULL,
	       "a queue cannot be called \"up\"");
	refuse(NULL, NULL, "default_queue = \"support\"", "which there is not");
}

Test(policy, allows_a_queue_without_numbers)
{
	(void)accept("{ \"+49 30 901821\" }", "{}", NULL);
}

Test(policy, refuses_names_that_lead_nowhere)
{
	refuse("hours = office", "hours = night", NULL,
	       "conf:14: queue \"sales\" has the hours \"night\"");
	refuse("ladder = usual", "ladder = odd", NULL, "the ladder \"odd\"");
	refuse("retry = usual", "retry = odd", NULL, "the retry plan \"odd\"");
	refuse("hours = office", "", NULL,
	       "queue \"sales\" does not say what \"hours\" is");
	refuse("retry = usual", "retry = usual tier \"tin\" {}", NULL,
	       "to the tier \"tin\"");
}

Test(policy, refuses_a_number_in_two_queues)
{
	/* However it is written. */
	refuse(
	    "+49 30 901821", "030 90-18-20", NULL,
	    "conf:15: the number +4930901820 is in two queues, \"sales\" and "
	    "\"billing\"");
}

Test(policy, refuses_numbers_that_nobody_can_dial)
{
	refuse("+49 30 901821", "sales", NULL, "is no telephone number");
	refuse("retry = usual", "retry = usual caller_id = \"x\"", NULL,
	       "caller_id: \"x\" is no telephone number");
}

Test(policy, refuses_needs_and_holds_that_make_no_sense)
{
	refuse("retry = usual", "retry = usual close_needs = { \"tea\" }", NULL,
	       "it may have cause, correction and accepted");
	refuse("retry = usual", "retry = usual hold = 1h", NULL,
	       "hold is longer than hold_max");
}

/* ---- sources, outcomes, alerts ------------------------------------------ */

Test(policy, keeps_patterns_of_numbers)
{
	const struct policy *p =
	    accept(NULL, NULL,
		   "source \"pbx\" { ignore_from = { \"+49 30 1234*\", "
		   "\"030 901820\" } }");

	cr_assert_str_eq(p->sources[0].ignore_from.list[0], "+49301234*");
	cr_assert_str_eq(p->sources[0].ignore_from.list[1], "+4930901820");
}

Test(policy, keeps_what_it_does_not_use_of_a_source_yet)
{
	const struct policy *p = accept(
	    NULL, NULL, "source \"pbx\" { type = \"asterisk\" tls = true }");

	cr_assert_str_eq(p->sources[0].type, "asterisk");
	cr_assert(p->sources[0].tls);
}

Test(policy, refuses_patterns_that_match_too_much_or_nothing)
{
	refuse(NULL, NULL, "source \"pbx\" { ignore_from = { \"*\" } }",
	       "ignore_from of source \"pbx\"");
	refuse(NULL, NULL, "source \"pbx\" { ignore_from = { \"030*\" } }",
	       "write + and the country");
	refuse(NULL, NULL, "source \"pbx\" { ignore_from = { \"+4*9\" } }",
	       "write + and the country");
	refuse(NULL, NULL, "source \"pbx\" { queue_names = { \"600=odd\" } }",
	       "names the queue \"odd\", which there is not");
	refuse(NULL, NULL, "source \"pbx\" { queue_names = { \"600\" } }",
	       "queue_names of source \"pbx\" has \"600\"");
	refuse(NULL, NULL, "source \"pbx\" { queue_names = { \"=sales\" } }",
	       "has \"=sales\"");
	refuse(NULL, NULL,
	       "source \"pbx\" { queue_names = { \"6=sales\", \"6 = billing\" "
	       "} }",
	       "has \"6\" twice");
	refuse(NULL, NULL, "source \"pbx\" { queue_log = \"queue_log\" }",
	       "queue_log of source \"pbx\" must be a whole path");
	refuse(NULL, NULL, "source \"pbx\" { queue = \"odd\" }",
	       "names the queue \"odd\"");
}

Test(policy, refuses_outcomes_that_shadow_or_hang_in_the_air)
{
	refuse(NULL, NULL, "outcome \"done\" { like = \"done\" }",
	       "one of ringback's own words");
	refuse(NULL, NULL, "outcome \"sold\" { like = \"bought\" }",
	       "none of ringback's own");
	refuse(NULL, NULL, "outcome \"sold\" { like = \"done\" key = \"q\" }",
	       "the key \"q\" of outcome \"sold\" is taken");
	refuse(NULL, NULL,
	       "outcome \"a\" { like = \"done\" key = \"s\" }\n"
	       "outcome \"e\" { like = \"done\" key = \"s\" }",
	       "have the same key");
}

Test(policy, runs_alert_programs_without_a_shell)
{
	refuse(NULL, NULL,
	       "alert \"a\" { on = { broken } run = \"/bin/mail x; rm y\" }",
	       "not read by a shell");
	refuse(NULL, NULL, "alert \"a\" { on = { broken } run = \"mail x\" }",
	       "whole path");
	refuse(NULL, NULL, "alert \"a\" { on = { tea } run = \"/bin/mail\" }",
	       "waits for \"tea\", which nothing raises");
	(void)accept("\"broken\"", "\"tea\"",
		     "alert \"a\" { on = { tea } run = \"/bin/mail x\" }");
}

/* ---- reload ------------------------------------------------------------- */

Test(policy, tells_what_only_a_restart_can_change)
{
	struct policy a = { 0 }, b = { 0 };
	struct fault fault = { "" };
	char one[] = "one", two[] = "two", none[] = "";

	a.site = b.site = a.redis_url = b.redis_url = a.socket = b.socket =
	    a.http = b.http = a.https = b.https = a.durability = b.durability =
		a.journal = b.journal = a.token_file = b.token_file = none;
	a.socket_mode = b.socket_mode = a.socket_group = b.socket_group = none;
	cr_assert_eq(policy_reload_ok(&a, &b, &fault), 0);
	b.keep_ms = 5;
	cr_assert_eq(policy_reload_ok(&a, &b, &fault), 0);
	a.socket = one;
	b.socket = two;
	cr_assert_eq(policy_reload_ok(&a, &b, &fault), -1);
	cr_assert_not_null(strstr(fault.text, "socket cannot be changed"));
}

/* ---- outcomes built in -------------------------------------------------- */

Test(outcome, knows_every_word_of_the_verb)
{
	static const char *const names[] = {
		"done",       "reached",      "no-answer", "busy",
		"voicemail",  "left-message", "later",     "wrong-number",
		"bad-number", "other-person", "declined",  "never-call"
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		cr_assert_not_null(outcome_find(names[i]), "%s", names[i]);
	cr_assert_eq(outcome_count(), sizeof names / sizeof *names);
	cr_assert_null(outcome_find("Done"));
}

Test(outcome, closes_with_a_reason_and_retries_by_a_plan)
{
	for (size_t i = 0; i < outcome_count(); i++) {
		const struct outcome *o = outcome_at(i);

		cr_assert_eq(o->effect == OUTCOME_CLOSE, *o->reason != '\0');
		cr_assert_eq(o->effect == OUTCOME_RETRY, *o->plan != '\0');
	}
	cr_assert_str_eq(outcome_effect_name(OUTCOME_LATER), "later");
}

Test(outcome, gives_no_key_twice)
{
	for (size_t i = 0; i < outcome_count(); i++) {
		for (size_t k = 0; k < i; k++) {
			const char *key = outcome_at(i)->key;

			cr_assert(*key == '\0' ||
				  strcmp(key, outcome_at(k)->key) != 0);
		}
	}
	cr_assert(outcome_key_free("s"));
	cr_assert_not(outcome_key_free("d"));
	cr_assert_not(outcome_key_free("q"));
	cr_assert_not(outcome_key_free("S"));
	cr_assert_not(outcome_key_free(""));
}
