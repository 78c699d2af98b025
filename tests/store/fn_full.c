/* A Redis that is full refuses what comes in and lets out what is there. */
#include "tests/store/fn.h"

FUNCTIONS(fn_full);

static void
fill_up(void)
{
	redis_must(s->redis, "CONFIG", "SET", "maxmemory", "1", NULL);
}

Test(fn_full, what_comes_in_is_refused_and_nothing_is_half_written)
{
	char *before = site_digest(s), *after;

	fill_up();
	cr_assert_not_null(strstr(
	    site_refused(s, "event", "22222222-2222-5222-8222-222222222222",
			 "type", "call.missed", "phone", ANN, "source", "pbx",
			 NULL),
	    "OOM"));
	after = site_digest(s);
	cr_assert_str_eq(before, after);
	free(before);
	free(after);
}

Test(fn_full, work_on_what_is_held_goes_on)
{
	site_serve(s, "sales", "anna");
	(void)site_missed(s, "sales", ANN);
	(void)site_missed(s, "sales", BEA);
	(void)site_next(s, "anna", "");
	fill_up();
	SAYS(site_call(s, "extend", "anna", "", NULL), "held");
	SAYS(site_call(s, "note", "anna", "", "held", "a note", NULL), "ok");
	SAYS(site_outcome(s, "anna", "done", "next", "1", NULL), "ok");
	SAYS(site_call(s, "undo", "anna", "", NULL), "held");
	SAYS(site_call(s, "release", "anna", "", "1", "held", "", NULL), "ok");
	SAYS(site_call(s, "move", "lea", "", "2", "1001", "billing", "", NULL),
	     "ok");
}

Test(fn_full, with_room_again_everything_goes_on)
{
	fill_up();
	(void)site_refused(s, "tick", "", NULL);
	redis_must(s->redis, "CONFIG", "SET", "maxmemory", "0", NULL);
	cr_assert_eq(site_missed(s, "sales", ANN), 1001);
}
