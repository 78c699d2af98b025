#include "daemon/status.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>
#include <systemd/sd-daemon.h>

#include "daemon/api/api.h"
#include "daemon/api/http.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/store/store.h"
#include "daemon/tick.h"

#define READY_MS 5000
/* Ticks are every second: without one for so long, something hangs. */
#define TICK_MS 10000

struct status {
	struct status_options o;
	struct event *watchdog; /* owned; NULL: there is none */
	int64_t started_ms;     /* monotonic */
	bool ready_told;
};

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The one place: a line end would begin another word to systemd, such as
 * MAINPID= (sd_notify(3)). */
static void
say(const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	text_clean(text, false);
	(void)sd_notifyf(0, "STATUS=%s", text);
}

void
status_tell(const struct status *s)
{
	const struct store *store;

	if (s == NULL)
		return;
	store = s->o.store;
	if (store_down_since_ms(store) > 0)
		say("Redis is away: %s", store_why(store));
	else if (*store_hindrance(store) != '\0')
		say("Redis takes nothing: %s", store_hindrance(store));
	else if (!s->o.api->published)
		say("%s", s->o.api->not_published);
	else if (store_recovering(store))
		say("Another Redis has taken over, recovering");
	else
		say("Serving %s", (*s->o.policy)->site);
}

void
status_ready(struct status *s)
{
	bool late = clock_mono_ms() - s->started_ms > READY_MS;

	if (s->ready_told || (!s->o.api->published && !late))
		return;
	s->ready_told = true;
	(void)sd_notify(0, "READY=1");
	log_info("main", "ready site=%s socket=%s port=%u https=%u%s",
		 (*s->o.policy)->site, (*s->o.policy)->socket,
		 (unsigned)http_port(s->o.http),
		 (unsigned)http_tls_port(s->o.http),
		 s->o.api->published ? "" : " (Redis is still away)");
}

void
status_refused(const char *why)
{
	say("Reload refused, the configuration before stays in force: %s", why);
}

/* Only while the loop really turns, and Redis answers or is known to be away,
 * or to take nothing. */
static void
on_watchdog(evutil_socket_t fd, short what, void *cookie)
{
	const struct status *s = cookie;
	const struct store *store = s->o.store;
	bool away = store_down_since_ms(store) > 0 ||
		    *store_hindrance(store) != '\0' || store_recovering(store);

	(void)fd;
	(void)what;
	if (away || clock_mono_ms() - tick_last_ms(s->o.tick) < TICK_MS)
		(void)sd_notify(0, "WATCHDOG=1");
}

static void
watch(struct status *s, int64_t every_us)
{
	const struct timeval tv = { .tv_sec = every_us / 1000000,
				    .tv_usec = every_us % 1000000 };

	s->watchdog = event_new(s->o.base, -1, EV_PERSIST, on_watchdog, s);
	if (s->watchdog == NULL || evtimer_add(s->watchdog, &tv) < 0)
		abort();
}

struct status *
status_new(const struct status_options *o)
{
	struct status *s = text_alloc(sizeof *s);
	uint64_t watchdog_us = 0;

	s->o = *o;
	s->started_ms = clock_mono_ms();
	if (sd_watchdog_enabled(0, &watchdog_us) > 0)
		watch(s, (int64_t)(watchdog_us / 3));
	return s;
}

void
status_free(struct status *s)
{
	if (s == NULL)
		return;
	if (s->watchdog != NULL)
		event_free(s->watchdog);
	free(s);
}
