#include "daemon/base/child.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/text.h"

#define USUAL_LIMIT_MS 10000
#define MOST_ENV 32

struct child {
	LIST_ENTRY(child) all;
	child_ended *ended; /* NULL: forgotten */
	void *cookie;
	pid_t pid; /* 0: not started */
	int in, out;
	struct event *can_write, *can_read; /* owned; NULL when closed */
	struct event *limit;                /* owned */
	char *input;                        /* owned */
	size_t input_len, input_at, output_max;
	struct text output;
	struct child_result result;
};

static LIST_HEAD(, child) children;
static struct event_base *loop;
static struct event *on_sigchld;

/* ---- its input and output ----------------------------------------------- */

static void
close_end(int *fd, struct event **ev)
{
	if (*ev != NULL)
		event_free(*ev);
	*ev = NULL;
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static void
on_writable(evutil_socket_t fd, short what, void *cookie)
{
	struct child *c = cookie;
	ssize_t n =
	    write(fd, c->input + c->input_at, c->input_len - c->input_at);

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		c->input_at += (size_t)n;
	/* A program that does not read its input is no fault of ours. */
	if (n < 0 || c->input_at == c->input_len)
		close_end(&c->in, &c->can_write);
}

static void
keep(struct child *c, const char *data, size_t len)
{
	size_t room = c->output_max - c->output.len;

	if (len > room) {
		c->result.cut = true;
		len = room;
	}
	if (len > 0)
		text_add(&c->output, data, len);
}

static void
on_readable(evutil_socket_t fd, short what, void *cookie)
{
	struct child *c = cookie;
	char chunk[8192];
	ssize_t n = read(fd, chunk, sizeof chunk);

	(void)what;
	if (n > 0)
		keep(c, chunk, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		close_end(&c->out, &c->can_read);
}

/* What lies in the pipe, and no more: a grandchild may keep it open. */
static void
drain(struct child *c)
{
	char chunk[8192];

	for (int i = 0; i < 64 && c->out >= 0; i++) {
		ssize_t n = read(c->out, chunk, sizeof chunk);

		if (n <= 0)
			return;
		keep(c, chunk, (size_t)n);
	}
}

/* ---- its end ------------------------------------------------------------ */

static void
finish(struct child *c)
{
	LIST_REMOVE(c, all);
	drain(c);
	close_end(&c->in, &c->can_write);
	close_end(&c->out, &c->can_read);
	event_free(c->limit);
	c->result.output = c->output.data != NULL ? c->output.data : "";
	c->result.output_len = c->output.len;
	if (c->ended != NULL)
		c->ended(c->cookie, &c->result);
	text_done(&c->output);
	free(c->input);
	free(c);
}

static void
reap(struct child *c, int status)
{
	c->result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	c->result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	finish(c);
}

/* Ended children are asked for one by one: others' are not ours to reap.  An
 * ending may start, or forget, another; so begin again after each. */
static void
on_child_signal(evutil_socket_t fd, short what, void *cookie)
{
	struct child *c;
	int status;

	(void)fd;
	(void)what;
	(void)cookie;
again:
	LIST_FOREACH(c, &children, all)
	{
		if (c->pid > 0 && waitpid(c->pid, &status, WNOHANG) == c->pid) {
			reap(c, status);
			goto again;
		}
	}
}

static void
on_limit(evutil_socket_t fd, short what, void *cookie)
{
	struct child *c = cookie;

	(void)fd;
	(void)what;
	if (c->pid == 0) { /* it never started: this only brings the news */
		finish(c);
		return;
	}
	c->result.timed_out = true;
	(void)kill(-c->pid, SIGKILL);
}

/* ---- its beginning ------------------------------------------------------ */

static void
fill_env(const char **env, const char *const *more)
{
	size_t n = 0;

	env[n++] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
		   "/sbin:/bin";
	env[n++] = "LANG=C.UTF-8";
	while (more != NULL && *more != NULL && n < MOST_ENV)
		env[n++] = *more++;
	env[n] = NULL;
}

static int
spawn(struct child *c, const struct child_spec *spec, int in, int out)
{
	const char *env[MOST_ENV + 1];
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t all, none;
	int rc;

	fill_env(env, spec->env);
	(void)sigfillset(&all);
	(void)sigemptyset(&none);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setflags(&attr,
	    POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
		POSIX_SPAWN_SETSIGMASK);
	(void)posix_spawnattr_setpgroup(&attr, 0);
	(void)posix_spawnattr_setsigdefault(&attr, &all);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawn_file_actions_init(&files);
	rc = posix_spawn_file_actions_adddup2(&files, in, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(
		    &files, out, spec->errors_only ? 2 : 1);
	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(&files,
		    spec->errors_only ? 1 : 2, "/dev/null", O_WRONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(&files, 3);
	if (rc == 0)
		rc = posix_spawn_file_actions_addchdir_np(&files, "/");
	/* It wants char *const[], and changes nothing. */
	if (rc == 0)
		rc = posix_spawn(&c->pid, spec->argv[0], &files, &attr,
		    (char *const *)(uintptr_t)spec->argv,
		    (char *const *)(uintptr_t)env);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attr);
	if (rc != 0)
		c->pid = 0;
	return rc;
}

/* Our end does not block; the program's does, as programs expect. */
static int
open_pipe(int *ours, int *theirs, bool we_write)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) < 0)
		return errno;
	*ours = fd[we_write ? 1 : 0];
	*theirs = fd[we_write ? 0 : 1];
	if (fcntl(*ours, F_SETFL, O_NONBLOCK) < 0)
		return errno;
	return 0;
}

/* 0, or the error's number. */
static int
start(struct child *c, const struct child_spec *spec)
{
	int in = -1, out = -1, rc;

	rc = open_pipe(&c->in, &in, true);
	if (rc == 0)
		rc = open_pipe(&c->out, &out, false);
	if (rc == 0)
		rc = spawn(c, spec, in, out);
	if (in >= 0)
		(void)close(in);
	if (out >= 0)
		(void)close(out);
	if (rc != 0)
		return rc;
	if (c->input_len == 0)
		close_end(&c->in, &c->can_write);
	else
		c->can_write = event_new(
		    loop, c->in, EV_WRITE | EV_PERSIST, on_writable, c);
	c->can_read =
	    event_new(loop, c->out, EV_READ | EV_PERSIST, on_readable, c);
	if (c->can_write != NULL)
		(void)event_add(c->can_write, NULL);
	if (c->can_read != NULL)
		(void)event_add(c->can_read, NULL);
	return 0;
}

struct child *
child_run(const struct child_spec *spec, child_ended *ended, void *cookie)
{
	struct child *c = text_alloc(sizeof *c);
	int64_t ms = spec->limit_ms > 0 ? spec->limit_ms : USUAL_LIMIT_MS;
	int rc;

	assert(loop != NULL && spec->argv[0] != NULL);
	c->ended = ended;
	c->cookie = cookie;
	c->in = c->out = -1;
	c->input_len = spec->input != NULL ? spec->input_len : 0;
	c->input = text_dup_n(
	    c->input_len > 0 ? spec->input : "", c->input_len);
	c->output_max = spec->output_max;
	c->result.code = -1;
	c->limit = event_new(loop, -1, 0, on_limit, c);
	if (c->limit == NULL)
		abort();
	LIST_INSERT_HEAD(&children, c, all);
	rc = start(c, spec);
	if (rc != 0) {
		c->result.error = strerror(rc);
		ms = 0;
	}
	(void)event_add(c->limit,
	    &(struct timeval){ .tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000) });
	return c;
}

void
child_forget(struct child *c)
{
	c->ended = NULL;
	if (c->pid > 0)
		(void)kill(-c->pid, SIGKILL); /* reaped when it has ended */
}

void
child_init(struct event_base *base)
{
	assert(loop == NULL);
	loop = base;
	LIST_INIT(&children);
	on_sigchld = evsignal_new(base, SIGCHLD, on_child_signal, NULL);
	if (on_sigchld == NULL || event_add(on_sigchld, NULL) < 0)
		abort();
}

void
child_done(void)
{
	struct child *c;
	int status = 0;

	while ((c = LIST_FIRST(&children)) != NULL) {
		if (c->pid == 0) {
			finish(c);
			continue;
		}
		(void)kill(-c->pid, SIGKILL);
		while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
			;
		reap(c, status);
	}
	if (on_sigchld != NULL)
		event_free(on_sigchld);
	on_sigchld = NULL;
	loop = NULL;
}
