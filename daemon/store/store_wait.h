/* store_wait.h -- answers that are held back until replicas have what they
 * tell.  One WAIT at a time: those that come meanwhile share the next.  A WAIT
 * keeps the later calls of its link waiting, at most as long as it may take. */
#ifndef RB_STORE_STORE_WAIT_H
#define RB_STORE_STORE_WAIT_H

#include <stdbool.h>
#include <stdint.h>

struct rds;
struct store_answer;
struct store_wait;

/* kept: so many replicas have it.  Else it is done, but perhaps here alone. */
typedef void wait_done(void *cookie, bool kept, const struct store_answer *);

struct store_wait *store_wait_new(struct rds *, int64_t replicas, int64_t ms);
void store_wait_free(struct store_wait *); /* after rds_free; NULL allowed */
/* store_wait_add: what the answer owns is taken; told once, never at once. */
void store_wait_add(struct store_wait *, struct store_answer *, wait_done *,
		    void *cookie);

#endif
