/* origin.h -- where a connection comes from, as a text for the log and as what
 * limits count. */
#ifndef RB_API_ORIGIN_H
#define RB_API_ORIGIN_H

#include <sys/socket.h>

#define ORIGIN_SIZE 56
#define ORIGIN_FROM_SIZE 128 /* with the name of a certificate */

/* Texts; "" where the kernel does not say. */
struct origin {
	/* "unix:1000", "203.0.113.5", "2001:db8::7": no port; an IPv4 address
	 * that came over IPv6 (RFC 4291, 2.5.5.2) is one of IPv4.  With a
	 * client's certificate "pbx1.acme.example@203.0.113.5". */
	char from[ORIGIN_FROM_SIZE];
	/* who is counted as one: as from, but of IPv6 "2001:db8::/64", for one
	 * site has a whole /64 (RFC 4291, 2.5.4) */
	char counted[ORIGIN_SIZE];
};

/* origin_of: of a connected socket; origin_of_address: of an address of IPv4
 * or IPv6, else "". */
void origin_of(struct origin *ret, int fd);
void origin_of_address(struct origin *ret, const struct sockaddr *);

#endif
