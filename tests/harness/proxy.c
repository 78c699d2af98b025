#include "tests/harness/proxy.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness/redis.h"

#define CHUNK 16384
#define MOST_HELD (1 << 20) /* then the kernel holds the rest */
#define BACKLOG 512

enum mode { PASS, AIM, CUT, HOLE, DEAF, SLOW, CRUMBS, CUT_REPLY };

struct order {
	enum mode mode;
	size_t amount;
	struct sockaddr_storage there; /* of AIM */
	socklen_t there_len;
};

struct proxy {
	struct sockaddr_storage here, there;
	socklen_t here_len, there_len;
	char *folder, *socket; /* owned; NULL for TCP */
	uint16_t port;
	int wire; /* orders go out, one byte comes back for each */
	pid_t pid;
};

_Noreturn static void
give_up(const char *what)
{
	(void)fprintf(stderr, "harness: proxy: %s: %s\n", what,
		      strerror(errno));
	abort();
}

/* ---- in the child
 *------------------------------------------------------------ on_client
 *somebody connects: two ways are made
 *	on_readable	a way has something: it waits for its time
 *	on_due		its time has come: it goes out
 */
struct way {
	struct pair *pair;
	int from, to;
	bool reply;             /* from Redis to the daemon */
	struct event *in, *due; /* owned */
	struct evbuffer *held;  /* owned */
	bool ended;             /* nothing more comes in */
};

struct pair {
	LIST_ENTRY(pair) link;
	struct way way[2];
	size_t replied; /* bytes of answers since the last order */
};

static struct {
	struct event_base *base;
	struct proxy *proxy; /* our copy of it */
	struct order order;
	LIST_HEAD(, pair) pairs;
	int listener, wire;
} us;

static void
pair_reset(struct pair *p)
{
	const struct linger hard = { .l_onoff = 1, .l_linger = 0 };

	for (size_t i = 0; i < 2; i++) {
		struct way *w = &p->way[i];

		event_free(w->in);
		event_free(w->due);
		evbuffer_free(w->held);
		(void)setsockopt(w->from, SOL_SOCKET, SO_LINGER, &hard,
				 sizeof hard);
		(void)close(w->from);
	}
	LIST_REMOVE(p, link);
	free(p);
}

static bool
stands_still(const struct way *w)
{
	return us.order.mode == HOLE || (us.order.mode == DEAF && w->reply);
}

/* When what has come goes on. */
static void
way_plan(struct way *w)
{
	struct timeval wait = { 0 };

	if (us.order.mode == SLOW) {
		wait.tv_sec = (time_t)(us.order.amount / 1000);
		wait.tv_usec = (suseconds_t)(us.order.amount % 1000 * 1000);
	}
	if (stands_still(w))
		(void)event_del(w->due);
	else if (!event_pending(w->due, EV_TIMEOUT, NULL))
		(void)event_add(w->due, &wait);
}

static size_t
may_go(const struct way *w)
{
	size_t len = evbuffer_get_length(w->held);

	if (us.order.mode == CRUMBS)
		return len > 0;
	if (us.order.mode == CUT_REPLY && w->reply &&
	    w->pair->replied + len > us.order.amount)
		return us.order.amount - w->pair->replied;
	return len;
}

static void
on_due(evutil_socket_t fd, short what, void *arg)
{
	struct way *w = arg;
	size_t most = may_go(w), sent = 0;

	(void)fd;
	(void)what;
	if (most > 0) {
		int n = evbuffer_write_atmost(w->held, w->to, (ev_ssize_t)most);

		if (n < 0 && errno != EAGAIN) {
			pair_reset(w->pair);
			return;
		}
		sent = n > 0 ? (size_t)n : 0;
	}
	if (w->reply)
		w->pair->replied += sent;
	if (us.order.mode == CUT_REPLY && w->pair->replied >= us.order.amount) {
		us.order.mode = PASS;
		pair_reset(w->pair);
		return;
	}
	if (evbuffer_get_length(w->held) > 0) {
		/* The other end is slow, or crumbs: soon again. */
		const struct timeval soon = { .tv_usec = 100 };

		(void)event_add(w->due, &soon);
		return;
	}
	if (w->ended)
		pair_reset(w->pair);
	else
		(void)event_add(w->in, NULL);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct way *w = arg;
	int n = evbuffer_read(w->held, fd, CHUNK);

	(void)what;
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		w->ended = true;
		(void)event_del(w->in);
	} else if (evbuffer_get_length(w->held) >= MOST_HELD) {
		(void)event_del(w->in);
	}
	way_plan(w);
}

static void
way_open(struct way *w, struct pair *p, int from, int to)
{
	w->pair = p;
	w->from = from;
	w->to = to;
	w->held = evbuffer_new();
	w->in = event_new(us.base, from, EV_READ | EV_PERSIST, on_readable, w);
	w->due = event_new(us.base, -1, 0, on_due, w);
	if (w->held == NULL || w->in == NULL || w->due == NULL)
		_exit(1);
	if (us.order.mode != HOLE)
		(void)event_add(w->in, NULL);
}

static void
on_client(evutil_socket_t listener, short what, void *arg)
{
	const struct proxy *x = us.proxy;
	int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	int server = socket(x->there.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pair *p = calloc(1, sizeof *p);

	(void)what;
	(void)arg;
	if (p == NULL || client < 0 || server < 0)
		_exit(1);
	/* Of this machine: it is there at once or not at all.  A frozen one
	 * with a full queue is as a black hole, and gets only its due. */
	(void)evutil_make_socket_nonblocking(server);
	(void)evutil_make_socket_nonblocking(client);
	LIST_INSERT_HEAD(&us.pairs, p, link);
	way_open(&p->way[0], p, client, server);
	way_open(&p->way[1], p, server, client);
	p->way[1].reply = true;
	if (us.order.mode == CUT ||
	    (connect(server, (const struct sockaddr *)&x->there,
		     x->there_len) != 0 &&
	     errno != EINPROGRESS))
		pair_reset(p);
}

static void
obey(void)
{
	struct pair *p, *next;

	if (us.order.mode == AIM) {
		us.proxy->there = us.order.there;
		us.proxy->there_len = us.order.there_len;
	}
	for (p = LIST_FIRST(&us.pairs); p != NULL; p = next) {
		next = LIST_NEXT(p, link);
		p->replied = 0;
		if (us.order.mode == CUT || us.order.mode == AIM) {
			pair_reset(p);
			continue;
		}
		for (size_t i = 0; i < 2; i++) {
			struct way *w = &p->way[i];

			(void)event_del(w->due);
			way_plan(w);
			if (us.order.mode == HOLE)
				(void)event_del(w->in);
			else if (!w->ended)
				(void)event_add(w->in, NULL);
		}
	}
}

static void
on_order(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	(void)arg;
	if (read(fd, &us.order, sizeof us.order) != sizeof us.order)
		_exit(0); /* the test is gone */
	obey();
	if (write(fd, "", 1) != 1)
		_exit(0);
}

_Noreturn static void
live(struct proxy *x, int listener, int wire)
{
	struct event *orders, *clients;

	us.base = event_base_new();
	us.proxy = x;
	us.listener = listener;
	us.wire = wire;
	LIST_INIT(&us.pairs);
	if (us.base == NULL)
		_exit(1);
	orders = event_new(us.base, wire, EV_READ | EV_PERSIST, on_order, NULL);
	clients =
	    event_new(us.base, listener, EV_READ | EV_PERSIST, on_client, NULL);
	if (orders == NULL || clients == NULL || event_add(orders, NULL) != 0 ||
	    event_add(clients, NULL) != 0)
		_exit(1);
	(void)event_base_dispatch(us.base);
	_exit(1);
}

/* ---- in the test -------------------------------------------------------- */

static int
listen_here(struct proxy *x)
{
	int fd = socket(x->here.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    bind(fd, (const struct sockaddr *)&x->here, x->here_len) != 0 ||
	    listen(fd, BACKLOG) != 0)
		give_up("listen");
	if (x->socket == NULL) {
		struct sockaddr_in at;
		socklen_t len = sizeof at;

		if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
			give_up("getsockname");
		x->port = ntohs(at.sin_port);
	}
	return fd;
}

static void
launch(struct proxy *x)
{
	int listener = listen_here(x), wires[2];
	pid_t parent = getpid();

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, wires) != 0)
		give_up("socketpair");
	x->pid = fork();
	if (x->pid < 0)
		give_up("fork");
	if (x->pid == 0) {
		const struct sigaction ignore = { .sa_handler = SIG_IGN };

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		(void)sigaction(SIGPIPE, &ignore, NULL);
		/* What the test has open is not the proxy's to keep open. */
		if (dup2(wires[1], 3) < 0 || dup2(listener, 4) < 0)
			_exit(1);
		(void)close_range(5, ~0U, 0);
		live(x, 4, 3);
	}
	(void)close(wires[1]);
	(void)close(listener);
	x->wire = wires[0];
}

static void
set_unix(struct sockaddr_storage *at, socklen_t *len, const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof un.sun_path)
		give_up("a path too long");
	(void)snprintf(un.sun_path, sizeof un.sun_path, "%s", path);
	*len = sizeof un;
	memcpy(at, &un, sizeof un);
}

static void
set_tcp(struct sockaddr_storage *at, socklen_t *len, uint16_t port)
{
	const struct sockaddr_in in = { .sin_family = AF_INET,
					.sin_port = htons(port),
					.sin_addr = {
					    htonl(INADDR_LOOPBACK) } };

	*len = sizeof in;
	memcpy(at, &in, sizeof in);
}

static struct proxy *
proxy_new(void)
{
	struct proxy *x = calloc(1, sizeof *x);

	if (x == NULL)
		give_up("calloc");
	return x;
}

struct proxy *
proxy_start(const char *to_socket)
{
	struct proxy *x = proxy_new();

	x->folder = redis_folder_new();
	if (asprintf(&x->socket, "%s/proxy.sock", x->folder) < 0)
		give_up("asprintf");
	set_unix(&x->here, &x->here_len, x->socket);
	set_unix(&x->there, &x->there_len, to_socket);
	launch(x);
	return x;
}

struct proxy *
proxy_start_tcp(uint16_t to_port)
{
	struct proxy *x = proxy_new();

	set_tcp(&x->here, &x->here_len, 0);
	set_tcp(&x->there, &x->there_len, to_port);
	launch(x);
	return x;
}

void
proxy_stop(struct proxy *x)
{
	if (x == NULL)
		return;
	(void)kill(x->pid, SIGKILL);
	(void)waitpid(x->pid, NULL, 0);
	(void)close(x->wire);
	if (x->folder != NULL)
		redis_folder_remove(x->folder);
	free(x->folder);
	free(x->socket);
	free(x);
}

const char *
proxy_socket(const struct proxy *x)
{
	return x->socket;
}

uint16_t
proxy_port(const struct proxy *x)
{
	return x->port;
}

static void
send_order(struct proxy *x, const struct order *order)
{
	char done;

	if (write(x->wire, order, sizeof *order) != sizeof *order ||
	    read(x->wire, &done, 1) != 1)
		give_up("it is gone");
}

static void
give_order(struct proxy *x, enum mode mode, size_t amount)
{
	const struct order order = { .mode = mode, .amount = amount };

	send_order(x, &order);
}

void
proxy_pass(struct proxy *x)
{
	give_order(x, PASS, 0);
}

void
proxy_aim(struct proxy *x, const char *to_socket)
{
	struct order order = { .mode = AIM };

	set_unix(&order.there, &order.there_len, to_socket);
	send_order(x, &order);
}

void
proxy_cut(struct proxy *x)
{
	give_order(x, CUT, 0);
}

void
proxy_hole(struct proxy *x)
{
	give_order(x, HOLE, 0);
}

void
proxy_deaf(struct proxy *x)
{
	give_order(x, DEAF, 0);
}

void
proxy_slow(struct proxy *x, int ms)
{
	give_order(x, SLOW, (size_t)ms);
}

void
proxy_crumbs(struct proxy *x)
{
	give_order(x, CRUMBS, 0);
}

void
proxy_cut_reply(struct proxy *x, size_t bytes)
{
	give_order(x, CUT_REPLY, bytes);
}
