#include "daemon/api/listeners.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "daemon/api/api.h"
#include "daemon/api/req.h"
#include "daemon/api/sse.h"
#include "daemon/api/wire.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/policy/shape.h"
#include "daemon/policy/when.h"
#include "daemon/store/logtail.h"
#include "daemon/store/store.h"

#define KEEP_ALIVE_S 15
#define ID_SIZE 48

struct listener {
	LIST_ENTRY(listener) all;
	struct listeners *home;
	struct req *req;
	struct stream *stream;
	char at[ID_SIZE]; /* told up to here */
	bool reading;     /* a page is on its way */
	bool asked_again; /* for what came in over the other link */
	bool live;        /* all pages are read: entries come as they happen */
	bool gone;        /* left while a page was on its way */
	bool waits;       /* for Redis, to be told what it missed */
	bool told_away;   /* that Redis is, and not yet that it is back */
	const char *types; /* "alert,held" of the query; NULL: all */
	bool alerts;       /* only what concerns alerts */
};

struct listeners {
	LIST_HEAD(, listener) all;
	size_t count;
	struct event *keep_alive; /* owned */
	char last[ID_SIZE];       /* the newest entry that came */
};

/*
 * GET /v1/log
 *	log_get		from where on
 *	page_ask	what was missed, page by page
 *	page_told	the last page: live from here
 *	listeners_tell	an entry to all that are live
 *	listeners_link	Redis is away, or back; who waits for a page asks again
 *	listener_gone	it left, or was too slow
 */
static void page_ask(struct listener *);
static void page_told(void *, enum store_end, const struct logtail_page *);
static void listener_gone(void *);

static void
on_keep_alive(evutil_socket_t fd, short what, void *cookie)
{
	struct listeners *home = cookie;
	struct listener *l, *next;

	(void)fd;
	(void)what;
	for (l = LIST_FIRST(&home->all); l != NULL; l = next) {
		next = LIST_NEXT(l, all);
		api_known(l->req);
		(void)stream_send(l->stream, ":\n\n", 3);
		if (l->waits && store_down_since_ms(api_of(l->req)->store) == 0)
			page_ask(l);
	}
}

struct listeners *
listeners_new(struct event_base *base)
{
	struct listeners *home = text_alloc(sizeof *home);
	const struct timeval every = { .tv_sec = KEEP_ALIVE_S };

	LIST_INIT(&home->all);
	(void)snprintf(home->last, sizeof home->last, "0-0");
	home->keep_alive =
	    event_new(base, -1, EV_PERSIST, on_keep_alive, home);
	if (home->keep_alive == NULL || evtimer_add(home->keep_alive, &every) < 0)
		abort();
	return home;
}

void
listeners_free(struct listeners *home)
{
	if (home == NULL)
		return;
	event_free(home->keep_alive);
	free(home);
}

/* ---- what a listener wants -------------------------------------------------------------- */

static bool
in_list(const char *list, const char *word)
{
	size_t n = strlen(word);

	while (*list != '\0') {
		size_t one = strcspn(list, ",");

		if (one == n && strncmp(list, word, n) == 0)
			return true;
		list += one + (list[one] == ',');
	}
	return false;
}

static bool
wants(const struct listener *l, const struct record *entry)
{
	const char *type = record_get(entry, "type");

	if (type == NULL)
		return false;
	if (l->types != NULL && !in_list(l->types, type))
		return false;
	/* Of an item, or a source, that somebody was alerted to, people also
	 * want to see who took it and how it ended. */
	if (l->alerts)
		return strcmp(type, "alert") == 0 ||
		    strcmp(type, "source-up") == 0 ||
		    strcmp(type, "source-heard") == 0 ||
		    record_has(entry, "alerted");
	return true;
}

/* An entry as its listeners are told it. */
static struct text
event_of(const char *id, const struct record *entry)
{
	json_t *data = shape_object(entry);
	struct text out = { 0 };
	char *json;

	(void)json_object_set_new(data, "id", json_string(id));
	json = json_dumps(data, JSON_COMPACT);
	json_decref(data);
	sse_add(&out, id, record_get(entry, "type"), json != NULL ? json : "{}");
	free(json);
	return out;
}

static void
tell(struct listener *l, const char *id, const struct record *entry)
{
	struct text event;

	(void)snprintf(l->at, sizeof l->at, "%s", id);
	if (!wants(l, entry))
		return;
	event = event_of(id, entry);
	(void)stream_send(l->stream, event.data, event.len);
	text_done(&event);
}

/* Written once for all: hundreds may listen. */
void
listeners_tell(
    struct listeners *home, const char *id, const struct record *entry)
{
	struct listener *l, *next;
	struct text event = { 0 };

	(void)snprintf(home->last, sizeof home->last, "%s", id);
	for (l = LIST_FIRST(&home->all); l != NULL; l = next) {
		next = LIST_NEXT(l, all);
		if (!l->live || logtail_compare(id, l->at) <= 0)
			continue;
		(void)snprintf(l->at, sizeof l->at, "%s", id);
		if (!wants(l, entry))
			continue;
		if (event.len == 0)
			event = event_of(id, entry);
		(void)stream_send(l->stream, event.data, event.len);
	}
	text_done(&event);
}

/* No entry of the log, so without an id: whoever comes back misses nothing. */
static void
tell_link(struct listener *l, bool up, int64_t at_ms)
{
	const char *type = up ? "back" : "away";
	struct text event = { 0 };
	char time[25], *data;

	if (l->told_away != up)
		return;
	l->told_away = !up;
	when_print(time, at_ms);
	data = text_print("{\"type\":\"%s\",\"at\":\"%s\"}", type, time);
	sse_add(&event, NULL, type, data);
	(void)stream_send(l->stream, event.data, event.len);
	text_done(&event);
	free(data);
}

void
listeners_link(struct listeners *home, bool up, int64_t at_ms)
{
	struct listener *l, *next;

	for (l = LIST_FIRST(&home->all); l != NULL; l = next) {
		next = LIST_NEXT(l, all);
		tell_link(l, up, at_ms);
		if (up && l->waits)
			page_ask(l);
	}
}

/* ---- the pages of what was missed -------------------------------------------------------- */

static void
leave(struct listener *l)
{
	LIST_REMOVE(l, all);
	l->home->count--;
}

static void
page_ask(struct listener *l)
{
	struct api *api = api_of(l->req);

	l->reading = true;
	l->waits = false;
	logtail_page(api->rds, api->policy->site, l->at, page_told, l);
}

static void
finish(struct listener *l)
{
	stream_end(l->stream);
}

static void
tell_reset(struct listener *l, const char *oldest)
{
	char *data = text_print("{\"oldest\":\"%s\"}", oldest);
	struct text event = { 0 };

	sse_add(&event, NULL, "reset", data);
	(void)stream_send(l->stream, event.data, event.len);
	text_done(&event);
	free(data);
}

static void
page_told(void *cookie, enum store_end end, const struct logtail_page *page)
{
	struct listener *l = cookie;

	l->reading = false;
	if (l->gone) {
		finish(l);
		return;
	}
	if (end == STORE_NOT_SENT) {
		l->waits = true;
		return;
	}
	if (end != STORE_DONE) {
		/* The client comes back with the id that it has seen. */
		leave(l);
		finish(l);
		return;
	}
	if (strcmp(l->at, "0-0") != 0 && *page->oldest != '\0' &&
	    logtail_compare(l->at, page->oldest) < 0) {
		tell_reset(l, page->oldest);
	} else if (page->count == 0 &&
	    logtail_compare(l->at, page->newest) > 0) {
		/* Redis has lost what this listener has seen. */
		tell_reset(l, page->oldest);
		(void)snprintf(l->at, sizeof l->at, "%s", page->newest);
	}
	for (size_t i = 0; i < page->count; i++)
		tell(l, page->ids[i], page->entries[i]);
	/* What came in over the other link since this page was read is asked
	 * for once more, so that nothing falls between the two. */
	if (page->count == LOGTAIL_PAGE ||
	    (logtail_compare(l->home->last, l->at) > 0 &&
		(page->count > 0 || !l->asked_again))) {
		l->asked_again = true;
		page_ask(l);
	} else {
		l->live = true;
	}
}

static void
listener_gone(void *cookie)
{
	struct listener *l = cookie;

	leave(l);
	l->gone = true;
	if (!l->reading)
		finish(l);
}

void
log_get(struct req *req)
{
	struct listeners *home = api_of(req)->listeners;
	const char *from = req_header(req, "Last-Event-ID");
	const char *alerts = req_query(req, "alerts");
	struct listener *l;

	if (from == NULL)
		from = req_query(req, "after");
	if (from != NULL && !logtail_id_ok(from)) {
		req_fail(req, 400, "not an id",
		    "Last-Event-ID is no id of this log, like "
		    "1732278000000-0.");
		return;
	}
	if (strcmp(req_method(req), "HEAD") == 0) {
		req_answer_text(req, 200, "text/event-stream", "", 0);
		return;
	}
	if (home->count >= (size_t)api_of(req)->policy->max_listeners) {
		req_add_header(req, "Retry-After", "10");
		req_fail(req, 503, "too many listen",
		    "%zu listen to the log here already, which is as many as "
		    "may. Try again later.", home->count);
		return;
	}
	l = req_keep(req, sizeof *l);
	l->home = home;
	l->req = req;
	l->types = req_query(req, "type");
	l->alerts = alerts != NULL && strcmp(alerts, "1") == 0;
	(void)snprintf(
	    l->at, sizeof l->at, "%s", from != NULL ? from : home->last);
	req_add_header(req, "Cache-Control", "no-store");
	l->stream = req_stream(req, "text/event-stream", listener_gone, l);
	LIST_INSERT_HEAD(&home->all, l, all);
	home->count++;
	(void)stream_send(l->stream, "retry: 2000\n\n", 13);
	/* Also where it has never been there, of which no link tells. */
	if (store_down_since_ms(api_of(req)->store) > 0)
		tell_link(l, false, store_down_since_ms(api_of(req)->store));
	if (from != NULL)
		page_ask(l);
	else
		l->live = true;
}
