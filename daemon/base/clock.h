/* clock.h -- the two clocks.  Timers and deadlines use only the monotonic one;
 * nothing else in the project asks the system for the time. */
#ifndef RB_BASE_CLOCK_H
#define RB_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_wall_ms(void); /* since 1970, UTC */
int64_t clock_mono_ms(void);

/* clock_local_offset_s: how far this machine's own clock is ahead of UTC. */
int64_t clock_local_offset_s(int64_t wall_ms);

#endif
