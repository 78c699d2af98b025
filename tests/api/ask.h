/* ask.h -- one request over a blocking socket, byte for byte as the test writes
 * it: what a well-behaved library would never send. */
#ifndef RB_TESTS_API_ASK_H
#define RB_TESTS_API_ASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASK_LIMIT_MS 20000

struct said {
	int status;    /* 0: closed, or nothing came in time */
	char *head;    /* owned; with the empty line */
	char *body;    /* owned; NUL-terminated */
	size_t len;
	json_t *json;  /* owned; NULL where the body is none */
};

/* Connected sockets, or -1. */
int ask_unix(const char *path);
int ask_tcp(uint16_t port); /* 127.0.0.1 */

bool ask_send(int fd, const char *data, size_t len);

/* ask_read: one whole answer by its Content-Length, or up to the end; *ret is
 * always written (said_done).  expect_body is false after HEAD. */
void ask_read(struct said *ret, int fd, bool expect_body);

/* ask_line: up to the next line feed (cut off) within limit_ms; -1 when none
 * came.  For streams. */
int ask_line(int fd, char *buf, size_t size, int limit_ms);

void ask_close(int fd);
bool ask_closed(int fd, int limit_ms); /* reads away what still comes */
void said_done(struct said *);

/* said_header: the value of a header, "" when it is not there.  Borrowed
 * until the next call. */
const char *said_header(const struct said *, const char *name);

/* said_text: what stands at "a.b" in the JSON, as a text; "" when nothing. */
const char *said_text(const struct said *, const char *path);
int64_t said_int(const struct said *, const char *path); /* -1: none */

#endif
