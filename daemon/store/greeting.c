#include "daemon/store/greeting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "daemon/base/text.h"
#include "daemon/base/credentials.h"
#include "daemon/store/library.h"
#include "daemon/store/rds.h"
#include "daemon/store/trouble.h"

#define RUN_ID_LEN 40
#define NOT_LET_IN_MS 4000

struct greeting {
	struct rds *rds; /* borrowed, while a greeting is under way */
	char *root;      /* owned: "rb:{site}", or NULL */
	enum greeting_kind kind;
	bool must_keep;
	const struct credentials *who; /* borrowed */
	char run_id[RUN_ID_LEN + 1];
};

/*
 * The greeting
 *	greeting_begin	who we are
 *	let_in		what Redis says of itself
 *	info_read	good enough?  then: which library is there
 *	library_known	ours, or a newer one; else load ours
 *	library_loaded	may we run all that it runs
 *	rights_known	ready
 */
static void let_in(void *, enum store_end, const redisReply *);
static void info_read(void *, enum store_end, const redisReply *);
static void library_known(void *, enum store_end, const redisReply *);
static void library_loaded(void *, enum store_end, const redisReply *);
static void rights_known(void *, enum store_end, const redisReply *);

struct greeting *
greeting_new(const struct greeting_options *o)
{
	struct greeting *g = text_alloc(sizeof *g);

	if (o->kind != GREETING_ASK)
		g->root = text_print("rb:{%s}", o->site);
	g->kind = o->kind;
	g->must_keep = o->must_keep;
	g->who = o->who;
	return g;
}

void
greeting_free(struct greeting *g)
{
	if (g == NULL)
		return;
	free(g->root);
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

static void
ask_itself(struct greeting *g)
{
	static const char *const argv[] = { "INFO" };

	if (g->kind == GREETING_ASK)
		rds_ready(g->rds);
	else
		ask(g, 1, argv, info_read);
}

void
greeting_begin(struct rds *rds, void *greeting)
{
	struct greeting *g = greeting;
	const char *argv[3] = { "AUTH" };
	int n = 1;

	g->rds = rds;
	if (g->who == NULL || g->who->secret == NULL ||
	    *g->who->secret == '\0') {
		ask_itself(g);
		return;
	}
	if (g->who->user != NULL && *g->who->user != '\0')
		argv[n++] = g->who->user;
	argv[n++] = g->who->secret;
	ask(g, n, argv, let_in);
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
cut_off(enum store_end end, const redisReply *r)
{
	return end == STORE_UNKNOWN || (end == STORE_NOT_SENT && r == NULL);
}

/* Somebody has to do something first: do not fill Redis's log with it. */
static void
not_let_in(struct greeting *g, const char *why)
{
	rds_drop_for(g->rds, NOT_LET_IN_MS, why);
}

static const char *
user_of(const struct greeting *g)
{
	return g->who != NULL && g->who->user != NULL && *g->who->user != '\0'
	    ? g->who->user
	    : "default";
}

static void
refuse(struct greeting *g, const redisReply *r)
{
	const struct trouble *t;
	const char *command;
	char why[240];
	int n;

	if (r == NULL || r->type != REDIS_REPLY_ERROR) {
		rds_drop(g->rds, "an odd answer");
		return;
	}
	t = trouble_find(r->str);
	if (!trouble_is_right(r->str)) {
		rds_drop(g->rds, t != NULL ? t->why : r->str);
		return;
	}
	command = strchr(r->str, '\'');
	command = command != NULL ? command + 1 : "";
	n = (int)strspn(command, "abcdefghijklmnopqrstuvwxyz|_-");
	(void)snprintf(why, sizeof why,
	    "its user \"%.64s\" may not do all that ringback needs%s%.*s: give "
	    "it the ACL rule of ringbackd(8)",
	    user_of(g), n > 0 ? ", such as " : "", n < 40 ? n : 40, command);
	not_let_in(g, why);
}

static void
let_in(void *cookie, enum store_end end, const redisReply *r)
{
	struct greeting *g = cookie;
	char why[200];

	if (end == STORE_DONE) {
		ask_itself(g);
	} else if (end == STORE_REFUSED || (r != NULL && r->str != NULL)) {
		/* What Redis says repeats nothing of what it was told. */
		(void)snprintf(why, sizeof why,
		    strncmp(r->str, "WRONGPASS", 9) == 0
			? "it refuses the user \"%.64s\" or its password: see "
			  "redis_user and redis_secret_file"
			: "it has no password for the user \"%.64s\": set "
			  "redis_user, or leave out redis_secret_file",
		    user_of(g));
		not_let_in(g, why);
	}
}

static void
info_read(void *cookie, enum store_end end, const redisReply *r)
{
	static const char *const argv[] = { "FCALL", "rb1_version", "0" };
	struct greeting *g = cookie;
	const char *why;

	if (cut_off(end, r))
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
	else if (g->kind == GREETING_CALLS)
		ask(g, 3, argv, library_known);
	else
		rds_ready(g->rds);
}

/* "0.1.0 0123456789abcdef": ours, or that of a newer daemon, serves. */
static bool
library_serves(const redisReply *r)
{
	char version[64];
	const char *hash;
	int order;

	if (r->type != REDIS_REPLY_STRING || strchr(r->str, ' ') == NULL)
		return false;
	hash = strchr(r->str, ' ') + 1;
	(void)snprintf(version, sizeof version, "%.*s",
	    (int)strcspn(r->str, " "), r->str);
	order = strverscmp(version, RINGBACK_VERSION);
	return order > 0 || (order == 0 && strcmp(hash, library_hash) == 0);
}

static void
ask_rights(struct greeting *g)
{
	const char *const argv[] = { "FCALL", "rb1_rights", "1", g->root, "" };

	ask(g, 5, argv, rights_known);
}

static void
library_known(void *cookie, enum store_end end, const redisReply *r)
{
	static const char *const argv[] = { "FUNCTION", "LOAD", "REPLACE",
		library_text };
	struct greeting *g = cookie;

	if (cut_off(end, r))
		return;
	if (end == STORE_DONE && library_serves(r))
		ask_rights(g);
	else if (end == STORE_DONE || trouble_no_function(r))
		ask(g, 4, argv, library_loaded);
	else
		refuse(g, r);
}

static void
library_loaded(void *cookie, enum store_end end, const redisReply *r)
{
	struct greeting *g = cookie;

	if (cut_off(end, r))
		return;
	if (end == STORE_DONE)
		ask_rights(g);
	else
		refuse(g, r);
}

/* A function that is stopped for want of a right has done half of its work:
 * so all of them are asked for before the first. */
static void
rights_known(void *cookie, enum store_end end, const redisReply *r)
{
	struct greeting *g = cookie;
	char why[300];

	if (cut_off(end, r))
		return;
	if (end != STORE_DONE || r->type != REDIS_REPLY_STRING) {
		refuse(g, r);
		return;
	}
	if (*r->str == '\0') {
		rds_ready(g->rds);
		return;
	}
	(void)snprintf(why, sizeof why,
	    "its user \"%.64s\" may not do%.100s on rb:{...}: give it the ACL "
	    "rule of ringbackd(8)",
	    user_of(g), r->str);
	not_let_in(g, why);
}
