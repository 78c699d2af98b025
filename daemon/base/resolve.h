/* resolve.h -- the addresses of a host name, without blocking: /etc/hosts and
 * the name servers of /etc/resolv.conf, both read anew each time, so that a
 * change of either needs no restart. */
#ifndef RB_BASE_RESOLVE_H
#define RB_BASE_RESOLVE_H

#include <stdint.h>
#include <sys/socket.h>

struct event_base;
struct resolve;

struct resolve_options {
	struct event_base *base; /* borrowed */
	const char *host;
	uint16_t port;    /* put into the address */
	unsigned attempt; /* of several addresses, which: 0, 1, 2 and around */
	const char *hosts_file, *resolv_conf; /* NULL: the system's; tests */
};

/* Told once, never inside resolve_new: the address, or NULL and why not. */
typedef void resolve_done(void *cookie, const struct sockaddr *, socklen_t len,
			  const char *why);

struct resolve *resolve_new(const struct resolve_options *, resolve_done *,
			    void *cookie);
/* resolve_free: at any time, also from inside resolve_done; then nothing more
 * is told.  What it used goes away when the loop next turns. */
void resolve_free(struct resolve *);

#endif
