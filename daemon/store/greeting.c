#include "daemon/store/greeting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "daemon/base/text.h"
#include "daemon/store/library.h"
#include "daemon/store/rds.h"

#define RUN_ID_LEN 40

struct greeting {
	struct rds *rds; /* borrowed, while a greeting is under way */
	char *key;       /* owned: which library the site has */
	bool must_keep;
	char run_id[RUN_ID_LEN + 1];
};

/*
 * The greeting
 *	greeting_begin	what Redis says of itself
 *	info_read	good enough?  then: which library is there
 *	library_known	ours, or a newer one: ready; else load ours
 *	library_loaded	and write down which
 *	library_noted	ready
 */
static void info_read(void *, enum store_end, const redisReply *);
static void library_known(void *, enum store_end, const redisReply *);
static void library_loaded(void *, enum store_end, const redisReply *);
static void library_noted(void *, enum store_end, const redisReply *);

struct greeting *
greeting_new(const char *site, bool must_keep)
{
	struct greeting *g = text_alloc(sizeof *g);

	g->key = text_print("rb:{%s}:library", site);
	g->must_keep = must_keep;
	return g;
}

void
greeting_free(struct greeting *g)
{
	if (g == NULL)
		return;
	free(g->key);
	free(g);
}

const char *
greeting_run_id(const struct greeting *g)
{
	return g->run_id;
}

static void
ask(struct greeting *g, int argc, const char *const *argv, rds_done *done)
{
	const struct rds_command command = { .argc = argc,
		.argv = argv,
		.greeting = true };

	rds_call_command(g->rds, &command, done, g);
}

void
greeting_begin(struct rds *rds, void *greeting)
{
	static const char *const argv[] = { "INFO" };
	struct greeting *g = greeting;

	g->rds = rds;
	ask(g, 1, argv, info_read);
}

/* The value of a line "name:value" of INFO; "" where there is none. */
static void
info_field(char *buf, size_t size, const char *info, const char *name)
{
	size_t n = strlen(name);
	const char *p = info;

	*buf = '\0';
	while (p != NULL) {
		if (strncmp(p, name, n) == 0 && p[n] == ':') {
			p += n + 1;
			(void)snprintf(
			    buf, size, "%.*s", (int)strcspn(p, "\r\n"), p);
			return;
		}
		p = strchr(p, '\n');
		if (p != NULL)
			p++;
	}
}

/* Why this Redis cannot be used, or NULL. */
static const char *
unfit(const char *info, bool must_keep)
{
	char v[64];

	info_field(v, sizeof v, info, "redis_version");
	if (strverscmp(v, "7.0.0") < 0)
		return "it is older than Redis 7.0, which has no functions";
	info_field(v, sizeof v, info, "loading");
	if (strcmp(v, "1") == 0)
		return "it is loading its data";
	info_field(v, sizeof v, info, "role");
	if (strcmp(v, "master") != 0)
		return "it is a replica, not the master";
	if (!must_keep)
		return NULL;
	info_field(v, sizeof v, info, "aof_enabled");
	if (strcmp(v, "1") != 0)
		return "it would forget what it accepts: set \"appendonly "
		       "yes\" in Redis, or durability = \"none\" here";
	info_field(v, sizeof v, info, "maxmemory_policy");
	if (strcmp(v, "noeviction") != 0)
		return "it may throw away what it accepted: set "
		       "\"maxmemory-policy noeviction\" in Redis, or "
		       "durability = \"none\" here";
	return NULL;
}

/* What is no run id counts as none: it becomes a part of what is sent. */
static void
note_run_id(struct greeting *g, const char *info)
{
	char v[64];

	info_field(v, sizeof v, info, "run_id");
	if (strlen(v) != RUN_ID_LEN ||
	    strspn(v, "0123456789abcdef") != RUN_ID_LEN)
		*v = '\0';
	(void)snprintf(g->run_id, sizeof g->run_id, "%.*s",
	    RUN_ID_LEN, v);
}

/* A greeting that was cut off is not ours to end: the link has gone already. */
static bool
cut_off(enum store_end end)
{
	return end == STORE_NOT_SENT || end == STORE_UNKNOWN;
}

static void
refuse(struct greeting *g, const redisReply *r)
{
	rds_drop(g->rds, r != NULL && r->str != NULL ? r->str :
						       "an odd answer");
}

static void
info_read(void *cookie, enum store_end end, const redisReply *r)
{
	struct greeting *g = cookie;
	const char *const argv[] = { "GET", g->key };
	const char *why;

	if (cut_off(end))
		return;
	if (end != STORE_DONE ||
	    (r->type != REDIS_REPLY_STRING && r->type != REDIS_REPLY_STATUS)) {
		refuse(g, r);
		return;
	}
	note_run_id(g, r->str);
	why = unfit(r->str, g->must_keep);
	if (why != NULL)
		rds_drop(g->rds, why);
	else
		ask(g, 2, argv, library_known);
}

static void
library_known(void *cookie, enum store_end end, const redisReply *r)
{
	static const char *const argv[] = { "FUNCTION", "LOAD", "REPLACE",
		library_text };
	struct greeting *g = cookie;
	char version[64] = "";

	if (cut_off(end))
		return;
	if (end != STORE_DONE) {
		refuse(g, r);
		return;
	}
	/* "0.1.0 0123456789abcdef".  A newer daemon's library serves us too;
	 * one that is not there after all is loaded at the first call. */
	if (r->type == REDIS_REPLY_STRING)
		(void)snprintf(version, sizeof version, "%.*s",
		    (int)strcspn(r->str, " "), r->str);
	if (strverscmp(version, RINGBACK_VERSION) > 0)
		rds_ready(g->rds);
	else
		ask(g, 4, argv, library_loaded);
}

static void
library_loaded(void *cookie, enum store_end end, const redisReply *r)
{
	struct greeting *g = cookie;
	char value[128];
	const char *const argv[] = { "SET", g->key, value };

	if (cut_off(end))
		return;
	if (end != STORE_DONE) {
		refuse(g, r);
		return;
	}
	(void)snprintf(
	    value, sizeof value, "%s %s", RINGBACK_VERSION, library_hash);
	ask(g, 3, argv, library_noted);
}

static void
library_noted(void *cookie, enum store_end end, const redisReply *r)
{
	struct greeting *g = cookie;

	if (cut_off(end))
		return;
	if (end == STORE_DONE)
		rds_ready(g->rds);
	else
		refuse(g, r);
}
