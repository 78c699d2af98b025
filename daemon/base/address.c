#include "daemon/base/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "daemon/base/text.h"

static bool
take_prefix(const char **text, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strncmp(*text, prefix, n) != 0)
		return false;
	*text += n;
	return true;
}

static int
parse_path(struct address *a, const char *path, struct fault *fault)
{
	struct sockaddr_un *sun = (struct sockaddr_un *)&a->sa;
	size_t n = strlen(path);

	if (n >= sizeof sun->sun_path || *path != '/') {
		fault_set(fault, "\"%.200s\" is no socket path: it must begin "
				 "with / and have fewer than %zu characters.",
		    path, sizeof sun->sun_path);
		return -1;
	}
	a->kind = ADDRESS_UNIX;
	sun->sun_family = AF_UNIX;
	memcpy(sun->sun_path, path, n + 1);
	memcpy(a->host, path, n + 1);
	a->sa_len = sizeof *sun;
	return 0;
}

/* The host, without brackets; *ret_port is what follows the colon, or NULL. */
static int
split(struct address *a, const char *text, const char **ret_port)
{
	const char *end, *from = text;
	size_t n;

	if (*text == '[') {
		from = text + 1;
		end = strchr(from, ']');
		if (end == NULL || (end[1] != ':' && end[1] != '\0'))
			return -1;
		*ret_port = end[1] == ':' ? end + 2 : NULL;
	} else {
		end = strchr(text, ':');
		if (end != NULL && strchr(end + 1, ':') != NULL)
			return -1; /* IPv6 without brackets: which is the port? */
		*ret_port = end != NULL ? end + 1 : NULL;
	}
	n = end != NULL ? (size_t)(end - from) : strlen(from);
	if (n == 0 || n >= sizeof a->host)
		return -1;
	memcpy(a->host, from, n);
	a->host[n] = '\0';
	return 0;
}

static int
resolve(struct address *a, bool bracketed)
{
	struct sockaddr_in *in4 = (struct sockaddr_in *)&a->sa;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&a->sa;

	a->kind = ADDRESS_IP;
	if (inet_pton(AF_INET6, a->host, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(a->port);
		a->sa_len = sizeof *in6;
		return 0;
	}
	if (bracketed)
		return -1;
	if (inet_pton(AF_INET, a->host, &in4->sin_addr) == 1) {
		in4->sin_family = AF_INET;
		in4->sin_port = htons(a->port);
		a->sa_len = sizeof *in4;
		return 0;
	}
	a->kind = ADDRESS_NAME;
	for (const char *s = a->host; *s != '\0'; s++) {
		if (!isalnum((unsigned char)*s) && strchr(".-_", *s) == NULL)
			return -1;
	}
	return 0;
}

int
address_parse(struct address *ret, const char *text, int port,
    struct fault *fault)
{
	struct address a = { 0 };
	const char *whole = text, *digits = NULL;
	int64_t n = port;

	if (take_prefix(&text, "unix://") || take_prefix(&text, "unix:") ||
	    *text == '/') {
		if (parse_path(&a, text, fault) < 0)
			return -1;
		*ret = a;
		return 0;
	}
	if (!take_prefix(&text, "redis://"))
		(void)take_prefix(&text, "tcp://");
	if (split(&a, text, &digits) < 0 ||
	    (digits == NULL && port < 0) ||
	    (digits != NULL && text_int64(&n, digits, 0, 65535) < 0)) {
		fault_set(fault, "\"%.200s\" is no address: write a host and "
				 "a port, such as 127.0.0.1:8025 or "
				 "[::1]:8025, or a path such as /run/x.sock; "
				 "a port is 0 to 65535.", whole);
		return -1;
	}
	a.port = (uint16_t)n;
	if (resolve(&a, *text == '[') < 0) {
		fault_set(fault, "\"%.200s\" is no address and no host name.",
		    whole);
		return -1;
	}
	*ret = a;
	return 0;
}

bool
address_is_near(const struct address *a)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&a->sa;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&a->sa;

	if (a->kind != ADDRESS_IP)
		return a->kind == ADDRESS_UNIX;
	if (a->sa.ss_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}
