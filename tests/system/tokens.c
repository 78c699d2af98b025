/* Tokens while Redis is away: whoever was let in before may push. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/text.h"
#include "tests/harness/certs.h"
#include "tests/system/team.h"

TestSuite(system_tokens, .timeout = 60);

static const struct daemon_options quick = { .patience = 50 };

static int
push(struct daemon *d, const char *token)
{
	struct web *w = web_tcp(daemon_port(d), token);
	int status = web_ask(w, NULL, "/v1/events",
			     "{\"type\":\"call.missed\",\"from\":"
			     "\"+49301820001\"}")
			 ->status;

	web_free(w);
	return status;
}

static char *
book_of(struct daemon *d)
{
	return certs_shell("cat %s/tokens 2>/dev/null", daemon_folder(d));
}

/* That the file of the daemon tells of the name, or does not any more. */
static bool
book_says(struct daemon *d, const char *name, bool there)
{
	const struct timespec nap = { .tv_nsec = 5 * 1000 * 1000 };

	for (int i = 0; i < 2000; i++) {
		char *book = book_of(d);
		bool says = (strstr(book, name) != NULL) == there &&
			    strstr(book, "\nend ") != NULL;

		free(book);
		if (says)
			return true;
		(void)nanosleep(&nap, NULL);
	}
	return false;
}

/* At the same port, which is said only once it is ready. */
static void
start_without_redis(struct daemon *d)
{
	struct daemon_options same = quick;

	same.port = daemon_port(d);
	daemon_configure(d, &same);
	daemon_again(d);
	while (daemon_probe(d, "/healthz", 2000) != 200)
		cr_assert(daemon_pid(d) > 0);
}

Test(system_tokens, one_made_elsewhere_and_never_used_pushes_when_redis_is_gone)
{
	struct team *t = team_start(2, &quick);
	char *token = team_token(t, "pbx", "push");

	for (int i = 0; i < 2; i++)
		cr_assert(book_says(t->daemon[i], " push pbx\n", true));
	redis_kill9(t->redis);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(push(t->daemon[i], token), 202);
		cr_assert_eq(push(t->daemon[i], "rbt_0123456789abcdefghij"),
			     503);
	}
	redis_restart(t->redis);
	free(token);
	team_stop(t);
}

Test(system_tokens, a_daemon_that_starts_without_redis_knows_them)
{
	struct team *t = team_start(1, &quick);
	struct daemon *d = t->daemon[0];
	char *token = team_token(t, "pbx", "push"), path[4096], *book;
	struct stat st;

	cr_assert(book_says(d, " push pbx\n", true));
	(void)snprintf(path, sizeof path, "%s/tokens", daemon_folder(d));
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);
	book = book_of(d);
	cr_assert(strstr(book, token) == NULL && strstr(book, "rbt_") == NULL);
	free(book);
	redis_kill9(t->redis);
	start_without_redis(d);
	cr_assert_eq(push(d, token), 202);
	redis_restart(t->redis);
	cr_assert(daemon_ready(d, 10000));
	free(token);
	team_stop(t);
}

Test(system_tokens, a_revoked_one_stays_dead_when_redis_is_gone)
{
	struct team *t = team_start(2, &quick);
	char *token = team_token(t, "pbx", "push");

	cr_assert(book_says(t->daemon[1], " push pbx\n", true));
	(void)web_ask(t->admin[0], "DELETE", "/v1/tokens/pbx", NULL);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(push(t->daemon[i], token), 401);
		cr_assert(book_says(t->daemon[i], " push pbx\n", false));
	}
	redis_kill9(t->redis);
	for (int i = 0; i < 2; i++)
		cr_assert_eq(push(t->daemon[i], token), 503);
	cr_assert(!daemon_said(t->daemon[0], "Redis knows no token", 1, 0));
	redis_restart(t->redis);
	free(token);
	team_stop(t);
}

Test(system_tokens, a_file_that_is_not_fit_is_not_used_and_written_anew)
{
	static const char *const spoil[] = { "chmod 0644 %s/tokens",
		"sed -i 's/^end .*//' %s/tokens",
		"sed -i 's/ 1 t$/ 1 other/' %s/tokens",
		"printf 'ringback-tokens 1 t\\nend x\\n' > %s/tokens",
		"head -c 300000 /dev/urandom > %s/tokens" };
	struct team *t = team_start(1, &quick);
	struct daemon *d = t->daemon[0];
	char *token = team_token(t, "pbx", "push");

	for (size_t i = 0; i < sizeof spoil / sizeof *spoil; i++) {
		char line[5000];

		cr_assert(book_says(d, " push pbx\n", true));
		redis_kill9(t->redis);
		(void)snprintf(line, sizeof line, "%.*s%s/tokens",
			       (int)(strstr(spoil[i], "%s") - spoil[i]),
			       spoil[i], daemon_folder(d));
		free(certs_shell("%s", line));
		start_without_redis(d);
		cr_expect(daemon_said(d, "/tokens is not used: ", (int)i + 1,
				      20000),
			  "%s", spoil[i]);
		cr_expect_eq(push(d, token), 503);
		redis_restart(t->redis);
		cr_assert(daemon_ready(d, 10000));
	}
	free(token);
	team_stop(t);
}

static bool
is_written(void *cookie)
{
	const struct team *t = cookie;
	char *path = text_print("%s/tokens", daemon_folder(t->daemon[0]));
	bool written = access(path, F_OK) == 0;

	free(path);
	return written;
}

Test(system_tokens, a_file_that_cannot_be_written_is_told_once)
{
	struct team *t = team_start(1, &quick);
	char *token;

	/* Not in the midst of the first writing, of a book without tokens. */
	cr_assert(crowd_until(t->crowd, is_written, t, 10000));
	free(certs_shell("mkdir -p %s/tokens.new/x",
			 daemon_folder(t->daemon[0])));
	token = team_token(t, "pbx", "push");
	cr_assert(daemon_said(t->daemon[0],
			      "A daemon that starts while Redis is away", 1,
			      5000));
	free(token);
	token = team_token(t, "pbx2", "push");
	cr_assert_eq(push(t->daemon[0], token), 201);
	cr_assert(!daemon_said(t->daemon[0],
			       "A daemon that starts while Redis is away", 2,
			       0));
	free(token);
	team_stop(t);
}
