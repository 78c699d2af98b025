#include "tests/torture/fault_kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- daemons ------------------------------------------------------------ */

static void
kill_daemon(struct world *w, size_t i)
{
	daemon_kill9(w->daemon[i]);
}

static void
start_daemon(struct world *w, size_t i)
{
	daemon_again(w->daemon[i]);
}

static void
freeze_daemon(struct world *w, size_t i)
{
	daemon_freeze(w->daemon[i]);
}

static void
thaw_daemon(struct world *w, size_t i)
{
	daemon_thaw(w->daemon[i]);
}

/* ---- the way between ---------------------------------------------------- */

static void
cut_way(struct world *w, size_t i)
{
	proxy_cut(w->proxy[i]);
}

static void
swallow_all(struct world *w, size_t i)
{
	proxy_hole(w->proxy[i]);
}

static void
swallow_answers(struct world *w, size_t i)
{
	proxy_deaf(w->proxy[i]);
}

static void
slow_way(struct world *w, size_t i)
{
	proxy_slow(w->proxy[i], 120);
}

static void
crumble_way(struct world *w, size_t i)
{
	proxy_crumbs(w->proxy[i]);
}

static void
break_answer(struct world *w, size_t i)
{
	proxy_cut_reply(w->proxy[i], 777);
}

static void
mend_way(struct world *w, size_t i)
{
	proxy_pass(w->proxy[i]);
}

/* ---- Redis, alone ------------------------------------------------------- */

static void
kill_redis(struct world *w, size_t unused)
{
	(void)unused;
	redis_kill9(w->redis);
}

static void
start_redis(struct world *w, size_t unused)
{
	(void)unused;
	redis_restart(w->redis);
}

static void
freeze_redis(struct world *w, size_t unused)
{
	(void)unused;
	redis_freeze(w->redis);
}

static void
thaw_redis(struct world *w, size_t unused)
{
	(void)unused;
	redis_thaw(w->redis);
}

/* A key of somebody else's takes what memory there is. */
static void
fill_redis(struct world *w, size_t unused)
{
	struct redis *r = world_redis(w);

	(void)unused;
	redis_must(r, "SETRANGE", "filler", "4194304", "x", NULL);
	redis_must(r, "CONFIG", "SET", "maxmemory", "4mb", NULL);
}

static void
empty_redis(struct world *w, size_t unused)
{
	struct redis *r = world_redis(w);

	(void)unused;
	redis_must(r, "CONFIG", "SET", "maxmemory", "0", NULL);
	redis_must(r, "DEL", "filler", NULL);
}

/* ---- a replica takes over ----------------------------------------------- */

/* From here on the replica hears nothing, and the master takes writes all the
 * same: what it acknowledges will be lost with it.  Only from a replica that
 * was in step: else more would be lost than the seconds that daemons remember.
 */
static void
fall_behind(struct world *w, size_t unused)
{
	(void)unused;
	while (redis_int(w->redis, "WAIT", "1", "1000", NULL) < 1)
		;
	proxy_hole(w->stream[0]);
}

/* The daemons are led to it; the old master comes back as its replica. */
static void
take_over(struct world *w, size_t unused)
{
	struct redis *old = w->redis;
	struct proxy *to_old = w->stream[0];

	(void)unused;
	redis_must(w->replica, "REPLICAOF", "NO", "ONE", NULL);
	for (size_t i = 0; i < DAEMONS; i++)
		proxy_aim(w->proxy[i], redis_socket(w->replica));
	w->redis = w->replica;
	w->replica = old;
	w->stream[0] = w->stream[1];
	w->stream[1] = to_old;
	proxy_cut(to_old);
	proxy_pass(to_old);
	redis_restart(old);
	redis_must(old, "CONFIG", "SET", "repl-diskless-sync-delay", "0", NULL);
	world_pair(w);
}

/* ---- sets --------------------------------------------------------------- */

static void
kill_master(struct world *w, size_t unused)
{
	(void)unused;
	w->down = world_redis(w);
	redis_kill9(w->down);
}

static void
freeze_master(struct world *w, size_t unused)
{
	(void)unused;
	w->down = world_redis(w);
	redis_freeze(w->down);
}

static void
kill_other(struct world *w, size_t target)
{
	size_t n = redis_set_servers(w->set);

	w->down = redis_set_server(w->set, target % n);
	if (w->down == world_redis(w))
		w->down = redis_set_server(w->set, (target + 1) % n);
	redis_kill9(w->down);
}

static void
kill_sentinel(struct world *w, size_t target)
{
	w->down = redis_set_sentinel(w->set, target);
	redis_kill9(w->down);
}

static void
start_down(struct world *w, size_t unused)
{
	(void)unused;
	redis_restart(w->down);
}

static void
thaw_down(struct world *w, size_t unused)
{
	(void)unused;
	redis_thaw(w->down);
}

/* Half of the keys go over, and stay so for a while. */
static void
begin_move(struct world *w, size_t target)
{
	int slot = world_slot(w);
	size_t from = redis_set_owner(w->set, slot);
	int64_t half =
	    redis_int(redis_set_server(w->set, from), "DBSIZE", NULL) / 2;

	redis_set_move_begin(
	    w->set, slot, (from + 1 + target % 2) % redis_set_servers(w->set));
	for (; half > 0; half -= 20)
		(void)redis_set_move_step(w->set, 20);
}

static void
finish_move(struct world *w, size_t unused)
{
	(void)unused;
	redis_set_move_finish(w->set);
}

static void
flush_functions(struct world *w, size_t unused)
{
	(void)unused;
	redis_must(world_redis(w), "FUNCTION", "FLUSH", NULL);
}

static void
nothing(struct world *w, size_t unused)
{
	(void)w;
	(void)unused;
}

/* ---- the list ----------------------------------------------------------- */

#define TAKEOVER (1u << MODE_TAKEOVER)
#define ALONE (1u << MODE_SINGLE | TAKEOVER)
#define SENTINEL (1u << MODE_SENTINEL)
#define CLUSTER (1u << MODE_CLUSTER)
#define ANY (~0u)

/* clang-format off */
const struct fault_kind fault_kinds[] = {
	/* name                             modes  weight  lasts ms    apart  of a daemon */
	{ "a daemon is killed",             ANY,   12,   200,  2500,   0, true,  kill_daemon,   start_daemon },
	{ "a daemon is frozen",             ANY,    8,   300,  7000,   0, true,  freeze_daemon, thaw_daemon },
	{ "a daemon is cut off",            ALONE,  6,   200,  2500,   0, true,  cut_way,       mend_way },
	{ "a daemon's link is a black hole", ALONE, 6,   300,  4000,   0, true,  swallow_all,   mend_way },
	{ "a daemon's answers are lost",    ALONE,  6,   300,  3000,   0, true,  swallow_answers, mend_way },
	{ "a daemon's link is slow",        ALONE,  4,   500,  3000,   0, true,  slow_way,      mend_way },
	{ "a daemon's link comes in crumbs", ALONE, 4,   300,  1500,   0, true,  crumble_way,   mend_way },
	{ "a link breaks within an answer", ALONE,  6,   500,  1500,   0, true,  break_answer,  mend_way },
	{ "Redis is killed",                ALONE, 10,   100,  2500,   0, false, kill_redis,    start_redis },
	{ "Redis is frozen",                ALONE,  8,   300,  4000,   0, false, freeze_redis,  thaw_redis },
	{ "Redis is full",                  ALONE,  6,   500,  3000,   0, false, fill_redis,    empty_redis },
	{ "a replica takes over that lags", TAKEOVER, 40, 100, 2500, 4500, false, fall_behind,  take_over },
	{ "the master is killed",           SENTINEL, 14, 4500, 8000, 4000, false, kill_master,  start_down },
	{ "the master is frozen",           SENTINEL, 14, 4500, 8000, 4000, false, freeze_master, thaw_down },
	{ "a replica is killed",            SENTINEL, 6, 300,  3000,   0, false, kill_other,    start_down },
	{ "a sentinel is killed",           SENTINEL, 6, 300,  5000,   0, false, kill_sentinel, start_down },
	{ "the site's slot moves",          CLUSTER, 16, 100,  3000, 500, false, begin_move,    finish_move },
	{ "the site's node is killed",      CLUSTER, 10, 200,  3000, 500, false, kill_master,   start_down },
	{ "the site's node is frozen",      CLUSTER, 8,  300,  3000, 500, false, freeze_master, thaw_down },
	{ "another node is killed",         CLUSTER, 8,  200,  3000, 500, false, kill_other,    start_down },
	{ "Redis forgets its functions",    ANY,    4,   100,   500,   0, false, flush_functions, nothing },
};
/* clang-format on */
const size_t fault_kind_count = sizeof fault_kinds / sizeof *fault_kinds;

bool
fault_kind_in(size_t kind, enum mode mode)
{
	return (fault_kinds[kind].modes & (1u << mode)) != 0;
}
