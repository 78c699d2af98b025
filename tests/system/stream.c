/* GET /v1/log: nothing is missed and nothing told twice, whatever dies. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "tests/harness/loop.h"
#include "tests/harness/peer.h"
#include "tests/system/team.h"

TestSuite(system_stream, .timeout = 60);

/* ---- one who listens, and comes back ------------------------------------ */

struct listener {
	struct web *web;
	struct text ids; /* of all that it was told, a line each */
	char last[48];
	size_t told; /* lines of ids */
	bool ended, reset;
};

/* What came since it was connected, up to the last whole event. */
static void
take_events(struct listener *l)
{
	const char *s = web_so_far(l->web);

	if (strstr(s, "event: reset") != NULL)
		l->reset = true;
	while ((s = strstr(s, "id: ")) != NULL && strstr(s, "\n\n") != NULL) {
		s += 4;
		(void)snprintf(l->last, sizeof l->last, "%.*s",
			       (int)strcspn(s, "\n"), s);
		text_addf(&l->ids, "%s\n", l->last);
		l->told++;
	}
}

static void
on_end(void *cookie, struct web *w, const struct web_answer *a)
{
	struct listener *l = cookie;

	(void)w;
	(void)a;
	l->ended = true;
}

static void
listen_at(struct listener *l, struct team *t, size_t daemon, const char *from)
{
	const struct web_request r = { .path = "/v1/log", .last_id = from };

	l->web = web_unix(daemon_socket(t->daemon[daemon]));
	web_limit(l->web, 50000);
	l->ended = false;
	crowd_ask(t->crowd, l->web, &r, on_end, l);
}

static void
hang_up(struct listener *l, struct team *t)
{
	take_events(l);
	if (!l->ended)
		crowd_drop(t->crowd, l->web);
	web_free(l->web);
}

static bool
has_answered(void *cookie)
{
	const struct listener *l = cookie;

	return strstr(web_so_far(l->web), "retry: ") != NULL;
}

static bool
has_more(void *cookie)
{
	const struct listener *l = cookie;

	return strstr(web_so_far(l->web), "id: ") != NULL;
}

static bool
has_ended(void *cookie)
{
	const struct listener *l = cookie;

	return l->ended;
}

struct wish {
	struct listener *listener;
	const char *id;
};

static bool
knows(void *cookie)
{
	const struct wish *w = cookie;

	return strstr(web_so_far(w->listener->web), w->id) != NULL;
}

/* The ids after the first one that it was told must be those of the log. */
static void
missed_nothing(struct listener *l, struct team *t)
{
	size_t count, begin = 0;
	struct team_entry *list = team_log(t, &count);
	const char *s = l->ids.data;

	while (begin < count &&
	       strncmp(list[begin].id, s, strlen(list[begin].id)) != 0)
		begin++;
	cr_assert_lt(begin, count, "the first is not in the log");
	cr_assert_eq(l->told, count - begin, "told %zu of %zu", l->told,
		     count - begin);
	for (size_t i = begin; i < count; i++) {
		size_t n = strlen(list[i].id);

		cr_assert(strncmp(s, list[i].id, n) == 0 && s[n] == '\n',
			  "at %zu: %s instead of %.*s", i, list[i].id,
			  (int)strcspn(s, "\n"), s);
		s += n + 1;
	}
	free(list);
}

static char *
some_lines(int round, int lines)
{
	struct text body = { 0 };

	for (int i = 0; i < lines; i++)
		text_addf(&body,
			  "{\"type\":\"call.missed\",\"id\":\"%d-%d\","
			  "\"from\":\"+4930%07d\",\"queue\":\"sales\"}\n",
			  round, i, 5000000 + round * 1000 + i);
	return text_take(&body);
}

static void
push_some(struct team *t, size_t daemon, int round, int lines)
{
	char *body = some_lines(round, lines);
	const struct web_answer *a =
	    web_lines(t->admin[daemon], "/v1/events", body);

	cr_assert_eq(a->status, 200, "%d %s", a->status, a->body);
	free(body);
}

/* The same, while others are served too. */
static void
push_meanwhile(struct team *t, size_t daemon, int round, int lines)
{
	char *body = some_lines(round, lines);
	const struct web_request r = { .path = "/v1/events",
				       .body = body,
				       .type = "application/x-ndjson" };

	crowd_ask(t->crowd, t->admin[daemon], &r, NULL, NULL);
	free(body);
}

static bool
only_listens(void *cookie)
{
	const struct team *t = cookie;

	return crowd_open(t->crowd) == 1;
}

static void
hears_the_last(struct listener *l, struct team *t)
{
	size_t count;
	struct team_entry *list = team_log(t, &count);
	struct wish wish = { .listener = l, .id = list[count - 1].id };

	cr_assert(crowd_until(t->crowd, knows, &wish, 10000));
	free(list);
}

Test(system_stream, it_resumes_without_gap_or_double_over_kills_and_daemons)
{
	struct team *t = team_start(2, NULL);
	struct listener l = { .reset = false };
	size_t other;

	listen_at(&l, t, 0, NULL);
	cr_assert(crowd_until(t->crowd, has_answered, &l, 5000));
	push_some(t, 1, 0, 30);
	cr_assert(crowd_until(t->crowd, has_more, &l, 5000));
	for (int round = 1; round < 6; round++) {
		/* Round by round at the one daemon and at the other. */
		other = (size_t)round % 2;
		daemon_kill9(t->daemon[1 - other]);
		cr_assert(crowd_until(t->crowd, has_ended, &l, 5000));
		hang_up(&l, t);
		push_some(t, other, round, 30);
		push_meanwhile(t, other, 10 + round, 300);
		listen_at(&l, t, other, l.last);
		cr_assert(crowd_until(t->crowd, only_listens, t, 10000));
		cr_assert(crowd_until(t->crowd, has_more, &l, 5000));
		daemon_restart(t->daemon[1 - other]);
	}
	hears_the_last(&l, t);
	hang_up(&l, t);
	missed_nothing(&l, t);
	cr_assert(!l.reset);
	text_done(&l.ids);
	team_stop(t);
}

Test(system_stream, who_comes_with_an_id_that_is_too_old_is_told_so)
{
	struct team *t = team_start(1, NULL);
	struct listener l = { .reset = false };
	size_t count;
	struct team_entry *list;
	char first[48];

	push_some(t, 0, 1, 20);
	list = team_log(t, &count);
	(void)snprintf(first, sizeof first, "%s", list[0].id);
	free(list);
	/* All was read by it before: nothing is lost to it. */
	listen_at(&l, t, 0, first);
	cr_assert(crowd_until(t->crowd, has_more, &l, 5000));
	hang_up(&l, t);
	cr_assert(!l.reset);
	redis_must(t->redis, "XTRIM", "rb:{t}:log", "MAXLEN", "5", NULL);
	listen_at(&l, t, 0, first);
	cr_assert(crowd_until(t->crowd, has_more, &l, 5000));
	hang_up(&l, t);
	cr_assert(l.reset);
	text_done(&l.ids);
	team_stop(t);
}

Test(system_stream, it_goes_on_when_redis_comes_back)
{
	struct team *t = team_start(1, NULL);
	struct listener l = { .reset = false };

	listen_at(&l, t, 0, NULL);
	cr_assert(crowd_until(t->crowd, has_answered, &l, 5000));
	push_some(t, 0, 0, 10);
	redis_restart(t->redis);
	cr_assert(daemon_said(t->daemon[0], "link=away", 1, 5000));
	cr_assert(daemon_ready(t->daemon[0], 5000));
	push_some(t, 0, 1, 10);
	hears_the_last(&l, t);
	cr_assert_not_null(strstr(web_so_far(l.web), "event: away\ndata: "));
	cr_assert_not_null(strstr(web_so_far(l.web), "event: back\ndata: "));
	hang_up(&l, t);
	missed_nothing(&l, t);
	cr_assert(!l.reset);
	text_done(&l.ids);
	team_stop(t);
}

static bool
knows_that_it_is_away(void *cookie)
{
	const struct listener *l = cookie;

	return strstr(web_so_far(l->web), "event: away\n") != NULL;
}

Test(system_stream, who_comes_while_redis_is_away_waits_for_what_he_missed)
{
	struct team *t = team_start(1, NULL);
	struct listener l = { .reset = false };
	size_t count;
	struct team_entry *list;
	char first[48];

	push_some(t, 0, 0, 10);
	list = team_log(t, &count);
	(void)snprintf(first, sizeof first, "%s", list[0].id);
	free(list);
	redis_kill9(t->redis);
	daemon_kill9(t->daemon[0]);
	daemon_again(t->daemon[0]);
	while (daemon_probe(t->daemon[0], "/healthz", 2000) != 200)
		cr_assert(daemon_pid(t->daemon[0]) > 0);
	listen_at(&l, t, 0, first);
	cr_assert(crowd_until(t->crowd, knows_that_it_is_away, &l, 5000));
	redis_restart(t->redis);
	text_addf(&l.ids, "%s\n", first);
	l.told = 1;
	hears_the_last(&l, t);
	cr_assert(!l.ended);
	hang_up(&l, t);
	missed_nothing(&l, t);
	text_done(&l.ids);
	team_stop(t);
}

/* ---- two hundred who never read ----------------------------------------- */

#define DEAF 200

static int
open_files(const struct team *t)
{
	char path[64];
	DIR *dir;
	int n = 0;

	(void)snprintf(path, sizeof path, "/proc/%d/fd",
		       (int)daemon_pid(t->daemon[0]));
	dir = opendir(path);
	cr_assert_not_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

struct deaf {
	struct team *team;
	int most;
};

static bool
has_fewer(void *cookie)
{
	const struct deaf *d = cookie;

	return open_files(d->team) <= d->most;
}

Test(system_stream, two_hundred_who_never_read_are_dropped_and_harm_nobody)
{
	const struct daemon_options options = {
		.head = "watch_buffer = 65536\n",
	};
	struct event_base *base = event_base_new();
	struct team *t = team_start(1, &options);
	struct deaf none = { .team = t };
	struct peer *deaf[DEAF];
	const struct web_answer *a;
	double slowest = 0;

	none.most = open_files(t) + 8;
	for (int i = 0; i < DEAF; i++) {
		deaf[i] = peer_unix(base, daemon_socket(t->daemon[0]));
		peer_say(deaf[i], "GET /v1/log HTTP/1.1\r\nHost: t\r\n\r\n");
		/* One by one: the queue of those who knock is short. */
		cr_assert(peer_has(deaf[i], "retry: ", 10000));
	}
	for (int i = 0; i < DEAF; i++)
		peer_stop_reading(deaf[i]);
	for (int round = 0; round < 6 && !has_fewer(&none); round++) {
		push_some(t, 0, round, 500);
		a = web_ask(t->admin[0], NULL, "/v1/queues", NULL);
		cr_assert_eq(a->status, 200, "%d %s", a->status, a->body);
		if (a->took_ms > slowest)
			slowest = a->took_ms;
	}
	cr_log_info("slowest answer meanwhile: %.0f ms", slowest);
	cr_assert_lt(slowest, 5000);
	cr_assert(loop_until(base, has_fewer, &none, 10000),
		  "%d are still open", open_files(t) - none.most);
	for (int i = 0; i < DEAF; i++)
		peer_free(deaf[i]);
	event_base_free(base);
	team_stop(t);
}
