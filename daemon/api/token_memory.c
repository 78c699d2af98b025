#include "daemon/api/token_memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/base/text.h"

struct known {
	TAILQ_ENTRY(known) all;
	char *sha256, *name; /* owned */
	struct caller caller;
};
TAILQ_HEAD(all_known, known);

struct token_memory {
	struct all_known list; /* the one used last comes first */
	size_t count, most;
};

struct token_memory *
token_memory_new(size_t most)
{
	struct token_memory *m = text_alloc(sizeof *m);

	TAILQ_INIT(&m->list);
	m->most = most;
	return m;
}

static void
drop(struct token_memory *m, struct known *k)
{
	TAILQ_REMOVE(&m->list, k, all);
	m->count--;
	free(k->sha256);
	free(k->name);
	free(k);
}

void
token_memory_free(struct token_memory *m)
{
	if (m == NULL)
		return;
	while (!TAILQ_EMPTY(&m->list))
		drop(m, TAILQ_FIRST(&m->list));
	free(m);
}

static struct known *
find(const struct token_memory *m, const char *sha256)
{
	struct known *k;

	TAILQ_FOREACH(k, &m->list, all)
	{
		if (strcmp(k->sha256, sha256) == 0)
			return k;
	}
	return NULL;
}

void
token_memory_forget(struct token_memory *m, const char *sha256)
{
	struct known *k = find(m, sha256);

	if (k != NULL)
		drop(m, k);
}

void
token_memory_note(
    struct token_memory *m, const char *sha256, const struct caller *caller)
{
	struct known *k;

	token_memory_forget(m, sha256);
	k = text_alloc(sizeof *k);
	k->sha256 = text_dup(sha256);
	k->name = text_dup(caller->name);
	k->caller = (struct caller){ .name = k->name,
		.role = caller->role,
		.groups = "",
		.by_token = true };
	TAILQ_INSERT_HEAD(&m->list, k, all);
	m->count++;
	if (m->count > m->most)
		drop(m, TAILQ_LAST(&m->list, all_known));
}

const struct caller *
token_memory_find(const struct token_memory *m, const char *sha256)
{
	const struct known *k = find(m, sha256);

	return k != NULL ? &k->caller : NULL;
}
