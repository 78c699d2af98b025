/* ringbackd --replay: what a journal holds goes to Redis, once, however often
 * it is said. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "daemon/base/text.h"
#include "tests/system/kept.h"

#define BACK_MS 10000

TestSuite(system_resend, .timeout = 120);

static const struct daemon_options quick = { .patience = 100 };

static int
files(const char *folder)
{
	DIR *d = opendir(folder);
	const struct dirent *e;
	int n = 0;

	while (d != NULL && (e = readdir(d)) != NULL)
		n += strstr(e->d_name, ".journal") != NULL;
	if (d != NULL)
		(void)closedir(d);
	return n;
}

/* What the journal has given to Redis it removes a moment later. */
static bool
is_empty(void *folder)
{
	return files(folder) == 0;
}

/* ringbackd --replay FOLDER: its exit status, and what it said (free). */
static int
replay(struct team *t, const char *folder, char **ret_said)
{
	char *program = daemon_program("ringbackd"), said[4000];
	char *command = text_print("'%s' -f '%s' --replay '%s' 2>&1", program,
				   daemon_file(t->daemon[0]), folder);
	FILE *f = popen(command, "re");
	size_t n;
	int status;

	cr_assert_not_null(f);
	n = fread(said, 1, sizeof said - 1, f);
	said[n] = '\0';
	status = pclose(f);
	*ret_said = text_dup(said);
	free(program);
	free(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
replay_says(struct team *t, const char *folder, int status, const char *words)
{
	char *said;
	int got = replay(t, folder, &said);

	cr_assert_eq(got, status, "%d %s", got, said);
	cr_assert_not_null(strstr(said, words), "%s", said);
	free(said);
}

Test(system_resend, of_a_dead_machine_it_is_sent_once_however_often)
{
	struct team *t = team_start(2, &quick);
	char *folder = kept_folder(t);

	kept_away(t);
	for (unsigned i = 0; i < 30; i++)
		kept_is(t->admin[0], i);
	replay_says(t, folder, 66, "in use");
	daemon_kill9(t->daemon[0]);
	redis_restart(t->redis);
	cr_assert(daemon_ready(t->daemon[1], BACK_MS));
	replay_says(t, folder, 0, "30 events of ");
	kept_back(t, 30);
	replay_says(t, folder, 0, "Nothing is kept in ");
	cr_assert_eq(files(folder), 0);
	replay_says(t, "/nowhere/at/all", 66, "no folder");
	daemon_restart(t->daemon[0]);
	kept_back(t, 30);
	free(folder);
	team_stop(t);
}

Test(system_resend, what_redis_refuses_for_good_is_put_aside_and_can_be_resent)
{
	struct team *t = team_start(1, &quick);
	char *folder = kept_folder(t), *aside, *key;
	const struct web_answer *a;

	kept_away(t);
	a = kept_push(t->admin[0], 1);
	cr_assert_eq(a->status, 202);
	key = text_print("rb:{t}:receipt:%s", web_text(a, "id"));
	kept_is(t->admin[0], 2);
	daemon_kill9(t->daemon[0]);
	redis_restart(t->redis);
	/* A receipt that the function stumbles over, each time. */
	redis_must(t->redis, "SET", key, "made nothing", NULL);
	daemon_restart(t->daemon[0]);
	cr_assert(daemon_said(t->daemon[0], "end=refused event=", 1, BACK_MS));
	kept_back(t, 1);
	aside = text_print("%s/refused", folder);
	cr_assert_eq(files(aside), 1);
	cr_assert(crowd_until(t->crowd, is_empty, folder, BACK_MS));
	redis_must(t->redis, "DEL", key, NULL);
	replay_says(t, aside, 0, "1 event of ");
	kept_back(t, 2);
	free(aside);
	free(folder);
	free(key);
	team_stop(t);
}
