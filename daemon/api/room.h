/* room.h -- how many connections all listeners of a server have together: by
 * where they come from, and against the descriptors that the system gives. */
#ifndef RB_API_ROOM_H
#define RB_API_ROOM_H

#include <stdbool.h>
#include <stddef.h>

/* Left for the links to Redis, the journal and the programs of alerts. */
#define ROOM_RESERVE 64

struct room;

struct room *room_new(size_t most_by_address /* 0: no limit */);
void room_free(struct room *); /* NULL is allowed */

/* room_take: a descriptor was accepted; room_give: it was closed. */
void room_take(struct room *);
void room_give(struct room *);
/* room_look: asks for the limit of descriptors, which may be changed from
 * outside. */
void room_look(struct room *);
bool room_full(const struct room *);

/* room_enter: false where that address has as many as it may; it is counted
 * all the same, until room_leave. */
bool room_enter(struct room *, const char *address);
void room_leave(struct room *, const char *address);
size_t room_by_address(const struct room *); /* the limit */

#endif
