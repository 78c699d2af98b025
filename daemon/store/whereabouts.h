/* whereabouts.h -- what sentinels and nodes of a Cluster answer when they are
 * asked for a Redis.  Pure; each answer may be anything. */
#ifndef RB_STORE_WHEREABOUTS_H
#define RB_STORE_WHEREABOUTS_H

struct address;
struct redisReply;

/* whereabouts_slot: of all keys of a site, by their hash tag (0 to 16383; CRC16
 * as in the Redis Cluster Specification). */
int whereabouts_slot(const char *site);

/* whereabouts_sentinel: the answer to SENTINEL GET-MASTER-ADDR-BY-NAME.
 * whereabouts_cluster: the master of the slot in the answer to CLUSTER SLOTS; a
 * host that is not named there is the one that answered.
 * whereabouts_moved: "MOVED 3999 10.0.0.7:6381", in the same way.
 * 0, or -1 with *ret untouched. */
int whereabouts_sentinel(struct address *ret, const struct redisReply *);
int whereabouts_cluster(struct address *ret, const struct redisReply *,
    int slot, const struct address *who);
int whereabouts_moved(
    struct address *ret, const char *error, const struct address *who);

#endif
