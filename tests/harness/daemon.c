#include "tests/harness/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/harness/clock_shift.h"
#include "tests/harness/redis.h"

#define NAP_MS 5
#define START_LIMIT_MS 20000
#define STOP_LIMIT_MS 20000
#define LOG_SHOWN 4000

struct daemon {
	struct daemon_options options;
	char *folder, *socket, *file, *log; /* owned: paths */
	pid_t pid;                          /* -1 while it does not run */
};

static const char usual_body[] =
    "tier \"platinum\" { value = 20000 weight = 16 callback = \"5m\" "
    "complaint = \"1h\" }\n"
    "tier \"gold\" { value = 3000 weight = 5 callback = \"15m\" "
    "complaint = \"4h\" }\n"
    "tier \"standard\" { value = 0 weight = 1 callback = \"1h\" "
    "complaint = \"2d\" }\n"
    "unknown_caller = \"gold\"\n"
    "hours \"always\" { open = { \"mon-sun 00:00-24:00\" } }\n"
    "ladder \"usual\" {\n"
    "    step \"0%\"   { to = \"agents\" }\n"
    "    step \"75%\"  { to = \"agents\" alert = \"at-risk\" }\n"
    "    step \"100%\" { to = \"agents\" alert = \"broken\" }\n"
    "}\n"
    "retry \"usual\" {\n"
    "    no-answer = { \"30m\", \"2h\", \"4h\" }\n"
    "    busy      = { \"5m\", \"5m\", \"15m\" }\n"
    "    voicemail = { \"4h\", \"1d\" }\n"
    "    call_from = \"00:00\"\n"
    "    call_to   = \"24:00\"\n"
    "}\n"
    "queue \"sales\" {\n"
    "    numbers = { \"+49 30 1111\" }\n"
    "    hours = \"always\" ladder = \"usual\" retry = \"usual\"\n"
    "}\n"
    "queue \"billing\" {\n"
    "    numbers = { \"+49 30 2222\" }\n"
    "    hours = \"always\" ladder = \"usual\" retry = \"usual\"\n"
    "}\n";

/* ---- time, log ---------------------------------------------------------- */

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
nap(void)
{
	const struct timespec t = { .tv_nsec = NAP_MS * 1000 * 1000 };

	(void)nanosleep(&t, NULL);
}

/* Inlined, gcc 12 takes the text for a pointer to this variable of it. */
__attribute__((noinline)) char *
daemon_log(const struct daemon *d)
{
	FILE *f = fopen(d->log, "re");
	char *text = NULL;
	size_t size = 0;

	/* Up to a NUL byte that never comes: the whole file. */
	if (f == NULL || getdelim(&text, &size, '\0', f) < 0) {
		free(text);
		text = strdup("");
	}
	if (f != NULL)
		(void)fclose(f);
	if (text == NULL)
		abort();
	return text;
}

_Noreturn static void
give_up(const struct daemon *d, const char *what, const char *why)
{
	char *log = daemon_log(d);
	size_t len = strlen(log);

	(void)fprintf(stderr, "harness: ringbackd: %s: %s\n%s\n", what, why,
		      log + (len > LOG_SHOWN ? len - LOG_SHOWN : 0));
	abort();
}

static int
count(const char *log, const char *text)
{
	int n = 0;

	for (const char *s = strstr(log, text); s != NULL;
	     s = strstr(s + 1, text))
		n++;
	return n;
}

bool
daemon_said(const struct daemon *d, const char *text, int times, int limit_ms)
{
	int64_t until = now_ms() + limit_ms;

	for (;;) {
		char *log = daemon_log(d);
		bool said = count(log, text) >= times;

		free(log);
		if (said || now_ms() >= until)
			return said;
		nap();
	}
}

uint16_t
daemon_port(struct daemon *d)
{
	char *log, *at, *last = NULL;
	unsigned long port;

	if (!daemon_said(d, "ready site=", 1, START_LIMIT_MS))
		give_up(d, "port", "it never said that it is ready");
	log = daemon_log(d);
	for (at = strstr(log, " port="); at != NULL;
	     at = strstr(at + 1, " port="))
		last = at; /* of the newest that was started here */
	port = last != NULL ? strtoul(last + 6, NULL, 10) : 0;
	free(log);
	return (uint16_t)port;
}

/* ---- configuration ------------------------------------------------------ */

static void
print_groups(const struct daemon *d, FILE *f)
{
	const struct group *g = getgrgid(getgid());
	const char *name = g != NULL ? g->gr_name : "root";

	if (d->options.groups != NULL)
		(void)fputs(d->options.groups, f);
	else
		(void)fprintf(f,
			      "agents = { \"%s\" }\nsupervisors = { \"%s\" }\n"
			      "managers = { \"%s\" }\nadmins = { \"%s\" }\n",
			      name, name, name, name);
}

static const char *
or_else(const char *text, const char *otherwise)
{
	return text != NULL ? text : otherwise;
}

static void
write_file(const struct daemon *d)
{
	const struct daemon_options *o = &d->options;
	FILE *f = fopen(d->file, "we");

	if (f == NULL)
		give_up(d, d->file, strerror(errno));
	(void)fprintf(
	    f,
	    "site = \"%s\"\ntimezone = \"Europe/Berlin\"\nregion = \"DE\"\n"
	    "redis_url = \"%s%s\"\nsocket = \"%s\"\n"
	    "http = \"127.0.0.1:%u\"\njournal = \"%s%s\"\n"
	    "token_file = \"%s/tokens\" patience = %d\n",
	    or_else(o->site, "t"), o->redis_url != NULL ? "" : "unix://",
	    o->redis_url != NULL ? o->redis_url : redis_socket(o->redis),
	    d->socket, (unsigned)o->port,
	    o->journal != NULL ? o->journal : d->folder,
	    o->journal != NULL ? "" : "/journal", d->folder,
	    o->patience != 0 ? o->patience : 2000);
	print_groups(d, f);
	(void)fputs(or_else(o->head, ""), f);
	(void)fputs(or_else(o->body, usual_body), f);
	(void)fputs(or_else(o->tail, ""), f);
	if (ferror(f) || fclose(f) != 0)
		give_up(d, d->file, "cannot be written");
}

void
daemon_configure(struct daemon *d, const struct daemon_options *o)
{
	struct redis *redis = d->options.redis;

	d->options = *o;
	if (d->options.redis == NULL)
		d->options.redis = redis;
	write_file(d);
}

/* ---- begin -------------------------------------------------------------- */

char *
daemon_program(const char *name)
{
	char self[4096], *path;
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	if (n < 0)
		abort();
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	if (asprintf(&path, "%s/%s", self, name) < 0)
		abort();
	return path;
}

/* RINGBACK_LAUNCHER is run in front of the daemon, where it is set: check.sh
 * puts the daemons of all tests into the sandbox of the service. */
static void
run_daemon(const char *program, const char *file)
{
	const char *launcher = getenv("RINGBACK_LAUNCHER");

	if (launcher != NULL)
		(void)execl(launcher, launcher, program, "-f", file,
			    (char *)NULL);
	else
		(void)execl(program, program, "-f", file, (char *)NULL);
	_exit(127);
}

/* In the child: never returns. */
static void
become_daemon(const struct daemon *d, const char *program, pid_t parent)
{
	int log, null;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	log = open(d->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	null = open("/dev/null", O_RDONLY);
	if (log < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
		_exit(1);
	/* A socket of the test that lived on here would look open for ever. */
	(void)close_range(3, ~0U, 0);
	clock_shift(d->options.clock_s);
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("LISTEN_FDS");
	run_daemon(program, d->file);
}

static void
launch(struct daemon *d)
{
	char *program = d->options.program != NULL
			    ? strdup(d->options.program)
			    : daemon_program("ringbackd");
	pid_t parent = getpid();

	if (program == NULL || access(program, X_OK) != 0)
		give_up(d, "start", "is not built: make all");
	d->pid = fork();
	if (d->pid < 0)
		give_up(d, "fork", strerror(errno));
	if (d->pid == 0)
		become_daemon(d, program, parent);
	free(program);
}

struct daemon *
daemon_launch(const struct daemon_options *options)
{
	struct daemon *d = calloc(1, sizeof *d);

	if (d == NULL)
		abort();
	d->options = *options;
	d->folder = redis_folder_new();
	if (asprintf(&d->file, "%s/ringback.conf", d->folder) < 0 ||
	    asprintf(&d->log, "%s/ringbackd.log", d->folder) < 0 ||
	    (options->socket != NULL
		 ? asprintf(&d->socket, "%s", options->socket)
		 : asprintf(&d->socket, "%s/rb.sock", d->folder)) < 0)
		abort();
	write_file(d);
	launch(d);
	return d;
}

static void
await_ready(struct daemon *d)
{
	int64_t until = now_ms() + START_LIMIT_MS;

	while (daemon_probe(d, "/readyz", 2000) != 200) {
		if (waitpid(d->pid, NULL, WNOHANG) == d->pid)
			give_up(d, "start", "it ended at once");
		if (now_ms() > until)
			give_up(d, "start", "it is not ready in time");
		nap();
	}
}

struct daemon *
daemon_start(const struct daemon_options *options)
{
	struct daemon *d = daemon_launch(options);

	await_ready(d);
	return d;
}

/* ---- a look from outside ------------------------------------------------ */

/* The first bytes that come before `until`; how many. */
static size_t
receive(int fd, char *buf, size_t size, int64_t until)
{
	size_t have = 0;
	ssize_t n = 1;

	while (have < 12 && n > 0) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = until - now_ms();

		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			break;
		n = recv(fd, buf + have, size - have, 0);
		if (n > 0)
			have += (size_t)n;
	}
	return have;
}

int
daemon_probe(const struct daemon *d, const char *path, int limit_ms)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int64_t until = now_ms() + limit_ms;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), status = 0;
	char buf[512];
	size_t n;

	if (fd < 0)
		give_up(d, "socket", strerror(errno));
	(void)snprintf(sun.sun_path, sizeof sun.sun_path, "%s", d->socket);
	n = (size_t)snprintf(
	    buf, sizeof buf,
	    "GET %s HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", path);
	if (connect(fd, (struct sockaddr *)&sun, sizeof sun) == 0 &&
	    send(fd, buf, n, MSG_NOSIGNAL) == (ssize_t)n) {
		n = receive(fd, buf, sizeof buf - 1, until);
		buf[n] = '\0';
		if (n >= 12 && strncmp(buf, "HTTP/1.", 7) == 0)
			status = (int)strtol(buf + 9, NULL, 10);
	}
	(void)close(fd);
	return status;
}

bool
daemon_ready(const struct daemon *d, int limit_ms)
{
	int64_t until = now_ms() + limit_ms;

	while (daemon_probe(d, "/readyz", 2000) != 200) {
		if (now_ms() >= until)
			return false;
		nap();
	}
	return true;
}

const char *
daemon_socket(const struct daemon *d)
{
	return d->socket;
}

const char *
daemon_folder(const struct daemon *d)
{
	return d->folder;
}

const char *
daemon_file(const struct daemon *d)
{
	return d->file;
}

pid_t
daemon_pid(const struct daemon *d)
{
	return d->pid;
}

/* ---- signals, end ------------------------------------------------------- */

void
daemon_hup(struct daemon *d)
{
	if (d->pid > 0)
		(void)kill(d->pid, SIGHUP);
}

int
daemon_ended(struct daemon *d, int limit_ms)
{
	int64_t until = now_ms() + limit_ms;
	int status;

	while (waitpid(d->pid, &status, WNOHANG) != d->pid) {
		if (now_ms() > until)
			return -1;
		nap();
	}
	d->pid = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int
daemon_stop(struct daemon *d, int limit_ms)
{
	if (d->pid < 0)
		give_up(d, "stop", "it does not run");
	(void)kill(d->pid, SIGTERM);
	return daemon_ended(d, limit_ms);
}

void
daemon_kill9(struct daemon *d)
{
	if (d->pid < 0)
		return;
	(void)kill(d->pid, SIGKILL);
	(void)waitpid(d->pid, NULL, 0);
	d->pid = -1;
}

void
daemon_again(struct daemon *d)
{
	daemon_kill9(d);
	launch(d);
}

void
daemon_restart(struct daemon *d)
{
	daemon_again(d);
	await_ready(d);
}

void
daemon_freeze(struct daemon *d)
{
	int status;

	if (d->pid < 0)
		give_up(d, "freeze", "it does not run");
	(void)kill(d->pid, SIGSTOP);
	if (waitpid(d->pid, &status, WUNTRACED) != d->pid ||
	    !WIFSTOPPED(status))
		give_up(d, "freeze", "it ended");
}

void
daemon_thaw(struct daemon *d)
{
	if (d->pid > 0)
		(void)kill(d->pid, SIGCONT);
}

void
daemon_free(struct daemon *d)
{
	if (d == NULL)
		return;
	if (d->pid > 0) {
		daemon_thaw(d);
		if (daemon_stop(d, STOP_LIMIT_MS) != 0)
			give_up(d, "stop", "it did not end well");
	}
	redis_folder_remove(d->folder);
	free(d->folder);
	free(d->socket);
	free(d->file);
	free(d->log);
	free(d);
}
