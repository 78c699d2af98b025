#include "daemon/base/resolve.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>

#include "daemon/base/text.h"

struct resolve {
	struct evdns_base *dns;                    /* owned */
	struct evdns_getaddrinfo_request *request; /* NULL: it has answered */
	struct event *later;                       /* owned: tells, or frees */
	resolve_done *done;
	void *cookie;
	unsigned attempt;
	bool asking, freed;
	struct sockaddr_storage found;
	socklen_t found_len; /* 0: none */
	char why[160];
};

static void
dispose(struct resolve *r)
{
	evdns_base_free(r->dns, 0);
	event_free(r->later);
	free(r);
}

static void
on_later(evutil_socket_t fd, short what, void *cookie)
{
	struct resolve *r = cookie;

	(void)fd;
	(void)what;
	if (r->freed) {
		dispose(r);
		return;
	}
	r->done(r->cookie,
		r->found_len > 0 ? (struct sockaddr *)&r->found : NULL,
		r->found_len, r->why);
}

/* Some hosts have several addresses, not all of which are served. */
static const struct evutil_addrinfo *
nth(const struct evutil_addrinfo *list, unsigned n)
{
	const struct evutil_addrinfo *a;
	unsigned count = 0;

	for (a = list; a != NULL; a = a->ai_next)
		count++;
	if (count == 0)
		return NULL;
	n %= count;
	for (a = list; n > 0; n--)
		a = a->ai_next;
	return a;
}

static void
on_answer(int error, struct evutil_addrinfo *list, void *cookie)
{
	struct resolve *r = cookie;
	const struct evutil_addrinfo *a = nth(list, r->attempt);

	r->request = NULL;
	r->asking = false;
	if (error == 0 && a != NULL && a->ai_addrlen <= sizeof r->found) {
		memcpy(&r->found, a->ai_addr, a->ai_addrlen);
		r->found_len = (socklen_t)a->ai_addrlen;
	} else {
		(void)snprintf(
		    r->why, sizeof r->why, "its name cannot be looked up: %s",
		    error != 0 ? evutil_gai_strerror(error) : "no address");
	}
	if (list != NULL)
		evutil_freeaddrinfo(list);
	event_active(r->later, EV_TIMEOUT, 0);
}

static struct evdns_base *
dns_new(const struct resolve_options *o)
{
	struct evdns_base *dns =
	    evdns_base_new(o->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);

	if (dns == NULL)
		abort();
	/* Its own limits are longer than a link's.  Without the last it waits
	 * three seconds for an AAAA that a server does not answer. */
	(void)evdns_base_set_option(dns, "timeout:", "0.7");
	(void)evdns_base_set_option(dns, "attempts:", "2");
	(void)evdns_base_set_option(dns, "getaddrinfo-allow-skew:", "0.3");
	(void)evdns_base_resolv_conf_parse(
	    dns, DNS_OPTION_NAMESERVERS | DNS_OPTION_SEARCH,
	    o->resolv_conf != NULL ? o->resolv_conf : "/etc/resolv.conf");
	(void)evdns_base_load_hosts(dns, o->hosts_file != NULL ? o->hosts_file
							       : "/etc/hosts");
	return dns;
}

struct resolve *
resolve_new(const struct resolve_options *o, resolve_done *done, void *cookie)
{
	struct resolve *r = text_alloc(sizeof *r);
	const struct evutil_addrinfo hints = { .ai_family = AF_UNSPEC,
					       .ai_socktype = SOCK_STREAM,
					       .ai_protocol = IPPROTO_TCP };
	struct evdns_getaddrinfo_request *request;
	char port[8];

	r->done = done;
	r->cookie = cookie;
	r->attempt = o->attempt;
	r->dns = dns_new(o);
	r->later = event_new(o->base, -1, 0, on_later, r);
	if (r->later == NULL)
		abort();
	(void)snprintf(port, sizeof port, "%u", (unsigned)o->port);
	r->asking = true;
	request =
	    evdns_getaddrinfo(r->dns, o->host, port, &hints, on_answer, r);
	if (r->asking) /* what stands in the hosts file is answered at once */
		r->request = request;
	return r;
}

void
resolve_free(struct resolve *r)
{
	if (r == NULL || r->freed)
		return;
	r->freed = true;
	if (r->request != NULL)
		evdns_getaddrinfo_cancel(r->request);
	else
		event_active(r->later, EV_TIMEOUT, 0);
}
