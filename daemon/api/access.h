/* access.h -- who asks.  Over the Unix socket: the Unix user, as the kernel
 * says, and his groups; over TCP: the name of a bearer token. */
#ifndef RB_API_ACCESS_H
#define RB_API_ACCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#include "daemon/api/caller.h"
#include "daemon/base/fault.h"
#include "daemon/store/ending.h"

struct access;
struct event_base;
struct req;
struct store;
struct store_answer;
struct tokenbook;

struct access_options {
	struct event_base *base; /* child_init has been called */
	struct store *store;     /* borrowed; asked for tokens */
	struct tokenbook *book;  /* borrowed; asked where Redis cannot be */
	/* fail_end: answers where the store did not (api_fail_end) */
	void (*fail_end)(
	    struct req *, enum store_end, const struct store_answer *);
	/* wrong: a token that is none came with it, which is answered then;
	 * may be NULL */
	void (*wrong)(struct req *);
};

struct access *access_new(const struct access_options *);
void access_free(struct access *); /* no request open; NULL is allowed */

/* access_set_patience: how long Redis may be silent when a token is asked for
 * that it knew before; then, and while it is away, what it said last counts. */
void access_set_patience(struct access *, int64_t ms);

/* access_set_wrong_tokens: how many wrong ones an address may try before the
 * answers are slowed (guesses.h). */
void access_set_wrong_tokens(struct access *, size_t tries);
/* access_stop: whose answer is slowed gets it now. */
void access_stop(struct access *);

/* access_add_group: members of this Unix group have that role (not PUSH, which
 * only tokens have).  Groups are looked up here, blocking: at start and at a
 * reload, after access_clear_groups.  -1 and a sentence where the system knows
 * no such group; it is kept and nobody is in it. */
void access_clear_groups(struct access *);
int access_add_group(
    struct access *, enum role, const char *name, struct fault *);

/* access_ask: sets req_caller and says true, or answers (401, 403, 503) and
 * says false.  Called once, never from inside. */
typedef void access_done(void *cookie, bool known);
void access_ask(struct access *, struct req *, access_done *, void *cookie);

/* access_refuse: 403: needs that role.  doing: "Moving items", or NULL. */
void access_refuse(
    struct access *, struct req *, enum role needed, const char *doing);

#endif
