/* listeners.h -- GET /v1/log: the site's log as Server-Sent Events (WHATWG
 * HTML, section 9.2).  The ids are the log's own, so Last-Event-ID resumes;
 * what is too old to resume from is told with "event: reset". */
#ifndef RB_API_LISTENERS_H
#define RB_API_LISTENERS_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct listeners;
struct record;
struct req;

struct listeners *listeners_new(struct event_base *);
void listeners_free(struct listeners *); /* when nobody listens any more */

/* listeners_tell: an entry of the log, as it comes. */
void listeners_tell(
    struct listeners *, const char *id, const struct record *entry);

/* listeners_link: Redis is away, or can be worked with again, since at_ms.  All
 * are told so ("event: away", "event: back"), also those who come meanwhile. */
void listeners_link(struct listeners *, bool up, int64_t at_ms);

void log_get(struct req *);

#endif
