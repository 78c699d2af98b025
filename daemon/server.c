#include "daemon/server.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>
#include <systemd/sd-daemon.h>

#include "daemon/alerts/deliver.h"
#include "daemon/api/access.h"
#include "daemon/api/api.h"
#include "daemon/api/http.h"
#include "daemon/api/listeners.h"
#include "daemon/api/parking.h"
#include "daemon/api/push.h"
#include "daemon/api/req.h"
#include "daemon/api/table.h"
#include "daemon/api/tls.h"
#include "daemon/api/tokenbook.h"
#include "daemon/base/child.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/keeping.h"
#include "daemon/links.h"
#include "daemon/listen.h"
#include "daemon/pausing.h"
#include "daemon/policy/policy.h"
#include "daemon/policy/read.h"
#include "daemon/publish.h"
#include "daemon/reporting.h"
#include "daemon/rights.h"
#include "daemon/sources/feeds.h"
#include "daemon/status.h"
#include "daemon/store/store.h"
#include "daemon/tick.h"

#define REFRESH_S 1
#define DRAIN_LOOK_MS 20
/* After the drain: what was ended by us leaves within this. */
#define FLUSH_MS 1000

struct server {
	struct event_base *base;
	struct policy *policy, *before; /* before: until a reload is accepted */
	char *path, *name;
	struct links *links;
	struct store *store; /* borrowed from links */
	struct keeping *keeping;
	struct publish *publish;
	struct tick *tick;
	struct deliver *deliver;
	struct tokenbook *tokens;
	struct access *access;
	struct http *http;
	struct tls *tls; /* NULL without https */
	struct api api;
	struct routes routes;
	struct event *on_term, *on_int, *on_hup, *on_refresh, *on_drain;
	struct feeds *feeds;
	struct pausing *pausing;
	struct reporting *reporting;
	struct status *status;
	int64_t stop_ms; /* monotonic */
	bool flushing;
};

/* ---- the links to Redis ------------------------------------------------- */

static void
on_link(void *cookie, bool up)
{
	struct server *s = cookie;

	if (up)
		publish_now(s->publish, !s->api.published);
	else
		listeners_link(s->api.listeners, false,
			       store_down_since_ms(s->store));
	status_tell(s->status);
}

static void
on_recovered(void *cookie)
{
	struct server *s = cookie;

	tick_now(s->tick); /* first of all: what day it is */
	listeners_link(s->api.listeners, true, clock_wall_ms());
	parking_wake_all(s->api.parking);
	keeping_look(s->keeping);
	reporting_anew(s->reporting);
	tokenbook_look(s->tokens);
	status_tell(s->status);
}

static void
on_following(void *cookie)
{
	struct server *s = cookie;

	if (!store_recovering(s->store))
		parking_wake_all(s->api.parking);
	tokenbook_look(s->tokens); /* what the log told meanwhile was missed */
	pausing_look(s->pausing);
}

static void
on_entry(void *cookie, const char *id, const struct record *entry)
{
	struct server *s = cookie;

	listeners_tell(s->api.listeners, id, entry);
	tokenbook_entry(s->tokens, entry);
	pausing_entry(s->pausing, entry);
}

static void
on_hint(void *cookie, const char *agent, const char *daemon)
{
	struct server *s = cookie;

	if (strcmp(daemon, s->name) == 0)
		parking_wake(s->api.parking, agent);
}

/* ---- the policy in force ------------------------------------------------ */

static void
use_policy(struct server *s)
{
	s->api.policy = s->policy;
	rights_use(s->access, s->policy);
	publish_set_policy(s->publish, s->policy);
	deliver_set_policy(s->deliver, s->policy);
	links_set_policy(s->links, s->policy);
	feeds_set_policy(s->feeds, s->policy);
	reporting_set_policy(s->reporting, s->policy);
	keeping_set_policy(s->keeping, s->policy);
}

/* A policy that was not accepted gives way to the one before. */
static void
on_published(void *cookie, enum publish_end end, const char *why)
{
	struct server *s = cookie;
	struct fault fault = { "" };

	switch (end) {
	case PUBLISH_DONE:
		s->api.published = true;
		if (s->before != NULL)
			log_info("policy",
				 "reloaded, in force for all that waits");
		break;
	case PUBLISH_AWAY: return;
	case PUBLISH_BUSY:
		log_error("policy", "%s", why);
		s->api.published = true;
		if (s->before != NULL) {
			struct policy *refused = s->policy;

			s->policy = s->before;
			s->before = NULL;
			/* What is in use until now is still looked at. */
			use_policy(s);
			policy_free(refused);
			if (listen_reload(s->tls, s->policy, &fault) < 0)
				log_error("tls", "%s", fault.text);
		}
		break;
	}
	policy_free(s->before);
	s->before = NULL;
	keeping_look(s->keeping);
	reporting_begin(s->reporting, s->feeds);
	status_ready(s->status);
	status_tell(s->status);
}

/* Sources may ask at once since when they were not heard. */
static void
on_sources_known(void *cookie)
{
	struct server *s = cookie;

	feeds_begin(s->feeds);
}

static int64_t
on_heard_until(void *cookie, const char *name)
{
	const struct server *s = cookie;

	return reporting_heard_until(s->reporting, name);
}

static void
on_zone(void *cookie, const char *zone)
{
	struct server *s = cookie;

	publish_zone(s->publish, zone);
}

static void
on_refresh(evutil_socket_t fd, short what, void *cookie)
{
	struct server *s = cookie;

	(void)fd;
	(void)what;
	status_ready(s->status);
	links_look(s->links);
	keeping_look(s->keeping);
	pausing_refresh(s->pausing);
	if (store_down_since_ms(s->store) == 0)
		publish_refresh(s->publish);
}

/* ---- reload ------------------------------------------------------------- */

static void
on_reload(evutil_socket_t fd, short what, void *cookie)
{
	struct server *s = cookie;
	struct policy *next = NULL;
	struct fault fault = { "" };

	(void)fd;
	(void)what;
	if (s->before != NULL) {
		log_warn("policy", "a reload is under way already");
		return;
	}
	if (policy_read(&next, s->path, &fault) < 0 ||
	    policy_reload_ok(s->policy, next, &fault) < 0 ||
	    feeds_check(next, &fault) < 0 ||
	    listen_reload(s->tls, next, &fault) < 0 ||
	    links_reload(s->links, next, &fault) < 0) {
		policy_free(next);
		log_error("policy", "%s The one before stays in force.",
			  fault.text);
		status_refused(fault.text);
		return;
	}
	s->before = s->policy;
	s->policy = next;
	use_policy(s);
	publish_now(s->publish, true);
}

/* ---- stop: no new requests, let the open ones end, then free downward ---- */

/* Requests to be answered, and events to be kept, here or in the journal. */
static size_t
open_work(const struct server *s)
{
	return http_open_requests(s->http) + feeds_waiting(s->feeds);
}

static void
on_drain(evutil_socket_t fd, short what, void *cookie)
{
	struct server *s = cookie;
	int64_t waited = clock_mono_ms() - s->stop_ms;

	(void)fd;
	(void)what;
	if (!s->flushing) {
		if (open_work(s) > 0 && waited < s->policy->drain_ms)
			return;
		/* Whatever is still open is answered now: 503 or 504. */
		s->flushing = true;
		s->stop_ms = clock_mono_ms();
		links_close(s->links);
		return;
	}
	if (open_work(s) == 0 || waited > FLUSH_MS)
		(void)event_base_loopbreak(s->base);
}

static void
on_stop(evutil_socket_t fd, short what, void *cookie)
{
	struct server *s = cookie;
	const struct timeval tv = { .tv_usec = DRAIN_LOOK_MS * 1000 };

	(void)what;
	if (s->stop_ms > 0)
		return;
	s->stop_ms = clock_mono_ms();
	log_info("main", "stopping signal=%d open=%zu", (int)fd, open_work(s));
	(void)sd_notify(0, "STOPPING=1");
	(void)event_del(s->on_refresh);
	http_stop_listening(s->http);
	access_stop(s->access);
	deliver_stop(s->deliver);
	feeds_stop(s->feeds);
	reporting_stop(s->reporting);
	tick_stop(s->tick);
	parking_end_all(s->api.parking);
	parking_end_all(s->api.following);
	http_end_streams(s->http);
	(void)evtimer_add(s->on_drain, &tv);
}

/* ---- build upward ------------------------------------------------------- */

static void
on_request(struct req *req, void *cookie)
{
	struct server *s = cookie;

	req_set_app(req, &s->api);
	route_request(req, &s->routes);
}

static struct event *
signal_event(struct server *s, int signal, event_callback_fn call)
{
	struct event *ev = evsignal_new(s->base, signal, call, s);

	if (ev == NULL || event_add(ev, NULL) < 0)
		abort();
	return ev;
}

static struct event *
timer_event(struct server *s, int64_t every_ms, event_callback_fn call)
{
	const struct timeval tv = { .tv_sec = every_ms / 1000,
				    .tv_usec = (every_ms % 1000) * 1000 };
	struct event *ev = event_new(s->base, -1, EV_PERSIST, call, s);

	if (ev == NULL || (every_ms > 0 && evtimer_add(ev, &tv) < 0))
		abort();
	return ev;
}

static bool
is_published(void *cookie)
{
	const struct server *s = cookie;

	return s->api.published;
}

static int
build_store(struct server *s, struct fault *fault)
{
	const struct policy *p = s->policy;
	const struct links_options links = {
		.base = s->base,
		.policy = p,
		.daemon = s->name,
		.changed = on_link,
		.recovered = on_recovered,
		.tail = { .entry = on_entry,
			  .hint = on_hint,
			  .following = on_following,
			  .cookie = s },
		.cookie = s
	};

	s->links = links_new(&links, fault);
	if (s->links == NULL)
		return -1;
	s->store = links_store(s->links);
	s->publish = publish_new(s->store, p, on_published, s);
	s->tick = tick_new(s->base, s->store, p->timezone);
	s->deliver = deliver_new(s->base, s->store, p);
	s->tokens = tokenbook_new(s->store, p->site, p->token_file);
	s->keeping =
	    keeping_new(&(struct keeping_options){ .base = s->base,
						   .store = s->store,
						   .policy = p,
						   .ready = is_published,
						   .zone = on_zone,
						   .cookie = s });
	s->reporting = reporting_new(
	    &(struct reporting_options){ .base = s->base,
					 .store = s->store,
					 .policy = p,
					 .known = on_sources_known,
					 .cookie = s });
	s->feeds = feeds_new(
	    &(struct feeds_options){ .base = s->base,
				     .intake = keeping_intake(s->keeping),
				     .store = s->store,
				     .policy = p,
				     .zone = on_zone,
				     .heard_until = on_heard_until,
				     .cookie = s });
	s->pausing = pausing_new(s->base, s->store, s->feeds);
	return 0;
}

static int
build_api(struct server *s, struct fault *fault)
{
	const struct policy *p = s->policy;
	const struct access_options access = { .base = s->base,
					       .store = s->store,
					       .book = s->tokens,
					       .fail_end = api_fail_end,
					       .wrong = push_wrong_token };
	const struct http_options http = {
		.handle = on_request,
		.cookie = s,
		.max_body = (size_t)p->max_body,
		.max_head = (size_t)p->max_head,
		.max_headers = (size_t)p->max_headers,
		.max_target = (size_t)p->max_address,
		.max_connections = (size_t)p->max_connections,
		.max_by_address = (size_t)p->max_by_address,
		.max_unsent = (size_t)p->watch_buffer,
		.request_ms = p->request_timeout_ms,
		.answer_ms = p->answer_timeout_ms,
		.idle_ms = p->idle_timeout_ms
	};

	s->api =
	    (struct api){ .store = s->store,
			  .intake = keeping_intake(s->keeping),
			  .journal = keeping_journal(s->keeping),
			  .feeds = s->feeds,
			  .rds = links_rds(s->links),
			  .policy = p,
			  .zone_seen = on_zone,
			  .zone_cookie = s,
			  .not_published =
			      "Redis does not have the configuration yet." };
	api_build(&s->api, s->base);
	s->access = s->api.access = access_new(&access);
	rights_use(s->access, p);
	s->routes = (struct routes){ .rows = api_table,
				     .count = api_table_count,
				     .access = s->access,
				     .signs = push_signs,
				     .known = api_known,
				     .most = api_most_requests };
	s->http = http_new(s->base, &http);
	return listen_begin(s->http, p, &s->tls, fault);
}

static void
build_events(struct server *s)
{
	s->on_term = signal_event(s, SIGTERM, on_stop);
	s->on_int = signal_event(s, SIGINT, on_stop);
	s->on_hup = signal_event(s, SIGHUP, on_reload);
	s->on_refresh = timer_event(s, REFRESH_S * 1000, on_refresh);
	s->on_drain = timer_event(s, 0, on_drain);
}

static char *
daemon_name(void)
{
	char host[256] = "";

	(void)gethostname(host, sizeof host - 1);
	return text_print("%s:%d:%" PRId64, host, (int)getpid(),
			  clock_wall_ms());
}

struct server *
server_new(struct policy *policy, const char *path, struct fault *fault)
{
	struct server *s = text_alloc(sizeof *s);
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignore, NULL);
	s->policy = policy;
	s->path = text_dup(path);
	s->name = daemon_name();
	s->base = event_base_new();
	if (s->base == NULL)
		abort();
	child_init(s->base);
	if (build_store(s, fault) < 0 || build_api(s, fault) < 0) {
		server_free(s);
		return NULL;
	}
	build_events(s);
	s->status =
	    status_new(&(struct status_options){ .base = s->base,
						 .store = s->store,
						 .api = &s->api,
						 .http = s->http,
						 .tick = s->tick,
						 .policy = &s->policy });
	status_tell(s->status);
	return s;
}

/* From here on one more signal changes nothing: without our handlers it would
 * end the process in the midst of its end. */
static void
hold_signals(void)
{
	sigset_t ours;

	(void)sigemptyset(&ours);
	(void)sigaddset(&ours, SIGTERM);
	(void)sigaddset(&ours, SIGINT);
	(void)sigaddset(&ours, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &ours, NULL);
}

void
server_run(struct server *s)
{
	(void)event_base_dispatch(s->base);
	hold_signals();
	log_info("main", "stopped");
}

static void
free_event(struct event *ev)
{
	if (ev != NULL)
		event_free(ev);
}

void
server_free(struct server *s)
{
	if (s == NULL)
		return;
	links_close(s->links);
	/* What is on its way comes back to its feed. */
	keeping_free(s->keeping);
	feeds_free(s->feeds);
	reporting_free(s->reporting);
	child_done();
	if (s->http != NULL && http_open_requests(s->http) == 0)
		http_free(s->http);
	tls_free(s->tls);
	access_free(s->access);
	tokenbook_free(s->tokens);
	deliver_free(s->deliver);
	tick_free(s->tick);
	publish_free(s->publish);
	status_free(s->status);
	links_free(s->links);
	pausing_free(s->pausing);
	api_free(&s->api);
	free_event(s->on_term);
	free_event(s->on_int);
	free_event(s->on_hup);
	free_event(s->on_refresh);
	free_event(s->on_drain);
	event_base_free(s->base);
	policy_free(s->policy);
	policy_free(s->before);
	free(s->path);
	free(s->name);
	free(s);
}
