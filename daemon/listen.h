/* listen.h -- where the daemon is found: its own sockets or systemd's, and
 * their certificate. */
#ifndef RB_LISTEN_H
#define RB_LISTEN_H

#include "daemon/base/fault.h"

struct http;
struct policy;
struct tls;

/* listen_check: the certificate, its key and the CA of clients are fit for use;
 * *ret_warning is a line (free) where the certificate ends soon, else NULL.
 * -1 and a sentence where they are not. */
int listen_check(const struct policy *, char **ret_warning, struct fault *);

/* listen_begin: at socket, http and https, or at the sockets that systemd
 * passed; those that it calls "https" speak TLS.  *ret_tls is the caller's
 * (tls_free after http_free), NULL without https.  -1 and a sentence. */
int listen_begin(struct http *, const struct policy *, struct tls **ret_tls,
		 struct fault *);

/* listen_reload: the files anew, for all that come from now on.  -1 and a
 * sentence, and those before stay in force.  tls NULL: nothing to do. */
int listen_reload(struct tls *, const struct policy *, struct fault *);

#endif
