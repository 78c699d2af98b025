/* policy.h -- the configuration as a plain struct: what the file says, checked
 * and made uniform.  Nothing in it changes after policy_read (read.h).
 *
 * Durations are in milliseconds, percents whole numbers, texts are owned by
 * the struct and never NULL ("" where nothing was given). */
#ifndef RB_POLICY_POLICY_H
#define RB_POLICY_POLICY_H

#include "daemon/base/conftable.h"

struct outcome;

struct policy_tier {
	char *name;
	int64_t value; /* from this value on; one tier has 0 */
	double weight;
	int64_t callback_ms, complaint_ms; /* the promises */
};

struct policy_hours {
	char *name;
	struct conf_texts open; /* "mon-fri 08:00-12:30" */
	char *holidays;         /* path of an .ics file, or "" */
};

struct policy_step {
	int64_t percent;
	char *to;    /* "own-agent", "agents" or a group of the roles */
	bool only;   /* shuts the others out; own-agent always does */
	char *alert; /* "" or what is told */
};

struct policy_ladder {
	char *name;
	struct policy_step *steps; /* percents rise */
	size_t step_count;
};

struct policy_retry {
	char *name;
	struct conf_numbers no_answer, busy, voicemail; /* ms after each try */
	char *then;                 /* how it is closed after the last */
	int64_t start_at;           /* percent with which a retry enters */
	int64_t days;               /* 0: no limit */
	int64_t call_from, call_to; /* minutes of the customer's day */
};

struct policy_promise { /* a queue's own, for one tier */
	char *tier;
	int64_t callback_ms, complaint_ms; /* 0: as the tier has it */
};

struct policy_queue {
	char *name;
	struct conf_texts numbers;    /* E.164 */
	char *hours, *ladder, *retry; /* names that exist */
	int64_t hold_ms, hold_max_ms;
	char *caller_id; /* E.164 or "" */
	char *say_first;
	struct conf_texts close_needs; /* of cause, correction, accepted */
	struct policy_promise *promises;
	size_t promise_count;
};

struct policy_source {
	char *name;
	char *type, *address, *user, *secret_file;
	bool tls;
	int64_t down_after_ms;   /* away for so long: told */
	int64_t silent_after_ms; /* 0: never told */
	bool silent_usual;       /* told what is not usual at this hour */
	int64_t ignore_under_ms, answered_min_ms;
	struct conf_texts ignore_from; /* E.164, a '*' at the end for all that
					* begin so */
	char *queue;                   /* "" or one that exists */
	/* "600 = sales": what the system calls a queue, and ours. */
	struct conf_texts queue_names;
	struct conf_texts contexts; /* Asterisk: calls outside queues, too */
	char *queue_log;            /* Asterisk: path, or "" */
	char *tls_ca;               /* path, or "": the system's */
	char *public_url;           /* where the sender believes us to be */
	/* With "{phone}" (the agent's) and "{number}" (the customer's); "": no
	 * calls are made through it. */
	char *dial_agent, *dial_customer;
	bool pause_agents; /* its queues leave agents alone who hold somebody */
	char *member;      /* how its queues know an agent, with "{phone}" */
};

struct policy_outcome { /* one of the site's own */
	char *name;
	char *like; /* the built-in one that it works as */
	char *key;  /* of ringback work, or "" */
};

struct policy_alert {
	char *name;
	struct conf_texts on;
	char *run;
	struct conf_texts argv; /* run, split on blanks; no shell */
	int64_t timeout_ms;
};

struct policy_roles {
	struct conf_texts agents, supervisors, managers, admins; /* groups */
};

struct policy {
	char *site, *timezone, *region;
	char *redis_url;  /* as in redis_url.h */
	char *redis_user; /* "": that of the URL, or Redis's default */
	char *sentinel_user; /* "": their default */
	char *redis_secret_file, *sentinel_secret_file; /* paths, or "" */
	char *redis_ca, *redis_cert, *redis_key;        /* paths, or "" */
	int64_t wait_replicas, wait_ms;
	char *socket;     /* path */
	char *http;       /* "127.0.0.1:8025", or "" for none */
	char *https;      /* the same, with TLS */
	char *https_cert, *https_key, *https_client_ca; /* paths, or "" */
	char *token_file; /* "" for none */
	char *durability; /* "aof" or "none" */
	char *journal;    /* folder of the journal, or "" for none */
	int64_t journal_max; /* bytes on disk */
	int64_t patience_ms; /* that Redis may be silent at an event */
	struct policy_roles roles;
	char *unknown_caller;         /* a tier */
	char *default_queue;          /* a queue */
	struct conf_reals severities; /* three weights */
	int64_t keep_ms, receipts_ms, undo_ms, duty_ms, not_again_ms;
	int64_t appointment_ms, burst_ms, log_keep_ms, drain_ms, feedback_ms;
	int64_t wrong_tokens; /* of an address, before it is slowed */
	int64_t remember_ms;
	char *socket_mode;  /* "0666" */
	char *socket_group; /* "" for the daemon's own */
	int64_t max_connections, max_by_address, max_requests, max_waiting;
	int64_t max_listeners, watch_buffer;
	int64_t max_head, max_headers, max_address, max_body; /* of a request */
	int64_t max_lines, max_line; /* of one with many events */
	int64_t max_text, max_note, max_reason, max_phones; /* what is written */
	int64_t max_history, max_feedback; /* kept of an item, of a person */
	int64_t event_rate, event_burst; /* of one caller; rate: a second */
	int64_t request_timeout_ms, answer_timeout_ms, idle_timeout_ms;

	struct policy_tier *tiers; /* the highest value first */
	struct policy_hours *hours;
	struct policy_ladder *ladders;
	struct policy_retry *retries;
	struct policy_queue *queues; /* in the order of the file */
	struct policy_source *sources;
	struct policy_outcome *outcomes;
	struct policy_alert *alerts;
	size_t tier_count, hours_count, ladder_count, retry_count;
	size_t queue_count, source_count, outcome_count, alert_count;
};

/* By name; NULL where there is none. */
const struct policy_tier *policy_tier(const struct policy *, const char *name);
const struct policy_hours *policy_hours(const struct policy *,
					const char *name);
const struct policy_ladder *policy_ladder(const struct policy *,
					  const char *name);
const struct policy_retry *policy_retry(const struct policy *,
					const char *name);
const struct policy_queue *policy_queue(const struct policy *,
					const char *name);
const struct policy_source *policy_source(const struct policy *,
					  const char *name);

/* policy_source_queue: ours, by the name that the system has for it: of
 * queue_names, or the same; what follows an @ does not count.  NULL where there
 * is none such. */
const struct policy_queue *policy_source_queue(const struct policy *,
					       const struct policy_source *,
					       const char *theirs);

/* policy_tier_of: the tier for a customer of this value. */
const struct policy_tier *policy_tier_of(const struct policy *, int64_t value);

/* policy_queue_of: whose number this is (E.164), or NULL. */
const struct policy_queue *policy_queue_of(const struct policy *,
					   const char *e164);

/* What the queue promises the tier. */
int64_t policy_callback_ms(const struct policy_queue *,
			   const struct policy_tier *);
int64_t policy_complaint_ms(const struct policy_queue *,
			    const struct policy_tier *);

/* policy_outcome: built-in or the site's own (texts borrowed from the policy).
 * -1 where there is none. */
int policy_outcome(struct outcome *ret, const struct policy *,
		   const char *name);
/* policy_outcome_names: "done, reached, ...", free(). */
char *policy_outcome_names(const struct policy *);

#endif
