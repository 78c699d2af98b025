#include "tests/store/simulation_day.h"

#include <math.h>
#include <string.h>

const int64_t day_targets[DAY_TIERS] = { 5 * DAY_MINUTE, 15 * DAY_MINUTE,
					 60 * DAY_MINUTE };
const double day_values[DAY_TIERS] = { 40, 8, 1 };
static const double tier_part[DAY_TIERS] = { 0.05, 0.2, 0.75 };

/* Calls an hour.  Five agents who need four minutes a call make 75. */
static const double curve[] = { 60, 190, 100, 30, 30, 60, 190, 100, 30, 30 };
#define HOURS ((int)(sizeof curve / sizeof *curve))
#define MOST_RATE 190
#define SERVICE_MS (4.0 * DAY_MINUTE)
#define LONGEST_SERVICE (14 * DAY_MINUTE)

double
day_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (double)((*state * UINT64_C(2685821657736338717)) >> 11) *
	       0x1p-53;
}

static int
any_tier(uint64_t *state)
{
	double x = day_random(state);

	return x < tier_part[0] ? 0 : x < tier_part[0] + tier_part[1] ? 1 : 2;
}

void
day_make(struct day *d, uint64_t seed)
{
	uint64_t state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	double t = 0, hour = 60.0 * DAY_MINUTE;

	(void)memset(d, 0, sizeof *d);
	d->agents = 5;
	while (d->count < DAY_MOST) {
		struct call *c = &d->calls[d->count];

		t += -log(1 - day_random(&state)) * hour / MOST_RATE;
		if (t >= HOURS * hour)
			return;
		if (day_random(&state) * MOST_RATE > curve[(int)(t / hour)])
			continue;
		c->at = (int64_t)t;
		c->tier = any_tier(&state);
		c->service = (int64_t)fmin(
		    -log(1 - day_random(&state)) * SERVICE_MS, LONGEST_SERVICE);
		d->count++;
	}
}

static double
priority(const struct call *c, enum day_order order, int64_t now)
{
	static const double weights[DAY_TIERS] = { 16, 5, 1 };
	double share = (double)(now - c->at) / (double)day_targets[c->tier];

	switch (order) {
	case DAY_EARLIEST_DEADLINE:
		return -(double)(c->at + day_targets[c->tier]);
	case DAY_SHARE: return share;
	case DAY_ROOT: return sqrt(day_values[c->tier]) * share;
	case DAY_WEIGHTED: return weights[c->tier] * share;
	case DAY_STRICT: return day_values[c->tier] * 1e12 - (double)c->at;
	case DAY_FIRST_COME:
	case DAY_ORDERS: break;
	}
	return -(double)c->at;
}

void
day_tried(struct day_result *r, const struct call *c, int64_t wait)
{
	r->calls[c->tier]++;
	r->kept[c->tier] += wait <= day_targets[c->tier] ? 1 : 0;
	if (wait > r->longest[c->tier])
		r->longest[c->tier] = wait;
}

static int
best_waiting(const struct day *d, enum day_order order, int64_t now,
	     const char *done)
{
	int best = -1;

	for (int i = 0; i < d->count && d->calls[i].at <= now; i++) {
		if (done[i] == 0 &&
		    (best < 0 || priority(&d->calls[i], order, now) >
				     priority(&d->calls[best], order, now)))
			best = i;
	}
	return best;
}

static int64_t
next_arrival(const struct day *d, int64_t now)
{
	for (int i = 0; i < d->count; i++) {
		if (d->calls[i].at > now)
			return d->calls[i].at;
	}
	return now;
}

void
day_run(const struct day *d, enum day_order order, struct day_result *ret)
{
	char done[DAY_MOST] = { 0 };
	int64_t free_at[16] = { 0 };

	(void)memset(ret, 0, sizeof *ret);
	for (int left = d->count; left > 0;) {
		int agent = 0, best;

		for (int a = 1; a < d->agents; a++)
			agent = free_at[a] < free_at[agent] ? a : agent;
		best = best_waiting(d, order, free_at[agent], done);
		if (best < 0) {
			free_at[agent] = next_arrival(d, free_at[agent]);
			continue;
		}
		done[best] = 1;
		left--;
		day_tried(ret, &d->calls[best],
			  free_at[agent] - d->calls[best].at);
		free_at[agent] += d->calls[best].service;
	}
}

double
day_kept(const struct day_result *r, int tier)
{
	return 100.0 * r->kept[tier] / r->calls[tier];
}

double
day_kept_by_value(const struct day_result *r)
{
	double all = 0, kept = 0;

	for (int t = 0; t < DAY_TIERS; t++) {
		all += day_values[t] * r->calls[t];
		kept += day_values[t] * r->kept[t];
	}
	return 100 * kept / all;
}

void
day_add(struct day_result *sum, const struct day_result *r)
{
	for (int t = 0; t < DAY_TIERS; t++) {
		sum->calls[t] += r->calls[t];
		sum->kept[t] += r->kept[t];
		if (r->longest[t] > sum->longest[t])
			sum->longest[t] = r->longest[t];
	}
}
