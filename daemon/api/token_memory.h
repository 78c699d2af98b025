/* token_memory.h -- whose a token was when Redis said so last, for the time in
 * which Redis cannot be asked: a telephone system must be able to push also
 * then.  Only digests are kept, of a bounded number of tokens; the one used
 * longest ago is forgotten first. */
#ifndef RB_API_TOKEN_MEMORY_H
#define RB_API_TOKEN_MEMORY_H

#include <stddef.h>

#include "daemon/api/caller.h"

struct token_memory;

struct token_memory *token_memory_new(size_t most);
void token_memory_free(struct token_memory *); /* NULL is allowed */

void token_memory_note(
    struct token_memory *, const char *sha256, const struct caller *);
void token_memory_forget(struct token_memory *, const char *sha256);
/* token_memory_find: borrowed until the next call; NULL: not known. */
const struct caller *token_memory_find(
    const struct token_memory *, const char *sha256);

#endif
