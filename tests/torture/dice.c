#include "tests/torture/dice.h"

#include <stddef.h>

static uint64_t
roll(struct dice *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

struct dice
dice_of(uint64_t seed, const char *kind, size_t number)
{
	struct dice d = { .state = seed };

	for (const char *s = kind; *s != '\0'; s++)
		d.state = roll(&d) ^ (uint64_t)(unsigned char)*s;
	d.state = roll(&d) ^ number;
	return d;
}

int
dice_from(struct dice *d, int least, int most)
{
	return least + (int)(roll(d) % (uint64_t)(most - least + 1));
}

bool
dice_percent(struct dice *d, int percent)
{
	return dice_from(d, 1, 100) <= percent;
}
