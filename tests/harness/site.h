/* site.h -- a whole site for tests of the Redis functions: a Redis of its own,
 * the library, calendars, a usual policy, and a made-up time that only the test
 * moves.  What cannot be done ends the test at once with a sentence.
 *
 * It begins on Monday 2026-11-23 at 10:00 in Berlin (09:00 UTC).
 *
 * The usual policy.  Tiers: platinum (value 20000, weight 16, call-back 5 min,
 * complaint 1 h), gold (3000, 5, 15 min, 4 h), standard (0, 1, 1 h, 48 h); an
 * unknown caller is gold.  Severities weigh 1, 2, 4.  Queues: sales and billing
 * (open 08:00-18:00 every day, ladder own-agent until 40 %, at-risk at 75 %,
 * broken at 100 % to rb-leads, escalated at 200 % to rb-managers, tries after
 * 30 min, 2 h, 4 h, callable 09:00-20:00 of the customer's day, hold 15 min, at
 * most 45), and "always", which never closes, has no calling hours and one step
 * (agents).  Numbers: +49301111 sales, +49302222 billing, +49303333 always.
 * Default queue: sales.  Nobody serves a queue yet. */
#ifndef RB_TESTS_HARNESS_SITE_H
#define RB_TESTS_HARNESS_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/harness/redis.h"

#define SITE_T0 INT64_C(1795424400000) /* when a site begins */
#define SITE_MIN INT64_C(60000)
#define SITE_HOUR (60 * SITE_MIN)
#define SITE_DAY (24 * SITE_HOUR)

struct json_t;
struct reply;
struct site_facts;

struct site {
	struct redis *redis;
	int64_t now_ms;        /* the made-up time: move it at will */
	struct json_t *policy; /* owned; what was last written, by field */
	int policies;          /* how often it was written */
	unsigned events;       /* made so far: the source of their ids */
	struct reply *ring;    /* owned; the last replies */
	size_t calls;
	char epoch[96];            /* see site_facts.h; "" where none */
	struct site_facts *facts; /* owned; kept while there is an epoch */
};

struct site *site_start(void);
/* site_start_with: on a Redis that is already there, now the site's; the
 * library and the policy are written to it. */
struct site *site_start_with(struct redis *);
void site_stop(struct site *); /* NULL is allowed */

/* ---- functions -------------------------------------------------------------
 * site_call(s, "next", "anna", "", "d1", "0", NULL): rb1_next at the site's
 * time.  Ends the test where Redis refuses, or where the word is none of those
 * that the function's header names.  A reply is borrowed: it lives for 64 more
 * calls. */
struct reply *site_call(struct site *, const char *function, ...)
    __attribute__((sentinel));
struct reply *site_call_list(struct site *, const char *function, int argc,
			     const char *const *argv);
/* site_refused: the same, but Redis must refuse; what it says. */
const char *site_refused(struct site *, const char *function, ...)
    __attribute__((sentinel));

const char *reply_word(const struct reply *);
bool reply_is(const struct reply *, const char *word);
/* reply_get: a field of the first section of that name, "" where none. */
const char *reply_get(const struct reply *, const char *section,
		      const char *field);
/* reply_get_nth: of the nth section of that name, from 0. */
const char *reply_get_nth(const struct reply *, const char *section, size_t nth,
			  const char *field);
/* reply_int: the same as a number; -1 where there is none. */
int64_t reply_int(const struct reply *, const char *section, const char *field);
size_t reply_count(const struct reply *, const char *section);
/* reply_same: word and all fields are equal. */
bool reply_same(const struct reply *, const struct reply *);

/* ---- time --------------------------------------------------------------- */
void site_after(struct site *, int64_t ms); /* only moves the time */
/* site_tick: rb1_tick until there is nothing more to do now. */
void site_tick(struct site *);
void site_pass(struct site *, int64_t ms); /* site_after, then site_tick */

/* ---- events: more fields as name, value, ..., NULL ---------------------- */
/* site_event: a new event now, from this number ("" for none); field "time"
 * otherwise; source "pbx" unless given. */
struct reply *site_event(struct site *, const char *type, const char *phone,
			 ...) __attribute__((sentinel));
/* site_event_id: with an id of its own (36 characters). */
struct reply *site_event_id(struct site *, const char *uuid, const char *type,
			    const char *phone, ...) __attribute__((sentinel));
/* site_missed: call.missed to this queue; the number of its item (0: none). */
int64_t site_missed(struct site *, const char *queue, const char *phone);

/* ---- agents, customers ------------------------------------------------- */
void site_serve(struct site *, const char *queue, const char *agent);
/* site_next: rb1_next without waiting; the number handed out, 0: nothing. */
int64_t site_next(struct site *, const char *agent, const char *groups);
/* site_outcome: on what the agent holds; fields as name, value, ..., NULL. */
struct reply *site_outcome(struct site *, const char *agent, const char *code,
			   ...) __attribute__((sentinel));
/* site_customer: fields as name, value, ..., NULL. */
struct reply *site_customer(struct site *, const char *id, ...)
    __attribute__((sentinel));

/* ---- policy, calendars ------------------------------------------------- */
/* site_policy: these fields (name, JSON text or plain value, ..., NULL; value
 * "" removes it) and the rest as before, written as a new policy. */
struct reply *site_policy(struct site *, ...) __attribute__((sentinel));
/* site_queue: members of one queue's settings: "ladder", "[...]", ..., NULL;
 * the values are JSON. */
struct reply *site_queue(struct site *, const char *queue, ...)
    __attribute__((sentinel));
/* site_calendar: open from..to (minutes of the UTC day) every day from 9 days
 * before the site's time to 60 after; from, to, ..., -1 for several a day. */
void site_calendar(struct site *, const char *name, ...);

/* ---- what Redis holds ---------------------------------------------------- */
/* site_key: "item:%d" becomes "rb:{t}:item:1001"; borrowed, the last 8 live. */
const char *site_key(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));
/* site_field: of an item's record, "" where none; the last 8 live. */
const char *site_field(struct site *, int64_t number, const char *field);
const char *site_state(struct site *, int64_t number); /* its state */
/* site_used: what the item has used now, by its record and the queue clock
 * (rb1_explain), in percent. */
int64_t site_used(struct site *, int64_t number);
/* site_logged: how many log entries are of this type and, unless 0, number;
 * for "alert:broken" alerts of that name. */
int site_logged(struct site *, const char *type, int64_t number);
/* site_digest: of all keys and values; the same as long as nothing is written;
 * free(). */
char *site_digest(struct site *);

#endif
