#include "daemon/api/users.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/base/child.h"
#include "daemon/base/clock.h"
#include "daemon/base/text.h"

#define KEEP_MS (10 * 60 * 1000)
#define KEEP_UNKNOWN_MS (30 * 1000)
#define LOOKUP_MS 5000
#define MOST_USERS 4096
#define MOST_LOOKUPS 16

struct waiter {
	STAILQ_ENTRY(waiter) all;
	users_done *done;
	void *cookie;
};

struct user {
	LIST_ENTRY(user) all;
	struct users *owner;
	uid_t uid;
	enum users_end end;
	char *name;          /* owned; NULL unless KNOWN */
	struct child *child; /* while it is being looked up; else NULL */
	int64_t until_ms;    /* monotonic */
	STAILQ_HEAD(, waiter) waiters;
};

struct users {
	LIST_HEAD(, user) all;
	size_t count, lookups;
	struct event *ready; /* owned */
};

static void
tell_waiters(struct user *u)
{
	struct waiter *w;

	while ((w = STAILQ_FIRST(&u->waiters)) != NULL) {
		STAILQ_REMOVE_HEAD(&u->waiters, all);
		w->done(w->cookie, u->end, u->name != NULL ? u->name : "");
		free(w);
	}
}

static void
forget(struct user *u)
{
	LIST_REMOVE(u, all);
	u->owner->count--;
	free(u->name);
	free(u);
}

static void
on_ready(evutil_socket_t fd, short what, void *cookie)
{
	struct users *us = cookie;
	struct user *u;

	(void)fd;
	(void)what;
	LIST_FOREACH(u, &us->all, all)
	{
		if (u->child == NULL)
			tell_waiters(u);
	}
}

/* "anna:x:1000:1000:Anna,,,:/home/anna:/bin/bash" */
static void
on_looked_up(void *cookie, const struct child_result *result)
{
	struct user *u = cookie;
	size_t n = strcspn(result->output, ":");
	char name[72];

	u->child = NULL;
	u->owner->lookups--;
	u->until_ms = clock_mono_ms() + KEEP_UNKNOWN_MS;
	u->end = USERS_FAILED;
	if (result->error != NULL || result->timed_out || result->code < 0) {
		u->until_ms = 0;
	} else if (result->code != 0) {
		u->end = USERS_UNKNOWN;
	} else {
		(void)snprintf(
		    name, sizeof name, "%.*s", (int)n, result->output);
		u->end = USERS_UNKNOWN; /* a name that we cannot work with */
		if (n < sizeof name && text_is_name(name)) {
			u->name = text_dup(name);
			u->end = USERS_KNOWN;
			u->until_ms = clock_mono_ms() + KEEP_MS;
		}
	}
	tell_waiters(u);
}

static void
look_up(struct user *u)
{
	char uid[24];
	const char *const argv[] = { "/usr/bin/getent", "passwd", uid, NULL };

	free(u->name);
	u->name = NULL;
	u->end = USERS_FAILED;
	if (u->owner->lookups >= MOST_LOOKUPS) {
		u->until_ms = 0;
		event_active(u->owner->ready, EV_TIMEOUT, 0);
		return;
	}
	(void)snprintf(uid, sizeof uid, "%ju", (uintmax_t)u->uid);
	u->owner->lookups++;
	u->child = child_run(&(struct child_spec){ .argv = argv,
				 .output_max = 4096, .limit_ms = LOOKUP_MS },
	    on_looked_up, u);
}

static void
make_room(struct users *us)
{
	struct user *u, *next;
	int64_t now = clock_mono_ms();

	for (u = LIST_FIRST(&us->all); u != NULL; u = next) {
		next = LIST_NEXT(u, all);
		if (u->child == NULL && STAILQ_EMPTY(&u->waiters) &&
		    (u->until_ms < now || us->count > MOST_USERS))
			forget(u);
	}
}

static struct user *
find(struct users *us, uid_t uid)
{
	struct user *u;

	LIST_FOREACH(u, &us->all, all)
	{
		if (u->uid == uid)
			return u;
	}
	u = text_alloc(sizeof *u);
	u->owner = us;
	u->uid = uid;
	u->end = USERS_FAILED;
	STAILQ_INIT(&u->waiters);
	us->count++;
	if (us->count > MOST_USERS)
		make_room(us);
	LIST_INSERT_HEAD(&us->all, u, all);
	return u;
}

void
users_ask(struct users *us, uid_t uid, users_done *done, void *cookie)
{
	struct user *u = find(us, uid);
	struct waiter *w = text_alloc(sizeof *w);

	w->done = done;
	w->cookie = cookie;
	STAILQ_INSERT_TAIL(&u->waiters, w, all);
	if (u->child != NULL)
		return; /* is being looked up */
	if (uid == 0 && u->name == NULL) {
		u->name = text_dup("root");
		u->end = USERS_KNOWN;
		u->until_ms = INT64_MAX;
	}
	if (u->until_ms > clock_mono_ms())
		event_active(us->ready, EV_TIMEOUT, 0);
	else
		look_up(u);
}

struct users *
users_new(struct event_base *base)
{
	struct users *us = text_alloc(sizeof *us);

	LIST_INIT(&us->all);
	us->ready = event_new(base, -1, 0, on_ready, us);
	if (us->ready == NULL)
		abort();
	return us;
}

void
users_free(struct users *us)
{
	struct user *u;

	if (us == NULL)
		return;
	while ((u = LIST_FIRST(&us->all)) != NULL) {
		if (u->child != NULL)
			child_forget(u->child);
		u->child = NULL;
		tell_waiters(u);
		forget(u);
	}
	event_free(us->ready);
	free(us);
}
