/* check.h -- counts as Jepsen does, when all is healed and drained: what was
 * attempted, acknowledged, is there, is lost, is there twice, should not be. */
#ifndef RB_TESTS_TORTURE_CHECK_H
#define RB_TESTS_TORTURE_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/torture/site_view.h"

struct ledger;
struct watchers;

struct count {
	const char *what;
	int attempted, acknowledged, ok, recovered;
	int lost, duplicated, unexpected; /* these must be 0 */
	int kept;                         /* acknowledged by a journal */
};

#define COUNTS 6
#define MOST_FINDINGS 60

struct check {
	struct count count[COUNTS];
	size_t counts;
	char finding[MOST_FINDINGS][240]; /* in sentences */
	size_t findings;                  /* also of those that had no room */
};

struct checked {
	struct ledger *ledger;
	struct watchers *watchers;
	struct place place;
	const char *alerts; /* the file of the receiver */
	bool takes_over;    /* a Redis that lagged has taken over, perhaps */
};

void check_all(struct check *, const struct checked *);
/* check_print: the table, and what was found; returns how much was wrong. */
int check_print(const struct check *, FILE *);
void check_find(struct check *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
