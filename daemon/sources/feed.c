#include "daemon/sources/feed.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "daemon/base/clock.h"
#include "daemon/base/fault.h"
#include "daemon/base/log.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/event.h"
#include "daemon/policy/policy.h"
#include "daemon/store/intake.h"
#include "daemon/store/store.h"

/* So many are on their way at once; others wait their turn. */
#define OPEN_MOST 64
/* More than this is more than Redis takes in good time: what comes then goes
 * into the journal, where there is one; so many at once. */
#define SPILL_FROM (FEED_MOST / 2)
#define SPILL_MOST 512
#define AGAIN_MS 1000
#define LOG_AGAIN_MS ((int64_t)60 * 60 * 1000)

/*
 * An event
 *	feed_event	made uniform, to the end of those that wait
 *	send_some	to the intake, while not too many are open
 *	spill_some	the oldest, while far too many wait
 *	on_taken	gone; or to wait again, and all others with it
 */
struct waiting {
	struct waiting *next;
	struct feed *feed;
	struct record *event; /* owned */
	uint64_t turn;        /* in which it came */
	bool spilt;           /* into the journal, as far as we want */
	char uuid[EVENT_UUID_SIZE];
};

struct reason {
	struct feed_reason told;
	int64_t logged_ms; /* monotonic */
};

struct feed {
	struct feed_options o;
	char *name; /* owned */
	const struct policy *policy;
	struct event *again;          /* owned */
	struct waiting *first, **end; /* not on their way */
	size_t count, open, spilling; /* count: of all three */
	uint64_t turns;
	bool resting; /* until the timer */
	struct feed_state state;
	struct reason reasons[FEED_REASONS];
	char why[160];
};
static void send_some(struct feed *);
static void lose(struct feed *, const char *words, const char *detail);
static void on_taken(void *, enum store_end, const struct store_answer *);

static void
on_again(evutil_socket_t fd, short what, void *cookie)
{
	struct feed *f = cookie;

	(void)fd;
	(void)what;
	f->resting = false;
	send_some(f);
}

struct feed *
feed_new(const struct feed_options *o, const struct policy *policy)
{
	struct feed *f = text_alloc(sizeof *f);

	f->o = *o;
	f->name = text_dup(o->name);
	f->policy = policy;
	f->end = &f->first;
	f->again = evtimer_new(o->base, on_again, f);
	if (f->again == NULL)
		abort();
	return f;
}

void
feed_free(struct feed *f)
{
	struct waiting *w;

	if (f == NULL)
		return;
	assert(f->open == 0 && f->spilling == 0);
	if (f->count > 0)
		log_error(
		    "source",
		    "lost=%zu source=%s the daemon ended before Redis or the "
		    "journal took them",
		    f->count, f->name);
	while ((w = f->first) != NULL) {
		f->first = w->next;
		record_free(w->event);
		free(w);
	}
	event_free(f->again);
	free(f->name);
	free(f);
}

void
feed_set_policy(struct feed *f, const struct policy *policy)
{
	f->policy = policy;
}

/* ---- an event ----------------------------------------------------------- */

/* What is no UTF-8 is most likely ISO 8859-1, whose code points are the first
 * 256 of Unicode. */
static char *
utf8_of(const char *s)
{
	struct text t = { 0 };

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		const char two[2] = { (char)(0xc0 | c >> 6),
				      (char)(0x80 | (c & 0x3f)) };

		text_add(&t, c < 0x80 ? s : two, c < 0x80 ? 1 : 2);
	}
	return text_take(&t);
}

void
feed_clean(struct record *e)
{
	for (size_t i = 0; i < record_count(e); i++) {
		const char *value = record_value_at(e, i);
		char *s = text_utf8(value, strlen(value)) ? text_dup(value)
							  : utf8_of(value);

		text_clean(s, false);
		record_set(e, record_name_at(e, i), s);
		free(s);
	}
}

/* What the system calls the queue, and ours; one that is not known here stays,
 * so that the log of the site says so. */
static void
name_queue(const struct feed *f, struct record *e)
{
	const struct policy_queue *queue;

	if (!record_has(e, "queue"))
		return;
	queue =
	    policy_source_queue(f->policy, policy_source(f->policy, f->name),
				record_get(e, "queue"));
	if (queue != NULL)
		record_set(e, "queue", queue->name);
}

static void
add_last(struct feed *f, struct waiting *w)
{
	w->next = NULL;
	*f->end = w;
	f->end = &w->next;
}

/* One that comes back is older than all that wait, but for others like it. */
static void
put_back(struct feed *f, struct waiting *w)
{
	struct waiting **at = &f->first;

	while (*at != NULL && (*at)->turn < w->turn)
		at = &(*at)->next;
	w->next = *at;
	*at = w;
	if (w->next == NULL)
		f->end = &w->next;
}

void
feed_event(struct feed *f, struct record *e)
{
	struct fault fault = { "" };
	struct waiting *w;

	feed_clean(e);
	record_set(e, "source", f->name);
	record_set(e, "by", f->name);
	record_set(e, "origin", "source");
	if (!record_has(e, "time"))
		record_set_int(e, "time", store_now_ms(f->o.store));
	if (event_check(e, store_now_ms(f->o.store), &fault) != NULL) {
		feed_reject(f, "not an event", fault.text);
		record_free(e);
		return;
	}
	if (f->count >= FEED_MOST) {
		lose(f, "lost: too many wait for Redis", NULL);
		record_free(e);
		return;
	}
	w = text_alloc(sizeof *w);
	w->feed = f;
	w->event = e;
	w->turn = f->turns++;
	event_name(w->uuid, e);
	name_queue(f, e);
	event_make_uniform(e, f->policy);
	if (record_has(e, "zone") && f->o.zone != NULL)
		f->o.zone(f->o.cookie, record_get(e, "zone"));
	f->count++;
	feed_count(f);
	add_last(f, w);
	send_some(f);
}

static struct waiting *
take_first(struct feed *f)
{
	struct waiting *w = f->first;

	f->first = w->next;
	if (f->first == NULL)
		f->end = &f->first;
	return w;
}

static void
spill_some(struct feed *f)
{
	while (!f->resting && f->count > SPILL_FROM &&
	    f->spilling < SPILL_MOST && f->first != NULL &&
	    intake_can_keep(f->o.intake)) {
		struct waiting *w = take_first(f);

		w->spilt = true;
		f->spilling++;
		intake_keep(f->o.intake, w->uuid, w->event, on_taken, w);
	}
}

static void
send_some(struct feed *f)
{
	while (!f->resting && f->open < OPEN_MOST && f->first != NULL) {
		struct waiting *w = take_first(f);

		w->spilt = false;
		f->open++;
		intake_event(f->o.intake, w->uuid, w->event, on_taken, w);
	}
	spill_some(f);
}

static void
rest(struct feed *f)
{
	const struct timeval tv = { .tv_sec = AGAIN_MS / 1000 };

	if (f->resting)
		return;
	f->resting = true;
	(void)evtimer_add(f->again, &tv);
}

static void
on_taken(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct waiting *w = cookie;
	struct feed *f = w->feed;

	if (w->spilt)
		f->spilling--;
	else
		f->open--;
	if (intake_is_passing(end, a)) {
		put_back(f, w);
		rest(f);
		return;
	}
	if (end == STORE_REFUSED)
		lose(f, "lost: Redis refused it", a->error);
	f->count--;
	record_free(w->event);
	free(w);
	send_some(f);
}

/* ---- how it does -------------------------------------------------------- */

void
feed_count(struct feed *f)
{
	f->state.events++;
	f->state.event_ms = clock_wall_ms();
	feed_heard(f);
}

void
feed_heard(struct feed *f)
{
	f->state.heard_ms = clock_wall_ms();
}

void
feed_clock(struct feed *f, int64_t ahead_ms)
{
	f->state.clock_known = true;
	f->state.clock_ms = ahead_ms;
}

/* The last place is for whatever finds no other. */
static struct reason *
reason_of(struct feed *f, const char *words)
{
	size_t n = f->state.reason_count;

	for (size_t i = 0; i < n; i++) {
		if (strncmp(f->reasons[i].told.words, words,
			    sizeof f->reasons[i].told.words - 1) == 0)
			return &f->reasons[i];
	}
	if (n == FEED_REASONS)
		return &f->reasons[n - 1];
	f->state.reason_count++;
	(void)snprintf(f->reasons[n].told.words,
		       sizeof f->reasons[n].told.words, "%s",
		       n == FEED_REASONS - 1 ? "other reasons" : words);
	return &f->reasons[n];
}

/* Counted; true where it is to be logged, too. */
static bool
count_reject(struct feed *f, const char *words, int64_t *ret_count)
{
	struct reason *r = reason_of(f, words);
	int64_t now = clock_mono_ms();

	f->state.rejects++;
	*ret_count = ++r->told.count;
	if (r->told.count > 1 && now - r->logged_ms < LOG_AGAIN_MS)
		return false;
	r->logged_ms = now;
	return true;
}

void
feed_reject(struct feed *f, const char *words, const char *detail)
{
	char value[200];
	int64_t count;

	if (count_reject(f, words, &count))
		log_warn("source",
			 "not taken source=%s count=%" PRId64 " why=\"%s\"%s%s",
			 f->name, count, words, detail != NULL ? " said=" : "",
			 detail != NULL ? log_value(value, sizeof value, detail)
					: "");
}

/* The same for what was good, and is gone. */
static void
lose(struct feed *f, const char *words, const char *detail)
{
	char value[200];
	int64_t count;

	if (count_reject(f, words, &count))
		log_error(
		    "source", "source=%s count=%" PRId64 " why=\"%s\"%s%s",
		    f->name, count, words, detail != NULL ? " said=" : "",
		    detail != NULL ? log_value(value, sizeof value, detail)
				   : "");
}

void
feed_up(struct feed *f)
{
	if (f->state.asked && f->state.up)
		return;
	f->state.asked = f->state.up = true;
	f->state.since_ms = clock_wall_ms();
	f->why[0] = '\0';
	feed_heard(f);
	log_info("source", "up source=%s", f->name);
}

void
feed_down(struct feed *f, const char *why)
{
	char value[200], words[sizeof f->why];

	(void)snprintf(words, sizeof words, "%s", why);
	text_clean(words, false);
	if (f->state.asked && !f->state.up && strcmp(f->why, words) == 0)
		return;
	if (f->state.up || !f->state.asked)
		f->state.since_ms = clock_wall_ms();
	f->state.asked = true;
	f->state.up = false;
	memcpy(f->why, words, sizeof words);
	log_warn("source", "down source=%s why=%s", f->name,
		 log_value(value, sizeof value, f->why));
}

void
feed_let_go(struct feed *f)
{
	f->state.asked = f->state.up = false;
	f->state.since_ms = 0;
	f->why[0] = '\0';
}

void
feed_look(const struct feed *f, struct feed_state *ret)
{
	*ret = f->state;
	ret->name = f->name;
	ret->why = f->why;
	ret->waiting = f->count;
	for (size_t i = 0; i < f->state.reason_count; i++)
		ret->reasons[i] = f->reasons[i].told;
}
