/* property_run.h -- one run of the property test: the model, what Redis held
 * before and after the step, and what the step was. */
#ifndef RB_TESTS_STORE_PROPERTY_RUN_H
#define RB_TESTS_STORE_PROPERTY_RUN_H

#include "tests/store/property_model.h"
#include "tests/store/property_snapshot.h"

#define TRAIL 16
#define KNOWN_EVENTS 256

enum what {
	DID_EVENT,
	DID_REPEAT,
	DID_NEXT,
	DID_OUTCOME,
	DID_TAKE,
	DID_RELEASE,
	DID_MOVE,
	DID_NOTE,
	DID_EXTEND,
	DID_UNDO,
	DID_PUT,
	DID_DELETE,
	DID_DUTY,
	DID_SERVE,
	DID_TICK,
	DID_POLICY,
	DID_CALENDAR,
	DID_ALERTS,
	DID_READ
};

struct step {
	enum what what;
	int agent;            /* who acted; -1 nobody */
	int64_t number;       /* of the item it is about; 0 none */
	const char *word;     /* what the function answered */
	int64_t handed;       /* the item that the order handed out; 0 none */
	bool sought;          /* the order was asked for one */
	bool nothing_changed; /* no item may have changed */
	int64_t event_time;
	struct reply *reply;
};

struct known_event {
	char uuid[40];
	const char *argv[32];
	int argc;
	char kept[32][64]; /* the arguments themselves */
	char word[16], state[16], reason[48];
	int64_t number;
};

/* What an agent's last act took the item from. */
struct remembered {
	bool is;
	int64_t number, base, target;
	int queue;
	bool aged;
	double share;
	bool promised;
	bool marks; /* it said "never call" of whom nobody had */
	int phone, customer;
};

struct run {
	struct model *m;
	struct site *site;
	struct snapshot *before, *after;
	struct step step;
	int steps;
	unsigned mode; /* of the day: how much comes in */
	char trail[TRAIL][200];
	char log_from[64];
	struct known_event events[KNOWN_EVENTS];
	unsigned event_count, notes;
	struct remembered undo[AGENTS];
	int64_t waits_until[AGENTS]; /* next --wait */
	/* By number - 1000. */
	signed char logged[MOST_NUMBERS];   /* state that the log told last */
	unsigned char broken[MOST_NUMBERS]; /* alerts */
	int64_t asked[1200];
	int asked_count;
	int64_t most_number;
	unsigned handed;
};

_Noreturn void run_fail(const struct run *, const struct thing *,
			const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* run_note: what the step is, for the trail that a failure shows. */
void run_note(struct run *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* steps: each does one thing of its kind by chance and fills run->step. */
void step_event(struct run *);
void step_repeat(struct run *);
void step_put(struct run *);
void step_delete(struct run *);
void step_site(struct run *); /* duty, serve, policy, calendar, alerts, reads */
void step_tick(struct run *);
void step_next(struct run *);
void step_outcome(struct run *);
void step_take(struct run *);
void step_release(struct run *);
void step_move(struct run *);
void step_undo(struct run *);
void step_small(struct run *); /* note, extend */

/* step_any_item: of those that are there; 0: none.  step_held: what the agent
 * holds first. */
int64_t step_any_item(struct run *);
int64_t step_held(struct run *, int agent, int64_t *fence);

/* checks: each ends the test where the state is not as it must be. */
void check_sets(struct run *);
void check_shares(struct run *);
void check_log(struct run *);
void check_orders(struct run *);

/* share_now: what the item has used, by the test's own clock. */
double share_now(const struct run *, const struct thing *);

#endif
