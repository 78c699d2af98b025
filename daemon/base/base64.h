/* base64.h -- base64 (RFC 4648, section 4), strictly: with its padding, without
 * line ends. */
#ifndef RB_BASE_BASE64_H
#define RB_BASE_BASE64_H

#include <stddef.h>

/* base64_decode: NUL-terminated besides, free(); NULL where it is none. */
char *base64_decode(const char *text, size_t len, size_t *ret_len);

/* base64_encode: free(). */
char *base64_encode(const void *data, size_t len);

#endif
