#include "tests/torture/faults.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "tests/torture/dice.h"
#include "tests/torture/fault_kinds.h"
#include "tests/torture/world.h"

#define FIRST_MS 1500
#define PROBE_MS 25
#define READY_LOOK_MS 100
#define MOST_FAULTS 2000

struct fault_plan {
	int64_t at_ms;
	int lasts_ms;
	size_t kind, target;
	bool begun, ended;
	int64_t begun_ms; /* of the run: then it lasts so long */
};

struct tally {
	int done, measured, late;
	int64_t sum_ms, most_ms;
};

struct faults {
	struct world *world;
	struct fault_plan *plan;
	size_t count;
	int64_t began_ms;  /* of the run */
	int64_t stood_ms;  /* for so long the plan stood still */
	int64_t turned_ms; /* the last turn, by the plan */
	int64_t look_ms;   /* when it is asked again whether all is ready */
	int64_t length_ms; /* after it nothing begins */
	size_t active, active_redis;
	/* The way back: from when all was healed, after this kind. */
	bool measuring, back;
	int64_t healed_ms;
	size_t healed_kind;
	struct tally *tally; /* by kind */
	bool ready[DAEMONS];
	struct face probe[DAEMONS];
	int64_t probe_ms;
};

/* ---- the plan ----------------------------------------------------------- */

static size_t
some_kind(struct dice *d, enum mode mode)
{
	int all = 0, n;

	for (size_t i = 0; i < fault_kind_count; i++)
		all += fault_kind_in(i, mode) ? fault_kinds[i].weight : 0;
	n = dice_from(d, 1, all);
	for (size_t i = 0; i < fault_kind_count; i++) {
		if (!fault_kind_in(i, mode))
			continue;
		n -= fault_kinds[i].weight;
		if (n <= 0)
			return i;
	}
	abort();
}

/* When the next may begin: of daemons one at a time, of Redis one at a time
 * (two would undo each other, and Redis takes no command while it is away), and
 * every third of one side while another of the other side lasts. */
static bool
is_alone(const struct faults *f, const struct fault_kind *k)
{
	return k->apart_ms > 0 && !f->world->waits;
}

static int64_t
earliest(const struct faults *f, const int64_t free_ms[2],
	 const struct fault_kind *k, bool meets)
{
	int64_t mine = free_ms[k->of_daemon], other = free_ms[!k->of_daemon];

	return meets && !is_alone(f, k) ? mine : mine > other ? mine : other;
}

static void
make_plan(struct faults *f, uint64_t seed, int seconds)
{
	struct dice d = dice_of(seed, "faults", 0);
	int64_t at = FIRST_MS, free_ms[2] = { 0 };

	f->plan = text_alloc(MOST_FAULTS * sizeof *f->plan);
	while (at < seconds * 1000 && f->count < MOST_FAULTS) {
		struct fault_plan *p = &f->plan[f->count++];
		size_t kind = some_kind(&d, f->world->mode);
		const struct fault_kind *k = &fault_kinds[kind];
		int64_t least =
		    earliest(f, free_ms, k,
			     dice_percent(&d, f->world->waits ? 80 : 33)) +
		    k->apart_ms;

		p->kind = kind;
		p->target = (size_t)dice_from(&d, 0, DAEMONS - 1);
		p->lasts_ms = dice_from(&d, k->least_ms, k->most_ms);
		p->at_ms = at = at > least ? at : least;
		free_ms[k->of_daemon] = at + p->lasts_ms + k->apart_ms;
		if (is_alone(f, k))
			free_ms[!k->of_daemon] = free_ms[k->of_daemon];
		at += dice_from(&d, 600, 2800);
	}
}

struct faults *
faults_new(struct world *w, uint64_t seed, int seconds)
{
	struct faults *f = text_alloc(sizeof *f);

	f->world = w;
	f->began_ms = world_mono_ms();
	f->length_ms = seconds * INT64_C(1000);
	f->tally = text_alloc(fault_kind_count * sizeof *f->tally);
	f->back = true;
	make_plan(f, seed, seconds);
	for (size_t i = 0; i < DAEMONS; i++) {
		f->probe[i].at = i;
		face_open(&f->probe[i], w, NULL, 1000);
	}
	return f;
}

void
faults_free(struct faults *f)
{
	for (size_t i = 0; i < DAEMONS; i++)
		face_close(&f->probe[i]);
	free(f->plan);
	free(f->tally);
	free(f);
}

void
faults_print(const struct faults *f, FILE *out)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct fault_plan *p = &f->plan[i];
		const struct fault_kind *k = &fault_kinds[p->kind];

		(void)fprintf(out, "  %7.1f s  %-34s", (double)p->at_ms / 1000,
			      k->name);
		if (k->of_daemon)
			(void)fprintf(out, " %zu", p->target);
		else
			(void)fprintf(out, "  ");
		(void)fprintf(out, "  for %.1f s\n", p->lasts_ms / 1000.0);
	}
}

/* ---- the way back ------------------------------------------------------- */

static bool
all_ready(const struct faults *f)
{
	for (size_t i = 0; i < DAEMONS; i++) {
		if (!f->ready[i])
			return false;
	}
	return true;
}

static void
on_probe(void *cookie, struct web *w, const struct web_answer *a)
{
	struct face *p = cookie;

	(void)w;
	p->busy = false;
	/* at: this daemon's, and DAEMONS more once it has said that it is. */
	if (a->status == 200)
		p->at += DAEMONS;
}

/* What an agent sees: ready is who answers with what Redis has. */
static void
probe(struct faults *f)
{
	const struct web_request r = { .path = "/v1/queues" };
	int64_t now = world_mono_ms();

	for (size_t i = 0; i < DAEMONS; i++) {
		struct face *p = &f->probe[i];

		if (p->at >= DAEMONS) {
			p->at -= DAEMONS;
			f->ready[i] = true;
		}
		if (!p->busy && !f->ready[i] && now >= f->probe_ms)
			face_ask(p, f->world, &r, on_probe, p);
	}
	if (now >= f->probe_ms)
		f->probe_ms = now + PROBE_MS;
}

static void
finish_measure(struct faults *f, bool whole)
{
	struct tally *t = &f->tally[f->healed_kind];
	int64_t took = world_mono_ms() - f->healed_ms;

	f->measuring = false;
	if (!whole && took <= BACK_LIMIT_MS)
		return; /* the next fault came too soon to say */
	t->measured++;
	t->sum_ms += took;
	t->most_ms = took > t->most_ms ? took : t->most_ms;
	t->late += took > BACK_LIMIT_MS;
}

static void
measure(struct faults *f)
{
	if (f->back || f->active > 0)
		return;
	probe(f);
	if (!all_ready(f))
		return;
	f->back = true;
	if (f->measuring)
		finish_measure(f, true);
}

/* ---- carrying it out ---------------------------------------------------- */

static void
begin(struct faults *f, struct fault_plan *p)
{
	if (f->measuring)
		finish_measure(f, false);
	p->begun = true;
	f->back = false;
	f->active++;
	f->active_redis += !fault_kinds[p->kind].of_daemon;
	fault_kinds[p->kind].begin(f->world, p->target);
	f->tally[p->kind].done++;
}

static void
end(struct faults *f, struct fault_plan *p)
{
	p->ended = true;
	fault_kinds[p->kind].end(f->world, p->target);
	f->active_redis -= !fault_kinds[p->kind].of_daemon;
	if (--f->active > 0)
		return;
	f->measuring = true;
	f->healed_kind = p->kind;
	f->healed_ms = world_mono_ms();
	memset(f->ready, 0, sizeof f->ready);
}

/* What stands alone waits until the world is ready for it, and the plan with
 * it. After a failover that came late everything does: a daemon that dies now
 * would take with it what only it remembers. */
static bool
must_wait(struct faults *f, const struct fault_plan *p)
{
	bool careful = !f->world->waits && (f->world->mode == MODE_SENTINEL ||
					    fault_kinds[p->kind].apart_ms > 0);
	int64_t now = world_mono_ms();

	if (!careful && fault_kinds[p->kind].apart_ms == 0)
		return false;
	if (now < f->look_ms || f->active_redis > 0)
		return true;
	if (careful && (f->active > 0 || !f->back))
		return true;
	f->look_ms = now + READY_LOOK_MS;
	return !world_ready(f->world);
}

static void
end_what_is_due(struct faults *f, int64_t run_ms)
{
	for (size_t i = 0; i < f->count; i++) {
		struct fault_plan *p = &f->plan[i];

		if (p->begun && !p->ended &&
		    run_ms >= p->begun_ms + p->lasts_ms)
			end(f, p);
		/* The plan stood still too long for it. */
		if (!p->begun && run_ms >= f->length_ms)
			p->begun = p->ended = true;
	}
}

void
faults_turn(struct faults *f)
{
	int64_t run_ms = world_mono_ms() - f->began_ms;
	int64_t now = run_ms - f->stood_ms;

	end_what_is_due(f, run_ms);
	for (size_t i = 0; i < f->count; i++) {
		struct fault_plan *p = &f->plan[i];

		if (p->begun || now < p->at_ms)
			continue;
		if (must_wait(f, p)) {
			f->stood_ms += now - f->turned_ms;
			now = f->turned_ms;
			break;
		}
		p->begun_ms = run_ms - (now - p->at_ms);
		begin(f, p);
	}
	f->turned_ms = now;
	measure(f);
}

bool
faults_over(const struct faults *f)
{
	for (size_t i = 0; i < f->count; i++) {
		if (!f->plan[i].ended)
			return false;
	}
	for (size_t i = 0; i < DAEMONS; i++) {
		if (f->probe[i].busy)
			return false;
	}
	return f->back;
}

int
faults_table(const struct faults *f, FILE *out)
{
	int late = 0;

	(void)fprintf(out, "%-36s %6s %9s %9s %6s\n", "fault", "done",
		      "back, ms", "longest", "late");
	for (size_t i = 0; i < fault_kind_count; i++) {
		const struct tally *t = &f->tally[i];

		if (t->done == 0)
			continue;
		late += t->late;
		(void)fprintf(out, "%-36s %6d", fault_kinds[i].name, t->done);
		if (t->measured > 0)
			(void)fprintf(out, " %9" PRId64 " %9" PRId64 " %6d\n",
				      t->sum_ms / t->measured, t->most_ms,
				      t->late);
		else
			(void)fprintf(out, " %9s %9s %6s\n", "-", "-", "-");
	}
	return late;
}
