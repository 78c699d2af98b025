#include "daemon/api/rates.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"

/* Callers have a token or a name of the system; if ever there are more, they
 * all begin anew. */
#define MOST_CALLERS 4096

struct bucket {
	char *who; /* owned */
	int64_t owed_ms; /* monotonic time at which it is full again */
};

struct rates {
	void *tree; /* of struct bucket; owned */
	size_t count;
};

static int
compare(const void *a, const void *b)
{
	const struct bucket *x = a, *y = b;

	return strcmp(x->who, y->who);
}

static void
free_bucket(void *node)
{
	struct bucket *b = node;

	free(b->who);
	free(b);
}

struct rates *
rates_new(void)
{
	return text_alloc(sizeof(struct rates));
}

static void
forget(struct rates *r)
{
	tdestroy(r->tree, free_bucket);
	r->tree = NULL;
	r->count = 0;
}

void
rates_free(struct rates *r)
{
	if (r == NULL)
		return;
	forget(r);
	free(r);
}

static struct bucket *
find(struct rates *r, const char *who)
{
	struct bucket *b = text_alloc(sizeof *b), **found;

	if (r->count >= MOST_CALLERS)
		forget(r);
	b->who = text_dup(who);
	found = tsearch(b, &r->tree, compare);
	if (found == NULL)
		abort();
	if (*found == b)
		r->count++;
	else
		free_bucket(b);
	return *found;
}

/* Kept as the time at which all is paid (the generic cell rate algorithm): a
 * whole burst is burst / per_second ahead of now. */
int64_t
rates_take(struct rates *r, const char *who, size_t n,
    const struct rate *rate, int64_t now_ms)
{
	int64_t whole_ms, cost_ms, needed_ms, owed_ms;
	struct bucket *b;

	if (rate->per_second == 0 || n == 0)
		return 0;
	b = find(r, who);
	whole_ms = rate->burst * 1000 / rate->per_second;
	cost_ms = ((int64_t)n * 1000 + rate->per_second - 1) / rate->per_second;
	needed_ms = cost_ms < whole_ms ? cost_ms : whole_ms;
	owed_ms = b->owed_ms > now_ms ? b->owed_ms - now_ms : 0;
	if (owed_ms + needed_ms > whole_ms)
		return owed_ms + needed_ms - whole_ms;
	b->owed_ms = now_ms + owed_ms + cost_ms;
	return 0;
}
