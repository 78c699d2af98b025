#include "daemon/base/conf.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/text.h"
#include "tests/unit/tempfile.h"

struct wheel {
	char *name;
	int64_t percent;
};

struct part {
	char *name;
	int64_t size;
	struct wheel *wheels;
	size_t wheel_count;
};

struct thing {
	char *word, *fixed;
	struct conf_texts texts;
	struct conf_reals reals;
	struct conf_numbers waits;
	int64_t number, wait_ms, percent, clock;
	double real;
	bool on;
	struct part *parts;
	size_t part_count;
};

#define TOP(name, type, field, otherwise, least, most, reload)            \
	{                                                                 \
		"", name, type, offsetof(struct thing, field), otherwise, \
		    least, most, reload, 0, 0                             \
	}

/* clang-format off */
static const struct conf_option options[] = {
	TOP("word",    CONF_NAME,      word,    "",       1, 8,       true),
	TOP("fixed",   CONF_TEXT,      fixed,   "stone",  1, 80,      false),
	TOP("texts",   CONF_TEXTS,     texts,   "a b",    1, 80,      true),
	TOP("reals",   CONF_REALS,     reals,   "1 2.5",  0, 10,      true),
	TOP("waits",   CONF_DURATIONS, waits,   "",       0, 3600000, true),
	TOP("number",  CONF_INT,       number,  "7",      1, 65535,   true),
	TOP("wait",    CONF_DURATION,  wait_ms, "30s",    1000, 3600000, true),
	TOP("percent", CONF_PERCENT,   percent, "0%",     0, 200,     true),
	TOP("clock",   CONF_CLOCK,     clock,   "09:00",  0, 1440,    true),
	TOP("real",    CONF_REAL,      real,    "1",      0, 10,      true),
	TOP("on",      CONF_BOOL,      on,      "false",  0, 1,       true),
	{ "", "part", CONF_SECTION, offsetof(struct thing, parts), "", 0, 0, true,
	    offsetof(struct thing, part_count), sizeof(struct part) },
	{ "part", "", CONF_NAME, offsetof(struct part, name), NULL, 1, 8, true, 0, 0 },
	{ "part", "size", CONF_INT, offsetof(struct part, size), NULL, 0, 9, true, 0, 0 },
	{ "part", "wheel", CONF_SECTION, offsetof(struct part, wheels), "", 0, 0, true,
	    offsetof(struct part, wheel_count), sizeof(struct wheel) },
	{ "part.wheel", "", CONF_PERCENT, offsetof(struct wheel, percent), NULL, 0, 100, true, 0, 0 },
	{ "part.wheel", "name", CONF_NAME, offsetof(struct wheel, name), "", 1, 8, true, 0, 0 },
};
/* clang-format on */
static const struct conf_table table = { options,
					 sizeof options / sizeof *options };

static struct thing thing;
static struct conf_file *file;
static struct fault fault;

static int
read_bytes(const char *data, size_t len)
{
	return conf_read(&file, &thing, &table,
			 tempfile_write("x.conf", data, len), &fault);
}

static int
read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static void
finish(void)
{
	conf_free(&thing, &table);
	conf_file_free(file);
	file = NULL;
	tempfile_close();
}

/* Refused, in that line (0: none), with these words in the sentence. */
static void
refuses(const char *text, int line, const char *words)
{
	char where[32] = "x.conf: ";

	if (line > 0)
		(void)snprintf(where, sizeof where, "x.conf:%d: ", line);
	cr_assert_eq(read_text(text), -1, "accepted: %s", text);
	cr_assert(strstr(fault.text, where) != NULL, "want %s in: %s", where,
		  fault.text);
	cr_assert(strstr(fault.text, words) != NULL, "want %s in: %s", words,
		  fault.text);
	cr_assert_null(thing.fixed, "something is left in the struct");
	cr_assert_null(thing.parts);
}

TestSuite(conf_read, .init = tempfile_open, .fini = finish);

Test(conf_read, fills_a_struct_by_the_table)
{
	cr_assert_eq(read_text("word = w fixed = 'two words'\n"
			       "texts = { \"x y\", z }\nreals = { 3, 0.5 }\n"
			       "waits = { 5m, \"1h\" }\nnumber = 65535\n"
			       "wait = \"15m\" percent = \"75%\"\n"
			       "clock = \"24:00\" real = 2.25 on = yes\n"),
		     0, "%s", fault.text);
	cr_assert_str_eq(thing.word, "w");
	cr_assert_str_eq(thing.fixed, "two words");
	cr_assert_eq(thing.texts.count, 2);
	cr_assert_str_eq(thing.texts.list[0], "x y");
	cr_assert_eq(thing.reals.list[1], 0.5);
	cr_assert_eq(thing.waits.list[1], 3600000);
	cr_assert_eq(thing.number, 65535);
	cr_assert_eq(thing.wait_ms, 900000);
	cr_assert_eq(thing.percent, 75);
	cr_assert_eq(thing.clock, 1440);
	cr_assert_eq(thing.real, 2.25);
	cr_assert(thing.on);
}

Test(conf_read, takes_the_defaults_for_what_is_not_given)
{
	cr_assert_eq(read_text("# nothing\n"), 0, "%s", fault.text);
	cr_assert_str_eq(thing.word, "");
	cr_assert_str_eq(thing.fixed, "stone");
	cr_assert_eq(thing.texts.count, 2);
	cr_assert_str_eq(thing.texts.list[1], "b");
	cr_assert_eq(thing.reals.list[1], 2.5);
	cr_assert_eq(thing.waits.count, 0);
	cr_assert_eq(thing.clock, 540);
}

Test(conf_read, fills_sections_within_sections)
{
	cr_assert_eq(
	    read_text("part \"a\" { size = 1\n"
		      "wheel \"10%\" { name = x }\n"
		      "wheel \"20%\" { } }\npart \"b\" { size = 2 }\n"),
	    0, "%s", fault.text);
	cr_assert_eq(thing.part_count, 2);
	cr_assert_eq(thing.parts[0].wheel_count, 2);
	cr_assert_str_eq(thing.parts[0].wheels[0].name, "x");
	cr_assert_eq(thing.parts[0].wheels[1].percent, 20);
	cr_assert_str_eq(thing.parts[1].name, "b");
	cr_assert_eq(thing.parts[1].size, 2);
}

Test(conf_read, empties_a_list_that_is_given_empty)
{
	cr_assert_eq(read_text("texts = {}\n"), 0, "%s", fault.text);
	cr_assert_eq(thing.texts.count, 0);
}

Test(conf_read, names_the_line_of_a_field_and_of_a_section)
{
	cr_assert_eq(read_text("\n\nnumber = 5\n\npart \"a\" { size = 1 }\n"),
		     0, "%s", fault.text);
	cr_assert_eq(conf_fault(file, &thing.number, &fault, "bad"), -1);
	cr_assert(strstr(fault.text, "x.conf:3: bad") != NULL);
	(void)conf_fault(file, &thing.parts[0].name, &fault, "bad");
	cr_assert(strstr(fault.text, "x.conf:5: bad") != NULL);
}

Test(conf_read, accepts_a_byte_order_mark_and_crlf)
{
	cr_assert_eq(read_text("\xef\xbb\xbfword = \"w\"\r\nnumber = 8\r\n"), 0,
		     "%s", fault.text);
	cr_assert_str_eq(thing.word, "w");
	cr_assert_eq(thing.number, 8);
}

Test(conf_read, reads_a_good_file_after_a_bad_one)
{
	refuses("word = \"w\nnumber = 3\n", 1, "closing quote");
	refuses("part \"x\"", 1, "the file ends");
	refuses("word = w }", 1, "closes nothing");
	cr_assert_eq(read_text("word = w\n"), 0, "%s", fault.text);
}

/* ---- what libConfuse lets pass ------------------------------------------- */

Test(conf_read, refuses_a_file_cut_off_inside_a_section)
{
	refuses("part \"a\" {\n size = 1\n", 2,
		"the file ends inside of part \"a\": the closing brace } is "
		"missing.");
	refuses("part \"a\" { size = 1 wheel \"1%\" {", 1,
		"inside of wheel \"1%\"");
	refuses("part \"a\" {\n size =", 2, "the file ends");
	refuses("part", 1, "the file ends");
	refuses("texts = { a,\n", 1, "the file ends");
}

Test(conf_read, refuses_a_file_cut_off_inside_a_comment_or_text)
{
	refuses("number = 1\n/* and so\n", 2, "has no end \"*/\"");
	refuses("number = 1\nword = 'abc\n", 2, "closing quote is missing");
	refuses("number = 1\nword = 'abc", 2, "closing quote is missing");
	refuses("number =", 1, "the file ends");
	refuses("number", 1, "the file ends");
}

Test(conf_read, refuses_an_option_given_twice)
{
	refuses("number = 1\nword = w\nnumber = 1\n", 3,
		"\"number\" was given in line 1 already");
	refuses("texts = { a }\ntexts = { b }\n", 2, "in line 1 already");
	refuses("texts = { a }\n\ntexts = {}\n", 1, "once more below");
	refuses("part \"a\" {\nsize = 1\nsize = 2 }\n", 3, "in line 2 already");
}

Test(conf_read, refuses_a_title_given_twice)
{
	refuses("part \"a\" { size = 1 }\npart \"a\" { size = 2 }\n", 2,
		"\"a\" stands here for the second time");
}

Test(conf_read, refuses_what_the_environment_would_replace)
{
	refuses("word = \"${HOME}\"\n", 1, "would be replaced");
	refuses("part \"${HOME}\" { size = 1 }\n", 1, "would be replaced");
	refuses("word = ${HOME}\n", 1, "would be replaced");
	cr_assert_eq(read_text("# not \"${HOME}\"\nfixed = \"$HOME\"\n"), 0);
	cr_assert_str_eq(thing.fixed, "$HOME");
}

Test(conf_read, reads_comments_wherever_they_stand)
{
	cr_assert_eq(read_text("# one\n// two /* \n/* three\n # four */\n"
			       "texts = { a, # five\n \"b#c\", // six\n"
			       " d//e }#seven\nnumber = /* \" */ 3 # \"\n"
			       "fixed = \"\\\"#\"\n"),
		     0, "%s", fault.text);
	cr_assert_eq(thing.texts.count, 3);
	cr_assert_str_eq(thing.texts.list[1], "b#c");
	cr_assert_str_eq(thing.texts.list[2], "d//e");
	cr_assert_eq(thing.number, 3);
	cr_assert_str_eq(thing.fixed, "\"#");
}

Test(conf_read, counts_lines_through_comments)
{
	refuses("# one\n/* two\n\n */\nnumber = 1 # five\n\nwait = x\n", 7,
		"write a duration");
}

Test(conf_read, refuses_what_would_be_dropped_outside_of_quotes)
{
	refuses("texts = { +4930 }\n", 1, "must stand in quotes");
	refuses("\ntexts = { 4930* }\n", 2, "must stand in quotes");
	refuses("fixed = (a)\n", 1, "must stand in quotes");
}

Test(conf_read, refuses_a_text_over_several_lines)
{
	refuses("fixed = \"abc\nword = \"w\"\n", 1, "closing quote is missing");
	refuses("fixed = \"abc\\\nd\"\n", 1, "closing quote is missing");
}

Test(conf_read, refuses_unknown_options_and_guesses_what_was_meant)
{
	refuses("nubmer = 1\n", 1, "did you mean \"number\"?");
	refuses(
	    "part \"a\" {\n siz = 1 }\n", 2,
	    "\"siz\" is not an option of part \"a\"; did you mean \"size\"?");
	refuses("part \"a\" { colour = 1 }\n", 1, "these are: size, wheel.");
	refuses("end_of_file = 1\n", 1, "is not an option");
}

Test(conf_read, suspects_a_missing_brace_where_options_of_the_top_follow)
{
	refuses("part \"a\" { size = 1\npart \"b\" { size = 2 }\n", 2,
		"closing brace } of that missing above");
}

/* ---- files -------------------------------------------------------------- */

Test(conf_read, refuses_an_empty_file)
{
	refuses("", 0, "the file is empty");
	refuses("\xef\xbb\xbf", 0, "the file is empty");
}

Test(conf_read, refuses_a_directory_a_pipe_and_what_is_not_there)
{
	char path[300];

	cr_assert_eq(
	    conf_read(&file, &thing, &table, tempfile_folder(), &fault), -1);
	cr_assert(strstr(fault.text, "is a directory") != NULL);
	(void)snprintf(path, sizeof path, "%s/none", tempfile_folder());
	cr_assert_eq(conf_read(&file, &thing, &table, path, &fault), -1);
	cr_assert(strstr(fault.text, "No such file") != NULL);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_assert_eq(conf_read(&file, &thing, &table, path, &fault), -1);
	cr_assert(strstr(fault.text, "not a regular file") != NULL);
}

Test(conf_read, refuses_bytes_that_are_no_text)
{
	cr_assert_eq(read_bytes("word = a\nfixed = \"a\0b\"\n", 22), -1);
	cr_assert(strstr(fault.text, "x.conf:2: a control") != NULL);
	refuses("fixed = \"\xff\"\n", 1, "not UTF-8");
	refuses("fixed = \"a\rb\"\n", 1, "control character");
	refuses("fixed = \"\\xff\"\n", 1, "not UTF-8");
	refuses("fixed = \"a\\nb\"\n", 1, "has control characters");
}

Test(conf_read, refuses_a_file_beyond_all_measure)
{
	size_t n = 300 * 1024;
	char *text = text_alloc(n + 1);

	memset(text, '\n', n);
	cr_assert_eq(read_bytes(text, n), -1);
	cr_assert(strstr(fault.text, "larger than 256 KiB") != NULL);
	free(text);
}

/* ---- values ------------------------------------------------------------- */

Test(conf_read, says_what_a_value_should_look_like)
{
	refuses("\nwait = 15\n", 2,
		"wait of the file is \"15\": write a duration such as");
	refuses("percent = 0.4\n", 1, "write a percentage such as \"75%\"");
	refuses("percent = 75\n", 1, "write a percentage");
	refuses("clock = 9:00\n", 1, "write a time of day");
	refuses("clock = 24:01\n", 1, "write a time of day");
	refuses("number = 2.5\n", 1, "write a whole number");
	refuses("number = 1k\n", 1, "write a whole number");
	refuses("real = 1e3\n", 1, "write a number such as");
	refuses("real = -1\n", 1, "write a number such as");
	refuses("on = maybe\n", 1, "write true or false");
	refuses("word = \"a b\"\n", 1, "a name is up to");
	refuses("part \"a b\" { size = 1 }\n", 1, "the name of part \"a b\"");
}

Test(conf_read, holds_values_to_their_limits)
{
	refuses("number = 65536\n", 1, "it may be 1 to 65535");
	refuses("number = 0\n", 1, "it may be 1 to 65535");
	refuses("wait = 0s\n", 1, "it may be 1 second");
	refuses("wait = 2h\n", 1, "to 1 hour");
	refuses("percent = 201%\n", 1, "it may be 0% to 200%");
	refuses("real = 0\n", 1, "more than 0 and at most 10");
	refuses("word = abcdefghi\n", 1, "8 characters at most");
	refuses("number = 99999999999999999999\n", 1, "write a whole number");
}

Test(conf_read, names_the_member_of_a_list_that_is_wrong)
{
	refuses("waits = { 1m, 2x }\n", 1, "\"2x\": write a duration");
}

Test(conf_read, asks_for_what_must_be_given)
{
	refuses("number = 1\npart \"a\" { }\n", 2,
		"part \"a\" does not say what \"size\" is.");
}

Test(conf_read, explains_slips_of_the_pen)
{
	refuses("number 1\n", 1, "equals sign is missing after \"number\"");
	refuses("part { size = 1 }\n", 1, "\"part\" needs a name in quotes");
	refuses("part \"a\" size = 1\n", 1, "opening brace { of this \"part\"");
	refuses("}\n", 1, "closes nothing");
	refuses("number += 1\n", 1, "takes one value");
	refuses("texts = { \"a\" \"b\" }\n", 1, "\"b\" is not expected here");
	refuses("number = { 1 }\n", 1, "\"{\" is not expected here");
}

Test(conf_read, shows_no_control_characters_of_the_file)
{
	refuses("part \"\\x1b[31m\" { size = 1 }\n", 1, "\"?[31m\"");
}

Test(conf_read, tells_what_a_reload_may_not_change)
{
	struct thing other = { 0 };
	struct conf_file *second = NULL;

	cr_assert_eq(read_text("number = 1\n"), 0);
	cr_assert_eq(conf_read(&second, &other, &table,
			       tempfile_text("y.conf", "number = 2\n"), &fault),
		     0);
	cr_assert_null(conf_fixed_change(&table, &thing, &other));
	conf_free(&other, &table);
	conf_file_free(second);
	cr_assert_eq(conf_read(&second, &other, &table,
			       tempfile_text("y.conf", "fixed = x\n"), &fault),
		     0);
	cr_assert_str_eq(conf_fixed_change(&table, &thing, &other), "fixed");
	conf_free(&other, &table);
	conf_file_free(second);
}
