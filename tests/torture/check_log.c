#include "tests/torture/check_log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "tests/torture/check.h"
#include "tests/torture/watchers.h"
#include "tests/torture/site_view.h"

/* ---- the fold: each item's entries lead to what it is ------------------- */

struct folded {
	char state[16], promise[8];
	int made;
};

/* A promise is settled once, and only taken back by "undone". */
static bool
promise_may(const char *before, const struct entry *e)
{
	if (strcmp(before, e->promise) == 0 || before[0] == '\0')
		return true;
	return e->promise[0] == '\0' && strcmp(e->type, "undone") == 0;
}

static void
fold_entry(struct check *c, struct count *n, struct folded *f,
	   const struct entry *e)
{
	f->made += strcmp(e->type, "made") == 0;
	if (f->made != 1) {
		n->unexpected++;
		check_find(c, "log %s: %s of item %" PRId64 ", made %d times",
			   e->id, e->type, e->number, f->made);
	} else if (strcmp(e->state, f->state) != 0 && f->state[0] != '\0' &&
		   strcmp(e->from, f->state) != 0) {
		n->unexpected++;
		check_find(c,
			   "log %s: %s of item %" PRId64
			   " from %s to %s, but it was %s",
			   e->id, e->type, e->number, e->from, e->state,
			   f->state);
	}
	if (!promise_may(f->promise, e)) {
		n->duplicated++;
		check_find(c,
			   "log %s: the promise of item %" PRId64
			   " was %s and is %s by %s",
			   e->id, e->number, f->promise, e->promise, e->type);
	}
	memcpy(f->state, e->state, sizeof f->state);
	memcpy(f->promise, e->promise, sizeof f->promise);
}

static void
compare_items(struct check *c, struct count *n, const struct site_view *v,
	      const struct folded *f)
{
	for (size_t i = 0; i < v->items; i++) {
		const struct held_item *it = &v->item[i];

		if (strcmp(f[i].state, it->state) == 0 &&
		    strcmp(f[i].promise, it->promise) == 0)
			continue;
		n->lost++;
		check_find(c,
			   "item %" PRId64 " is %s (promise %s), the log makes "
			   "it %s (promise %s)",
			   it->number, it->state, it->promise, f[i].state,
			   f[i].promise);
	}
}

static void
fold(struct check *c, struct count *n, const struct site_view *v)
{
	struct folded *f = text_alloc((v->items + 1) * sizeof *f);

	for (size_t i = 0; i < v->entries; i++) {
		const struct entry *e = &v->log[i];
		const struct held_item *it = site_view_item(v, e->number);

		if (i > 0 && log_id_order(v->log[i - 1].id, e->id) >= 0) {
			n->unexpected++;
			check_find(c, "log %s stands after %s", e->id,
				   v->log[i - 1].id);
		}
		if (e->number == 0)
			continue;
		if (it == NULL) {
			n->unexpected++;
			check_find(c, "log %s: no item %" PRId64, e->id,
				   e->number);
			continue;
		}
		fold_entry(c, n, &f[it - v->item], e);
	}
	compare_items(c, n, v, f);
	free(f);
}

/* ---- watchers: each entry from their first on, in order, none missing ---- */

static void
check_order(struct check *c, struct count *n, const struct heard *h)
{
	for (size_t i = 1; i < h->count; i++) {
		if (log_id_order(h->id[i - 1], h->id[i]) < 0)
			continue;
		n->duplicated++;
		check_find(c, "a listener heard %s after %s", h->id[i],
			   h->id[i - 1]);
	}
}

/* Ids of both increase, so one walk over both finds what is missing. */
static void
check_heard(struct check *c, struct count *n, const struct site_view *v,
	    const struct heard *h)
{
	size_t at = 0, heard = 0;

	while (at < v->entries && h->count > 0 &&
	       log_id_order(v->log[at].id, h->id[0]) < 0)
		at++;
	for (; at < v->entries; at++) {
		while (heard < h->count &&
		       log_id_order(h->id[heard], v->log[at].id) < 0) {
			/* What a Redis has taken with it comes again, later. */
			if (v->takes_over) {
				heard++;
				continue;
			}
			n->unexpected++;
			check_find(c,
				   "a listener heard %s, which is not in "
				   "the log",
				   h->id[heard++]);
		}
		if (heard < h->count &&
		    strcmp(h->id[heard], v->log[at].id) == 0) {
			heard++;
			continue;
		}
		n->lost++;
		check_find(c, "a listener did not hear %s (%s of %" PRId64 ")",
			   v->log[at].id, v->log[at].type, v->log[at].number);
	}
	n->recovered += h->returns;
	n->unexpected += h->resets;
	if (h->resets > 0)
		check_find(c, "a listener was told that it missed something");
}

void
check_log(struct check *c, struct count *n, const struct site_view *v,
	  const struct watchers *l)
{
	n->attempted = n->acknowledged = n->ok = (int)v->entries;
	fold(c, n, v);
	for (size_t i = 0; i < WATCHERS; i++) {
		check_order(c, n, watchers_heard(l, i));
		check_heard(c, n, v, watchers_heard(l, i));
	}
}
