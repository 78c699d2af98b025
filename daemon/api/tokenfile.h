/* tokenfile.h -- the site's tokens in a small file, for a daemon that starts
 * while Redis is away: their SHA-256, names and roles, never a token.
 *
 *	ringback-tokens 1 SITE
 *	<64 hexadecimal digits> <role> <name>
 *	end <how many lines lie between>
 *
 * It is written beside, synced and renamed, so it is whole or not there. */
#ifndef RB_API_TOKENFILE_H
#define RB_API_TOKENFILE_H

#include <stddef.h>

#include "daemon/api/caller.h"
#include "daemon/api/secret.h"
#include "daemon/base/fault.h"

struct token_entry {
	char sha256[SECRET_SHA256_SIZE];
	char name[65];
	enum role role;
};

/* tokenfile_read: *ret is the caller's (free).  0 tokens where there is no
 * file.  -1 and a sentence where it cannot be read, is another site's or is
 * not whole, or where others than we and root may write or read it. */
int tokenfile_read(const char *path, const char *site, struct token_entry **ret,
		   size_t *ret_count, struct fault *);

/* tokenfile_write: mode 0600.  0, or -1 and a sentence; then what was there
 * before is as it was.  Blocks for one fsync: for changes only. */
int tokenfile_write(const char *path, const char *site,
		    const struct token_entry *, size_t count, struct fault *);

#endif
