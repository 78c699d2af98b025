/* clock.h -- the two clocks.  Timers and deadlines use only the monotonic one;
 * nothing else in the project asks the system for the time. */
#ifndef RB_BASE_CLOCK_H
#define RB_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_wall_ms(void); /* since 1970, UTC */
int64_t clock_mono_ms(void);

#endif
