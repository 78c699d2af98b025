/* replay.c -- the targets over their corpora, each in a process of its own:
 * "ok NAME" or "not ok NAME: FILE ...", and the exit code.
 *
 * replay CORPORA [NAME]	replay --list */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

#define PATH_SIZE 1024
#define FILE_MOST (1024 * 1024)
#define TARGET_S 120 /* a target that hangs is ended */

static char *now_at; /* shared: the file that is being replayed */

static void
replay_file(fuzz_run *run, const char *path)
{
	static uint8_t buf[FILE_MOST];
	FILE *f = fopen(path, "re");
	uint8_t *exact;
	size_t len;

	if (f == NULL)
		abort();
	len = fread(buf, 1, sizeof buf, f);
	(void)fclose(f);
	exact = malloc(len > 0 ? len : 1);
	if (exact == NULL)
		abort();
	memcpy(exact, buf, len);
	run(exact, len);
	free(exact);
}

static int
replay_all(fuzz_run *run, const char *folder)
{
	struct dirent **list = NULL;
	int n = scandir(folder, &list, NULL, alphasort), files = 0;

	for (int i = 0; i < n; i++) {
		if (list[i]->d_name[0] != '.') {
			(void)snprintf(now_at, PATH_SIZE, "%s/%s", folder,
				       list[i]->d_name);
			replay_file(run, now_at);
			files++;
		}
		free(list[i]);
	}
	free(list);
	return files;
}

/* 0, or 1 and a line that says which file it was. */
static int
replay_target(const char *name, const char *corpora)
{
	char folder[512];
	int status = 0;
	pid_t pid;

	(void)snprintf(folder, sizeof folder, "%s/%s", corpora, name);
	(void)snprintf(now_at, PATH_SIZE, "%s", folder);
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		(void)alarm(TARGET_S);
		/* What a target prints is none of the results. */
		if (freopen("/dev/null", "we", stdout) == NULL)
			abort();
		exit(replay_all(fuzz_find(name), folder) > 0 ? 0 : 3);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		abort();
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		(void)printf("ok fuzz %s\n", name);
		return 0;
	}
	(void)printf("not ok fuzz %s: %s (%s %d)\n", name, now_at,
		     WIFSIGNALED(status) ? "signal" : "exit code",
		     WIFSIGNALED(status) ? WTERMSIG(status)
					 : WEXITSTATUS(status));
	return 1;
}

int
main(int argc, char **argv)
{
	int bad = 0;

	if (argc < 2) {
		(void)fputs("usage: replay CORPORA [NAME] | --list\n", stderr);
		return 2;
	}
	if (argc > 2 && fuzz_find(argv[2]) == NULL) {
		(void)fprintf(stderr, "no target is called %s\n", argv[2]);
		return 2;
	}
	now_at = mmap(NULL, PATH_SIZE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (now_at == MAP_FAILED)
		abort();
	for (size_t i = 0; i < fuzz_count(); i++) {
		if (strcmp(argv[1], "--list") == 0)
			(void)puts(fuzz_name(i));
		else if (argc < 3 || strcmp(argv[2], fuzz_name(i)) == 0)
			bad |= replay_target(fuzz_name(i), argv[1]);
	}
	return bad;
}
