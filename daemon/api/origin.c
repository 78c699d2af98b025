#include "daemon/api/origin.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void
of_v4(struct origin *o, const void *address)
{
	(void)inet_ntop(AF_INET, address, o->from, sizeof o->from);
	memcpy(o->counted, o->from, sizeof o->counted);
}

static void
of_v6(struct origin *o, const struct in6_addr *address)
{
	struct in6_addr net = *address;
	char text[INET6_ADDRSTRLEN] = "";

	if (IN6_IS_ADDR_V4MAPPED(address)) {
		of_v4(o, address->s6_addr + 12);
		return;
	}
	(void)inet_ntop(AF_INET6, address, o->from, sizeof o->from);
	memset(net.s6_addr + 8, 0, 8);
	(void)inet_ntop(AF_INET6, &net, text, sizeof text);
	(void)snprintf(o->counted, sizeof o->counted, "%s/64", text);
}

void
origin_of_address(struct origin *o, const struct sockaddr *sa)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	*o = (struct origin){ "", "" };
	if (sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof v4);
		of_v4(o, &v4.sin_addr);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&v6, sa, sizeof v6);
		of_v6(o, &v6.sin6_addr);
	}
}

void
origin_of(struct origin *o, int fd)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof sa;
	struct ucred cred;
	socklen_t cred_len = sizeof cred;

	*o = (struct origin){ "", "" };
	if (getpeername(fd, (struct sockaddr *)&sa, &len) < 0)
		return;
	if (sa.ss_family != AF_UNIX) {
		origin_of_address(o, (struct sockaddr *)&sa);
		return;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &cred_len) < 0)
		return;
	(void)snprintf(o->from, sizeof o->from, "unix:%ju",
		       (uintmax_t)cred.uid);
	memcpy(o->counted, o->from, sizeof o->counted);
}
