/* pausing.h -- whoever holds a customer is not rung by the queues of the
 * telephone systems meanwhile.  Which agent does, and at which phone he is, is
 * asked of Redis when the site's log tells of something that may have changed
 * it, and now and then; what differs is told to the sources, all of it to one
 * that came up anew. */
#ifndef RB_PAUSING_H
#define RB_PAUSING_H

struct event_base;
struct feeds;
struct pausing;
struct record;
struct store;

/* Borrows all. */
struct pausing *pausing_new(struct event_base *, struct store *,
			    const struct feeds *);
/* pausing_free: after the links to Redis; NULL is allowed. */
void pausing_free(struct pausing *);

void pausing_entry(struct pausing *, const struct record *); /* of the log */
/* pausing_refresh: every second. */
void pausing_refresh(struct pausing *);
/* pausing_look: the log may have told what we did not hear. */
void pausing_look(struct pausing *);

#endif
