/* What is secret stands nowhere but where it was given: not in the log at its
 * most talkative, not in answers, in Redis, in files, nor in what ps shows. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/certs.h"
#include "tests/system/team.h"

TestSuite(system_secrets, .timeout = 60);

#define WRONG "rbt_5ecre7000000000000000000000000000000000000000bad"
#define IN_FILE "geheimnis-der-anlage"
#define OF_REDIS "passwort-des-speichers"

struct vault {
	char *folder; /* of certificates, the launcher and the secret file */
	char head[3000], tail[500], launcher[4096];
	struct team team;
	char *push, *admin; /* tokens */
	char key[80];       /* a line of the key's file */
};

static void
read_key(struct vault *v)
{
	char *line =
	    certs_shell("sed -n 2p %s/web.key | tr -d '\\n'", v->folder);

	cr_assert_gt(strlen(line), 30);
	(void)snprintf(v->key, sizeof v->key, "%s", line);
	free(line);
}

static void
open_vault(struct vault *v)
{
	static const char *const acl[] = { "--user",     "rb", "on",
					   ">" OF_REDIS, "~*", "&*",
					   "+@all",      NULL };
	struct daemon_options options = { .head = v->head, .tail = v->tail };

	v->folder = redis_folder_new();
	certs_authority(v->folder, "site");
	certs_make(v->folder, "site", "web", "DNS:localhost,IP:127.0.0.1");
	read_key(v);
	free(certs_shell("cd %s && printf %s > secret && chmod 0600 secret && "
			 "printf %s > redis && chmod 0600 redis && "
			 "printf '#!/bin/sh\\nexec \"$@\" -d\\n' > talkative "
			 "&& chmod 0755 talkative",
			 v->folder, IN_FILE, OF_REDIS));
	(void)snprintf(v->launcher, sizeof v->launcher, "%s/talkative",
		       v->folder);
	(void)setenv("RINGBACK_LAUNCHER", v->launcher, 1);
	(void)snprintf(v->head, sizeof v->head,
		       "redis_user = \"rb\"\n"
		       "redis_secret_file = \"%s/redis\"\n"
		       "wrong_tokens = 2\nhttps = \"127.0.0.1:0\"\n"
		       "https_cert = \"%s/web.pem\"\n"
		       "https_key = \"%s/web.key\"\n",
		       v->folder, v->folder, v->folder);
	(void)snprintf(v->tail, sizeof v->tail,
		       "source \"pbx\" { secret_file = \"%s/secret\" }\n",
		       v->folder);
	v->team.redis =
	    redis_start_with(&(struct redis_options){ .extra = acl });
	options.redis = v->team.redis;
	v->team.daemon[0] = daemon_start(&options);
	v->team.admin[0] = web_unix(daemon_socket(v->team.daemon[0]));
	v->team.daemons = 1;
	v->team.crowd = crowd_new();
	v->push = team_token(&v->team, "pbx", "push");
	v->admin = team_token(&v->team, "boss", "admin");
}

/* ---- good and bad requests ---------------------------------------------- */

static void
ask(struct vault *v, const char *token, const char *method, const char *path,
    const char *body)
{
	struct web *w = web_tcp(daemon_port(v->team.daemon[0]), token);
	const struct web_answer *a = web_ask(w, method, path, body);

	cr_expect(strstr(a->body, "rbt_5ecre7") == NULL &&
		      strstr(a->body, v->push) == NULL &&
		      strstr(a->body, v->admin) == NULL,
		  "%s %s answers: %s", method, path, a->body);
	web_free(w);
}

static void
ask_all(struct vault *v)
{
	char path[300], body[300];

	ask(v, v->push, "POST", "/v1/events",
	    "{\"type\":\"call.missed\",\"from\":\"+49301820001\"}");
	ask(v, v->push, "POST", "/v1/events", "{\"type\":");
	ask(v, v->push, "GET", "/v1/tokens", NULL);
	ask(v, v->admin, "GET", "/v1/tokens", NULL);
	ask(v, v->admin, "GET", "/v1/me", NULL);
	for (int i = 0; i < 8; i++)
		ask(v, WRONG, "GET", "/v1/me", NULL);
	(void)snprintf(path, sizeof path, "/v1/nothing/%s?token=%s", v->push,
		       v->admin);
	ask(v, WRONG "\"", "GET", "/v1/items?token=" WRONG, NULL);
	ask(v, NULL, "GET", path + sizeof "/v1/nothing", NULL);
	/* A token where a name belongs is refused before it is written. */
	(void)snprintf(body, sizeof body, "{\"name\":\"%s\",\"role\":\"agent\"",
		       v->push);
	ask(v, v->admin, "POST", "/v1/tokens", body);
}

/* ---- looking ------------------------------------------------------------ */

/* Where the text stands: files, lines; "" for nowhere.  The caller frees it. */
static char *
search(struct vault *v, const char *text)
{
	struct daemon *d = v->team.daemon[0];
	char *program = daemon_program("ringbackd");
	char *found = certs_shell(
	    "grep -ralF -e '%s' %s %s; tr '\\0' '\\n' < /proc/%d/cmdline | "
	    "grep -F -e '%s'; tr '\\0' '\\n' < /proc/%d/environ | grep -F -e "
	    "'%s'; %s --check -f %s 2>&1 | grep -F -e '%s'",
	    text, daemon_folder(d), redis_folder(v->team.redis),
	    (int)daemon_pid(d), text, (int)daemon_pid(d), text, program,
	    daemon_file(d), text);

	free(program);
	return found;
}

static void
expect_nowhere(struct vault *v, const char *secret)
{
	char *found = search(v, secret);

	cr_expect_str_eq(found, "", "%s is told: %s", secret, found);
	free(found);
}

/* What is known to be there is found, so that "nowhere" means something. */
static void
expect_sight(struct vault *v)
{
	char *found = search(v, "pbx");

	cr_assert(strstr(found, "/tokens") != NULL, "%s", found);
	cr_assert(strstr(found, ".aof") != NULL, "%s", found);
	free(found);
	found = search(v, "ringbackd");
	cr_assert(strstr(found, "/ringbackd\n") != NULL, "%s", found);
	free(found);
	cr_assert(strstr(redis_str(v->team.redis, "CLIENT", "LIST", NULL),
			 "user=rb ") != NULL);
}

Test(system_secrets, no_secret_is_told_anywhere)
{
	struct vault v;
	struct daemon *d;

	open_vault(&v);
	d = v.team.daemon[0];
	ask_all(&v);
	redis_kill9(v.team.redis);
	ask_all(&v);
	redis_restart(v.team.redis);
	cr_assert(daemon_ready(d, 10000));
	daemon_hup(d);
	cr_assert(daemon_said(d, " in force for all", 1, 5000));
	ask_all(&v);
	expect_sight(&v);
	expect_nowhere(&v, v.push);
	expect_nowhere(&v, v.admin);
	expect_nowhere(&v, WRONG);
	expect_nowhere(&v, IN_FILE);
	expect_nowhere(&v, OF_REDIS);
	expect_nowhere(&v, v.key);
	free(v.push);
	free(v.admin);
	web_free(v.team.admin[0]);
	crowd_free(v.team.crowd);
	daemon_free(d);
	redis_stop(v.team.redis);
	redis_folder_remove(v.folder);
	free(v.folder);
	(void)unsetenv("RINGBACK_LAUNCHER");
}
