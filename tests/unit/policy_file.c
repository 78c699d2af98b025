#include "tests/unit/policy_file.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/read.h"
#include "tests/unit/tempfile.h"

static const char small[] =
    "site = \"acme\"\n"
    "timezone = \"Europe/Berlin\"\n"
    "region = \"DE\"\n"
    "tier \"standard\" { value = 0 weight = 1 callback = 1h complaint = 2d }\n"
    "tier \"gold\" { value = 3000 weight = 2.5 callback = 15m complaint = 4h "
    "}\n"
    "hours \"office\" { open = { \"mon-fri 08:00-18:00\" } }\n"
    "ladder \"usual\" {\n"
    "step \"0%\" { to = \"own-agent\" }\n"
    "step \"40%\" { to = \"agents\" }\n"
    "step \"100%\" { to = \"rb-leads\" alert = \"broken\" }\n"
    "}\n"
    "retry \"usual\" { }\n"
    "queue \"sales\" { numbers = { \"+49 30 901820\" }\n"
    "hours = office ladder = usual retry = usual }\n"
    "queue \"billing\" { numbers = { \"+49 30 901821\" }\n"
    "hours = office ladder = usual retry = usual }\n";

static struct policy *policy;
static struct fault fault;

void
policy_file_open(void)
{
	tempfile_open();
	cr_assert_eq(calendar_init(&fault), 0, "%s", fault.text);
}

void
policy_file_close(void)
{
	policy_free(policy);
	policy = NULL;
	tempfile_close();
}

static char *
replace(const char *text, const char *from, const char *to)
{
	struct text t = { 0 };
	const char *at = from != NULL ? strstr(text, from) : NULL;

	if (from == NULL)
		return text_dup(text);
	cr_assert_not_null(at, "the test replaces what is not there: %s", from);
	text_add(&t, text, (size_t)(at - text));
	text_add_str(&t, to);
	text_add_str(&t, at + strlen(from));
	return text_take(&t);
}

static int
read_changed(const char *from, const char *to, const char *more)
{
	char *changed = replace(small, from, to);
	char *all = text_print("%s%s", changed, more != NULL ? more : "");
	int rc;

	policy_free(policy);
	policy = NULL;
	rc = policy_read(&policy, tempfile_text("x.conf", all), &fault);
	free(changed);
	free(all);
	return rc;
}

const struct policy *
policy_file_accept(const char *from, const char *to, const char *more)
{
	cr_assert_eq(read_changed(from, to, more), 0, "%s", fault.text);
	return policy;
}

void
policy_file_refuse(const char *from, const char *to, const char *more,
		   const char *words)
{
	cr_assert_eq(read_changed(from, to, more), -1, "accepted: %s %s",
		     to != NULL ? to : "", more != NULL ? more : "");
	cr_assert_not_null(strstr(fault.text, words), "want %s in: %s", words,
			   fault.text);
	cr_assert_not_null(strstr(fault.text, "/x.conf:"), "%s", fault.text);
}

static char *
load_example(void)
{
	static char data[16384];
	FILE *f = fopen("conf/ringback.conf.example", "re");
	size_t n;

	cr_assert_not_null(f, "tests run in the root of the source");
	n = fread(data, 1, sizeof data - 1, f);
	data[n] = '\0';
	(void)fclose(f);
	return data;
}

const struct policy *
policy_file_example(void)
{
	static const char ics[] = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
				  "PRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\n"
				  "UID:1\r\nDTSTAMP:20260101T000000Z\r\n"
				  "DTSTART;VALUE=DATE:20261225\r\n"
				  "SUMMARY:Christmas\r\nEND:VEVENT\r\n"
				  "END:VCALENDAR\r\n";
	char *line =
	    text_print("holidays = \"%s\"", tempfile_text("berlin.ics", ics));
	char *text = replace(load_example(),
			     "# holidays = \"/etc/ringback/berlin.ics\"", line);

	free(line);
	policy_free(policy);
	policy = NULL;
	cr_assert_eq(
	    policy_read(&policy, tempfile_text("y.conf", text), &fault), 0,
	    "%s", fault.text);
	free(text);
	return policy;
}
