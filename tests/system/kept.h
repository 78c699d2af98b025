/* kept.h -- steps of tests in which Redis is away: events that are kept, and
 * all of them there once when it is back. */
#ifndef RB_TESTS_SYSTEM_KEPT_H
#define RB_TESTS_SYSTEM_KEPT_H

#include "tests/system/team.h"

char *kept_event(const char *id); /* a missed call, as a body; free() */
const struct web_answer *kept_push(struct web *, unsigned id);
/* kept_is: it is answered 202, soon. */
void kept_is(struct web *, unsigned id);
/* kept_away: kills Redis, and the first daemon knows it. */
void kept_away(struct team *);
/* kept_some: at least so many items are there within ten seconds. */
bool kept_some(struct team *, int made);
/* kept_back: so many items are there soon, and not one more. */
void kept_back(struct team *, int made);
char *kept_folder(struct team *); /* the first daemon's journal; free() */

#endif
