/* fault_kinds.h -- the faults, one row each: how it begins and how it ends.
 *
 * What is left out, because it exceeds what anybody promises:
 *  - two daemons, or a daemon and Redis, whose disks are lost: kill -9 keeps
 *    what was synced, and a power cut is not simulated.
 *  - with sentinels and without WAIT: the death of a daemon (or its stop,
 *    freeze or cut) in the same seconds as a failover.  What a failover loses
 *    only the daemon that wrote it remembers; it replays that when it sees the
 *    new master, and a dead or sleeping one cannot.  So daemons are left alone
 *    from some seconds before a failover until some seconds after it.
 *  - the death of two sentinels of three, or of the master and both replicas:
 *    then nobody can be chosen. */
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
