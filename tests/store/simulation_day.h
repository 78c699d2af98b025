/* simulation_day.h -- a made-up day at a call centre, and how it ends under
 * several orders of calling back: plain arithmetic, without Redis. */
#ifndef RB_TESTS_STORE_SIMULATION_DAY_H
#define RB_TESTS_STORE_SIMULATION_DAY_H

#include <stdint.h>

#define DAY_TIERS 3
#define DAY_MOST 2000
#define DAY_MINUTE 60000

struct call {
	int64_t at;      /* ms after the day begins */
	int64_t service; /* ms */
	int tier;        /* 0 platinum, 1 gold, 2 standard */
};

struct day {
	struct call calls[DAY_MOST];
	int count;
	int agents;
};

enum day_order {
	DAY_FIRST_COME,
	DAY_EARLIEST_DEADLINE,
	DAY_SHARE,
	DAY_ROOT, /* weights: square roots of the values */
	DAY_WEIGHTED,
	DAY_STRICT,
	DAY_ORDERS
};

struct day_result {
	int calls[DAY_TIERS], kept[DAY_TIERS];
	int64_t longest[DAY_TIERS]; /* wait, ms */
};

extern const int64_t day_targets[DAY_TIERS]; /* ms */
extern const double day_values[DAY_TIERS];

/* day_random: a generator of its own, the same everywhere: 0 <= x < 1. */
double day_random(uint64_t *state);

/* day_make: two overload peaks, five agents far over capacity. */
void day_make(struct day *, uint64_t seed);
void day_run(const struct day *, enum day_order, struct day_result *);

/* day_tried: the call was first tried so long after it came. */
void day_tried(struct day_result *, const struct call *, int64_t wait);
double day_kept(const struct day_result *, int tier); /* percent */
double day_kept_by_value(const struct day_result *);  /* percent */
void day_add(struct day_result *, const struct day_result *);

#endif
