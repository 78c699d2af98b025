/* TLS to Redis: only to the one whose certificate says that it is the one in
 * redis_url. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "daemon/base/text.h"
#include "tests/harness/certs.h"
#include "tests/harness/port.h"
#include "tests/system/team.h"

#define SAID_MS 10000

TestSuite(system_redis_tls, .timeout = 60);

struct place {
	char *folder;
	struct port port;
	struct redis *redis;
	char *head, *url;
};

/* more: the server's own arguments; NULL: none. */
static void
place_start(struct place *p, const char *alternatives, const char *const *more)
{
	char port[8], cert[128], key[128], ca[128];
	const char *extra[20] = { "--tls-port",         port,
				  "--tls-cert-file",    cert,
				  "--tls-key-file",     key,
				  "--tls-ca-cert-file", ca };
	const struct redis_options o = { .extra = extra };
	size_t n = 8;

	p->folder = redis_folder_new();
	p->port = port_reserve();
	certs_authority(p->folder, "site");
	certs_make(p->folder, "site", "redis", alternatives);
	(void)snprintf(port, sizeof port, "%u", (unsigned)p->port.number);
	(void)snprintf(cert, sizeof cert, "%s/redis.pem", p->folder);
	(void)snprintf(key, sizeof key, "%s/redis.key", p->folder);
	(void)snprintf(ca, sizeof ca, "%s/site.pem", p->folder);
	while (more != NULL && *more != NULL)
		extra[n++] = *more++;
	if (more == NULL) {
		extra[n++] = "--tls-auth-clients";
		extra[n++] = "no";
	}
	p->redis = redis_start_with(&o);
	p->head = text_print("redis_ca = \"%s/site.pem\"\n", p->folder);
	p->url = NULL;
}

static struct daemon_options
options_for(struct place *p, const char *host)
{
	free(p->url);
	p->url = text_print("rediss://%s:%u", host, (unsigned)p->port.number);
	return (struct daemon_options){ .redis = p->redis,
					.redis_url = p->url,
					.head = p->head };
}

static void
place_stop(struct place *p)
{
	redis_stop(p->redis);
	port_release(&p->port);
	redis_folder_remove(p->folder);
	free(p->folder);
	free(p->head);
	free(p->url);
}

/* ---- who is let in ------------------------------------------------------ */

static bool
has_begun(void *cookie)
{
	return strstr(web_so_far(cookie), "retry: ") != NULL;
}

static bool
has_seen_it(void *cookie)
{
	return strstr(web_so_far(cookie), "\"made\"") != NULL;
}

/* Calls go over one link, what is watched comes over the other. */
static void
serves(struct place *p, const char *host)
{
	const struct web_request log = { .path = "/v1/log" };
	const struct daemon_options o = options_for(p, host);
	struct team *t;
	struct web *watcher;

	t = team_start(1, &o);
	watcher = web_unix(daemon_socket(t->daemon[0]));
	crowd_ask(t->crowd, watcher, &log, NULL, NULL);
	cr_assert(crowd_until(t->crowd, has_begun, watcher, SAID_MS));
	(void)team_miss(t, 0, host, "+49301820001");
	cr_assert(crowd_until(t->crowd, has_seen_it, watcher, SAID_MS), "%s",
		  web_so_far(watcher));
	/* One reads the log, one calls: no link goes around TLS. */
	cr_assert_not_null(
	    strstr(redis_str(t->redis, "CLIENT", "LIST", NULL), "cmd=xread"));
	crowd_drop(t->crowd, watcher);
	web_free(watcher);
	p->redis = NULL; /* the team's */
	team_stop(t);
}

Test(system_redis_tls, a_certificate_for_the_name_is_believed)
{
	struct place p;

	place_start(&p, "DNS:localhost", NULL);
	serves(&p, "localhost");
	place_stop(&p);
}

Test(system_redis_tls, a_certificate_for_the_address_is_believed)
{
	struct place p;

	place_start(&p, "IP:127.0.0.1", NULL);
	serves(&p, "127.0.0.1");
	place_stop(&p);
}

Test(system_redis_tls, a_server_that_asks_for_one_gets_our_certificate)
{
	static const char *const asks[] = { "--tls-auth-clients", "yes", NULL };
	struct place p;
	char *head;

	place_start(&p, "DNS:localhost", asks);
	certs_make(p.folder, "site", "client", "");
	head = text_print("%sredis_cert = \"%s/client.pem\"\n"
			  "redis_key = \"%s/client.key\"\n",
			  p.head, p.folder, p.folder);
	free(p.head);
	p.head = head;
	serves(&p, "localhost");
	place_stop(&p);
}

/* ---- who is not --------------------------------------------------------- */

static void
is_refused(struct place *p, const char *host, const char *why)
{
	const struct daemon_options o = options_for(p, host);
	struct daemon *d = daemon_launch(&o);

	cr_assert(daemon_said(d, why, 1, SAID_MS), "%s", why);
	cr_assert_eq(daemon_probe(d, "/readyz", SAID_MS), 503);
	/* Not one word was said to it. */
	cr_assert_eq(redis_int(p->redis, "EXISTS", "rb:{t}:policy", NULL), 0);
	daemon_free(d);
	place_stop(p);
}

Test(system_redis_tls, a_certificate_for_another_name_is_not)
{
	struct place p;

	place_start(&p, "DNS:elsewhere,IP:127.0.0.1", NULL);
	is_refused(&p, "localhost", "is for another host");
}

Test(system_redis_tls, a_certificate_for_another_address_is_not)
{
	struct place p;

	place_start(&p, "DNS:localhost,IP:127.0.0.2", NULL);
	is_refused(&p, "127.0.0.1", "is for another host");
}

Test(system_redis_tls, an_expired_certificate_is_not)
{
	struct place p;

	place_start(&p, "DNS:localhost", NULL);
	free(certs_shell(
	    "cd %s && openssl x509 -req -in redis.csr -CA site.pem -CAkey "
	    "site.key -CAcreateserial -days -1 -copy_extensions copy -out "
	    "redis.pem 2>&1",
	    p.folder));
	/* It reads its files again. */
	redis_must(p.redis, "CONFIG", "SET", "tls-session-caching", "no", NULL);
	is_refused(&p, "localhost", "has expired");
}

Test(system_redis_tls, a_certificate_of_an_unknown_authority_is_not)
{
	struct place p;

	place_start(&p, "DNS:localhost", NULL);
	certs_authority(p.folder, "other");
	free(p.head);
	p.head = text_print("redis_ca = \"%s/other.pem\"\n", p.folder);
	is_refused(&p, "localhost", "nobody whom redis_ca knows");
}

Test(system_redis_tls, a_server_that_speaks_only_tls_1_1_is_not)
{
	static const char *const old[] = { "--tls-auth-clients",
					   "no",
					   "--tls-protocols",
					   "TLSv1.1",
					   "--tls-ciphers",
					   "DEFAULT:@SECLEVEL=0",
					   NULL };
	struct place p;

	place_start(&p, "DNS:localhost", old);
	is_refused(&p, "localhost", "TLS with Redis failed");
}

Test(system_redis_tls, a_key_that_everybody_can_read_is_refused_at_start)
{
	struct place p;
	struct daemon_options o;
	struct daemon *d;
	char *head, *key;

	place_start(&p, "DNS:localhost", NULL);
	certs_make(p.folder, "site", "client", "");
	key = text_print("%s/client.key", p.folder);
	cr_assert_eq(chmod(key, 0644), 0);
	head = text_print("%sredis_cert = \"%s/client.pem\"\n"
			  "redis_key = \"%s\"\n",
			  p.head, p.folder, key);
	o = options_for(&p, "localhost");
	o.head = head;
	d = daemon_launch(&o);
	cr_assert_eq(daemon_ended(d, SAID_MS), EX_UNAVAILABLE);
	cr_assert(daemon_said(d, "everybody can read", 1, SAID_MS));
	daemon_free(d);
	place_stop(&p);
	free(head);
	free(key);
}
