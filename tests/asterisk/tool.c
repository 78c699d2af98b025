/* tool.c -- what the tests with a real Asterisk need and a shell has not:
 *
 *	tool relay TO_PORT	a proxy in front of a port of 127.0.0.1: says
 *its own port, then obeys the lines pass, cut, hole tool flood PORT SECRET
 *INTERFACE PER_SECOND SECONDS a manager who has that member paused so often;
 *				each time tells of every queue that it is in
 *	tool listen PORT SECRET SECONDS
 *				how many events another one hears
 *	tool latency SOCKET SECONDS
 *				what an agent waits for GET /v1/queues: p50, p99
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "tests/harness/proxy.h"
#include "tests/harness/web.h"

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int
relay(const char *port)
{
	char line[32];
	struct proxy *p = proxy_start_tcp((uint16_t)strtoul(port, NULL, 10));

	printf("%u\n", proxy_port(p));
	fflush(stdout);
	while (fgets(line, sizeof line, stdin) != NULL) {
		if (strcmp(line, "pass\n") == 0)
			proxy_pass(p);
		else if (strcmp(line, "cut\n") == 0)
			proxy_cut(p);
		else if (strcmp(line, "hole\n") == 0)
			proxy_hole(p);
		printf("%s", line);
		fflush(stdout);
	}
	proxy_stop(p);
	return 0;
}

static int
manager(const char *port, const char *secret, bool events)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port =
				      htons((uint16_t)strtoul(port, NULL, 10)),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		die("connect");
	if (dprintf(fd,
		    "Action: Login\r\nUsername: rig\r\nSecret: %s\r\nEvents: "
		    "%s\r\n\r\n",
		    secret, events ? "agent,call" : "off") < 0)
		die("login");
	return fd;
}

/* Reads what has come within ms; how many events that were. */
static long
drain(int fd, int ms)
{
	static const char mark[] = "\nEvent: ";
	static size_t matched;
	char got[65536];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	long events = 0;
	ssize_t n;

	if (poll(&p, 1, ms) <= 0)
		return 0;
	n = read(fd, got, sizeof got);
	if (n <= 0)
		die("the manager hung up");
	for (ssize_t i = 0; i < n; i++) {
		if (got[i] != mark[matched])
			matched = got[i] == '\n';
		else if (mark[++matched] == '\0') {
			events++;
			matched = 0;
		}
	}
	return events;
}

static int
flood(char **arg)
{
	int fd = manager(arg[0], arg[1], false);
	long rate = strtol(arg[3], NULL, 10);
	int64_t start = clock_mono_ms();
	int64_t end = start + strtol(arg[4], NULL, 10) * 1000;
	long sent = 0;

	for (int64_t now = start; now < end; now = clock_mono_ms()) {
		for (; sent < (now - start) * rate / 1000; sent++) {
			if (dprintf(fd,
				    "Action: QueuePause\r\nInterface: %s\r\n"
				    "Paused: %s\r\n\r\n",
				    arg[2],
				    sent % 2 == 0 ? "true" : "false") < 0)
				die("write");
		}
		drain(fd, 2);
	}
	while (drain(fd, 500) > 0)
		;
	printf("%ld pauses in %lld ms\n", sent,
	       (long long)(clock_mono_ms() - start));
	close(fd);
	return 0;
}

static int
listen_in(char **arg)
{
	int fd = manager(arg[0], arg[1], true);
	int64_t end = clock_mono_ms() + strtol(arg[2], NULL, 10) * 1000;
	long events = 0;

	while (clock_mono_ms() < end)
		events += drain(fd, 100);
	printf("%ld\n", events);
	close(fd);
	return 0;
}

static int
earlier(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int
latency(const char *path, const char *seconds)
{
	static double took[200000];
	struct web *w = web_unix(path);
	int64_t end = clock_mono_ms() + strtol(seconds, NULL, 10) * 1000;
	size_t n = 0;

	while (clock_mono_ms() < end && n < sizeof took / sizeof *took) {
		const struct web_answer *a =
		    web_ask(w, "GET", "/v1/queues", NULL);

		if (a->status != 200)
			die("GET /v1/queues");
		took[n++] = a->took_ms;
		(void)poll(NULL, 0, 5);
	}
	web_free(w);
	if (n == 0)
		die("no answer");
	qsort(took, n, sizeof *took, earlier);
	printf("%.1f %.1f %zu\n", took[n / 2], took[n * 99 / 100], n);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "relay") == 0)
		return relay(argv[2]);
	if (argc == 7 && strcmp(argv[1], "flood") == 0)
		return flood(argv + 2);
	if (argc == 5 && strcmp(argv[1], "listen") == 0)
		return listen_in(argv + 2);
	if (argc == 4 && strcmp(argv[1], "latency") == 0)
		return latency(argv[2], argv[3]);
	fprintf(stderr, "usage: tool relay|flood|listen|latency ...\n");
	return 2;
}
