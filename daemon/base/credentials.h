/* credentials.h -- as whom another program is spoken to: its user and the
 * password from a file.  The password is never printed anywhere. */
#ifndef RB_BASE_CREDENTIALS_H
#define RB_BASE_CREDENTIALS_H

#include "daemon/base/fault.h"

struct credentials {
	char *user;   /* owned; "" or NULL: the default */
	char *secret; /* owned; "" or NULL: none is sent */
};

/* credentials_read: the first line of the file is the password; "" for no
 * file.  `what` is the name of the option that names it.  One that everybody can read, is empty, or is no file: -1 with a
 * sentence, and *ret untouched.  What *ret had is freed. */
int credentials_read(struct credentials *ret, const char *user,
		     const char *file, const char *what, struct fault *);
void credentials_done(struct credentials *); /* {0} is allowed */

/* credentials_file_ok: what must be a secret is a file, and not everybody can
 * read or write it. */
int credentials_file_ok(const char *path, const char *what, struct fault *);

#endif
