/* event.h -- an event made uniform, whoever told it and in whatever words: what
 * it must say, its numbers as E.164, and the UUID by which it is known.  Pure:
 * the time is the caller's.
 *
 * An event is a record: type id source call from customer time to name queue
 * language category severity text link value waited_s talked_s callback_at, as
 * in the API; times in ms.  call: the call's own id within its source; what is
 * told of one call belongs together.  call.talking: somebody talks with its
 * caller; call.ended: it is over, and was answered if anybody is known to have
 * talked. */
#ifndef RB_POLICY_EVENT_H
#define RB_POLICY_EVENT_H

#include <stdint.h>

#include "daemon/base/fault.h"

struct policy;
struct record;

#define EVENT_UUID_SIZE 37

/* event_check: NULL, or the name of the field that is wrong, with a sentence.
 */
const char *event_check(const struct record *, int64_t now_ms, struct fault *);

/* event_type: ours, where the words are one, or end with a dot and one; NULL
 * where they do not. */
const char *event_type(const char *words);

/* event_make_uniform: "from" becomes phone, phone_kind, raw and zone; "to" an
 * E.164 number where it is one. */
void event_make_uniform(struct record *, const struct policy *);

/* event_name: version 5 (RFC 4122) over source, type and id, so that the same
 * event has the same, whoever takes it; at random where it has no id. */
void event_name(char ret_uuid[EVENT_UUID_SIZE], const struct record *);

#endif
