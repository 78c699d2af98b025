/* loop.h -- run the event loop until something has happened, with a limit:
 * what tests do instead of sleeping. */
#ifndef RB_TESTS_HARNESS_LOOP_H
#define RB_TESTS_HARNESS_LOOP_H

#include <stdbool.h>

struct event_base;

/* loop_until: true as soon as the condition holds; false after limit_ms. */
bool loop_until(struct event_base *, bool (*holds)(void *), void *, int limit_ms);

/* loop_while_zero: the same for a counter that something makes non-zero. */
bool loop_while_zero(struct event_base *, const int *counter, int limit_ms);

/* loop_for: lets things happen; only to show that nothing happens. */
void loop_for(struct event_base *, int ms);

#endif
