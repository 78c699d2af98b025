/* turns.h -- the agents whom the queues of one telephone system are to leave
 * alone, or to ring again.  The system is asked of one after the other: each
 * waits once for his turn, and what was said last counts.  Who is to be left
 * alone is remembered besides. */
#ifndef RB_SOURCES_TURNS_H
#define RB_SOURCES_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "daemon/sources/dialstring.h"

#define TURNS_MOST 5000 /* agents that wait */

struct turn {
	TAILQ_ENTRY(turn) all;
	char *name; /* owned: as the system knows him */
	char phone[DIALSTRING_DIGITS + 1];
	bool paused; /* as he is to be */
};
TAILQ_HEAD(turn_list, turn);

struct turns {
	struct turn_list waiting, held;
	size_t count;     /* who wait */
	struct turn *now; /* owned: whose turn it is; NULL: nobody's */
};
void turns_init(struct turns *);
void turns_done(struct turns *);

/* turns_add: pattern is how the system knows who is at a phone.  False: too
 * many wait. */
bool turns_add(struct turns *, const char *pattern, const char *phone,
	       bool paused);
/* turns_next: now is the next one; false: it is somebody's turn, or nobody
 * waits.  turns_over: it is nobody's any more. */
bool turns_next(struct turns *);
void turns_over(struct turns *);
/* turns_forget: who waits. */
void turns_forget(struct turns *);

/* turns_held: somebody whom the system knows so is to be left alone. */
bool turns_held(const struct turns *, const char *name);
/* turns_release: nobody is; who was, waits to be rung again.
 * turns_hold_nobody: nobody is. */
void turns_release(struct turns *);
void turns_hold_nobody(struct turns *);

#endif
