#include "tests/harness/redis_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/harness/redis_set_parts.h"

#define NAP_MS 20

/* ---- small things ------------------------------------------------------- */

void
set_give_up(const char *what)
{
	(void)fprintf(stderr, "harness: redis_set: %s\n", what);
	abort();
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool
set_until(struct redis_set *s, set_holds *what, const void *of, int limit_ms)
{
	const struct timespec nap = { .tv_nsec = NAP_MS * 1000 * 1000 };
	int64_t end = now_ms() + limit_ms;

	for (;;) {
		if (what(s, of))
			return true;
		if (now_ms() >= end)
			return false;
		(void)nanosleep(&nap, NULL);
	}
}

/* The test may have frozen it by a signal of its own: the kernel knows. */
bool
set_awake(const struct redis *r)
{
	char path[40], line[512] = "";
	const char *end;
	FILE *f;

	if (redis_pid(r) < 0)
		return false;
	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)redis_pid(r));
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	if (fgets(line, sizeof line, f) == NULL)
		line[0] = '\0';
	(void)fclose(f);
	end = strrchr(line, ')');
	return end != NULL && strchr("TtZX", end[2]) == NULL;
}

const char *
set_port(const struct redis *r, char text[8])
{
	(void)snprintf(text, 8, "%u", (unsigned)redis_port(r));
	return text;
}

/* ---- a master with replicas --------------------------------------------- */

struct redis *
set_server(const struct redis_set *s, const char *lines)
{
	const struct redis_options o = { .tcp = true,
					 .file = lines,
					 .extra = s->options.extra };

	return redis_start_with(&o);
}

static void
start_servers(struct redis_set *s)
{
	char lines[256];
	int len = snprintf(lines, sizeof lines,
			   "min-replicas-to-write %d\n"
			   "min-replicas-max-lag 1\n"
			   "repl-diskless-sync-delay 0\n"
			   "repl-ping-replica-period 1\n",
			   s->options.min_replicas);

	for (s->servers = 0; s->servers <= s->options.replicas; s->servers++) {
		s->server[s->servers] = set_server(s, lines);
		if (s->servers == 0)
			(void)snprintf(lines + len, sizeof lines - (size_t)len,
				       "replicaof 127.0.0.1 %u\n",
				       (unsigned)redis_port(s->server[0]));
	}
}

bool
set_field(struct redis *r, const char *section, const char *line)
{
	return strstr(redis_str(r, "INFO", section, NULL), line) != NULL;
}

static bool
follows(struct redis *r, const struct redis *master)
{
	char port[32];

	(void)snprintf(port, sizeof port, "master_port:%u\r",
		       (unsigned)redis_port(master));
	return set_awake(r) && set_field(r, "replication", port) &&
	       set_field(r, "replication", "master_link_status:up");
}

bool
set_follow(struct redis_set *s, const void *master)
{
	for (size_t i = 0; i < s->servers; i++) {
		if (s->server[i] != master && !follows(s->server[i], master))
			return false;
	}
	return true;
}

/* ---- begin and end ------------------------------------------------------ */

struct redis_set *
set_new(const struct redis_set_options *o)
{
	struct redis_set *s = calloc(1, sizeof *s);

	if (s == NULL || o->replicas + 1 > MOST_SERVERS ||
	    o->sentinels > MOST_SENTINELS)
		set_give_up("too many members");
	s->options = *o;
	s->slot = -1;
	return s;
}

struct redis_set *
redis_set_start(const struct redis_set_options *o)
{
	struct redis_set *s = set_new(o);

	start_servers(s);
	if (!set_until(s, set_follow, s->server[0], START_LIMIT_MS))
		set_give_up("the replicas do not come into step");
	set_start_sentinels(s);
	if (s->sentinels > 0 && !redis_set_steady(s, START_LIMIT_MS))
		set_give_up("the sentinels see no majority");
	return s;
}

void
redis_set_stop(struct redis_set *s)
{
	if (s == NULL)
		return;
	/* Sentinels first: nobody shall begin a failover now. */
	for (size_t i = 0; i < s->sentinels; i++)
		redis_stop(s->sentinel[i]);
	for (size_t i = 0; i < s->servers; i++) {
		redis_stop(s->server[i]);
		port_release(&s->bus[i]);
	}
	free(s);
}

size_t
redis_set_servers(const struct redis_set *s)
{
	return s->servers;
}

size_t
redis_set_sentinels(const struct redis_set *s)
{
	return s->sentinels;
}

struct redis *
redis_set_server(struct redis_set *s, size_t i)
{
	return i < s->servers ? s->server[i] : NULL;
}

struct redis *
redis_set_sentinel(struct redis_set *s, size_t i)
{
	return i < s->sentinels ? s->sentinel[i] : NULL;
}
