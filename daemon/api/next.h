/* next.h -- POST /v1/next: the next customer, at once or when there is one. */
#ifndef RB_API_NEXT_H
#define RB_API_NEXT_H

struct req;

void next_post(struct req *);

#endif
