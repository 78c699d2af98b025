/* A Redis whose library is not ours any more: somebody loaded another one under
 * our name, and its answers lack what ours would tell. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/library.h"
#include "tests/system/team.h"

TestSuite(system_lies, .timeout = 60);

/* The library with another text in its place. */
static void
load_with(struct redis *r, const char *text, const char *other)
{
	const char *at = strstr(library_text, text);
	char *edited = NULL;

	cr_assert_not_null(at, "the library does not say: %s", text);
	cr_assert(asprintf(&edited, "%.*s%s%s", (int)(at - library_text),
			   library_text, other, at + strlen(text)) > 0);
	redis_must(r, "FUNCTION", "LOAD", "REPLACE", edited, NULL);
	free(edited);
}

Test(system_lies, a_calendar_without_a_name_is_none)
{
	struct team *t = team_start(1, NULL);

	load_with(t->redis, "name = known[i], ", "");
	daemon_hup(t->daemon[0]);
	cr_assert(daemon_said(t->daemon[0], " in force", 1, 5000));
	cr_assert(daemon_ready(t->daemon[0], 5000));
	team_stop(t);
}

Test(system_lies, an_outcome_without_the_word_of_what_is_next_is_recorded)
{
	struct team *t = team_start(1, NULL);
	struct web *anna = team_agent(t, 0, "anna", "sales", NULL);
	const struct web_answer *a;
	int64_t number = team_miss(t, 0, "a", "+49301820001");

	cr_assert_eq(web_ask(anna, "POST", "/v1/next", "{}")->status, 200);
	load_with(t->redis, " word = following[1] ", "");
	a = web_ask(anna, "POST", "/v1/items/held/outcome",
		    "{\"outcome\":\"done\",\"next\":true}");
	cr_assert_eq(a->status, 200, "%s", a->body);
	cr_assert_str_eq(team_state(t, 0, number), "closed");
	web_free(anna);
	team_stop(t);
}

static bool
is_unready(const struct daemon *d)
{
	bool unready = false;

	for (int i = 0; i < 500 && !unready; i++) {
		unready = daemon_probe(d, "/readyz", 2000) == 503;
		(void)poll(NULL, 0, 10);
	}
	return unready;
}

/* The reason could not be told in JSON: so there was none. */
Test(system_lies, a_reason_that_is_no_text_is_a_reason_not_to_be_ready)
{
	struct team *t = team_start(1, NULL);

	load_with(t->redis, "local missing = ''", "local missing = ' +\\255'");
	redis_must(t->redis, "CLIENT", "KILL", "TYPE", "normal", "SKIPME",
		   "yes", NULL);
	cr_assert(daemon_said(t->daemon[0], "link=away its user", 1, 5000));
	cr_assert(is_unready(t->daemon[0]));
	redis_must(t->redis, "FUNCTION", "FLUSH", NULL);
	cr_assert(daemon_ready(t->daemon[0], 15000));
	team_stop(t);
}
