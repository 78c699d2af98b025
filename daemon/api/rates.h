/* rates.h -- how many events each caller may still send: a token bucket for
 * each.  No clock of its own. */
#ifndef RB_API_RATES_H
#define RB_API_RATES_H

#include <stddef.h>
#include <stdint.h>

struct rates;

struct rate {
	int64_t per_second; /* 0: no limit */
	int64_t burst;      /* at once, after a silence */
};

struct rates *rates_new(void);
void rates_free(struct rates *); /* NULL is allowed */

/* rates_take: 0 when all n may come now; else none of them, and the ms after
 * which it is worth trying again.  More than a burst together pass when a
 * burst would, and are paid for afterwards. */
int64_t rates_take(struct rates *, const char *who, size_t n,
    const struct rate *, int64_t now_ms);

#endif
