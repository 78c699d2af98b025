/* redis_tls.h -- TLS to Redis: version 1.2 or newer, the other side's certificate is
 * checked up to a known authority and against the host that was asked for, by
 * name or by number. */
#ifndef RB_STORE_REDIS_TLS_H
#define RB_STORE_REDIS_TLS_H

#include <stdbool.h>

#include "daemon/base/fault.h"

struct bufferevent;
struct event_base;
struct redis_tls;

struct redis_tls_files {        /* "" for none */
	const char *ca;   /* authorities (PEM); none: those of the system */
	const char *cert; /* our own, with its chain (PEM) */
	const char *key;  /* its key, which others cannot read */
};

/* redis_tls_new: reads the files.  NULL and a sentence. */
struct redis_tls *redis_tls_new(const struct redis_tls_files *, struct fault *);
void redis_tls_free(struct redis_tls *); /* links that it began live on; NULL is allowed */

/* redis_tls_link: not connected yet; BEV_EVENT_CONNECTED comes when the other side is
 * known to be host.  NULL without memory. */
struct bufferevent *redis_tls_link(struct redis_tls *, struct event_base *,
			     const char *host, bool is_number);

/* redis_tls_why: why TLS failed, in words; NULL where it did not, or is not there. */
const char *redis_tls_why(struct bufferevent *);

#endif
