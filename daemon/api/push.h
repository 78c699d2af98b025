/* push.h -- POST /v1/twilio/{source}, /v1/cti/{source}: what telephone systems
 * push in words of their own (daemon/sources/push.h). */
#ifndef RB_API_PUSH_H
#define RB_API_PUSH_H

#include <stdbool.h>

struct req;

void push_post(struct req *);

/* push_signs: for struct routes.  A token may stand in the address of these. */
bool push_signs(struct req *);

/* push_wrong_token: for struct access_options; counted for the source, where
 * the address names one. */
void push_wrong_token(struct req *);

#endif
