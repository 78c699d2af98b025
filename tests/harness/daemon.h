/* daemon.h -- a real ringbackd for one test, from the folder of the test's own
 * program: its configuration, socket and log in a fresh folder, gone with the
 * test even when the test crashes.  What cannot be done ends the test at once
 * (abort) with a sentence and the end of the daemon's log.
 *
 * The usual configuration: site "t", always open.  Tiers: platinum (value
 * 20000, weight 16, call-back 5 min, complaint 1 h), gold (3000, 5, 15 min,
 * 4 h), standard (0, 1, 1 h, 48 h); an unknown caller is gold.  Queues: sales
 * (numbers +49301111) and billing (+49302222), ladder agents at 0 %, at-risk
 * 75 %, broken 100 %; tries after 30 min, 2 h, 4 h; no calling hours; hold 15
 * min.  The tester's own group has every role, and root is an administrator
 * anyway.  It listens at the socket and at a free port of 127.0.0.1. */
#ifndef RB_TESTS_HARNESS_DAEMON_H
#define RB_TESTS_HARNESS_DAEMON_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct daemon;
struct redis;

/* All are borrowed until daemon_free; NULL: as usual. */
struct daemon_options {
	struct redis *redis;   /* needed, unless there is a redis_url */
	const char *site;      /* NULL: "t" */
	const char *redis_url; /* NULL: the redis's socket */
	const char *program;   /* NULL: the ringbackd beside the test's own */
	uint16_t port;         /* 0: another after each start */
	const char *socket;    /* its path; NULL: in the daemon's folder */
	const char *journal;   /* a folder, "" for none; NULL: one of its own */
	/* ms; 0: 2000, so that a busy machine does not pass for a frozen Redis,
	 * whose events go to the journal. */
	int patience;
	int clock_s;        /* its wall clock is so far ahead (or behind) */
	const char *groups; /* the lines agents=, supervisors=, ... */
	const char *head;   /* more lines at the top: "drain = \"2s\"\n" */
	const char *body;   /* from the first tier on, in place of the usual */
	const char *tail;   /* after the usual: alerts, sources */
};

/* daemon_start: it answers /readyz with 200. */
struct daemon *daemon_start(const struct daemon_options *);
/* daemon_launch: it runs, perhaps: for what must fail or wait. */
struct daemon *daemon_launch(const struct daemon_options *);
/* daemon_free: stops it by SIGTERM where it runs, which must give exit code 0,
 * and removes the folder; NULL is allowed. */
void daemon_free(struct daemon *);

const char *daemon_socket(const struct daemon *); /* path of its socket */
const char *daemon_folder(const struct daemon *); /* temporary, ours alone */
const char *daemon_file(const struct daemon *);   /* path of ringback.conf */
pid_t daemon_pid(const struct daemon *);          /* -1 while it does not run */
/* daemon_port: TCP port at 127.0.0.1; known once it has said "ready". */
uint16_t daemon_port(struct daemon *);
/* daemon_program: path of a program beside the test's own: "ringback"; the
 * caller's (free). */
char *daemon_program(const char *name);

/* daemon_log: all it said since the test began; the caller's (free). */
char *daemon_log(const struct daemon *);
/* daemon_said: that it says `text` at least `times` within limit_ms. */
bool daemon_said(const struct daemon *, const char *text, int times,
		 int limit_ms);
/* daemon_probe: the status of GET path at its socket; 0: no answer within
 * limit_ms.  One probe, not repeated. */
int daemon_probe(const struct daemon *, const char *path, int limit_ms);
/* daemon_ready: /readyz answers 200 within limit_ms. */
bool daemon_ready(const struct daemon *, int limit_ms);

/* daemon_configure: writes the file anew; it counts from SIGHUP or restart. */
void daemon_configure(struct daemon *, const struct daemon_options *);
void daemon_hup(struct daemon *);

/* daemon_stop: SIGTERM, and its exit code; -1 for one that did not end within
 * limit_ms, -signal for one that was killed. */
int daemon_stop(struct daemon *, int limit_ms);
/* daemon_ended: the same for one that ends by itself. */
int daemon_ended(struct daemon *, int limit_ms);
void daemon_kill9(struct daemon *);
/* daemon_again: kill9 where it runs; then it runs, perhaps, as launched. */
void daemon_again(struct daemon *);
void
daemon_restart(struct daemon *);     /* kill9 where it runs; then ready again */
void daemon_freeze(struct daemon *); /* SIGSTOP; when it returns, it stands */
void daemon_thaw(struct daemon *);

#endif
