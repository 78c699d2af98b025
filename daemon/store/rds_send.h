/* rds_send.h -- what rds.c needs of bufferevents and timers, and nobody else. */
#ifndef RB_STORE_RDS_SEND_H
#define RB_STORE_RDS_SEND_H

#include <stddef.h>
#include <stdint.h>

struct bufferevent;
struct event;
struct rds_command;

/* rds_send: -1: it could not be formed or queued; nothing was sent. */
int rds_send(struct bufferevent *, const struct rds_command *, size_t *ret_len);

/* rds_arm: the timer fires in ms; at once for none. */
void rds_arm(struct event *, int64_t ms);

#endif
