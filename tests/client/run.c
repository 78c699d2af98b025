#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "client/command.h"
#include "tests/client/fake.h"

#define LIMIT_MS 30000
#define WORDS 32
#define OUT_MAX (4 << 20)

/* Under the sanitizers a leak is a failure here too. */
void __lsan_do_leak_check(void) __attribute__((weak));

static int test_err = -1; /* the test's own standard error */

static void
keep_err(void)
{
	if (test_err < 0)
		test_err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
}

static void
be_command(struct fake *f, char **argv)
{
	int argc = 0, code;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (f != NULL)
		setenv("RINGBACK_SOCKET", fake_socket(f), 1);
	while (argv[argc] != NULL)
		argc++;
	code = command_run(argc, argv);
	fflush(stderr);
	dup2(test_err, STDERR_FILENO);
	if (__lsan_do_leak_check != NULL)
		__lsan_do_leak_check();
	_exit(code);
}

/* What was printed stays until the test's process ends. */
static char *
keep(char *text, size_t len)
{
	static char *kept[4096];
	static size_t n;
	char *small = realloc(text, len + 1);

	if (n == sizeof kept / sizeof kept[0] || small == NULL)
		abort();
	kept[n++] = small;
	return small;
}

static void
collect(int fd, char *buf, size_t *len, bool *open)
{
	ssize_t n = read(fd, buf + *len, OUT_MAX - 1 - *len);

	if (n <= 0)
		*open = false;
	else
		*len += (size_t)n;
}

static int
end_of(pid_t pid)
{
	int status = 0;

	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static struct ran
collect_both(pid_t pid, int out, int err)
{
	char *out_text = calloc(1, OUT_MAX), *err_text = calloc(1, OUT_MAX);
	struct ran r = { 0 };
	bool out_open = true, err_open = true;
	size_t out_len = 0, err_len = 0;

	while (out_open || err_open) {
		struct pollfd p[2] = { { out_open ? out : -1, POLLIN, 0 },
				       { err_open ? err : -1, POLLIN, 0 } };

		if (poll(p, 2, LIMIT_MS) <= 0) {
			kill(pid, SIGKILL);
			break;
		}
		if (p[0].revents != 0)
			collect(out, out_text, &out_len, &out_open);
		if (p[1].revents != 0)
			collect(err, err_text, &err_len, &err_open);
	}
	r.code = end_of(pid);
	/* A finding of a sanitizer ends it with 1, as a refusal does. */
	if (strstr(err_text, "runtime error: ") != NULL)
		r.code = 128;
	r.out = keep(out_text, out_len);
	r.err = keep(err_text, err_len);
	close(out);
	close(err);
	return r;
}

static struct ran
run_words(struct fake *f, const char *input, char **argv)
{
	int in[2], out[2], err[2];
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 ||
	    pipe2(err, O_CLOEXEC) < 0)
		abort();
	keep_err();
	pid = fork();
	if (pid < 0) {
		perror("fork");
		abort();
	}
	if (pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		close(in[1]);
		be_command(f, argv);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	if (input != NULL && write(in[1], input, strlen(input)) < 0)
		abort();
	close(in[1]);
	return collect_both(pid, out[0], err[0]);
}

static void
take_words(char **argv, va_list ap)
{
	static char name[] = "ringback";
	int n = 0;

	argv[n++] = name;
	while (n < WORDS - 1 && (argv[n] = va_arg(ap, char *)) != NULL)
		n++;
	argv[n] = NULL;
}

struct ran
run(struct fake *f, ...)
{
	char *argv[WORDS];
	va_list ap;

	va_start(ap, f);
	take_words(argv, ap);
	va_end(ap);
	return run_words(f, NULL, argv);
}

struct ran
run_input(struct fake *f, const char *input, ...)
{
	char *argv[WORDS];
	va_list ap;

	va_start(ap, input);
	take_words(argv, ap);
	va_end(ap);
	return run_words(f, input, argv);
}

struct tty {
	pid_t pid;
	int fd;
	char *seen;
	size_t len;
	size_t from; /* what was awaited already */
};

struct tty *
tty_start(struct fake *f, const char *words)
{
	return tty_start_size(f, words, 30, 80);
}

struct tty *
tty_start_size(struct fake *f, const char *words, unsigned short rows,
	       unsigned short columns)
{
	struct winsize ws = { .ws_row = rows, .ws_col = columns };
	struct tty *t = calloc(1, sizeof *t);
	char name[] = "ringback", line[200], *rest = line;
	char *argv[WORDS] = { name };
	int n = 1;

	snprintf(line, sizeof line, "%s", words);
	while (n < WORDS - 1 && (argv[n] = strsep(&rest, " ")) != NULL)
		n++;
	t->seen = calloc(1, OUT_MAX);
	keep_err();
	t->pid = forkpty(&t->fd, NULL, NULL, &ws);
	/* A later kill of -1 would end everything there is. */
	if (t->pid < 0) {
		perror("no pseudo-terminal (is /dev/pts mounted?)");
		abort();
	}
	if (t->pid == 0)
		be_command(f, argv);
	return t;
}

void
tty_type(struct tty *t, const char *keys)
{
	if (write(t->fd, keys, strlen(keys)) < 0)
		perror("tty_type");
}

static int64_t
mono_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A screen with a clock on it never falls silent. */
bool
tty_await(struct tty *t, const char *text)
{
	int64_t until = mono_ms() + 10000;

	for (;;) {
		int64_t left = until - mono_ms();
		struct pollfd p = { t->fd, POLLIN, 0 };
		char *at = strstr(t->seen + t->from, text);
		bool open = true;

		if (at != NULL) {
			t->from = (size_t)(at - t->seen) + strlen(text);
			return true;
		}
		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			return false;
		collect(t->fd, t->seen, &t->len, &open);
		if (!open)
			return strstr(t->seen + t->from, text) != NULL;
	}
}

bool
tty_saw(const struct tty *t, const char *text)
{
	return strstr(t->seen, text) != NULL;
}

int
tty_end(struct tty *t)
{
	struct timespec nap = { 0, 20 * 1000 * 1000 };
	int status = 0, i, code = -1;
	bool open = true;

	for (i = 0; i < 500; i++) {
		struct pollfd p = { t->fd, POLLIN, 0 };

		if (open && poll(&p, 1, 0) > 0)
			collect(t->fd, t->seen, &t->len, &open);
		if (waitpid(t->pid, &status, WNOHANG) == t->pid) {
			code = WIFEXITED(status) ? WEXITSTATUS(status)
						 : 128 + WTERMSIG(status);
			break;
		}
		nanosleep(&nap, NULL);
	}
	if (code < 0) {
		kill(t->pid, SIGKILL);
		waitpid(t->pid, NULL, 0);
	}
	close(t->fd);
	free(t->seen);
	free(t);
	return code;
}
