/* TLS on the listener: real clients, certificates made here. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/harness/certs.h"
#include "tests/system/team.h"

TestSuite(system_tls, .timeout = 60);

#define LOCAL "DNS:localhost,IP:127.0.0.1"

struct shop {
	char *folder; /* of the certificates */
	char head[2000];
	struct daemon_options options;
	struct team *team;
	unsigned port;
};

static unsigned
tls_port(struct shop *s)
{
	char *log = daemon_log(s->team->daemon[0]), *at, *last = NULL;
	unsigned port;

	for (at = strstr(log, " https="); at != NULL;
	     at = strstr(at + 1, " https="))
		last = at;
	port = last != NULL ? (unsigned)strtoul(last + 7, NULL, 10) : 0;
	free(log);
	return port;
}

/* The CA "site" and its certificate "web"; more lines for the configuration. */
static void
prepare(struct shop *s, const char *more)
{
	s->folder = redis_folder_new();
	certs_authority(s->folder, "site");
	certs_make(s->folder, "site", "web", LOCAL);
	(void)snprintf(s->head, sizeof s->head,
		       "https = \"127.0.0.1:0\"\nhttps_cert = \"%s/web.pem\"\n"
		       "https_key = \"%s/web.key\"\n%s",
		       s->folder, s->folder, more);
	s->options = (struct daemon_options){ .head = s->head };
}

static void
open_shop(struct shop *s, const char *more)
{
	prepare(s, more);
	s->team = team_start(1, &s->options);
	s->port = tls_port(s);
	cr_assert_neq(s->port, 0);
}

static void
close_shop(struct shop *s)
{
	team_stop(s->team);
	redis_folder_remove(s->folder);
	free(s->folder);
}

/* ---- a client ----------------------------------------------------------- */

struct get {
	const char *ca;   /* "site" */
	const char *cert; /* the client's own, or NULL */
	const char *path, *token, *body;
	long version; /* of TLS, only this one; 0: any */
};

static size_t
keep(char *data, size_t size, size_t n, void *cookie)
{
	char *body = cookie;
	size_t have = strlen(body);

	if (have + size * n < 65536) {
		memcpy(body + have, data, size * n);
		body[have + size * n] = '\0';
	}
	return size * n;
}

static void
set_files(CURL *c, const struct shop *s, const struct get *g)
{
	char path[4096];

	(void)snprintf(path, sizeof path, "%s/%s.pem", s->folder, g->ca);
	(void)curl_easy_setopt(c, CURLOPT_CAINFO, path);
	if (g->cert == NULL)
		return;
	(void)snprintf(path, sizeof path, "%s/%s.pem", s->folder, g->cert);
	(void)curl_easy_setopt(c, CURLOPT_SSLCERT, path);
	(void)snprintf(path, sizeof path, "%s/%s.key", s->folder, g->cert);
	(void)curl_easy_setopt(c, CURLOPT_SSLKEY, path);
}

/* The status; 0 where TLS or the connection failed. */
static long
ask(const struct shop *s, const struct get *g, char body[65536])
{
	CURL *c = curl_easy_init();
	struct curl_slist *headers = NULL;
	char url[200], token[300];
	long status = 0;

	(void)snprintf(url, sizeof url, "https://localhost:%u%s", s->port,
		       g->path);
	(void)snprintf(token, sizeof token, "Authorization: Bearer %s",
		       g->token != NULL ? g->token : "");
	if (g->token != NULL)
		headers = curl_slist_append(headers, token);
	headers = curl_slist_append(headers, "Content-Type: application/json");
	body[0] = '\0';
	(void)curl_easy_setopt(c, CURLOPT_URL, url);
	(void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, keep);
	(void)curl_easy_setopt(c, CURLOPT_WRITEDATA, body);
	(void)curl_easy_setopt(c, CURLOPT_TIMEOUT, 20L);
	if (g->body != NULL)
		(void)curl_easy_setopt(c, CURLOPT_POSTFIELDS, g->body);
	if (g->version != 0)
		(void)curl_easy_setopt(c, CURLOPT_SSLVERSION, g->version);
	set_files(c, s, g);
	if (curl_easy_perform(c) == CURLE_OK)
		(void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(c);
	return status;
}

static long
health(const struct shop *s, const char *ca, const char *cert)
{
	char body[65536];

	return ask(s,
		   &(struct get){ .ca = ca, .cert = cert, .path = "/healthz" },
		   body);
}

static int
connect_to(unsigned port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert(connect(fd, (struct sockaddr *)&sin, sizeof sin) == 0);
	return fd;
}

/* ---- tests -------------------------------------------------------------- */

Test(system_tls, events_come_by_tls_12_and_13)
{
	static const long versions[] = {
		CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2,
		CURL_SSLVERSION_TLSv1_3 | CURL_SSLVERSION_MAX_TLSv1_3,
	};
	struct shop s;
	char body[65536], *token, text[20000];

	open_shop(&s, "");
	token = team_token(s.team, "pbx", "push");
	for (size_t i = 0; i < 2; i++) {
		struct get g = { .ca = "site",
				 .path = "/v1/events",
				 .token = token,
				 .body = text,
				 .version = versions[i] };

		(void)snprintf(
		    text, sizeof text,
		    "{\"type\":\"complaint\",\"from\":\"+4930182000%zu\","
		    "\"text\":\"%15000d\"}",
		    i, 7);
		cr_assert_eq(ask(&s, &g, body), 201, "%s", body);
		g.token = NULL;
		cr_assert_eq(ask(&s, &g, body), 401);
	}
	free(token);
	close_shop(&s);
}

Test(system_tls, old_versions_weak_ciphers_and_other_protocols_are_refused)
{
	static const char *const options[] = {
		"-tls1_1 -cipher ALL:@SECLEVEL=0",
		"-tls1 -cipher ALL:@SECLEVEL=0", "-tls1_2 -cipher AES128-SHA",
		"-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA", "-alpn h2"
	};
	struct shop s;
	char *said;

	open_shop(&s, "");
	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		said = certs_shell("openssl s_client -connect 127.0.0.1:%u %s "
				   "</dev/null 2>&1",
				   s.port, options[i]);
		cr_expect(strstr(said, "alert") != NULL, "%s: %s", options[i],
			  said);
		free(said);
	}
	said = certs_shell("openssl s_client -connect 127.0.0.1:%u -alpn "
			   "h2,http/1.1 </dev/null 2>&1",
			   s.port);
	cr_expect(strstr(said, "ALPN protocol: http/1.1") != NULL, "%s", said);
	free(said);
	close_shop(&s);
}

Test(system_tls, failed_handshakes_harm_nobody_and_are_told_once)
{
	static const char junk[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
	struct shop s;

	open_shop(&s, "");
	for (int i = 0; i < 200; i++) {
		int fd = connect_to(s.port);

		/* Junk, the head of a record that never comes, or nothing. */
		if (i % 3 == 0)
			cr_assert(write(fd, junk, sizeof junk - 1) > 0);
		else if (i % 3 == 1)
			cr_assert(write(fd, "\x16\x03\x01\x02\x00\x01", 6) > 0);
		(void)close(fd);
	}
	cr_assert_eq(health(&s, "site", NULL), 200);
	cr_assert(daemon_said(s.team->daemon[0],
			      "handshake=failed from=127.0.0.1", 1, 5000));
	cr_assert(!daemon_said(s.team->daemon[0], "handshake=failed", 2, 0));
	close_shop(&s);
}

Test(system_tls, a_reload_serves_the_new_certificate_and_refuses_a_broken_one)
{
	struct shop s;
	struct daemon *d;

	open_shop(&s, "");
	d = s.team->daemon[0];
	cr_assert_eq(health(&s, "site", NULL), 200);
	free(certs_shell("cd %s && cp web.key good.key && cp site.key web.key",
			 s.folder));
	daemon_hup(d);
	cr_assert(daemon_said(d, "does not fit https_cert", 1, 5000));
	cr_assert(daemon_said(d, "stays in force", 1, 5000));
	cr_assert_eq(health(&s, "site", NULL), 200);
	free(certs_shell("cd %s && echo nonsense > web.pem", s.folder));
	daemon_hup(d);
	cr_assert(daemon_said(d, "stays in force", 2, 5000));
	cr_assert_eq(health(&s, "site", NULL), 200);
	certs_authority(s.folder, "other");
	certs_make(s.folder, "other", "web", LOCAL);
	daemon_hup(d);
	cr_assert(daemon_said(d, " in force for all", 1, 5000));
	cr_assert_eq(health(&s, "site", NULL), 0);
	cr_assert_eq(health(&s, "other", NULL), 200);
	close_shop(&s);
}

/* What the site's log says of an event that pbx1 pushes. */
static void
expect_origin(struct shop *s, const char *origin)
{
	char *token = team_token(s->team, "pbx", "push"), body[65536];
	struct get g = { .ca = "site",
			 .cert = "pbx1",
			 .path = "/v1/events",
			 .token = token,
			 .body = "{\"type\":\"call.missed\",\"from\":"
				 "\"+49301820001\"}" };
	const char *entry;

	cr_assert_eq(ask(s, &g, body), 201, "%s", body);
	entry = redis_str(
	    s->team->redis, "EVAL",
	    "return cjson.encode(redis.call('XREVRANGE', KEYS[1], '+', '-', "
	    "'COUNT', 1))",
	    "1", "rb:{t}:log", NULL);
	cr_expect(strstr(entry, origin) != NULL, "%s", entry);
	cr_expect(strstr(entry, "\"by\",\"pbx\"") != NULL, "%s", entry);
	free(token);
}

Test(system_tls, who_never_ends_his_handshake_is_cut_off)
{
	struct shop s;
	int fd[2];
	char byte;

	open_shop(&s, "request_timeout = \"1s\"\n");
	fd[0] = connect_to(s.port);
	fd[1] = connect_to(s.port);
	cr_assert(write(fd[1], "\x16\x03\x01\x02\x00\x01", 6) > 0);
	for (int i = 0; i < 2; i++) {
		cr_expect_leq(read(fd[i], &byte, 1), 0);
		(void)close(fd[i]);
	}
	cr_assert_eq(health(&s, "site", NULL), 200);
	close_shop(&s);
}

Test(system_tls, a_client_needs_a_certificate_of_the_ca_where_one_is_named)
{
	struct shop s;

	prepare(&s, "");
	certs_authority(s.folder, "devices");
	certs_make(s.folder, "devices", "pbx1", "");
	certs_make(s.folder, "site", "stranger", "");
	(void)snprintf(s.head + strlen(s.head), sizeof s.head - strlen(s.head),
		       "https_client_ca = \"%s/devices.pem\"\n", s.folder);
	s.team = team_start(1, &s.options);
	s.port = tls_port(&s);
	cr_assert_eq(health(&s, "site", NULL), 0);
	cr_assert_eq(health(&s, "site", "stranger"), 0);
	cr_assert_eq(health(&s, "site", "pbx1"), 200);
	expect_origin(&s, "pbx1@127.0.0.1");
	close_shop(&s);
}

/* ---- files that are not fit --------------------------------------------- */

static void
expect_refusal(struct shop *s, const char *sentence)
{
	struct redis *redis = redis_start();
	struct daemon_options options = s->options;
	struct daemon *d;

	options.redis = redis;
	d = daemon_launch(&options);
	cr_expect_eq(daemon_ended(d, 5000), 78);
	cr_expect(daemon_said(d, sentence, 1, 0), "%s", sentence);
	daemon_free(d);
	redis_stop(redis);
	redis_folder_remove(s->folder);
	free(s->folder);
}

Test(system_tls, a_key_that_others_may_read_is_refused_with_what_helps)
{
	struct shop s;

	prepare(&s, "");
	free(certs_shell("chmod 0644 %s/web.key", s.folder));
	expect_refusal(&s, "may be read or changed by others. Do: sudo chown "
			   "root:ringback");
}

Test(system_tls, a_key_of_another_certificate_is_refused)
{
	struct shop s;

	prepare(&s, "");
	free(certs_shell("cd %s && cp site.key web.key", s.folder));
	expect_refusal(&s, "does not fit https_cert");
}

Test(system_tls, a_key_with_a_passphrase_is_refused)
{
	struct shop s;

	prepare(&s, "");
	free(certs_shell("cd %s && openssl ec -aes128 -passout pass:geheim -in "
			 "web.key -out k.key 2>&1 && mv k.key web.key && chmod "
			 "0600 web.key",
			 s.folder));
	expect_refusal(&s, "holds no key in PEM without a passphrase");
}

Test(system_tls, https_without_a_certificate_is_refused)
{
	struct shop s;

	prepare(&s, "");
	(void)snprintf(s.head, sizeof s.head, "https = \"127.0.0.1:0\"\n");
	expect_refusal(&s, "https needs https_cert and https_key");
}

Test(system_tls, check_warns_of_a_certificate_that_ends_and_of_plain_http)
{
	struct shop s;
	char *program = daemon_program("ringbackd"), *said;
	char file[4096];

	open_shop(&s, "");
	(void)snprintf(file, sizeof file, "%s", daemon_file(s.team->daemon[0]));
	said = certs_shell("%s --check -f %s", program, file);
	cr_expect(strstr(said, "with TLS at 127.0.0.1:0") != NULL, "%s", said);
	cr_expect(strstr(said, "https_cert") == NULL, "%s", said);
	cr_expect(strstr(said, "without TLS") == NULL, "%s", said);
	free(said);
	said = certs_shell("cd %s && openssl req -x509 -key web.key -days 10 "
			   "-subj /CN=x -out web.pem 2>&1 && sed -i 's/^http = "
			   ".*/http = \"0.0.0.0:8025\"/' %s && %s --check -f "
			   "%s",
			   s.folder, file, program, file);
	cr_expect(strstr(said, "valid for 9 more days only") != NULL, "%s",
		  said);
	cr_expect(strstr(said, "http 0.0.0.0:8025 can be reached from the "
			       "network, without TLS") != NULL,
		  "%s", said);
	free(said);
	free(program);
	close_shop(&s);
}

Test(system_tls, check_refuses_what_redis_would_be_spoken_to_with)
{
	struct shop s;
	char *program = daemon_program("ringbackd"), *said;
	char file[4096];

	open_shop(&s, "");
	(void)snprintf(file, sizeof file, "%s", daemon_file(s.team->daemon[0]));
	said = certs_shell("cd %s && touch empty && chmod 0600 empty && echo "
			   "'sentinel_secret_file = \"%s/empty\"' >> %s && %s "
			   "--check -f %s 2>&1; echo exit=$?",
			   s.folder, s.folder, file, program, file);
	cr_expect(strstr(said, "sentinel_secret_file: the first line of") !=
		      NULL,
		  "%s", said);
	cr_expect(strstr(said, "exit=78") != NULL, "%s", said);
	free(said);
	said = certs_shell("sed -i 's,^sentinel_secret.*,redis_secret_file = "
			   "\"/nowhere\",' %s && %s --check -f %s 2>&1",
			   file, program, file);
	cr_expect(strstr(said, "redis_secret_file: /nowhere: No such file") !=
		      NULL,
		  "%s", said);
	free(said);
	free(program);
	close_shop(&s);
}
