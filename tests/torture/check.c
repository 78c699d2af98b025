#include "tests/torture/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "tests/torture/check_alerts.h"
#include "tests/torture/check_log.h"
#include "tests/torture/ledger.h"
#include "tests/torture/site_view.h"

void
check_find(struct check *c, const char *format, ...)
{
	va_list ap;

	if (c->findings < MOST_FINDINGS) {
		va_start(ap, format);
		(void)vsnprintf(c->finding[c->findings], sizeof *c->finding,
				format, ap);
		va_end(ap);
	}
	c->findings++;
}

static struct count *
new_count(struct check *c, const char *what)
{
	struct count *n = &c->count[c->counts++];

	memset(n, 0, sizeof *n);
	n->what = what;
	return n;
}

/* ---- events: each acknowledged one is one item, its merge or its receipt
 * ---------- */

/* How many distinct events each item is made of, by what they were answered. */
static int *
calls_told(const struct ledger *l, const struct site_view *v)
{
	int *told = text_alloc((v->items + 1) * sizeof *told);

	for (size_t i = 0; i < l->pushes; i++) {
		const struct held_item *it =
		    site_view_item(v, l->push[i].number);

		if (it != NULL)
			told[it - v->item]++;
	}
	return told;
}

static void
check_calls(struct check *c, struct count *n, const struct site_view *v,
	    const int *told)
{
	for (size_t i = 0; i < v->items; i++) {
		int64_t more =
		    v->item[i].there ? v->item[i].calls - told[i] : 0;

		if (more > 0) {
			n->duplicated += (int)more;
			check_find(c,
				   "item %" PRId64 " counts %" PRId64
				   " calls, and %d events belong to it",
				   v->item[i].number, v->item[i].calls,
				   told[i]);
		} else if (more < 0) {
			n->lost -= (int)more;
			check_find(c,
				   "item %" PRId64 " counts %" PRId64
				   " calls, although %d events belong to it",
				   v->item[i].number, v->item[i].calls,
				   told[i]);
		}
	}
}

static void
check_events(struct check *c, const struct ledger *l, const struct site_view *v)
{
	struct count *n = new_count(c, "events");
	int *told = calls_told(l, v);

	for (size_t i = 0; i < l->pushes; i++) {
		const struct push *p = &l->push[i];
		const struct held_item *it = site_view_item(v, p->number);
		bool known = p->words[0] != '\0' || (it != NULL && it->there);

		n->attempted++;
		n->acknowledged += p->acknowledged;
		n->kept += p->kept;
		if (!p->acknowledged)
			continue;
		n->recovered += p->recovered;
		n->ok += known;
		if (!known) {
			n->lost++;
			check_find(c,
				   "event %s (%s%s) is nowhere: item %" PRId64,
				   p->id, p->type, p->kept ? ", by 202" : "",
				   p->number);
		}
	}
	check_calls(c, n, v, told);
	for (int i = 0; i < l->surprises; i++) {
		n->unexpected++;
		if (i < 20)
			check_find(c, "%s", l->surprise[i]);
	}
	free(told);
}

/* ---- outcomes: each acknowledged one is in the history exactly once ----- */

static void
check_outcome(struct check *c, struct count *n, const struct act *a,
	      const struct place *p)
{
	bool done = a->status / 100 == 2;
	int there = site_view_outcomes(p, a->number, a->note);

	n->attempted++;
	n->acknowledged += done;
	n->ok += done && there == 1;
	n->recovered += !done && there == 1 && a->unsure;
	if (there > 1)
		n->duplicated++;
	if (done && there == 0)
		n->lost++;
	if (!done && there > 0 && !a->unsure)
		n->unexpected++;
	if (there > 1 || (done && there == 0) ||
	    (!done && there > 0 && !a->unsure))
		check_find(
		    c,
		    "outcome %s of item %" PRId64 " by agent%zu (fence %" PRId64
		    ", answered %d): %d times in its history",
		    a->note, a->number, a->agent, a->fence, a->status, there);
}

static void
check_outcomes(struct check *c, const struct ledger *l, const struct place *p)
{
	struct count *n = new_count(c, "outcomes");

	for (size_t i = 0; i < l->acts; i++) {
		if (l->act[i].kind == ACT_OUTCOME && l->act[i].attempts > 0)
			check_outcome(c, n, &l->act[i], p);
	}
}

/* ---- holds: no two valid at one time on a customer ---------------------- */

static int
by_person_and_fence(const void *a, const void *b)
{
	const struct grip *x = a, *y = b;
	int order = strcmp(x->person, y->person);

	if (order == 0)
		order = (x->fence > y->fence) - (x->fence < y->fence);
	return order;
}

static int
by_fence(const void *a, const void *b)
{
	const struct grip *x = a, *y = b;

	return (x->fence > y->fence) - (x->fence < y->fence);
}

/* A fence is the time of Redis at which the hold began, or later.  The hold
 * before must have ended by then: by its time, or by what its agent said. */
static bool
overlaps(const struct grip *one, const struct grip *next)
{
	int64_t end = one->until_ms;

	if (one->first_end_ms != 0 && one->first_end_ms < end)
		end = one->first_end_ms;
	return one->agent != next->agent && next->fence < end;
}

static void
check_fences(struct check *c, struct count *n, struct grip *g, size_t count)
{
	qsort(g, count, sizeof *g, by_fence);
	for (size_t i = 1; i < count; i++) {
		if (g[i].fence != g[i - 1].fence)
			continue;
		n->duplicated++;
		check_find(c,
			   "fence %" PRId64 " was given twice: agent%zu for "
			   "item %" PRId64 " and agent%zu for item %" PRId64,
			   g[i].fence, g[i - 1].agent, g[i - 1].number,
			   g[i].agent, g[i].number);
	}
}

static void
check_holds(struct check *c, const struct ledger *l)
{
	struct count *n = new_count(c, "holds");
	struct grip *g = text_alloc((l->grips + 1) * sizeof *g);

	if (l->grips > 0)
		memcpy(g, l->grip, l->grips * sizeof *g);
	n->attempted = n->acknowledged = (int)l->grips;
	qsort(g, l->grips, sizeof *g, by_person_and_fence);
	for (size_t i = 0; i < l->grips; i++) {
		bool bad = i > 0 && strcmp(g[i].person, g[i - 1].person) == 0 &&
			   overlaps(&g[i - 1], &g[i]);

		n->ok += !bad;
		n->duplicated += bad;
		if (bad)
			check_find(c,
				   "customer %s was agent%zu's until %" PRId64
				   " (fence %" PRId64 ") and agent%zu's from "
				   "%" PRId64,
				   g[i].person, g[i - 1].agent,
				   g[i - 1].until_ms, g[i - 1].fence,
				   g[i].agent, g[i].fence);
	}
	check_fences(c, n, g, l->grips);
	free(g);
}

/* ---- all of it ---------------------------------------------------------- */

/* Items in = closed + open; nobody is stuck once all who could have pulled.  A
 * number that nobody was told, and of which the log says nothing, a failover may
 * skip; one that was acknowledged is missed by check_events, one that was logged
 * by check_log. */
static void
check_items(struct check *c, const struct site_view *v)
{
	struct count *n = new_count(c, "items");

	for (size_t i = 0; i < v->items; i++) {
		const struct held_item *it = &v->item[i];

		if (!it->there)
			continue;
		n->attempted++;
		n->acknowledged++;
		n->ok += strcmp(it->state, "closed") == 0;
		if (strcmp(it->state, "closed") != 0) {
			n->unexpected++;
			check_find(c, "item %" PRId64 " is stuck: %s",
				   it->number, it->state);
		}
	}
	if (v->closed != n->ok || v->open != 0) {
		n->unexpected++;
		check_find(c,
			   "%" PRId64 " items stand as closed and %" PRId64
			   " as open; %d were made",
			   v->closed, v->open, n->attempted);
	}
}

void
check_all(struct check *c, const struct checked *what)
{
	struct site_view v;

	memset(c, 0, sizeof *c);
	site_view_read(&v, &what->place);
	v.takes_over = what->takes_over;
	check_events(c, what->ledger, &v);
	check_items(c, &v);
	check_outcomes(c, what->ledger, &what->place);
	check_holds(c, what->ledger);
	check_alerts(c, new_count(c, "alerts"), &v, what->alerts);
	check_log(c, new_count(c, "log entries"), &v, what->watchers);
	site_view_done(&v);
}

static void
print_count(const struct count *n, FILE *out)
{
	(void)fprintf(out, "%-14s %9d %12d %9d %6d %10d %10d %9d\n", n->what,
		      n->attempted, n->acknowledged, n->ok, n->lost,
		      n->duplicated, n->unexpected, n->recovered);
}

int
check_print(const struct check *c, FILE *out)
{
	int wrong = 0;

	(void)fprintf(out, "%-14s %9s %12s %9s %6s %10s %10s %9s\n", "",
		      "attempted", "acknowledged", "ok", "lost", "duplicated",
		      "unexpected", "recovered");
	for (size_t i = 0; i < c->counts; i++) {
		const struct count *n = &c->count[i];

		print_count(n, out);
		wrong += n->lost + n->duplicated + n->unexpected;
	}
	(void)fprintf(out, "%d events were acknowledged by a journal (202).\n",
		      c->count[0].kept);
	for (size_t i = 0; i < c->findings && i < MOST_FINDINGS; i++)
		(void)fprintf(out, "  ! %s\n", c->finding[i]);
	if (c->findings > MOST_FINDINGS)
		(void)fprintf(out, "  ! and %zu more\n",
			      c->findings - MOST_FINDINGS);
	return wrong;
}
