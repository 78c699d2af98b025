/* desk.h -- an agent at a telephone of a scripted Asterisk: one daemon whose
 * source "tel" is that system. */
#ifndef RB_TESTS_API_DESK_H
#define RB_TESTS_API_DESK_H

#include "tests/api/house.h"
#include "tests/harness/pbx.h"
#include "tests/harness/pbx_ami.h"

#define SOON 10000
#define ANN "+4930182001"

struct event_base;

struct desk {
	struct house *h;
	struct event_base *base;
	struct pbx *pbx;
	char secret[64];
	char call[64]; /* the id of the last one */
};

/* desk_with: more: options of the source.  desk_at_work: anna, at 201, holds
 * 1001; the system is up. */
struct desk *desk_with(const char *more);
struct desk *desk_at_work(void);
/* desk_at_work_with: of several daemons the newest link is the one that the
 * system speaks with; head: lines at the top of the configuration. */
struct desk *desk_at_work_with(int daemons, const char *head);
void desk_free(struct desk *);

/* desk_says: the system does: a '$' is the id of our channel, a line feed the
 * end of a line.  desk_away: it hangs up. */
void desk_says(struct desk *, const char *text);
void desk_away(struct desk *);

/* desk_post: anna's key "c".  desk_order: the order has come to the system, and
 * it has taken it. */
const struct said *desk_post(struct desk *, const char *body);
void desk_order(struct desk *);

/* desk_follow: the last call, as `who` sees it.  desk_after: as anna does when
 * it is no more in this state. */
const struct said *desk_follow(struct desk *, const char *who,
			       const char *query);
const struct said *desk_after(struct desk *, const char *state);

#endif
