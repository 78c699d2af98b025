#include "daemon/policy/sentences.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/policy/outcome.h"
#include "daemon/policy/policy.h"

/* "a, b, c", or otherwise for none. */
static void
add_texts(struct text *out, const struct conf_texts *t, const char *otherwise)
{
	for (size_t i = 0; i < t->count; i++)
		text_addf(out, "%s%s", i > 0 ? ", " : "", t->list[i]);
	if (t->count == 0)
		text_add_str(out, otherwise);
}

static void
add_duration(struct text *out, int64_t ms)
{
	char words[40];

	text_duration_words(words, sizeof words, ms);
	text_add_str(out, words);
}

/* As whom, and how sure it must be. */
static void
add_redis(struct text *out, const struct policy *p)
{
	if (*p->redis_user != '\0' || *p->redis_secret_file != '\0')
		text_addf(out, "Redis knows us as %s, %s%s.\n",
			  *p->redis_user != '\0' ? p->redis_user
						 : "the user of redis_url or "
						   "its default one",
			  *p->redis_secret_file != '\0' ? "by the password in "
							: "without a password",
			  p->redis_secret_file);
	if (p->wait_replicas > 0)
		text_addf(out,
			  "What is to be kept is answered when %" PRId64
			  " replica%s %s it; %" PRId64
			  " ms are waited for that.\n",
			  p->wait_replicas, p->wait_replicas == 1 ? "" : "s",
			  p->wait_replicas == 1 ? "has" : "have", p->wait_ms);
}

static void
add_site(struct text *out, const struct policy *p)
{
	text_addf(out,
		  "Site %s: times in %s, numbers read as in %s, Redis at %s.\n",
		  p->site, p->timezone, p->region, p->redis_url);
	add_redis(out, p);
	text_addf(out, "Listens at %s%s%s%s%s%s.\n", p->socket,
		  *p->http != '\0' ? ", " : "", p->http,
		  *p->https != '\0' ? ", with TLS at " : "", p->https,
		  *p->https != '\0' && *p->https_client_ca != '\0'
		      ? " (for clients that have a certificate)"
		      : "");
	if (*p->journal != '\0')
		text_addf(out,
			  "While Redis is away events are kept in %s, at most "
			  "%lld MiB.\n",
			  p->journal, (long long)(p->journal_max >> 20));
	else
		text_add_str(out, "No journal: while Redis is away events are "
				  "refused.\n");
	if (strcmp(p->durability, "none") == 0)
		text_add_str(
		    out, "durability none: what was accepted may be lost with "
			 "Redis.\n");
}

static void
add_role(struct text *out, const char *role, const struct conf_texts *groups,
	 const char *may)
{
	text_addf(out, "%s: members of ", role);
	add_texts(out, groups, "no group");
	text_addf(out, " %s.\n", may);
}

static void
add_roles(struct text *out, const struct policy_roles *r)
{
	add_role(out, "agents", &r->agents, "pull and finish items");
	add_role(out, "supervisors", &r->supervisors,
		 "see, move and give all items too");
	add_role(out, "managers", &r->managers,
		 "take over what the ladder brings up to them");
	add_role(out, "admins", &r->admins,
		 "make tokens and import customers too");
}

static void
add_tier(struct text *out, const struct policy *p, size_t i)
{
	const struct policy_tier *t = &p->tiers[i];

	text_addf(out, "%s: called back within ", t->name);
	add_duration(out, t->callback_ms);
	text_add_str(out, " of opening hours, complaints within ");
	add_duration(out, t->complaint_ms);
	text_addf(out, "; weight %g. ", t->weight);
	if (i == 0)
		text_addf(out, "Customers worth %" PRId64 " or more", t->value);
	else
		text_addf(out, "Customers worth %" PRId64 " to %" PRId64,
			  t->value, p->tiers[i - 1].value - 1);
	text_addf(out, "%s.\n",
		  strcmp(p->unknown_caller, t->name) == 0
		      ? ", and unknown callers"
		      : "");
}

static void
add_hours(struct text *out, const struct policy_hours *h)
{
	text_addf(out, "hours %s: open ", h->name);
	add_texts(out, &h->open, "never");
	if (*h->holidays != '\0')
		text_addf(out, ", closed on the days in %s", h->holidays);
	text_add_str(out, ".\n");
}

static void
add_step(struct text *out, const struct policy_step *s)
{
	if (s->percent == 0)
		text_add_str(out, "at once");
	else
		text_addf(out, "from %" PRId64 "%%", s->percent);
	if (strcmp(s->to, "own-agent") == 0)
		text_add_str(out, " the customer's own agent alone");
	else if (strcmp(s->to, "agents") == 0)
		text_add_str(out, " the queue's agents");
	else
		text_addf(out, " %s", s->to);
	if (s->only && strcmp(s->to, "own-agent") != 0)
		text_add_str(out, " alone");
	if (*s->alert != '\0')
		text_addf(out, " with the alert %s", s->alert);
}

static void
add_ladder(struct text *out, const struct policy_ladder *l)
{
	text_addf(out, "ladder %s: ", l->name);
	for (size_t i = 0; i < l->step_count; i++) {
		if (i > 0)
			text_add_str(out, "; ");
		add_step(out, &l->steps[i]);
	}
	if (l->step_count == 0)
		text_add_str(out, "the queue's agents, always");
	text_add_str(out, ".\n");
}

static void
add_plan(struct text *out, const char *after, const struct conf_numbers *n)
{
	text_addf(out, "after %s ", after);
	if (n->count == 0)
		text_add_str(out, "never again");
	else
		text_add_str(out, "again in ");
	for (size_t i = 0; i < n->count; i++) {
		if (i > 0)
			text_add_str(out, ", ");
		add_duration(out, n->list[i]);
	}
	text_add_str(out, "; ");
}

static void
add_retry(struct text *out, const struct policy_retry *r)
{
	text_addf(out, "retry %s: ", r->name);
	add_plan(out, "no answer", &r->no_answer);
	add_plan(out, "busy", &r->busy);
	add_plan(out, "voicemail", &r->voicemail);
	text_addf(out, "then closed as %s", r->then);
	if (r->days > 0)
		text_addf(out, ", after %" PRId64 " day%s at the latest",
			  r->days, r->days == 1 ? "" : "s");
	text_addf(out,
		  ". Calls only from %02d:%02d to %02d:%02d on the customer's "
		  "clock",
		  (int)(r->call_from / 60), (int)(r->call_from % 60),
		  (int)(r->call_to / 60), (int)(r->call_to % 60));
	if (r->start_at > 0)
		text_addf(out, "; a new try begins with %" PRId64 "%% used",
			  r->start_at);
	text_add_str(out, ".\n");
}

static void
add_promise(struct text *out, const struct policy_promise *m)
{
	text_addf(out, " %s here:", m->tier);
	if (m->callback_ms > 0) {
		text_add_str(out, " called back within ");
		add_duration(out, m->callback_ms);
	}
	if (m->complaint_ms > 0) {
		text_addf(out, "%s complaints within ",
			  m->callback_ms > 0 ? "," : "");
		add_duration(out, m->complaint_ms);
	}
	if (m->callback_ms == 0 && m->complaint_ms == 0)
		text_add_str(out, " nothing of its own");
	text_add_str(out, ".");
}

static void
add_queue(struct text *out, const struct policy *p, size_t i)
{
	const struct policy_queue *q = &p->queues[i];

	text_addf(out, "queue %s: calls to ", q->name);
	add_texts(out, &q->numbers, "none of your numbers");
	text_addf(out, " belong here%s; hours %s, ladder %s, retry %s. ",
		  strcmp(p->default_queue, q->name) == 0
		      ? ", and whatever names no queue"
		      : "",
		  q->hours, q->ladder, q->retry);
	text_add_str(out, "An agent keeps an item for ");
	add_duration(out, q->hold_ms);
	text_add_str(out, ", for ");
	add_duration(out, q->hold_max_ms);
	text_add_str(out, " at most.");
	if (*q->caller_id != '\0')
		text_addf(out, " Calls show %s.", q->caller_id);
	if (q->close_needs.count > 0) {
		text_add_str(out, " To close a complaint: ");
		add_texts(out, &q->close_needs, "");
		text_add_str(out, ".");
	}
	for (size_t k = 0; k < q->promise_count; k++)
		add_promise(out, &q->promises[k]);
	text_add_str(out, "\n");
}

/* By the daemons; all others push. */
static bool
is_asked(const struct policy_source *s)
{
	return strcmp(s->type, "asterisk") == 0 ||
	       strcmp(s->type, "freeswitch") == 0;
}

/* What is done to hear it. */
static void
add_link(struct text *out, const struct policy_source *s)
{
	static const struct {
		const char *type, *words;
	} types[] = {
		{ "asterisk", "asks Asterisk" },
		{ "freeswitch", "asks FreeSWITCH" },
		{ "twilio", "takes what Twilio pushes" },
		{ "cti",
		  "takes what a telephone system pushes, as sipgate does" },
	};

	if (*s->type == '\0')
		return;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (strcmp(types[i].type, s->type) == 0)
			text_addf(out, "%s", types[i].words);
	}
	if (is_asked(s) && *s->address != '\0')
		text_addf(out, " at %s%s", s->address,
			  s->tls ? " with TLS" : "");
	if (is_asked(s) && *s->user != '\0')
		text_addf(out, " as %s", s->user);
	text_add_str(out, "; ");
	if (!is_asked(s))
		return;
	if (*s->queue_log != '\0')
		text_addf(out, "what was missed meanwhile is read from %s; ",
			  s->queue_log);
	if (s->contexts.count > 0) {
		text_add_str(out, "calls of ");
		add_texts(out, &s->contexts, "");
		text_add_str(out, " that enter no queue count, too; ");
	}
	if (*s->dial_agent != '\0' && *s->dial_customer != '\0')
		text_add_str(out, "customers can be called through it; ");
}

/* When somebody hears that it is not heard. */
static void
add_health(struct text *out, const struct policy_source *s)
{
	if (is_asked(s) && *s->address != '\0') {
		text_add_str(out, "; alert when no daemon has a link for ");
		add_duration(out, s->down_after_ms);
	}
	if (s->silent_after_ms > 0) {
		text_add_str(out, "; alert when silent for ");
		add_duration(out, s->silent_after_ms);
		text_add_str(out, " of opening hours");
	}
	if (s->silent_usual)
		text_add_str(out, "; alert when silent for much longer than is "
				  "usual at that hour");
}

static void
add_source(struct text *out, const struct policy_source *s)
{
	text_addf(out, "source %s: ", s->name);
	add_link(out, s);
	if (s->ignore_under_ms > 0) {
		text_add_str(out, "calls shorter than ");
		add_duration(out, s->ignore_under_ms);
		text_add_str(out, " are ignored; ");
	}
	if (s->ignore_from.count > 0) {
		text_add_str(out, "calls from ");
		add_texts(out, &s->ignore_from, "");
		text_add_str(out, " are ignored; ");
	}
	text_add_str(out, "a call answered for ");
	add_duration(out, s->answered_min_ms);
	text_add_str(out, " got through");
	for (size_t i = 0; i < s->queue_names.count; i++)
		text_addf(out, "%s%s",
			  i == 0 ? "; queues there and here: " : ", ",
			  s->queue_names.list[i]);
	if (*s->queue != '\0')
		text_addf(out, "; what names no queue belongs to %s", s->queue);
	add_health(out, s);
	text_add_str(out, ".\n");
}

static void
add_rest(struct text *out, const struct policy *p)
{
	char *names = policy_outcome_names(p);

	for (size_t i = 0; i < p->outcome_count; i++) {
		const struct policy_outcome *o = &p->outcomes[i];

		text_addf(out, "outcome %s: works as %s%s%s.\n", o->name,
			  o->like, *o->key != '\0' ? ", key " : "", o->key);
	}
	for (size_t i = 0; i < p->alert_count; i++) {
		const struct policy_alert *a = &p->alerts[i];

		text_addf(out, "alert %s: on ", a->name);
		add_texts(out, &a->on, "nothing");
		text_addf(out, " runs %s, for ", a->run);
		add_duration(out, a->timeout_ms);
		text_add_str(out, " at most.\n");
	}
	text_addf(out, "Outcomes: %s.\n", names);
	free(names);
}

char *
policy_sentences(const struct policy *p)
{
	struct text out = { 0 };

	add_site(&out, p);
	add_roles(&out, &p->roles);
	for (size_t i = 0; i < p->tier_count; i++)
		add_tier(&out, p, i);
	for (size_t i = 0; i < p->hours_count; i++)
		add_hours(&out, &p->hours[i]);
	for (size_t i = 0; i < p->ladder_count; i++)
		add_ladder(&out, &p->ladders[i]);
	for (size_t i = 0; i < p->retry_count; i++)
		add_retry(&out, &p->retries[i]);
	for (size_t i = 0; i < p->queue_count; i++)
		add_queue(&out, p, i);
	for (size_t i = 0; i < p->source_count; i++)
		add_source(&out, &p->sources[i]);
	add_rest(&out, p);
	return text_take(&out);
}
