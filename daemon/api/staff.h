/* staff.h -- who serves which queue: data, changed all day by supervisors. */
#ifndef RB_API_STAFF_H
#define RB_API_STAFF_H

struct req;

void agents_get(struct req *);
void agent_put(struct req *); /* /v1/agents/{name}/queues/{queue} */
void agent_delete(struct req *);

#endif
