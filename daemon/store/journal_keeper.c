#include "daemon/store/journal_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/store/journal_file.h"
#include "daemon/store/journal_talk.h"

#define CHUNK ((size_t)64 * 1024)
#define MOST_IN_GROUP ((size_t)4 * 1024 * 1024)
/* The keeper of a daemon that was killed may still be writing for it. */
#define LOCK_MS 5000
#define LOCK_NAP_MS 20
#define SOCKET 3

struct keeper {
	int fd;
	struct journal_file *file;
	struct text in, out;
	char *group; /* owned: for each that was appended, 1 if it was */
	size_t group_count, group_size, group_bytes;
	struct fault why; /* of the last that was not */
	bool over;        /* nobody is there to answer */
};

/* ---- answers ------------------------------------------------------------ */

static void
tell(struct keeper *k, enum journal_kind kind, uint64_t number,
     const char *sentence)
{
	const struct journal_message m = { .kind = kind,
					   .len = (uint32_t)strlen(sentence),
					   .number = number };

	talk_add(&k->out, &m, sentence);
}

static void
tell_figures(struct keeper *k)
{
	struct journal_figures figures;
	const struct journal_message m = { .kind = TALK_FIGURES,
					   .len = sizeof figures };

	journal_file_figures(k->file, &figures);
	talk_add(&k->out, &m, &figures);
}

static void
on_said(void *cookie, const char *sentence)
{
	tell(cookie, TALK_SAID, 0, sentence);
}

static void
flush(struct keeper *k)
{
	size_t at = 0;

	while (at < k->out.len && !k->over) {
		ssize_t n = write(k->fd, k->out.data + at, k->out.len - at);

		if (n > 0)
			at += (size_t)n;
		else if (n < 0 && errno != EINTR)
			k->over = true;
	}
	text_done(&k->out);
}

/* ---- appending: a group, one sync --------------------------------------- */

static void
append(struct keeper *k, const struct journal_message *m, const char *data)
{
	if (k->group_count == k->group_size) {
		k->group_size = k->group_size > 0 ? k->group_size * 2 : 256;
		k->group = text_realloc(k->group, k->group_size);
	}
	k->group[k->group_count++] =
	    journal_file_append(k->file, m->at_ms, data, m->len, &k->why) ==
	    JOURNAL_OK;
	k->group_bytes += m->len;
}

static void
commit(struct keeper *k)
{
	bool synced;

	if (k->group_count == 0)
		return;
	synced = journal_file_sync(k->file, &k->why) == 0;
	for (size_t i = 0; i < k->group_count; i++) {
		if (synced && k->group[i] != 0)
			tell(k, TALK_KEPT, 0, "");
		else
			tell(k, TALK_NOT_KEPT, 0, k->why.text);
	}
	k->group_count = k->group_bytes = 0;
	tell_figures(k);
}

/* ---- reading ------------------------------------------------------------ */

static void
tell_next(struct keeper *k, uint64_t most)
{
	struct journal_record r;
	uint64_t n = 0;

	while (n < most && journal_file_next(k->file, &r) == 1) {
		const struct journal_message m = { .kind = TALK_RECORD,
						   .len = (uint32_t)r.len,
						   .number = r.seq,
						   .at_ms = r.at_ms };

		talk_add(&k->out, &m, r.data);
		n++;
	}
	tell(k, TALK_END, n, "");
}

static void
refuse(struct keeper *k, uint64_t seq)
{
	struct fault fault = { "" };

	if (journal_file_refuse(k->file, seq, &fault) == 0)
		tell(k, TALK_ASIDE, seq, "");
	else
		tell(k, TALK_NOT_ASIDE, seq, fault.text);
}

static void
take(struct keeper *k, const struct journal_message *m, const char *data)
{
	switch (m->kind) {
	case TALK_APPEND: append(k, m, data); break;
	case TALK_NEXT: tell_next(k, m->number); break;
	case TALK_REFUSE: refuse(k, m->number); break;
	case TALK_DONE:
		journal_file_done(k->file, m->number);
		tell_figures(k);
		break;
	default: abort(); /* it is our own program that speaks */
	}
}

static void
take_all(struct keeper *k)
{
	struct journal_message m;
	size_t at = 0, size;

	for (;;) {
		size = talk_take(&m, k->in.data + at, k->in.len - at);
		if (size == 0)
			break;
		take(k, &m, k->in.data + at + sizeof m);
		at += size;
	}
	memmove(k->in.data, k->in.data + at, k->in.len - at);
	k->in.len -= at;
}

static bool
more_is_there(const struct keeper *k)
{
	struct pollfd p = { .fd = k->fd, .events = POLLIN };

	return k->group_bytes < MOST_IN_GROUP && poll(&p, 1, 0) == 1;
}

static void
serve(struct keeper *k)
{
	char *chunk = text_alloc(CHUNK);
	ssize_t n;

	for (;;) {
		n = read(k->fd, chunk, CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		text_add(&k->in, chunk, (size_t)n);
		take_all(k);
		if (more_is_there(k))
			continue;
		commit(k);
		flush(k);
	}
	commit(k); /* nobody will hear of it; it is there all the same */
	free(chunk);
}

/* ---- life --------------------------------------------------------------- */

static bool
is_left(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };

	return poll(&p, 1, LOCK_NAP_MS) == 1;
}

static struct journal_file *
open_file(struct keeper *k, const struct journal_file_options *options,
	  struct fault *fault)
{
	struct journal_file_options o = *options;
	int64_t until = clock_mono_ms() + LOCK_MS;
	struct journal_file *file;
	enum journal_why why;

	o.said = on_said;
	o.cookie = k;
	for (;;) {
		file = journal_file_open(&o, &why, fault);
		if (file != NULL || why != JOURNAL_BUSY ||
		    clock_mono_ms() > until || is_left(k->fd))
			return file;
	}
}

int
journal_keeper_run(int fd, const struct journal_file_options *options)
{
	struct keeper k = { .fd = fd };
	struct fault fault = { "" };
	int status = 1;

	k.file = open_file(&k, options, &fault);
	if (k.file == NULL) {
		tell(&k, TALK_FAILED, 0, fault.text);
		flush(&k);
	} else {
		tell(&k, TALK_READY, 0, "");
		tell_figures(&k);
		flush(&k);
		serve(&k);
		status = 0;
	}
	journal_file_close(k.file);
	text_done(&k.in);
	text_done(&k.out);
	free(k.group);
	return status;
}

/* A full pipe, a file limit, the end of the service: each is told otherwise. */
static void
settle_signals(void)
{
	static const int ignored[] = { SIGTERM, SIGINT,  SIGHUP,  SIGPIPE,
				       SIGXFSZ, SIGQUIT, SIGUSR1, SIGUSR2 };
	struct sigaction action = { .sa_handler = SIG_IGN };
	sigset_t none;

	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		(void)sigaction(ignored[i], &action, NULL);
	action.sa_handler = SIG_DFL;
	(void)sigaction(SIGCHLD, &action, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the new process: none of the daemon's connections may live on here. */
_Noreturn static void
become_keeper(int fd, const struct journal_file_options *options)
{
	settle_signals();
	if (dup3(fd, SOCKET, O_CLOEXEC) < 0 && fd != SOCKET)
		_exit(1);
	(void)close_range(SOCKET + 1, ~0U, 0);
	(void)prctl(PR_SET_NAME, "ringbackd-disk");
	_exit(journal_keeper_run(SOCKET, options));
}

int
journal_keeper_start(const struct journal_file_options *options, pid_t *ret_pid,
		     struct fault *fault)
{
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		fault_set(fault, "No socket for the journal: %s.",
			  strerror(errno));
		return -1;
	}
	pid = fork();
	if (pid == 0) {
		(void)close(fds[0]);
		become_keeper(fds[1], options);
	}
	(void)close(fds[1]);
	if (pid < 0 || fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0) {
		fault_set(fault, "No process for the journal: %s.",
			  strerror(errno));
		(void)close(fds[0]);
		return -1;
	}
	*ret_pid = pid;
	return fds[0];
}
