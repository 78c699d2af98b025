/* team.h -- one Redis, daemons before it, and people with tokens who ask them:
 * what the tests of the whole begin with. */
#ifndef RB_TESTS_SYSTEM_TEAM_H
#define RB_TESTS_SYSTEM_TEAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/harness/daemon.h"
#include "tests/harness/redis.h"
#include "tests/harness/web.h"

#define TEAM_MOST_DAEMONS 2

struct team {
	struct redis *redis;
	struct daemon *daemon[TEAM_MOST_DAEMONS];
	struct web *admin[TEAM_MOST_DAEMONS]; /* by the socket of each */
	size_t daemons;
	struct crowd *crowd;
};

/* team_start: options may be NULL; the Redis is theirs, which team_stop stops,
 * or one of its own. */
struct team *team_start(size_t daemons, const struct daemon_options *);
void team_stop(struct team *);

/* team_token: a new one of that role; free(). */
char *team_token(struct team *, const char *name, const char *role);
void team_serve(struct team *, const char *agent, const char *queue);
/* team_agent: an agent who serves the queue, with a connection to that daemon;
 * ret_token where it is wanted again (free). */
struct web *team_agent(struct team *, size_t daemon, const char *name,
		       const char *queue, char **ret_token);

/* team_miss: a call missed by sales, told to that daemon; its number. */
int64_t team_miss(struct team *, size_t daemon, const char *id,
		  const char *phone);
/* team_state: of an item, as that daemon says it; borrowed until it is asked
 * again. */
const char *team_state(struct team *, size_t daemon, int64_t number);

/* ---- the log, read from Redis itself ------------------------------------ */
struct team_entry {
	char id[48], type[24], agent[40], alert[24], state[16], outcome[24];
	int64_t at_ms, number; /* number 0: of no item */
};
/* team_log: all of it, oldest first; the list is the caller's (free). */
struct team_entry *team_log(struct team *, size_t *ret_count);
/* team_logged: entries of that type, and of that item unless 0. */
int team_logged(struct team *, const char *type, int64_t number);

#endif
