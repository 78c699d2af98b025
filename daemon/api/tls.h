/* tls.h -- TLS 1.2 and newer for those who come over the network (RFC 8446,
 * RFC 9325): the certificate, its key, and whose certificates clients need.
 * Only http*.c, the server and --check include it. */
#ifndef RB_API_TLS_H
#define RB_API_TLS_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/fault.h"

#define TLS_NAME_SIZE 65

struct ssl_st;
struct tls;

/* All in PEM. */
struct tls_files {
	const char *cert;      /* with the chain up to its CA behind it */
	const char *key;       /* nobody but owner and group may read it */
	const char *client_ca; /* clients need a certificate of it; "": none */
};

/* tls_new: reads the files.  NULL and a sentence where one is not fit. */
struct tls *tls_new(const struct tls_files *, struct fault *);
void tls_free(struct tls *); /* those that were accepted go on; NULL allowed */

/* tls_reload: for all that come from now on.  0; or -1 and the sentence, and
 * what was there before stays in force. */
int tls_reload(struct tls *, const struct tls_files *, struct fault *);

/* tls_expires_ms: wall time at which the certificate ends. */
int64_t tls_expires_ms(const struct tls *);

/* ---- one connection.  tls_accept: for the server's side of a new one, the
 * caller's (tls_end); NULL without memory. */
struct ssl_st *tls_accept(struct tls *);
/* tls_bye: says that nothing more comes, if it can be said at once. */
void tls_bye(struct ssl_st *);
void tls_end(struct ssl_st *); /* NULL is allowed */

/* tls_peer_name: the first DNS name or address of mail, else the common name,
 * of the certificate that the client proved to have; other bytes than letters,
 * digits and "._@*-" as '?'.  "" where it has none. */
void tls_peer_name(const struct ssl_st *, char buf[TLS_NAME_SIZE]);

/* tls_failed: a handshake did not end well; error as of OpenSSL, from as of
 * req_from.  Logged at once, then at most once a minute with their number. */
void tls_failed(struct tls *, unsigned long error, const char *from);

#endif
