/* guesses.h -- who tries wrong tokens, by address: after a few the answers
 * wait, then they are refusals.  Right tokens never come here.
 *
 * The tries of an address are forgotten at one in five seconds.  So many are
 * free; up to three times as many wait, a tenth of a second longer with each,
 * two seconds at most; beyond, and where too many wait already, it is refused.
 * The log is told when a burst begins to be slowed, and what it was when it is
 * over. */
#ifndef RB_API_GUESSES_H
#define RB_API_GUESSES_H

#include <stdbool.h>
#include <stddef.h>

#define GUESSES_RETRY_S 5
#define GUESSES_ADDRESSES 1024 /* then the longest silent is forgotten */
#define GUESSES_WAITING 64     /* in all; of one address an eighth */

struct event_base;
struct guesses;

struct guesses *guesses_new(struct event_base *);
void guesses_free(struct guesses *); /* nobody waits any more; NULL allowed */
void guesses_set_free(struct guesses *, size_t tries);

/* guesses_wrong: one more by that address (struct origin: counted).  Told from
 * the loop, once: when it is to be answered, and whether it is a refusal. */
typedef void guesses_answer(void *cookie, bool refused);
void guesses_wrong(struct guesses *, const char *address, guesses_answer *,
		   void *cookie);

/* guesses_end: all who wait are told now, and nobody waits any more. */
void guesses_end(struct guesses *);

#endif
