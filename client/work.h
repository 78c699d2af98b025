/* work.h -- the verb work: a day of calls on one screen, one key an outcome.
 * work.c is the loop and what comes from the daemon, workkeys.c what the keys
 * do, workacts.c how it is asked for and what came of it, workcall.c the
 * telephone, workview.c what is seen; they share what stands here. */
#ifndef RB_CLIENT_WORK_H
#define RB_CLIENT_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "client/calling.h"
#include "client/cmd.h"
#include "client/keys.h"
#include "client/screen.h"

enum work_mode {
	WORK_KEYS,    /* a key is an act */
	WORK_NOTE,    /* a line is typed: a note */
	WORK_TO,      /* ... where to */
	WORK_OTHER,   /* ... an outcome */
	WORK_LATER,   /* ... a time */
	WORK_PHONE,   /* ... our own telephone */
	WORK_ECHO,    /* the time as it was understood */
	WORK_LEAVE,   /* quitting with something in hand */
	WORK_HANG_UP, /* a call is under way: end it? */
	WORK_HELP
};

enum work_act {
	ACT_NONE,
	ACT_OUTCOME,
	ACT_LATER_TRY, /* only what the time would be */
	ACT_NOTE,
	ACT_MOVE,
	ACT_RELEASE,
	ACT_UNDO,
	ACT_EXTEND,
	ACT_DUTY,
	ACT_CALL,
	ACT_HANG_UP,
	ACT_PHONE
};

struct work {
	struct ask *ask; /* borrowed */
	struct screen screen;
	enum work_mode mode;
	struct typed line;
	char line_for[32]; /* the number of the item it is typed for */
	json_t *me;        /* owned: who I am; NULL while not known */
	json_t *card;      /* owned: what I hold, or NULL */
	json_t *nothing;   /* owned: why I hold nothing, or NULL */
	json_t *echo;      /* owned: the item as "later" would leave it */
	bool anyone;       /* the appointment is for anyone */
	bool paused;
	bool quit;
	bool give_back; /* the quitting waits for the release */
	char said[640]; /* the last line that was told */
	int64_t said_ms;
	char undoes[96]; /* what u takes back: "no answer of 4821" */
	int64_t undo_ms; /* monotonic; until then */
	bool told_why;   /* the daemon said why it is no longer ours */
	int64_t card_ms; /* wall; when the card came, all of it ages by this */

	struct calling calling; /* of what I hold; its id is "" while none is */
	bool call_doubted; /* the daemon does not know it: the card will tell */
	char phone[32];    /* ours, as it was typed */
	int64_t call_ms;   /* monotonic; not before then is it asked after */
	int64_t ended_ms;  /* monotonic; when its end was seen */

	struct call *wait; /* for the next; each NULL where none is under way */
	struct call *poll; /* of what I hold */
	struct call *look; /* of myself */
	struct call *tale; /* of how the call goes */
	struct call *act;
	enum work_act acting;
	char acting_on[32]; /* the number of the item */

	int64_t gone_ms;  /* monotonic; since when the daemon is away, or 0 */
	int64_t again_ms; /* monotonic; not before then is the next asked for */
	int64_t poll_ms;
	int64_t look_ms;
	int64_t extend_ms;
	int64_t shown_ms; /* monotonic; when the item came on the screen */
	int64_t key_ms;   /* monotonic; the last key */
	bool hush;        /* keys are for what is gone, until they rest */
	bool touched;     /* a key since the hold was last renewed */
	bool away;        /* the daemon said that it can do nothing now */
	const char *afterwards; /* of the last key, once it is back; or NULL */
	bool asked;   /* for the next, at least once since the last item */
	bool changed; /* something happened since the last drawing */
};

verb_run work_run;

/* work_say: the line that is told; cleaned when it is drawn. */
void work_say(struct work *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* What is held: its number (0: nothing); a card is taken over, with a bell
 * where it came by itself; and dropped. */
int64_t work_number(const struct work *);
void work_take(struct work *, json_t *card, bool bell);
void work_drop(struct work *);
/* work_went_well: false where the answer is no good one; an absence is told
 * once and borne, other refusals are told. */
bool work_went_well(struct work *, const struct answer *);
/* work_type: a line is begun for what is held, and stays with it. */
void work_type(struct work *, enum work_mode);
/* work_fenced: the beginning of a body: the fence of what is held. */
json_t *work_fenced(const struct work *);
/* work_replace: taken is what the slot owns from now on, or NULL. */
void work_replace(json_t **slot, json_t *taken);
/* work_types: a line is being typed, or its time confirmed. */
bool work_types(const struct work *);
/* work_strays: ... and what it was begun for is no longer held. */
bool work_strays(const struct work *);

/* workacts.c */
/* work_act: sends one act; body is taken.  Refused while one is under way. */
void work_act(struct work *, enum work_act, const char *verb, json_t *body);
/* workacts_end: an act went well; the answer is borrowed. */
void workacts_end(struct work *, enum work_act, json_t *answer);
/* workacts_lose: the item is no longer ours; said as the daemon tells it, and
 * where a key was refused it has done so. */
void workacts_lose(struct work *, const json_t *card);
/* workacts_gone: nobody knows the item any more. */
void workacts_gone(struct work *);

/* workcall.c */
/* workcall_key: c rings, or offers to hang up. */
void workcall_key(struct work *);
void workcall_hang_up(struct work *);
/* workcall_phone: our telephone, as it was typed. */
void workcall_phone(struct work *, const char *);
/* workcall_proposes: the outcome that the end of the call proposes, "" where it
 * does none. */
const char *workcall_proposes(const struct work *);
/* workcall_may_take: it was on the screen long enough to be meant. */
bool workcall_may_take(const struct work *);
/* workcall_card: what a card tells of the call; workcall_forget: it is over, or
 * no longer ours. */
void workcall_card(struct work *, const json_t *card);
void workcall_forget(struct work *);
/* workcall_go: asks how it goes; takes what was answered. */
void workcall_go(struct work *);
/* workcall_end, workcall_not: an act of these three went well; or may not have,
 * the daemon being away. */
void workcall_end(struct work *, enum work_act, const json_t *answer);
void workcall_not(struct work *, enum work_act, const struct answer *);
bool workcall_is(enum work_act);

/* workkeys.c */
void workkeys_take(struct work *, const struct key *);
/* workview.c */
void workview_draw(struct work *);

#endif
