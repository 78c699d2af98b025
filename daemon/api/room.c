#include "daemon/api/room.h"

#include <assert.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "daemon/base/text.h"

struct address_count {
	char *address; /* owned */
	size_t count;
};

struct room {
	void *tree; /* of struct address_count; owned */
	size_t most_by_address;
	size_t taken, most;
};

static int
compare(const void *a, const void *b)
{
	const struct address_count *x = a, *y = b;

	return strcmp(x->address, y->address);
}

struct room *
room_new(size_t most_by_address)
{
	struct room *r = text_alloc(sizeof *r);

	r->most_by_address = most_by_address;
	room_look(r);
	return r;
}

static void
free_count(void *node)
{
	struct address_count *a = node;

	free(a->address);
	free(a);
}

void
room_free(struct room *r)
{
	if (r == NULL)
		return;
	tdestroy(r->tree, free_count);
	free(r);
}

void
room_take(struct room *r)
{
	r->taken++;
}

void
room_give(struct room *r)
{
	assert(r->taken > 0);
	r->taken--;
}

/* Somebody must get in, or nobody could be told anything. */
void
room_look(struct room *r)
{
	struct rlimit limit;

	r->most = 1;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur > ROOM_RESERVE + 1)
		r->most = (size_t)limit.rlim_cur - ROOM_RESERVE;
}

bool
room_full(const struct room *r)
{
	return r->taken >= r->most;
}

bool
room_enter(struct room *r, const char *address)
{
	char *copy = text_dup(address);
	struct address_count wanted = { copy, 0 }, *a, **found;

	found = tsearch(&wanted, &r->tree, compare);
	if (found == NULL)
		abort();
	if (*found == &wanted) {
		a = text_alloc(sizeof *a);
		*a = wanted;
		*found = a;
	} else {
		free(copy);
	}
	a = *found;
	a->count++;
	return r->most_by_address == 0 || a->count <= r->most_by_address;
}

void
room_leave(struct room *r, const char *address)
{
	char *copy = text_dup(address);
	struct address_count wanted = { copy, 0 }, *a, **found;

	found = tfind(&wanted, &r->tree, compare);
	assert(found != NULL);
	a = *found;
	free(copy);
	a->count--;
	if (a->count > 0)
		return;
	(void)tdelete(a, &r->tree, compare);
	free_count(a);
}

size_t
room_by_address(const struct room *r)
{
	return r->most_by_address;
}
