#include "daemon/api/holding.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/when.h"

struct held {
	TAILQ_ENTRY(held) all;
	char *agent, *name, *phone; /* owned */
	int64_t number, until_ms;
};

TAILQ_HEAD(all_held, held);

struct holding {
	struct all_held list; /* the one heard of last comes first */
	size_t count, most;
};

struct holding *
holding_new(size_t most)
{
	struct holding *h = text_alloc(sizeof *h);

	TAILQ_INIT(&h->list);
	h->most = most;
	return h;
}

static void
drop(struct holding *h, struct held *e)
{
	TAILQ_REMOVE(&h->list, e, all);
	h->count--;
	free(e->agent);
	free(e->name);
	free(e->phone);
	free(e);
}

void
holding_forget(struct holding *h)
{
	while (!TAILQ_EMPTY(&h->list))
		drop(h, TAILQ_FIRST(&h->list));
}

void
holding_free(struct holding *h)
{
	if (h == NULL)
		return;
	holding_forget(h);
	free(h);
}

static struct held *
find(const struct holding *h, const char *agent)
{
	struct held *e;

	TAILQ_FOREACH(e, &h->list, all)
	{
		if (strcmp(e->agent, agent) == 0)
			return e;
	}
	return NULL;
}

static bool
says(const struct record *item, const char *field, const char *value)
{
	const char *s = record_get(item, field);

	return s != NULL && strcmp(s, value) == 0;
}

static char *
field(const struct record *item, const char *name)
{
	const char *s = record_get(item, name);

	return text_dup(s != NULL ? s : "");
}

static void
remember(struct holding *h, const char *agent, const struct record *item)
{
	struct held *e = text_alloc(sizeof *e);

	e->agent = text_dup(agent);
	e->name = field(item, "name");
	e->phone = field(item, "phone");
	e->number = record_int(item, "number", 0);
	e->until_ms = record_int(item, "hold_until", INT64_MAX);
	TAILQ_INSERT_HEAD(&h->list, e, all);
	h->count++;
	if (h->count > h->most)
		drop(h, TAILQ_LAST(&h->list, all_held));
}

void
holding_saw(struct holding *h, const char *agent, const struct record *item)
{
	struct held *e = find(h, agent);
	bool his = item != NULL && says(item, "state", "held") &&
		   says(item, "agent", agent);

	if (e != NULL &&
	    (his || item == NULL || record_int(item, "number", 0) == e->number))
		drop(h, e);
	if (his)
		remember(h, agent, item);
}

json_t *
holding_tell(const struct holding *h, const char *agent, int64_t now_ms)
{
	const struct held *e = find(h, agent);
	json_t *o;
	char time[25];

	if (e == NULL || e->until_ms <= now_ms)
		return NULL;
	o = json_pack("{s:I, s:s, s:s}", "number", (json_int_t)e->number,
		      "name", e->name, "phone", e->phone);
	if (o != NULL && e->until_ms != INT64_MAX) {
		when_print(time, e->until_ms);
		(void)json_object_set_new(o, "until", json_string(time));
	}
	return o;
}
