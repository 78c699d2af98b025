/* What is remembered of the last moments, and for how long. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/base/record.h"
#include "daemon/store/recent.h"

static struct recent *r;

static void
begin(void)
{
	r = recent_new(60000, 10000);
}

static void
end(void)
{
	recent_free(r);
}

TestSuite(recent, .init = begin, .fini = end, .timeout = 10);

static void
act(int64_t rev, const char *text)
{
	struct record *fact = record_new();
	const char *const argv[] = { "anna", text };
	const struct recent_act one = { .epoch = "e.1",
					.function = "rb1_note",
					.from = "unix:0",
					.word = "ok",
					.fact = fact,
					.argv = argv,
					.argc = 2 };

	record_set_int(fact, "rev", rev);
	record_set_int(fact, "at", 1000 + rev);
	record_set_int(fact, "fence", 100 - rev);
	record_set_int(fact, "number", 1000 + rev);
	recent_add(r, &one);
	record_free(fact);
}

static int
count(void)
{
	int n = 0;

	for (const struct recent_kept *k = recent_first(r); k != NULL;
	     k = k->next)
		n++;
	return n;
}

Test(recent, words_stand_as_the_library_reads_them)
{
	static const char *const expected[] = { "e.1",      "7",      "1007",
						"1007",     "93",     "ok",
						"rb1_note", "unix:0", "2",
						"anna",     "a text" };
	const struct recent_kept *k;

	act(7, "a text");
	k = recent_first(r);
	cr_assert_eq(k->count, sizeof expected / sizeof *expected);
	for (size_t i = 0; i < k->count; i++)
		cr_expect_str_eq(k->words[i], expected[i]);
	cr_assert_eq(k->rev, 7);
	cr_assert_null(k->next);
}

Test(recent, they_keep_the_order_of_the_answers)
{
	const struct recent_kept *k;
	int64_t rev = 1;

	for (int64_t i = 1; i <= 5; i++)
		act(i, "x");
	for (k = recent_first(r); k != NULL; k = k->next)
		cr_expect_eq(k->rev, rev++);
	cr_assert_eq(rev, 6);
}

Test(recent, the_greatest_of_each_is_known_also_when_nothing_is_kept)
{
	recent_set_keep(r, 0);
	act(3, "x");
	act(9, "x");
	cr_assert_null(recent_first(r));
	cr_assert_eq(recent_fence(r), 97);
	cr_assert_eq(recent_number(r), 1009);
}

Test(recent, too_much_drops_the_oldest)
{
	char text[1001];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	log_open(LOG_LEVEL_ERROR);
	for (int64_t i = 1; i <= 20; i++)
		act(i, text);
	cr_assert(count() >= 5 && count() < 10, "%d", count());
	cr_assert_eq(recent_first(r)->rev, 21 - count());
}

Test(recent, what_is_pinned_stays)
{
	act(1, "x");
	recent_pin(r, true);
	recent_set_keep(r, 0);
	act(2, "x");
	cr_assert_eq(recent_first(r)->rev, 1);
	recent_pin(r, false);
	act(3, "x");
	cr_assert_eq(count(), 0);
}
