/* server.h -- the daemon put together: the floors built upward, taken down
 * downward, reloaded in between. */
#ifndef RB_SERVER_H
#define RB_SERVER_H

#include "daemon/base/fault.h"

struct policy;
struct server;

/* server_new: listens and connects.  The policy is taken, also on failure;
 * path is where a reload reads it again.  NULL, and the sentence. */
struct server *server_new(
    struct policy *, const char *path, struct fault *);

/* server_run: until SIGTERM or SIGINT has been obeyed. */
void server_run(struct server *);
void server_free(struct server *); /* NULL is allowed */

#endif
