/* fn.h -- what the tests of the functions begin with: FUNCTIONS(suite) gives
 * every test of the suite a site of its own, s. */
#ifndef RB_TESTS_STORE_FN_H
#define RB_TESTS_STORE_FN_H

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/site.h"

static struct site *s;

static void
fn_begin(void)
{
	s = site_start();
}

static void
fn_end(void)
{
	site_stop(s);
}

#define FUNCTIONS(suite) \
	TestSuite(suite, .init = fn_begin, .fini = fn_end, .timeout = 60)

/* id: a number as an argument; the last 8 live. */
static inline const char *
id(int64_t number)
{
	static char kept[8][24];
	static unsigned at;
	char *text = kept[at++ % 8];

	(void)snprintf(text, sizeof kept[0], "%" PRId64, number);
	return text;
}

#define SAYS(reply, word) cr_assert_str_eq(reply_word(reply), word)
#define HAS(reply, section, field, value)                         \
	cr_assert_str_eq(reply_get(reply, section, field), value, \
			 "%s.%s is \"%s\"", section, field,       \
			 reply_get(reply, section, field))
#define IS(number, field, value)                                    \
	cr_assert_str_eq(site_field(s, number, field), value,       \
			 "%" PRId64 " %s is \"%s\"", number, field, \
			 site_field(s, number, field))

#define ANN "+4930901001"
#define BEA "+4930901002"
#define CAT "+4930901003"
#define DAN "+4930901004"

#endif
