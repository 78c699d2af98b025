/* clock_shift.h -- lets a program be started whose wall clock is wrong. */
#ifndef RB_TESTS_HARNESS_CLOCK_SHIFT_H
#define RB_TESTS_HARNESS_CLOCK_SHIFT_H

/* clock_shift: in the child, before exec: its wall clock is seconds ahead.
 * Nothing for 0. */
void clock_shift(int seconds);

#endif
