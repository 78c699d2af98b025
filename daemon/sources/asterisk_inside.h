/* asterisk_inside.h -- what the files of the tracker share: asterisk_calls.c
 * reads the packets, asterisk_verdict.c says what became of a caller,
 * asterisk_gap.c what was missed while nobody listened. */
#ifndef RB_SOURCES_ASTERISK_INSIDE_H
#define RB_SOURCES_ASTERISK_INSIDE_H

#include "daemon/sources/asterisk_calls.h"
#include "daemon/sources/asterisk_table.h"

struct asterisk_calls {
	struct tracker_options o;
	struct asterisk_table table;
	bool hears_calls; /* an event of class call came on this link */
	bool gap; /* the link is down, or is up and not settled: nothing is due
		   */
	int64_t down_ms;     /* wall: when that began; 0: it is not known */
	int64_t due_mono_ms; /* not before; -1: nothing */
};

struct packet { /* with what every handler needs of it */
	const struct ami_packet *ami;
	const struct tracker_now *now;
	const char *uniqueid, *linkedid; /* "" for none, or too long */
	int64_t at_ms; /* wall, by Redis's clock: its own, or now */
};
struct packet asterisk_packet_of(const struct ami_packet *,
				 const struct tracker_now *);
const char *asterisk_packet_id(const struct ami_packet *, const char *name);
bool asterisk_packet_is_call(const struct ami_packet *); /* of class call */
/* asterisk_packet_is_first: of whom the call began with. */
bool asterisk_packet_is_first(const struct packet *);

/* asterisk_call_of: as far as it is known, or NULL.  asterisk_caller_of,
 * asterisk_channel_of: made where it is not known; NULL where there are too
 * many. */
struct call *asterisk_call_of(struct asterisk_calls *, const struct packet *);
struct call *asterisk_caller_of(struct asterisk_calls *, const struct packet *);
struct channel *asterisk_channel_of(struct asterisk_calls *,
				    const struct packet *);

/* asterisk_take_caller: who he is.  asterisk_take_queue: that, and where he
 * waits. */
void asterisk_take_caller(struct call *, const struct packet *);
void asterisk_take_queue(struct call *, const struct packet *);

/* asterisk_channel_meets: whoever is in its bridge already. */
void asterisk_channel_meets(struct asterisk_calls *, struct channel *,
			    const struct packet *);

/* The lists of Status and QueueStatus. */
void asterisk_gap_channel(struct asterisk_calls *, const struct packet *);
void asterisk_gap_queue_entry(struct asterisk_calls *, const struct packet *);

/* asterisk_set: an owned text becomes another; NULL leaves it. */
void asterisk_set(char **text, char *taken);

/* What becomes of the caller.  at_ms: wall, when it was; 0: not known. */
void asterisk_caller_comes_in(struct asterisk_calls *, struct call *,
			      const struct packet *);
void asterisk_caller_joins(struct call *, int64_t at_ms);
void asterisk_caller_leaves(struct asterisk_calls *, struct call *,
			    int64_t at_ms, const struct tracker_now *);
/* asterisk_caller_talks: with the channel of that id; nothing while he is in a
 * queue, for only an agent's AgentConnect ends that. */
void asterisk_caller_talks(struct asterisk_calls *, struct call *,
			   const char *partner, int64_t at_ms,
			   const struct tracker_now *);
void asterisk_caller_pauses(struct call *, const struct tracker_now *);
/* asterisk_caller_ends: it is told what is not told yet, and nothing more
 * counts. */
void asterisk_caller_ends(struct asterisk_calls *, struct call *, int64_t at_ms,
			  const struct tracker_now *);
/* asterisk_caller_again: talked with, he comes into a queue once more. */
void asterisk_caller_again(struct asterisk_calls *, struct call *,
			   int64_t at_ms, const struct tracker_now *);
/* asterisk_caller_moves: the calls of the two have become one. */
void asterisk_caller_moves(struct asterisk_calls *, struct call *from,
			   struct call *to, const struct tracker_now *);

/* asterisk_call_watch: it is looked at again when something of it is due; or it
 * goes, when nothing can come any more. */
void asterisk_call_watch(struct asterisk_calls *, struct call *);
/* asterisk_call_make: NULL where there are too many or the id is none. */
struct call *asterisk_call_make(struct asterisk_calls *, const char *linkedid,
				const struct tracker_now *);

#endif
