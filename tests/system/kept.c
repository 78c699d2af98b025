#include "tests/system/kept.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"

#define SOON_MS 2500 /* milliseconds, and what a busy machine adds */
#define BACK_MS 10000

char *
kept_event(const char *id)
{
	return text_print("{\"type\":\"call.missed\",\"id\":\"%s\",\"from\":"
			  "\"+493018%06lu\",\"queue\":\"sales\"}",
			  id, strtoul(id, NULL, 10));
}

const struct web_answer *
kept_push(struct web *w, unsigned id)
{
	char name[16], *body;
	const struct web_answer *a;

	(void)snprintf(name, sizeof name, "%u", id);
	body = kept_event(name);
	a = web_ask(w, NULL, "/v1/events", body);
	free(body);
	return a;
}

void
kept_is(struct web *w, unsigned id)
{
	const struct web_answer *a = kept_push(w, id);

	cr_assert_eq(a->status, 202, "%d %s", a->status, a->body);
	cr_assert_str_eq(web_text(a, "state"), "kept");
	cr_assert_lt(a->took_ms, SOON_MS);
}

void
kept_away(struct team *t)
{
	redis_kill9(t->redis);
	cr_assert(daemon_said(t->daemon[0], "link=away", 1, 5000));
}

struct expected {
	struct team *t;
	int made;
};

static bool
are_made(void *cookie)
{
	const struct expected *e = cookie;

	return team_logged(e->t, "made", 0) >= e->made;
}

bool
kept_some(struct team *t, int made)
{
	struct expected e = { t, made };

	return crowd_until(t->crowd, are_made, &e, BACK_MS);
}

/* So many items, and not one more. */
void
kept_back(struct team *t, int made)
{
	cr_assert(kept_some(t, made), "%d of %d are there",
		  team_logged(t, "made", 0), made);
	cr_assert_eq(team_logged(t, "made", 0), made);
	cr_assert_eq(team_logged(t, "merged", 0), 0);
}

char *
kept_folder(struct team *t)
{
	return text_print("%s/journal", daemon_folder(t->daemon[0]));
}
