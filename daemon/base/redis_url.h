/* redis_url.h -- where Redis is, as the configuration writes it.  Pure.
 *
 *	unix:///PATH
 *	redis://[USER@]HOST[:PORT]            one Redis
 *	sentinel://MASTER@HOST[:PORT],HOST... the master of that name, as most
 *	                                      of these sentinels know it
 *	cluster://[USER@]HOST[:PORT],HOST...  a Cluster, by some of its nodes
 *
 * With rediss, sentinels and clusters every connection is TLS.  A port that is
 * not given is 6379, or 26379 for a sentinel.  A password is refused: it would
 * stand in every listing. */
#ifndef RB_BASE_REDIS_URL_H
#define RB_BASE_REDIS_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/address.h"
#include "daemon/base/fault.h"

#define REDIS_URL_HOSTS 16

enum redis_kind { REDIS_FIXED, REDIS_SENTINEL, REDIS_CLUSTER };

struct redis_url {
	enum redis_kind kind;
	bool tls;
	char user[65];   /* "" where none was given */
	char master[65]; /* REDIS_SENTINEL: its name; else "" */
	struct address hosts[REDIS_URL_HOSTS];
	size_t count; /* 1 for REDIS_FIXED */
};

/* redis_url_parse: 0, or -1 with a sentence and *ret untouched. */
int redis_url_parse(struct redis_url *ret, const char *text, struct fault *);

#endif
