#include "daemon/api/presence.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/api/caller.h"
#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/store/store.h"

#define TELL_EVERY_MS 60000
#define MOST_PEOPLE 10000

struct person {
	LIST_ENTRY(person) all;
	char *name; /* owned */
	int64_t told_ms;
};

struct presence {
	struct store *store;
	LIST_HEAD(, person) people; /* who came last is found first */
	size_t count;
};

struct presence *
presence_new(struct store *store)
{
	struct presence *p = text_alloc(sizeof *p);

	p->store = store;
	LIST_INIT(&p->people);
	return p;
}

static void
forget_all(struct presence *p)
{
	struct person *one;

	while ((one = LIST_FIRST(&p->people)) != NULL) {
		LIST_REMOVE(one, all);
		free(one->name);
		free(one);
	}
	p->count = 0;
}

void
presence_free(struct presence *p)
{
	if (p == NULL)
		return;
	forget_all(p);
	free(p);
}

static struct person *
find(struct presence *p, const char *name)
{
	struct person *one;

	LIST_FOREACH(one, &p->people, all)
	{
		if (strcmp(one->name, name) == 0)
			break;
	}
	if (one == NULL) {
		if (p->count >= MOST_PEOPLE)
			forget_all(p); /* told once too often, that is all */
		one = text_alloc(sizeof *one);
		one->name = text_dup(name);
		one->told_ms = -TELL_EVERY_MS;
		p->count++;
	} else {
		LIST_REMOVE(one, all);
	}
	LIST_INSERT_HEAD(&p->people, one, all);
	return one;
}

static void
ignore_answer(void *cookie, enum store_end end, const struct store_answer *a)
{
	(void)cookie;
	(void)end;
	(void)a;
}

void
presence_seen(struct presence *p, const struct caller *caller)
{
	int64_t now = clock_mono_ms();
	struct person *one;

	if (caller->role < ROLE_AGENT)
		return;
	one = find(p, caller->name);
	if (now - one->told_ms < TELL_EVERY_MS)
		return;
	one->told_ms = now;
	store_seen(p->store, caller->name, caller->groups, ignore_answer, NULL);
}
