/* A Redis whose library is not ours any more: somebody loaded another one under
 * our name, and its answers lack what ours would tell. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/library.h"
#include "tests/system/team.h"

TestSuite(system_lies, .timeout = 60);

/* The library without that text. */
static void
load_without(struct redis *r, const char *text)
{
	const char *at = strstr(library_text, text);
	char *edited = NULL;

	cr_assert_not_null(at, "the library does not say: %s", text);
	cr_assert(asprintf(&edited, "%.*s%s", (int)(at - library_text),
			   library_text, at + strlen(text)) > 0);
	redis_must(r, "FUNCTION", "LOAD", "REPLACE", edited, NULL);
	free(edited);
}

Test(system_lies, a_calendar_without_a_name_is_none)
{
	struct team *t = team_start(1, NULL);

	load_without(t->redis, "name = known[i], ");
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
	load_without(t->redis, " word = following[1] ");
	a = web_ask(anna, "POST", "/v1/items/held/outcome",
		    "{\"outcome\":\"done\",\"next\":true}");
	cr_assert_eq(a->status, 200, "%s", a->body);
	cr_assert_str_eq(team_state(t, 0, number), "closed");
	web_free(anna);
	team_stop(t);
}
