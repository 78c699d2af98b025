/* store.h -- one typed call per Redis function.  Nobody above knows Redis.
 *
 * Every call ends exactly once in its store_done, never from inside the call
 * that asked.  Arguments are copied before the call returns.  The answer is
 * borrowed: it lives until store_done returns.  The words that a function
 * answers stand at the head of it in lua/. */
#ifndef RB_STORE_STORE_H
#define RB_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/store/ending.h"

struct rds;
struct record;
struct redisReply;
struct store;

struct section {
	const char *name;      /* "item", "customer", "also", ... */
	struct record *fields; /* never NULL */
};

/* A function answers a word, then sections. */
struct store_answer {
	const char *word;  /* "ok", "held", "taken", ...; "" unless DONE */
	const char *error; /* why it did not run, as a sentence; else "" */
	const struct section *sections;
	size_t count;
};
typedef void store_done(
    void *cookie, enum store_end, const struct store_answer *);

/* answer_section: the fields of the first section of that name, or NULL. */
const struct record *answer_section(
    const struct store_answer *, const char *name);

/* Who acts. */
struct actor {
	const char *name;   /* never NULL */
	const char *groups; /* "rb-leads,rb-agents" or "" */
	int rank;           /* 1 agent, 2 supervisor, 3 manager and above */
	const char *from;   /* where he is: req_from; never NULL */
};

/* store_new: borrows the link; site names the keys ("rb:{site}"), daemon is
 * the name by which this process is known to the others. */
struct store *store_new(struct rds *, const char *site, const char *daemon);
void store_free(struct store *); /* after rds_free */
/* store_wait_for: from here on an act is answered when so many replicas have
 * it; one that has not reached them in ms ends UNKNOWN with an error that
 * begins with STORE_UNCOPIED.  0: none is waited for.  Before the first call.
 */
void store_wait_for(struct store *, int64_t replicas, int64_t ms);
#define STORE_UNCOPIED "UNCOPIED "

/* store_down_since_ms: wall time since when Redis is away; 0 while it answers.
 * store_why: in a few words. */
int64_t store_down_since_ms(const struct store *);
const char *store_why(const struct store *);
/* store_hindrance: Redis answers, but takes nothing just now (it is full, the
 * site is moving, ...): why; "" where that is not so. */
const char *store_hindrance(const struct store *);
/* store_trouble: the same, also where it is only of one customer or item. */
const char *store_trouble(const struct store *);
/* store_now_ms: wall time by Redis's clock, by which all daemons of a site count:
 * as far as its last answer told how far ours is from it. */
int64_t store_now_ms(const struct store *);
/* store_recovering: the link is there, and acts must wait a moment: see
 * recovery.h. */
bool store_recovering(const struct store *);

/* ---- events and work --------------------------------------------------------- */
struct store_event {
	const char *uuid;
	const struct record *fields;
	int64_t patience_ms; /* as in rds.h; 0: none of its own */
};
void store_event(
    struct store *, const struct store_event *, store_done *, void *);
void store_estimate(struct store *, int64_t number, store_done *, void *);
/* wait_ms > 0 parks the agent when there is nothing. */
void store_next(
    struct store *, const struct actor *, int64_t wait_ms, store_done *, void *);
void store_hold(struct store *, const struct actor *, const char *id,
    store_done *, void *);
void store_extend(struct store *, const struct actor *, const char *id,
    store_done *, void *);

struct store_outcome {
	const char *id;              /* number, UUID or "held" */
	const char *fence;           /* "" where the agent does not know it */
	const char *code;            /* no-answer, done, ... */
	const struct record *fields; /* note at anyone cause ... next */
};
void store_outcome(struct store *, const struct actor *,
    const struct store_outcome *, store_done *, void *);

struct store_release {
	const char *id, *reason;
	const char *fence; /* "" where the agent does not know it */
};
void store_release(struct store *, const struct actor *,
    const struct store_release *, store_done *, void *);

struct store_move {
	const char *id;
	const char *to; /* "up", a queue or an agent */
	const char *note;
	const char *fence; /* "" where the agent does not know it */
};
void store_move(struct store *, const struct actor *, const struct store_move *,
    store_done *, void *);
void store_note(struct store *, const struct actor *, const char *id,
    const char *text, store_done *, void *);
/* id: "" for the last act, whatever it was about. */
void store_undo(struct store *, const struct actor *, const char *id,
    store_done *, void *);

/* ---- calling back (store_dial.c) ----------------------------------------------- */
struct store_dial {
	const char *id;    /* number, UUID or "held" */
	const char *fence; /* "" where the agent does not know it */
	const char *call;  /* the UUID of the attempt */
	const char *phone; /* digits; "": the agent's own */
};
void store_dial(struct store *, const struct actor *, const struct store_dial *,
    store_done *, void *);
/* store_dialling: the attempt goes on, in this state: at each new one, and at
 * least every STORE_DIAL_MS. */
#define STORE_DIAL_MS 30000
struct store_dialled {
	int64_t number; /* of the item */
	const char *call;
	const char *result, *outcome; /* the words; outcome may be "" */
	int64_t talked_s;
};
void store_dialling(struct store *, const struct actor *,
    const struct store_dialled *, const char *state, store_done *, void *);
/* store_dialled: it has ended; twice is allowed. */
void store_dialled(struct store *, const struct actor *,
    const struct store_dialled *, store_done *, void *);
/* store_agent_phone: phone: digits, or "" for none. */
void store_agent_phone(struct store *, const struct actor *, const char *agent,
    const char *phone, store_done *, void *);
/* store_phones: of all agents who have one, and whom they hold. */
void store_phones(struct store *, store_done *, void *);

/* ---- what people look at ------------------------------------------------------- */
void store_item(struct store *, const char *id, const char *agent, store_done *,
    void *);
void store_explain(struct store *, const char *id, const char *agent,
    store_done *, void *);
void store_items(struct store *, int64_t first, int64_t count,
    const struct record *filter, store_done *, void *);
void store_queues(struct store *, store_done *, void *);
void store_me(struct store *, const char *agent, store_done *, void *);

/* ---- who serves what, the directory, tokens -------------------------------------- */
struct store_service {
	const char *queue, *agent, *factor;
	const struct actor *who; /* changes it */
};
void store_agent_add(
    struct store *, const struct store_service *, store_done *, void *);
void store_agent_remove(
    struct store *, const struct store_service *, store_done *, void *);
void store_agents(struct store *, store_done *, void *);
/* duty: "on", "off" (a pause), "gone" (until they ask again). */
void store_duty(struct store *, const struct actor *, const char *duty,
    store_done *, void *);
void store_seen(struct store *, const char *name, const char *groups,
    store_done *, void *);

struct store_customer {
	const char *id;
	const struct record *fields;
	const struct actor *who; /* writes it */
};
void store_customer_put(
    struct store *, const struct store_customer *, store_done *, void *);
void store_customer_delete(struct store *, const struct actor *,
    const char *id, store_done *, void *);
/* One of both is "". */
void store_customer(struct store *, const char *id, const char *phone,
    store_done *, void *);
void store_customers(struct store *, const char *after, int64_t count,
    store_done *, void *);

/* ---- one person: all that is known of him ------------------------------------------ */
struct store_person {
	const char *id;     /* of the directory, or one that only events named */
	const char *phone;  /* E.164, where id may be a number; or "" */
	const char *cursor; /* "" at first, then that of the answer */
};
struct store_forgetting {
	const char *salt; /* by chance, of at least 16 bytes in hexadecimal */
	const struct actor *who; /* wants it */
};
void store_export(
    struct store *, const struct store_person *, store_done *, void *);
/* store_forget: a slice of it; again with the cursor while it says "more". */
void store_forget(struct store *, const struct store_person *,
    const struct store_forgetting *, store_done *, void *);

/* patience_ms: as in rds.h; 0: none of its own. */
void store_token(struct store *, const char *sha256, int64_t patience_ms,
    store_done *, void *);
struct store_token {
	const char *name, *role, *sha256;
	const struct actor *who; /* makes it */
};
void store_token_put(
    struct store *, const struct store_token *, store_done *, void *);
void store_token_revoke(struct store *, const struct actor *, const char *name,
    store_done *, void *);
void store_tokens(struct store *, store_done *, void *);
/* store_token_book: all, with the SHA-256 of each. */
void store_token_book(struct store *, store_done *, void *);

/* ---- how the sources do (store_feed.c) ------------------------------------------ */
struct store_feed {
	const char *name;
	int64_t heard_ms;            /* by Redis's clock; 0: not */
	const struct record *fields; /* state since why ..., see lua/source.lua */
};
void store_feed(
    struct store *, const struct store_feed *, store_done *, void *);
void store_sources(struct store *, store_done *, void *);

/* ---- what daemons do by themselves ------------------------------------------------ */
void store_policy_get(struct store *, store_done *, void *);
void store_policy_put(struct store *, const char *hash,
    const struct record *fields, store_done *, void *);
void store_calendars(struct store *, store_done *, void *);

/* A calendar: "hours:office" or "window:Europe/Berlin|09:00-20:00". */
struct store_calendar {
	const char *name;
	int64_t until_ms;            /* how far the instants reach */
	const char *const *instants; /* "<ms>o" opens, "<ms>c" closes */
	size_t count;
};
void store_calendar_put(
    struct store *, const struct store_calendar *, store_done *, void *);
/* days: when those around today begin in the site's zone, in order:
 * "2026-11-21=1795215600000,2026-11-22=1795302000000,...". */
void store_tick(struct store *, const char *days, store_done *, void *);
/* claim_ms: for how long the delivery is this daemon's alone; channels: those
 * that it has, "duty,mail". */
void store_alerts(struct store *, int64_t claim_ms, const char *channels,
    store_done *, void *);
void store_alert_told(
    struct store *, const char *id, bool ok, store_done *, void *);

#endif
