/* What each verb asks the daemon for. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/client/expect.h"
#include "tests/client/fake.h"
#include "tests/client/sample.h"

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
	plain_surroundings();
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
		   "der  gold *  call-back  sales  waiting");
	HAS(r.out, "1 of 2 shown. Those that wait stand in the order");
	HAS(r.out, "* unknown caller");
	HAS(r.out, "The rest, and what is closed: ringback list --all");
	r = run(fake, "list", "--all", NULL);
	HAS(r.out, " 4821 ");
	HAS(r.out, " 4822 ");
	HAS(r.out, " 2 items. ");
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
	r = run(fake, "add", "call", "1", "--at", "2099-11-25 10:00", NULL);
	HAS(r.out,
	    "4899 is taken in, gold in sales.\nTo be called 25 Nov 2099");
	HAS(fake_heard(fake), "\"callback_at\":\"2099-11-25T10:00:00.000Z\"");
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
	cr_expect_lt(strstr(r.err, "line 4:"), strstr(r.err, "line 6:"));
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
	r = run(fake, "customers", "import", "/nowhere", NULL);
	cr_expect_eq(r.code, 1);
	cr_expect_str_eq(r.err, "ringback: /nowhere cannot be read: No such "
				"file or directory\n");
	r = run(fake, "customers", "import", "/", NULL);
	cr_expect_eq(r.code, 1);
	cr_expect_str_eq(r.err, "ringback: / is a folder, not a file.\n");
	r = run_input(fake, "id,name\na,\"open\n", "customers", "import", "-",
		      NULL);
	cr_expect_eq(r.code, 1);
	HAS(r.err, "line 2: a quote is opened and never closed");
}

Test(verbs, import_tells_an_id_that_stands_twice_with_both_lines)
{
	struct ran r =
	    run_input(fake, "id,name\na,One\nb,Two\na,Three\nc,Four\n",
		      "customers", "import", "-", NULL);

	cr_expect_eq(r.code, 1);
	HAS(r.err, "line 4: the id a stands in line 2 already, which counts");
	HAS(r.out, "2 customers taken in (1 new), 2 refused.");
}

Test(verbs, import_names_an_open_quote_where_it_is_opened)
{
	struct ran r = run_input(fake,
				 "id,name\na,One\nb,\"Two\nc,Three\n"
				 "d,\"Four\"\ne,Five\n",
				 "customers", "import", "-", NULL);

	cr_expect_eq(r.code, 1);
	HAS(r.err, "line 3: a quote is opened and not closed; nothing was "
		   "taken from here to line 5");
	HAS(fake_heard(fake), "{\"id\":\"e\",\"name\":\"Five\"}");
}

Test(verbs, what_made_no_item_is_said_and_refused)
{
	static const struct {
		const char *body, *kind, *says;
		int code;
	} rows[] = {
		{ "{\"state\":\"uncallable\",\"reason\":\"invalid\"}", "call",
		  "ringback: abc is no telephone number that can be called: "
		  "nothing was taken in.\n",
		  1 },
		{ "{\"state\":\"uncallable\",\"reason\":\"never-call\"}",
		  "call",
		  "ringback: abc does not want to be called, ever: nothing was "
		  "taken in.\n",
		  1 },
		{ "{\"state\":\"ignored\",\"reason\":\"own number\"}", "call",
		  "ringback: nothing was taken in: own number.\n", 1 },
		{ "{\"state\":\"recorded\",\"reason\":\"feedback\"}",
		  "feedback", "", 0 },
	};
	struct fake_rule answer[2] = { { 0 }, { 0 } };
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fake *f;
		struct ran r;

		answer[0] = (struct fake_rule){ "POST /v1/events", 200,
						rows[i].body, FAKE_JSON, 0 };
		f = fake_start(answer);
		r = run(f, "add", rows[i].kind, "abc", NULL);
		cr_expect_eq(r.code, rows[i].code);
		cr_expect_str_eq(r.err, rows[i].says);
		r = run(f, "add", rows[i].kind, "abc", "--json", NULL);
		cr_expect_eq(r.code, rows[i].code);
		fake_stop(f);
	}
}

Test(verbs, words_that_are_no_item_are_told_before_anything_is_asked)
{
	struct ran r = run(fake, "take", "abc", NULL);

	cr_expect_eq(r.code, 2);
	HAS(r.err, "'abc' is neither an item nor a telephone number.");
	r = run(fake, "note", "1011", NULL);
	cr_expect_eq(r.code, 2);
	HAS(r.err, "note what? The text for 1011 is missing");
	r = run(fake, "done", "was nice", NULL);
	cr_expect_eq(r.code, 2);
	HAS(r.err, "'was nice' is no outcome; a note goes behind -m.");
	r = run(fake, "list", "--since", "ages", NULL);
	cr_expect_eq(r.code, 2);
	HAS(r.err, "--since is a time such as 13:30, 2h, yesterday");
	cr_expect_str_eq(fake_heard(fake), "");
}

static struct ran
against(const char *request, const char *body, const char *verb,
	const char *word)
{
	struct fake_rule answer[2] = { { request, 200, body, FAKE_JSON, 0 },
				       { 0 } };
	struct fake *f = fake_start(answer);
	struct ran r = run(f, verb, word, NULL);

	fake_stop(f);
	return r;
}

Test(verbs, undo_says_who_had_to_go_back)
{
	struct ran r = against(
	    "POST /v1/undo",
	    "{\"item\":" SAMPLE_ITEM(
		"4821", "held", "") ",\"put_back\":{"
				    "\"number\":1027,\"name\":\"Peter Lang\"}}",
	    "undo", NULL);

	HAS(r.out, " 4821  Maria");
	HAS(r.out, " 1027 Peter Lang is back in the queue.\n");
	r = against("POST /v1/undo",
		    "{\"undone\":\"note\",\"item\":{\"number\":1027}}", "undo",
		    NULL);
	cr_expect_str_eq(r.out, "Note on 1027 taken back.\n");
}

Test(verbs, who_paused_is_told_how_it_ends)
{
	struct ran r = run(fake, "pause", NULL);

	HAS(r.out, "Paused: you are off duty; ringback next (or resume) ends "
		   "it.");
	r = against("GET /v1/me",
		    "{\"name\":\"anna\",\"role\":\"agent\",\"duty\":"
		    "\"paused\",\"queues\":[\"sales\"]}",
		    NULL, NULL);
	HAS(r.out, "anna, agent at this site, paused. Today");
	HAS(r.out, "Next: ringback resume\n");
}

Test(verbs, what_went_up_is_said_with_the_group)
{
	struct ran r =
	    against("POST /v1/items/held/move",
		    "{\"item\":" SAMPLE_ITEM(
			"1047", "waiting",
			",\"up\":\"rb-leads\"") ",\"to_on_duty\":false}",
		    "move", "up");

	HAS(r.out, " went up to rb-leads; promised by");
	HAS(r.out, ". Nobody of rb-leads is on duty just now.\n");
}

Test(verbs, nothing_to_do_names_what_was_given_back)
{
	struct ran r =
	    against("POST /v1/next",
		    "{\"held\":false,\"given_back\":{\"count\":6,\"from\":"
		    "\"2099-11-22T13:50:00Z\"}}",
		    "next", NULL);

	cr_expect_eq(r.code, 3);
	HAS(r.out, "  6 wait that you gave back; they come to you again from "
		   "22 Nov 2099.");
}

Test(verbs, an_empty_list_says_with_which_filters)
{
	static const struct fake_rule empty[] = {
		{ "GET /v1/items?", 200, "{\"items\":[],\"total\":0}",
		  FAKE_JSON, 0 },
		{ 0 }
	};
	struct fake *f = fake_start(empty);
	struct ran r = run(f, "list", "-q", "sales", "--tier", "gold", NULL);

	cr_expect_str_eq(r.out,
			 "Nothing is open for queue sales, tier gold.\n");
	r = run(f, "list", NULL);
	cr_expect_str_eq(r.out, "Nothing is open.\n");
	fake_stop(f);
}

/* A settled promise as the card has it, and what is due beside it. */
Test(verbs, a_settled_promise_is_told_as_it_ended)
{
	static const struct {
		const char *item, *says;
	} rows[] = {
		{ "\"state\":\"closed\",\"promise\":\"kept\","
		  "\"promise_at\":\"2020-11-22T13:24:00Z\"",
		  "promised  kept 22 Nov 2020" },
		{ "\"state\":\"closed\",\"promise\":\"broken\",\"late_ms\":"
		  "420000,\"promise_at\":\"2020-11-22T13:33:00Z\"",
		  "promised  22 Nov 2020, broken (7 min late)" },
		{ "\"state\":\"closed\",\"promise\":\"open\"",
		  "promised  closed without a try" },
		{ "\"state\":\"scheduled\",\"promise\":\"broken\",\"why\":"
		  "\"retry\",\"promise_at\":\"2020-11-22T13:33:00Z\","
		  "\"try_at\":\"2099-11-22T13:33:00Z\"",
		  "promised  broken 22 Nov 2020\n next try  due 22 Nov 2099" },
		{ "\"state\":\"waiting\",\"promise\":\"kept\",\"used\":40,"
		  "\"target_ms\":900000,\"due\":\"2020-11-22T13:33:00Z\"",
		  "promised  kept\n next try  due 22 Nov 2020" },
	};
	char body[512];
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ran r;

		snprintf(body, sizeof body, "{\"item\":{\"number\":1,%s}}",
			 rows[i].item);
		r = against("GET /v1/items/1", body, "show", "1");
		HAS(r.out, rows[i].says);
		cr_expect_null(strstr(r.out, "no time"));
		cr_expect_null(strstr(r.out, "LATE"));
	}
}

Test(verbs, a_complaint_shows_what_was_found)
{
	struct ran r = against(
	    "GET /v1/items/1",
	    "{\"item\":{\"number\":1,\"kind\":\"complaint\",\"state\":"
	    "\"closed\",\"cause\":\"bad chuck\",\"accepted\":true},"
	    "\"history\":[{\"type\":\"moved\",\"actor\":\"anna\",\"text\":"
	    "\"billing-eu about an invoice\"},{\"type\":\"outcome\","
	    "\"text\":\"no-answer later again\"},{\"type\":\"note\","
	    "\"text\":\"x\"}]}",
	    "show", "1");

	HAS(r.out, " cause      bad chuck\n correction -\n accepted   yes\n");
	HAS(r.out, "moved to billing-eu: about an invoice\n");
	HAS(r.out, "no answer: later again\n");
	HAS(r.out, "note: x\n");
}

#define ROW(name)                                                         \
	"{\"number\":4821,\"tier\":\"platinum\",\"kind\":\"call-back\","  \
	"\"queue\":\"sales\",\"state\":\"waiting\",\"promise\":\"open\"," \
	"\"due\":"                                                        \
	"\"2020-01-01T00:00:00Z\"," name "}"

Test(verbs, a_narrow_list_keeps_numbers_whole_and_marks_what_is_cut)
{
	static const char body[] = "{\"total\":2,\"items\":[" ROW(
	    "\"name\":\"Wilhelmine "
	    "Stoltenberg-Oldenburg\"") "," ROW("\"phone\":\"+49 4821 "
					       "99887766\",\"unknown\":"
					       "true") "]}";
	struct ran r;

	setenv("COLUMNS", "40", 1);
	r = against("GET /v1/items?", body, "list", NULL);
	HAS(r.out, "Wilhelmine Stol..");
	HAS(r.out, "+49 4821 99887766");
	HAS(r.out, "late ");
	cr_expect_null(strstr(r.out, "platinum"));
	setenv("COLUMNS", "80", 1);
	r = against("GET /v1/items?", body, "list", NULL);
	HAS(r.out, "platinum");
	HAS(r.out, "call-back");
}
