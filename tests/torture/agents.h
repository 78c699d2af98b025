/* agents.h -- who pulls customers and says what came of it, as the command does
 * it: an act whose answer is lost is sent again, with its fence.  Some forget a
 * customer, some are late, some change their minds. */
#ifndef RB_TESTS_TORTURE_AGENTS_H
#define RB_TESTS_TORTURE_AGENTS_H

#include <stdbool.h>
#include <stdint.h>

struct ledger;
struct world;
struct agents;

struct agents *agents_new(struct world *, struct ledger *, uint64_t seed);
void agents_free(struct agents *);
void agents_turn(struct agents *);
/* agents_tidy: from now on each finishes whom he gets, at once. */
void agents_tidy(struct agents *);
/* agents_stop: nobody pulls any more; agents_idle: and nobody waits. */
void agents_stop(struct agents *);
bool agents_idle(const struct agents *);

#endif
