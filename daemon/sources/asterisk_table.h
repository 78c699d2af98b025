/* asterisk_table.h -- the calls, channels and bridges of one Asterisk that are
 * there now, found by id.  How many there may be is limited; what happens to
 * them is asterisk_calls.c's. */
#ifndef RB_SOURCES_ASTERISK_TABLE_H
#define RB_SOURCES_ASTERISK_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* AST_MAX_PUBLIC_UNIQUEID is 149. */
#define ASTERISK_ID_MOST 160

struct node { /* of a hash table; the id is owned */
	struct node *next;
	char *id;
};

struct hash {
	struct node **slots; /* owned */
	size_t size, count;
};

enum asterisk_place {
	PLACE_NONE,  /* told, or never came where it would count */
	PLACE_QUEUE, /* waits in it */
	PLACE_LEFT,  /* left it, not to an agent as far as is known */
	PLACE_DIRECT /* came in to a configured context, no queue yet */
};

/* Who calls, and what became of him since he last came into a queue.  Texts are
 * owned; NULL is none.  Times are wall, 0 is not known, but for the mono ones.
 */
struct caller {
	enum asterisk_place place;
	char *waiter; /* Uniqueid of the channel that waits, or did */
	char *leg;    /* the channel whose Hangup is the caller's: waiter, until
		       * that was a Local one and is optimized away */
	unsigned visit;
	char *queue, *number, *name, *language, *to;
	int64_t joined_ms, left_ms;
	int64_t hold_s; /* as a packet said; -1: none did */

	bool talked, talking;
	int64_t began_ms, began_mono_ms; /* the first talk; this one */
	int64_t talked_ms;               /* those before this one */
	char *partner;                   /* Uniqueid, or NULL */
	char *member;                    /* Interface, of an AgentConnect */
	bool answered_told, missed_told;
	int64_t grace_mono_ms; /* until then; 0: none */
};

struct call {             /* all that has one Linkedid */
	struct node node; /* must be the first */
	struct call *older, *newer;
	struct channel *channels;
	size_t channel_count;
	struct caller who;
	bool ours;        /* ringback's own */
	bool seen, heard; /* since the link is up again: of any kind; of how it
			   * is in the queue */
	int64_t touched_mono_ms;

	bool timed; /* in the list that asterisk_calls_due goes through */
	struct call *timed_before, *timed_after;
};

struct channel {
	struct node node; /* must be the first */
	struct call *call;
	struct channel *before, *after; /* of the same call */
	char *linked;  /* owned: the Linkedid that it had last */
	bool somebody; /* not a Local or the like */
	bool seen;
	struct bridge *bridge;
	struct channel *bridge_before, *bridge_after;
};

struct bridge {
	struct node node; /* must be the first */
	struct channel *channels;
};

struct asterisk_table {
	struct hash calls, channels, bridges;
	struct call *oldest, *newest;
	struct call *timed;
	size_t loose; /* calls without a channel */
};

void asterisk_table_done(struct asterisk_table *);

void asterisk_caller_done(struct caller *);

/* The ids are at most ASTERISK_ID_MOST bytes.  find: NULL where there is none.
 */
struct call *asterisk_table_call(const struct asterisk_table *,
				 const char *linkedid);
struct call *asterisk_table_call_add(struct asterisk_table *,
				     const char *linkedid);
/* asterisk_table_call_remove: its channels as well. */
void asterisk_table_call_remove(struct asterisk_table *, struct call *);
/* asterisk_table_call_timed: in the list t->timed, or not. */
void asterisk_table_call_timed(struct asterisk_table *, struct call *, bool);
/* asterisk_table_call_loose: the oldest without a channel, or NULL. */
struct call *asterisk_table_call_loose(const struct asterisk_table *);

struct channel *asterisk_table_channel(const struct asterisk_table *,
				       const char *uniqueid);
/* name: "PJSIP/100-00000001". */
struct channel *asterisk_table_channel_add(struct asterisk_table *,
					   struct call *, const char *uniqueid,
					   const char *name);
void asterisk_table_channel_remove(struct asterisk_table *, struct channel *);
/* asterisk_table_channel_move: it belongs to that call now. */
void asterisk_table_channel_move(struct asterisk_table *, struct channel *,
				 struct call *);

/* asterisk_table_enter: the channel is in the bridge of that id, and in no
 * other. asterisk_table_leave: in none. */
void asterisk_table_enter(struct asterisk_table *, struct channel *,
			  const char *bridgeid);
void asterisk_table_leave(struct asterisk_table *, struct channel *);

/* asterisk_somebody: a channel of that name is a person's or a line's, not one
 * that Asterisk makes for itself. */
bool asterisk_somebody(const char *name);

#endif
