/* What comes from outside: events, changes of the directory, of the policy and
 * of the hours, people who come and go, time itself. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/store/property_run.h"

static void arg(struct known_event *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
arg(struct known_event *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(e->kept[e->argc], sizeof e->kept[0], fmt, ap);
	va_end(ap);
	e->argv[e->argc] = e->kept[e->argc];
	e->argc++;
}

static void
two(struct known_event *e, const char *name, const char *value)
{
	arg(e, "%s", name);
	arg(e, "%s", value);
}

/* ---- events ------------------------------------------------------------- */

static const char *
any_type(struct model *m)
{
	unsigned n = model_any(m, 100);

	return n < 62   ? "call.missed"
	       : n < 72 ? "callback.requested"
	       : n < 82 ? "complaint"
	       : n < 97 ? "call.answered"
			: "feedback";
}

/* When it happened: mostly just now, sometimes long ago, or not yet. */
static int64_t
any_time(struct model *m)
{
	int64_t now = m->site->now_ms;
	unsigned n = model_any(m, 100);

	if (n < 60)
		return now - (int64_t)model_any(m, 5000);
	if (n < 92)
		return now - (int64_t)model_any(m, 3600000);
	if (n < 97)
		return now - (int64_t)model_any(m, 10 * 86400) * 1000;
	return now + (int64_t)model_any(m, 600000);
}

static void
describe(struct run *r, struct known_event *e)
{
	struct model *m = r->m;
	char phone[16];

	model_phone_name((int)model_any(m, PHONES), phone);
	if (!model_chance(m, 30))
		two(e, "phone", phone);
	if (model_chance(m, 100))
		two(e, "customer", m->customers[model_any(m, CUSTOMERS)].id);
	if (!model_chance(m, 150))
		two(e, "queue", m->queues[model_any(m, QUEUES)].name);
	if (model_chance(m, 100))
		arg(e, "severity"), arg(e, "%u", 1 + model_any(m, 4));
	if (model_chance(m, 300))
		arg(e, "talked_s"), arg(e, "%u", model_any(m, 60));
	if (model_chance(m, 60))
		arg(e, "callback_at"), arg(e, "%lld",
					   (long long)m->site->now_ms - 100000 +
					       model_any(m, 7200000));
	if (model_chance(m, 40))
		two(e, "zone", zone_names[model_any(m, ZONES)]);
	if (model_chance(m, 100))
		two(e, "text", "some words | and more");
}

/* What the function said is what it must say whenever it is told again. */
static void
note_answer(struct known_event *e, const struct reply *reply)
{
	int64_t number = reply_int(reply, "item", "number");

	(void)snprintf(e->word, sizeof e->word, "%s", reply_word(reply));
	(void)snprintf(e->state, sizeof e->state, "%s",
		       reply_get(reply, "event", "state"));
	(void)snprintf(e->reason, sizeof e->reason, "%s",
		       reply_get(reply, "event", "reason"));
	e->number = number > 0 ? number : 0;
}

static void
check_made(struct run *r, const struct reply *reply)
{
	int64_t number = reply_int(reply, "item", "number");
	struct thing *b = snapshot_find(r->before, number);

	if (reply_is(reply, "made") && b != NULL)
		run_fail(r, b, "was made a second time");
	if (reply_is(reply, "merged") && (b == NULL || !thing_open(b)))
		run_fail(r, b, "is merged with, and is not open");
	if (reply_is(reply, "merged") &&
	    reply_int(reply, "item", "severity") !=
		(b->severity < 3 ? b->severity + 1 : 3))
		run_fail(r, b, "gains no severity by a repeat");
}

void
step_event(struct run *r)
{
	struct known_event *e = &r->events[r->event_count++ % KNOWN_EVENTS];
	int64_t time = any_time(r->m);
	const char *type = any_type(r->m);

	/* Nobody tells the old one again. */
	if (has(e->uuid))
		redis_must(r->site->redis, "DEL",
			   site_key("receipt:%s", e->uuid), NULL);
	(void)memset(e, 0, sizeof *e);
	(void)snprintf(e->uuid, sizeof e->uuid, "00000000-0000-5000-8000-%012u",
		       r->event_count);
	arg(e, "%s", e->uuid);
	two(e, "type", type);
	two(e, "source", model_chance(r->m, 700) ? "pbx" : "web");
	arg(e, "time");
	arg(e, "%lld", (long long)time);
	describe(r, e);
	run_note(r, "event %s %s %s %s %s", type, e->kept[7], e->kept[8],
		 e->kept[9], e->kept[10]);
	r->step.what = DID_EVENT;
	r->step.event_time = time;
	r->step.reply = site_call_list(r->site, "event", e->argc, e->argv);
	note_answer(e, r->step.reply);
	check_made(r, r->step.reply);
}

/* The same event again, after anything may have happened to its item. */
void
step_repeat(struct run *r)
{
	unsigned known =
	    r->event_count < KNOWN_EVENTS ? r->event_count : KNOWN_EVENTS;
	struct known_event *e, again;
	const char *word;

	if (known == 0)
		return;
	e = &r->events[model_any(r->m, known)];
	run_note(r, "repeat %s (%s %lld)", e->uuid, e->word,
		 (long long)e->number);
	r->step.what = DID_REPEAT;
	r->step.nothing_changed = true;
	r->step.reply = site_call_list(r->site, "event", e->argc, e->argv);
	note_answer(&again, r->step.reply);
	word = strcmp(e->word, "made") == 0 ? "repeat" : e->word;
	if (e->number != 0 && snapshot_find(r->before, e->number) == NULL) {
		if (strcmp(again.word, "none") != 0 ||
		    strcmp(again.state, "closed") != 0)
			run_fail(r, NULL, "%lld was forgotten and %s comes",
				 (long long)e->number, again.word);
	} else if (strcmp(again.word, word) != 0 || again.number != e->number ||
		   strcmp(again.state, e->state) != 0 ||
		   strcmp(again.reason, e->reason) != 0) {
		run_fail(r, NULL, "event %s: first %s %lld %s, then %s %lld %s",
			 e->uuid, e->word, (long long)e->number, e->state,
			 again.word, (long long)again.number, again.state);
	}
}

/* ---- the directory ------------------------------------------------------ */

static unsigned
any_phones(struct run *r, int id)
{
	unsigned phones = 0, count = model_any(r->m, 3);

	for (unsigned i = 0; i < count; i++) {
		int phone = (int)model_any(r->m, PHONES);
		int owner = model_phone_owner(r->m, phone);

		/* Now and then one that is another's: it must be refused. */
		if (owner < 0 || owner == id || model_chance(r->m, 30))
			phones |= 1U << phone;
	}
	return phones;
}

static void
phone_list(unsigned phones, char buf[300])
{
	size_t n = 0;

	buf[0] = '\0';
	for (int i = 0; i < PHONES; i++) {
		char phone[16];

		if ((phones & (1U << i)) == 0)
			continue;
		model_phone_name(i, phone);
		n += (size_t)snprintf(buf + n, 300 - n, "%s%s",
				      n == 0 ? "" : ",", phone);
	}
}

static bool
is_taken(const struct run *r, unsigned phones, int id)
{
	for (int i = 0; i < PHONES; i++) {
		int owner = model_phone_owner(r->m, i);

		if ((phones & (1U << i)) != 0 && owner >= 0 && owner != id)
			return true;
	}
	return false;
}

static struct customer
any_customer(struct run *r, int id)
{
	static const int values[] = { 0, 100, 5000, 8400, 25000 };
	struct customer c = r->m->customers[id];
	bool fresh = !c.exists;

	c.exists = true;
	if (fresh || model_chance(r->m, 400))
		c.phones = any_phones(r, id);
	c.value = values[model_any(r->m, 5)];
	c.tier = model_chance(r->m, 150) ? (int)model_any(r->m, TIERS) : -1;
	c.agent = model_chance(r->m, 400) ? (int)model_any(r->m, AGENTS) : -1;
	c.never = model_chance(r->m, 60);
	c.shared = fresh ? model_chance(r->m, 150)
			 : c.shared != model_chance(r->m, 60);
	c.zone = (int)model_any(r->m, ZONES);
	return c;
}

static void
put_customer(struct run *r, int id, const struct customer *c)
{
	char phones[300], value[16];

	phone_list(c->phones, phones);
	(void)snprintf(value, sizeof value, "%d", c->value);
	r->step.reply = site_customer(
	    r->site, c->id, "phones", phones, "value", value, "tier",
	    c->tier < 0 ? "" : tier_names[c->tier], "agent",
	    c->agent < 0 ? "" : r->m->agents[c->agent].name, "never_call",
	    c->never ? "1" : "0", "shared", c->shared ? "1" : "0", "timezone",
	    zone_names[c->zone], NULL);
	if (reply_is(r->step.reply, "phone-taken") !=
	    is_taken(r, c->phones, id))
		run_fail(r, NULL, "%s said %s", c->id,
			 reply_word(r->step.reply));
}

void
step_put(struct run *r)
{
	int id = (int)model_any(r->m, CUSTOMERS - 1);
	struct customer c = any_customer(r, id);

	run_note(r, "put %s phones %x value %d agent %d%s%s", c.id, c.phones,
		 c.value, c.agent, c.never ? " never" : "",
		 c.shared ? " shared" : "");
	r->step.what = DID_PUT;
	put_customer(r, id, &c);
	if (reply_is(r->step.reply, "phone-taken"))
		return;
	r->m->customers[id] = c;
	for (int i = 0; i < PHONES; i++) {
		if ((c.phones & (1U << i)) != 0)
			r->m->never_phone[i] = c.never;
	}
}

void
step_delete(struct run *r)
{
	int id = (int)model_any(r->m, CUSTOMERS);
	struct customer *c = &r->m->customers[id];

	run_note(r, "delete %s", c->id);
	r->step.what = DID_DELETE;
	r->step.reply = site_call(r->site, "customer_delete", c->id, NULL);
	if (reply_is(r->step.reply, "ok") != c->exists)
		run_fail(r, NULL, "%s: %s", c->id, reply_word(r->step.reply));
	c->exists = c->never = c->shared = false;
	c->phones = 0;
}

/* ---- the site ----------------------------------------------------------- */

static void
duty(struct run *r)
{
	int a = (int)model_any(r->m, AGENTS);
	struct agent *agent = &r->m->agents[a];
	bool on = model_chance(r->m, 600);

	run_note(r, "%s goes %s duty", agent->name, on ? "on" : "off");
	r->step.what = DID_DUTY;
	agent->paused = !on;
	r->step.reply = site_call(r->site, "agent_duty", agent->name,
				  agent->groups, on ? "on" : "off", NULL);
	model_saw(r->m, a);
}

static void
serve(struct run *r)
{
	static const char *const factors[] = { "1", "0.5", "2" };
	struct agent *a = &r->m->agents[model_any(r->m, AGENTS)];
	int q = (int)model_any(r->m, QUEUES);
	const char *factor = factors[model_any(r->m, 3)];

	r->step.what = DID_SERVE;
	if (a->factor[q] > 0 && model_chance(r->m, 400)) {
		run_note(r, "%s leaves %s", a->name, r->m->queues[q].name);
		a->factor[q] = 0;
		r->step.reply =
		    site_call(r->site, "agent_remove", r->m->queues[q].name,
			      a->name, "test", NULL);
		return;
	}
	run_note(r, "%s serves %s by %s", a->name, r->m->queues[q].name,
		 factor);
	a->factor[q] = strtod(factor, NULL);
	r->step.reply = site_call(r->site, "agent_add", r->m->queues[q].name,
				  a->name, factor, "test", NULL);
}

static void
alerts(struct run *r)
{
	char id[96];

	run_note(r, "alerts");
	r->step.what = DID_ALERTS;
	r->step.nothing_changed = true;
	r->step.reply = site_call(r->site, "alerts", "d1", "20000", "duty", NULL);
	if (!reply_is(r->step.reply, "ok"))
		return;
	(void)snprintf(id, sizeof id, "%s",
		       reply_get(r->step.reply, "alert", "id"));
	(void)site_call(r->site, "alert_told", "d1", id,
			model_chance(r->m, 800) ? "ok" : "failed", NULL);
}

/* Readers of all kinds: they must answer whatever the state is. */
static void
look(struct run *r)
{
	char number[24];

	(void)snprintf(number, sizeof number, "%lld",
		       (long long)step_any_item(r));
	run_note(r, "look at %s", number);
	r->step.what = DID_READ;
	r->step.nothing_changed = true;
	r->step.reply = site_call(r->site, "queues", NULL);
	(void)site_call(r->site, "items", "0", "20", "all", "1", NULL);
	(void)site_call(r->site, "item", number, "a1", NULL);
	(void)site_call(r->site, "explain", number, "a1", NULL);
	(void)site_call(r->site, "estimate", number, NULL);
	(void)site_call(r->site, "me", "a1", NULL);
	(void)site_call(r->site, "agents", NULL);
}

void
step_site(struct run *r)
{
	unsigned n = model_any(r->m, 100);

	if (n < 40) {
		duty(r);
	} else if (n < 55) {
		serve(r);
	} else if (n < 65) {
		run_note(r, "another policy");
		r->step.what = DID_POLICY;
		model_repolicy(r->m);
	} else if (n < 70) {
		run_note(r, "other hours");
		r->step.what = DID_CALENDAR;
		model_recalendar(r->m);
	} else if (n < 85) {
		alerts(r);
	} else {
		look(r);
	}
}

void
step_tick(struct run *r)
{
	run_note(r, "tick");
	r->step.what = DID_TICK;
	r->step.reply = site_call(r->site, "tick", "", NULL);
}
