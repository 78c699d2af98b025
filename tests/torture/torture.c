/* torture.c -- the contract of ringback under everything that can go wrong.
 *
 *	SECONDS=60 SEED=1 MODE=single torture
 *
 * MODE is single, takeover, sentinel or cluster; with WAIT=1 (sentinel) daemons
 * acknowledge only what a replica has, and may die during a failover, too.
 *
 * Several daemons of one site are told events, agents pull and finish,
 * supervisors listen; meanwhile what is in fault_kinds.c happens, at times that
 * the seed decides.  At the end all is healed and drained, and the checker
 * counts.  Exit code 0: nothing lost, nothing twice, nobody stuck, always back
 * in time; 1: not so; 2: it could not be tried. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/text.h"
#include "tests/torture/agents.h"
#include "tests/torture/check.h"
#include "tests/torture/faults.h"
#include "tests/torture/ledger.h"
#include "tests/torture/watchers.h"
#include "tests/torture/site_view.h"
#include "tests/torture/sources.h"
#include "tests/torture/world.h"

#define DRAIN_LIMIT_MS 60000
#define LOOK_MS 200

/* One site. */
struct run {
	struct world *world;
	struct ledger ledger;
	struct sources *sources;
	struct agents *agents;
	struct watchers *watchers;
	struct faults *faults; /* NULL: those of the other site are enough */
	int64_t look_ms;
	char last_id[48];
};

/* All of it: in a cluster two sites, whose slots are moved apart. */
struct torture {
	int64_t seconds, seed;
	enum mode mode;
	bool waits;
	const char *mode_name;
	struct run run[2];
	size_t runs;
};

/* ---- what was asked for ------------------------------------------------- */

static int64_t
from_environment(const char *name, int64_t otherwise, int64_t most)
{
	const char *text = getenv(name);
	int64_t n = otherwise;

	if (text != NULL && *text != '\0' &&
	    text_int64(&n, text, 1, most) < 0) {
		(void)fprintf(stderr,
			      "torture: %s=%s is no number from 1 to %" PRId64
			      "\n",
			      name, text, most);
		exit(2);
	}
	return n;
}

static void
read_environment(struct torture *r)
{
	static const char *const names[] = { "single", "takeover", "sentinel",
					     "cluster" };
	const char *mode = getenv("MODE");

	r->seconds = from_environment("SECONDS", 60, 86400);
	r->seed = from_environment("SEED", world_wall_ms() % 100000 + 1,
				   INT64_MAX / 2);
	r->waits = from_environment("WAIT", 0, 1) == 1;
	if (mode == NULL || *mode == '\0')
		mode = names[MODE_SINGLE];
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(mode, names[i]) == 0) {
			r->mode = (enum mode)i;
			r->mode_name = names[i];
		}
	}
	/* Only there are replicas that are always in step. */
	if (r->waits && r->mode != MODE_SENTINEL) {
		(void)fprintf(stderr, "torture: WAIT=1 wants MODE=sentinel\n");
		exit(2);
	}
	if (r->mode_name == NULL) {
		(void)fprintf(stderr,
			      "torture: MODE=%s is none of single, "
			      "takeover, sentinel, cluster\n",
			      mode);
		exit(2);
	}
}

/* ---- the run: everybody has his turn while the condition does not hold ----
 */

static void
turn(struct run *r)
{
	sources_turn(r->sources);
	agents_turn(r->agents);
	watchers_turn(r->watchers);
	if (r->faults != NULL)
		faults_turn(r->faults);
}

typedef bool run_holds(struct run *);

static bool
plan_over(struct run *r)
{
	return r->faults == NULL || faults_over(r->faults);
}

static bool
all_acknowledged(struct run *r)
{
	return sources_idle(r->sources);
}

static struct place
place_of(struct run *r)
{
	return (struct place){ .redis = world_redis(r->world),
			       .site = r->world->site };
}

/* Nobody is left open, every alert is delivered. */
static bool
is_drained(struct run *r)
{
	int64_t now = world_mono_ms();
	struct place p;

	if (now < r->look_ms)
		return false;
	r->look_ms = now + LOOK_MS;
	p = place_of(r);
	return p.redis != NULL && site_open(&p) == 0 && !site_unread(&p) &&
	       site_outbox(&p) == 0;
}

static bool
all_quiet(struct run *r)
{
	return agents_idle(r->agents) && sources_idle(r->sources);
}

static bool
all_heard(struct run *r)
{
	return watchers_reached(r->watchers, r->last_id);
}

struct wish {
	struct torture *all;
	run_holds *holds;
	bool held[2]; /* once is enough */
};

static bool
hold_all(void *cookie)
{
	struct wish *w = cookie;
	bool all = true;

	for (size_t i = 0; i < w->all->runs; i++) {
		struct run *r = &w->all->run[i];

		turn(r);
		w->held[i] = w->held[i] || w->holds(r);
		all = all && w->held[i];
	}
	return all;
}

/* Where it does not come to hold within the limit, that is the sentence. */
static void
until(struct torture *t, run_holds *holds, int64_t limit_ms,
      const char *else_say)
{
	struct wish w = { .all = t, .holds = holds };

	if (!crowd_until(t->run[0].world->crowd, hold_all, &w, (int)limit_ms))
		ledger_surprise(&t->run[0].ledger, "%s", else_say);
}

/* What a journal still has was promised, and is nowhere else. */
static void
look_at_journals(struct run *r)
{
	for (size_t i = 0; i < DAEMONS; i++) {
		struct web *w = web_unix(daemon_socket(r->world->daemon[i]));
		int64_t left = web_int(web_ask(w, NULL, "/readyz", NULL),
				       "journal.events");

		if (left != 0)
			ledger_surprise(&r->ledger,
					"the journal of daemon %zu has %" PRId64
					" events still",
					i, left);
		web_free(w);
	}
}

static void
note_last_id(struct run *r)
{
	struct place p = place_of(r);

	if (p.redis != NULL)
		site_last_id(&p, r->last_id);
}

static void
for_all(struct torture *t, void (*act)(struct run *))
{
	for (size_t i = 0; i < t->runs; i++)
		act(&t->run[i]);
}

static void
calm_down(struct run *r)
{
	sources_calm(r->sources);
	agents_tidy(r->agents);
}

static void
repeat_all(struct run *r)
{
	sources_repeat_all(r->sources);
}

static void
stop_agents(struct run *r)
{
	agents_stop(r->agents);
}

static void
hang_up(struct run *r)
{
	watchers_leave(r->watchers);
}

static void
torture(struct torture *t)
{
	int64_t heal = BACK_LIMIT_MS * 6;
	/* The longer it was, the more is left to be worked off. */
	int64_t limit = DRAIN_LIMIT_MS + t->seconds * 1000;

	until(t, plan_over, t->seconds * 1000 + heal,
	      "not all daemons came back");
	for_all(t, calm_down);
	until(t, all_acknowledged, limit,
	      "not all events were acknowledged, long after all was healed");
	for_all(t, repeat_all);
	until(t, all_acknowledged, limit,
	      "not all repeats were answered");
	until(t, is_drained, limit, "the queues did not drain");
	for_all(t, stop_agents);
	until(t, all_quiet, limit,
	      "somebody still waits for an answer");
	for_all(t, look_at_journals);
	for_all(t, note_last_id);
	until(t, all_heard, limit, "a listener does not get on");
	for_all(t, hang_up);
}

/* ---- begin and end ------------------------------------------------------ */

static void
begin_run(struct torture *t, struct run *r, struct world *w)
{
	uint64_t seed = (uint64_t)t->seed + (uint64_t)(r - t->run);

	r->world = w;
	r->sources = sources_new(w, &r->ledger, seed);
	r->agents = agents_new(w, &r->ledger, seed);
	r->watchers = watchers_new(w);
	t->runs++;
}

static void
begin(struct torture *t)
{
	const char *program = getenv("RINGBACKD");
	struct run *r = t->run;

	(void)printf("torture: MODE=%s%s SECONDS=%" PRId64 " SEED=%" PRId64
		     "   (to repeat it: make torture with these)\n",
		     t->mode_name, t->waits ? " WAIT=1" : "", t->seconds,
		     t->seed);
	(void)fflush(stdout);
	begin_run(t, &r[0], world_start(t->mode, t->waits, program));
	if (t->mode == MODE_CLUSTER)
		begin_run(t, &r[1], world_beside(r->world, program));
	r->faults = faults_new(r->world, (uint64_t)t->seed, (int)t->seconds);
	if (getenv("VERBOSE") != NULL)
		faults_print(r->faults, stdout);
}

static void
end_run(struct run *r)
{
	agents_free(r->agents);
	sources_free(r->sources);
	watchers_free(r->watchers);
	if (r->faults != NULL)
		faults_free(r->faults);
	world_stop(r->world);
	ledger_done(&r->ledger);
}

/* The log of the site and the histories of its items, as they stand. */
static void
keep_site(struct run *r, const char *folder)
{
	struct place p = place_of(r);
	char *path = text_print("%s/site", folder);
	FILE *f = fopen(path, "we");

	if (f != NULL) {
		site_print(&p, f);
		if (fclose(f) != 0)
			perror(path);
	}
	free(path);
}

/* Where it went wrong, what the daemons said of it is wanted. */
static void
keep_logs(struct run *r)
{
	char *folder = redis_folder_new();

	for (size_t i = 0; i < DAEMONS; i++) {
		char *path = text_print("%s/ringbackd.%zu", folder, i);
		char *log = daemon_log(r->world->daemon[i]);
		FILE *f = fopen(path, "we");

		if (f != NULL && (fputs(log, f) < 0 || fclose(f) != 0))
			perror(path);
		free(log);
		free(path);
	}
	keep_site(r, folder);
	(void)printf("The daemons' logs, and what Redis has: %s\n", folder);
	free(folder);
}

static int
report_run(struct torture *t, struct run *r)
{
	const struct checked what = { .ledger = &r->ledger,
				      .watchers = r->watchers,
				      .place = place_of(r),
				      .alerts = r->world->alerts,
				      .takes_over = t->mode == MODE_TAKEOVER ||
						    t->mode == MODE_SENTINEL };
	struct check *c = text_alloc(sizeof *c);
	int wrong;

	if (t->runs > 1)
		(void)printf("\nSite %s\n", r->world->site);
	else
		(void)printf("\n");
	check_all(c, &what);
	wrong = check_print(c, stdout);
	if (wrong > 0)
		keep_logs(r);
	free(c);
	return wrong;
}

static int
report(struct torture *t)
{
	int late = faults_table(t->run[0].faults, stdout), wrong = 0;

	for (size_t i = 0; i < t->runs; i++)
		wrong += report_run(t, &t->run[i]);
	if (late > 0 && wrong == 0)
		keep_logs(&t->run[0]);
	if (wrong == 0 && late == 0)
		(void)printf(
		    "Nothing lost, nothing twice, nobody stuck, always "
		    "back within %d s.\n",
		    BACK_LIMIT_MS / 1000);
	else
		(void)printf("FAILED: %d wrong, %d times not back within %d s. "
			     "Repeat: make torture MODE=%s%s SECONDS=%" PRId64
			     " SEED=%" PRId64 "\n",
			     wrong, late, BACK_LIMIT_MS / 1000, t->mode_name,
			     t->waits ? " WAIT=1" : "", t->seconds, t->seed);
	return wrong == 0 && late == 0 ? 0 : 1;
}

int
main(void)
{
	struct torture t = { 0 };
	int rc;

	read_environment(&t);
	begin(&t);
	torture(&t);
	rc = report(&t);
	/* The second one borrows from the first. */
	for (size_t i = t.runs; i-- > 0;)
		end_run(&t.run[i]);
	return rc;
}
