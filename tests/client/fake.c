#include "tests/client/fake.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct fake {
	char dir[64];
	char socket[96];
	char log[96];
	char *heard; /* owned */
	pid_t pid;
	int listener;
	const struct fake_rule *rules;
	int *used; /* shared by the processes: how often each rule answered */
};

static void
must(bool well, const char *what)
{
	if (well)
		return;
	perror(what);
	abort();
}

/* The whole request, head and body; as much as came before the end. */
static size_t
read_request(int fd, char *buf, size_t size)
{
	size_t len = 0, need = 0;

	for (;;) {
		ssize_t n = read(fd, buf + len, size - 1 - len);
		char *end, *length;

		if (n <= 0)
			return 0;
		len += (size_t)n;
		buf[len] = '\0';
		end = strstr(buf, "\r\n\r\n");
		if (end == NULL)
			continue;
		length = strstr(buf, "Content-Length: ");
		need = (size_t)(end + 4 - buf);
		if (length != NULL && length < end)
			need += strtoul(length + 16, NULL, 10);
		if (len >= need || len + 1 >= size)
			return len;
	}
}

static void
write_all(int fd, const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, s, len);

		if (n <= 0)
			return;
		s += n;
		len -= (size_t)n;
	}
}

static const struct fake_rule *
choose(const struct fake *f, const char *request)
{
	static const struct fake_rule none = {
		"", 404, "{\"title\":\"Not found\",\"status\":404}", FAKE_JSON,
		0
	};
	size_t i;

	for (i = 0; f->rules[i].request != NULL; i++) {
		const struct fake_rule *r = &f->rules[i];

		if (strncmp(request, r->request, strlen(r->request)) != 0)
			continue;
		if (r->times > 0 && f->used[i] >= r->times)
			continue;
		f->used[i]++;
		return r;
	}
	return &none;
}

/* Until nobody reads it any more, which ends this process. */
static void
repeat_last_line(int fd, const char *body)
{
	static char many[1 << 16];
	size_t len = strlen(body), from = len - 1, n = 0;

	while (from > 0 && body[from - 1] != '\n')
		from--;
	while (n + len - from < sizeof many) {
		memcpy(many + n, body + from, len - from);
		n += len - from;
	}
	while (write(fd, many, n) > 0)
		;
}

static void
serve(const struct fake *f, int fd)
{
	static char request[1 << 20];
	char head[256];
	size_t len;
	int log, n;

	while ((len = read_request(fd, request, sizeof request)) > 0) {
		const struct fake_rule *r = choose(f, request);

		log = open(f->log, O_WRONLY | O_APPEND | O_CREAT, 0600);
		write_all(log, request, len);
		write_all(log, "\n", 1);
		close(log);
		if (r->way == FAKE_HANG) {
			while (read(fd, head, sizeof head) > 0)
				;
			return;
		}
		if (r->way == FAKE_RAW || r->way == FAKE_ENDLESS)
			write_all(fd, r->body, strlen(r->body));
		if (r->way == FAKE_ENDLESS)
			repeat_last_line(fd, r->body);
		if (r->way == FAKE_RAW || r->way == FAKE_ENDLESS)
			return;
		n = snprintf(
		    head, sizeof head,
		    "HTTP/1.1 %d Status\r\nContent-Type: application/json\r\n"
		    "Content-Length: %zu\r\n\r\n",
		    r->status, strlen(r->body));
		write_all(fd, head, (size_t)n);
		write_all(fd, r->body, strlen(r->body));
	}
}

/* A parent that ended before prctl was asked is noticed by its number. */
static void
die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
}

static void
accept_all(const struct fake *f, pid_t parent)
{
	pid_t own = getpid();

	die_with(parent);
	sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	for (;;) {
		int fd = accept4(f->listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			continue;
		if (fork() == 0) {
			die_with(own);
			serve(f, fd);
			_exit(0);
		}
		close(fd);
	}
}

struct fake *
fake_start(const struct fake_rule *rules)
{
	struct fake *f = calloc(1, sizeof *f);
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	pid_t own = getpid();

	must(f != NULL, "calloc");
	snprintf(f->dir, sizeof f->dir, "/tmp/ringback-fake.XXXXXX");
	must(mkdtemp(f->dir) != NULL, "mkdtemp");
	snprintf(f->socket, sizeof f->socket, "%s/s", f->dir);
	snprintf(f->log, sizeof f->log, "%s/log", f->dir);
	f->rules = rules;
	f->used = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(f->used != MAP_FAILED, "mmap");
	f->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(to.sun_path, sizeof to.sun_path, "%s", f->socket);
	must(bind(f->listener, (struct sockaddr *)&to, sizeof to) == 0, "bind");
	must(listen(f->listener, 64) == 0, "listen");
	f->pid = fork();
	must(f->pid >= 0, "fork");
	if (f->pid == 0)
		accept_all(f, own);
	close(f->listener);
	return f;
}

void
fake_stop(struct fake *f)
{
	kill(f->pid, SIGKILL);
	waitpid(f->pid, NULL, 0);
	unlink(f->socket);
	unlink(f->log);
	rmdir(f->dir);
	munmap(f->used, 4096);
	free(f->heard);
	free(f);
}

const char *
fake_socket(const struct fake *f)
{
	return f->socket;
}

const char *
fake_heard(struct fake *f)
{
	FILE *log = fopen(f->log, "re");
	size_t len = 0, n;

	free(f->heard);
	f->heard = calloc(1, 1 << 22);
	must(f->heard != NULL, "calloc");
	if (log == NULL)
		return f->heard;
	while ((n = fread(f->heard + len, 1, (1 << 22) - 1 - len, log)) > 0)
		len += n;
	fclose(log);
	return f->heard;
}

bool
fake_await(struct fake *f, const char *text)
{
	struct timespec nap = { 0, 20 * 1000 * 1000 };
	int i;

	for (i = 0; i < 500; i++) {
		if (strstr(fake_heard(f), text) != NULL)
			return true;
		nanosleep(&nap, NULL);
	}
	return false;
}
