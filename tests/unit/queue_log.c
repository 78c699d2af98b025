/* What Asterisk's queue_log says of each caller. */
#include "daemon/sources/queue_log.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"

static void
add(struct queue_log *l, const char *text)
{
	queue_log_add(l, text, strlen(text));
}

static struct queue_log *
log_of(const char *text)
{
	struct queue_log *l = queue_log_new();

	add(l, text);
	return l;
}

static void
is(const struct queue_log_stay *s, const char *expected)
{
	static const char *const states[] = { "waits", "left", "gone", "talks",
					      "talked" };
	char *said =
	    s == NULL
		? text_dup("none")
		: text_print("%s/%u %s in %s from %s, %d %d %d %d, waited %d",
			     s->uniqueid, s->visit, states[s->state], s->queue,
			     s->number, (int)(s->joined_ms / 1000),
			     (int)(s->left_ms / 1000),
			     (int)(s->began_ms / 1000),
			     (int)(s->ended_ms / 1000), (int)s->waited_s);

	cr_expect_str_eq(said, expected);
	free(said);
}

#define ENTERS "100|1.1|sales|NONE|ENTERQUEUE||+4930123|1\n"

Test(queue_log, one_who_hung_up_is_gone)
{
	struct queue_log *l =
	    log_of(ENTERS "141|1.1|sales|NONE|ABANDON|1|1|41\n");

	cr_assert_eq(queue_log_count(l), 1);
	is(queue_log_at(l, 0),
	   "1.1/1 gone in sales from +4930123, 100 141 0 0, waited 41");
	cr_expect_eq(queue_log_first_ms(l), 100000);
	cr_expect_eq(queue_log_bad(l), 0);
	queue_log_free(l);
}

Test(queue_log, who_left_is_perhaps_with_somebody_else)
{
	static const char *const lines[] = {
		"141|1.1|sales|NONE|EXITWITHTIMEOUT|1|1|41\n",
		"141|1.1|sales|NONE|EXITEMPTY|1|1|41\n",
		"141|1.1|sales|NONE|EXITWITHKEY|5|1|1|41\n",
		"141|1.1|sales|NONE|WITHDRAW|1|1|41|why\n",
	};

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct queue_log *l = log_of(ENTERS);

		add(l, lines[i]);
		is(queue_log_stay(l, "1.1"),
		   "1.1/1 left in sales from +4930123, 100 141 0 0, waited 41");
		queue_log_free(l);
	}
}

Test(queue_log, who_was_connected_talked)
{
	struct queue_log *l =
	    log_of(ENTERS "110|1.1|sales|PJSIP/1001|RINGNOANSWER|9000\n"
			  "120|1.1|sales|PJSIP/1002|CONNECT|20|1.2|5\n");

	is(queue_log_stay(l, "1.1"),
	   "1.1/1 talks in sales from +4930123, 100 120 120 0, waited 20");
	add(l, "150|1.1|sales|PJSIP/1002|COMPLETECALLER|20|30|1\n");
	is(queue_log_stay(l, "1.1"),
	   "1.1/1 talked in sales from +4930123, 100 120 120 150, waited 20");
	queue_log_free(l);
}

Test(queue_log, another_queue_is_the_same_stay_until_somebody_talked)
{
	struct queue_log *l = log_of(
	    ENTERS "130|1.1|sales|NONE|EXITWITHTIMEOUT|1|1|30\n"
		   "131|1.1|support|NONE|ENTERQUEUE||+4930123|1\n"
		   "140|1.1|support|PJSIP/1|CONNECT|9|1.2|5\n"
		   "150|1.1|support|PJSIP/1|BLINDTRANSFER|700|in|9|10|1\n"
		   "151|1.1|billing|NONE|ENTERQUEUE||+4930123|1\n"
		   "171|1.1|billing|NONE|ABANDON|1|1|20\n");

	cr_assert_eq(queue_log_count(l), 2);
	is(queue_log_at(l, 0),
	   "1.1/1 talked in support from +4930123, 100 140 140 150, waited 9");
	is(queue_log_at(l, 1),
	   "1.1/2 gone in billing from +4930123, 151 171 0 0, waited 20");
	cr_expect(queue_log_stay(l, "1.1") == queue_log_at(l, 1));
	queue_log_free(l);
}

Test(queue_log, lines_that_a_caller_put_there_hide_nobody_who_gave_up)
{
	struct queue_log *l =
	    log_of(ENTERS "101|6.6|sales|NONE|ENTERQUEUE||x\n"
			  "101|1.1|sales|PJSIP/1|CONNECT|1|1.2|1\n"
			  "101|1.1|sales|PJSIP/1|COMPLETEAGENT|1|600|1|1\n"
			  "141|1.1|sales|NONE|ABANDON|1|1|41\n"
			  "142|1.1|sales|PJSIP/1|CONNECT|1|1.2|1\n"
			  "143|1.1|sales|PJSIP/1|COMPLETEAGENT|1|600|1|1\n");

	is(queue_log_stay(l, "1.1"),
	   "1.1/1 gone in sales from +4930123, 100 141 0 0, waited 41");
	cr_expect_eq(queue_log_bad(l), 2);
	queue_log_free(l);
}

Test(queue_log, what_began_before_is_known_by_its_end)
{
	struct queue_log *l =
	    log_of("141|1.1|sales|NONE|ABANDON|1|1|41\n"
		   "150|1.2|sales|PJSIP/1|COMPLETEAGENT|4|30|1\n");

	is(queue_log_stay(l, "1.1"),
	   "1.1/1 gone in sales from , 0 141 0 0, waited 41");
	is(queue_log_stay(l, "1.2"),
	   "1.2/1 talked in sales from , 0 120 120 150, waited -1");
	queue_log_free(l);
}

Test(queue_log, an_asterisk_that_began_anew_ended_all_calls)
{
	struct queue_log *l =
	    log_of(ENTERS "101|1.2|sales|NONE|ENTERQUEUE||2|2\n"
			  "110|1.2|sales|PJSIP/1|CONNECT|9|1.3|5\n"
			  "200|NONE|NONE|NONE|QUEUESTART|\n");

	is(queue_log_stay(l, "1.1"),
	   "1.1/1 gone in sales from +4930123, 100 200 0 0, waited -1");
	is(queue_log_stay(l, "1.2"),
	   "1.2/1 talked in sales from 2, 101 110 110 200, waited 9");
	queue_log_free(l);
}

Test(queue_log, lines_that_are_none_are_counted_and_passed_over)
{
	static const char nul[] = "100|1.1|sa\0les|NONE|ABANDON|1|1|1\n";
	struct queue_log *l =
	    log_of("\n\n"
		   "no line\n"
		   "100|1.1|sales|NONE\n"
		   "|1.1|sales|NONE|ABANDON|1|1|1\n"
		   "-5|1.1|sales|NONE|ABANDON|1|1|1\n"
		   "2026-11-25 14:00:01.123456|1.1|sales|NONE|ABANDON|1|1|1\n"
		   "99999999999999999999|1.1|sales|NONE|ABANDON|1|1|1\n"
		   "100||sales|NONE|ABANDON|1|1|1\n"
		   "100|1.1|sales\x1b[2J|NONE|ABANDON|1|1|1\n"
		   "100|1.1|sales|NONE||1|1|1\n");

	queue_log_add(l, nul, sizeof nul - 1);
	cr_expect_eq(queue_log_count(l), 0);
	cr_expect_eq(queue_log_bad(l), 10);
	/* What is no number of seconds says nothing; CR LF is an end, too. */
	add(l, "100|1.1|sales|NONE|ABANDON|1|1|x|||||||||||\r\n");
	is(queue_log_stay(l, "1.1"),
	   "1.1/1 gone in sales from , 0 100 0 0, waited -1");
	queue_log_free(l);
}

Test(queue_log, a_line_of_a_megabyte_is_one_bad_line)
{
	struct queue_log *l = queue_log_new();
	char *x = text_alloc(1 << 20);

	memset(x, 'x', 1 << 20);
	for (size_t at = 0; at < 1 << 20; at += 1000)
		queue_log_add(l, x + at,
			      at + 1000 < 1 << 20 ? 1000 : (1 << 20) - at);
	queue_log_add(l, "\n" ENTERS, 1 + strlen(ENTERS));
	cr_expect_eq(queue_log_bad(l), 1);
	cr_expect_eq(queue_log_count(l), 1);
	/* Nor is one that would be good, were it not so long. */
	add(l, "100|1.9|sales|NONE|ABANDON|1|1|");
	queue_log_add(l, x, QUEUE_LOG_LINE);
	add(l, "\n");
	cr_expect_eq(queue_log_bad(l), 2);
	cr_expect(queue_log_stay(l, "1.9") == NULL);
	free(x);
	queue_log_free(l);
}

Test(queue_log, cut_anywhere_it_says_the_same)
{
	static const char text[] =
	    ENTERS "120|1.1|sales|NONE|EXITWITHTIMEOUT|1|1|20\n"
		   "121|1.1|support|NONE|ENTERQUEUE||+4930123|1\n"
		   "130|1.1|support|NONE|ABANDON|1|1|9\n";
	size_t len = sizeof text - 1;

	for (size_t cut = 0; cut <= len; cut++) {
		struct queue_log *l = queue_log_new();

		queue_log_add(l, text, cut);
		queue_log_add(l, text + cut, len - cut);
		is(queue_log_stay(l, "1.1"), "1.1/1 gone in support from "
					     "+4930123, 100 130 0 0, waited 9");
		cr_expect_eq(queue_log_bad(l), 0);
		queue_log_free(l);
		/* Only a part of it: never more than whole lines say. */
		l = queue_log_new();
		queue_log_add(l, text + cut, len - cut);
		queue_log_end(l);
		cr_expect_leq(queue_log_bad(l), 1);
		queue_log_free(l);
		l = queue_log_new();
		queue_log_add(l, text, cut);
		queue_log_end(l);
		cr_expect_leq(queue_log_bad(l), 1);
		queue_log_free(l);
	}
}

Test(queue_log, more_callers_than_there_is_room_for_are_left_out)
{
	struct queue_log *l = queue_log_new();
	char line[80];

	for (int i = 0; i < QUEUE_LOG_MOST + 10; i++) {
		int n = snprintf(line, sizeof line,
				 "100|1.%d|sales|NONE|ENTERQUEUE||1|1\n", i);

		queue_log_add(l, line, (size_t)n);
	}
	cr_expect_eq(queue_log_count(l), QUEUE_LOG_MOST);
	cr_expect(queue_log_stay(l, "1.0") != NULL);
	cr_expect(queue_log_stay(l, "nobody") == NULL);
	queue_log_free(l);
}
