/* answer.h -- a reply of Redis as an answer of the store: a word, then
 * sections {name, field, value, ...}.  What has another shape is refused. */
#ifndef RB_STORE_ANSWER_H
#define RB_STORE_ANSWER_H

#include "daemon/store/store.h"

/* answer_read: fills *ret from the reply; borrowed strings of the reply, owned
 * sections (answer_done).  0, or -1 when it is not an answer. */
int answer_read(struct store_answer *ret, const struct redisReply *);
void answer_done(struct store_answer *);

#endif
