/* tokens.h -- bearer tokens for telephony systems and for people without an
 * account here: made, listed, revoked.  The secret is shown once. */
#ifndef RB_API_TOKENS_H
#define RB_API_TOKENS_H

struct req;

void tokens_get(struct req *);
void tokens_post(struct req *);
void token_delete(struct req *);

#endif
