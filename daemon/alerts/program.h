/* program.h -- run an alert's program, with the alert as JSON on its standard
 * input: no shell, bounded in time. */
#ifndef RB_ALERTS_PROGRAM_H
#define RB_ALERTS_PROGRAM_H

#include <stdbool.h>

struct policy_alert;
struct store_answer;

typedef void program_ended(void *cookie, bool ok);

/* program_run: the alert and its items are the sections of the answer;
 * program_ended exactly once, never from inside here. */
void program_run(const struct policy_alert *, const struct store_answer *,
    program_ended *, void *cookie);

#endif
