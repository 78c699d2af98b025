/* privacy.h -- one person: all that is known of him, and that it is forgotten.
 * {id} is an id of the directory; where there is none of that name, a telephone
 * number in any form; else an id that only events have named. */
#ifndef RB_API_PRIVACY_H
#define RB_API_PRIVACY_H

struct req;

void customer_export(struct req *);
void customer_forget(struct req *);

#endif
