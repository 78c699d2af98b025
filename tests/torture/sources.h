/* sources.h -- telephony systems and people who tell events, as careful senders
 * do: each until it is acknowledged, with the same id, to any daemon. */
#ifndef RB_TESTS_TORTURE_SOURCES_H
#define RB_TESTS_TORTURE_SOURCES_H

#include <stdbool.h>
#include <stdint.h>

struct ledger;
struct world;
struct sources;

struct sources *sources_new(struct world *, struct ledger *, uint64_t seed);
void sources_free(struct sources *);
/* sources_turn: what is due; called again and again. */
void sources_turn(struct sources *);
/* sources_calm: no new events any more, only what is not acknowledged. */
void sources_calm(struct sources *);
/* sources_idle: every event is acknowledged, nobody waits for an answer. */
bool sources_idle(const struct sources *);
/* sources_repeat_all: each event once more, when they are idle; idle again when
 * of each it has been told what came of it. */
void sources_repeat_all(struct sources *);

#endif
