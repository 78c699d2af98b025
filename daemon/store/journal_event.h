/* journal_event.h -- an event as the data of a record of the journal: its UUID,
 * then names and values, each ended by a NUL.  Pure. */
#ifndef RB_STORE_JOURNAL_EVENT_H
#define RB_STORE_JOURNAL_EVENT_H

#include <stddef.h>
#include <stdint.h>

struct record;
struct text;

/* journal_event_write: an event without a time gets the one at which it was
 * accepted (wall time, ms): it may be long ago when Redis hears of it. */
void journal_event_write(struct text *, const char *uuid,
			 const struct record *event, int64_t at_ms);

/* journal_event_read: whatever the bytes are.  The UUID (borrowed from them)
 * and the event (record_free); NULL where they are no event. */
const char *journal_event_read(struct record **ret, const char *data,
			       size_t len);

#endif
