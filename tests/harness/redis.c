#include "tests/harness/redis.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/store/library.h"
#include "tests/harness/clock_shift.h"

/* The tests of the command link none of the daemon's parts: nothing of them is
 * used here but the library, where it is there. */
#pragma weak library_text

#define MOST_ARGS 64
#define START_NAPS 10000 /* of 2 ms */
#define CALL_LIMIT_S 30
#define SERVER_FILE "redis.conf" /* in its folder */

struct redis {
	char *folder;
	char *socket;
	pid_t pid;          /* -1 while it does not run */
	redisContext *link; /* owned; NULL until asked, and after a loss */
	redisReply *kept;   /* owned; of the last redis_str */
	struct redis_options options;
};

static void
give_up(const struct redis *r, const char *what, const char *why)
{
	char line[512];
	FILE *f;

	(void)fprintf(stderr, "harness: redis: %s: %s\n", what, why);
	(void)snprintf(line, sizeof line, "%s/log", r->folder);
	f = fopen(line, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		(void)fputs(line, stderr);
	if (f != NULL)
		(void)fclose(f);
	abort();
}

static void
nap(void)
{
	const struct timespec t = { .tv_nsec = 2 * 1000 * 1000 };

	(void)nanosleep(&t, NULL);
}

char *
redis_folder_new(void)
{
	char *name = strdup("/tmp/ringback-test-XXXXXX");

	if (name == NULL || mkdtemp(name) == NULL) {
		perror("harness: mkdtemp");
		abort();
	}
	return name;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	(void)remove(path);
	return 0;
}

void
redis_folder_remove(const char *folder)
{
	(void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static size_t
add(const char **argv, size_t n, const char *const *more)
{
	for (size_t i = 0; more[i] != NULL && n + 1 < MOST_ARGS; i++)
		argv[n++] = more[i];
	argv[n] = NULL;
	return n;
}

static void
fill_arguments(const struct redis *r, const char **argv, const char *port)
{
	const struct redis_options *o = &r->options;
	const char *const always[] = { "--port",    port,           "--bind",
				       "127.0.0.1", "--unixsocket", r->socket,
				       "--dir",     r->folder,      NULL };
	const char *const store[] = { "--save",
				      "",
				      "--appendonly",
				      o->forgetful ? "no" : "yes",
				      "--appendfsync",
				      "always",
				      "--loglevel",
				      "warning",
				      NULL };
	size_t n = 0;

	argv[n++] = "redis-server";
	if (r->options.file != NULL)
		argv[n++] = SERVER_FILE;
	n = add(argv, n, always);
	n = o->sentinel ? add(argv, n, (const char *[]){ "--sentinel", NULL })
			: add(argv, n, store);
	if (o->extra != NULL)
		(void)add(argv, n, o->extra);
}

/* In the child: never returns. */
static void
become_server(const struct redis *r, pid_t parent)
{
	const char *argv[MOST_ARGS];
	char port[8];
	int log;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	(void)snprintf(port, sizeof port, "%u",
		       (unsigned)r->options.port.number);
	fill_arguments(r, argv, port);
	if (chdir(r->folder) != 0)
		_exit(1);
	log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (log < 0 || dup2(log, STDOUT_FILENO) < 0 ||
	    dup2(log, STDERR_FILENO) < 0)
		_exit(1);
	clock_shift(r->options.clock_s);
	/* A socket of the test that lived on here would look open for ever. */
	(void)close_range(3, ~0U, 0);
	/* execvp wants char *const[]; it does not change them. */
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static bool
connects(struct redis *r)
{
	struct timeval limit = { .tv_sec = CALL_LIMIT_S };

	r->link = redisConnectUnixWithTimeout(r->socket, limit);
	if (r->link == NULL || r->link->err != 0)
		return false;
	(void)redisSetTimeout(r->link, limit);
	return true;
}

/* It has read what it keeps, and takes commands. */
static bool
answers_ping(struct redis *r)
{
	redisReply *reply;
	bool good;

	if (!connects(r))
		return false;
	reply = redisCommand(r->link, "PING");
	good = reply != NULL && reply->type == REDIS_REPLY_STATUS;
	if (reply != NULL)
		freeReplyObject(reply);
	return good;
}

static void
drop_link(struct redis *r)
{
	if (r->link != NULL)
		redisFree(r->link);
	r->link = NULL;
}

static void
launch(struct redis *r)
{
	pid_t parent = getpid();

	drop_link(r);
	r->pid = fork();
	if (r->pid < 0)
		give_up(r, "fork", strerror(errno));
	if (r->pid == 0)
		become_server(r, parent);
	for (int naps = 0; !answers_ping(r); naps++) {
		drop_link(r);
		if (waitpid(r->pid, NULL, WNOHANG) == r->pid)
			give_up(r, "start", "it ended at once");
		if (naps == START_NAPS)
			give_up(r, "start", "no answer in time");
		nap();
	}
}

static void
write_file(const struct redis *r)
{
	char *path = NULL;
	FILE *f;

	if (asprintf(&path, "%s/" SERVER_FILE, r->folder) < 0)
		abort();
	f = fopen(path, "we");
	if (f == NULL || fputs(r->options.file, f) < 0 || fclose(f) != 0)
		give_up(r, path, strerror(errno));
	free(path);
}

struct redis *
redis_start(void)
{
	return redis_start_with(&(struct redis_options){ 0 });
}

struct redis *
redis_start_with(const struct redis_options *options)
{
	struct redis *r = calloc(1, sizeof *r);

	if (r == NULL)
		abort();
	r->options = *options;
	r->folder = redis_folder_new();
	if (asprintf(&r->socket, "%s/redis.sock", r->folder) < 0)
		abort();
	if (options->tcp && options->port.number == 0)
		r->options.port = port_reserve();
	if (options->file != NULL)
		write_file(r);
	launch(r);
	return r;
}

void
redis_stop(struct redis *r)
{
	if (r == NULL)
		return;
	redis_kill9(r);
	if (r->kept != NULL)
		freeReplyObject(r->kept);
	port_release(&r->options.port);
	redis_folder_remove(r->folder);
	free(r->folder);
	free(r->socket);
	free(r);
}

const char *
redis_socket(const struct redis *r)
{
	return r->socket;
}

const char *
redis_folder(const struct redis *r)
{
	return r->folder;
}

uint16_t
redis_port(const struct redis *r)
{
	return r->options.port.number;
}

pid_t
redis_pid(const struct redis *r)
{
	return r->pid;
}

/* Writing to a link that the server has closed would be a SIGPIPE. */
static bool
is_closed(const redisContext *link)
{
	char byte;

	return recv(link->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static redisReply *
call_once(struct redis *r, int argc, const char **argv)
{
	if (r->link != NULL && r->options.tcp && is_closed(r->link))
		drop_link(r);
	if (r->link == NULL && !connects(r))
		give_up(r, argv[0], "cannot be connected");
	return redisCommandArgv(r->link, argc, argv, NULL);
}

redisReply *
redis_call(struct redis *r, int argc, const char **argv)
{
	redisReply *reply = call_once(r, argc, argv);

	if (reply == NULL && r->options.tcp) {
		drop_link(r);
		reply = call_once(r, argc, argv);
	}
	if (reply == NULL)
		give_up(r, argv[0], r->link->errstr);
	return reply;
}

static redisReply *
call_list(struct redis *r, va_list ap)
{
	const char *argv[MOST_ARGS];
	int argc = 0;

	for (;;) {
		const char *arg = va_arg(ap, const char *);

		if (arg == NULL)
			break;
		if (argc == MOST_ARGS)
			give_up(r, argv[0], "too many arguments");
		argv[argc++] = arg;
	}
	return redis_call(r, argc, argv);
}

redisReply *
redis_do(struct redis *r, ...)
{
	redisReply *reply;
	va_list ap;

	va_start(ap, r);
	reply = call_list(r, ap);
	va_end(ap);
	return reply;
}

static redisReply *
not_an_error(struct redis *r, redisReply *reply)
{
	if (reply->type == REDIS_REPLY_ERROR)
		give_up(r, "refused", reply->str);
	return reply;
}

void
redis_must(struct redis *r, ...)
{
	va_list ap;

	va_start(ap, r);
	freeReplyObject(not_an_error(r, call_list(r, ap)));
	va_end(ap);
}

int64_t
redis_int(struct redis *r, ...)
{
	redisReply *reply;
	int64_t n;
	char *end;
	va_list ap;

	va_start(ap, r);
	reply = not_an_error(r, call_list(r, ap));
	va_end(ap);
	n = reply->integer;
	if (reply->type != REDIS_REPLY_INTEGER) {
		errno = reply->str == NULL ? EINVAL : 0;
		n = reply->str == NULL ? 0 : strtoll(reply->str, &end, 10);
		if (errno != 0 || end == reply->str || *end != '\0')
			give_up(r, "reply", "is no integer");
	}
	freeReplyObject(reply);
	return n;
}

const char *
redis_str(struct redis *r, ...)
{
	va_list ap;

	if (r->kept != NULL)
		freeReplyObject(r->kept);
	va_start(ap, r);
	r->kept = not_an_error(r, call_list(r, ap));
	va_end(ap);
	return r->kept->str != NULL ? r->kept->str : "";
}

void
redis_load_library(struct redis *r)
{
	if (library_text == NULL)
		give_up(r, "library", "is not linked into this test");
	redis_must(r, "FUNCTION", "LOAD", "REPLACE", library_text, NULL);
}

void
redis_kill9(struct redis *r)
{
	drop_link(r);
	if (r->pid < 0)
		return;
	(void)kill(r->pid, SIGKILL);
	(void)waitpid(r->pid, NULL, 0);
	r->pid = -1;
}

void
redis_restart(struct redis *r)
{
	redis_kill9(r);
	launch(r);
}

void
redis_freeze(struct redis *r)
{
	int status;

	if (r->pid < 0)
		give_up(r, "freeze", "it does not run");
	(void)kill(r->pid, SIGSTOP);
	/* Only when the wait returns does it really stand still. */
	if (waitpid(r->pid, &status, WUNTRACED) != r->pid ||
	    !WIFSTOPPED(status))
		give_up(r, "freeze", "it ended");
}

void
redis_thaw(struct redis *r)
{
	if (r->pid > 0)
		(void)kill(r->pid, SIGCONT);
}
