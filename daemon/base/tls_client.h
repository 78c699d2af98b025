/* tls_client.h -- TLS to another program: version 1.2 or newer, its certificate
 * is checked up to a known authority and against the host that was asked for,
 * by name or by number. */
#ifndef RB_BASE_TLS_CLIENT_H
#define RB_BASE_TLS_CLIENT_H

#include <stdbool.h>

#include "daemon/base/fault.h"

struct bufferevent;
struct event_base;
struct tls_client;

/* How sentences call the other program, and the options about it.  Borrowed for
 * ever: literals. */
struct tls_client_words {
	const char *peer;   /* "Redis" */
	const char *prefix; /* of the options below: "redis_" */
	const char *where;  /* the option that says where it is: "redis_url" */
};

struct tls_client_files { /* "" for none */
	const char *ca;   /* authorities (PEM); none: those of the system */
	const char *cert; /* our own, with its chain (PEM) */
	const char *key;  /* its key, which others cannot read */
	const struct tls_client_words *words;
};

/* tls_client_new: reads the files.  NULL and a sentence. */
struct tls_client *tls_client_new(const struct tls_client_files *,
				  struct fault *);
/* tls_client_free: links that it began live on.  NULL is allowed. */
void tls_client_free(struct tls_client *);

/* tls_client_link: not connected yet; BEV_EVENT_CONNECTED comes when the other
 * side is known to be host.  NULL without memory. */
struct bufferevent *tls_client_link(struct tls_client *, struct event_base *,
				    const char *host, bool is_number);

/* tls_client_why: why TLS failed, in words; NULL where it did not, or is not
 * there. */
const char *tls_client_why(struct bufferevent *);

#endif
