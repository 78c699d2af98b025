/* outcome.h -- what may come of a try: one row each.  Pure.  The site's own
 * outcomes are like one of these: policy_outcome knows both. */
#ifndef RB_POLICY_OUTCOME_H
#define RB_POLICY_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>

enum outcome_effect {
	OUTCOME_CLOSE, /* with the reason */
	OUTCOME_RETRY, /* by the plan; closed when that is used up */
	OUTCOME_STAY,  /* the work goes on, the agent keeps it */
	OUTCOME_LATER, /* an appointment */
};

struct outcome {
	const char *name;  /* verb's argument, configuration and JSON */
	const char *words; /* for people: "no answer" */
	const char *key;   /* of ringback work; "" for none of its own */
	enum outcome_effect effect;
	const char *reason; /* of closing, or "" */
	bool tried;         /* keeps the promise: the customer was tried */
	const char *plan; /* of retrying: "no-answer" "busy" "voicemail", "" */
};

size_t outcome_count(void);
const struct outcome *outcome_at(size_t i);
const struct outcome *outcome_find(const char *name); /* or NULL */

/* outcome_effect_name: "close" "retry" "stay" "later". */
const char *outcome_effect_name(enum outcome_effect);

/* outcome_key_free: a small letter that ringback work does not use yet. */
bool outcome_key_free(const char *key);

#endif
