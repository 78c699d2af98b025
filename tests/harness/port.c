#include "tests/harness/port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOWEST 12000
#define HIGHEST 31999 /* Linux chooses from 32768 upward */
#define TRIES 1000

static int
bound(int type, uint16_t port)
{
	const struct sockaddr_in at = { .sin_family = AF_INET,
					.sin_port = htons(port),
					.sin_addr = {
					    htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

static bool
is_free(uint16_t port)
{
	int fd = bound(SOCK_STREAM, port);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

/* The server itself wants the TCP port, at a time of its own: what we keep is
 * the UDP port of that number, which ends with us however we end. */
struct port
port_reserve(void)
{
	struct port p = { 0 };

	for (int tries = 0; tries < TRIES; tries++) {
		unsigned dice;

		if (getrandom(&dice, sizeof dice, 0) != sizeof dice)
			break;
		p.number = (uint16_t)(LOWEST + dice % (HIGHEST - LOWEST + 1));
		p.keeper = bound(SOCK_DGRAM, p.number);
		if (p.keeper >= 0 && is_free(p.number))
			return p;
		if (p.keeper >= 0)
			(void)close(p.keeper);
	}
	(void)fprintf(stderr, "harness: no free port of 127.0.0.1\n");
	abort();
}

void
port_release(struct port *p)
{
	if (p->number != 0)
		(void)close(p->keeper);
	p->number = 0;
}
