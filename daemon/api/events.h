/* events.h -- POST /v1/events: what sources tell, one or a line each. */
#ifndef RB_API_EVENTS_H
#define RB_API_EVENTS_H

struct req;

void events_post(struct req *);

#endif
