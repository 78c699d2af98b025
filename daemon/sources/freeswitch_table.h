/* freeswitch_table.h -- the callers of one FreeSWITCH that are there now, by
 * the UUID of their channel, and the last members that were told as missed.
 * Both are bounded. */
#ifndef RB_SOURCES_FREESWITCH_TABLE_H
#define RB_SOURCES_FREESWITCH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#define FREESWITCH_ID_SIZE 65 /* a UUID is shorter; some set their own */
#define FREESWITCH_MOST 20000
#define FREESWITCH_MISSED 2000 /* members that are remembered */

enum freeswitch_place {
	PLACE_DIRECT, /* in no queue: somebody answered a dialled call */
	PLACE_QUEUE,  /* waits in it */
	PLACE_LEFT,   /* left it, and is still on the line */
	PLACE_ENDED,  /* told; its last event may still come */
};

struct freeswitch_call {
	struct freeswitch_call *same; /* of the same slot */
	TAILQ_ENTRY(freeswitch_call) all;
	TAILQ_ENTRY(freeswitch_call) due; /* in the list of the timed */
	char session[FREESWITCH_ID_SIZE]; /* the caller's channel */
	char member[FREESWITCH_ID_SIZE];  /* his visit to a queue; "" */
	enum freeswitch_place place;
	char *queue, *number, *name, *to, *language; /* owned, or NULL */
	int64_t waited_s;                            /* -1: not known */
	int64_t joined_ms, left_ms; /* wall, by Redis's clock; 0: not known */
	bool talked, talking;       /* since he came into the queue */
	int64_t began_ms;           /* the first talk, wall */
	int64_t began_mono_ms;      /* this talk */
	int64_t talked_ms;          /* those before this one */
	bool told_missed, told_answered;
	bool unsure; /* the link was down: does its channel live? */
	bool blind;  /* we may have missed that somebody talked with him */
	bool timed;  /* it is in that list */
	int64_t touched_mono_ms;
};
TAILQ_HEAD(freeswitch_list, freeswitch_call);

struct freeswitch_missed { /* who may come again: member-queue-resume */
	char member[FREESWITCH_ID_SIZE], session[FREESWITCH_ID_SIZE];
};

struct freeswitch_table {
	struct freeswitch_call *slots[4096];
	struct freeswitch_list all; /* the oldest first */
	struct freeswitch_list timed;
	size_t count;
	struct freeswitch_missed *missed; /* owned; a ring */
	size_t missed_at;
};

void freeswitch_table_init(struct freeswitch_table *);
void freeswitch_table_done(struct freeswitch_table *);
struct freeswitch_call *freeswitch_table_find(const struct freeswitch_table *,
					      const char *session);
/* freeswitch_table_add: NULL where there are too many, or it has no id. */
struct freeswitch_call *freeswitch_table_add(struct freeswitch_table *,
					     const char *session);
void freeswitch_table_remove(struct freeswitch_table *,
			     struct freeswitch_call *);
void freeswitch_table_timed(struct freeswitch_table *, struct freeswitch_call *,
			    bool timed);
/* freeswitch_table_member: the newest with that visit; NULL. */
struct freeswitch_call *freeswitch_table_member(const struct freeswitch_table *,
						const char *member);

void freeswitch_missed_add(struct freeswitch_table *, const char *member,
			   const char *session);
/* freeswitch_missed_of: the last of that member; NULL. */
const struct freeswitch_missed *
freeswitch_missed_of(const struct freeswitch_table *, const char *member);

#endif
