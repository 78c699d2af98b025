/* How the sources of a site do: up while any daemon has them up, told once when
 * they are down, and when that is over. */
#include "tests/store/fn_source.h"

FUNCTIONS(fn_source);

static void
begin(const char *rules)
{
	have(rules);
	tick("d1");
	SAYS(report("d1", "up", ""), "ok");
	tick("d1");
}

/* ---- up and down -------------------------------------------------------- */

Test(fn_source, a_daemon_that_has_not_ticked_is_told_to_wait)
{
	have(SOURCE(QUIET));
	SAYS(report("d1", "up", ""), "later");
	tick("d1");
	SAYS(report("d1", "up", ""), "ok");
}

Test(fn_source, one_that_is_not_connected_yet_says_so)
{
	have(SOURCE(QUIET));
	tick("d1");
	(void)report("d1", "", "");
	live(SITE_MIN, "d1", NULL);
	SOURCE_IS("state", "down");
	SOURCE_IS("why", "not connected yet");
	cr_assert_eq(site_logged(s, "alert:source-down", 0), 0);
}

Test(fn_source, one_that_is_asked_anew_is_not_down_since_it_was_up)
{
	begin(SOURCE(QUIET));
	(void)report("d1", "", "");
	SOURCE_IS("state", "down");
	SOURCE_IS("why", "not connected yet");
	SOURCE_IS("since", "");
}

Test(fn_source, a_name_of_which_nothing_came_goes_with_its_section)
{
	begin(SOURCE(QUIET));
	(void)site_policy(s, "sources", "[]", NULL);
	cr_assert_eq(reply_count(site_call(s, "sources", NULL), "source"), 0);
	(void)site_event(s, "call.missed", ANN, "source", "pbx", NULL);
	cr_assert_eq(reply_count(site_call(s, "sources", NULL), "source"), 1);
	SOURCE_IS("name", "pbx");
}

Test(fn_source, who_tells_an_event_himself_is_no_source)
{
	(void)site_event(s, "call.missed", ANN, "source", "cli:anna", NULL);
	cr_assert_eq(reply_count(site_call(s, "sources", NULL), "source"), 0);
	cr_assert_eq(redis_int(s->redis, "EXISTS", site_key("feeds"), NULL), 0);
	/* Whoever may push can call himself so, by another name each time. */
	cr_assert_eq(
	    redis_int(s->redis, "EXISTS", site_key("source_last"), NULL), 0);
	cr_assert_eq(
	    redis_int(s->redis, "EXISTS", site_key("source_events"), NULL), 0);
}

Test(fn_source, the_same_report_again_writes_nothing)
{
	char *before, *after;

	begin(SOURCE(QUIET));
	before = site_digest(s);
	SAYS(report("d1", "up", ""), "ok");
	after = site_digest(s);
	cr_assert_str_eq(before, after);
	free(before);
	free(after);
}

Test(fn_source, one_that_is_down_is_told_once_after_a_grace)
{
	begin(SOURCE(QUIET));
	SOURCE_IS("state", "up");
	(void)report("d1", "down", "refused the password");
	tick("d1");
	SOURCE_IS("state", "down");
	SOURCE_IS("why", "refused the password");
	SOURCE_IS("since", id(SITE_T0));
	live(19000, "d1", NULL);
	cr_assert_eq(site_logged(s, "alert:source-down", 0), 0);
	live(1000, "d1", NULL);
	cr_assert_eq(site_logged(s, "alert:source-down", 0), 1);
	live(SITE_HOUR, "d1", NULL);
	cr_assert_eq(site_logged(s, "alert:source-down", 0), 1);
	(void)report("d1", "up", "");
	tick("d1");
	cr_assert_eq(site_logged(s, "source-up", 0), 1);
	SOURCE_IS("state", "up");
	SOURCE_IS("why", "");
}

Test(fn_source, one_that_was_away_for_a_moment_is_not_told)
{
	begin(SOURCE(QUIET));
	for (int i = 0; i < 5; i++) {
		(void)report("d1", "down", "no route");
		live(15000, "d1", NULL);
		(void)report("d1", "up", "");
		live(15000, "d1", NULL);
	}
	cr_assert_eq(site_logged(s, "alert:source-down", 0), 0);
	cr_assert_eq(site_logged(s, "source-up", 0), 0);
}

Test(fn_source, it_is_up_while_any_living_daemon_has_it_up)
{
	begin(SOURCE(QUIET));
	tick("d2");
	(void)report("d2", "up", "");
	(void)report("d1", "down", "no route");
	live(SITE_MIN, "d1", "d2");
	SOURCE_IS("state", "up");
	cr_assert_eq(site_logged(s, "alert:source-down", 0), 0);
	(void)report("d2", "down", "no route");
	live(SITE_MIN, "d1", "d2");
	cr_assert_eq(site_logged(s, "alert:source-down", 0), 1);
}

Test(fn_source, what_a_dead_daemon_said_counts_no_more)
{
	begin(SOURCE(QUIET));
	tick("d2");
	(void)report("d2", "down", "no route");
	live(9000, "d2", NULL);
	SOURCE_IS("state", "up");
	live(25000, "d2", NULL);
	SOURCE_IS("state", "down");
	cr_assert_eq(site_logged(s, "alert:source-down", 0), 1);
}

/* The one that lives has another file. */
Test(fn_source, one_that_no_daemon_asks_any_more_is_down)
{
	begin(SOURCE(QUIET));
	tick("d2");
	live(9000, "d2", NULL);
	SOURCE_IS("state", "up");
	live(SITE_MIN, "d2", NULL);
	SOURCE_IS("state", "down");
	SOURCE_IS("why", "no daemon asks it");
	cr_assert_eq(site_logged(s, "alert:source-down", 0), 1);
}

Test(fn_source, a_daemon_after_a_long_gap_has_time_to_connect)
{
	begin(SOURCE(QUIET));
	(void)report("d1", "down", "no route");
	live(5000, "d1", NULL);
	site_after(s, SITE_DAY);
	tick("d9");
	cr_assert_eq(site_logged(s, "alert:source-down", 0), 0);
	(void)report("d9", "down", "no route");
	live(15000, "d9", NULL);
	cr_assert_eq(site_logged(s, "alert:source-down", 0), 0);
	live(10000, "d9", NULL);
	cr_assert_eq(site_logged(s, "alert:source-down", 0), 1);
}

Test(fn_source, an_outage_that_was_told_is_not_told_again_by_a_new_daemon)
{
	begin(SOURCE(QUIET));
	(void)report("d1", "down", "no route");
	live(SITE_MIN, "d1", NULL);
	site_after(s, SITE_HOUR);
	tick("d9");
	(void)report("d9", "down", "no route");
	live(SITE_MIN, "d9", NULL);
	cr_assert_eq(site_logged(s, "alert:source-down", 0), 1);
	(void)report("d9", "up", "");
	tick("d9");
	cr_assert_eq(site_logged(s, "source-up", 0), 1);
}

Test(fn_source, one_that_is_not_asked_any_more_is_not_down)
{
	begin(SOURCE(QUIET));
	(void)report("d1", "down", "no route");
	tick("d1");
	(void)report("d1", "pushes", "");
	live(SITE_MIN, "d1", NULL);
	SOURCE_IS("state", "pushes");
	cr_assert_eq(site_logged(s, "alert:source-down", 0), 0);
}

Test(fn_source, one_that_nobody_configured_is_never_told)
{
	tick("d1");
	(void)report("d1", "down", "no route");
	live(SITE_MIN, "d1", NULL);
	cr_assert_eq(site_logged(s, "alert:source-down", 0), 0);
}

Test(fn_source, when_any_daemon_last_heard_it_outlives_them)
{
	begin(SOURCE(QUIET));
	site_after(s, 5000);
	tick("d1");
	HAS(report("d1", "up", ""), "feed", "heard_until", id(SITE_T0));
	site_after(s, SITE_DAY * 3);
	tick("d2");
	HAS(report("d2", "down", "no route"), "feed", "heard_until",
	    id(SITE_T0 + 5000));
	SOURCE_IS("heard_until", id(SITE_T0 + 5000));
}

/* ---- rejects ------------------------------------------------------------ */

static void
rejects(const char *daemon, const char *reason, int count)
{
	char name[80];

	(void)snprintf(name, sizeof name, "r:%s", reason);
	SAYS(site_call(s, "feed", daemon, "pbx", "0", "state", "up", name,
		       id(count), NULL),
	     "ok");
}

Test(fn_source, rejects_are_counted_across_daemons_and_restarts)
{
	struct reply *r;

	begin(SOURCE(QUIET));
	tick("d2");
	rejects("d1", "no number", 3);
	rejects("d1", "no number", 3);
	rejects("d1", "no number", 5);
	rejects("d2", "no number", 2);
	site_after(s, SITE_HOUR);
	tick("d3"); /* d1 anew: it counts from 0 again */
	rejects("d3", "no number", 1);
	r = site_call(s, "sources", NULL);
	HAS(r, "source", "rejects", "8");
	HAS(r, "reason", "reason", "no number");
	HAS(r, "reason", "count", "8");
}

Test(fn_source, of_many_reasons_the_last_come_together)
{
	char reason[40];
	struct reply *r;

	begin(SOURCE(QUIET));
	for (int i = 0; i < 60; i++) {
		(void)snprintf(reason, sizeof reason, "reason %d", i);
		rejects("d1", reason, 1);
	}
	r = site_call(s, "sources", NULL);
	HAS(r, "source", "rejects", "60");
	cr_assert_leq(reply_count(r, "reason"), 33);
}

Test(fn_source, of_many_names_those_unheard_for_longest_give_way)
{
	char name[40];

	begin(SOURCE(QUIET));
	for (int i = 0; i < 400; i++) {
		(void)snprintf(name, sizeof name, "s%d", i);
		site_after(s, 1);
		(void)site_event(s, "call.missed", ANN, "source", name, NULL);
	}
	cr_assert_leq(reply_count(site_call(s, "sources", NULL), "source"),
		      300);
	SOURCE_IS("name", "pbx");
	cr_assert_str_eq(redis_str(s->redis, "HGET", site_key("source_events"),
				   "s399", NULL),
			 "1");
}

/* ---- what is told ------------------------------------------------------- */

static struct reply *
claim(const char *channel)
{
	return site_call(s, "alerts", "d1", "10000", channel, NULL);
}

Test(fn_source, an_alert_of_a_source_says_why_and_has_no_items)
{
	struct reply *r;

	begin(SOURCE(QUIET));
	(void)report("d1", "down", "refused the password");
	tick("d1");
	live(SITE_MIN, "d1", NULL);
	r = claim("duty");
	HAS(r, "alert", "alert", "source-down");
	HAS(r, "alert", "source", "pbx");
	HAS(r, "alert", "why", "refused the password");
	HAS(r, "alert", "since", id(SITE_T0));
	cr_assert_eq(reply_count(r, "item"), 0);
	SAYS(site_call(s, "alert_told", "d1", reply_get(r, "alert", "id"), "ok",
		       NULL),
	     "ok");
	SAYS(claim("duty"), "none");
}

Test(fn_source, who_wants_to_hear_good_news_hears_it)
{
	struct reply *r;

	begin(SOURCE(QUIET));
	(void)report("d1", "down", "no route");
	live(SITE_MIN, "d1", NULL);
	(void)report("d1", "up", "");
	live(SITE_MIN, "d1", NULL);
	r = claim("good");
	HAS(r, "alert", "alert", "source-up");
	HAS(r, "alert", "source", "pbx");
	SAYS(claim("good"), "none");
}

/* One that comes and goes all the time is told once a minute. */
Test(fn_source, many_outages_come_as_one)
{
	struct reply *r;
	int told = 0;

	begin(SOURCE(QUIET));
	for (int i = 0; i < 10; i++) {
		(void)report("d1", "down", "no route");
		live(25000, "d1", NULL);
		(void)report("d1", "up", "");
		live(5000, "d1", NULL);
		r = claim("duty");
		if (!reply_is(r, "ok"))
			continue;
		told++;
		(void)site_call(s, "alert_told", "d1",
				reply_get(r, "alert", "id"), "ok", NULL);
	}
	cr_assert_eq(site_logged(s, "alert:source-down", 0), 10);
	cr_assert_leq(told, 6);
	cr_assert_geq(told, 4);
}
