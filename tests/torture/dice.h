/* dice.h -- chance that can be repeated: a stream of numbers for each actor,
 * all from one seed (SplitMix64, Steele, Lea and Flood 2014). */
#ifndef RB_TESTS_TORTURE_DICE_H
#define RB_TESTS_TORTURE_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

/* dice_of: the stream of that actor: its kind and its number. */
struct dice dice_of(uint64_t seed, const char *kind, size_t number);
int dice_from(struct dice *, int least, int most);
bool dice_percent(struct dice *, int percent);

#endif
