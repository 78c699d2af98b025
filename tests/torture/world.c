#include "tests/torture/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "daemon/base/text.h"

/* Short promises, tries and holds, so that all of it happens in a minute. */
static const char body[] =
    "tier \"gold\" { value = 3000 weight = 5 callback = \"2s\" "
    "complaint = \"3s\" }\n"
    "tier \"standard\" { value = 0 weight = 1 callback = \"4s\" "
    "complaint = \"6s\" }\n"
    "unknown_caller = \"standard\"\n"
    "undo = \"20s\"\n"
    "burst = \"1s\"\n"
    "not_again = \"3s\"\n"
    "hours \"always\" { open = { \"mon-sun 00:00-24:00\" } }\n"
    "ladder \"usual\" {\n"
    "    step \"0%\"   { to = \"agents\" }\n"
    "    step \"75%\"  { to = \"agents\" alert = \"at-risk\" }\n"
    "    step \"100%\" { to = \"agents\" alert = \"broken\" }\n"
    "}\n"
    "retry \"usual\" {\n"
    "    no-answer = { \"2s\", \"3s\", \"4s\" }\n"
    "    busy      = { \"1s\", \"1s\", \"2s\" }\n"
    "    voicemail = { \"2s\", \"4s\" }\n"
    "    call_from = \"00:00\"\n"
    "    call_to   = \"24:00\"\n"
    "}\n"
    "queue \"sales\" {\n"
    "    numbers = { \"+49 30 1111\" } hold = \"4s\" hold_max = \"12s\"\n"
    "    hours = \"always\" ladder = \"usual\" retry = \"usual\"\n"
    "}\n"
    "queue \"billing\" {\n"
    "    numbers = { \"+49 30 2222\" } hold = \"3s\" hold_max = \"12s\"\n"
    "    hours = \"always\" ladder = \"usual\" retry = \"usual\"\n"
    "}\n"
    "source \"torture\" { answered_min = \"0s\" }\n";

int64_t
world_wall_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
world_mono_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- people ------------------------------------------------------------- */

void
face_open(struct face *f, struct world *w, const char *token, long limit_ms)
{
	for (size_t i = 0; i < DAEMONS; i++) {
		f->web[i] = token != NULL
				? web_tcp(w->port[i].number, token)
				: web_unix(daemon_socket(w->daemon[i]));
		web_limit(f->web[i], limit_ms);
	}
}

void
face_close(struct face *f)
{
	for (size_t i = 0; i < DAEMONS; i++) {
		web_free(f->web[i]);
		f->web[i] = NULL;
	}
}

void
face_ask(struct face *f, struct world *w, const struct web_request *r,
	 web_told *told, void *cookie)
{
	f->busy = true;
	crowd_ask(w->crowd, f->web[f->at], r, told, cookie);
}

void
face_turn(struct face *f)
{
	f->at = (f->at + 1) % DAEMONS;
}

static char *
new_token(struct world *w, const char *name, const char *role)
{
	struct web *admin = web_unix(daemon_socket(w->daemon[0]));
	const struct web_answer *a;
	char request[160], *token;

	(void)snprintf(request, sizeof request,
		       "{\"name\":\"%s\",\"role\":\"%s\"}", name, role);
	a = web_ask(admin, NULL, "/v1/tokens", request);
	token = text_dup(web_text(a, "token"));
	if (a->status != 201) {
		(void)fprintf(stderr, "torture: no token: %s\n", a->body);
		exit(2);
	}
	web_free(admin);
	return token;
}

static void
let_serve(struct world *w, const char *agent, const char *queue)
{
	struct web *admin = web_unix(daemon_socket(w->daemon[0]));
	char path[160];

	(void)snprintf(path, sizeof path, "/v1/agents/%s/queues/%s", agent,
		       queue);
	if (web_ask(admin, "PUT", path, "{\"factor\":1.0}")->status / 100 !=
	    2) {
		(void)fprintf(stderr, "torture: %s refused\n", path);
		exit(2);
	}
	web_free(admin);
}

static void
invite_people(struct world *w)
{
	char name[16];

	w->source_token = new_token(w, "torture", "push");
	for (size_t i = 0; i < AGENTS; i++) {
		(void)snprintf(name, sizeof name, "agent%zu", i);
		w->agent_token[i] = new_token(w, name, "agent");
		let_serve(w, name, "sales");
		let_serve(w, name, "billing");
	}
}

/* ---- servers ------------------------------------------------------------ */

/* The receiver of alerts: each is one line, with its key.  One after another: a
 * long line is written in parts, and one that is stopped half-way must not take
 * the next with it. */
static void
write_receiver(struct world *w)
{
	FILE *f;

	w->folder = redis_folder_new();
	w->alerts = text_print("%s/alerts", w->folder);
	w->program = text_print("%s/receive", w->folder);
	f = fopen(w->program, "we");
	if (f == NULL)
		abort();
	(void)fprintf(f,
		      "#!/bin/sh\nbody=$(cat)\nexec 9>>%s.lock\nflock 9\n"
		      "printf '\\n%%s\\n' \"$body\" >>%s\n",
		      w->alerts, w->alerts);
	if (fclose(f) != 0 || chmod(w->program, 0700) != 0)
		abort();
}

void
world_pair(struct world *w)
{
	char port[8];

	(void)snprintf(port, sizeof port, "%u",
		       (unsigned)proxy_port(w->stream[0]));
	redis_must(w->replica, "REPLICAOF", "127.0.0.1", port, NULL);
}

static void
start_pair(struct world *w)
{
	const struct redis_options o = { .tcp = w->mode == MODE_TAKEOVER };

	w->redis = redis_start_with(&o);
	if (w->mode == MODE_SINGLE)
		return;
	w->replica = redis_start_with(&o);
	w->stream[0] = proxy_start_tcp(redis_port(w->redis));
	w->stream[1] = proxy_start_tcp(redis_port(w->replica));
	redis_must(w->redis, "CONFIG", "SET", "repl-diskless-sync-delay", "0",
		   NULL);
	redis_must(w->replica, "CONFIG", "SET", "repl-diskless-sync-delay", "0",
		   NULL);
	world_pair(w);
}

static void
start_redis(struct world *w)
{
	const struct redis_set_options o = { .replicas = 2, .sentinels = 3 };

	if (w->mode == MODE_SENTINEL)
		w->set = redis_set_start(&o);
	else if (w->mode == MODE_CLUSTER)
		w->set = redis_set_cluster(3, NULL);
	else
		start_pair(w);
}

/* "sentinel://ringback@127.0.0.1:1,127.0.0.1:2", "cluster://127.0.0.1:3,..." */
static char *
url_of_set(const struct world *w)
{
	bool sentinel = w->mode == MODE_SENTINEL;
	size_t n =
	    sentinel ? redis_set_sentinels(w->set) : redis_set_servers(w->set);
	struct text url = { 0 };

	text_add_str(&url, sentinel ? "sentinel://" REDIS_SET_NAME "@"
				    : "cluster://");
	for (size_t i = 0; i < n; i++)
		text_addf(&url, "%s127.0.0.1:%u", i > 0 ? "," : "",
			  (unsigned)redis_port(
			      sentinel ? redis_set_sentinel(w->set, i)
				       : redis_set_server(w->set, i)));
	return text_take(&url);
}

static char *
url_for(struct world *w, size_t daemon)
{
	if (w->set != NULL)
		return url_of_set(w);
	w->proxy[daemon] = proxy_start(redis_socket(w->redis));
	return text_print("unix://%s", proxy_socket(w->proxy[daemon]));
}

static void
start_daemons(struct world *w, const char *program)
{
	w->tail = text_print("alert \"file\" {\n    on = { \"at-risk\", "
			     "\"broken\", \"unreachable\" }\n"
			     "    run = \"%s\" timeout = \"1s\"\n}\n",
			     w->program);
	for (size_t i = 0; i < DAEMONS; i++) {
		struct daemon_options o = { .redis = w->redis,
					    .site = w->site,
					    .program = program,
					    .head = w->waits
							? "wait_replicas = 1\n"
							: NULL,
					    .body = body,
					    .tail = w->tail };

		w->port[i] = port_reserve();
		o.port = w->port[i].number;
		w->url[i] = url_for(w, i);
		o.redis_url = w->url[i];
		w->daemon[i] = daemon_start(&o);
	}
}

static struct world *
open_world(struct world *w, const char *program)
{
	write_receiver(w);
	start_daemons(w, program);
	invite_people(w);
	return w;
}

struct world *
world_start(enum mode mode, bool waits, const char *program)
{
	struct world *w = text_alloc(sizeof *w);

	w->mode = mode;
	w->waits = waits;
	w->site = "t";
	w->crowd = crowd_new();
	start_redis(w);
	return open_world(w, program);
}

struct world *
world_beside(struct world *other, const char *program)
{
	struct world *w = text_alloc(sizeof *w);

	w->mode = other->mode;
	w->site = "u";
	w->other = other;
	w->set = other->set;
	w->crowd = other->crowd;
	return open_world(w, program);
}

void
world_stop(struct world *w)
{
	for (size_t i = 0; i < DAEMONS; i++) {
		daemon_free(w->daemon[i]);
		proxy_stop(w->proxy[i]);
		port_release(&w->port[i]);
		free(w->url[i]);
	}
	for (size_t i = 0; i < AGENTS; i++)
		free(w->agent_token[i]);
	free(w->source_token);
	proxy_stop(w->stream[0]);
	proxy_stop(w->stream[1]);
	redis_stop(w->redis);
	redis_stop(w->replica);
	if (w->other == NULL) {
		redis_set_stop(w->set);
		crowd_free(w->crowd);
	}
	redis_folder_remove(w->folder);
	free(w->folder);
	free(w->alerts);
	free(w->program);
	free(w->tail);
	free(w);
}

int
world_slot(struct world *w)
{
	char key[48];

	(void)snprintf(key, sizeof key, "rb:{%s}", w->site);
	return redis_set_slot(w->set, key);
}

static struct redis *
owner_of_slot(struct world *w)
{
	size_t i = redis_set_owner(w->set, world_slot(w));

	return i < redis_set_servers(w->set) ? redis_set_server(w->set, i)
					     : NULL;
}

struct redis *
world_redis(struct world *w)
{
	if (w->mode == MODE_SENTINEL)
		return redis_set_master(w->set);
	return w->mode == MODE_CLUSTER ? owner_of_slot(w) : w->redis;
}

static bool
is_in_step(struct world *w)
{
	return redis_pid(w->redis) > 0 &&
	       redis_int(w->redis, "WAIT", "1", "1", NULL) == 1;
}

bool
world_ready(struct world *w)
{
	if (w->mode == MODE_TAKEOVER)
		return is_in_step(w);
	if (w->mode == MODE_SENTINEL)
		return redis_set_steady(w->set, 0);
	return w->mode != MODE_CLUSTER || redis_set_well(w->set, 0);
}
