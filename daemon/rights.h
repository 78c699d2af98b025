/* rights.h -- who may do what, as the configuration in force says: whose groups
 * have which role, and how patient we are with tokens. */
#ifndef RB_RIGHTS_H
#define RB_RIGHTS_H

struct access;
struct policy;

/* rights_use: at start and at a reload; looks the groups up, blocking.  One
 * that the system does not know is told in the log. */
void rights_use(struct access *, const struct policy *);

#endif
