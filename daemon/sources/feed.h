/* feed.h -- what one source has told this daemon: its events on their way to
 * Redis, and how the source does.  Every source has one, whether we ask it
 * ourselves or it pushes.
 *
 * An event is taken for good: it is in Redis, or in the journal, or waits here
 * and is tried again until it is.  Where half of FEED_MOST wait, Redis is slower
 * than the source: then the journal takes what it does not.  Only feed_free, or more than FEED_MOST of
 * them waiting, loses one, and then the log says so. */
#ifndef RB_SOURCES_FEED_H
#define RB_SOURCES_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct feed;
struct intake;
struct policy;
struct record;
struct store;

#define FEED_MOST 20000
#define FEED_REASONS 16 /* different ones that are counted apart */

struct feed_options {
	struct event_base *base; /* borrowed, as the next two */
	struct intake *intake;
	struct store *store; /* whose clock counts */
	const char *name;    /* of the source; copied */
	/* A customer lives by this clock (see api_zone_seen). */
	void (*zone)(void *cookie, const char *zone);
	void *cookie;
};
struct feed *feed_new(const struct feed_options *, const struct policy *);
/* feed_free: after the intake is gone, which gives back what was on its way.
 * NULL is allowed. */
void feed_free(struct feed *);
void feed_set_policy(struct feed *, const struct policy *);

/* feed_event: of this source; the record is taken.  Its source, by and origin
 * are set here, time where it has none.  What is no UTF-8 is read as ISO
 * 8859-1; an event that event_check refuses is counted as a reject and freed.
 */
void feed_event(struct feed *, struct record *event);

/* feed_clean: the texts of an event as they can be kept: no control characters;
 * what is no UTF-8 is read as ISO 8859-1. */
void feed_clean(struct record *event);

/* feed_count: the same for one that came by HTTP and was stored there. */
void feed_count(struct feed *);

/* feed_reject: something came that is not taken: counted by reason ("no
 * number", "too long a packet"), logged once a reason, then once an hour.
 * detail is from outside, for the log only; NULL is none. */
void feed_reject(struct feed *, const char *reason, const char *detail);

/* feed_up, feed_down: the link to a system that we ask.  Told in the log when
 * it changes; why is a few words: "refused the password". */
void feed_up(struct feed *);
void feed_down(struct feed *, const char *why);
/* feed_let_go: we do not ask it any more. */
void feed_let_go(struct feed *);
/* feed_heard: it sent something, whatever it is. */
void feed_heard(struct feed *);
/* feed_clock: its clock is so far ahead of ours. */
void feed_clock(struct feed *, int64_t ahead_ms);

struct feed_state {
	const char *name; /* these are borrowed until the feed changes */
	bool asked;       /* we ask it: up, since_ms and why mean something */
	bool up;
	int64_t since_ms; /* wall: up or down since; 0: never yet */
	const char *why;  /* it is down; "" */
	int64_t heard_ms; /* wall: last sign of life; 0: none */
	int64_t event_ms; /* wall: last event; 0: none */
	int64_t events;   /* taken by this daemon since it started */
	int64_t rejects;
	size_t waiting; /* not yet in Redis or the journal */
	bool clock_known;
	int64_t clock_ms; /* ahead of ours */
	struct feed_reason {
		char words[48];
		int64_t count;
	} reasons[FEED_REASONS];
	size_t reason_count;
};
void feed_look(const struct feed *, struct feed_state *ret);

#endif
