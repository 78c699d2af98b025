/* Whole requests, through the real server and its handlers, to a Redis that
 * answers anything.  The first byte is a route of the table ('A' is the first)
 * or a blank for a request as it stands; then up to a NUL byte the end of the
 * path, a line feed and the body, or that request; then the answers of Redis.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/api/access.h"
#include "daemon/api/api.h"
#include "daemon/api/http.h"
#include "daemon/api/parking.h"
#include "daemon/api/push.h"
#include "daemon/api/req.h"
#include "daemon/api/table.h"
#include "daemon/base/child.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/read.h"
#include "daemon/sources/feeds.h"
#include "daemon/store/intake.h"
#include "daemon/store/rds.h"
#include "tests/fuzz/daemon/redis.h"
#include "tests/fuzz/fuzz.h"

#define TURNS 400 /* of the loop, at most */
#define IDLE 8    /* turns without a byte: it waits for something */

struct house {
	struct event_base *base;
	struct rds *rds;
	struct api api;
	struct routes routes;
	struct http *http;
	int client;
	size_t got;
};

static char folder[64], http_path[80], redis_path[80];
static struct policy *policy;

/* ---- who asks: everybody may do everything here ------------------------- */

struct asked {
	struct req *req;
	access_done *done;
	void *cookie;
};
/* The linker puts this in the place of the real one. */
void __wrap_access_ask(struct access *, struct req *, access_done *, void *);

static void
on_asked(evutil_socket_t fd, short what, void *cookie)
{
	struct asked *a = cookie;

	(void)fd;
	(void)what;
	a->done(a->cookie, true);
	free(a);
}

static struct event_base *asked_base;

void
__wrap_access_ask(struct access *access, struct req *req, access_done *done,
		  void *cookie)
{
	const struct caller caller = { .name = "fuzz",
				       .role = ROLE_ADMIN,
				       .groups = "rb-leads" };
	struct asked *a = text_alloc(sizeof *a);

	(void)access;
	*a = (struct asked){ .req = req, .done = done, .cookie = cookie };
	req_set_caller(req, &caller);
	fuzz_must(event_base_once(asked_base, -1, EV_TIMEOUT, on_asked, a,
				  NULL) == 0);
}

/* ---- the house ---------------------------------------------------------- */

static void
remove_folder(void)
{
	(void)unlink(http_path);
	(void)unlink(redis_path);
	(void)rmdir(folder);
}

static void
prepare(void)
{
	static const char conf[] =
	    "site = \"t\" timezone = \"Europe/Berlin\" region = \"DE\"\n"
	    "tier \"gold\" { value = 0 weight = 5 callback = 15m complaint = "
	    "4h }\n"
	    "hours \"always\" { open = { \"mon-sun 00:00-24:00\" } }\n"
	    "ladder \"usual\" { step \"0%\" { to = \"agents\" } }\n"
	    "retry \"usual\" { }\n"
	    "queue \"sales\" { numbers = { \"+49 30 1111\" } hours = always "
	    "ladder = usual retry = usual }\n";
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct fault fault = { "" };

	if (policy != NULL)
		return;
	(void)sigaction(SIGPIPE, &ignore, NULL);
	log_open((enum log_level)0); /* nothing */
	(void)snprintf(folder, sizeof folder, "/dev/shm/rb-fuzz-XXXXXX");
	fuzz_must(mkdtemp(folder) != NULL);
	(void)atexit(remove_folder);
	(void)snprintf(http_path, sizeof http_path, "%s/h", folder);
	(void)snprintf(redis_path, sizeof redis_path, "%s/r", folder);
	if (calendar_init(&fault) < 0 ||
	    policy_read(&policy,
			fuzz_file((const uint8_t *)conf, sizeof conf - 1),
			&fault) < 0)
		fuzz_broken(fault.text, __FILE__, __LINE__);
}

static void
on_request(struct req *req, void *cookie)
{
	struct house *h = cookie;

	req_set_app(req, &h->api);
	route_request(req, &h->routes);
}

static void
open_house(struct house *h, const uint8_t *replies, size_t len)
{
	struct fault fault = { "" };
	struct rds_options link = { .address = redis_path };
	const struct http_options http = { .handle = on_request, .cookie = h };

	(void)unlink(redis_path);
	h->base = asked_base = event_base_new();
	child_init(h->base);
	redis_open(h->base, redis_path, replies, len);
	h->rds = rds_new(h->base, &link, &fault);
	h->api = (struct api){ .store = store_new(h->rds, "t", "d"),
			       .rds = h->rds,
			       .policy = policy,
			       .published = true };
	api_build(&h->api, h->base);
	h->api.intake = intake_new(h->api.store, NULL, 2000);
	h->api.feeds =
	    feeds_new(&(struct feeds_options){ .base = h->base,
					       .intake = h->api.intake,
					       .store = h->api.store,
					       .policy = policy });
	h->routes = (struct routes){ .rows = api_table,
				     .count = api_table_count,
				     .signs = push_signs,
				     .known = api_known };
	h->http = http_new(h->base, &http);
	if (http_listen(h->http, http_path, &fault) < 0)
		fuzz_broken(fault.text, __FILE__, __LINE__);
}

static void
close_house(struct house *h)
{
	http_stop_listening(h->http);
	parking_end_all(h->api.parking);
	parking_end_all(h->api.following);
	http_end_streams(h->http);
	(void)event_base_loop(h->base, EVLOOP_NONBLOCK);
	rds_close(h->rds);
	for (int i = 0; i < TURNS && http_open_requests(h->http) > 0; i++)
		(void)event_base_loop(h->base, EVLOOP_NONBLOCK);
	fuzz_must(http_open_requests(h->http) == 0);
	child_done();
	http_free(h->http);
	feeds_free(h->api.feeds);
	intake_free(h->api.intake);
	rds_free(h->rds);
	store_free(h->api.store);
	api_free(&h->api);
	redis_close();
	event_base_free(h->base);
}

/* ---- one request -------------------------------------------------------- */

static void
ask(struct house *h, const char *request, size_t len)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	(void)memccpy(sun.sun_path, http_path, '\0', sizeof sun.sun_path - 1);
	h->client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	fuzz_must(h->client >= 0 &&
		  connect(h->client, (struct sockaddr *)&sun, sizeof sun) == 0);
	fuzz_must(fcntl(h->client, F_SETFL, O_NONBLOCK) == 0);
	fuzz_must(send(h->client, request, len, MSG_NOSIGNAL) == (ssize_t)len);
}

/* What comes back is HTTP from its first byte on; evhttp answers an old
 * version in the same. */
static bool
receive(struct house *h)
{
	static const char begin[] = "HTTP/";
	char buf[16384];
	ssize_t n = recv(h->client, buf, sizeof buf, 0);

	if (n > 0 && h->got == 0)
		fuzz_must(strncmp(buf, begin, (size_t)n < 5 ? (size_t)n : 5) ==
			  0);
	if (n > 0)
		h->got += (size_t)n;
	return n != 0 && (n > 0 || errno == EAGAIN);
}

static void
converse(struct house *h)
{
	size_t before = 0;
	int idle = 0;

	for (int i = 0; i < TURNS && idle < IDLE && receive(h); i++) {
		(void)event_base_loop(h->base, EVLOOP_NONBLOCK);
		idle = h->got > before ? 0 : idle + 1;
		before = h->got;
	}
	(void)close(h->client);
}

/* "POST /v1/items/4821/note?x=1 ..." with the body; each wildcard is 4821. */
static char *
make_request(const struct route *r, char *text)
{
	struct text out = { 0 };
	char *body = strchr(text, '\n');

	if (body != NULL)
		*body++ = '\0';
	text_addf(&out, "%s ", r->method);
	for (const char *s = r->pattern; *s != '\0';) {
		size_t n = strcspn(s, "{");

		text_add(&out, s, n);
		s += n;
		if (*s == '{') {
			text_add_str(&out, "4821");
			s += strcspn(s, "}") + 1;
		}
	}
	text_add_str(&out, text);
	text_add_str(&out, " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
	if (body != NULL)
		text_addf(
		    &out,
		    "Content-Type: application/%s\r\nContent-Length: %zu\r\n",
		    strchr(body, '\n') != NULL ? "x-ndjson" : "json",
		    strlen(body));
	text_addf(&out, "\r\n%s", body != NULL ? body : "");
	return text_take(&out);
}

FUZZ(request)
{
	unsigned which = fuzz_byte(&data, &len);
	char *text = fuzz_cut(&data, &len), *request = text;
	struct house h = { 0 };

	prepare();
	if (which != ' ')
		request = make_request(
		    &api_table[(which - 'A') % api_table_count], text);
	open_house(&h, data, len);
	ask(&h, request, strlen(request));
	converse(&h);
	close_house(&h);
	if (request != text)
		free(request);
	free(text);
}
