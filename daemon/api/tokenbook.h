/* tokenbook.h -- the site's tokens beside Redis, so that a telephone system may
 * push while Redis is away: in memory, read anew whenever the site's log says
 * that they have changed, and in a file for a daemon that starts without Redis.
 * Redis's word counts as long as it answers. */
#ifndef RB_API_TOKENBOOK_H
#define RB_API_TOKENBOOK_H

#include "daemon/api/caller.h"

struct record;
struct store;
struct tokenbook;

/* tokenbook_new: reads the file; path "" for none.  Borrows the store. */
struct tokenbook *tokenbook_new(struct store *, const char *site,
				const char *path);
void
tokenbook_free(struct tokenbook *); /* after the store's link; NULL allowed */

/* tokenbook_look: asks Redis for all: when the link to it is there. */
void tokenbook_look(struct tokenbook *);
/* tokenbook_entry: of the site's log; looks where it is about tokens. */
void tokenbook_entry(struct tokenbook *, const struct record *);

/* tokenbook_find: whose token it is, as of the last time that Redis said so.
 * The name is borrowed until the loop turns; ROLE_NONE: not known. */
struct caller tokenbook_find(const struct tokenbook *, const char *sha256);
/* tokenbook_heard: what Redis has just answered about one; ROLE_NONE: there is
 * none.  Looks again where the book says otherwise. */
void tokenbook_heard(struct tokenbook *, const char *sha256, enum role);

#endif
