/* peer.h -- the other end of a socket, on the test's own loop: sends raw bytes,
 * collects what comes. */
#ifndef RB_TESTS_HARNESS_PEER_H
#define RB_TESTS_HARNESS_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct peer;

struct peer *peer_unix(struct event_base *, const char *path);
struct peer *peer_tcp(struct event_base *, uint16_t port); /* 127.0.0.1 */
void peer_free(struct peer *); /* closes; NULL is allowed */

void peer_send(struct peer *, const char *, size_t len);
void peer_say(struct peer *, const char *text);

/* peer_answer: waits for one whole HTTP answer (by Content-Length, or the
 * end); "" after limit_ms.  Borrowed until the next one. */
const char *peer_answer(struct peer *, int limit_ms);
int peer_status(struct peer *, int limit_ms); /* of the next answer; 0: none */

bool peer_has(struct peer *, const char *text, int limit_ms); /* yet to take */
bool peer_closed(struct peer *, int limit_ms);
void peer_stop_reading(struct peer *);
void peer_reset(struct peer *); /* goes away with RST (TCP) */

#endif
