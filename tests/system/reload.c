/* SIGHUP: a new configuration counts at once, a wrong one never. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/team.h"

TestSuite(system_reload, .timeout = 60);

static const struct daemon_options with_support = {
	.tail = "queue \"support\" {\n"
		"    hours = \"always\" ladder = \"usual\" retry = \"usual\"\n"
		"}\n",
};
static const struct daemon_options usual = { 0 };

static int
asked_of_support(struct team *t, const char *id)
{
	char body[200];

	(void)snprintf(body, sizeof body,
		       "{\"type\":\"call.missed\",\"id\":\"%s\","
		       "\"from\":\"+49301820001\",\"queue\":\"support\"}",
		       id);
	return web_ask(t->admin[0], NULL, "/v1/events", body)->status;
}

static bool
has_queue(struct team *t, size_t daemon, const char *name)
{
	const struct web_answer *a =
	    web_ask(t->admin[daemon], NULL, "/v1/queues", NULL);
	json_t *list = json_object_get(a->json, "queues"), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		const char *queue =
		    json_string_value(json_object_get(one, "queue"));

		if (queue != NULL && strcmp(queue, name) == 0)
			return true;
	}
	return false;
}

Test(system_reload, a_new_queue_is_there_for_all_daemons)
{
	struct team *t = team_start(2, NULL);

	cr_assert(!has_queue(t, 1, "support"));
	daemon_configure(t->daemon[0], &with_support);
	daemon_hup(t->daemon[0]);
	cr_assert(daemon_said(t->daemon[0], " written", 2, 5000));
	cr_assert(has_queue(t, 0, "support"));
	cr_assert(has_queue(t, 1, "support"));
	/* The other one's file is still the old one: it says so. */
	cr_assert(daemon_said(t->daemon[1], "file differs", 1, 5000));
	cr_assert(!daemon_said(t->daemon[0], "file differs", 1, 0));
	/* And does not put it back, but its own file once it is the same. */
	daemon_configure(t->daemon[1], &with_support);
	daemon_hup(t->daemon[1]);
	cr_assert(daemon_said(t->daemon[1], " in force", 2, 5000));
	cr_assert(has_queue(t, 1, "support"));
	team_stop(t);
}

Test(system_reload, a_wrong_file_is_named_and_the_one_before_stays)
{
	const struct daemon_options wrong = { .head = "undoo = \"1m\"\n" };
	struct team *t = team_start(1, NULL);

	daemon_configure(t->daemon[0], &wrong);
	daemon_hup(t->daemon[0]);
	cr_assert(daemon_said(t->daemon[0], "stays in force", 1, 5000));
	cr_assert(daemon_said(t->daemon[0], "ringback.conf:1", 1, 0));
	cr_assert(daemon_said(t->daemon[0], "undoo", 1, 0));
	(void)team_miss(t, 0, "a", "+49301820001");
	daemon_configure(t->daemon[0], &with_support);
	daemon_hup(t->daemon[0]);
	cr_assert(daemon_said(t->daemon[0], " written", 2, 5000));
	cr_assert(has_queue(t, 0, "support"));
	team_stop(t);
}

Test(system_reload, what_only_a_restart_changes_is_named)
{
	const struct daemon_options wrong = { .head = "max_body = 2048\n" };
	struct team *t = team_start(1, NULL);

	daemon_configure(t->daemon[0], &wrong);
	daemon_hup(t->daemon[0]);
	cr_assert(daemon_said(t->daemon[0], "stays in force", 1, 5000));
	cr_assert(daemon_said(t->daemon[0], "max_body", 1, 0));
	team_stop(t);
}

Test(system_reload, a_queue_that_still_has_items_is_not_dropped)
{
	struct team *t = team_start(1, &with_support);
	struct web *anna = team_agent(t, 0, "anna", "support", NULL);
	const struct web_answer *a;

	cr_assert_eq(asked_of_support(t, "a"), 201);
	daemon_configure(t->daemon[0], &usual);
	daemon_hup(t->daemon[0]);
	cr_assert(
	    daemon_said(t->daemon[0], "drops the queue \"support\"", 1, 5000));
	cr_assert(has_queue(t, 0, "support"));
	cr_assert_eq(daemon_probe(t->daemon[0], "/readyz", 2000), 200);
	a = web_ask(anna, NULL, "/v1/next", "{}");
	cr_assert_str_eq(web_text(a, "item.queue"), "support");
	a = web_ask(anna, NULL, "/v1/items/held/outcome",
		    "{\"outcome\":\"done\"}");
	cr_assert_eq(a->status, 200, "%s", a->body);
	daemon_hup(t->daemon[0]);
	cr_assert(daemon_said(t->daemon[0], " written", 2, 5000));
	cr_assert(!has_queue(t, 0, "support"));
	web_free(anna);
	team_stop(t);
}

Test(system_reload,
     a_daemon_that_starts_with_a_file_that_drops_it_serves_the_old_one)
{
	struct team *t = team_start(1, &with_support);

	cr_assert_eq(asked_of_support(t, "a"), 201);
	daemon_configure(t->daemon[0], &usual);
	daemon_restart(t->daemon[0]);
	cr_assert(
	    daemon_said(t->daemon[0], "drops the queue \"support\"", 1, 5000));
	cr_assert(has_queue(t, 0, "support"));
	cr_assert_eq(asked_of_support(t, "b"), 200, "is merged");
	team_stop(t);
}
