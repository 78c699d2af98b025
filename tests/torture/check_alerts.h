/* check_alerts.h -- alerts: once per item and threshold, delivered at least
 * once, and again only under the same key. */
#ifndef RB_TESTS_TORTURE_CHECK_ALERTS_H
#define RB_TESTS_TORTURE_CHECK_ALERTS_H

struct check;
struct count;
struct site_view;

void check_alerts(struct check *, struct count *, const struct site_view *,
		  const char *file);

#endif
