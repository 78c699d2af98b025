/* look.h -- what people look at: items, one item, queues, themselves. */
#ifndef RB_API_LOOK_H
#define RB_API_LOOK_H

struct req;

void items_get(struct req *);
void item_get(struct req *); /* ?explain=1: why it stands where it stands */
void queues_get(struct req *);
void me_get(struct req *);
void duty_post(struct req *);

#endif
