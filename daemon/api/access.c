#include "daemon/api/access.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "daemon/api/guesses.h"
#include "daemon/api/http_conn.h"
#include "daemon/api/req.h"
#include "daemon/api/secret.h"
#include "daemon/api/tokenbook.h"
#include "daemon/api/users.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/store/intake.h"
#include "daemon/store/store.h"

#define LARGEST_GROUP (1024 * 1024)

struct group_role {
	STAILQ_ENTRY(group_role) all;
	char *name; /* owned */
	enum role role;
	bool known;
	gid_t gid;
	json_t *members; /* owned; names, as the group lists them */
};

struct access {
	struct access_options options;
	struct users *users;     /* owned */
	struct guesses *guesses; /* owned */
	int64_t patience_ms;
	STAILQ_HEAD(, group_role) groups;
};

struct ask {
	struct access *access;
	struct req *req;
	access_done *done;
	void *cookie;
	struct conn_peer peer;
	char sha256[SECRET_SHA256_SIZE]; /* of the token, in hex */
};

/* ---- groups ------------------------------------------------------------- */

static void
fill_group(struct group_role *g)
{
	struct group entry, *found = NULL;
	char *buf = NULL;
	int rc = ERANGE;

	for (size_t size = 4096; rc == ERANGE && size <= LARGEST_GROUP;
	     size *= 2) {
		buf = text_realloc(buf, size);
		rc = getgrnam_r(g->name, &entry, buf, size, &found);
	}
	if (rc == 0 && found != NULL) {
		g->known = true;
		g->gid = found->gr_gid;
		for (char **m = found->gr_mem; *m != NULL; m++)
			(void)json_array_append_new(
			    g->members, json_string(*m));
	}
	free(buf);
}

int
access_add_group(struct access *a, enum role role, const char *name,
    struct fault *fault)
{
	struct group_role *g = text_alloc(sizeof *g);

	g->name = text_dup(name);
	g->role = role;
	g->members = json_array();
	fill_group(g);
	STAILQ_INSERT_TAIL(&a->groups, g, all);
	if (g->known)
		return 0;
	fault_set(fault, "There is no Unix group %s: nobody has the role %s "
			 "by it. Make it with: sudo addgroup %s",
	    name, role_name(role), name);
	return -1;
}

void
access_clear_groups(struct access *a)
{
	struct group_role *g;

	while ((g = STAILQ_FIRST(&a->groups)) != NULL) {
		STAILQ_REMOVE_HEAD(&a->groups, all);
		json_decref(g->members);
		free(g->name);
		free(g);
	}
}

static bool
is_in(const struct conn_peer *peer, const struct group_role *g)
{
	if (!g->known)
		return false;
	if (peer->gid == g->gid)
		return true;
	for (size_t i = 0; i < peer->count; i++) {
		if (peer->groups[i] == g->gid)
			return true;
	}
	return false;
}

static const struct group_role *
group_of(const struct access *a, enum role role)
{
	const struct group_role *g;

	STAILQ_FOREACH(g, &a->groups, all)
	{
		if (g->role == role)
			return g;
	}
	return NULL;
}

/* ---- the Unix socket ---------------------------------------------------- */

static void
finish(struct ask *ask, bool known)
{
	ask->done(ask->cookie, known);
}

static void
on_user(void *cookie, enum users_end end, const char *name)
{
	struct ask *ask = cookie;
	const struct group_role *g;
	struct caller caller = { .name = name };
	struct text groups = { 0 };

	if (end != USERS_KNOWN) {
		if (end == USERS_UNKNOWN)
			req_fail(ask->req, 403, "unknown user",
			    "Your Unix user, number %ju, has no name here.",
			    (uintmax_t)ask->peer.uid);
		else
			req_fail(ask->req, 503, "users cannot be asked",
			    "The name of your Unix user could not be found "
			    "out in time. Try again.");
		finish(ask, false);
		return;
	}
	STAILQ_FOREACH(g, &ask->access->groups, all)
	{
		if (!is_in(&ask->peer, g))
			continue;
		if (g->role > caller.role)
			caller.role = g->role;
		text_addf(&groups, "%s%s", groups.len > 0 ? "," : "", g->name);
	}
	if (ask->peer.uid == 0)
		caller.role = ROLE_ADMIN;
	caller.groups = groups.data != NULL ? groups.data : "";
	req_set_caller(ask->req, &caller);
	text_done(&groups);
	finish(ask, true);
}

/* ---- tokens ------------------------------------------------------------- */

#define MAKE "an administrator makes one with: ringback tokens"
#define IN_HEADER "Send it as Authorization: Bearer rbt_...; " MAKE
#define IN_ADDRESS "Write it into the address: ?token=rbt_...; " MAKE

/* One answer for all that is wrong with a token. */
static void
fail_token(struct req *req)
{
	req_add_header(req, "WWW-Authenticate", "Bearer");
	if (req_is_loose(req))
		req_add_header(
		    req, "WWW-Authenticate", "Basic realm=\"ringback\"");
	req_fail_with(req, 401, "no valid token",
	    "This address needs a valid token.",
	    json_pack("{s:s}", "help", req_is_loose(req) ? IN_ADDRESS : IN_HEADER));
}

static void
fail_guesses(struct req *req)
{
	char seconds[12];

	(void)snprintf(seconds, sizeof seconds, "%d", GUESSES_RETRY_S);
	req_add_header(req, "Retry-After", seconds);
	req_fail(req, 429, "too many wrong tokens",
	    "Too many wrong tokens came from your address. A right one is "
	    "taken at any time.");
}

/* Bearer; or where the sender can be told nothing but an address, the password
 * in it (Basic), or its parameter. */
static const char *
given_token(struct req *req)
{
	const char *s = req_header(req, "Authorization");

	if (s == NULL)
		return req_is_loose(req) ? req_query(req, "token") : NULL;
	if (req_header_count(req, "Authorization") != 1)
		return NULL;
	if (strncasecmp(s, "Bearer ", 7) == 0)
		return s + 7 + strspn(s + 7, " ");
	s = req_is_loose(req) ? strchr(req_login(req), ':') : NULL;
	return s != NULL ? s + 1 : NULL;
}

static const char *
find_token(struct req *req)
{
	const char *token = given_token(req);
	size_t n;

	if (token == NULL)
		return NULL;
	n = strlen(token);
	if (n < 20 || n > 200 || strncmp(token, SECRET_PREFIX, sizeof SECRET_PREFIX - 1) != 0)
		return NULL;
	for (const char *s = token; *s != '\0'; s++) {
		if (!isalnum((unsigned char)*s) && *s != '_' && *s != '-')
			return NULL;
	}
	return token;
}

static void
on_wrong(void *cookie, bool refused)
{
	struct ask *ask = cookie;

	if (ask->access->options.wrong != NULL)
		ask->access->options.wrong(ask->req);
	if (refused)
		fail_guesses(ask->req);
	else
		fail_token(ask->req);
	finish(ask, false);
}

/* Redis cannot be asked: what it said last counts. */
static bool
use_book(struct ask *ask)
{
	const struct caller caller =
	    tokenbook_find(ask->access->options.book, ask->sha256);

	if (caller.role == ROLE_NONE)
		return false;
	req_set_caller(ask->req, &caller);
	finish(ask, true);
	return true;
}

static void
on_token(void *cookie, enum store_end end, const struct store_answer *answer)
{
	struct ask *ask = cookie;
	const struct record *token;
	const char *name, *role;
	struct caller caller = { .groups = "", .by_token = true };

	if (intake_is_passing(end, answer) && use_book(ask))
		return;
	if (end != STORE_DONE) {
		ask->access->options.fail_end(ask->req, end, answer);
		finish(ask, false);
		return;
	}
	token = answer_section(answer, "token");
	name = token != NULL ? record_get(token, "name") : NULL;
	role = token != NULL ? record_get(token, "role") : NULL;
	if (strcmp(answer->word, "ok") == 0 && name != NULL && role != NULL)
		caller.role = role_find(role);
	tokenbook_heard(
	    ask->access->options.book, ask->sha256, caller.role);
	if (caller.role == ROLE_NONE) {
		guesses_wrong(ask->access->guesses, req_counted(ask->req),
		    on_wrong, ask);
		return;
	}
	caller.name = name;
	req_set_caller(ask->req, &caller);
	finish(ask, true);
}

static void
on_no_token(evutil_socket_t fd, short what, void *cookie)
{
	struct ask *ask = cookie;

	(void)fd;
	(void)what;
	fail_token(ask->req);
	finish(ask, false);
}

void
access_set_patience(struct access *a, int64_t ms)
{
	a->patience_ms = ms;
}

void
access_set_wrong_tokens(struct access *a, size_t tries)
{
	guesses_set_free(a->guesses, tries);
}

void
access_stop(struct access *a)
{
	guesses_end(a->guesses);
}

/* ---- asking ------------------------------------------------------------- */

void
access_ask(struct access *a, struct req *req, access_done *done, void *cookie)
{
	struct ask *ask = req_keep(req, sizeof *ask);
	const char *token;
	bool known;

	*ask = (struct ask){
		.access = a, .req = req, .done = done, .cookie = cookie
	};
	req_peer(req, &ask->peer);
	if (ask->peer.local) {
		users_ask(a->users, ask->peer.uid, on_user, ask);
		return;
	}
	token = find_token(req);
	if (token == NULL &&
	    (req_header(req, "Authorization") != NULL ||
		(req_is_loose(req) && req_query(req, "token") != NULL))) {
		guesses_wrong(a->guesses, req_counted(req), on_wrong, ask);
		return;
	}
	if (token == NULL) {
		if (event_base_once(a->options.base, -1, EV_TIMEOUT,
			on_no_token, ask, NULL) < 0)
			abort();
		return;
	}
	secret_sha256(ask->sha256, token);
	known = tokenbook_find(a->options.book, ask->sha256).role != ROLE_NONE;
	store_token(a->options.store, ask->sha256, known ? a->patience_ms : 0,
	    on_token, ask);
}

/* ---- refusing ----------------------------------------------------------- */

static char *
help_with(const struct caller *c, const struct group_role *g)
{
	struct text t = { 0 };
	json_t *member;
	size_t i;

	if (c->by_token) {
		text_add_str(&t, "Use a token of that role; an administrator "
				 "makes them with: ringback tokens");
	} else if (g == NULL) {
		text_add_str(&t, "No group is configured for that role.");
	} else if (c->role == ROLE_NONE) {
		text_addf(&t, "An administrator can change that: sudo adduser "
			      "%s %s; log in again", c->name, g->name);
	} else {
		text_addf(&t, "Ask one of the group %s", g->name);
		json_array_foreach(g->members, i, member)
			text_addf(&t, "%s%s", i == 0 ? ": " : ", ",
			    json_string_value(member));
		text_add_str(&t, ".");
	}
	return text_take(&t);
}

void
access_refuse(struct access *a, struct req *req, enum role needed,
    const char *doing)
{
	const struct caller *c = req_caller(req);
	const struct group_role *g = group_of(a, needed);
	char *help = help_with(c, g);
	json_t *extra = json_pack("{s:s,s:s,s:s,s:s,s:s*,s:O*}", "role_needed",
	    role_name(needed), "name", c->name, "role", role_name(c->role),
	    "help", help, "group", g != NULL ? g->name : NULL, "members",
	    g != NULL ? g->members : NULL);
	char *detail;

	if (c->role == ROLE_NONE)
		detail = text_print("%s is in none of the groups that may %s"
				    "%s%s%s.", c->name,
		    needed <= ROLE_AGENT ? "pull items" : "do this",
		    g != NULL ? " (" : "", g != NULL ? g->name : "",
		    g != NULL ? ")" : "");
	else
		detail = text_print("%s needs the role %s; you are %s, %s.",
		    doing != NULL ? doing : "This", role_name(needed), c->name,
		    role_phrase(c->role));
	req_fail_with(req, 403, "not allowed", detail, extra);
	free(detail);
	free(help);
}

/* ---- life --------------------------------------------------------------- */

struct access *
access_new(const struct access_options *options)
{
	struct access *a = text_alloc(sizeof *a);

	a->options = *options;
	a->users = users_new(options->base);
	a->guesses = guesses_new(options->base);
	STAILQ_INIT(&a->groups);
	return a;
}

void
access_free(struct access *a)
{
	if (a == NULL)
		return;
	users_free(a->users);
	guesses_free(a->guesses);
	access_clear_groups(a);
	free(a);
}
