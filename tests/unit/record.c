/* Records: fields by name, each with a value of its own. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "daemon/base/record.h"

Test(record, a_field_is_set_replaced_and_removed)
{
	struct record *r = record_new();

	record_set(r, "name", "Maria");
	record_set(r, "name", "Marie");
	cr_expect_str_eq(record_get(r, "name"), "Marie");
	cr_expect_eq(record_count(r), 1);
	record_set(r, "name", NULL);
	cr_expect(record_get(r, "name") == NULL);
	cr_expect_eq(record_count(r), 0);
	record_free(r);
}

Test(record, none_at_all_has_no_fields)
{
	cr_expect(record_get(NULL, "name") == NULL);
	cr_expect_str_eq(record_text(NULL, "name"), "");
	cr_expect_eq(record_int(NULL, "name", 7), 7);
	cr_expect(!record_has(NULL, "name"));
	cr_expect_eq(record_count(NULL), 0);
}

Test(record, a_value_of_its_own_may_be_set_again)
{
	struct record *r = record_new();
	char name[16];

	record_set(r, "to", "a text that is long enough to be moved");
	record_set(r, "to", record_get(r, "to"));
	cr_expect_str_eq(record_get(r, "to"),
	    "a text that is long enough to be moved");
	/* Into a field that makes the list grow. */
	for (int i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof name, "n%d", i);
		record_set(r, name, record_get(r, "to"));
	}
	cr_expect_str_eq(record_get(r, "n39"), record_get(r, "to"));
	record_free(r);
}
