/* Telling and forgetting a person, against a daemon that says what the test
 * wants. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "tests/client/expect.h"
#include "tests/client/fake.h"

static const struct fake_rule rules[] = {
	{ "GET /v1/customers/C1/export?cursor=1200", 200,
	  "{\"person\":{\"id\":\"C1\"},\"items\":[{\"number\":1201}],"
	  "\"cursor\":null}",
	  FAKE_JSON, 0 },
	{ "GET /v1/customers/C1/export?cursor=1100", 200,
	  "{\"person\":{\"id\":\"C1\"},\"items\":[{\"number\":1101},"
	  "{\"number\":1102}],\"cursor\":\"1200\"}",
	  FAKE_JSON, 0 },
	{ "GET /v1/customers/C1/export", 200,
	  "{\"person\":{\"id\":\"C1\",\"phones\":[\"+4930901001\"]},"
	  "\"customer\":{\"id\":\"C1\",\"name\":\"Maria \\u001b[31m\\u009b\"},"
	  "\"cursor\":\"1100\"}",
	  FAKE_JSON, 0 },
	{ "GET /v1/customers/030%20901001/export", 200,
	  "{\"person\":{\"phones\":[\"+4930901001\"]},\"cursor\":null}",
	  FAKE_JSON, 0 },
	{ "GET /v1/customers/again/export", 200,
	  "{\"person\":{},\"cursor\":\"7\"}", FAKE_JSON, 0 },
	{ "POST /v1/customers/C1/forget", 200,
	  "{\"forgotten\":{\"items\":3,\"open\":1,\"entries\":14,\"words\":0,"
	  "\"directory\":1,\"numbers\":2,\"acts\":0,\"never_call\":2,"
	  "\"others\":1,\"other\":\"C9\"}}",
	  FAKE_JSON, 0 },
	{ "POST /v1/customers/held/forget", 409,
	  "{\"status\":409,\"detail\":\"1001 of this person is with ben "
	  "now.\"}",
	  FAKE_JSON, 0 },
	{ 0 }
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

TestSuite(privacy, .init = start, .fini = stop, .timeout = 90);

Test(privacy, all_pages_are_one_json)
{
	struct ran r = run(fake, "customers", "export", "C1", NULL);
	json_t *j = json_loads(r.out, 0, NULL);

	cr_expect_eq(r.code, 0, "%s", r.err);
	cr_assert_not_null(j, "%s", r.out);
	cr_expect_eq(json_array_size(json_object_get(j, "items")), 3);
	cr_expect_str_eq(json_string_value(json_object_get(
			     json_object_get(j, "customer"), "name")),
			 "Maria \x1b[31m\xc2\x9b");
	cr_expect_null(json_object_get(j, "cursor"));
	/* ... and fit for a terminal all the same. */
	HAS_NOT(r.out, "\x1b");
	HAS_NOT(r.out, "\xc2\x9b");
	json_decref(j);
}

Test(privacy, the_file_is_new_and_its_owners_alone)
{
	char folder[] = "/tmp/ringback-privacy-XXXXXX", path[64];
	struct stat st = { 0 };
	struct ran r;

	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/maria.json", folder);
	r = run(fake, "customers", "export", "C1", "-o", path, NULL);
	cr_expect_eq(r.code, 0, "%s", r.err);
	HAS(r.out, path);
	cr_expect_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0600, "%o", st.st_mode);
	cr_expect_gt(st.st_size, 100);
	r = run(fake, "customers", "export", "C1", "-o", path, NULL);
	cr_expect_eq(r.code, 1);
	HAS(r.err, "File exists");
	unlink(path);
	r = run(fake, "customers", "export", "C1", "-o", "/nowhere/x", NULL);
	cr_expect_eq(r.code, 1);
	HAS(r.err, "No such file");
	rmdir(folder);
}

Test(privacy, of_nobody_there_is_nothing_to_tell)
{
	struct ran r = run(fake, "customers", "export", "030", "901001", NULL);

	cr_expect_eq(r.code, 3);
	HAS(r.err, "nothing is known of this person");
	cr_expect_str_eq(r.out, "");
}

Test(privacy, a_daemon_whose_pages_never_end_is_left)
{
	struct ran r = run(fake, "customers", "export", "again", NULL);

	cr_expect_eq(r.code, 4);
	HAS(r.err, "goes on without an end");
}

Test(privacy, what_was_removed_is_said)
{
	struct ran r = run(fake, "customers", "forget", "C1", "--yes", NULL);

	cr_expect_eq(r.code, 0, "%s", r.err);
	HAS(r.out, "REMOVED");
	HAS(r.out, " 3  items\n");
	HAS(r.out, " 1  of them were open");
	HAS(r.out, "14  entries of their histories\n");
	HAS_NOT(r.out, "words that belong");
	HAS(r.out, "What stays, unreadable: never to be called");
	HAS(r.out, "1 with this number stay: they belong to another customer, "
		   "C9.");
}

Test(privacy, without_a_terminal_nobody_is_forgotten_unasked)
{
	struct ran r =
	    run_input(fake, "yes\n", "customers", "forget", "C1", NULL);

	cr_expect_eq(r.code, 2);
	HAS(r.err, "--yes");
	HAS_NOT(fake_heard(fake), "/forget");
}

Test(privacy, on_a_terminal_it_asks_back_and_says_whom)
{
	struct tty *t = tty_start(fake, "customers forget C1");

	cr_assert(tty_await(t, "This is C1 Maria ?[31m?, with +4930901001."));
	cr_assert(tty_await(t, "Type yes: "));
	tty_type(t, "y\n");
	cr_expect(tty_await(t, "Nothing was forgotten."));
	cr_expect_eq(tty_end(t), 1);
	HAS_NOT(fake_heard(fake), "/forget");
	t = tty_start(fake, "customers forget C1");
	cr_assert(tty_await(t, "Type yes: "));
	tty_type(t, "yes\n");
	cr_expect(tty_await(t, " 3  items"));
	cr_expect_eq(tty_end(t), 0);
}

Test(privacy, whoever_is_held_is_said_to_be)
{
	struct ran r = run(fake, "customers", "forget", "held", "-y", NULL);

	cr_expect_eq(r.code, 1);
	HAS(r.err, "1001 of this person is with ben now.");
}

Test(privacy, options_of_the_one_are_not_those_of_the_other)
{
	struct ran r = run(fake, "customers", "delete", "C1", "--yes", NULL);

	cr_expect_eq(r.code, 2);
	HAS(r.err, "customers delete takes no --yes");
	r = run(fake, "customers", "forget", "C1", "-o", "x", NULL);
	cr_expect_eq(r.code, 2);
	r = run(fake, "customers", "forget", NULL);
	cr_expect_eq(r.code, 2);
}
