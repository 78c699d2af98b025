#include "daemon/pausing.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "daemon/base/clock.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/sources/feed.h"
#include "daemon/sources/feeds.h"
#include "daemon/store/store.h"

/* So often at most, however much is done; and at least, whatever is missed. */
#define REST_MS 200
#define LOOK_MS 30000

struct phone {
	LIST_ENTRY(phone) all;
	char *number; /* owned */
	bool paused;  /* told so */
	bool holding; /* as Redis says */
};

/*
 *	pausing_entry	somebody may hold, or hold no more
 *	look		Redis is asked
 *	on_phones	what differs is told to the sources
 */
struct pausing {
	struct store *store;
	const struct feeds *feeds;
	struct event *rest; /* owned */
	LIST_HEAD(, phone) phones;
	int64_t looked_ms; /* monotonic */
	int64_t ups;       /* since when the links are up, all added */
	bool asking, again;
	bool all; /* tell them also what does not differ */
};

static struct phone *
phone_of(struct pausing *p, const char *number)
{
	struct phone *f;

	LIST_FOREACH(f, &p->phones, all)
	{
		if (strcmp(f->number, number) == 0)
			return f;
	}
	f = text_alloc(sizeof *f);
	f->number = text_dup(number);
	LIST_INSERT_HEAD(&p->phones, f, all);
	return f;
}

static void
forget(struct phone *f)
{
	LIST_REMOVE(f, all);
	free(f->number);
	free(f);
}

/* A phone that is nobody's any more is paused no more. */
static void
tell(struct pausing *p)
{
	struct phone *f, *next;

	for (f = LIST_FIRST(&p->phones); f != NULL; f = next) {
		next = LIST_NEXT(f, all);
		if (f->holding != f->paused || p->all)
			feeds_pause(p->feeds, f->number, f->holding);
		f->paused = f->holding;
	}
	p->all = false;
}

static void
forget_strangers(struct pausing *p, const struct store_answer *a)
{
	struct phone *f, *next;

	for (f = LIST_FIRST(&p->phones); f != NULL; f = next) {
		bool known = f->paused;

		next = LIST_NEXT(f, all);
		for (size_t i = 0; i < a->count && !known; i++)
			known =
			    strcmp(record_text(a->sections[i].fields, "phone"),
				   f->number) == 0;
		if (!known)
			forget(f);
	}
}

static void look(struct pausing *);

static void
on_phones(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct pausing *p = cookie;
	struct phone *f;

	p->asking = false;
	if (end == STORE_DONE) {
		LIST_FOREACH(f, &p->phones, all)
		f->holding = false;
		for (size_t i = 0; i < a->count; i++) {
			const struct record *r = a->sections[i].fields;

			if (!record_has(r, "phone"))
				continue;
			f = phone_of(p, record_text(r, "phone"));
			/* Two may share one. */
			f->holding = f->holding || record_has(r, "holding");
		}
		tell(p);
		forget_strangers(p, a);
	}
	if (p->again)
		look(p);
}

static void
look(struct pausing *p)
{
	int64_t left = p->looked_ms + REST_MS - clock_mono_ms();
	const struct timeval tv = { .tv_usec = REST_MS * 1000 };

	p->again = p->asking;
	if (p->asking || evtimer_pending(p->rest, NULL))
		return;
	if (left > 0) {
		(void)evtimer_add(p->rest, &tv);
		return;
	}
	p->asking = true;
	p->looked_ms = clock_mono_ms();
	store_phones(p->store, on_phones, p);
}

static void
on_rest(evutil_socket_t fd, short what, void *cookie)
{
	(void)fd;
	(void)what;
	look(cookie);
}

struct pausing *
pausing_new(struct event_base *base, struct store *store,
	    const struct feeds *feeds)
{
	struct pausing *p = text_alloc(sizeof *p);

	p->store = store;
	p->feeds = feeds;
	p->looked_ms = clock_mono_ms() - LOOK_MS;
	LIST_INIT(&p->phones);
	p->rest = evtimer_new(base, on_rest, p);
	if (p->rest == NULL)
		abort();
	return p;
}

void
pausing_free(struct pausing *p)
{
	if (p == NULL)
		return;
	while (!LIST_EMPTY(&p->phones))
		forget(LIST_FIRST(&p->phones));
	event_free(p->rest);
	free(p);
}

/* Whatever gives somebody to an agent or takes him away; an item that was moved
 * or dropped may have been another's than his who did it. */
void
pausing_entry(struct pausing *p, const struct record *entry)
{
	static const char *const types[] = {
		"held",     "undone",    "released",    "expired",
		"put-back", "put-off",   "tried",       "closed",
		"moved",    "forgotten", "agent-phone", "customer-changed",
	};
	const char *type = record_text(entry, "type");

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (strcmp(types[i], type) == 0) {
			pausing_look(p);
			return;
		}
	}
}

/* Is there any system to which it would be told? */
static bool
anybody_listens(const struct pausing *p)
{
	struct feed_state state;

	for (size_t i = 0; i < feeds_count(p->feeds); i++) {
		feed_look(feeds_at(p->feeds, i), &state);
		if (state.asked && state.up)
			return true;
	}
	return false;
}

/* A link came up since we looked last, or another did. */
static bool
came_up(struct pausing *p)
{
	struct feed_state state;
	int64_t sum = 0, before = p->ups;

	for (size_t i = 0; i < feeds_count(p->feeds); i++) {
		feed_look(feeds_at(p->feeds, i), &state);
		if (state.asked && state.up)
			sum += state.since_ms;
	}
	p->ups = sum;
	return sum != 0 && sum != before;
}

void
pausing_look(struct pausing *p)
{
	if (anybody_listens(p))
		look(p);
}

void
pausing_refresh(struct pausing *p)
{
	bool anew = came_up(p);

	p->all = p->all || anew;
	if (anew || clock_mono_ms() - p->looked_ms >= LOOK_MS)
		pausing_look(p);
}
