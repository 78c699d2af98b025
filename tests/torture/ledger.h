/* ledger.h -- what was asked of the daemons and what they answered, kept until
 * the checker reads it. */
#ifndef RB_TESTS_TORTURE_LEDGER_H
#define RB_TESTS_TORTURE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One event.  A sender sends it until it is acknowledged, and sometimes once
 * more. */
struct push {
	char id[16], phone[16];
	const char *type, *queue;
	int64_t time_ms;   /* the event's own */
	int attempts;      /* how often it was sent */
	int64_t again_ms;  /* not before, when it was not acknowledged */
	bool open;         /* a request with it is on its way */
	bool acknowledged; /* 2xx */
	bool kept;         /* by 202: no item was told */
	bool recovered;    /* its first answer said that it was there already */
	/* What it has become: an item, or else these words. */
	int64_t number; /* 0: no item, or not told */
	char words[64];
};

enum act_kind {
	ACT_OUTCOME,
	ACT_RELEASE,
	ACT_EXTEND,
	ACT_NOTE,
	ACT_MOVE,
	ACT_UNDO
};

/* One act of an agent on what he holds. */
struct act {
	enum act_kind kind;
	size_t agent;
	int64_t number, fence;
	const char *code;
	char note[16]; /* unique; "" where it has none */
	int64_t at_ms; /* of an appointment */
	int attempts;
	bool unsure; /* an attempt had no answer, or 5xx */
	int status;  /* the definite answer; 0: none yet */
};

/* One hold, as its agent was told of it. */
struct grip {
	size_t agent;
	int64_t number, fence;
	char person[16];
	int64_t until_ms;     /* the latest told */
	int64_t first_end_ms; /* when he first sent what ends it; 0: never */
};

struct ledger {
	struct push *push;
	struct act *act;
	struct grip *grip;
	size_t pushes, acts, grips;
	size_t push_room, act_room, grip_room;
	/* What should never be answered, in sentences. */
	char surprise[20][240];
	int surprises;
};

/* Each is the ledger's; an index stays right while it grows, a pointer does
 * not. */
size_t ledger_push(struct ledger *);
size_t ledger_act(struct ledger *);
/* ledger_grip: of that agent under that fence: the one there is, or new. */
struct grip *ledger_grip(struct ledger *, size_t agent, int64_t fence);
void ledger_surprise(struct ledger *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void ledger_done(struct ledger *);

#endif
