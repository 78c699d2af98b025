#include "daemon/store/journal.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/store/journal_keeper.h"
#include "daemon/store/journal_talk.h"

#define USUAL_MS 2000
#define STALL_MS 100
#define FIRST_PAUSE_MS 100
#define LONGEST_PAUSE_MS 5000
#define FREE_MS 2000
#define NAP_MS 2
#define MOST_APPENDS 10000
#define MOST_UNSENT ((size_t)16 * 1024 * 1024)

struct append {
	TAILQ_ENTRY(append) all;
	journal_kept *done; /* NULL: told already */
	void *cookie;
	int64_t deadline_ms; /* monotonic */
};
TAILQ_HEAD(appends, append);

enum life { NONE, OPENING, OPEN };

struct journal {
	struct journal_options options;
	char *folder, *site; /* owned */
	struct journal_reading_hooks reader;
	enum life life;
	pid_t pid;                   /* 0: none, or reaped */
	struct bufferevent *link;    /* owned; NULL while there is none */
	struct appends sent, unsent; /* in order; to be told from the loop */
	size_t count;                /* of both */
	struct event *later, *watch, *anew; /* owned */
	int64_t watch_at, pause_ms;
	struct journal_figures figures;
	int64_t since_ms;
	uint64_t refused;
	char why[600], told[600]; /* why it cannot be used; as said last */
};

static void start(struct journal *);

static void
arm(struct event *timer, int64_t ms)
{
	const struct timeval tv = { .tv_sec = (time_t)(ms / 1000),
				    .tv_usec =
					(suseconds_t)(ms % 1000 * 1000) };

	(void)event_add(timer, &tv);
}

static void
changed(struct journal *j)
{
	if (j->options.changed != NULL)
		j->options.changed(j->options.cookie);
}

static void
say(struct journal *j, const char *sentence)
{
	if (j->options.said != NULL)
		j->options.said(j->options.cookie, sentence);
}

/* Each new reason is said once. */
static void
set_why(struct journal *j, const char *why)
{
	(void)snprintf(j->why, sizeof j->why, "%s", why);
	if (*why == '\0' || strcmp(j->told, j->why) == 0)
		return;
	(void)snprintf(j->told, sizeof j->told, "%s", j->why);
	say(j, j->why);
}

/* ---- appends ------------------------------------------------------------ */

static void
tell(struct journal *j, struct append *a, bool kept)
{
	journal_kept *done = a->done;

	a->done = NULL;
	if (done == NULL)
		return;
	if (!kept)
		j->refused++;
	done(a->cookie, kept);
}

static void
end_all(struct journal *j, struct appends *list)
{
	struct append *a;

	while ((a = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, a, all);
		j->count--;
		tell(j, a, false);
		free(a);
	}
}

static bool
is_late(const struct journal *j)
{
	const struct append *first = TAILQ_FIRST(&j->sent);

	return first != NULL && first->done == NULL;
}

static bool
may_send(const struct journal *j)
{
	return j->link != NULL && j->count <= MOST_APPENDS && !is_late(j) &&
	       evbuffer_get_length(bufferevent_get_output(j->link)) <
		   MOST_UNSENT;
}

static void
send_message(struct journal *j, const struct journal_message *m,
	     const void *data)
{
	if (j->link == NULL)
		return;
	(void)bufferevent_write(j->link, m, sizeof *m);
	if (m->len > 0)
		(void)bufferevent_write(j->link, data, m->len);
}

static void
watch_until(struct journal *j, int64_t at)
{
	int64_t left = at - clock_mono_ms();

	if (j->watch_at != 0 && j->watch_at <= at)
		return;
	j->watch_at = at;
	arm(j->watch, left > 0 ? left : 0);
}

void
journal_append(struct journal *j, int64_t at_ms, const char *data, size_t len,
	       journal_kept *done, void *cookie)
{
	const struct journal_message m = { .kind = TALK_APPEND,
					   .len = (uint32_t)len,
					   .at_ms = at_ms };
	struct append *a = text_alloc(sizeof *a);

	a->done = done;
	a->cookie = cookie;
	a->deadline_ms = clock_mono_ms() + j->options.append_ms;
	j->count++;
	if (len > JOURNAL_MOST_DATA || !may_send(j)) {
		TAILQ_INSERT_TAIL(&j->unsent, a, all);
		event_active(j->later, EV_TIMEOUT, 0);
		return;
	}
	send_message(j, &m, data);
	TAILQ_INSERT_TAIL(&j->sent, a, all);
	watch_until(j, a->deadline_ms);
}

static void
on_later(evutil_socket_t fd, short what, void *cookie)
{
	struct journal *j = cookie;
	struct appends unsent = TAILQ_HEAD_INITIALIZER(unsent);

	(void)fd;
	(void)what;
	TAILQ_CONCAT(&unsent, &j->unsent, all);
	end_all(j, &unsent);
}

/* What is told stays in the list: its answer may still come. */
static void
on_watch(evutil_socket_t fd, short what, void *cookie)
{
	struct journal *j = cookie;
	int64_t now = clock_mono_ms();
	bool stalled = j->watch_at != 0 && now - j->watch_at > STALL_MS;
	struct append *a;

	(void)fd;
	(void)what;
	j->watch_at = 0;
	if (stalled) {
		/* It is we who stood still: answers may be there unread. */
		watch_until(j, now + STALL_MS);
		return;
	}
	TAILQ_FOREACH(a, &j->sent, all)
	{
		if (a->done == NULL)
			continue;
		if (a->deadline_ms > now) {
			watch_until(j, a->deadline_ms);
			return;
		}
		set_why(
		    j,
		    "The disk of the journal does not answer: nothing more is "
		    "kept until it does.");
		tell(j, a, false);
	}
}

static void
take_answer(struct journal *j, bool kept, const char *why)
{
	struct append *a = TAILQ_FIRST(&j->sent);

	if (a == NULL)
		return;
	TAILQ_REMOVE(&j->sent, a, all);
	j->count--;
	if (!is_late(j))
		set_why(j, why);
	if (kept) {
		j->told[0] = '\0';
		if (j->since_ms == 0)
			j->since_ms = clock_wall_ms();
	}
	tell(j, a, kept);
	free(a);
}

/* ---- what the keeper says ----------------------------------------------- */

static void
take_figures(struct journal *j, const char *data)
{
	memcpy(&j->figures, data, sizeof j->figures);
	if (j->figures.records == 0)
		j->since_ms = 0;
	else if (j->since_ms == 0)
		j->since_ms = j->figures.oldest_ms;
	changed(j);
}

static void
take_message(struct journal *j, const struct journal_message *m,
	     const char *data)
{
	const struct journal_record record = {
		.seq = m->number, .at_ms = m->at_ms, .data = data, .len = m->len
	};
	const struct journal_reading_hooks *r = &j->reader;

	switch ((enum journal_kind)m->kind) {
	case TALK_READY:
		j->life = OPEN;
		j->pause_ms = FIRST_PAUSE_MS;
		set_why(j, "");
		j->told[0] = '\0';
		break;
	case TALK_FAILED: set_why(j, data); break;
	case TALK_KEPT: take_answer(j, true, ""); break;
	case TALK_NOT_KEPT: take_answer(j, false, data); break;
	case TALK_FIGURES: take_figures(j, data); break;
	case TALK_SAID: say(j, data); break;
	case TALK_RECORD:
		if (r->record != NULL)
			r->record(r->cookie, &record);
		break;
	case TALK_END:
		if (r->end != NULL)
			r->end(r->cookie, m->number);
		break;
	case TALK_ASIDE:
	case TALK_NOT_ASIDE:
		if (m->kind == TALK_NOT_ASIDE)
			set_why(j, data);
		if (r->aside != NULL)
			r->aside(r->cookie, m->number, m->kind == TALK_ASIDE);
		break;
	case TALK_APPEND:
	case TALK_NEXT:
	case TALK_DONE:
	case TALK_REFUSE: abort(); /* these are ours to say */
	}
}

static void
on_read(struct bufferevent *link, void *cookie)
{
	struct journal *j = cookie;
	struct evbuffer *in = bufferevent_get_input(link);
	struct journal_message m;
	char *data;

	while (evbuffer_copyout(in, &m, sizeof m) == (ssize_t)sizeof m) {
		assert(m.len <= TALK_MOST_DATA);
		if (evbuffer_get_length(in) < sizeof m + m.len)
			return;
		(void)evbuffer_drain(in, sizeof m);
		data = text_alloc((size_t)m.len + 1);
		(void)evbuffer_remove(in, data, m.len);
		take_message(j, &m, data);
		free(data);
	}
}

/* ---- its process -------------------------------------------------------- */

static void
on_gone(struct bufferevent *link, short what, void *cookie)
{
	struct journal *j = cookie;
	struct appends sent = TAILQ_HEAD_INITIALIZER(sent);
	bool was_open = j->life == OPEN;

	(void)what;
	bufferevent_free(link);
	j->link = NULL;
	j->life = NONE;
	if (was_open || *j->why == '\0')
		set_why(j, "The process that writes the journal has died; "
			   "another is started.");
	arm(j->anew, j->pause_ms);
	j->pause_ms *= 2;
	if (j->pause_ms > LONGEST_PAUSE_MS)
		j->pause_ms = LONGEST_PAUSE_MS;
	TAILQ_CONCAT(&sent, &j->sent, all);
	end_all(j, &sent);
	if (j->reader.lost != NULL)
		j->reader.lost(j->reader.cookie);
	changed(j);
}

/* True when there is none any more. */
static bool
reap(struct journal *j)
{
	int status;

	if (j->pid > 0 && waitpid(j->pid, &status, WNOHANG) != 0)
		j->pid = 0;
	return j->pid == 0;
}

static void
on_anew(evutil_socket_t fd, short what, void *cookie)
{
	struct journal *j = cookie;

	(void)fd;
	(void)what;
	if (reap(j))
		start(j);
	else /* it hangs in a call of the kernel, and has the lock */
		arm(j->anew, j->pause_ms);
}

static void
start(struct journal *j)
{
	const struct journal_file_options o = { .folder = j->folder,
						.site = j->site,
						.most = j->options.most,
						.disk = j->options.disk };
	struct fault fault = { "" };
	int fd = journal_keeper_start(&o, &j->pid, &fault);

	if (fd >= 0)
		j->link = bufferevent_socket_new(j->options.base, fd,
						 BEV_OPT_CLOSE_ON_FREE);
	if (j->link == NULL) {
		set_why(j, fault.text);
		arm(j->anew, LONGEST_PAUSE_MS);
		return;
	}
	j->life = OPENING;
	bufferevent_setcb(j->link, on_read, NULL, on_gone, j);
	if (bufferevent_enable(j->link, EV_READ | EV_WRITE) < 0)
		abort();
}

/* ---- life --------------------------------------------------------------- */

struct journal *
journal_new(const struct journal_options *options)
{
	struct journal *j = text_alloc(sizeof *j);

	j->options = *options;
	j->folder = text_dup(options->folder);
	j->site = text_dup(options->site);
	if (j->options.append_ms == 0)
		j->options.append_ms = USUAL_MS;
	j->pause_ms = FIRST_PAUSE_MS;
	TAILQ_INIT(&j->sent);
	TAILQ_INIT(&j->unsent);
	j->later = event_new(options->base, -1, 0, on_later, j);
	j->watch = event_new(options->base, -1, 0, on_watch, j);
	j->anew = event_new(options->base, -1, 0, on_anew, j);
	if (j->later == NULL || j->watch == NULL || j->anew == NULL)
		abort();
	start(j);
	return j;
}

/* What it was given reaches it also when it is slow to read. */
static void
push_out(struct journal *j)
{
	struct evbuffer *out = bufferevent_get_output(j->link);
	evutil_socket_t fd = bufferevent_getfd(j->link);
	int64_t until = clock_mono_ms() + FREE_MS;
	const struct timespec nap = { .tv_nsec = NAP_MS * 1000 * 1000 };

	(void)bufferevent_disable(j->link, EV_READ | EV_WRITE);
	(void)evbuffer_unfreeze(out, 1);
	while (evbuffer_get_length(out) > 0 && clock_mono_ms() < until) {
		if (evbuffer_write(out, fd) >= 0)
			continue;
		if (errno != EAGAIN && errno != EINTR)
			return;
		(void)nanosleep(&nap, NULL);
	}
}

void
journal_free(struct journal *j)
{
	const struct timespec nap = { .tv_nsec = NAP_MS * 1000 * 1000 };
	int64_t until;

	if (j == NULL)
		return;
	if (j->link != NULL) {
		push_out(j);
		/* libevent closes it in the loop only, and it may not run any
		 * more.  What was written is read all the same. */
		(void)shutdown(bufferevent_getfd(j->link), SHUT_RDWR);
		bufferevent_free(j->link);
	}
	j->link = NULL;
	j->options.changed = NULL;
	end_all(j, &j->sent);
	end_all(j, &j->unsent);
	until = clock_mono_ms() + FREE_MS;
	while (!reap(j) && clock_mono_ms() < until)
		(void)nanosleep(&nap, NULL);
	event_free(j->later);
	event_free(j->watch);
	event_free(j->anew);
	free(j->folder);
	free(j->site);
	free(j);
}

void
journal_look(const struct journal *j, struct journal_state *ret)
{
	*ret =
	    (struct journal_state){ .open = j->life == OPEN,
				    .usable = j->life == OPEN && !is_late(j) &&
					      *j->why == '\0',
				    .why = j->life == OPENING && *j->why == '\0'
					       ? "The journal is being opened."
					       : j->why,
				    .figures = j->figures,
				    .since_ms = j->since_ms,
				    .refused = j->refused };
}

void
journal_set_reader(struct journal *j, const struct journal_reading_hooks *r)
{
	j->reader = *r;
}

void
journal_read(struct journal *j, size_t most)
{
	const struct journal_message m = { .kind = TALK_NEXT, .number = most };

	send_message(j, &m, NULL);
}

void
journal_done(struct journal *j, uint64_t seq)
{
	const struct journal_message m = { .kind = TALK_DONE, .number = seq };

	send_message(j, &m, NULL);
}

void
journal_refuse(struct journal *j, uint64_t seq)
{
	const struct journal_message m = { .kind = TALK_REFUSE, .number = seq };

	send_message(j, &m, NULL);
}

int
journal_pid(const struct journal *j)
{
	return (int)j->pid;
}
