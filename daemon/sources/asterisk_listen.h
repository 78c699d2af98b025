/* asterisk_listen.h -- one Asterisk's events to the feed: gives the tracker
 * (asterisk_calls.h) what the session hears, the time, and after each login the
 * lists and the queue_log by which it finds out what it missed. */
#ifndef RB_SOURCES_ASTERISK_LISTEN_H
#define RB_SOURCES_ASTERISK_LISTEN_H

#include <stdbool.h>

struct ami;
struct ami_packet;
struct asterisk_listen;
struct policy_source;
struct source_options;

/* The session is borrowed, and may be gone before asterisk_listen_free; the
 * options are copied, what they point to is borrowed. */
struct asterisk_listen *asterisk_listen_new(const struct source_options *,
					    struct ami *);
void asterisk_listen_free(struct asterisk_listen *); /* NULL is allowed */
void asterisk_listen_use(struct asterisk_listen *,
			 const struct policy_source *);

/* What ami_options.event and ami_options.changed are told. */
void asterisk_listen_event(struct asterisk_listen *, const struct ami_packet *);
void asterisk_listen_changed(struct asterisk_listen *, bool up);

#endif
