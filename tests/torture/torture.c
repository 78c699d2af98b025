/* torture.c -- the contract of ringback under everything that can go wrong.
 *
 *	SECONDS=60 SEED=1 MODE=single torture
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

struct run {
	int64_t seconds, seed;
	enum mode mode;
	const char *mode_name;
	struct world *world;
	struct ledger ledger;
	struct sources *sources;
	struct agents *agents;
	struct watchers *watchers;
	struct faults *faults;
	int64_t look_ms;
	bool drained;
	char last_id[48];
};

/* ---- what was asked for
 * -------------------------------------------------------- */

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
read_environment(struct run *r)
{
	static const char *const names[] = { "single", "takeover", "sentinel",
					     "cluster" };
	const char *mode = getenv("MODE");

	r->seconds = from_environment("SECONDS", 60, 86400);
	r->seed = from_environment("SEED", world_wall_ms() % 100000 + 1,
				   INT64_MAX / 2);
	if (mode == NULL || *mode == '\0')
		mode = names[MODE_SINGLE];
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(mode, names[i]) == 0) {
			r->mode = (enum mode)i;
			r->mode_name = names[i];
		}
	}
	if (r->mode_name == NULL) {
		(void)fprintf(stderr,
			      "torture: MODE=%s is none of single, "
			      "sentinel, cluster\n",
			      mode);
		exit(2);
	}
}

/* ---- the run: everybody has his turn while the condition does not hold
 * -------------- */

static void
turn(struct run *r)
{
	sources_turn(r->sources);
	agents_turn(r->agents);
	watchers_turn(r->watchers);
	faults_turn(r->faults);
}

static bool
plan_over(void *cookie)
{
	struct run *r = cookie;

	turn(r);
	return faults_over(r->faults);
}

static bool
all_acknowledged(void *cookie)
{
	struct run *r = cookie;

	turn(r);
	return sources_idle(r->sources);
}

/* Nobody is left open, every alert is delivered. */
static bool
is_drained(void *cookie)
{
	struct run *r = cookie;
	int64_t now = world_mono_ms();
	struct redis *redis;

	turn(r);
	if (now < r->look_ms)
		return false;
	r->look_ms = now + LOOK_MS;
	redis = world_redis(r->world);
	return redis != NULL && site_open(redis) == 0 &&
	       site_outbox(redis) == 0;
}

static bool
all_quiet(void *cookie)
{
	struct run *r = cookie;

	turn(r);
	return agents_idle(r->agents) && sources_idle(r->sources);
}

static bool
all_heard(void *cookie)
{
	struct run *r = cookie;

	turn(r);
	return watchers_reached(r->watchers, r->last_id);
}

static bool
until(struct run *r, bool (*holds)(void *), int64_t limit_ms)
{
	return crowd_until(r->world->crowd, holds, r, (int)limit_ms);
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
torture(struct run *r)
{
	int64_t heal = BACK_LIMIT_MS * 6;

	if (!until(r, plan_over, r->seconds * 1000 + heal))
		ledger_surprise(&r->ledger, "not all daemons came back");
	sources_calm(r->sources);
	agents_tidy(r->agents);
	if (!until(r, all_acknowledged, DRAIN_LIMIT_MS))
		ledger_surprise(&r->ledger, "not all events were acknowledged, "
					    "long after all was healed");
	sources_repeat_all(r->sources);
	if (!until(r, all_acknowledged, DRAIN_LIMIT_MS))
		ledger_surprise(&r->ledger, "not all repeats were answered");
	if (!until(r, is_drained, DRAIN_LIMIT_MS))
		ledger_surprise(&r->ledger, "the queues did not drain");
	agents_stop(r->agents);
	if (!until(r, all_quiet, DRAIN_LIMIT_MS))
		ledger_surprise(&r->ledger,
				"somebody still waits for an answer");
	look_at_journals(r);
	site_last_id(world_redis(r->world), r->last_id);
	if (!until(r, all_heard, DRAIN_LIMIT_MS))
		ledger_surprise(&r->ledger, "a listener does not get on");
	watchers_leave(r->watchers);
}

/* ---- begin and end
 * ------------------------------------------------------------------------ */

static void
begin(struct run *r)
{
	uint64_t seed = (uint64_t)r->seed;

	(void)printf("torture: MODE=%s SECONDS=%" PRId64 " SEED=%" PRId64
		     "   (to repeat it: make torture with these)\n",
		     r->mode_name, r->seconds, r->seed);
	(void)fflush(stdout);
	r->world = world_start(r->mode, getenv("RINGBACKD"));
	r->sources = sources_new(r->world, &r->ledger, seed);
	r->agents = agents_new(r->world, &r->ledger, seed);
	r->watchers = watchers_new(r->world);
	r->faults = faults_new(r->world, seed, (int)r->seconds);
	if (getenv("VERBOSE") != NULL)
		faults_print(r->faults, stdout);
}

/* The log of the site and the histories of its items, as they stand. */
static void
keep_site(struct run *r, const char *folder)
{
	char *path = text_print("%s/site", folder);
	FILE *f = fopen(path, "we");

	if (f != NULL) {
		site_print(world_redis(r->world), f);
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
report(struct run *r)
{
	const struct checked what = { .ledger = &r->ledger,
				      .watchers = r->watchers,
				      .redis = world_redis(r->world),
				      .alerts = r->world->alerts,
				      .takes_over = r->mode == MODE_TAKEOVER ||
						    r->mode == MODE_SENTINEL };
	struct check *c = text_alloc(sizeof *c);
	int wrong, late;

	check_all(c, &what);
	late = faults_table(r->faults, stdout);
	(void)printf("\n");
	wrong = check_print(c, stdout);
	if (wrong > 0 || late > 0)
		keep_logs(r);
	if (wrong == 0 && late == 0)
		(void)printf(
		    "Nothing lost, nothing twice, nobody stuck, always "
		    "back within %d s.\n",
		    BACK_LIMIT_MS / 1000);
	else
		(void)printf("FAILED: %d wrong, %d times not back within %d s. "
			     "Repeat: make torture MODE=%s SECONDS=%" PRId64
			     " SEED=%" PRId64 "\n",
			     wrong, late, BACK_LIMIT_MS / 1000, r->mode_name,
			     r->seconds, r->seed);
	free(c);
	return wrong == 0 && late == 0 ? 0 : 1;
}

int
main(void)
{
	struct run r = { 0 };
	int rc;

	read_environment(&r);
	begin(&r);
	torture(&r);
	rc = report(&r);
	agents_free(r.agents);
	sources_free(r.sources);
	watchers_free(r.watchers);
	faults_free(r.faults);
	world_stop(r.world);
	ledger_done(&r.ledger);
	return rc;
}
