/* Host names, by a name server of the test's own: what it says counts at once,
 * and what it does not say holds nothing up. */
#include "daemon/base/resolve.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <event2/dns.h>
#include <event2/dns_struct.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/harness/loop.h"
#include "tests/harness/redis.h"

#define LIMIT_MS 10000
#define TTL_S 3600

/* What the name server knows; NULL: it does not answer such questions, "": it
 * has none. */
static const char *four, *six;

static struct event_base *base;
static struct evdns_server_port *server;
static char *folder, hosts[128], conf[128];

static void
reply(struct evdns_server_request *r, int i)
{
	const char *name = r->questions[i]->name;
	struct in6_addr address;
	bool is_six = r->questions[i]->type == EVDNS_TYPE_AAAA;
	const char *text = is_six ? six : four;

	if (*text == '\0')
		return;
	cr_assert_eq(inet_pton(is_six ? AF_INET6 : AF_INET, text, &address), 1);
	if (is_six)
		(void)evdns_server_request_add_aaaa_reply(
		    r, name, 1, address.s6_addr, TTL_S);
	else
		(void)evdns_server_request_add_a_reply(r, name, 1, &address,
						       TTL_S);
}

static void
on_question(struct evdns_server_request *r, void *cookie)
{
	(void)cookie;
	for (int i = 0; i < r->nquestions; i++) {
		bool is_six = r->questions[i]->type == EVDNS_TYPE_AAAA;

		if ((is_six ? six : four) == NULL) {
			(void)evdns_server_request_drop(r);
			return;
		}
		reply(r, i);
	}
	(void)evdns_server_request_respond(r, 0);
}

static void
write_file(char path[128], const char *name, const char *text)
{
	FILE *f;

	(void)snprintf(path, 128, "%s/%s", folder, name);
	f = fopen(path, "we");
	cr_assert_not_null(f);
	(void)fputs(text, f);
	cr_assert_eq(fclose(f), 0);
}

static void
begin(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof sin;
	char line[64];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	base = event_base_new();
	folder = redis_folder_new();
	cr_assert_eq(bind(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	server =
	    evdns_add_server_port_with_base(base, fd, 0, on_question, NULL);
	cr_assert_not_null(server);
	(void)snprintf(line, sizeof line, "nameserver 127.0.0.1:%u\n",
		       (unsigned)ntohs(sin.sin_port));
	write_file(conf, "resolv.conf", line);
	write_file(hosts, "hosts", "192.0.2.7 here\n");
	four = six = "";
}

static void
end(void)
{
	evdns_close_server_port(server);
	loop_for(base, 0);
	event_base_free(base);
	redis_folder_remove(folder);
	free(folder);
}

TestSuite(resolve, .init = begin, .fini = end, .timeout = 60);

struct told {
	int times;
	char address[64], why[160];
};

static void
on_told(void *cookie, const struct sockaddr *sa, socklen_t len, const char *why)
{
	struct told *t = cookie;
	char port[8];

	t->times++;
	(void)snprintf(t->why, sizeof t->why, "%s", why);
	if (sa == NULL)
		return;
	cr_assert_eq(getnameinfo(sa, len, t->address, sizeof t->address, port,
				 sizeof port, NI_NUMERICHOST | NI_NUMERICSERV),
		     0);
	cr_assert_str_eq(port, "6379");
}

static struct resolve *
ask(const char *host, unsigned attempt, struct told *ret)
{
	const struct resolve_options o = { .base = base,
					   .host = host,
					   .port = 6379,
					   .attempt = attempt,
					   .hosts_file = hosts,
					   .resolv_conf = conf };

	*ret = (struct told){ 0 };
	return resolve_new(&o, on_told, ret);
}

static struct told
answer_for(const char *host, unsigned attempt)
{
	struct told t;
	struct resolve *r = ask(host, attempt, &t);

	cr_assert_eq(t.times, 0, "never inside resolve_new");
	cr_assert(loop_while_zero(base, &t.times, LIMIT_MS));
	resolve_free(r);
	loop_for(base, 1);
	cr_assert_eq(t.times, 1);
	return t;
}

Test(resolve, each_of_several_addresses_has_its_turn)
{
	struct told a, b, c;

	four = "192.0.2.1";
	six = "2001:db8::1";
	a = answer_for("db.example.org", 0);
	b = answer_for("db.example.org", 1);
	c = answer_for("db.example.org", 2);
	cr_assert_str_neq(a.address, b.address);
	cr_assert_str_eq(a.address, c.address);
	cr_assert(strcmp(a.address, four) == 0 || strcmp(a.address, six) == 0);
	cr_assert(strcmp(b.address, four) == 0 || strcmp(b.address, six) == 0);
}

Test(resolve, a_new_address_counts_at_once_however_long_the_old_one_may_live)
{
	four = "192.0.2.1";
	cr_assert_str_eq(answer_for("db.example.org", 0).address, four);
	four = "192.0.2.2";
	cr_assert_str_eq(answer_for("db.example.org", 0).address, four);
}

Test(resolve, a_question_for_another_kind_that_stays_open_holds_nothing_up)
{
	four = "192.0.2.1";
	six = NULL;
	cr_assert_str_eq(answer_for("db.example.org", 0).address, four);
}

Test(resolve, the_hosts_file_needs_no_name_server)
{
	four = six = NULL;
	cr_assert_str_eq(answer_for("here", 0).address, "192.0.2.7");
}

Test(resolve, a_name_without_an_address_is_said_to_be_so)
{
	struct told t = answer_for("nobody.example.org", 0);

	cr_assert_str_eq(t.address, "");
	cr_assert_not_null(strstr(t.why, "cannot be looked up"), "%s", t.why);
}

static void
on_time(evutil_socket_t fd, short what, void *cookie)
{
	(void)fd;
	(void)what;
	++*(int *)cookie;
}

Test(resolve, a_dead_name_server_blocks_nothing_and_is_given_up)
{
	const struct timeval soon = { .tv_usec = 1000 };
	struct told t;
	int turned = 0;
	struct resolve *r;

	four = six = NULL;
	r = ask("db.example.org", 0, &t);
	cr_assert_eq(
	    event_base_once(base, -1, EV_TIMEOUT, on_time, &turned, &soon), 0);
	cr_assert(loop_while_zero(base, &turned, LIMIT_MS));
	cr_assert_eq(t.times, 0, "others have their turn meanwhile");
	cr_assert(loop_while_zero(base, &t.times, LIMIT_MS));
	cr_assert_str_eq(t.address, "");
	resolve_free(r);
	loop_for(base, 1);
}

Test(resolve, who_asks_no_more_is_told_nothing)
{
	struct told t;
	struct resolve *r;

	four = six = NULL;
	r = ask("db.example.org", 0, &t);
	loop_for(base, 5);
	resolve_free(r);
	loop_for(base, 20);
	cr_assert_eq(t.times, 0);
}
