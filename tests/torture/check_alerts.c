#include "tests/torture/check_alerts.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "tests/torture/check.h"
#include "tests/torture/site_view.h"

/* What was delivered: of each item and alert, under which keys. */
struct delivered {
	int64_t number;
	int times;
	char alert[20], key[80];
};

struct receipts {
	struct delivered *list;
	size_t count, room;
	int repeats;
};

/* Of a burst of many only the first are named, and all are counted: an entry of
 * number 0 stands for those that are only counted. */
#define ONLY_COUNTED 0

static void
add(struct receipts *r, int64_t number, int times, const char *alert,
    const char *key)
{
	struct delivered *d;

	for (size_t i = 0; i < r->count; i++) {
		d = &r->list[i];
		if (d->number == number && strcmp(d->alert, alert) == 0 &&
		    strcmp(d->key, key) == 0) {
			d->times = d->times > times ? d->times : times;
			r->repeats++;
			return;
		}
	}
	if (r->count == r->room) {
		r->room = r->room == 0 ? 256 : r->room * 2;
		r->list = text_realloc(r->list, r->room * sizeof *r->list);
	}
	d = &r->list[r->count++];
	d->number = number;
	d->times = times;
	(void)snprintf(d->alert, sizeof d->alert, "%s", alert);
	(void)snprintf(d->key, sizeof d->key, "%s", key);
}

/* Without "+N": so many more came into it after it was first told; NULL for
 * NULL.  free(). */
static char *
first_of_key(const char *id)
{
	return id != NULL ? text_dup_n(id, strcspn(id, "+")) : NULL;
}

static void
take_line(struct receipts *r, const char *line)
{
	json_t *o = json_loads(line, 0, NULL);
	json_t *items = json_object_get(o, "items"), *one;
	char *key = first_of_key(json_string_value(json_object_get(o, "id")));
	const char *alert = json_string_value(json_object_get(o, "alert"));
	int more = (int)json_integer_value(json_object_get(o, "count")) -
		   (int)json_array_size(items);
	size_t i;

	if (key == NULL || alert == NULL) {
		free(key);
		json_decref(o);
		return;
	}
	json_array_foreach(items, i, one)
	{
		add(r, json_integer_value(json_object_get(one, "number")), 1,
		    alert, key);
	}
	if (more > 0)
		add(r, ONLY_COUNTED, more, alert, key);
	free(key);
	json_decref(o);
}

static void
read_receipts(struct receipts *r, const char *file)
{
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t size = 0;

	memset(r, 0, sizeof *r);
	while (f != NULL && getline(&line, &size, f) > 0)
		take_line(r, line);
	free(line);
	if (f != NULL)
		(void)fclose(f);
}

/* Under how many keys it was delivered. */
static size_t
keys_of(const struct receipts *r, int64_t number, const char *alert)
{
	size_t n = 0;

	for (size_t i = 0; i < r->count; i++)
		n += r->list[i].number == number &&
		     strcmp(r->list[i].alert, alert) == 0;
	return n;
}

/* Takes one of those that were only counted. */
static bool
was_counted(struct receipts *r, const char *alert)
{
	for (size_t i = 0; i < r->count; i++) {
		struct delivered *d = &r->list[i];

		if (d->number == ONLY_COUNTED && d->times > 0 &&
		    strcmp(d->alert, alert) == 0) {
			d->times--;
			return true;
		}
	}
	return false;
}

/* ---- what was raised: entries of the log, by item and alert ------------- */

static int
by_item_and_alert(const void *a, const void *b)
{
	const struct entry *x = *(const struct entry *const *)a,
			   *y = *(const struct entry *const *)b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return strcmp(x->alert, y->alert);
}

/* Those that somebody is told of; the caller's (free). */
static const struct entry **
raised(const struct site_view *v, size_t *ret_count)
{
	const struct entry **list = text_alloc((v->entries + 1) * sizeof *list);
	size_t n = 0;

	for (size_t i = 0; i < v->entries; i++) {
		if (strcmp(v->log[i].type, "alert") == 0 &&
		    strcmp(v->log[i].alert, "held-long") != 0)
			list[n++] = &v->log[i];
	}
	qsort(list, n, sizeof *list, by_item_and_alert);
	*ret_count = n;
	return list;
}

/* What comes of a number of tries may come again after an undo; a share passes
 * a threshold once. */
static bool
is_threshold(const char *alert)
{
	return strcmp(alert, "at-risk") == 0 || strcmp(alert, "broken") == 0;
}

static void
check_one(struct check *c, struct count *n, const struct entry *e, size_t times,
	  struct receipts *r)
{
	size_t keys = keys_of(r, e->number, e->alert);

	n->attempted++;
	n->acknowledged++;
	if (keys > 0 || was_counted(r, e->alert)) {
		n->ok++;
	} else {
		n->lost++;
		check_find(
		    c, "alert %s of item %" PRId64 " (%s) was not delivered",
		    e->alert, e->number, e->id);
	}
	if (is_threshold(e->alert) && times > 1) {
		n->duplicated += (int)times - 1;
		check_find(c,
			   "alert %s of item %" PRId64 " was raised %zu times",
			   e->alert, e->number, times);
	}
	if (keys > times) {
		n->duplicated += (int)(keys - times);
		check_find(c,
			   "alert %s of item %" PRId64 " was raised %zu times "
			   "and delivered under %zu keys",
			   e->alert, e->number, times, keys);
	}
}

void
check_alerts(struct check *c, struct count *n, const struct site_view *v,
	     const char *file)
{
	struct receipts r;
	size_t count;
	const struct entry **list = raised(v, &count);

	read_receipts(&r, file);
	for (size_t i = 0, next; i < count; i = next) {
		for (next = i + 1;
		     next < count &&
		     by_item_and_alert(&list[i], &list[next]) == 0;
		     next++)
			;
		check_one(c, n, list[i], next - i, &r);
	}
	free(list);
	for (size_t i = 0; i < r.count; i++) {
		if (r.list[i].number != ONLY_COUNTED || r.list[i].times == 0)
			continue;
		n->duplicated += r.list[i].times;
		check_find(c, "%s tells of %d more than were raised",
			   r.list[i].key, r.list[i].times);
	}
	if (v->outbox != 0) {
		n->unexpected += (int)v->outbox;
		check_find(c, "%" PRId64 " deliveries still wait", v->outbox);
	}
	n->recovered = r.repeats;
	free(r.list);
}
