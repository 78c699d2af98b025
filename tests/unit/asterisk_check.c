/* What the section of an Asterisk must say, and what is said where it does
 * not. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/policy/warnings.h"
#include "daemon/sources/source.h"
#include "tests/unit/policy_file.h"

TestSuite(unit_asterisk_check, .init = policy_file_open,
	  .fini = policy_file_close);

#define RIGHT                                                 \
	"address = \"127.0.0.1:5038\"\nuser = \"ringback\"\n" \
	"secret_file = \"/etc/ringback/pbx\"\n"

static const struct policy *
with(const char *lines)
{
	static char section[1000];

	(void)snprintf(section, sizeof section,
		       "source \"main\" {\ntype = \"asterisk\"\n%s}\n", lines);
	return policy_file_accept(NULL, NULL, section);
}

/* "" where it is as it should be. */
static const char *
check(const char *lines)
{
	static struct fault fault;
	const struct policy *p = with(lines);
	const struct source_type *type = source_type("asterisk");

	fault.text[0] = '\0';
	cr_assert_not_null(type);
	if (type->check(policy_source(p, "main"), &fault) == 0)
		cr_assert_str_eq(fault.text, "");
	return fault.text;
}

Test(unit_asterisk_check, takes_what_is_right)
{
	cr_assert_str_eq(check(RIGHT), "");
	cr_assert_str_eq(check(RIGHT "tls = true\n"), "");
	cr_assert_str_eq(check("address = \"pbx.example\"\nuser = \"r\"\n"
			       "secret_file = \"/x\"\n"),
			 "");
}

Test(unit_asterisk_check, says_what_is_missing_and_what_it_is)
{
	cr_assert_str_eq(
	    check(""), "source \"main\" of type asterisk needs address: where "
		       "Asterisk listens for its manager, such as "
		       "\"127.0.0.1:5038\".");
	cr_assert_str_eq(check("address = \"127.0.0.1\"\n"),
			 "source \"main\" of type asterisk needs user: that of "
			 "manager.conf.");
	cr_assert_str_eq(check("address = \"127.0.0.1\"\nuser = \"r\"\n"),
			 "source \"main\" of type asterisk needs secret_file: "
			 "the file with its secret.");
	cr_assert_str_eq(check(RIGHT "tls_ca = \"/etc/ssl/pbx.pem\"\n"),
			 "source \"main\": tls_ca is for tls = true.");
}

Test(unit_asterisk_check, refuses_a_member_who_would_be_one_for_all)
{
	cr_assert_str_eq(check(RIGHT "member = \"PJSIP/1001\"\n"),
			 "source \"main\": member needs {phone}, as in "
			 "\"Local/{phone}@from-queue/n\".");
	cr_assert_str_eq(check(RIGHT "member = \"PJSIP/{phone}\"\n"), "");
}

Test(unit_asterisk_check, refuses_an_address_that_is_none)
{
	const char *said = check("address = \"127.0.0.1:99999\"\n"
				 "user = \"r\"\nsecret_file = \"/x\"\n");

	cr_assert_eq(strncmp(said,
			     "The address of source \"main\": "
			     "\"127.0.0.1:99999\" is no address",
			     strlen("The address of source \"main\": "
				    "\"127.0.0.1:99999\" is no address")),
		     0, "%s", said);
}

static bool
is_warned(const char *lines, const char *words)
{
	char *said = policy_warnings(with(lines), 0);
	bool found = strstr(said, words) != NULL;

	free(said);
	return found;
}

Test(unit_asterisk_check, warns_of_a_password_that_others_can_read_on_the_way)
{
	static const char words[] =
	    "source main: pbx.example is spoken to over the network without "
	    "TLS";

	cr_assert(is_warned("address = \"pbx.example\"\n", words));
	cr_assert(!is_warned("address = \"pbx.example\"\ntls = true\n", words));
	cr_assert(!is_warned(RIGHT, "without TLS"));
	cr_assert(!is_warned("address = \"localhost:5038\"\n", "without TLS"));
	cr_assert(!is_warned("address = \"[::1]\"\n", "without TLS"));
	cr_assert(is_warned("address = \"192.0.2.7:5038\"\n", "without TLS"));
}
