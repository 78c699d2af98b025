#include "daemon/sources/freeswitch_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"

#define SLOTS (sizeof((struct freeswitch_table *)0)->slots / sizeof(void *))

/* FNV-1a; ids are random already, and there are only so many. */
static size_t
slot_of(const char *id)
{
	uint32_t h = 2166136261u;

	for (; *id != '\0'; id++)
		h = (h ^ (unsigned char)*id) * 16777619u;
	return h % SLOTS;
}

void
freeswitch_table_init(struct freeswitch_table *t)
{
	TAILQ_INIT(&t->all);
	TAILQ_INIT(&t->timed);
	t->missed = text_alloc(FREESWITCH_MISSED * sizeof *t->missed);
}

void
freeswitch_table_done(struct freeswitch_table *t)
{
	while (!TAILQ_EMPTY(&t->all))
		freeswitch_table_remove(t, TAILQ_FIRST(&t->all));
	free(t->missed);
}

struct freeswitch_call *
freeswitch_table_find(const struct freeswitch_table *t, const char *session)
{
	struct freeswitch_call *c = t->slots[slot_of(session)];

	while (c != NULL && strcmp(c->session, session) != 0)
		c = c->same;
	return c;
}

/* Room is made by those of whom nothing but a last event is awaited. */
static bool
has_room(struct freeswitch_table *t)
{
	struct freeswitch_call *c;

	if (t->count < FREESWITCH_MOST)
		return true;
	c = TAILQ_FIRST(&t->all);
	if (c->place != PLACE_ENDED)
		return false;
	freeswitch_table_remove(t, c);
	return true;
}

struct freeswitch_call *
freeswitch_table_add(struct freeswitch_table *t, const char *session)
{
	struct freeswitch_call *c, **slot = &t->slots[slot_of(session)];

	if (*session == '\0' || strlen(session) >= FREESWITCH_ID_SIZE ||
	    !has_room(t))
		return NULL;
	c = text_alloc(sizeof *c);
	(void)snprintf(c->session, sizeof c->session, "%s", session);
	c->waited_s = -1;
	c->same = *slot;
	*slot = c;
	TAILQ_INSERT_TAIL(&t->all, c, all);
	t->count++;
	return c;
}

void
freeswitch_table_remove(struct freeswitch_table *t, struct freeswitch_call *c)
{
	struct freeswitch_call **at = &t->slots[slot_of(c->session)];

	while (*at != c)
		at = &(*at)->same;
	*at = c->same;
	freeswitch_table_timed(t, c, false);
	TAILQ_REMOVE(&t->all, c, all);
	t->count--;
	free(c->queue);
	free(c->number);
	free(c->name);
	free(c->to);
	free(c->language);
	free(c);
}

void
freeswitch_table_timed(struct freeswitch_table *t, struct freeswitch_call *c,
		       bool timed)
{
	if (c->timed == timed)
		return;
	c->timed = timed;
	if (timed)
		TAILQ_INSERT_TAIL(&t->timed, c, due);
	else
		TAILQ_REMOVE(&t->timed, c, due);
}

struct freeswitch_call *
freeswitch_table_member(const struct freeswitch_table *t, const char *member)
{
	struct freeswitch_call *c;

	TAILQ_FOREACH_REVERSE(c, &t->all, freeswitch_list, all)
	{
		if (strcmp(c->member, member) == 0)
			return c;
	}
	return NULL;
}

void
freeswitch_missed_add(struct freeswitch_table *t, const char *member,
		      const char *session)
{
	struct freeswitch_missed *m = &t->missed[t->missed_at];

	t->missed_at = (t->missed_at + 1) % FREESWITCH_MISSED;
	(void)snprintf(m->member, sizeof m->member, "%s", member);
	(void)snprintf(m->session, sizeof m->session, "%s", session);
}

const struct freeswitch_missed *
freeswitch_missed_of(const struct freeswitch_table *t, const char *member)
{
	/* A free place has no name either. */
	for (size_t i = 1; *member != '\0' && i <= FREESWITCH_MISSED; i++) {
		size_t at =
		    (t->missed_at + FREESWITCH_MISSED - i) % FREESWITCH_MISSED;

		if (strcmp(t->missed[at].member, member) == 0)
			return &t->missed[at];
	}
	return NULL;
}
