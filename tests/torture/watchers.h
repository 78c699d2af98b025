/* watchers.h -- supervisors who watch the log live, and go on where they were
 * when their daemon dies or says nothing any more. */
#ifndef RB_TESTS_TORTURE_WATCHERS_H
#define RB_TESTS_TORTURE_WATCHERS_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/torture/world.h"

#define WATCHERS 2

/* What one was told: ids in the order in which they came. */
struct heard {
	char (*id)[48];
	size_t count, room;
	int returns; /* how often it went on with Last-Event-ID */
	int resets; /* how often it was told that the log does not reach back */
};

struct watchers;

struct watchers *watchers_new(struct world *);
void watchers_free(struct watchers *);
void watchers_turn(struct watchers *);
/* watchers_reached: each has heard that id, or a later one. */
bool watchers_reached(const struct watchers *, const char *id);
/* watchers_leave: all hang up; what they heard stays. */
void watchers_leave(struct watchers *);
const struct heard *watchers_heard(const struct watchers *, size_t);

/* log_id_order: as strcmp, of two ids of the log. */
int log_id_order(const char *, const char *);

#endif
