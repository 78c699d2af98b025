/* secret.h -- what a bearer token looks like, and the hash that is kept of it. */
#ifndef RB_API_SECRET_H
#define RB_API_SECRET_H

#define SECRET_PREFIX "rbt_"
#define SECRET_SHA256_SIZE 65

/* secret_sha256: 64 hexadecimal digits. */
void secret_sha256(char buf[SECRET_SHA256_SIZE], const char *secret);

#endif
