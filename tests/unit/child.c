#include "daemon/base/child.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "tests/harness/loop.h"

static struct event_base *base;

struct seen {
	int told;
	struct child_result result;
	char output[256];
};

static void
setup(void)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignore, NULL);
	base = event_base_new();
	child_init(base);
}

static void
teardown(void)
{
	child_done();
	event_base_free(base);
	cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1);
	cr_assert_eq(errno, ECHILD, "a child was left");
}

TestSuite(child, .init = setup, .fini = teardown, .timeout = 30);

static void
on_ended(void *cookie, const struct child_result *result)
{
	struct seen *s = cookie;

	s->told++;
	s->result = *result;
	(void)snprintf(s->output, sizeof s->output, "%s", result->output);
}

static struct child_spec
shell(const char **argv, const char *script)
{
	argv[0] = "/bin/sh";
	argv[1] = "-c";
	argv[2] = script;
	argv[3] = NULL;
	return (struct child_spec){ .argv = argv, .output_max = 200 };
}

static void
run_script(struct seen *s, const char *script)
{
	const char *argv[4];
	struct child_spec spec = shell(argv, script);

	(void)child_run(&spec, on_ended, s);
	cr_assert_eq(s->told, 0, "told inside the call that asked");
	cr_assert(loop_while_zero(base, &s->told, 10000));
}

Test(child, tells_output_and_exit_code)
{
	struct seen s = { 0 };

	run_script(&s, "echo hello; echo hidden >&2; exit 3");
	cr_assert_eq(s.result.code, 3);
	cr_assert_str_eq(s.output, "hello\n");
	cr_assert_null(s.result.error);
	cr_assert_not(s.result.cut);
}

Test(child, gives_it_a_text_larger_than_a_pipe)
{
	static char much[300000];
	const char *argv[4];
	struct child_spec spec = shell(argv, "wc -c");
	struct seen s = { 0 };

	memset(much, 'x', sizeof much);
	spec.input = much;
	spec.input_len = sizeof much;
	(void)child_run(&spec, on_ended, &s);
	cr_assert(loop_while_zero(base, &s.told, 10000));
	cr_assert_str_eq(s.output, "300000\n");
}

Test(child, one_that_does_not_read_its_input_is_no_fault)
{
	static char much[300000];
	const char *argv[4];
	struct child_spec spec = shell(argv, "exec 0<&-; exit 0");
	struct seen s = { 0 };

	spec.input = much;
	spec.input_len = sizeof much;
	(void)child_run(&spec, on_ended, &s);
	cr_assert(loop_while_zero(base, &s.told, 10000));
	cr_assert_eq(s.result.code, 0);
}

Test(child, endless_output_is_cut_and_does_not_block_it)
{
	struct seen s = { 0 };

	run_script(&s, "head -c 1000000 /dev/zero | tr '\\0' x");
	cr_assert_eq(s.result.code, 0);
	cr_assert_eq(s.result.output_len, 200);
	cr_assert(s.result.cut);
}

Test(child, is_killed_with_its_group_at_the_limit)
{
	const char *argv[4];
	struct child_spec spec = shell(argv, "sleep 60 & echo $!; sleep 60");
	struct seen s = { 0 };
	int64_t from = clock_mono_ms();
	pid_t grandchild;

	spec.limit_ms = 300;
	(void)child_run(&spec, on_ended, &s);
	cr_assert(loop_while_zero(base, &s.told, 10000));
	cr_assert(s.result.timed_out);
	cr_assert_eq(s.result.signal, SIGKILL);
	cr_assert_eq(s.result.code, -1);
	cr_assert_lt(clock_mono_ms() - from, 5000);
	grandchild = (pid_t)strtol(s.output, NULL, 10);
	cr_assert_gt(grandchild, 1);
	for (int i = 0; i < 500 && kill(grandchild, 0) == 0; i++) {
		char path[64], state[128] = "";
		FILE *f;

		/* Where nobody reaps orphans it stays a zombie. */
		(void)snprintf(path, sizeof path, "/proc/%d/stat", grandchild);
		f = fopen(path, "re");
		if (f == NULL)
			return;
		(void)!fgets(state, sizeof state, f);
		(void)fclose(f);
		if (strstr(state, ") Z") != NULL)
			return;
		loop_for(base, 10);
	}
	cr_assert_neq(kill(grandchild, 0), 0, "the grandchild lives on");
}

Test(child, a_grandchild_that_keeps_the_pipe_does_not_delay_the_news)
{
	struct seen s = { 0 };
	int64_t from = clock_mono_ms();
	pid_t grandchild;

	run_script(&s, "sleep 20 & echo $!");
	cr_assert_lt(clock_mono_ms() - from, 5000);
	grandchild = (pid_t)strtol(s.output, NULL, 10);
	cr_assert_gt(grandchild, 1);
	(void)kill(grandchild, SIGKILL);
}

Test(child, a_program_that_is_not_there_is_told_from_the_loop)
{
	const char *const argv[] = { "/nonexistent/program", NULL };
	struct seen s = { 0 };

	(void)child_run(&(struct child_spec){ .argv = argv }, on_ended, &s);
	cr_assert_eq(s.told, 0);
	cr_assert(loop_while_zero(base, &s.told, 5000));
	cr_assert_not_null(s.result.error);
	cr_assert_eq(s.result.code, -1);
}

Test(child, inherits_nothing_but_its_three_files)
{
	struct seen s = { 0 };
	int fd = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */

	/* 3 is the folder that ls itself reads. */
	run_script(&s, "ls /proc/self/fd | tr '\\n' ' '");
	cr_assert_str_eq(s.output, "0 1 2 3 ");
	(void)close(fd);
}

Test(child, has_a_small_environment_and_the_usual_signals)
{
	const char *const more[] = { "RINGBACK_EVENT=broken", NULL };
	const char *argv[4];
	struct child_spec spec =
	    shell(argv, "env | grep -v -e ^PWD -e ^_ -e ^SHLVL | sort;"
			"grep SigIgn /proc/self/status");
	struct seen s = { 0 };

	(void)setenv("SECRET", "1", 1);
	spec.env = more;
	(void)child_run(&spec, on_ended, &s);
	cr_assert(loop_while_zero(base, &s.told, 10000));
	cr_assert_null(strstr(s.output, "SECRET"));
	cr_assert_not_null(strstr(s.output, "RINGBACK_EVENT=broken\n"));
	/* Signals 1 to 28; 32 and 33 are the C library's own. */
	cr_assert_str_eq(
	    s.output + strlen(s.output) - 8, "0000000\n", "%s", s.output);
}

Test(child, many_at_once_are_each_told_once)
{
	static struct seen s[50];
	const char *argv[4];
	struct child_spec spec = shell(argv, "exit 0");

	for (int i = 0; i < 50; i++)
		(void)child_run(&spec, on_ended, &s[i]);
	for (int i = 0; i < 50; i++)
		cr_assert(loop_while_zero(base, &s[i].told, 10000));
	loop_for(base, 20);
	for (int i = 0; i < 50; i++)
		cr_assert_eq(s[i].told, 1);
}

Test(child, a_forgotten_one_is_not_told)
{
	const char *argv[4];
	struct child_spec spec = shell(argv, "sleep 60");
	struct seen s = { 0 };

	child_forget(child_run(&spec, on_ended, &s));
	loop_for(base, 50);
	cr_assert_eq(s.told, 0);
}

Test(child, the_end_of_the_module_kills_and_tells)
{
	const char *argv[4];
	struct child_spec spec = shell(argv, "sleep 60");
	struct seen s = { 0 };

	(void)child_run(&spec, on_ended, &s);
	child_done();
	cr_assert_eq(s.told, 1);
	cr_assert_eq(s.result.signal, SIGKILL);
}
