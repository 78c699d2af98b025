/* replies.h -- bytes from Redis to whole replies, by hiredis's reader, with
 * limits: what calls itself Redis may be anything. */
#ifndef RB_STORE_REPLIES_H
#define RB_STORE_REPLIES_H

#include <stddef.h>

struct redisReply;
struct replies;

/* replies_new: one reply may have so many bytes and, nested ones counted, so
 * many elements; anything larger breaks the reader. */
struct replies *replies_new(size_t max_bytes, size_t max_elements);
void replies_free(struct replies *); /* NULL is allowed */

/* replies_feed: 0, or -1 when broken. */
int replies_feed(struct replies *, const char *, size_t len);

/* replies_next: 1 and a reply (freeReplyObject), 0 when more bytes are needed,
 * -1 when broken. */
int replies_next(struct replies *, struct redisReply **ret);

#endif
