/* store_call.h -- what the typed calls of store.c and store_*.c are made of:
 * one call of a Redis function, with the context that each gets first.
 *
 * The context is "NOW|EPOCH|FROM|BY" (lua/site.lua).  The epoch says in which
 * Redis this daemon believes: where another one has taken over, or while the
 * site recovers, a writing call ends NOT_SENT and nothing was done. */
#ifndef RB_STORE_STORE_CALL_H
#define RB_STORE_STORE_CALL_H

#include "daemon/store/store.h"

struct call;
struct recent;

/* call_new: the function and its first arguments, strings up to a NULL. */
struct call *call_new(struct store *, store_done *, void *cookie,
		      const char *function, ...) __attribute__((sentinel));
void call_add(struct call *, const char *); /* one argument more; copied */
void call_add_int(struct call *, int64_t);
void call_add_fields(struct call *, const struct record *); /* NULL: none */
void call_set_patience(struct call *, int64_t ms);          /* as in rds.h */
/* call_set_actor: who acts, and from where, for the log of the site; copied. */
void call_set_actor(struct call *, const struct actor *);
/* call_in_any_epoch: also while the site recovers; it is no act that could be
 * lost: what is written is written again at every link. */
void call_in_any_epoch(struct call *);
void call_send(struct call *); /* gone with its store_done */

const char *store_daemon(const struct store *); /* this process's name */

/* ---- for recovery.c */
struct store_watch {
	/* recovering: a call was told that another Redis has taken over, or
	 * that the site recovers. */
	void (*recovering)(void *cookie);
	struct recent *recent; /* borrowed; what was answered is kept there */
	void *cookie;
};
/* store_watch: acts are not done from here on until there is an epoch. */
void store_watch(struct store *, const struct store_watch *);
/* store_set_epoch: "": none, the site recovers. */
void store_set_epoch(struct store *, const char *epoch);

#endif
