#include "daemon/policy/check.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/address.h"
#include "daemon/base/redis_url.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/check_sources.h"
#include "daemon/policy/outcome.h"
#include "daemon/policy/phone.h"

struct check {
	const struct policy *p;
	const struct conf_file *file;
	struct fault *fault;
};

/* FAIL(where it stands, sentence): what the checks return. */
#define FAIL(field, ...) conf_fault(c->file, field, c->fault, __VA_ARGS__)

static bool
has_text(const struct conf_texts *t, const char *s)
{
	for (size_t i = 0; i < t->count; i++) {
		if (strcmp(t->list[i], s) == 0)
			return true;
	}
	return false;
}

static bool
is_one_of(const char *s, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (strcmp(s, *words) == 0)
			return true;
	}
	return false;
}

/* Port 0 lets the system choose. */
static bool
is_listen_address(const char *s)
{
	struct fault ignored;
	struct address a;

	return strstr(s, "://") == NULL &&
	       address_parse(&a, s, -1, &ignored) == 0 && a.kind == ADDRESS_IP;
}

/* "660" or "0660". */
static bool
is_mode(const char *s)
{
	return strspn(s, "01234567") == strlen(s) &&
	       strlen(*s == '0' ? s + 1 : s) == 3;
}

/* Where Redis is, and by which files we are let in. */
static int
check_redis(const struct check *c)
{
	const struct policy *p = c->p;
	struct fault fault = { "" };
	struct redis_url url;
	const struct {
		const char *name;
		char *const *path;
	} files[] = {
		{ "redis_secret_file", &p->redis_secret_file },
		{ "sentinel_secret_file", &p->sentinel_secret_file },
		{ "redis_ca", &p->redis_ca },
		{ "redis_cert", &p->redis_cert },
		{ "redis_key", &p->redis_key },
		{ "journal", &p->journal },
		{ "token_file", &p->token_file },
	};

	if (redis_url_parse(&url, p->redis_url, &fault) < 0)
		return FAIL(&p->redis_url, "%s", fault.text);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		if (**files[i].path != '\0' && **files[i].path != '/')
			return FAIL(files[i].path,
				    "%s \"%s\" is not a whole path; write one "
				    "that begins with /.",
				    files[i].name, *files[i].path);
	}
	if ((*p->redis_cert == '\0') != (*p->redis_key == '\0'))
		return FAIL(&p->redis_cert,
			    "redis_cert and redis_key go together.");
	if (!url.tls && *p->redis_ca != '\0')
		return FAIL(&p->redis_ca,
			    "redis_ca is for TLS: redis_url would begin with "
			    "rediss://, sentinels:// or clusters://.");
	if (*url.user != '\0' && *p->redis_user != '\0')
		return FAIL(&p->redis_user,
			    "redis_user is in redis_url, too; one is enough.");
	return 0;
}

static int
check_https(const struct check *c)
{
	const struct policy *p = c->p;

	if (*p->https == '\0')
		return 0;
	if (!is_listen_address(p->https))
		return FAIL(
		    &p->https,
		    "https \"%s\" is no address with a port from 0 to 65535; "
		    "write one such as \"0.0.0.0:8026\".",
		    p->https);
	if (strcmp(p->https, p->http) == 0 &&
	    strcmp(strrchr(p->https, ':'), ":0") != 0)
		return FAIL(&p->https,
			    "http and https cannot both be %s; give each a "
			    "port of its own.",
			    p->https);
	if (*p->https_cert == '\0' || *p->https_key == '\0')
		return FAIL(&p->https,
			    "https needs https_cert and https_key: the "
			    "certificate and its key, in PEM.");
	return 0;
}

static int
check_top(const struct check *c)
{
	static const char *const durabilities[] = { "aof", "none", NULL };
	const struct policy *p = c->p;

	if (check_redis(c) < 0)
		return -1;
	if (!calendar_zone_ok(p->timezone))
		return FAIL(
		    &p->timezone,
		    "timezone \"%s\" is not known here; write one such as "
		    "\"Europe/Berlin\".",
		    p->timezone);
	if (!phone_region_ok(p->region))
		return FAIL(
		    &p->region,
		    "region \"%s\" is no country; write two capital letters "
		    "such as \"DE\".",
		    p->region);
	if (*p->socket != '/')
		return FAIL(&p->socket,
			    "socket \"%s\" must be a whole path, such as "
			    "\"/run/ringback/ringback.sock\".",
			    p->socket);
	if (!is_mode(p->socket_mode))
		return FAIL(&p->socket_mode,
			    "socket_mode \"%s\" is no mode of a file; write "
			    "one such as \"0660\".",
			    p->socket_mode);
	if (*p->http != '\0' && !is_listen_address(p->http))
		return FAIL(
		    &p->http,
		    "http \"%s\" is no address with a port from 0 to 65535; "
		    "write one such as \"127.0.0.1:8025\".",
		    p->http);
	if (check_https(c) < 0)
		return -1;
	if (!is_one_of(p->durability, durabilities))
		return FAIL(&p->durability,
			    "durability \"%s\" is not known; it is \"aof\" or "
			    "\"none\".",
			    p->durability);
	if (p->severities.count != 3)
		return FAIL(
		    &p->severities,
		    "severities needs three weights, of severity 1, 2 and 3: "
		    "{ 1, 2, 4 }.");
	return 0;
}

static const struct conf_texts *
role_at(const struct policy *p, size_t i)
{
	switch (i) {
	case 0: return &p->roles.agents;
	case 1: return &p->roles.supervisors;
	case 2: return &p->roles.managers;
	case 3: return &p->roles.admins;
	default: return NULL;
	}
}

static bool
is_group(const struct policy *p, const char *name)
{
	for (size_t i = 0; role_at(p, i) != NULL; i++) {
		if (has_text(role_at(p, i), name))
			return true;
	}
	return false;
}

static int
check_roles(const struct check *c)
{
	static const char *const taken[] = { "own-agent", "agents" };

	for (size_t i = 0; role_at(c->p, i) != NULL; i++) {
		const struct conf_texts *role = role_at(c->p, i);

		for (size_t k = 0; k < 2; k++) {
			if (has_text(role, taken[k]))
				return FAIL(
				    role,
				    "a group cannot be called \"%s\": ladders "
				    "mean something else by that.",
				    taken[k]);
		}
	}
	return 0;
}

static int
check_tiers(const struct check *c)
{
	const struct policy *p = c->p;
	bool bottom = false;

	if (p->tier_count == 0)
		return FAIL(NULL, "there is no tier; write at least one, with "
				  "value = 0.");
	for (size_t i = 0; i < p->tier_count; i++) {
		const struct policy_tier *t = &p->tiers[i];

		bottom = bottom || t->value == 0;
		for (size_t k = 0; k < i; k++) {
			if (p->tiers[k].value == t->value)
				return FAIL(
				    &t->value,
				    "the tiers \"%s\" and \"%s\" have the same "
				    "value, %" PRId64 "; give them two.",
				    p->tiers[k].name, t->name, t->value);
		}
	}
	if (!bottom)
		return FAIL(
		    &p->tiers[0].name,
		    "no tier has the value 0, so customers worth little would "
		    "have none; add one or lower the last.");
	if (policy_tier(p, p->unknown_caller) == NULL)
		return FAIL(
		    &p->unknown_caller,
		    "unknown_caller names the tier \"%s\", which there is not.",
		    p->unknown_caller);
	return 0;
}

static int
check_hours(const struct check *c)
{
	const struct policy *p = c->p;

	for (size_t i = 0; i < p->hours_count; i++) {
		const struct policy_hours *h = &p->hours[i];
		struct fault why = { "" };

		if (h->open.count == 0)
			return FAIL(
			    &h->open,
			    "hours \"%s\" are never open; write when, such as "
			    "\"mon-fri 08:00-18:00\".",
			    h->name);
		if (*h->holidays != '\0' && *h->holidays != '/')
			return FAIL(&h->holidays,
				    "holidays \"%s\" must be a whole path.",
				    h->holidays);
		if (*h->holidays != '\0' && access(h->holidays, F_OK) != 0 &&
		    errno == ENOENT)
			return FAIL(
			    &h->holidays,
			    "hours \"%s\": there is no file %s. Put one there "
			    "(calendars export holidays as .ics), or take this "
			    "line out.",
			    h->name, h->holidays);
		if (calendar_check_hours(
			(const char *const *)h->open.list, h->open.count,
			*h->holidays != '\0' ? h->holidays : NULL, p->timezone,
			&why) < 0)
			return FAIL(&h->open, "hours \"%s\": %s", h->name,
				    why.text);
	}
	return 0;
}

static int
check_ladder(const struct check *c, const struct policy_ladder *l)
{
	for (size_t i = 0; i < l->step_count; i++) {
		const struct policy_step *s = &l->steps[i];

		if (i > 0 && s->percent <= l->steps[i - 1].percent)
			return FAIL(
			    &s->percent,
			    "ladder \"%s\" falls from %" PRId64 "%% to "
			    "%" PRId64 "%%; each step must be higher than the "
			    "one before.",
			    l->name, l->steps[i - 1].percent, s->percent);
		if (strcmp(s->to, "own-agent") != 0 &&
		    strcmp(s->to, "agents") != 0 && !is_group(c->p, s->to))
			return FAIL(
			    &s->to,
			    "step \"%" PRId64 "%%\" of ladder \"%s\" goes to "
			    "\"%s\"; it may go to own-agent, agents, or a "
			    "group "
			    "named by agents, supervisors, managers or admins.",
			    s->percent, l->name, s->to);
	}
	return 0;
}

static int
check_retry(const struct check *c, const struct policy_retry *r)
{
	static const char *const endings[] = { "unreachable", "cancelled",
					       NULL };

	if (!is_one_of(r->then, endings))
		return FAIL(
		    &r->then,
		    "then of retry \"%s\" is \"%s\"; it may be \"unreachable\" "
		    "or \"cancelled\".",
		    r->name, r->then);
	if (r->call_from >= r->call_to)
		return FAIL(
		    &r->call_from,
		    "retry \"%s\": call_from must be earlier in the day than "
		    "call_to.",
		    r->name);
	return 0;
}

static int
check_queue_names(const struct check *c, const struct policy_queue *q)
{
	static const char *const taken[] = { "up", "held", "all", "none",
					     NULL };

	if (is_one_of(q->name, taken))
		return FAIL(
		    &q->name,
		    "a queue cannot be called \"%s\": the command means "
		    "something else by that.",
		    q->name);
	if (policy_hours(c->p, q->hours) == NULL)
		return FAIL(
		    &q->hours,
		    "queue \"%s\" has the hours \"%s\", which there are not.",
		    q->name, q->hours);
	if (policy_ladder(c->p, q->ladder) == NULL)
		return FAIL(
		    &q->ladder,
		    "queue \"%s\" has the ladder \"%s\", which there is not.",
		    q->name, q->ladder);
	if (policy_retry(c->p, q->retry) == NULL)
		return FAIL(
		    &q->retry,
		    "queue \"%s\" has the retry plan \"%s\", which there is "
		    "not.",
		    q->name, q->retry);
	return 0;
}

static int
check_queue(const struct check *c, const struct policy_queue *q)
{
	static const char *const needs[] = { "cause", "correction", "accepted",
					     NULL };

	if (check_queue_names(c, q) < 0)
		return -1;
	if (q->hold_ms > q->hold_max_ms)
		return FAIL(&q->hold_ms,
			    "queue \"%s\": hold is longer than hold_max.",
			    q->name);
	for (size_t i = 0; i < q->close_needs.count; i++) {
		if (!is_one_of(q->close_needs.list[i], needs))
			return FAIL(
			    &q->close_needs,
			    "close_needs of queue \"%s\" has \"%s\"; it may "
			    "have cause, correction and accepted.",
			    q->name, q->close_needs.list[i]);
	}
	for (size_t i = 0; i < q->promise_count; i++) {
		const struct policy_promise *m = &q->promises[i];

		if (policy_tier(c->p, m->tier) == NULL)
			return FAIL(
			    &m->tier,
			    "queue \"%s\" promises something to the tier "
			    "\"%s\", which there is not.",
			    q->name, m->tier);
	}
	return 0;
}

/* A number belongs to one queue. */
static int
check_numbers(const struct check *c)
{
	const struct policy *p = c->p;

	for (size_t i = 0; i < p->queue_count; i++) {
		const struct policy_queue *q = &p->queues[i];

		for (size_t k = 0; k < q->numbers.count; k++) {
			const char *number = q->numbers.list[k];
			const struct policy_queue *other =
			    policy_queue_of(p, number);

			if (other != q)
				return FAIL(
				    &q->numbers,
				    "the number %s is in two queues, \"%s\" "
				    "and \"%s\"; leave it in one.",
				    number, other->name, q->name);
		}
	}
	return 0;
}

static int
check_queues(const struct check *c)
{
	const struct policy *p = c->p;

	if (p->queue_count == 0)
		return FAIL(NULL, "there is no queue; write at least one.");
	for (size_t i = 0; i < p->queue_count; i++) {
		if (check_queue(c, &p->queues[i]) < 0)
			return -1;
	}
	if (policy_queue(p, p->default_queue) == NULL)
		return FAIL(
		    &p->default_queue,
		    "default_queue names the queue \"%s\", which there is not.",
		    p->default_queue);
	return check_numbers(c);
}

static int
check_outcome(const struct check *c, size_t i)
{
	static const char *const taken[] = { "held", "next", NULL };
	const struct policy_outcome *o = &c->p->outcomes[i];

	if (outcome_find(o->name) != NULL || is_one_of(o->name, taken))
		return FAIL(
		    &o->name,
		    "outcome \"%s\" is one of ringback's own words; choose "
		    "another.",
		    o->name);
	if (outcome_find(o->like) == NULL)
		return FAIL(&o->like,
			    "outcome \"%s\" is like \"%s\", which is none of "
			    "ringback's own.",
			    o->name, o->like);
	if (*o->key == '\0')
		return 0;
	if (!outcome_key_free(o->key))
		return FAIL(
		    &o->key,
		    "the key \"%s\" of outcome \"%s\" is taken; choose another "
		    "small letter.",
		    o->key, o->name);
	for (size_t k = 0; k < i; k++) {
		if (strcmp(c->p->outcomes[k].key, o->key) == 0)
			return FAIL(
			    &o->key,
			    "the outcomes \"%s\" and \"%s\" have the same key.",
			    c->p->outcomes[k].name, o->name);
	}
	return 0;
}

bool
check_alert_known(const struct policy *p, const char *name)
{
	static const char *const own[] = { "at-risk",     "broken",
					   "escalated",   "unreachable",
					   "source-down", "source-silent",
					   "source-up",   "source-heard",
					   "held-long",   NULL };

	if (is_one_of(name, own))
		return true;
	for (size_t i = 0; i < p->ladder_count; i++) {
		for (size_t k = 0; k < p->ladders[i].step_count; k++) {
			if (strcmp(p->ladders[i].steps[k].alert, name) == 0)
				return true;
		}
	}
	return false;
}

static int
check_alert(const struct check *c, const struct policy_alert *a)
{
	for (size_t i = 0; i < a->on.count; i++) {
		if (!check_alert_known(c->p, a->on.list[i]))
			return FAIL(
			    &a->on,
			    "alert \"%s\" waits for \"%s\", which nothing "
			    "raises: no ladder has it and ringback has none.",
			    a->name, a->on.list[i]);
	}
	/* Words that only a shell would understand. */
	if (strpbrk(a->run, "'\"\\|&;<>`$*?(){}") != NULL)
		return FAIL(
		    &a->run,
		    "run of alert \"%s\" is not read by a shell, only split at "
		    "blanks; put such things into a script.",
		    a->name);
	if (a->argv.count == 0 || *a->argv.list[0] != '/')
		return FAIL(
		    &a->run,
		    "run of alert \"%s\" must begin with the whole path of a "
		    "program.",
		    a->name);
	if (a->argv.count > 32)
		return FAIL(&a->run,
			    "run of alert \"%s\" has more than 32 words.",
			    a->name);
	return 0;
}

static int
check_lists(const struct check *c)
{
	const struct policy *p = c->p;

	for (size_t i = 0; i < p->ladder_count; i++) {
		if (check_ladder(c, &p->ladders[i]) < 0)
			return -1;
	}
	for (size_t i = 0; i < p->retry_count; i++) {
		if (check_retry(c, &p->retries[i]) < 0)
			return -1;
	}
	for (size_t i = 0; i < p->outcome_count; i++) {
		if (check_outcome(c, i) < 0)
			return -1;
	}
	for (size_t i = 0; i < p->alert_count; i++) {
		if (check_alert(c, &p->alerts[i]) < 0)
			return -1;
	}
	return 0;
}

int
check_site(const struct policy *p, const struct conf_file *file,
	   struct fault *fault)
{
	const struct check c = { p, file, fault };

	return check_top(&c) < 0 || check_roles(&c) < 0 ? -1 : 0;
}

int
check_policy(const struct policy *p, const struct conf_file *file,
	     struct fault *fault)
{
	const struct check c = { p, file, fault };

	if (check_tiers(&c) < 0 || check_hours(&c) < 0 || check_lists(&c) < 0 ||
	    check_queues(&c) < 0 || check_sources(p, file, fault) < 0)
		return -1;
	return 0;
}
