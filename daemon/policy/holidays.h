/* holidays.h -- files of closures.  Read again when the file has changed;
 * otherwise kept. */
#ifndef RB_POLICY_HOLIDAYS_H
#define RB_POLICY_HOLIDAYS_H

struct closures;
struct fault;

/* holidays_read: the closures in an .ics file, borrowed until the next call
 * with the same path; NULL and the fault where it cannot be used. */
const struct closures *holidays_read(const char *path, struct fault *);

#endif
