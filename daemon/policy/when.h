/* when.h -- times in words and in RFC 3339.  Pure: the caller says what time
 * it is. */
#ifndef RB_POLICY_WHEN_H
#define RB_POLICY_WHEN_H

#include <stdint.h>

struct fault;

#define WHEN_AHEAD_DAYS 60

/*
 * when_parse: an appointment, read on the clock of `zone`: "10:30", "2:30pm",
 * "tomorrow 10", "wed 14:30", "25 nov 10:00", "2026-11-25 10:00", "in 20m",
 * "+2h", or RFC 3339 with an offset.  Later than now_ms and at most
 * WHEN_AHEAD_DAYS ahead.  A time that comes twice (clocks going back) is the first of the two.
 * 0, or -1 with *ret_ms untouched and the fault a sentence for the agent.
 */
int when_parse(int64_t *ret_ms, const char *words, const char *zone,
    int64_t now_ms, struct fault *);

/* when_rfc3339: "2026-11-22T09:20:00.5+01:00", strictly; a leap second is the
 * second after.  0, or -1 with *ret_ms untouched. */
int when_rfc3339(int64_t *ret_ms, const char *text);

/* when_print: "2026-11-22T09:20:00.000Z"; years 0000 to 9999 (clamped). */
void when_print(char buf[25], int64_t ms);

#endif
