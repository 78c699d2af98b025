/* world.h -- what is tortured: a Redis (alone, with replicas and sentinels, or
 * a cluster), three daemons of one site, each with a proxy before Redis where
 * that is possible, and people with tokens. */
#ifndef RB_TESTS_TORTURE_WORLD_H
#define RB_TESTS_TORTURE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/harness/daemon.h"
#include "tests/harness/port.h"
#include "tests/harness/proxy.h"
#include "tests/harness/redis.h"
#include "tests/harness/redis_set.h"
#include "tests/harness/web.h"

#define DAEMONS 3
#define AGENTS 6

enum mode { MODE_SINGLE, MODE_TAKEOVER, MODE_SENTINEL, MODE_CLUSTER };

struct world {
	enum mode mode;
	bool waits;            /* for a replica, before it is acknowledged */
	const char *site;      /* its name */
	struct world *other;   /* whose set and crowd it shares; or NULL */
	struct redis *redis;   /* MODE_SINGLE, MODE_TAKEOVER: the master */
	struct redis *replica; /* MODE_TAKEOVER */
	struct proxy
	    *stream[2]; /* MODE_TAKEOVER: to the master; to the replica */
	struct redis_set *set; /* else */
	struct redis *down;    /* of the set: who was killed or frozen */
	struct daemon *daemon[DAEMONS];
	struct proxy *proxy[DAEMONS]; /* not with a set */
	struct port port[DAEMONS];
	struct crowd *crowd;
	char *folder, *alerts, *program; /* owned; where alerts are written */
	char *url[DAEMONS], *tail;       /* owned: of the configuration */
	char *agent_token[AGENTS], *source_token;
};

/* One person at all daemons, who asks one of them. */
struct face {
	struct web *web[DAEMONS];
	size_t at;
	bool busy; /* waits for an answer */
};

/* world_start: program is the ringbackd that is tried; NULL: the usual. */
struct world *world_start(enum mode, bool waits, const char *program);
/* world_beside: another site on the same set, with daemons of its own. */
struct world *world_beside(struct world *, const char *program);
void world_stop(struct world *);

/* world_redis: where the site is now: the master, the owner of its slot; NULL
 * while nobody can say. */
struct redis *world_redis(struct world *);
int world_slot(struct world *); /* of a cluster: the site's */
/* world_ready: a failover would lose no more than what is promised, and would
 * be decided: replicas are in step, sentinels see a majority, the cluster is
 * well. */
bool world_ready(struct world *);
/* world_pair: MODE_TAKEOVER: the replica follows the master, from the start. */
void world_pair(struct world *);
int64_t world_wall_ms(void);
int64_t world_mono_ms(void);

/* face_open: with that token, or by the socket for NULL (then an
 * administrator). */
void face_open(struct face *, struct world *, const char *token, long limit_ms);
void face_close(struct face *);
/* face_ask: told as crowd_ask; to where it is now. */
void face_ask(struct face *, struct world *, const struct web_request *,
	      web_told *told, void *cookie);
/* face_turn: to the next daemon from now on. */
void face_turn(struct face *);

#endif
