#include "daemon/reporting.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "daemon/base/clock.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/feed.h"
#include "daemon/sources/feeds.h"
#include "daemon/sources/source.h"
#include "daemon/store/store.h"

#define TURN_MS 1000
#define EVERY_MS 5000
/* So long a link must be up before what was missed is taken for caught up. */
#define SETTLED_MS 10000

/* One source: what was told of it. */
struct told {
	struct told *next;
	struct reporting *home;
	char *name;    /* owned */
	char *urgent;  /* owned: its state, as it was told last; NULL: not */
	char *all;     /* owned: and all the rest */
	int64_t at_ms; /* monotonic: when that was */
	bool open;     /* a report is under way */
	bool up;       /* of that report */
	int64_t heard_ms;
	int64_t heard_until_ms; /* Redis's clock; 0: never */
};

struct reporting {
	struct reporting_options o;
	const struct feeds *feeds; /* NULL: not begun */
	struct event *timer;       /* owned */
	struct told *first;        /* owned */
	bool asking, known, stopped;
};

/*
 * A turn
 *	on_turn		before all else: what do the others know
 *	sources_known	who waited for that goes on
 *	look		at each feed: changed, or a while ago
 *	reported	Redis has it; or again at the next turn
 */
static void sources_known(void *, enum store_end, const struct store_answer *);
static void look(struct reporting *, const struct feed *);
static void reported(void *, enum store_end, const struct store_answer *);

static void
turn(struct reporting *r)
{
	if (r->feeds == NULL || r->stopped)
		return;
	if (!r->known) {
		if (!r->asking)
			store_sources(r->o.store, sources_known, r);
		r->asking = true;
		return;
	}
	for (size_t i = 0; i < feeds_count(r->feeds); i++)
		look(r, feeds_at(r->feeds, i));
}

static void
on_turn(evutil_socket_t fd, short what, void *cookie)
{
	(void)fd;
	(void)what;
	turn(cookie);
}

struct reporting *
reporting_new(const struct reporting_options *o)
{
	const struct timeval tv = { .tv_sec = TURN_MS / 1000 };
	struct reporting *r = text_alloc(sizeof *r);

	r->o = *o;
	r->timer = event_new(o->base, -1, EV_PERSIST, on_turn, r);
	if (r->timer == NULL || evtimer_add(r->timer, &tv) < 0)
		abort();
	return r;
}

void
reporting_free(struct reporting *r)
{
	struct told *t;

	if (r == NULL)
		return;
	while ((t = r->first) != NULL) {
		r->first = t->next;
		free(t->name);
		free(t->urgent);
		free(t->all);
		free(t);
	}
	event_free(r->timer);
	free(r);
}

void
reporting_set_policy(struct reporting *r, const struct policy *p)
{
	r->o.policy = p;
}

void
reporting_begin(struct reporting *r, const struct feeds *feeds)
{
	if (r->feeds != NULL)
		return;
	r->feeds = feeds;
	turn(r);
}

void
reporting_stop(struct reporting *r)
{
	r->stopped = true;
}

static void
forget(struct told *t)
{
	free(t->urgent);
	free(t->all);
	t->urgent = t->all = NULL;
}

void
reporting_anew(struct reporting *r)
{
	for (struct told *t = r->first; t != NULL; t = t->next)
		forget(t);
}

static struct told *
find(const struct reporting *r, const char *name)
{
	struct told *t = r->first;

	while (t != NULL && strcmp(t->name, name) != 0)
		t = t->next;
	return t;
}

static struct told *
find_or_add(struct reporting *r, const char *name)
{
	struct told *t = find(r, name);

	if (t != NULL)
		return t;
	t = text_alloc(sizeof *t);
	t->home = r;
	t->name = text_dup(name);
	t->next = r->first;
	r->first = t;
	return t;
}

int64_t
reporting_heard_until(const struct reporting *r, const char *name)
{
	const struct told *t = find(r, name);

	return t != NULL ? t->heard_until_ms : 0;
}

/* ---- what the site knows ------------------------------------------------ */

static void
sources_known(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct reporting *r = cookie;

	r->asking = false;
	if (end != STORE_DONE || r->stopped)
		return;
	for (size_t i = 0; i < a->count; i++) {
		const struct record *s = a->sections[i].fields;

		if (strcmp(a->sections[i].name, "source") == 0)
			find_or_add(r, record_text(s, "name"))->heard_until_ms =
			    record_int(s, "heard_until", 0);
	}
	r->known = true;
	r->o.known(r->o.cookie);
	turn(r);
}

/* ---- what we tell ------------------------------------------------------- */

/* "up", "down", "pushes"; "": its first link is not made, nor refused, yet. */
static const char *
state_word(const struct reporting *r, const struct feed_state *s)
{
	const struct policy_source *p = policy_source(r->o.policy, s->name);
	const struct source_type *type =
	    p != NULL ? source_type(p->type) : NULL;

	if (type == NULL || type->start == NULL)
		return "pushes";
	if (!s->asked)
		return "";
	return s->up ? "up" : "down";
}

static struct record *
fields_of(const struct reporting *r, const struct feed_state *s)
{
	int64_t ahead = store_now_ms(r->o.store) - clock_wall_ms();
	struct record *fields = record_new();

	record_set(fields, "state", state_word(r, s));
	if (s->since_ms > 0)
		record_set_int(fields, "since", s->since_ms + ahead);
	if (s->asked && !s->up)
		record_set(fields, "why", s->why);
	if (s->clock_known)
		record_set_int(fields, "clock_ms", s->clock_ms - ahead);
	if (s->waiting > 0)
		record_set_int(fields, "waiting", (int64_t)s->waiting);
	for (size_t i = 0; i < s->reason_count; i++) {
		char *name = text_print("r:%s", s->reasons[i].words);

		record_set_int(fields, name, s->reasons[i].count);
		free(name);
	}
	return fields;
}

static char *
text_of(const struct record *fields)
{
	struct text t = { 0 };

	for (size_t i = 0; i < record_count(fields); i++)
		text_addf(&t, "%s=%s\n", record_name_at(fields, i),
			  record_value_at(fields, i));
	return text_take(&t);
}

/* A heartbeat is for what is heard; else only what is new is told. */
static bool
is_due(const struct told *t, const struct feed_state *s, const char *urgent,
       const char *all)
{
	if (t->open)
		return false;
	if (t->urgent == NULL || strcmp(t->urgent, urgent) != 0)
		return true;
	return clock_mono_ms() - t->at_ms >= EVERY_MS &&
	       (s->asked || strcmp(t->all, all) != 0);
}

/* Until when nothing is missing: what still waits here would be lost with this
 * daemon. */
static int64_t
heard_ms(const struct reporting *r, const struct feed_state *s)
{
	if (s->heard_ms == 0 || s->waiting > 0)
		return 0;
	return s->heard_ms + store_now_ms(r->o.store) - clock_wall_ms();
}

static void
look(struct reporting *r, const struct feed *feed)
{
	struct feed_state s;
	struct record *fields;
	struct store_feed report;
	struct told *t;
	char *urgent, *all;

	feed_look(feed, &s);
	t = find_or_add(r, s.name);
	fields = fields_of(r, &s);
	urgent = text_print("%s %" PRId64 " %s", state_word(r, &s), s.since_ms,
			    s.asked && !s.up ? s.why : "");
	all = text_of(fields);
	if (is_due(t, &s, urgent, all)) {
		t->up = s.up;
		t->heard_ms = heard_ms(r, &s);
		forget(t);
		t->urgent = urgent;
		t->all = all;
		t->at_ms = clock_mono_ms();
		t->open = true;
		report = (struct store_feed){ .name = s.name,
					      .heard_ms = t->heard_ms,
					      .fields = fields };
		store_feed(r->o.store, &report, reported, t);
	} else {
		free(urgent);
		free(all);
	}
	record_free(fields);
}

static void
heard(struct told *t, int64_t ms)
{
	if (ms > t->heard_until_ms)
		t->heard_until_ms = ms;
}

static bool
is_settled(const struct told *t)
{
	struct feed_state s = { 0 };

	for (size_t i = 0; i < feeds_count(t->home->feeds); i++) {
		feed_look(feeds_at(t->home->feeds, i), &s);
		if (strcmp(s.name, t->name) == 0)
			break;
	}
	return s.up && clock_wall_ms() - s.since_ms >= SETTLED_MS;
}

static void
reported(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct told *t = cookie;

	t->open = false;
	if (end != STORE_DONE || strcmp(a->word, "ok") != 0) {
		forget(t);
		return;
	}
	/* While we have no link: what others heard.  With one: what we did, but
	 * not before that link has caught up. */
	if (!t->up)
		heard(t,
		      record_int(answer_section(a, "feed"), "heard_until", 0));
	if (!t->up || is_settled(t))
		heard(t, t->heard_ms);
}
