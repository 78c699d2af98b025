/* rds.h -- one link to Redis on the event loop: it connects by itself, again
 * and again, gives every call a deadline and one of four endings.
 *
 * A call's rds_done runs exactly once and never inside the call that asked.
 *	STORE_DONE      the reply
 *	STORE_REFUSED   the error reply
 *	STORE_NOT_SENT  no link, too many calls, or Redis said that it ran
 *	                nothing (trouble.h: then the error reply, else NULL)
 *	STORE_UNKNOWN   sent, but no answer in time, a late one is swallowed; or
 *	                a function was stopped half-way (then the error reply)
 * Replies are borrowed until rds_done returns.
 *
 * While the oldest call is overdue new ones are not sent: they would only wait
 * behind it.  A link that stays silent is cut and made anew.
 *
 * A call may have less patience with a silent Redis than the deadline: it is
 * told UNKNOWN when Redis has answered nothing for so long, or NOT_SENT where
 * that is so already; the link counts as up all the same, and others go on as
 * usual. */
#ifndef RB_STORE_RDS_H
#define RB_STORE_RDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/fault.h"
#include "daemon/store/ending.h"

struct event_base;
struct address;
struct redisReply;
struct rds;
struct tls_client;

typedef void rds_done(void *cookie, enum store_end, const struct redisReply *);

struct rds_options {
	const char *address; /* as in address.h; port 6379 where none */
	const struct address *to; /* the same, known already; or NULL */
	/* find: where to connect now, in place of address: the owner ends with
	 * rds_found, or with rds_drop; at once or later. */
	void (*find)(struct rds *, void *cookie);
	/* tls: where the owner keeps what is used from the next connecting on;
	 * NULL, there or here: no TLS. */
	struct tls_client *const *tls;
	int64_t call_ms;    /* a call's deadline; 0: 2000 */
	int64_t connect_ms; /* for connecting and greeting; 0: 2000 */
	/* greet: connected.  The owner sends its AUTH, INFO, FUNCTION LOAD with
	 * rds_command.greeting and ends with rds_ready, or with rds_drop.
	 * NULL: ready at once. */
	void (*greet)(struct rds *, void *cookie);
	/* changed: it became ready (true) or is away (false, told once), and
	 * why; NULL is allowed.  Never called by rds_free. */
	void (*changed)(void *cookie, bool up, const char *why);
	/* moved: another node of a Cluster has it, says this error; the link is
	 * about to be cut.  NULL is allowed. */
	void (*moved)(void *cookie, const char *error);
	void *cookie;
};

struct rds_command {
	int argc;
	const char *const *argv;
	const size_t *len;   /* NULL: they are strings */
	int64_t timeout_ms;  /* 0: the link's; longer for one that blocks */
	int64_t patience_ms; /* with a silent Redis; 0: until the deadline */
	bool greeting;       /* goes out before rds_ready */
};

/* rds_new: begins to connect.  Options are copied.  NULL and a sentence where
 * the address is none. */
struct rds *rds_new(
    struct event_base *, const struct rds_options *, struct fault *);

/* rds_close: ends all open calls before it returns: NOT_SENT, or UNKNOWN where
 * they may have run; it never connects again, and what is still asked of it is
 * NOT_SENT.  Not from inside an rds_done.  NULL is allowed.
 * rds_free: closes it where that was not done. */
void rds_close(struct rds *);
void rds_free(struct rds *);

/* rds_call: arguments are copied. */
void rds_call(struct rds *, int argc, const char *const *argv,
    const size_t *len, rds_done *, void *cookie);
void rds_call_command(
    struct rds *, const struct rds_command *, rds_done *, void *cookie);

void rds_found(struct rds *, const struct address *); /* copied */
void rds_ready(struct rds *);                  /* the greeting is over */
void rds_drop(struct rds *, const char *why);  /* cut, and connect again */
/* rds_drop_for: and not again before pause_ms have passed.
 * rds_hurry: what made it wait may be over. */
void rds_drop_for(struct rds *, int64_t pause_ms, const char *why);
void rds_hurry(struct rds *);

bool rds_is_up(const struct rds *); /* ready, and no call is overdue */
/* rds_down_since_ms: wall time since when it is not up; 0 while it is. */
int64_t rds_down_since_ms(const struct rds *);
const char *rds_why(const struct rds *); /* why it is away; "" while up */
size_t rds_pending(const struct rds *);  /* calls that wait for their ending */

#endif
