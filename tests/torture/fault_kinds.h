/* fault_kinds.h -- the faults, one row each: how it begins and how it ends.
 *
 * What is left out, because it exceeds what anybody promises:
 *  - lost disks: kill -9 keeps what was synced; a power cut is not simulated.
 *  - the death of a daemon (or its freeze or cut) in the same seconds as a
 *    takeover or failover.  What that loses only the daemon that wrote it
 *    remembers, and a dead or sleeping one cannot tell it again; only `WAIT`
 *    would keep it: WAIT=1.  Without it nothing else happens from before it
 * until some seconds after it (apart).
 *  - a takeover before the last one is over: by a replica that is not in step
 * it would lose more than the half minute that daemons remember; without a
 *    majority of sentinels, or with no replica left, nobody could be chosen.
 *    The plan waits until the world is ready for it.
 *  - a sentinel that is frozen for more than 2 s takes no part for half a
 *    minute: so they are only killed. */
#ifndef RB_TESTS_TORTURE_FAULT_KINDS_H
#define RB_TESTS_TORTURE_FAULT_KINDS_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/torture/world.h"

struct fault_kind {
	const char *name;
	unsigned modes; /* bits: 1 << MODE_... */
	int weight;
	int least_ms, most_ms; /* how long it lasts */
	int apart_ms;   /* 0, or nothing else meanwhile and so long around */
	bool of_daemon; /* target: which; else it is of Redis */
	void (*begin)(struct world *, size_t target);
	void (*end)(struct world *, size_t target);
};

extern const struct fault_kind fault_kinds[];
extern const size_t fault_kind_count;

bool fault_kind_in(size_t kind, enum mode);

#endif
