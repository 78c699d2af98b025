/* trouble.h -- what Redis says when it will not: one table, from the first word
 * of an error to what that means for the call, for the link and for people. */
#ifndef RB_STORE_TROUBLE_H
#define RB_STORE_TROUBLE_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/store/ending.h"

struct redisReply;

struct trouble {
	const char *word; /* with the blank that ends it */
	bool cut;         /* a new link may cure it; else only time */
	bool ours;        /* raised by our functions, before they write */
	const char *why;  /* for people, after "Redis is away: " */
};

/* trouble_find: not here, or not now: nothing was done.  NULL for every other
 * error, and for one that a command of a function raised in the middle. */
const struct trouble *trouble_find(const char *error);

/* trouble_inside: it was raised inside a function by a command of it that was
 * not to be (a right, memory, a key of another kind): what came before it stays
 * done.  NULL for every other error. */
const struct trouble *trouble_inside(const char *error);

/* trouble_passes: it says something of Redis, of our library or of what others
 * do there, and nothing of what was asked: that can be done later as it is. */
bool trouble_passes(const char *error);

/* trouble_tell: the sentence, without its full stop, of an error that
 * trouble_find or trouble_inside finds; else "". */
void trouble_tell(char *buf, size_t size, const char *error);

/* trouble_is_right: something is not permitted to our user. */
bool trouble_is_right(const char *error);

/* trouble_end: what a reply means for its call; *ret is set for NOT_SENT. */
enum store_end trouble_end(
    const struct redisReply *, const struct trouble **ret);

/* trouble_no_function: the library is not there; nothing ran. */
bool trouble_no_function(const struct redisReply *);

/* trouble_is_moved: another node of the Cluster has the slot. */
bool trouble_is_moved(const char *error);

#endif
