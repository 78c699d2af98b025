#include "daemon/sources/turns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"

void
turns_init(struct turns *t)
{
	*t = (struct turns){ .count = 0 };
	TAILQ_INIT(&t->waiting);
	TAILQ_INIT(&t->held);
}

static void
turn_free(struct turn *turn)
{
	if (turn == NULL)
		return;
	free(turn->name);
	free(turn);
}

static void
forget_all(struct turn_list *list)
{
	struct turn *turn;

	while ((turn = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, turn, all);
		turn_free(turn);
	}
}

void
turns_done(struct turns *t)
{
	turns_forget(t);
	turns_over(t);
	forget_all(&t->held);
}

static struct turn *
find(const struct turn_list *list, const char *name)
{
	struct turn *turn;

	TAILQ_FOREACH(turn, list, all)
	{
		if (strcmp(turn->name, name) == 0)
			return turn;
	}
	return NULL;
}

static struct turn *
add(struct turn_list *list, const char *name, const char *phone)
{
	struct turn *turn = text_alloc(sizeof *turn);

	turn->name = text_dup(name);
	(void)snprintf(turn->phone, sizeof turn->phone, "%s", phone);
	TAILQ_INSERT_TAIL(list, turn, all);
	return turn;
}

static void
hold(struct turns *t, const struct turn *turn)
{
	struct turn *held = find(&t->held, turn->name);

	if (turn->paused && held == NULL) {
		(void)add(&t->held, turn->name, turn->phone);
	} else if (!turn->paused && held != NULL) {
		TAILQ_REMOVE(&t->held, held, all);
		turn_free(held);
	}
}

/* NULL: too many do. */
static struct turn *
wait_for(struct turns *t, const char *name, const char *phone)
{
	struct turn *turn = find(&t->waiting, name);

	if (turn != NULL || t->count == TURNS_MOST)
		return turn;
	t->count++;
	return add(&t->waiting, name, phone);
}

bool
turns_add(struct turns *t, const char *pattern, const char *phone, bool paused)
{
	char *name = dialstring_phone(pattern, phone);
	struct turn *turn = wait_for(t, name, phone);

	free(name);
	if (turn == NULL)
		return false;
	turn->paused = paused;
	hold(t, turn);
	return true;
}

bool
turns_next(struct turns *t)
{
	struct turn *turn = TAILQ_FIRST(&t->waiting);

	if (t->now != NULL || turn == NULL)
		return false;
	TAILQ_REMOVE(&t->waiting, turn, all);
	t->count--;
	t->now = turn;
	return true;
}

void
turns_over(struct turns *t)
{
	turn_free(t->now);
	t->now = NULL;
}

void
turns_forget(struct turns *t)
{
	forget_all(&t->waiting);
	t->count = 0;
}

bool
turns_held(const struct turns *t, const char *name)
{
	return find(&t->held, name) != NULL;
}

void
turns_release(struct turns *t)
{
	struct turn *turn, *waits;

	while ((turn = TAILQ_FIRST(&t->held)) != NULL) {
		TAILQ_REMOVE(&t->held, turn, all);
		waits = wait_for(t, turn->name, turn->phone);
		if (waits != NULL)
			waits->paused = false;
		turn_free(turn);
	}
}

void
turns_hold_nobody(struct turns *t)
{
	forget_all(&t->held);
}
