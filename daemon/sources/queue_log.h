/* queue_log.h -- what Asterisk's queue_log says of each caller.  Pure: text in,
 * verdicts out.
 *
 * A line is "epoch|uniqueid|queue|member|EVENT|p1|p2..." (logger.c,
 * ast_queue_log; the times with a date are of the realtime backend, not of this
 * file).  A stay is what a channel was through from its first ENTERQUEUE to the
 * talk, over several queues; who is sent to a queue again after a talk begins
 * another stay.
 *
 * Asterisk writes a caller's number as he sends it, line ends and all: a caller
 * can put lines here.  So nothing takes back that somebody gave up but that he
 * came into a queue again; that he rang at all, he can also say by ringing. */
#ifndef RB_SOURCES_QUEUE_LOG_H
#define RB_SOURCES_QUEUE_LOG_H

#include <stddef.h>
#include <stdint.h>

#define QUEUE_LOG_MOST 50000 /* stays; of more, the last are not known */
#define QUEUE_LOG_LINE 2048  /* a longer line is none */

enum queue_log_state {
	QUEUE_LOG_WAITS, /* no line tells that he left */
	QUEUE_LOG_LEFT, /* by time-out, key, empty queue: perhaps to somebody */
	QUEUE_LOG_GONE, /* hung up, or Asterisk was started anew */
	QUEUE_LOG_TALKS,  /* an agent was connected */
	QUEUE_LOG_TALKED, /* and that talk has ended */
};

/* Times are the system's own, in ms; a whole second is exact. */
struct queue_log_stay {
	const char *uniqueid, *queue; /* queue: the last one */
	const char *number;           /* "" for none */
	unsigned visit;               /* of this channel: 1, 2... */
	enum queue_log_state state;
	int64_t joined_ms; /* 0: not in what was read */
	int64_t left_ms;   /* or gone; 0: waits */
	int64_t began_ms;  /* the talk; 0: none */
	int64_t ended_ms;  /* the talk; 0: not yet */
	int64_t waited_s;  /* as it says; -1: it does not */
};

struct queue_log *queue_log_new(void);
void queue_log_free(struct queue_log *); /* NULL is allowed */

/* queue_log_add: any bytes, older ones first; a line may come in pieces.
 * queue_log_end: a last line without its end is none, another file may follow.
 */
void queue_log_add(struct queue_log *, const char *, size_t len);
void queue_log_end(struct queue_log *);

size_t queue_log_count(const struct queue_log *);
const struct queue_log_stay *queue_log_at(const struct queue_log *, size_t);
/* queue_log_stay: the last of that channel, or NULL. */
const struct queue_log_stay *queue_log_stay(const struct queue_log *,
					    const char *uniqueid);

/* The time of the first line, 0 for none; lines that were none. */
int64_t queue_log_first_ms(const struct queue_log *);
size_t queue_log_bad(const struct queue_log *);

#endif
