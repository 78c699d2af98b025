/* address.h -- where something listens, as the configuration writes it:
 * "/run/x.sock", "unix:///run/x.sock", "127.0.0.1:8025", "[::1]:8025",
 * "redis://host:6379".  Pure: a name is not looked up here. */
#ifndef RB_BASE_ADDRESS_H
#define RB_BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "daemon/base/fault.h"

enum address_kind { ADDRESS_UNIX, ADDRESS_IP, ADDRESS_NAME };

struct address {
	enum address_kind kind;
	char host[256];              /* path, number or name, as it was written */
	uint16_t port;               /* 0 for ADDRESS_UNIX */
	struct sockaddr_storage sa;  /* not for ADDRESS_NAME */
	socklen_t sa_len;
};

/* address_parse: port is taken where the text names none; -1 makes one needed.
 * 0, or -1 with the sentence in fault and *ret untouched. */
int address_parse(
    struct address *ret, const char *text, int port, struct fault *);

/* address_is_near: only this machine can speak to it: a Unix socket, or a
 * loopback address (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3). */
bool address_is_near(const struct address *);

#endif
