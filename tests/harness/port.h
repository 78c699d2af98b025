/* port.h -- a TCP port of 127.0.0.1 for a server that must find it again after
 * each restart: from below the range of the kernel's own choice, and nobody
 * else's who asks here, in whatever program. */
#ifndef RB_TESTS_HARNESS_PORT_H
#define RB_TESTS_HARNESS_PORT_H

#include <stdint.h>

struct port {
	uint16_t number; /* 0: none */
	int keeper;      /* what reserves it; while it is open, it is ours */
};

struct port port_reserve(void);   /* aborts where there is none */
void port_release(struct port *); /* number 0: nothing happens */

#endif
