/* Every open item is in exactly the sets that its state has, and nothing else
 * is in any set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/store/property_run.h"

static double
num(const char *text)
{
	return *text == '\0' ? 0 : strtod(text, NULL);
}

static struct thing *
owner(struct run *r, const char *member, const char *set)
{
	struct thing *t = snapshot_find(r->after, (int64_t)num(member));

	if (t == NULL)
		run_fail(r, NULL, "item %s is in %s and has no record", member,
			 set);
	return t;
}

static void
found_in_class(struct run *r, const struct entry *e)
{
	struct thing *t = owner(r, e->word[1], e->word[0]);

	t->in_class++;
	t->at_class = e->word[0];
	t->class_score = num(e->word[2]);
}

static void
found(struct run *r, const struct entry *e)
{
	struct thing *t;

	switch (e->tag) {
	case 'C': found_in_class(r, e); break;
	case 'S':
		t = owner(r, e->word[0], "scheduled");
		t->in_scheduled++;
		t->scheduled_score = num(e->word[1]);
		break;
	case 'W':
		t = owner(r, e->word[0], "windows");
		t->in_windows++;
		t->windows_score = num(e->word[1]);
		break;
	case 'L':
		t = owner(r, e->word[1], "ladder");
		t->in_ladder++;
		t->at_ladder = e->word[0];
		t->ladder_score = num(e->word[2]);
		break;
	case 'T':
		t = owner(r, e->word[1], "hold_items");
		t->in_hold++;
		t->at_hold = e->word[0];
		break;
	case 'P':
		t = owner(r, e->word[1], e->word[0]);
		t->in_person++;
		t->at_person = e->word[0];
		break;
	case 'X':
		t = snapshot_find(r->after, (int64_t)num(e->word[0]));
		if (t != NULL)
			t->in_closed++;
		break;
	case 'Y':
		t = snapshot_find(r->after, (int64_t)num(e->word[1]));
		if (t != NULL) {
			t->in_past++;
			t->at_past = e->word[0];
		}
		break;
	default: break;
	}
}

static void
must(const struct run *r, const struct thing *t, bool good, const char *what)
{
	if (!good)
		run_fail(r, t, "%s", what);
}

static void
check_waiting(struct run *r, struct thing *t)
{
	must(r, t, t->in_class == 1, "waits and is not in one class");
	must(r, t, strcmp(t->at_class, t->f[F_CLASS]) == 0,
	     "is in another class than its record says");
	must(r, t, (int64_t)t->class_score == t->base,
	     "its score is not its base");
	must(r, t, t->in_windows == (has(t->f[F_ENDS_AT]) ? 1 : 0),
	     "waits and its calling window is not watched");
	must(r, t,
	     t->in_windows == 0 || t->windows_score == num(t->f[F_ENDS_AT]),
	     "its calling window is watched for another time");
	must(r, t, snapshot_entry(r->after, 'O', t->f[F_PERSON]) == NULL,
	     "waits while somebody holds its person");
}

static void
check_held(struct run *r, struct thing *t)
{
	const struct entry *h;

	must(r, t, t->in_hold == 1, "is held and is in no hold");
	must(r, t, strcmp(t->at_hold, t->f[F_AGENT]) == 0,
	     "is in the hold of another than its record says");
	h = snapshot_entry(r->after, 'H', t->at_hold);
	must(r, t, h != NULL, "is in a hold that is none");
	must(r, t, strcmp(h->word[1], t->f[F_PERSON]) == 0,
	     "is held with another person's");
	must(r, t, strcmp(h->word[3], t->f[F_FENCE]) == 0,
	     "is held under another fence than its hold");
	must(r, t, has(t->f[F_LAST_AGENT]), "is held and has no last agent");
}

static void
check_index(struct run *r, struct thing *t)
{
	char place[128];

	if (!thing_open(t)) {
		must(r, t, t->in_person == 0 && t->in_ladder == 0,
		     "is closed and still among the open ones");
		must(r, t, t->in_closed == 1, "is closed and not so listed");
		return;
	}
	(void)snprintf(place, sizeof place, "%s|%s|%s", t->f[F_QUEUE],
		       t->f[F_TIER], t->f[F_PERSON]);
	must(r, t, t->in_closed == 0 && t->in_past == 0,
	     "is open and listed as closed");
	must(r, t, t->in_person == 1, "is not found by one person");
	must(r, t, strcmp(t->at_person, t->f[F_PERSON]) == 0,
	     "is found by another person than its record says");
	must(r, t, strcmp(place, t->f[F_INDEXED]) == 0,
	     "is counted elsewhere than it is");
	must(r, t, t->in_ladder <= 1, "is on two ladders");
	must(r, t, t->in_ladder == 0 || thing_ages(t),
	     "is on a ladder and does not age");
	must(r, t,
	     t->in_ladder == 0 || strcmp(t->at_ladder, t->f[F_QUEUE]) == 0,
	     "is on another queue's ladder");
}

static void
check_thing(struct run *r, struct thing *t)
{
	must(r, t, t->state != ST_NEW, "has no state");
	must(r, t, t->queue >= 0 && t->tier >= 0, "has no queue or tier");
	must(r, t, t->in_class == (t->state == ST_WAITING ? 1 : 0),
	     "is in a class and does not wait, or the other way round");
	must(r, t, t->in_hold == (t->state == ST_HELD ? 1 : 0),
	     "is in a hold and is not held, or the other way round");
	must(r, t, t->in_scheduled == (t->state == ST_SCHEDULED ? 1 : 0),
	     "is put off and not so listed, or the other way round");
	must(r, t, t->in_windows == 0 || t->state == ST_WAITING,
	     "its window is watched and it does not wait");
	if (t->state == ST_WAITING)
		check_waiting(r, t);
	if (t->state == ST_HELD)
		check_held(r, t);
	if (t->state == ST_SCHEDULED) {
		must(r, t, (int64_t)t->scheduled_score == t->due,
		     "is due at another time than its record says");
		must(r, t, has(t->f[F_WHY]), "is put off and nobody knows why");
	}
	check_index(r, t);
}

/* Does o lead to e?  A class is found by its pool, a pool by its queue; and a
 * pool that is listed has a class, a queue's list has a pool. */
static bool
leads(const struct entry *o, const struct entry *e)
{
	size_t n = strlen(e->word[0]), k = strlen(o->word[0]);

	if (e->tag == 'C')
		return o->tag == 'K' && strcmp(o->word[1], e->word[0]) == 0 &&
		       strncmp(e->word[0], o->word[0], k) == 0 &&
		       e->word[0][k] == '|';
	if (e->tag == 'K')
		return o->tag == 'C' && strcmp(o->word[0], e->word[1]) == 0;
	return o->tag == 'K' && strncmp(o->word[0], e->word[0], n) == 0 &&
	       o->word[0][n] == '|' &&
	       strcmp(o->word[0] + n + 1, e->word[1]) == 0;
}

static bool
is_listed(const struct snapshot *s, const struct entry *k)
{
	for (int i = 0; i < s->entry_count; i++) {
		if (s->entries[i].tag == 'Q' && leads(k, &s->entries[i]))
			return true;
	}
	return false;
}

static void
check_pools(struct run *r)
{
	static const struct entry *list[MOST_ENTRIES];
	const struct snapshot *s = r->after;
	int count = 0;

	for (int i = 0; i < s->entry_count; i++) {
		if (strchr("CKQ", s->entries[i].tag) != NULL)
			list[count++] = &s->entries[i];
	}
	for (int i = 0; i < count; i++) {
		const struct entry *e = list[i];
		bool there = e->tag != 'K' || is_listed(s, e);
		int k = 0;

		while (there && k < count && !leads(list[k], e))
			k++;
		if (!there || k == count)
			run_fail(r, NULL, "%c %s %s leads nowhere", e->tag,
				 e->word[0], e->word[1]);
	}
}

static void
check_hold(struct run *r, const struct entry *h)
{
	const struct entry *o = snapshot_entry(r->after, 'O', h->word[1]);
	const struct entry *z = snapshot_entry(r->after, 'Z', h->word[0]);
	struct thing *t = snapshot_find(r->after, (int64_t)num(h->word[2]));

	if (o == NULL || strcmp(o->word[1], h->word[0]) != 0)
		run_fail(r, t, "%s holds %s, and the person does not know it",
			 h->word[0], h->word[1]);
	if (z == NULL || num(z->word[1]) != num(h->word[5]))
		run_fail(r, t, "nobody watches the end of %s's hold",
			 h->word[0]);
	if (t == NULL || t->state != ST_HELD ||
	    strcmp(t->f[F_AGENT], h->word[0]) != 0)
		run_fail(r, t, "%s does not hold what the hold is about",
			 h->word[0]);
	if (num(h->word[5]) > num(h->word[6]))
		run_fail(r, t, "%s's hold lasts longer than it may",
			 h->word[0]);
}

/* The fences of new holds are greater than all before. */
static void
check_fence(struct run *r, const struct entry *h)
{
	const struct entry *old = snapshot_entry(r->before, 'H', h->word[0]);
	int64_t fence = (int64_t)num(h->word[3]);

	if (old != NULL && strcmp(old->word[3], h->word[3]) == 0)
		return;
	if (fence <= r->m->last_fence)
		run_fail(r, NULL, "fence %lld of %s is not above %lld",
			 (long long)fence, h->word[0],
			 (long long)r->m->last_fence);
	r->m->last_fence = fence;
}

static void
check_holds(struct run *r)
{
	const struct snapshot *s = r->after;

	for (int i = 0; i < s->entry_count; i++) {
		const struct entry *e = &s->entries[i];

		if (e->tag == 'H') {
			check_hold(r, e);
			check_fence(r, e);
		} else if ((e->tag == 'O' &&
			    snapshot_entry(s, 'H', e->word[1]) == NULL) ||
			   (e->tag == 'Z' &&
			    snapshot_entry(s, 'H', e->word[0]) == NULL)) {
			run_fail(r, NULL, "%c %s %s: there is no such hold",
				 e->tag, e->word[0], e->word[1]);
		} else if (e->tag == 'A' &&
			   snapshot_entry(s, 'H', e->word[0]) != NULL) {
			run_fail(r, NULL, "%s waits and holds somebody",
				 e->word[0]);
		} else if (e->tag == 'M' &&
			   snapshot_entry(s, 'A', e->word[0]) == NULL) {
			run_fail(r, NULL, "%s is named and does not wait",
				 e->word[0]);
		}
	}
}

static void
check_counts(struct run *r)
{
	const struct snapshot *s = r->after;
	int queues[QUEUES] = { 0 }, tiers[TIERS] = { 0 };

	for (int i = 0; i < s->count; i++) {
		if (thing_open(&s->things[i])) {
			queues[s->things[i].queue]++;
			tiers[s->things[i].tier]++;
		}
	}
	for (int i = 0; i < s->entry_count; i++) {
		const struct entry *e = &s->entries[i];
		const char *name = strchr(e->word[0], ':');
		int right;

		if (e->tag != 'N')
			continue;
		right = *e->word[0] == 'q' ? queues[model_queue(name + 1)]
					   : tiers[model_tier(name + 1)];
		if ((int)num(e->word[1]) != right)
			run_fail(r, NULL, "%s open: %s is counted, %d are",
				 e->word[0], e->word[1], right);
	}
}

void
check_sets(struct run *r)
{
	struct snapshot *s = r->after;

	for (int i = 0; i < s->entry_count; i++)
		found(r, &s->entries[i]);
	for (int i = 0; i < s->count; i++)
		check_thing(r, &s->things[i]);
	check_holds(r);
	check_counts(r);
	check_pools(r);
}
