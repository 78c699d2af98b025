#include "daemon/api/target.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct target t;

Test(target, decodes_segments_and_parameters_once)
{
	cr_assert_null(target_parse(
	    &t, "/v1/a%2Fb/%2525", "phone=+49%2030&empty=&bare&phone=2"));
	cr_assert_eq(t.segment_count, 3);
	cr_assert_str_eq(t.segments[1], "a/b");
	cr_assert_str_eq(t.segments[2], "%25");
	cr_assert_str_eq(t.path, "/v1/a/b/%25");
	cr_assert_str_eq(target_query(&t, "phone"), "+49 30");
	cr_assert_str_eq(target_query(&t, "empty"), "");
	cr_assert_str_eq(target_query(&t, "bare"), "");
	cr_assert_null(target_query(&t, "absent"));
	target_done(&t);
}

Test(target, refuses_and_lets_go_of_everything)
{
	static const char *const bad[] = { "", "v1", "/%", "/%1", "/%g1",
		"/%00", "/%0a", "/%7f", "/%ff", "/..", "/%2e", "/a b" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		cr_assert_not_null(target_parse(&t, bad[i], NULL), "%s",
		    bad[i]);
		target_done(&t);
	}
	cr_assert_not_null(target_parse(&t, "/", "a=1&b=%0d"));
	target_done(&t);
}

Test(target, bounds_the_parameters)
{
	char query[400] = "";
	size_t n = 0;

	for (int i = 0; i < TARGET_MOST_PAIRS; i++)
		n += (size_t)snprintf(query + n, sizeof query - n, "&a=%d", i);
	cr_assert_null(target_parse(&t, "/", query));
	target_done(&t);
	(void)snprintf(query + n, sizeof query - n, "&one=more");
	cr_assert_not_null(target_parse(&t, "/", query));
	target_done(&t);
}
