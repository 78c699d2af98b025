#include "daemon/policy/policy.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/policy/outcome.h"

/* All sections begin with their name. */
#define FIND(list, count)                                      \
	do {                                                   \
		for (size_t i = 0; i < (count); i++) {         \
			if (strcmp((list)[i].name, name) == 0) \
				return &(list)[i];             \
		}                                              \
		return NULL;                                   \
	} while (0)

const struct policy_tier *
policy_tier(const struct policy *p, const char *name)
{
	FIND(p->tiers, p->tier_count);
}

const struct policy_hours *
policy_hours(const struct policy *p, const char *name)
{
	FIND(p->hours, p->hours_count);
}

const struct policy_ladder *
policy_ladder(const struct policy *p, const char *name)
{
	FIND(p->ladders, p->ladder_count);
}

const struct policy_retry *
policy_retry(const struct policy *p, const char *name)
{
	FIND(p->retries, p->retry_count);
}

const struct policy_queue *
policy_queue(const struct policy *p, const char *name)
{
	FIND(p->queues, p->queue_count);
}

const struct policy_source *
policy_source(const struct policy *p, const char *name)
{
	FIND(p->sources, p->source_count);
}

/* "600 = sales" */
static bool
is_named(const char *pair, const char *theirs, size_t len)
{
	size_t n = strcspn(pair, "=");

	while (n > 0 && pair[n - 1] == ' ')
		n--;
	return n == len && memcmp(pair, theirs, n) == 0;
}

const struct policy_queue *
policy_source_queue(const struct policy *p, const struct policy_source *s,
		    const char *theirs)
{
	size_t whole = strlen(theirs), len = strcspn(theirs, "@");
	const struct policy_queue *found;
	char *name;

	for (size_t i = 0; s != NULL && i < s->queue_names.count; i++) {
		const char *pair = s->queue_names.list[i];
		const char *ours = strchr(pair, '=');

		if (ours != NULL && (is_named(pair, theirs, whole) ||
				     is_named(pair, theirs, len)))
			return policy_queue(p, ours + 1 + strspn(ours + 1, " "));
	}
	name = text_dup_n(theirs, len);
	found = policy_queue(p, name);
	free(name);
	return found;
}

const struct policy_tier *
policy_tier_of(const struct policy *p, int64_t value)
{
	for (size_t i = 0; i < p->tier_count; i++) {
		if (p->tiers[i].value <= value)
			return &p->tiers[i];
	}
	return &p->tiers[p->tier_count - 1]; /* a value below 0 */
}

const struct policy_queue *
policy_queue_of(const struct policy *p, const char *e164)
{
	for (size_t i = 0; i < p->queue_count; i++) {
		const struct policy_queue *q = &p->queues[i];

		for (size_t k = 0; k < q->numbers.count; k++) {
			if (strcmp(q->numbers.list[k], e164) == 0)
				return q;
		}
	}
	return NULL;
}

static const struct policy_promise *
promise_of(const struct policy_queue *q, const char *tier)
{
	for (size_t i = 0; i < q->promise_count; i++) {
		if (strcmp(q->promises[i].tier, tier) == 0)
			return &q->promises[i];
	}
	return NULL;
}

int64_t
policy_callback_ms(const struct policy_queue *q, const struct policy_tier *t)
{
	const struct policy_promise *m = promise_of(q, t->name);

	return m != NULL && m->callback_ms > 0 ? m->callback_ms
					       : t->callback_ms;
}

int64_t
policy_complaint_ms(const struct policy_queue *q, const struct policy_tier *t)
{
	const struct policy_promise *m = promise_of(q, t->name);

	return m != NULL && m->complaint_ms > 0 ? m->complaint_ms
						: t->complaint_ms;
}

int
policy_outcome(struct outcome *ret, const struct policy *p, const char *name)
{
	const struct outcome *o = outcome_find(name);

	if (o != NULL) {
		*ret = *o;
		return 0;
	}
	for (size_t i = 0; i < p->outcome_count; i++) {
		const struct policy_outcome *own = &p->outcomes[i];

		if (strcmp(own->name, name) != 0)
			continue;
		*ret = *outcome_find(own->like);
		ret->name = own->name;
		ret->words = own->name;
		ret->key = own->key;
		return 0;
	}
	return -1;
}

char *
policy_outcome_names(const struct policy *p)
{
	struct text t = { 0 };

	for (size_t i = 0; i < outcome_count(); i++)
		text_addf(&t, "%s%s", i > 0 ? ", " : "", outcome_at(i)->name);
	for (size_t i = 0; i < p->outcome_count; i++)
		text_addf(&t, ", %s", p->outcomes[i].name);
	return text_take(&t);
}
