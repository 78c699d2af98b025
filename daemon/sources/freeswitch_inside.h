/* freeswitch_inside.h -- what the files of the tracker share:
 * freeswitch_event.c reads an event, freeswitch_calls.c goes by those of
 * channels, freeswitch_queue.c by those of queues; freeswitch_verdict.c says
 * what became of a caller, freeswitch_again.c what was missed while nobody
 * listened. */
#ifndef RB_SOURCES_FREESWITCH_INSIDE_H
#define RB_SOURCES_FREESWITCH_INSIDE_H

#include "daemon/sources/freeswitch_calls.h"
#include "daemon/sources/freeswitch_table.h"

struct freeswitch_calls {
	struct tracker_options o;
	struct freeswitch_table table;
	bool gap;      /* the link is down: nothing is due */
	int64_t up_ms; /* wall, by Redis's clock: events come since then */
};

struct freeswitch_event { /* with what every handler needs of it */
	const struct esl_packet *p;
	const struct tracker_now *now;
	const char *uuid; /* the channel that it is about; "" */
	int64_t at_ms;    /* wall, by Redis's clock: its own, or now */
};
struct freeswitch_event freeswitch_event_of(const struct esl_packet *,
					    const struct tracker_now *);
/* freeswitch_get: a value; "".  freeswitch_epoch_s: seconds, by its clock; 0:
 * it is none.  freeswitch_micros_ms: of microseconds; by Redis's clock. */
const char *freeswitch_get(const struct freeswitch_event *, const char *name);
int64_t freeswitch_epoch_s(const struct freeswitch_event *, const char *name);
int64_t freeswitch_micros_ms(const struct freeswitch_event *, const char *name);
/* freeswitch_is_ended: the channel that it is about. */
bool freeswitch_is_ended(const struct freeswitch_event *);
/* freeswitch_take_caller: it is about his own channel: who he is. */
void freeswitch_take_caller(struct freeswitch_call *,
			    const struct freeswitch_event *);

/* freeswitch_queue_event: a CUSTOM one of mod_callcenter or mod_fifo; what
 * means nothing here is passed over. */
void freeswitch_queue_event(struct freeswitch_calls *, const char *subclass,
			    const struct freeswitch_event *);

/* freeswitch_caller_make: known, or new; NULL where there are too many. */
struct freeswitch_call *freeswitch_caller_make(struct freeswitch_calls *,
					       const char *session,
					       const struct tracker_now *);
/* freeswitch_caller_joins: a queue; the talk before it, if any, is told. */
void freeswitch_caller_joins(struct freeswitch_calls *,
			     struct freeswitch_call *, const char *member,
			     const struct tracker_now *);
void freeswitch_caller_talks(struct freeswitch_calls *,
			     struct freeswitch_call *, int64_t at_ms,
			     const struct tracker_now *);
void freeswitch_caller_pauses(struct freeswitch_call *,
			      const struct tracker_now *);
/* freeswitch_caller_talked: all of it is known: so long, from then. */
void freeswitch_caller_talked(struct freeswitch_calls *,
			      struct freeswitch_call *, int64_t at_ms,
			      int64_t talked_ms);
/* freeswitch_caller_ends: his channel is gone. */
void freeswitch_caller_ends(struct freeswitch_calls *, struct freeswitch_call *,
			    int64_t at_ms, const struct tracker_now *);
/* freeswitch_caller_resumed: what was told of that call as missed is void. */
void freeswitch_caller_resumed(struct freeswitch_calls *,
			       const struct freeswitch_missed *,
			       const char *number, int64_t at_ms);

/* freeswitch_ms: seconds by the system's clock, in ms by Redis's; 0 stays 0. */
int64_t freeswitch_ms(const struct tracker_now *, int64_t s);
/* freeswitch_set: an owned text; "" leaves it as it is. */
void freeswitch_set(char **text, const char *value);

#endif
