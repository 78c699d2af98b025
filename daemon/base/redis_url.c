#include "daemon/base/redis_url.h"

#include <string.h>

#include "daemon/base/text.h"

#define LONGEST_HOST 300

static const struct scheme {
	const char *prefix;
	enum redis_kind kind;
	bool tls;
	int port;
} schemes[] = {
	{ "redis://", REDIS_FIXED, false, 6379 },
	{ "rediss://", REDIS_FIXED, true, 6379 },
	{ "sentinel://", REDIS_SENTINEL, false, 26379 },
	{ "sentinels://", REDIS_SENTINEL, true, 26379 },
	{ "cluster://", REDIS_CLUSTER, false, 6379 },
	{ "clusters://", REDIS_CLUSTER, true, 6379 },
};

static const struct scheme *
scheme_of(const char *text)
{
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		if (strncmp(text, schemes[i].prefix,
			    strlen(schemes[i].prefix)) == 0)
			return &schemes[i];
	}
	return NULL;
}

/* What stands before the '@': a user, or the name of a master. */
static int
take_name(char *ret, size_t size, const char **text)
{
	const char *at = strchr(*text, '@');
	size_t n = at != NULL ? (size_t)(at - *text) : 0;

	if (at == NULL)
		return 0;
	if (n >= size)
		return -1;
	memcpy(ret, *text, n);
	ret[n] = '\0';
	*text = at + 1;
	return text_is_name(ret) ? 0 : -1;
}

/* Twice the same would have two voices among the sentinels. */
static bool
has_host(const struct redis_url *u, const struct address *a)
{
	for (size_t i = 0; i < u->count; i++) {
		if (u->hosts[i].port == a->port &&
		    strcmp(u->hosts[i].host, a->host) == 0)
			return true;
	}
	return false;
}

static int
take_hosts(struct redis_url *u, const struct scheme *s, const char *text,
	   struct fault *fault)
{
	char one[LONGEST_HOST];
	size_t n;

	for (;; text += n + 1) {
		struct address *a = &u->hosts[u->count];

		n = strcspn(text, ",");
		if (u->count == REDIS_URL_HOSTS || n >= sizeof one) {
			fault_set(
			    fault,
			    "redis_url names more than %d hosts, or one that "
			    "is too long.",
			    REDIS_URL_HOSTS);
			return -1;
		}
		memcpy(one, text, n);
		one[n] = '\0';
		if (strchr(one, '/') != NULL || strncmp(one, "unix:", 5) == 0 ||
		    address_parse(a, one, s->port, fault) < 0 || a->port == 0) {
			fault_set(
			    fault,
			    "redis_url: \"%s\" is no host with a port, such as "
			    "\"10.0.0.7:%d\" or \"[2001:db8::7]:%d\".",
			    one, s->port, s->port);
			return -1;
		}
		if (has_host(u, a)) {
			fault_set(fault, "redis_url names \"%s\" twice.", one);
			return -1;
		}
		u->count++;
		if (text[n] == '\0')
			return 0;
		if (s->kind == REDIS_FIXED) {
			fault_set(
			    fault,
			    "redis_url: a list of hosts belongs to sentinel:// "
			    "or cluster://; redis:// has one.");
			return -1;
		}
	}
}

static int
parse_network(struct redis_url *u, const struct scheme *s, const char *rest,
	      struct fault *fault)
{
	bool sentinel = s->kind == REDIS_SENTINEL;
	const char *at = strrchr(rest, '@');

	u->kind = s->kind;
	u->tls = s->tls;
	if (at != NULL && memchr(rest, ':', (size_t)(at - rest)) != NULL) {
		fault_set(
		    fault,
		    "redis_url cannot have a password: write it into a file, "
		    "and the path of that into redis_secret_file.");
		return -1;
	}
	if (take_name(sentinel ? u->master : u->user, sizeof u->user, &rest) <
	    0) {
		fault_set(
		    fault,
		    "redis_url: what stands before the @ is no name of %s.",
		    sentinel ? "a master" : "a user");
		return -1;
	}
	if (sentinel && *u->master == '\0') {
		fault_set(
		    fault,
		    "redis_url needs the name that the sentinels give the "
		    "master: \"sentinel://NAME@HOST:26379,HOST:26379\".");
		return -1;
	}
	return take_hosts(u, s, rest, fault);
}

int
redis_url_parse(struct redis_url *ret, const char *text, struct fault *fault)
{
	const struct scheme *s = scheme_of(text);
	struct redis_url u = { .kind = REDIS_FIXED };

	if (s != NULL) {
		if (parse_network(&u, s, text + strlen(s->prefix), fault) < 0)
			return -1;
	} else if (strncmp(text, "unix:///", 8) == 0) {
		if (address_parse(&u.hosts[0], text, -1, fault) < 0)
			return -1;
		u.count = 1;
	} else {
		fault_set(fault, "redis_url is neither \"unix:///PATH\" nor "
				 "\"redis://HOST:PORT\" (rediss:// with TLS), "
				 "\"sentinel://NAME@HOST:PORT,...\" or "
				 "\"cluster://HOST:PORT,...\".");
		return -1;
	}
	*ret = u;
	return 0;
}
