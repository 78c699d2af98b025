/* fault.h -- one sentence that says what is wrong, carried upward.  The caller
 * that can act on it logs it or shows it; nobody does both. */
#ifndef RB_BASE_FAULT_H
#define RB_BASE_FAULT_H

struct fault {
	char text[1024]; /* "" while nothing is wrong */
};

/* fault_set: write the sentence; longer ones are cut at a whole character. */
void fault_set(struct fault *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
