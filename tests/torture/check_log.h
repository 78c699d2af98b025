/* check_log.h -- the log against the items, and what watchers heard of it. */
#ifndef RB_TESTS_TORTURE_CHECK_LOG_H
#define RB_TESTS_TORTURE_CHECK_LOG_H

struct check;
struct count;
struct watchers;
struct site_view;

void check_log(struct check *, struct count *, const struct site_view *,
	       const struct watchers *);

#endif
