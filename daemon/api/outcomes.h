/* outcomes.h -- POST /v1/items/{id}/outcome: what came of a try; with "next"
 * the next customer comes along. */
#ifndef RB_API_OUTCOMES_H
#define RB_API_OUTCOMES_H

struct req;

void outcome_post(struct req *);

#endif
