/* Who sits at the other end of a connection, and whether he still does. */
#include "daemon/api/http_conn.h"

#include <poll.h>
#include <sys/socket.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

/* Not by reading ahead: what lies there unread would hide the end. */
bool
conn_alive(const struct conn *c)
{
	struct pollfd p = { .events = POLLRDHUP };

	if (c->closed)
		return false;
	p.fd = bufferevent_getfd(c->bev);
	return poll(&p, 1, 0) <= 0 ||
	    (p.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) == 0;
}

void
conn_peer(const struct conn *c, struct conn_peer *ret)
{
	struct ucred cred;
	socklen_t len = sizeof cred;
	struct sockaddr_storage sa = { 0 };
	socklen_t sa_len = sizeof sa;
	int fd = bufferevent_getfd(c->bev);

	*ret = (struct conn_peer){ 0 };
	if (c->closed ||
	    getsockname(fd, (struct sockaddr *)&sa, &sa_len) < 0 ||
	    sa.ss_family != AF_UNIX ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return;
	ret->local = true;
	ret->uid = cred.uid;
	ret->gid = cred.gid;
	len = sizeof ret->groups;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, ret->groups, &len) == 0)
		ret->count = len / sizeof *ret->groups;
}

const char *
conn_from(const struct conn *c)
{
	return c->origin.from;
}
