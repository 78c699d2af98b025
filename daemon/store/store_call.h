/* store_call.h -- what the typed calls of store.c and store_*.c are made of. */
#ifndef RB_STORE_STORE_CALL_H
#define RB_STORE_STORE_CALL_H

#include "daemon/store/store.h"

struct call;

/* call_new: the function and its first arguments, strings up to a NULL.  Redis
 * tells the time: the argument for a made-up one is empty. */
struct call *call_new(struct store *, store_done *, void *cookie,
		      const char *function, ...) __attribute__((sentinel));
void call_add(struct call *, const char *); /* one argument more; copied */
void call_send(struct call *);              /* gone with its store_done */

#endif
