/* redis_set.h -- several real redis-servers for one test: a master with
 * replicas and sentinels, or the masters of a cluster.  Each member is a
 * struct redis (redis.h): that is how one is killed, frozen, thawed, restarted
 * and asked.  All listen at ports of 127.0.0.1, since they name themselves so
 * to each other, and at Unix sockets for the test; they are gone with it even
 * when it crashes.  What cannot be done ends the test at once (abort).
 *
 * What to know of sentinels: one that stood still for more than 2 s (frozen, or
 * by the machine) trusts nobody's clock for 30 s ("TILT"), and takes no part in
 * a failover meanwhile.  A failover that finds no majority is tried again after
 * twice failover_ms.  An old master that comes back is made a replica after
 * some 10 s, and says until then that it is a master. */
#ifndef RB_TESTS_HARNESS_REDIS_SET_H
#define RB_TESTS_HARNESS_REDIS_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/harness/redis.h"

#define REDIS_SET_NAME "ringback" /* of the master, as sentinels call it */

struct redis_set;

struct redis_set_options {
	size_t replicas, sentinels; /* at most 5 and 5 */
	int down_after_ms;          /* 0: 1000 */
	int failover_ms;            /* 0: 3000 */
	/* min_replicas: without so many replicas heard in the last second the
	 * master refuses writes; 0: it takes them alone. */
	int min_replicas;
	const char *const *extra;   /* as in redis.h, of each server; or NULL */
	const char *sentinel_lines; /* more lines of each sentinel; or NULL */
};

/* redis_set_start: the replicas are in step, the sentinels know each other and
 * would reach a majority.  Server 0 is the master. */
struct redis_set *redis_set_start(const struct redis_set_options *);
/* redis_set_cluster: so many masters (at most 6) share all slots evenly, and
 * each says that the cluster is well.  extra: as in redis.h, of each; or NULL.
 */
struct redis_set *redis_set_cluster(size_t nodes, const char *const *extra);
void redis_set_stop(struct redis_set *); /* NULL is allowed */

size_t redis_set_servers(const struct redis_set *);
size_t redis_set_sentinels(const struct redis_set *);
struct redis *redis_set_server(struct redis_set *, size_t);
struct redis *redis_set_sentinel(struct redis_set *, size_t);

/* ---- who is master, with sentinels
 * ------------------------------------------- Sentinels that are killed or
 * frozen are not asked. */

/* redis_set_master: the server that most of all sentinels name; NULL while
 * there is no such majority. */
struct redis *redis_set_master(struct redis_set *);
/* redis_set_moved: that another than `old` is named within limit_ms, and says
 * itself that it is master. */
bool redis_set_moved(struct redis_set *, const struct redis *old, int limit_ms);
/* redis_set_steady: that within limit_ms the named master runs, each other
 * server runs as a replica of it and is in step, and each sentinel runs and
 * sees a majority. */
bool redis_set_steady(struct redis_set *, int limit_ms);

/* ---- slots, of a cluster ------------------------------------------------ */
int redis_set_slot(struct redis_set *, const char *key);
/* redis_set_owner: the number of the node that says that the slot is its own;
 * a node that is killed or frozen is not asked; SIZE_MAX: none says so. */
size_t redis_set_owner(struct redis_set *, int slot);
/* redis_set_well: each node runs and says that the cluster is. */
bool redis_set_well(struct redis_set *, int limit_ms);

/* A slot moves in steps, so that a test can stop in the middle.  One at a
 * time; both nodes run. */
void redis_set_move_begin(struct redis_set *, int slot, size_t to);
/* redis_set_move_step: at most `most` keys go over; false: none was left. */
bool redis_set_move_step(struct redis_set *, int most);
void
redis_set_move_finish(struct redis_set *); /* what is left goes over, too */

#endif
