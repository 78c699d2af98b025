/* What each verb asks the daemon for. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/client/fake.h"
#include "tests/client/sample.h"

#define HAS(text, part) \
	cr_expect(strstr(text, part) != NULL, "'%s' is not in:\n%s", part, text)

static const struct fake_rule rules[] = {
	{ "POST /v1/items/4821/outcome", 200,
	  SAMPLE_DONE("no-answer", "scheduled", ""), FAKE_JSON, 0 },
	{ "POST /v1/items/held/outcome", 200, SAMPLE_DONE("done", "closed", ""),
	  FAKE_JSON, 0 },
	{ "POST /v1/items/25/outcome", 200, "{}", FAKE_JSON, 0 },
	{ "POST /v1/items/", 200,
	  "{\"item\":" SAMPLE_ITEM("4821", "waiting", "") "}", FAKE_JSON, 0 },
	{ "POST /v1/undo", 200, SAMPLE_CARD("4821", ""), FAKE_JSON, 0 },
	{ "GET /v1/items?customer=%2B49%2030%20901820", 200,
	  "{\"items\":[{\"number\":4821}],\"total\":1}", FAKE_JSON, 0 },
	{ "GET /v1/items?customer=", 200, "{\"items\":[],\"total\":0}",
	  FAKE_JSON, 0 },
	{ "GET /v1/items?all=1&limit=200&cursor=abc", 200,
	  "{\"items\":[" SAMPLE_ITEM("4822", "waiting", "") "],\"total\":2}",
	  FAKE_JSON, 0 },
	{ "GET /v1/items?", 200,
	  "{\"items\":[" SAMPLE_ITEM(
	      "4821", "waiting",
	      ",\"unknown\":true") "],\"total\":2,\"cursor\":\"abc\"}",
	  FAKE_JSON, 0 },
	{ "GET /v1/me", 200, SAMPLE_ME, FAKE_JSON, 0 },
	{ "POST /v1/me/duty", 200, SAMPLE_ME, FAKE_JSON, 0 },
	{ "POST /v1/events", 201,
	  "{\"number\":4899,\"queue\":\"sales\",\"tier\":\"gold\"}", FAKE_JSON,
	  0 },
	{ "PUT /v1/agents/", 200, "{}", FAKE_JSON, 0 },
	{ "DELETE /v1/agents/", 204, "", FAKE_JSON, 0 },
	{ "GET /v1/customers/c9", 404, "{\"title\":\"x\",\"status\":404}",
	  FAKE_JSON, 0 },
	{ "GET /v1/customers/c1", 200,
	  "{\"id\":\"c1\",\"name\":\"Maria\",\"value\":1}", FAKE_JSON, 0 },
	{ "PUT /v1/customers/", 200, "{}", FAKE_JSON, 0 },
	{ "POST /v1/tokens", 201, "{\"token\":\"rbt_abc\"}", FAKE_JSON, 0 },
	{ "POST /v1/customers", 200,
	  "{\"status\":201,\"id\":\"a\"}\n{\"status\":422,\"detail\":"
	  "\"phones: 1 is no number.\"}\n{\"status\":200,\"id\":\"c\"}\n",
	  FAKE_JSON, 0 },
	{ 0 },
};

static struct fake *fake;

static void
start(void)
{
	setenv("TZ", "UTC", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("COLUMNS");
	fake = fake_start(rules);
}

static void
stop(void)
{
	fake_stop(fake);
}

TestSuite(verbs, .init = start, .fini = stop, .timeout = 60);

Test(verbs, done_takes_an_item_a_code_both_or_none)
{
	struct ran r = run(fake, "done", NULL);

	cr_expect_eq(r.code, 0);
	HAS(fake_heard(fake), "/v1/items/held/outcome");
	HAS(fake_heard(fake), "{\"outcome\":\"done\"}");
	HAS(r.out, "within 60 s: ringback undo");
	cr_expect_eq(run(fake, "done", "busy", NULL).code, 0);
	HAS(fake_heard(fake), "{\"outcome\":\"busy\"}");
	r = run(fake, "done", "4821", "no-answer", "-m", "t\xc3\xbc", NULL);
	cr_expect_eq(r.code, 0);
	HAS(fake_heard(fake), "POST /v1/items/4821/outcome");
	HAS(fake_heard(fake),
	    "{\"outcome\":\"no-answer\",\"note\":\"t\xc3\xbc\"}");
	cr_expect_eq(run(fake, "done", "a", "b", "c", NULL).code, 2);
	cr_expect_eq(run(fake, "done", "\xff", NULL).code, 2);
	cr_expect_eq(run(fake, "done", "-m", "\xff", NULL).code, 2);
	cr_expect_eq(run(fake, "done", "--accepted", "maybe", NULL).code, 2);
	cr_expect_eq(run(fake, "done", "--cause", "c", "--correction", "d",
			 "--accepted", "yes", NULL)
			 .code,
		     0);
	HAS(fake_heard(fake), "{\"outcome\":\"done\",\"accepted\":true,"
			      "\"cause\":\"c\",\"correction\":\"d\"}");
}

Test(verbs, later_knows_an_item_from_a_day)
{
	cr_expect_eq(run(fake, "later", "25", "nov", "10:00", NULL).code, 0);
	HAS(fake_heard(fake), "POST /v1/items/held/outcome");
	HAS(fake_heard(fake), "\"at\":\"25 nov 10:00\",\"anyone\":false");
	cr_expect_eq(
	    run(fake, "later", "4821", "tomorrow", "10", "--anyone", NULL).code,
	    0);
	HAS(fake_heard(fake), "POST /v1/items/4821/outcome");
	HAS(fake_heard(fake), "\"at\":\"tomorrow 10\",\"anyone\":true");
	cr_expect_eq(run(fake, "later", "10", NULL).code, 0);
	HAS(fake_heard(fake), "\"at\":\"10\"");
	cr_expect_eq(run(fake, "later", "+2h", NULL).code, 0);
	HAS(fake_heard(fake), "\"at\":\"+2h\"");
	cr_expect_eq(run(fake, "later", NULL).code, 2);
}

Test(verbs, take_finds_a_telephone_number)
{
	cr_expect_eq(run(fake, "take", "+49", "30", "901820", NULL).code, 0);
	HAS(fake_heard(fake), "POST /v1/items/4821/hold");
	cr_expect_eq(run(fake, "take", "030123", NULL).code, 3);
	cr_expect_eq(run(fake, "take", "#77", NULL).code, 0);
	HAS(fake_heard(fake), "POST /v1/items/77/hold");
	cr_expect_eq(run(fake, "take", NULL).code, 2);
}

Test(verbs, note_move_and_release_mean_what_is_held)
{
	cr_expect_eq(run(fake, "note", "rings", "back", "herself", NULL).code,
		     0);
	HAS(fake_heard(fake), "POST /v1/items/held/note");
	HAS(fake_heard(fake), "{\"note\":\"rings back herself\"}");
	cr_expect_eq(run(fake, "note", "77", "--", "-x", NULL).code, 0);
	HAS(fake_heard(fake), "POST /v1/items/77/note");
	HAS(fake_heard(fake), "{\"note\":\"-x\"}");
	cr_expect_eq(run(fake, "move", "billing", NULL).code, 0);
	HAS(fake_heard(fake), "POST /v1/items/held/move");
	HAS(fake_heard(fake), "{\"to\":\"billing\"}");
	cr_expect_eq(run(fake, "move", "77", "up", "-m", "angry", NULL).code,
		     0);
	HAS(fake_heard(fake), "{\"to\":\"up\",\"note\":\"angry\"}");
	cr_expect_eq(run(fake, "move", "x", "y", NULL).code, 2);
	cr_expect_eq(run(fake, "release", NULL).code, 0);
	HAS(fake_heard(fake), "POST /v1/items/held/release");
	cr_expect_eq(run(fake, "undo", NULL).code, 0);
	HAS(fake_heard(fake), "POST /v1/undo");
}

Test(verbs, list_goes_on_to_the_end_only_where_all_is_asked)
{
	struct ran r = run(fake, "list", NULL);

	cr_expect_eq(r.code, 0);
	HAS(r.out, " 4821  Maria Schr\xc3\xb6"
		   "der  gold *  call-back  waiting");
	HAS(r.out, "1 of 2; those that wait");
	HAS(r.out, "* unknown caller");
	HAS(r.out, "More: ringback list --all");
	r = run(fake, "list", "--all", NULL);
	HAS(r.out, " 4821 ");
	HAS(r.out, " 4822 ");
	HAS(r.out, "2 of 2");
	run(fake, "list", "--queue", "a b", "--since", "2026-11-22 09:00",
	    NULL);
	HAS(fake_heard(fake),
	    "queue=a%20b&since=2026-11-22T09%3A00%3A00.000Z&limit=20");
}

Test(verbs, without_a_verb_it_says_where_you_stand)
{
	struct ran r = run(fake, NULL);

	cr_expect_eq(r.code, 0);
	HAS(r.out, "anna, agent at acme, on duty. Today: done 7, tried 4.");
	HAS(r.out, "You hold nothing.");
	HAS(r.out, "Your queues: sales, billing; 12 wait there.");
	cr_expect_eq(run(fake, "pause", NULL).code, 0);
	HAS(fake_heard(fake), "{\"duty\":\"off\"}");
}

Test(verbs, add_is_an_event_with_an_id_of_its_own)
{
	struct ran r = run(fake, "add", "complaint", "030", "1", "--severity",
			   "2", "--text", "broken", "--queue", "quality", NULL);
	const char *heard = fake_heard(fake), *id = strstr(heard, "\"id\":\"");

	cr_expect_eq(r.code, 0);
	HAS(r.out, "4899 is taken in, gold in sales.");
	HAS(heard, "{\"type\":\"complaint\",\"id\":\"");
	HAS(heard, "\"source\":\"cli:");
	HAS(heard, "\"from\":\"030 1\",\"severity\":2,\"text\":\"broken\","
		   "\"queue\":\"quality\"}");
	cr_assert_not_null(id);
	cr_expect_eq(strspn(id + 6, "0123456789abcdef"), 32);
	cr_expect_eq(run(fake, "add", "call", NULL).code, 2);
	cr_expect_eq(run(fake, "add", "fax", "1", NULL).code, 2);
	cr_expect_eq(
	    run(fake, "add", "call", "1", "--severity", "9", NULL).code, 2);
	cr_expect_eq(run(fake, "add", "call", "1", "--at", "soon", NULL).code,
		     2);
}

Test(verbs, agents_are_added_one_by_one)
{
	struct ran r = run(fake, "agents", "add", "sales", "anna", "b/n",
			   "--factor", "0.5", NULL);

	cr_expect_eq(r.code, 0);
	cr_expect_str_eq(r.out,
			 "anna now serves sales.\nb/n now serves sales.\n");
	HAS(fake_heard(fake), "PUT /v1/agents/anna/queues/sales");
	HAS(fake_heard(fake), "PUT /v1/agents/b%2Fn/queues/sales");
	HAS(fake_heard(fake), "{\"factor\":0.5}");
	cr_expect_eq(run(fake, "agents", "remove", "sales", "anna", NULL).code,
		     0);
	cr_expect_eq(run(fake, "agents", "add", "sales", NULL).code, 2);
	cr_expect_eq(
	    run(fake, "agents", "add", "q", "a", "--factor", "-1", NULL).code,
	    2);
}

Test(verbs, setting_one_field_keeps_the_others)
{
	cr_expect_eq(run(fake, "customers", "set", "c1", "value=8400",
			 "phones=+49 30 1;+49 30 2", NULL)
			 .code,
		     0);
	HAS(fake_heard(fake),
	    "{\"id\":\"c1\",\"name\":\"Maria\",\"value\":8400,"
	    "\"phones\":[\"+49 30 1\",\"+49 30 2\"]}");
	cr_expect_eq(
	    run(fake, "customers", "set", "c9", "shared=yes", NULL).code, 0);
	HAS(fake_heard(fake), "{\"id\":\"c9\",\"shared\":true}");
	cr_expect_eq(run(fake, "customers", "set", "c1", "valve=1", NULL).code,
		     2);
	cr_expect_eq(run(fake, "customers", "set", "c1", "value=x", NULL).code,
		     2);
}

Test(verbs, a_token_is_printed_alone)
{
	struct ran r =
	    run(fake, "tokens", "create", "pbx", "--role", "push", NULL);

	cr_expect_eq(r.code, 0);
	cr_expect_str_eq(r.out, "rbt_abc\n");
	HAS(fake_heard(fake), "{\"name\":\"pbx\",\"role\":\"push\"}");
	cr_expect_eq(run(fake, "tokens", "create", "pbx", NULL).code, 2);
}

Test(verbs, import_names_bad_rows_by_line_and_takes_the_rest)
{
	struct ran r =
	    run_input(fake,
		      "\xef\xbb\xbfid,name,phones,value,never_call\r\n"
		      "a,\"Lang, P\",+49 30 1; +49 30 2,8400,yes\r\n"
		      "\r\n"
		      "b,\"two\nlines\",1,,\r\n"
		      "x,y,,many,\r\n"
		      "bad\"quote,,,,\r\n"
		      "short,row\r\n"
		      ",no id,,,\r\n"
		      "c,Last,,,no\r\n",
		      "customers", "import", "-", NULL);

	cr_expect_eq(r.code, 1);
	HAS(r.err, "line 6: value must be a number such as 8400, not 'many'");
	HAS(r.err, "line 7: a quote stands where none may stand");
	HAS(r.err, "line 8: it has 2 fields, the first line has 5");
	HAS(r.err, "line 9: the id is missing");
	HAS(r.err, "line 4: phones: 1 is no number.");
	HAS(r.out, "2 customers taken in (1 new), 5 refused.");
	HAS(fake_heard(fake), "{\"id\":\"a\",\"name\":\"Lang, P\",\"phones\":"
			      "[\"+49 30 1\",\"+49 30 "
			      "2\"],\"value\":8400,\"never_call\":true}\n");
	HAS(fake_heard(fake), "Content-Type: application/x-ndjson");
}

Test(verbs, import_refuses_a_file_whose_columns_it_does_not_know)
{
	struct ran r =
	    run_input(fake, "id,nam\na,b\n", "customers", "import", "-", NULL);

	cr_expect_eq(r.code, 1);
	HAS(r.err,
	    "there is no column 'nam'; the first line names them: id, name");
	cr_expect_str_eq(fake_heard(fake), "");
	cr_expect_eq(run_input(fake, "", "customers", "import", "-", NULL).code,
		     1);
	cr_expect_eq(
	    run_input(fake, "id,id\n", "customers", "import", "-", NULL).code,
	    1);
	cr_expect_eq(run(fake, "customers", "import", "/nowhere", NULL).code,
		     1);
	cr_expect_eq(run(fake, "customers", "import", "/", NULL).code, 1);
	r = run_input(fake, "id,name\na,\"open\n", "customers", "import", "-",
		      NULL);
	cr_expect_eq(r.code, 1);
	HAS(r.err, "line 2: a quote is opened and never closed");
}
