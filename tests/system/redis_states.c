/* A Redis that answers, and would not: in each such state events are kept,
 * work is told why, and service is back by itself when the state is over. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/text.h"
#include "tests/system/kept.h"
#include "tests/system/team.h"

#define BACK_MS 5000
#define SEEN_MS 10000

TestSuite(system_states, .timeout = 60);

struct state {
	void (*begin)(struct redis *);
	void (*end)(struct redis *);
	const char *says; /* to people, on its way to them and in the log */
	const char *const *extra; /* arguments of the server; or NULL */
};

/* ---- what is asked ------------------------------------------------------ */

struct wait {
	struct team *t;
	const char *text;
};

static bool
is_seen(void *cookie)
{
	const struct wait *w = cookie;
	const struct web_answer *a =
	    web_ask(w->t->admin[0], NULL, "/readyz", NULL);

	return a->status == 503 && strstr(a->body, w->text) != NULL;
}

static bool
is_served(void *cookie)
{
	return web_ask(cookie, NULL, "/v1/next", "{}")->status == 200;
}

static void
is_told(struct web *w, const char *text)
{
	const struct web_answer *a = web_ask(w, NULL, "/v1/next", "{}");

	cr_assert_eq(a->status, 503, "%d %s", a->status, a->body);
	cr_assert_gt(a->retry_after, 0);
	cr_assert_not_null(strstr(a->body, text), "%s", a->body);
}

static int
times_said(struct team *t, const char *text)
{
	char *log = daemon_log(t->daemon[0]);
	int n = 0;

	for (const char *s = strstr(log, text); s != NULL;
	     s = strstr(s + 1, text))
		n++;
	free(log);
	return n;
}

static void
nothing_was_refused(struct team *t)
{
	char path[256];

	(void)snprintf(path, sizeof path, "%s/journal/refused",
		       daemon_folder(t->daemon[0]));
	cr_assert_neq(access(path, F_OK), 0, "an event was refused");
}

static struct team *
team_with(const char *const *extra)
{
	const struct redis_options redis = { .extra = extra };
	const struct daemon_options o = { .redis = redis_start_with(&redis) };

	return team_start(1, &o);
}

static void
goes_through(const struct state *s)
{
	struct team *t = team_with(s->extra);
	struct web *anna = team_agent(t, 0, "anna", "sales", NULL);
	struct wait seen = { t, s->says };

	(void)team_miss(t, 0, "1", "+493018000001");
	/* Her token is known from here on. */
	cr_assert_eq(web_ask(anna, NULL, "/v1/queues", NULL)->status, 200);
	s->begin(t->redis);
	kept_is(t->admin[0], 2);
	cr_assert(crowd_until(t->crowd, is_seen, &seen, SEEN_MS),
		  "/readyz does not say so");
	is_told(anna, s->says);
	kept_is(t->admin[0], 3);
	is_told(anna, s->says);
	cr_assert(daemon_said(t->daemon[0], s->says, 1, SEEN_MS));
	s->end(t->redis);
	cr_assert(daemon_ready(t->daemon[0], BACK_MS));
	cr_assert(crowd_until(t->crowd, is_served, anna, BACK_MS));
	kept_back(t, 3);
	nothing_was_refused(t);
	cr_assert_leq(times_said(t, s->says), 2, "once for each reason");
	web_free(anna);
	team_stop(t);
}

/* ---- keys of somebody else ---------------------------------------------- */

static void
log_replaced(struct redis *r)
{
	redis_must(r, "RENAME", "rb:{t}:log", "away", NULL);
	redis_must(r, "SET", "rb:{t}:log", "mine", NULL);
}

static void
log_put_back(struct redis *r)
{
	redis_must(r, "RENAME", "away", "rb:{t}:log", NULL);
}

Test(system_states, a_log_that_is_not_ours_is_named_and_nothing_half_done)
{
	goes_through(&(struct state){
	    log_replaced, log_put_back,
	    "the key rb:{t}:log is a string, not a stream", NULL });
}

static void
scheduled_taken(struct redis *r)
{
	redis_must(r, "SET", "rb:{t}:scheduled", "mine", NULL);
}

static void
scheduled_freed(struct redis *r)
{
	redis_must(r, "DEL", "rb:{t}:scheduled", NULL);
}

Test(system_states, a_key_that_somebody_else_made_is_named)
{
	goes_through(&(struct state){
	    scheduled_taken, scheduled_freed,
	    "the key rb:{t}:scheduled is a string, not a sorted set", NULL });
}

Test(system_states, a_key_of_one_item_that_is_not_ours_stops_only_that)
{
	struct team *t = team_start(1, NULL);
	const struct web_answer *a;

	redis_must(t->redis, "SET", "rb:{t}:item:1777", "mine", NULL);
	a = web_ask(t->admin[0], NULL, "/v1/items/1777", NULL);
	cr_assert_eq(a->status, 503, "%d %s", a->status, a->body);
	cr_assert_not_null(strstr(a->body, "something else writes"), "%s",
			   a->body);
	cr_assert(
	    daemon_said(t->daemon[0], "something else writes", 1, SEEN_MS));
	cr_assert_eq(web_ask(t->admin[0], NULL, "/readyz", NULL)->status, 200);
	(void)team_miss(t, 0, "1", "+493018000001");
	team_stop(t);
}

/* ---- busy, loading: over another link ----------------------------------- */

static redisContext *other;

static void
begin_elsewhere(struct redis *r, int argc, const char **argv)
{
	int done = 0;

	other = redisConnectUnix(redis_socket(r));
	cr_assert(other != NULL && other->err == 0);
	(void)redisAppendCommandArgv(other, argc, argv, NULL);
	while (done == 0)
		cr_assert_eq(redisBufferWrite(other, &done), REDIS_OK);
}

static void
end_elsewhere(void)
{
	redisFree(other);
	other = NULL;
}

struct expected {
	struct redis *r;
	const char *word; /* "" for none */
};

static bool
answers_with(void *cookie)
{
	const struct expected *e = cookie;
	redisReply *reply = redis_do(e->r, "PING", NULL);
	bool so = *e->word == '\0'
		      ? reply->type == REDIS_REPLY_STATUS
		      : reply->type == REDIS_REPLY_ERROR &&
			    strncmp(reply->str, e->word, strlen(e->word)) == 0;

	freeReplyObject(reply);
	return so;
}

static void
until_it_answers(struct redis *r, const char *word)
{
	struct expected e = { r, word };
	struct crowd *c = crowd_new();

	cr_assert(crowd_until(c, answers_with, &e, SEEN_MS), "%s", word);
	crowd_free(c);
}

static void
script_begins(struct redis *r)
{
	const char *argv[] = { "EVAL", "while true do end", "0" };

	redis_must(r, "CONFIG", "SET", "lua-time-limit", "10", NULL);
	begin_elsewhere(r, 3, argv);
	until_it_answers(r, "BUSY");
}

static void
script_is_killed(struct redis *r)
{
	redis_must(r, "SCRIPT", "KILL", NULL);
	until_it_answers(r, "");
	end_elsewhere();
}

Test(system_states, a_script_of_somebody_else_that_runs_for_ever)
{
	goes_through(&(struct state){ script_begins, script_is_killed,
				      "busy with a script of somebody else",
				      NULL });
}

/* Of 0.5 ms each. */
#define KEYS "4000"

static void
loading_begins(struct redis *r)
{
	const char *argv[] = { "DEBUG", "RELOAD" };

	redis_must(r, "EVAL",
		   "for i = 1, " KEYS " do redis.call('SET', 'x' .. i, i) end",
		   "0", NULL);
	redis_must(r, "CONFIG", "SET", "key-load-delay", "500", NULL);
	begin_elsewhere(r, 2, argv);
	until_it_answers(r, "LOADING");
}

static void
loading_ends(struct redis *r)
{
	until_it_answers(r, "");
	end_elsewhere();
}

Test(system_states, a_redis_that_loads_its_data)
{
	static const char *const extra[] = {
		"--enable-debug-command", "yes",
		"--loading-process-events-interval-bytes", "1024", NULL
	};

	goes_through(&(struct state){ loading_begins, loading_ends,
				      "it is loading its data", extra });
}

/* ---- disk, replicas, role, password ------------------------------------- */

static bool
saving_has_failed(void *cookie)
{
	return strstr(redis_str(cookie, "INFO", "persistence", NULL),
		      "rdb_last_bgsave_status:err") != NULL;
}

static bool
saving_is_over(void *cookie)
{
	return strstr(redis_str(cookie, "INFO", "persistence", NULL),
		      "rdb_last_bgsave_status:ok") != NULL;
}

static void
save_until(struct redis *r, bool (*holds)(void *))
{
	struct crowd *c = crowd_new();

	redis_must(r, "BGSAVE", NULL);
	cr_assert(crowd_until(c, holds, r, SEEN_MS));
	crowd_free(c);
}

/* A folder where its file belongs: root, too, cannot write over it. */
static void
snapshot_path(char *buf, size_t size, const struct redis *r)
{
	(void)snprintf(buf, size, "%s/dump.rdb", redis_folder(r));
}

static void
disk_fails(struct redis *r)
{
	char path[256];

	snapshot_path(path, sizeof path, r);
	cr_assert_eq(mkdir(path, 0700), 0);
	redis_must(r, "CONFIG", "SET", "save", "3600 1", NULL);
	save_until(r, saving_has_failed);
}

static void
disk_works(struct redis *r)
{
	char path[256];

	snapshot_path(path, sizeof path, r);
	cr_assert_eq(rmdir(path), 0);
	save_until(r, saving_is_over);
}

Test(system_states, a_redis_that_cannot_write_to_its_disk)
{
	goes_through(&(struct state){ disk_fails, disk_works,
				      "it cannot write to its disk", NULL });
}

static void
replica_wanted(struct redis *r)
{
	redis_must(r, "CONFIG", "SET", "min-replicas-to-write", "1", NULL);
}

static void
no_replica_wanted(struct redis *r)
{
	redis_must(r, "CONFIG", "SET", "min-replicas-to-write", "0", NULL);
}

Test(system_states, a_redis_with_too_few_replicas)
{
	goes_through(&(struct state){
	    replica_wanted, no_replica_wanted,
	    "fewer replicas than its min-replicas-to-write", NULL });
}

static void
becomes_replica(struct redis *r)
{
	redis_must(r, "REPLICAOF", "127.0.0.1", "1", NULL);
}

static void
becomes_stale_replica(struct redis *r)
{
	redis_must(r, "CONFIG", "SET", "replica-serve-stale-data", "no", NULL);
	becomes_replica(r);
}

static void
becomes_master(struct redis *r)
{
	redis_must(r, "REPLICAOF", "NO", "ONE", NULL);
}

Test(system_states, a_redis_that_becomes_a_replica)
{
	goes_through(&(struct state){ becomes_replica, becomes_master,
				      "a replica", NULL });
}

Test(system_states, a_redis_that_is_a_replica_without_its_master)
{
	goes_through(&(struct state){ becomes_stale_replica, becomes_master,
				      "a replica", NULL });
}

static void
wants_a_password(struct redis *r)
{
	redis_must(r, "CONFIG", "SET", "requirepass", "x", NULL);
	redis_must(r, "CLIENT", "KILL", "TYPE", "normal", NULL);
}

static void
wants_none(struct redis *r)
{
	redis_must(r, "CONFIG", "SET", "requirepass", "", NULL);
}

Test(system_states, a_redis_that_suddenly_wants_a_password)
{
	goes_through(&(struct state){ wants_a_password, wants_none,
				      "it wants a password", NULL });
}

/* ---- memory ------------------------------------------------------------- */

static void
gets_full(struct redis *r)
{
	redis_must(r, "CONFIG", "SET", "maxmemory", "1mb", NULL);
}

static void
has_room(struct redis *r)
{
	redis_must(r, "CONFIG", "SET", "maxmemory", "0", NULL);
}

Test(system_states, a_full_redis)
{
	goes_through(&(struct state){ gets_full, has_room,
				      "maxmemory is reached", NULL });
}

static bool
has_an_item(void *cookie)
{
	return redis_int(cookie, "EXISTS", "rb:{t}:item:1001", NULL) == 1;
}

Test(system_states, a_redis_that_is_full_when_the_daemon_starts)
{
	const struct daemon_options o = { .redis = redis_start() };
	struct crowd *c = crowd_new();
	struct daemon *d;
	struct web *w;

	gets_full(o.redis);
	d = daemon_launch(&o);
	cr_assert(daemon_said(d, "maxmemory is reached", 1, SEEN_MS));
	w = web_unix(daemon_socket(d));
	kept_is(w, 1);
	has_room(o.redis);
	cr_assert(daemon_ready(d, BACK_MS));
	cr_assert(crowd_until(c, has_an_item, o.redis, BACK_MS));
	web_free(w);
	crowd_free(c);
	daemon_free(d);
	redis_stop(o.redis);
}

/* ---- the library of another version ------------------------------------- */

/* All functions as they are, but they say that they are of that version. */
static void
load_version(struct redis *r, const char *version)
{
	static const char name[] = "library_version = '";
	redisReply *list = redis_do(r, "FUNCTION", "LIST", "WITHCODE", NULL);
	const redisReply *library = list->element[0];
	const char *code = library->element[library->elements - 1]->str;
	const char *at = strstr(code, name);
	char *text;

	cr_assert_not_null(at);
	at += sizeof name - 1;
	text = text_print("%.*s%s%s", (int)(at - code), code, version,
			  strchr(at, ' '));
	freeReplyObject(list);
	redis_must(r, "FUNCTION", "LOAD", "REPLACE", text, NULL);
	free(text);
}

static char *
version_of(struct redis *r)
{
	return strdup(redis_str(r, "FCALL", "rb1_version", "0", NULL));
}

static bool
is_over(void *cookie)
{
	return strstr(redis_str(cookie, "CLIENT", "LIST", NULL), "cmd=xread") !=
	       NULL;
}

/* The daemon greets Redis anew, as after a restart of either. */
static void
meet_again(struct team *t)
{
	redis_must(t->redis, "CLIENT", "KILL", "TYPE", "normal", NULL);
	cr_assert(daemon_said(t->daemon[0], "link=up", 2, SEEN_MS));
	cr_assert(crowd_until(t->crowd, is_over, t->redis, SEEN_MS));
	cr_assert(daemon_ready(t->daemon[0], BACK_MS));
}

Test(system_states, an_older_library_is_replaced_by_ours)
{
	struct team *t = team_start(1, NULL);
	char *ours = version_of(t->redis), *now;

	load_version(t->redis, "0.0.1");
	meet_again(t);
	now = version_of(t->redis);
	cr_assert_str_eq(now, ours);
	(void)team_miss(t, 0, "1", "+493018000001");
	free(ours);
	free(now);
	team_stop(t);
}

Test(system_states, a_newer_library_is_left_and_used)
{
	struct team *t = team_start(1, NULL);
	char *now;

	load_version(t->redis, "99.1.0");
	meet_again(t);
	now = version_of(t->redis);
	cr_assert_eq(strncmp(now, "99.1.0 ", 7), 0, "%s", now);
	(void)team_miss(t, 0, "1", "+493018000001");
	free(now);
	team_stop(t);
}
