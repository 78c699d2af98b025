#include "daemon/policy/fields.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/outcome.h"
#include "daemon/policy/policy.h"

/* Takes the reference.  Six digits: 0.4 must not become 0.40000000000000002,
 * and weights and percents have no more. */
static void
set_json(struct record *r, const char *name, json_t *json)
{
	char *s = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY |
				       JSON_REAL_PRECISION(6));

	/* All texts were checked to be UTF-8, and memory does not fail. */
	assert(s != NULL);
	record_set(r, name, s);
	free(s);
	json_decref(json);
}

static void
set_member(struct record *r, const char *kind, const char *name, json_t *json)
{
	char *field = text_print("%s:%s", kind, name);

	set_json(r, field, json);
	free(field);
}

static void
put(json_t *object, const char *name, json_t *value)
{
	int rc = json_object_set_new(object, name, value);

	assert(rc == 0);
}

static void
push(json_t *array, json_t *value)
{
	int rc = json_array_append_new(array, value);

	assert(rc == 0);
}

static json_t *
real(double d)
{
	/* Weights are at most 1000: no conversion loses anything. */
	json_int_t whole = (json_int_t)d;

	return (double)whole == d ? json_integer(whole) : json_real(d);
}

static json_t *
percent(int64_t n)
{
	return real((double)n / 100);
}

static json_t *
texts(const struct conf_texts *t)
{
	json_t *a = json_array();

	for (size_t i = 0; i < t->count; i++)
		push(a, json_string(t->list[i]));
	return a;
}

static json_t *
durations(const struct conf_numbers *n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n->count; i++)
		push(a, json_integer(n->list[i]));
	return a;
}

static void
put_clock(json_t *object, const char *name, int64_t minutes)
{
	put(object, name,
	    json_sprintf("%02d:%02d", (int)(minutes / 60),
			 (int)(minutes % 60)));
}

static void
set_tiers(struct record *r, const struct policy *p)
{
	json_t *tiers = json_array(), *weights = json_array();

	for (size_t i = 0; i < p->tier_count; i++) {
		const struct policy_tier *t = &p->tiers[i];
		json_t *o = json_object();

		put(o, "name", json_string(t->name));
		put(o, "value", json_integer(t->value));
		put(o, "weight", real(t->weight));
		put(o, "call-back", json_integer(t->callback_ms));
		put(o, "complaint", json_integer(t->complaint_ms));
		push(tiers, o);
	}
	for (size_t i = 0; i < p->severities.count; i++)
		push(weights, real(p->severities.list[i]));
	set_json(r, "tiers", tiers);
	set_json(r, "severities", weights);
}

static json_t *
ladder_json(const struct policy_ladder *l)
{
	json_t *a = json_array();

	for (size_t i = 0; i < l->step_count; i++) {
		const struct policy_step *s = &l->steps[i];
		bool own = strcmp(s->to, "own-agent") == 0;
		json_t *o = json_object();

		put(o, "at", percent(s->percent));
		put(o, "to", json_string(s->to));
		put(o, "only", json_boolean(s->only || own));
		put(o, "alert", json_string(s->alert));
		push(a, o);
	}
	return a;
}

static void
put_retry(json_t *o, const struct policy_retry *r)
{
	json_t *plans = json_object();

	put(plans, "no-answer", durations(&r->no_answer));
	put(plans, "busy", durations(&r->busy));
	put(plans, "voicemail", durations(&r->voicemail));
	put(o, "retry", plans);
	put(o, "then", json_string(r->then));
	put(o, "retry_share", percent(r->start_at));
	put(o, "days", json_integer(r->days));
	put_clock(o, "call_from", r->call_from);
	put_clock(o, "call_to", r->call_to);
}

static json_t *
promises_json(const struct policy_queue *q)
{
	json_t *all = json_object();

	for (size_t i = 0; i < q->promise_count; i++) {
		const struct policy_promise *m = &q->promises[i];
		json_t *o = json_object();

		if (m->callback_ms > 0)
			put(o, "call-back", json_integer(m->callback_ms));
		if (m->complaint_ms > 0)
			put(o, "complaint", json_integer(m->complaint_ms));
		put(all, m->tier, o);
	}
	return all;
}

static json_t *
queue_json(const struct policy *p, const struct policy_queue *q)
{
	json_t *o = json_object();

	put(o, "hours", json_sprintf("hours:%s", q->hours));
	put(o, "ladder", ladder_json(policy_ladder(p, q->ladder)));
	put_retry(o, policy_retry(p, q->retry));
	put(o, "hold", json_integer(q->hold_ms));
	put(o, "hold_max", json_integer(q->hold_max_ms));
	put(o, "caller_id", json_string(q->caller_id));
	put(o, "say_first", json_string(q->say_first));
	put(o, "close_needs", texts(&q->close_needs));
	put(o, "tiers", promises_json(q));
	return o;
}

static void
set_queues(struct record *r, const struct policy *p)
{
	json_t *names = json_array();

	for (size_t i = 0; i < p->queue_count; i++) {
		const struct policy_queue *q = &p->queues[i];

		push(names, json_string(q->name));
		set_member(r, "queue", q->name, queue_json(p, q));
		for (size_t k = 0; k < q->numbers.count; k++) {
			char *field =
			    text_print("number:%s", q->numbers.list[k]);

			record_set(r, field, q->name);
			free(field);
		}
	}
	set_json(r, "queues", names);
}

static void
push_queue(json_t *names, const struct policy_queue *q)
{
	size_t i;
	json_t *name;

	json_array_foreach(names, i, name)
	{
		if (strcmp(json_string_value(name), q->name) == 0)
			return;
	}
	push(names, json_string(q->name));
}

/* The queues that it is known to tell of; none: of any. */
static json_t *
serves_json(const struct policy *p, const struct policy_source *s)
{
	json_t *names = json_array();

	if (*s->queue != '\0')
		push_queue(names, policy_queue(p, s->queue));
	for (size_t i = 0; i < s->queue_names.count; i++) {
		const char *ours = strchr(s->queue_names.list[i], '=');
		const struct policy_queue *q = NULL;

		if (ours != NULL)
			q = policy_queue(p, ours + 1 + strspn(ours + 1, " "));
		if (q != NULL)
			push_queue(names, q);
	}
	return names;
}

static void
put_health(json_t *o, const struct policy *p, const struct policy_source *s)
{
	if (*s->type != '\0')
		put(o, "type", json_string(s->type));
	put(o, "down_after", json_integer(s->down_after_ms));
	put(o, "silent_after", json_integer(s->silent_after_ms));
	put(o, "silent_usual", json_boolean(s->silent_usual));
	put(o, "serves", serves_json(p, s));
}

static json_t *
source_json(const struct policy_source *s)
{
	json_t *o = json_object();

	put(o, "ignore_under", json_integer(s->ignore_under_ms));
	put(o, "ignore_from", texts(&s->ignore_from));
	put(o, "answered_min", json_integer(s->answered_min_ms));
	if (*s->queue != '\0')
		put(o, "queue", json_string(s->queue));
	return o;
}

static void
set_sources(struct record *r, const struct policy *p)
{
	static char no_queue[] = "";
	const struct policy_source other = { .queue = no_queue,
					     .answered_min_ms = 20000 };

	json_t *names = json_array();

	for (size_t i = 0; i < p->source_count; i++) {
		const struct policy_source *s = &p->sources[i];
		json_t *o = source_json(s);

		put_health(o, p, s);
		push(names, json_string(s->name));
		set_member(r, "source", s->name, o);
	}
	set_json(r, "sources", names);
	set_json(r, "source-default", source_json(&other));
}

static void
put_outcome(json_t *all, const struct policy *p, const char *name)
{
	struct outcome o = { 0 };
	json_t *json = json_object();
	int rc = policy_outcome(&o, p, name);

	assert(rc == 0);
	put(json, "effect", json_string(outcome_effect_name(o.effect)));
	put(json, "reason", json_string(o.reason));
	put(json, "tried", json_boolean(o.tried));
	put(json, "plan", json_string(o.plan));
	put(all, name, json);
}

static void
set_outcomes(struct record *r, const struct policy *p)
{
	json_t *all = json_object();

	for (size_t i = 0; i < outcome_count(); i++)
		put_outcome(all, p, outcome_at(i)->name);
	for (size_t i = 0; i < p->outcome_count; i++)
		put_outcome(all, p, p->outcomes[i].name);
	set_json(r, "outcomes", all);
}

static void
set_alerts(struct record *r, const struct policy *p)
{
	json_t *a = json_array();

	for (size_t i = 0; i < p->alert_count; i++) {
		json_t *o = json_object();

		put(o, "name", json_string(p->alerts[i].name));
		put(o, "on", texts(&p->alerts[i].on));
		push(a, o);
	}
	set_json(r, "alerts", a);
}

struct record *
policy_fields(const struct policy *p)
{
	struct record *r = record_new();

	record_set(r, "site", p->site);
	record_set(r, "timezone", p->timezone);
	record_set(r, "unknown_caller", p->unknown_caller);
	record_set(r, "default_queue", p->default_queue);
	set_tiers(r, p);
	set_queues(r, p);
	set_sources(r, p);
	set_outcomes(r, p);
	set_alerts(r, p);
	record_set_int(r, "receipt_ms", p->receipts_ms);
	record_set_int(r, "keep_ms", p->keep_ms);
	record_set_int(r, "feedback_ms", p->feedback_ms);
	record_set_int(r, "undo_ms", p->undo_ms);
	record_set_int(r, "duty_ms", p->duty_ms);
	record_set_int(r, "not_ms", p->not_again_ms);
	record_set_int(r, "appointment_ms", p->appointment_ms);
	record_set_int(r, "burst_ms", p->burst_ms);
	record_set_int(r, "log_keep_ms", p->log_keep_ms);
	record_set_int(r, "history_most", p->max_history);
	record_set_int(r, "feedback_most", p->max_feedback);
	return r;
}

/* With its end, so that "ab","c" is not "a","bc". */
static void
digest(EVP_MD_CTX *ctx, const char *s)
{
	int ok = EVP_DigestUpdate(ctx, s, strlen(s) + 1);

	assert(ok == 1);
}

static void
digest_hours(EVP_MD_CTX *ctx, const struct policy_hours *h)
{
	digest(ctx, h->name);
	digest(ctx, h->holidays);
	for (size_t i = 0; i < h->open.count; i++)
		digest(ctx, h->open.list[i]);
}

void
policy_hash(char buf[17], const struct policy *p)
{
	struct record *r = policy_fields(p);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sum[EVP_MAX_MD_SIZE];
	int ok;

	assert(ctx != NULL);
	ok = EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	assert(ok == 1);
	for (size_t i = 0; i < record_count(r); i++) {
		digest(ctx, record_name_at(r, i));
		digest(ctx, record_value_at(r, i));
	}
	for (size_t i = 0; i < p->hours_count; i++)
		digest_hours(ctx, &p->hours[i]);
	ok = EVP_DigestFinal_ex(ctx, sum, NULL);
	assert(ok == 1);
	for (size_t i = 0; i < 8; i++)
		(void)snprintf(buf + 2 * i, 3, "%02x", sum[i]);
	EVP_MD_CTX_free(ctx);
	record_free(r);
}
