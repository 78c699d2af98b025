/* fields.h -- the policy as Redis has it: one numbered value, which all
 * daemons of a site act by. */
#ifndef RB_POLICY_FIELDS_H
#define RB_POLICY_FIELDS_H

struct policy;
struct record;

/*
 * policy_fields: names with strings, record_free().
 *	site, timezone, unknown_caller, default_queue	as they are
 *	tiers, severities, queues, alerts		JSON arrays
 *	outcomes					JSON object by name
 *	queue:NAME, source:NAME, source-default		JSON objects
 *	number:+4930...					a queue
 *	receipt_ms keep_ms undo_ms duty_ms not_ms appointment_ms burst_ms
 *	log_keep_ms feedback_ms
 * Durations are integers in ms, parts of a promise fractions (1.0: all).
 */
struct record *policy_fields(const struct policy *);

/* policy_hash: 16 hexadecimal digits over the fields and the opening hours;
 * daemons whose files mean the same have the same. */
void policy_hash(char buf[17], const struct policy *);

#endif
