/* property_snapshot.h -- all that Redis holds of a site, in one reply: every
 * item that is open or was asked for, every set, and what the log has gained.
 */
#ifndef RB_TESTS_STORE_PROPERTY_SNAPSHOT_H
#define RB_TESTS_STORE_PROPERTY_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/harness/site.h"

#define MOST_THINGS 1500
#define MOST_ENTRIES 12000
#define MOST_NUMBERS 40000

enum state { ST_NEW, ST_WAITING, ST_HELD, ST_SCHEDULED, ST_CLOSED, STATES };
extern const char *const state_names[STATES];

/* The fields of a record, as text; FIELD_NAMES in the same order. */
enum field {
	F_STATE,
	F_KIND,
	F_QUEUE,
	F_TIER,
	F_SEVERITY,
	F_PERSON,
	F_CUSTOMER,
	F_PHONE,
	F_AGENT,
	F_LAST_AGENT,
	F_CLASS,
	F_BASE,
	F_TARGET,
	F_SHARE,
	F_TOLD,
	F_PROMISE,
	F_PROMISE_AT,
	F_DUE,
	F_WHY,
	F_ENDS_AT,
	F_WINDOW,
	F_FENCE,
	F_GIVEN,
	F_GIVEN_UNTIL,
	F_UP,
	F_APPOINTMENT,
	F_CALLS,
	F_TRIES,
	F_INDEXED,
	F_REV,
	F_REASON,
	F_CLOSED_AT,
	F_ZONE,
	FIELDS
};

struct thing {
	int64_t number;
	const char *f[FIELDS]; /* never NULL */
	enum state state;
	int queue, tier, kind, severity;
	double share, told, given_until;
	int64_t base, target, due, fence, rev, calls;
	/* Where it was found: how often, and the last such place. */
	int in_class, in_scheduled, in_windows, in_ladder, in_hold, in_person,
	    in_closed, in_past;
	const char *at_class, *at_hold, *at_person, *at_ladder, *at_past;
	double class_score, scheduled_score, windows_score, ladder_score;
};

/* A member of a set, an entry of a hash, a line of the log. */
struct entry {
	char tag;
	const char *word[8]; /* "" where there is none */
};
/* What the tags stand for, and their words:
 *  C class name, member, score     S scheduled member, score
 *  W windows member, score         L ladder queue, member, score
 *  H hold agent, person, primary, fence, since, until, most
 *  T hold_items agent, number      O holders person, agent
 *  P person name, number           X closed member
 *  Y past person, number           N open name, count
 *  Q pools queue, pool             K pool "queue|pool", class
 *  Z holds agent, score            R refused agent, number, until
 *  A parked agent                  M named agent
 *  G log type, number, state, from, alert, used, promise, id */

struct snapshot {
	char *text; /* owned; all words point into it */
	struct thing things[MOST_THINGS];
	int count;
	struct entry entries[MOST_ENTRIES];
	int entry_count;
	short place[MOST_NUMBERS]; /* of number - 1000; 0: none, else + 1 */
	int64_t now;
};

struct snapshot *snapshot_new(void);
void snapshot_free(struct snapshot *);

/* snapshot_take: also the items whose numbers are given, open or not.
 * log_from is the last entry that was read ("-" at first), and is moved on. */
void snapshot_take(struct snapshot *, struct site *, const int64_t *numbers,
		   int count, char log_from[64]);

struct thing *snapshot_find(struct snapshot *, int64_t number); /* or NULL */
/* snapshot_entry: the first with that tag and first word, or NULL. */
const struct entry *snapshot_entry(const struct snapshot *, char tag,
				   const char *word);
bool thing_ages(const struct thing *);
bool thing_open(const struct thing *); /* waiting, held or scheduled */
bool has(const char *word);            /* is not "" */

#endif
