#include "daemon/store/whereabouts.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "daemon/base/address.h"
#include "daemon/base/text.h"

#define SLOTS 16384

int
whereabouts_slot(const char *site)
{
	unsigned crc = 0;

	for (const unsigned char *p = (const unsigned char *)site; *p != '\0';
	     p++) {
		crc ^= (unsigned)*p << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021
						  : crc << 1;
		crc &= 0xffff;
	}
	return (int)(crc % SLOTS);
}

static int
read_host(struct address *ret, const char *host, const char *port)
{
	struct fault ignored;
	char text[300];
	int64_t n;

	if (text_int64(&n, port, 1, 65535) < 0 || *host == '/' ||
	    strlen(host) > 255)
		return -1;
	(void)snprintf(text, sizeof text,
	    strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host, port);
	return address_parse(ret, text, -1, &ignored);
}

static const char *
text_of(const redisReply *r)
{
	return (r->type == REDIS_REPLY_STRING ||
		   r->type == REDIS_REPLY_STATUS) &&
		strlen(r->str) == (size_t)r->len
	    ? r->str
	    : "";
}

int
whereabouts_sentinel(struct address *ret, const redisReply *r)
{
	if (r->type != REDIS_REPLY_ARRAY || r->elements != 2)
		return -1;
	return read_host(ret, text_of(r->element[0]), text_of(r->element[1]));
}

/* {from, to, {host, port, ...}, replicas ...} */
static bool
is_range_with(const redisReply *r, int slot)
{
	return r->type == REDIS_REPLY_ARRAY && r->elements >= 3 &&
	    r->element[0]->type == REDIS_REPLY_INTEGER &&
	    r->element[1]->type == REDIS_REPLY_INTEGER &&
	    r->element[0]->integer <= slot && slot <= r->element[1]->integer &&
	    r->element[2]->type == REDIS_REPLY_ARRAY &&
	    r->element[2]->elements >= 2 &&
	    r->element[2]->element[1]->type == REDIS_REPLY_INTEGER;
}

int
whereabouts_cluster(struct address *ret, const redisReply *r, int slot,
    const struct address *who)
{
	char port[24];
	const char *host;

	for (size_t i = 0; r->type == REDIS_REPLY_ARRAY && i < r->elements;
	     i++) {
		const redisReply *range = r->element[i];

		if (!is_range_with(range, slot))
			continue;
		host = text_of(range->element[2]->element[0]);
		(void)snprintf(port, sizeof port, "%lld",
		    range->element[2]->element[1]->integer);
		return read_host(ret,
		    *host == '\0' || strcmp(host, "?") == 0 ? who->host : host,
		    port);
	}
	return -1;
}

int
whereabouts_moved(
    struct address *ret, const char *error, const struct address *who)
{
	const char *at = strrchr(error, ' '), *colon = strrchr(error, ':');
	char host[256];
	size_t n;

	if (strncmp(error, "MOVED ", 6) != 0 || at == NULL || colon == NULL ||
	    colon < at)
		return -1;
	n = (size_t)(colon - at - 1);
	if (n >= sizeof host)
		return -1;
	memcpy(host, at + 1, n);
	host[n] = '\0';
	return read_host(ret, n > 0 ? host : who->host, colon + 1);
}
