#include "tests/torture/ledger.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more; the new one is all zero. */
static void *
grown(void *list, size_t *count, size_t *room, size_t size)
{
	if (*count == *room) {
		*room = *room == 0 ? 256 : *room * 2;
		list = realloc(list, *room * size);
		if (list == NULL)
			abort();
	}
	memset((char *)list + *count * size, 0, size);
	(*count)++;
	return list;
}

size_t
ledger_push(struct ledger *l)
{
	l->push = grown(l->push, &l->pushes, &l->push_room, sizeof *l->push);
	return l->pushes - 1;
}

size_t
ledger_act(struct ledger *l)
{
	l->act = grown(l->act, &l->acts, &l->act_room, sizeof *l->act);
	return l->acts - 1;
}

struct grip *
ledger_grip(struct ledger *l, size_t agent, int64_t fence)
{
	for (size_t i = l->grips; i-- > 0;) {
		if (l->grip[i].agent == agent && l->grip[i].fence == fence)
			return &l->grip[i];
	}
	l->grip = grown(l->grip, &l->grips, &l->grip_room, sizeof *l->grip);
	l->grip[l->grips - 1].agent = agent;
	l->grip[l->grips - 1].fence = fence;
	return &l->grip[l->grips - 1];
}

void
ledger_surprise(struct ledger *l, const char *format, ...)
{
	size_t most = sizeof l->surprise / sizeof *l->surprise;
	va_list ap;

	if ((size_t)l->surprises < most) {
		va_start(ap, format);
		(void)vsnprintf(l->surprise[l->surprises], sizeof *l->surprise,
				format, ap);
		va_end(ap);
	}
	l->surprises++;
}

void
ledger_done(struct ledger *l)
{
	free(l->push);
	free(l->act);
	free(l->grip);
}
