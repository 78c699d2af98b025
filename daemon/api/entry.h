/* entry.h -- an event that was pushed: from its handler to the intake, and what
 * the feed of its source hears of it. */
#ifndef RB_API_ENTRY_H
#define RB_API_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/fault.h"
#include "daemon/store/store.h"

struct record;
struct req;

/* entry_within_rate: the caller may send n events now.  False: answered by 429,
 * and none of them is taken. */
bool entry_within_rate(struct req *, size_t n);

/* entry_check: says in the event who pushed it and from where, and that it is
 * the caller's where it names no source.  NULL, or the name of the field that
 * is wrong and a sentence. */
const char *entry_check(struct req *, struct record *event, struct fault *);

/* entry_take: one that is well; lives as long as the request.  Gives its UUID
 * (the request's); told as by intake_event. */
const char *entry_take(struct req *, struct record *event, store_done *,
		       void *cookie);

/* entry_heard: a sign of life of that source, and no more. */
void entry_heard(struct req *, const char *source);

/* entry_reject: something that is not taken (feed_reject).  It counts against
 * the source where the configuration has it, else against the caller; NULL is
 * the caller. */
void entry_reject(struct req *, const char *source, const char *reason,
		  const char *detail);

#endif
