#include "daemon/store/recovery.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "daemon/base/log.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/store/recent.h"
#include "daemon/store/store_call.h"

#define MOST_BYTES (64 * 1024 * 1024)
/* What one call tells: Lua unpacks the arguments, a few thousand at most. */
#define MOST_WORDS 2000
#define MOST_FACTS 100
#define LOOK_AGAIN_MS 50
#define REFUSED_MS 1000

struct recovery {
	struct recovery_options options;
	struct recent *recent; /* owned */
	struct event *again;   /* owned */
	struct record *cuts;   /* owned: epoch -> the last revision known */
	char *epoch;           /* owned: as the site calls it now */
	const struct recent_kept *at; /* the next to tell; NULL: all are told */
	bool up, asking, told_all, refused;
	uint64_t told;
};

/*
 * A recovery
 *	resume		the link is up: what did this Redis know last?
 *	resumed		the acts that it does not know
 *	tell		are told, some a call,
 *	told		until there are no more;
 *	ask_end		then all wait for each other
 *	end_asked	and it is over
 */
static void resume(struct recovery *);
static void resumed(void *, enum store_end, const struct store_answer *);
static void tell(struct recovery *);
static void told(void *, enum store_end, const struct store_answer *);
static void ask_end(struct recovery *);
static void end_asked(void *, enum store_end, const struct store_answer *);

static struct call *
new_call(struct recovery *r, store_done *done, const char *function)
{
	struct call *c = call_new(r->options.store, done, r, function, NULL);

	call_in_any_epoch(c);
	r->asking = true;
	return c;
}

static void
begin_again(struct recovery *r, int64_t ms)
{
	const struct timeval tv = { .tv_sec = (time_t)(ms / 1000),
				    .tv_usec =
					(suseconds_t)(ms % 1000) * 1000 };

	if (r->up)
		(void)evtimer_add(r->again, &tv);
}

static void
on_again(evutil_socket_t fd, short what, void *cookie)
{
	struct recovery *r = cookie;

	(void)fd;
	(void)what;
	if (!r->up || r->asking)
		return;
	if (r->told_all)
		ask_end(r);
	else
		resume(r);
}

/* False when the call says that the link is gone, or will be: what follows
 * begins with the next one. */
static bool
goes_on(struct recovery *r, enum store_end end, const struct store_answer *a)
{
	char value[400];

	r->asking = false;
	if (!r->up)
		return false;
	if (end == STORE_DONE)
		return true;
	if (end == STORE_REFUSED && !r->refused)
		log_error("recovery", "refused: %s",
			  log_value(value, sizeof value, a->error));
	r->refused = end == STORE_REFUSED;
	r->told_all = false;
	begin_again(r, r->refused ? REFUSED_MS : LOOK_AGAIN_MS);
	return false;
}

static void
resume(struct recovery *r)
{
	struct call *c = new_call(r, resumed, "rb1_resume");

	store_set_epoch(r->options.store, "");
	r->told_all = false;
	r->told = 0;
	call_add(c, store_daemon(r->options.store));
	call_add(c, r->options.run_id(r->options.cookie));
	call_add_int(c, recent_fence(r->recent));
	call_add_int(c, recent_number(r->recent));
	call_add(c, r->options.log_id(r->options.cookie));
	call_send(c);
}

/* A Redis that knows of no epoch before its own, and there was one. */
static void
tell_if_empty(const struct recovery *r, const char *epoch)
{
	if (r->epoch == NULL || *r->epoch == '\0' ||
	    strcmp(r->epoch, epoch) == 0 || record_count(r->cuts) > 0)
		return;
	log_error("recovery",
		  "Redis came back empty: items, customers, agents and tokens "
		  "are gone, but for what was acknowledged a moment ago. If "
		  "there is a copy of its data, stop Redis and put it back");
}

static void
note_cuts(struct recovery *r, const struct store_answer *a)
{
	record_free(r->cuts);
	r->cuts = record_new();
	for (size_t i = 0; i < a->count; i++) {
		const struct record *cut = a->sections[i].fields;

		if (strcmp(a->sections[i].name, "cut") == 0 &&
		    record_get(cut, "epoch") != NULL)
			record_set(r->cuts, record_get(cut, "epoch"),
				   record_get(cut, "rev"));
	}
}

static void
resumed(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct recovery *r = cookie;
	const char *epoch;

	if (!goes_on(r, end, a))
		return;
	epoch = record_text(answer_section(a, "site"), "epoch");
	note_cuts(r, a);
	tell_if_empty(r, epoch);
	free(r->epoch);
	r->epoch = text_dup(epoch);
	recent_pin(r->recent, true);
	r->at = recent_first(r->recent);
	tell(r);
}

/* Does this Redis not know it?  What it says of the epoch decides. */
static bool
is_lost(const struct recovery *r, const struct recent_kept *k)
{
	return *k->epoch != '\0' && strcmp(k->epoch, r->epoch) != 0 &&
	       k->rev > record_int(r->cuts, k->epoch, -1);
}

static void
tell(struct recovery *r)
{
	struct call *c = new_call(r, told, "rb1_facts");
	size_t words = 0, facts = 0;
	const struct recent_kept *k;

	for (k = r->at; k != NULL; k = k->next) {
		if (!is_lost(r, k))
			continue;
		if (facts == MOST_FACTS ||
		    (facts > 0 && words + k->count > MOST_WORDS))
			break;
		facts++;
		words += k->count;
	}
	call_add(c, store_daemon(r->options.store));
	call_add(c, k == NULL ? "1" : "0");
	for (const struct recent_kept *one = r->at; one != k; one = one->next) {
		for (size_t i = 0; is_lost(r, one) && i < one->count; i++)
			call_add(c, one->words[i]);
	}
	r->at = k;
	r->told += facts;
	call_send(c);
}

static void
told(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct recovery *r = cookie;

	if (!goes_on(r, end, a)) {
		recent_pin(r->recent, false);
		return;
	}
	if (r->at != NULL) {
		tell(r);
		return;
	}
	recent_pin(r->recent, false);
	r->told_all = true;
	ask_end(r);
}

static void
ask_end(struct recovery *r)
{
	call_send(new_call(r, end_asked, "rb1_recover"));
}

static void
end_asked(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct recovery *r = cookie;
	const struct record *counts;

	if (!goes_on(r, end, a))
		return;
	if (strcmp(a->word, "more") == 0) {
		ask_end(r);
		return;
	}
	if (strcmp(a->word, "ok") != 0) {
		begin_again(r, LOOK_AGAIN_MS);
		return;
	}
	counts = answer_section(a, "recovered");
	if (r->told > 0)
		log_info("recovery",
			 "told=%" PRIu64 " restored=%" PRId64
			 " failed=%" PRId64,
			 r->told, record_int(counts, "restored", 0),
			 record_int(counts, "failed", 0));
	store_set_epoch(r->options.store, r->epoch);
	r->options.over(r->options.cookie);
}

/* ---- life --------------------------------------------------------------- */

/* A call was refused: another Redis took over behind the same link, or its data
 * went away under our hands. */
static void
on_recovering(void *cookie)
{
	struct recovery *r = cookie;

	if (!r->up || r->asking || store_recovering(r->options.store))
		return;
	store_set_epoch(r->options.store, "");
	r->told_all = false;
	begin_again(r, 0);
}

void
recovery_link(struct recovery *r, bool up)
{
	r->up = up;
	(void)evtimer_del(r->again);
	store_set_epoch(r->options.store, "");
	r->told_all = false;
	if (up && !r->asking)
		resume(r);
}

struct recovery *
recovery_new(const struct recovery_options *options)
{
	struct recovery *r = text_alloc(sizeof *r);
	struct store_watch watch = { .recovering = on_recovering, .cookie = r };

	r->options = *options;
	r->recent = recent_new(options->keep_ms, MOST_BYTES);
	r->again = evtimer_new(options->base, on_again, r);
	if (r->again == NULL)
		abort();
	watch.recent = r->recent;
	store_watch(options->store, &watch);
	return r;
}

void
recovery_set_keep(struct recovery *r, int64_t keep_ms)
{
	recent_set_keep(r->recent, keep_ms);
}

void
recovery_free(struct recovery *r)
{
	if (r == NULL)
		return;
	event_free(r->again);
	recent_free(r->recent);
	record_free(r->cuts);
	free(r->epoch);
	free(r);
}
