/* token.h -- the secret that opens a daemon on another machine.  It stands in
 * a file that only its owner can read, and is never shown. */
#ifndef RB_CLIENT_TOKEN_H
#define RB_CLIENT_TOKEN_H

#include <stddef.h>

/* token_read: the header line with the token of that file (NULL:
 * ~/.config/ringback/token).  token_free it.  -1 with a sentence. */
int token_read(char **ret_header, const char *path, char *why, size_t size);
void token_free(char *header); /* NULL is allowed */

#endif
