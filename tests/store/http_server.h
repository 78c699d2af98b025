/* http_server.h -- the HTTP server alone, on the test's own loop, with handlers
 * that hold, stream, fail or say what they were asked. */
#ifndef RB_TESTS_STORE_HTTP_SERVER_H
#define RB_TESTS_STORE_HTTP_SERVER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

#include "daemon/api/http.h"
#include "daemon/api/req.h"
#include "tests/harness/loop.h"
#include "tests/harness/peer.h"

struct http_server {
	struct event_base *base;
	struct http *http;
	char *folder, path[128]; /* of the Unix socket */
	struct req *held[2000];
	struct stream *stream;
	int holds, gone, freed, handled;
};
extern struct http_server server; /* one a test */

/* server_begin: a Unix socket and 127.0.0.1; handle is set here. */
void server_begin(const struct http_options *);
void server_setup(void); /* with small limits: 1000 bytes, 8 connections */
void server_teardown(void); /* fails the test if anything was not freed */
bool server_none_open(void *);
void server_handle(struct req *, void *);

/* server_ask: over the Unix socket; the status, 0 for none, and the answer. */
int server_ask(const char *raw, size_t len, char *ret, size_t size);
int server_ask_text(const char *raw);

#endif
