/* presence.h -- whoever uses the daemon is there: told to Redis now and then,
 * so that the ladder knows which people and groups are on duty, also those who
 * only watch. */
#ifndef RB_API_PRESENCE_H
#define RB_API_PRESENCE_H

struct caller;
struct presence;
struct store;

struct presence *presence_new(struct store *); /* borrowed */
void presence_free(struct presence *);         /* after rds_free */

/* presence_seen: cheap: each person is told at most once a minute. */
void presence_seen(struct presence *, const struct caller *);

#endif
