/* closures.h -- the events of an iCalendar text as times of closure.  Pure, but
 * for the time zones of the system. */
#ifndef RB_POLICY_CLOSURES_H
#define RB_POLICY_CLOSURES_H

#include <stddef.h>
#include <stdint.h>

struct fault;

enum closure_kind {
	CLOSURE_DAYS,  /* whole days; from and until count days since 1970 */
	CLOSURE_LOCAL, /* seconds on the clock of whoever asks */
	CLOSURE_FIXED, /* seconds UTC */
};
struct closure {
	enum closure_kind kind;
	int64_t from;
	int64_t until; /* not included */
};

struct closures {             /* {0} is an empty one */
	const char *path;     /* borrowed: for faults */
	struct closure *list; /* owned; from 2020 to 2080 */
	size_t count;
	size_t size;
	int64_t end_s; /* the last one ends, as if local were UTC; INT64_MAX
			* where one comes back for ever; -1 for none */
};

/*
 * closures_read: events with VALUE=DATE, several days, hours, RRULE, RDATE,
 * EXDATE and changed or cancelled single ones.  0, or -1 and the fault where
 * the text is cut off or has an event that would be understood wrongly.
 * closures_done in both cases.
 */
int closures_read(struct closures *ret, const char *path, const char *text,
		  struct fault *);
void closures_done(struct closures *);

#endif
