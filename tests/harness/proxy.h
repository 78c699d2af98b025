/* proxy.h -- what stands between a daemon and its Redis in a test and can do
 * what networks do.  A process of its own, so that it works also while the
 * test waits; it is gone with the test even when that crashes.  Each order is
 * in force when its function returns.  What cannot be done ends the test at
 * once (abort). */
#ifndef RB_TESTS_HARNESS_PROXY_H
#define RB_TESTS_HARNESS_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct proxy;

/* Where to: a Unix socket (borrowed for the call), or a port of 127.0.0.1.  The
 * proxy listens in the same way: at a Unix socket or at a port. */
struct proxy *proxy_start(const char *to_socket);
struct proxy *proxy_start_tcp(uint16_t to_port);
void proxy_stop(struct proxy *); /* NULL is allowed */

const char *proxy_socket(const struct proxy *); /* NULL: it has a port */
uint16_t proxy_port(const struct proxy *);      /* 0: it has a socket */

/* proxy_pass: all is well again; what a hole held back arrives now. */
void proxy_pass(struct proxy *);
/* proxy_aim: each connection is reset, and new ones go to that Unix socket. */
void proxy_aim(struct proxy *, const char *to_socket);
/* proxy_cut: each connection is reset, and each new one at once. */
void proxy_cut(struct proxy *);
/* proxy_hole: nothing arrives any more, in either direction, and nobody is
 * told; new connections are taken, and hang. */
void proxy_hole(struct proxy *);
/* proxy_deaf: what the client says arrives, what is answered does not: its
 * writes are done and it cannot know. */
void proxy_deaf(struct proxy *);
/* proxy_slow: each way takes so long. */
void proxy_slow(struct proxy *, int ms);
/* proxy_crumbs: one byte at a time, each way. */
void proxy_crumbs(struct proxy *);
/* proxy_cut_reply: whichever connection is first to bring so many bytes of
 * answers from now on is reset after exactly these; then all is well. */
void proxy_cut_reply(struct proxy *, size_t bytes);

#endif
