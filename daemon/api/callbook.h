/* callbook.h -- the calls to customers that this daemon has ordered: how each
 * goes, for him who asks, and told to Redis until Redis knows it.  In memory
 * only, a bounded number; one that has ended is kept for some minutes. */
#ifndef RB_API_CALLBOOK_H
#define RB_API_CALLBOOK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/fault.h"
#include "daemon/sources/originate.h"

struct actor;
struct callbook;
struct event_base;
struct parking;
struct source;
struct source_type;
struct store;

#define CALLBOOK_ID_SIZE 37

struct callbook_options {
	struct event_base *base; /* borrowed, as all of these */
	struct store *store;
	struct parking *waiting; /* for a call to go on: woken by its id */
};
struct callbook *callbook_new(const struct callbook_options *);
/* callbook_free: after the links to Redis and the sources; NULL allowed. */
void callbook_free(struct callbook *);

/* callbook_id: a new one, for an attempt that Redis is asked to allow first. */
void callbook_id(char ret[CALLBOOK_ID_SIZE]);
bool callbook_is_full(struct callbook *);

struct callbook_order {
	const char *id; /* all are copied but the last two */
	const struct actor *who;
	int64_t number; /* of the item */
	const char *phone, *to, *caller_id;
	struct source *source;
	const struct source_type *type;
};
/* callbook_begin: rings.  -1 and a few words: it was not ordered, Redis is told
 * that it has ended. */
int callbook_begin(struct callbook *, const struct callbook_order *,
		   struct fault *);
/* callbook_refuse: what Redis may have allowed is not ordered at all. */
void callbook_refuse(struct callbook *, const struct callbook_order *);

void callbook_hang_up(struct callbook *, const char *id);

/* callbook_agent: whose it is, NULL where there is no such call.
 * callbook_is_at: it is in this state ("agent"), and that is not its end. */
const char *callbook_agent(const struct callbook *, const char *id);
bool callbook_is_at(const struct callbook *, const char *id, const char *state);
/* callbook_tell: of one that there is, as the API gives it; the caller's. */
json_t *callbook_tell(const struct callbook *, const char *id);

/* callbook_is_state: "agent", "customer", "talking" or "ended". */
bool callbook_is_state(const char *);

#endif
