/* users.h -- from a Unix uid to the user's name, without holding up the loop:
 * directories over the network may take their time. */
#ifndef RB_API_USERS_H
#define RB_API_USERS_H

#include <sys/types.h>

struct event_base;
struct users;

enum users_end {
	USERS_KNOWN,
	USERS_UNKNOWN, /* there is no such user */
	USERS_FAILED,  /* could not be asked; try again */
};
typedef void users_done(void *cookie, enum users_end, const char *name);

struct users *users_new(struct event_base *); /* needs child_init */
/* users_free: ends who still waits (FAILED).  NULL is allowed. */
void users_free(struct users *);

/* users_ask: users_done is called once, never from inside; name is "" unless
 * KNOWN, and borrowed.  Remembered for ten minutes. */
void users_ask(struct users *, uid_t, users_done *, void *cookie);

#endif
