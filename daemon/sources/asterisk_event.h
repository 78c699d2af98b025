/* asterisk_event.h -- what is told of a call, as events. */
#ifndef RB_SOURCES_ASTERISK_EVENT_H
#define RB_SOURCES_ASTERISK_EVENT_H

#include <stdint.h>

struct call;
struct tracker_options;

/* Times: wall, ms, by Redis's clock. */
void asterisk_tell_missed(const struct tracker_options *, const struct call *,
			  int64_t time_ms);
void asterisk_tell_talking(const struct tracker_options *, const struct call *,
			   int64_t time_ms);
/* asterisk_tell_answered: they talked so long, or do still. */
void asterisk_tell_answered(const struct tracker_options *, const struct call *,
			    int64_t talked_ms);

/* asterisk_text: a value of a packet without Asterisk's escapes (\" and the
 * like) and "<unknown>"; NULL for nothing, else free(). */
char *asterisk_text(const char *);
/* asterisk_dialled: the same; NULL too where it is none to dial: "s", "h". */
char *asterisk_dialled(const char *);

#endif
