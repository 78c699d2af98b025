/* Clocks, words and the cleaning of what strangers wrote. */
#include <criterion/criterion.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/args.h"
#include "client/clock.h"
#include "client/field.h"
#include "client/page.h"
#include "client/path.h"
#include "client/when.h"
#include "client/words.h"

#define NOW INT64_C(1795339200000) /* 2026-11-22 09:20:00 UTC */

static void
use_utc(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(words, .init = use_utc);

Test(words, times_are_read_strictly)
{
	static const char *const wrong[] = { "",
					     "now",
					     "2026-11-22",
					     "2026-11-22T09:20:00",
					     "2026-11-22T09:20:00z ",
					     "2026-13-22T09:20:00Z",
					     "2026-11-32T09:20:00Z",
					     "2026-11-31T09:20:00Z",
					     "2026-11-31T09:20:30Z",
					     "2026-11-22T24:20:00Z",
					     "2026-11-22T09:60:00Z",
					     "2026-11-22T09:20Z",
					     "2026-11-22T09:20:00.Z",
					     "2026-11-22T09:20:00+2:00",
					     " 2026-11-22T09:20:00Z" };
	int64_t ms = -7;
	size_t i;

	cr_assert_eq(clock_read(&ms, "2026-11-22T09:20:00.000Z"), 0);
	cr_assert_eq(ms, NOW);
	cr_assert_eq(clock_read(&ms, "2026-11-22T10:20:00.25+01:00"), 0);
	cr_assert_eq(ms, NOW + 250);
	cr_assert_eq(clock_read(&ms, "2026-11-30T23:59:60Z"), 0);
	cr_assert_eq(ms, INT64_C(1796083200000));
	ms = -7;
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		cr_expect_eq(clock_read(&ms, wrong[i]), -1, "%s", wrong[i]);
	cr_assert_eq(ms, -7);
}

Test(words, a_time_that_is_written_is_read_again)
{
	char buf[40];
	int64_t ms;

	clock_write(buf, sizeof buf, NOW + 7);
	cr_assert_str_eq(buf, "2026-11-22T09:20:00.007Z");
	cr_assert_eq(clock_read(&ms, buf), 0);
	cr_assert_eq(ms, NOW + 7);
}

/* NOW is a Sunday. */
Test(words, a_time_ahead_is_read_as_people_write_it)
{
	static const struct {
		const char *text;
		int64_t minutes; /* from NOW */
	} rows[] = { { "09:30", 10 },
		     { "09:20", 1440 },
		     { "8", 1440 - 80 },
		     { "2:30pm", 310 },
		     { "12am", 1440 - 560 },
		     { "2026-11-25 10:00", 3 * 1440 + 40 },
		     { "2026-11-25T10:00", 3 * 1440 + 40 },
		     { "tomorrow 10", 1440 + 40 },
		     { "Today 17:00", 460 },
		     { "wed 14:30", 3 * 1440 + 310 },
		     { "Sunday 9", 7 * 1440 - 20 },
		     { "sun 10", 40 },
		     { "25 nov 10:00", 3 * 1440 + 40 },
		     { "1 january 0:00", 39 * 1440 + 880 },
		     { "in 20m", 20 },
		     { "+2h", 120 },
		     { "2026-11-22T10:20:00+01:00", 0 } };
	static const char *const wrong[] = {
		"",           "tomorrow",  "25:00",
		"soon",       "10:7",      "13pm",
		"0am",        "31 nov 10", "2026-11-31 10:00",
		"2026-11-25", "wed",       "nov 25 10",
		"99 nov 10",  "in 20",     "in 20 weeks",
		"10:00 x",    "100",       "123456789012",
		"-1"
	};
	int64_t ms;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cr_expect_eq(when_ahead(&ms, rows[i].text, NOW), 0, "%s",
			     rows[i].text);
		cr_expect_eq(ms, NOW + rows[i].minutes * 60000, "%s: %lld",
			     rows[i].text, (long long)(ms - NOW) / 60000);
	}
	ms = -7;
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		cr_expect_eq(when_ahead(&ms, wrong[i], NOW), -1, "%s",
			     wrong[i]);
	cr_expect_eq(ms, -7);
}

Test(words, a_time_back_is_the_last_one)
{
	static const struct {
		const char *text;
		int64_t minutes; /* before NOW */
	} rows[] = { { "09:00", 20 },
		     { "09:30", 1430 },
		     { "1h", 60 },
		     { "90m", 90 },
		     { "3d", 3 * 1440 },
		     { "today", 560 },
		     { "yesterday", 2000 },
		     { "2026-11-20", 2 * 1440 + 560 },
		     { "2026-11-22 08:00", 80 },
		     { "2026-11-22T09:19:00Z", 1 } };
	static const char *const wrong[] = {
		"",           "ages",     "1 w",         "26:00",
		"2026-11-31", "tomorrow", "2026-11-22 x"
	};
	int64_t ms;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cr_expect_eq(when_back(&ms, rows[i].text, NOW), 0, "%s",
			     rows[i].text);
		cr_expect_eq(ms, NOW - rows[i].minutes * 60000, "%s: %lld",
			     rows[i].text, (long long)(NOW - ms) / 60000);
	}
	ms = -7;
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		cr_expect_eq(when_back(&ms, wrong[i], NOW), -1, "%s", wrong[i]);
	cr_expect_eq(ms, -7);
}

Test(words, spans_are_short_in_columns)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = { { 0, "0 s" },
		     { 41000, "41 s" },
		     { 302000, "5 min" },
		     { 3599000, "59 min" },
		     { 3600000, "1 h" },
		     { 3900000, "1 h 5 min" },
		     { 172799000, "47 h 59 min" },
		     { 259200000, "3 days" },
		     { -5, "0 s" },
		     { INT64_MAX, "106751991167 days" } };
	char buf[64];
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		clock_span(buf, sizeof buf, rows[i].ms);
		cr_expect_str_eq(buf, rows[i].text);
	}
	clock_due(buf, sizeof buf, NOW - 270000, NOW);
	cr_expect_str_eq(buf, "late 4 min");
	clock_due(buf, sizeof buf, NOW + 41000, NOW);
	cr_expect_str_eq(buf, "in 41 s");
}

Test(words, spans_are_words_in_sentences)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = { { 1000, "1 second" },    { 41000, "41 seconds" },
		     { 60000, "1 minute" },   { 60999, "1 minute" },
		     { 300000, "5 minutes" }, { 900000, "15 minutes" },
		     { 3600000, "1 hour" },   { 4140000, "1 h 9 min" },
		     { 14400000, "4 hours" }, { 259200000, "3 days" } };
	char buf[64];
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		clock_words(buf, sizeof buf, rows[i].ms);
		cr_expect_str_eq(buf, rows[i].text);
	}
}

Test(words, an_instant_says_its_day_where_it_is_not_today)
{
	char buf[64];

	clock_at(buf, sizeof buf, NOW + 240000, NOW);
	cr_expect_str_eq(buf, "09:24");
	clock_at(buf, sizeof buf, NOW + 3 * INT64_C(86400000), NOW);
	cr_expect_str_eq(buf, "Wed 09:20");
	clock_at(buf, sizeof buf, NOW - 20 * INT64_C(86400000), NOW);
	cr_expect_str_eq(buf, "2 Nov 09:20");
	clock_at(buf, sizeof buf, NOW - 400 * INT64_C(86400000), NOW);
	cr_expect_str_eq(buf, "18 Oct 2025");
}

static struct page
utf8_page(void)
{
	struct page p = { .width = 80, .utf8 = true };

	return p;
}

Test(words, nothing_that_steers_a_terminal_comes_through)
{
	struct page p = utf8_page();
	char buf[128];

	page_clean(&p, buf, sizeof buf, "a\033[31mb\x07\rc\x7f");
	cr_expect_str_eq(buf, "a?[31mb??c?");
	page_clean(&p, buf, sizeof buf,
		   "\xc2\x9b"
		   "2J\xe2\x80\xae"
		   "evil");
	cr_expect_str_eq(buf, "?2J?evil");
	page_clean(&p, buf, sizeof buf,
		   "\xe2\x81\xa6x\xe2\x80\x8by\xef\xbb\xbf");
	cr_expect_str_eq(buf, "?x?y?");
	page_clean(&p, buf, sizeof buf, "two\nlines\tand tab");
	cr_expect_str_eq(buf, "two lines and tab");
}

Test(words, broken_utf8_becomes_question_marks)
{
	struct page p = utf8_page();
	char buf[128];

	page_clean(&p, buf, sizeof buf,
		   "a\xff"
		   "b\xc3");
	cr_expect_str_eq(buf, "a?b?");
	page_clean(&p, buf, sizeof buf, "\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80");
	cr_expect(strspn(buf, "?") == strlen(buf) && *buf == '?');
	page_clean(&p, buf, sizeof buf,
		   "Schr\xc3\xb6"
		   "der \xe6\x9d\xb1");
	cr_expect_str_eq(buf, "Schr\xc3\xb6"
			      "der \xe6\x9d\xb1");
	p.utf8 = false;
	page_clean(&p, buf, sizeof buf,
		   "Schr\xc3\xb6"
		   "der \xe6\x9d\xb1");
	cr_expect_str_eq(buf, "Schr?der ?");
}

Test(words, a_heap_of_marks_is_cut_down)
{
	struct page p = utf8_page();
	char src[2048] = "a", buf[2048];
	size_t i;

	for (i = 1; i + 2 < sizeof src; i += 2)
		memcpy(src + i, "\xcc\x81", 3);
	page_clean(&p, buf, sizeof buf, src);
	cr_assert_leq(strlen(buf), 8);
}

Test(words, wide_letters_take_two_cells)
{
	struct page p = utf8_page();
	char buf[64] = "\xe6\x9d\xb1\xe4\xba\xac!";

	cr_expect_eq(page_cells(&p, buf), 5);
	page_cut(&p, buf, 4);
	cr_expect_str_eq(buf, "\xe6\x9d\xb1..");
	page_cut(&p, buf, 1);
	cr_expect_str_eq(buf, ".");
	page_cut(&p, buf, 0);
	cr_expect_str_eq(buf, "");
}

Test(words, a_page_wraps_within_its_width)
{
	char *text = NULL, *line;
	size_t len = 0, n;
	FILE *f = open_memstream(&text, &len);
	struct page p = utf8_page();
	char word[600];

	memset(word, 'x', sizeof word - 1);
	word[sizeof word - 1] = '\0';
	p.to = f;
	p.width = 40;
	page_at(&p, 11);
	page_wrap(&p, "one two three four five six seven eight nine ten", 9);
	page_end(&p);
	page_at(&p, 11);
	page_wrap(&p, word, 100);
	page_end(&p);
	page_put(&p, PAGE_PLAIN, "%s", word);
	page_end(&p);
	fclose(f);
	for (line = text; *line != '\0'; line += n + 1) {
		n = strcspn(line, "\n");
		cr_expect_leq(n, 40);
	}
	free(text);
}

Test(words, an_item_is_a_number_or_a_uuid)
{
	cr_expect(args_is_item("4821"));
	cr_expect(args_is_item("#4821"));
	cr_expect(args_is_item("held"));
	cr_expect(args_is_item("6f9619ff-8b86-d011-b42d-00cf4fc964ff"));
	cr_expect_not(args_is_item("no-answer"));
	cr_expect_not(args_is_item(""));
	cr_expect_not(args_is_item("#"));
	cr_expect_not(args_is_item("10:30"));
	cr_expect_not(args_is_item("+4930901820"));
	cr_expect_str_eq(args_item("#4821"), "4821");
}

Test(words, a_path_holds_nothing_raw)
{
	struct path p;
	char big[5000];

	path_init(&p, "/v1/items/");
	path_part(&p, "../a b?c#\n\xc3\xb6");
	path_query(&p, "queue", "x&y=1");
	path_query(&p, "tier", NULL);
	path_query(&p, "n", "2");
	cr_expect_str_eq(
	    p.text, "/v1/items/..%2Fa%20b%3Fc%23%0A%C3%B6?queue=x%26y%3D1&n=2");
	memset(big, '!', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	path_part(&p, big);
	cr_expect(p.too_long);
}

Test(words, a_field_of_the_wrong_type_is_not_there)
{
	json_t *o =
	    json_loads("{\"a\":1,\"b\":\"x\",\"c\":null,\"d\":[1,\"y\",{}],"
		       "\"e\":1e300,\"f\":2.5}",
		       0, NULL);
	char buf[64];

	cr_expect_str_eq(field_str(o, "a"), "");
	cr_expect_str_eq(field_str(NULL, "a"), "");
	cr_expect_str_eq(field_str(field_list(o, "d"), "a"), "");
	cr_expect_eq(field_int(o, "b", 7), 7);
	cr_expect_eq(field_int(o, "e", 7), 7);
	cr_expect_eq(field_int(o, "f", 7), 2);
	cr_expect_null(field_obj(o, "d"));
	cr_expect_eq(field_time(o, "b"), -1);
	field_join(buf, sizeof buf, field_list(o, "d"));
	cr_expect_str_eq(buf, "y");
	field_join(buf, sizeof buf, NULL);
	cr_expect_str_eq(buf, "");
	json_decref(o);
}

static const char *
outcome(const char *json)
{
	static char buf[512];
	json_t *o = json_loads(json, 0, NULL);

	words_outcome(buf, sizeof buf, o, NOW);
	json_decref(o);
	return buf;
}

Test(words, an_outcome_says_what_follows)
{
	cr_expect_str_eq(
	    outcome(
		"{\"outcome\":\"no-answer\",\"item\":{\"number\":"
		"4821,\"state\":\"scheduled\",\"why\":\"retry\",\"tries\":1,"
		"\"tries_max\":4,\"try_at\":\"2026-11-22T09:50:00Z\"}}"),
	    "4821 no answer, try 1 of 4. Due again at 09:50.");
	cr_expect_str_eq(
	    outcome("{\"outcome\":\"done\",\"item\":{\"number\":4821,"
		    "\"state\":\"closed\",\"reason\":\"done\",\"promise\":"
		    "\"kept\"}}"),
	    "4821 done, promise kept.");
	cr_expect_str_eq(
	    outcome("{\"outcome\":\"busy\",\"item\":{\"number\":1,"
		    "\"state\":\"closed\",\"reason\":\"unreachable\"},"
		    "\"repeated\":true}"),
	    "1 busy, closed as unreachable. It was recorded already.");
	cr_expect_str_eq(
	    outcome("{\"outcome\":\"reached\",\"item\":{\"number\":1,"
		    "\"state\":\"held\"}}"),
	    "1 reached. Still yours.");
	cr_expect_str_eq(
	    outcome(
		"{\"outcome\":\"later\",\"item\":{\"number\":1,"
		"\"state\":\"scheduled\",\"try_at\":\"2026-11-25T15:00:00Z\","
		"\"local\":\"Wed 25 Nov "
		"10:00\",\"timezone\":\"America/New_York\"}}"),
	    "1 later. Agreed for Wed 25 Nov 10:00 in New York, Wed 15:00 "
	    "here.");
	cr_expect_str_eq(
	    outcome("{\"outcome\":\"never-call\",\"item\":{\"number\":1,"
		    "\"state\":\"closed\",\"reason\":\"never-call\"},"
		    "\"closed_too\":[\"7\",\"8\"]}"),
	    "1 never call. Closed with it: 7, 8.");
	cr_expect_str_eq(
	    outcome(
		"{\"outcome\":\"busy\",\"item\":{\"number\":1,\"state\":"
		"\"scheduled\",\"why\":\"retry\",\"tries\":1,\"tries_max\":4,"
		"\"promise\":\"broken\",\"try_at\":\"2026-11-22T09:50:00Z\"}}"),
	    "1 busy, try 1 of 4, promise broken. Due again at 09:50.");
	cr_expect_str_eq(outcome("{}"), "0 recorded.");
}

Test(words, an_appointment_tells_both_clocks_with_whom_and_until_when)
{
	json_t *item = json_loads(
	    "{\"why\":\"appointment\",\"try_at\":\"2026-11-23T13:44:00Z\","
	    "\"until\":\"2026-11-23T13:59:00Z\",\"local\":\"Mon 23 Nov 08:44\","
	    "\"timezone\":\"America/New_York\",\"agent\":\"ben\"}",
	    0, NULL);
	json_t *other = json_loads("{\"why\":\"retry\",\"try_at\":"
				   "\"2026-11-23T13:44:00Z\"}",
				   0, NULL);
	char text[300];
	int64_t now = 1795441200000; /* 2026-11-23T13:00Z */

	setenv("TZ", "UTC", 1);
	tzset();
	cr_expect(words_agreed(text, sizeof text, item, now));
	cr_expect_str_eq(text,
			 "13:44 (08:44 in New York) with ben, until 13:59");
	cr_expect_not(words_agreed(text, sizeof text, other, now));
	json_decref(item);
	json_decref(other);
}
