/* when.h -- times as people write them, on this machine's clock. */
#ifndef RB_CLIENT_WHEN_H
#define RB_CLIENT_WHEN_H

#include <stdint.h>

/* when_ahead: "14:30" (the next one), "tomorrow 10", "wed 2:30pm",
 * "25 nov 10:00", "2026-11-25 10:00", "in 20m", "+2h", or RFC 3339.  0, or -1
 * with *ret_ms untouched. */
int when_ahead(int64_t *ret_ms, const char *, int64_t now_ms);

/* when_back: "13:30" (the last one), "90m" or "2h" or "3d" ago, "today",
 * "yesterday", "2026-11-22", "2026-11-22 10:00", or RFC 3339.  0, or -1 with
 * *ret_ms untouched. */
int when_back(int64_t *ret_ms, const char *, int64_t now_ms);

#endif
