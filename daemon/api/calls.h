/* calls.h -- calling a customer back: the agent's phone rings, then the
 * customer's; how that goes; and at which phone an agent is. */
#ifndef RB_API_CALLS_H
#define RB_API_CALLS_H

struct req;

void call_post(struct req *);       /* POST /v1/items/{id}/call */
void call_get(struct req *);        /* GET /v1/calls/{call} */
void call_hangup(struct req *);     /* POST /v1/calls/{call}/hangup */
void agent_phone_put(struct req *); /* PUT /v1/agents/{name}/phone */

#endif
