/* site_view.h -- what Redis holds of the site in the end, read past the
 * daemons: the log, the items, their histories. */
#ifndef RB_TESTS_TORTURE_SITE_VIEW_H
#define RB_TESTS_TORTURE_SITE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct redis;

struct place {
	struct redis *redis; /* borrowed: where the site is */
	const char *site;    /* its name */
};

struct entry {
	char id[48], type[20], state[16], from[16], promise[8], alert[20];
	int64_t number; /* 0: of no item */
};

struct held_item {
	int64_t number, calls;
	char state[16], promise[8];
	bool there;
};

struct site_view {
	struct entry *log;
	size_t entries;
	struct held_item *item; /* by number - FIRST_NUMBER */
	size_t items;
	int64_t open, closed, outbox;
	bool takes_over; /* a Redis that lagged has taken over, perhaps */
};

#define FIRST_NUMBER 1001

/* site_view_read: what it was before is overwritten. */
void site_view_read(struct site_view *, const struct place *);
void site_view_done(struct site_view *);
/* site_view_item: NULL for a number that was never given. */
const struct held_item *site_view_item(const struct site_view *,
				       int64_t number);
/* site_view_outcomes: how many outcomes with that note the history of the item
 * has. */
int site_view_outcomes(const struct place *, int64_t number, const char *note);

/* site_print: the whole log, and every history, a line each entry. */
void site_print(const struct place *, FILE *);

/* How many wait for their turn still: in none of these is anybody stuck. */
int64_t site_open(const struct place *);
int64_t site_outbox(const struct place *);
/* site_unread: whether alerts are still to be read from the log. */
bool site_unread(const struct place *);
/* site_last_id: of the newest entry of the log, "" for none. */
void site_last_id(const struct place *, char ret_id[48]);

#endif
