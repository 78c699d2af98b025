#include "daemon/store/intake.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/store/journal.h"
#include "daemon/store/journal_event.h"
#include "daemon/store/trouble.h"

struct intake {
	struct store *store;     /* borrowed */
	struct journal *journal; /* borrowed, or NULL */
	int64_t patience_ms;
};

/*
 * An event
 *	intake_event	to Redis; or, by intake_keep, into the journal at once
 *	stored		taken; or into the journal
 *	kept		or not: then as the store ended it
 */
struct call {
	struct intake *intake;      /* borrowed */
	const struct record *event; /* borrowed until done */
	store_done *done;
	void *cookie;
	char *uuid; /* owned */
	int64_t at_ms;
	enum store_end end;
	char *word, *error; /* owned: of the store's answer */
};
static void stored(void *, enum store_end, const struct store_answer *);
static void kept(void *, bool);

struct intake *
intake_new(struct store *store, struct journal *journal, int64_t patience_ms)
{
	struct intake *in = text_alloc(sizeof *in);

	in->store = store;
	in->journal = journal;
	in->patience_ms = patience_ms;
	return in;
}

void
intake_set_patience(struct intake *in, int64_t ms)
{
	in->patience_ms = ms;
}

void
intake_free(struct intake *in)
{
	free(in);
}

bool
intake_is_passing(enum store_end end, const struct store_answer *a)
{
	switch (end) {
	case STORE_NOT_SENT:
	case STORE_UNKNOWN: return true;
	case STORE_REFUSED: return trouble_passes(a->error);
	case STORE_DONE: return strcmp(a->word, "recovering") == 0;
	case STORE_KEPT: break;
	}
	return false;
}

bool
intake_can_keep(const struct intake *in)
{
	struct journal_state state = { 0 };

	if (in->journal != NULL)
		journal_look(in->journal, &state);
	return state.usable;
}

static struct call *
call_new(struct intake *in, const char *uuid, const struct record *event,
	 store_done *done, void *cookie)
{
	struct call *c = text_alloc(sizeof *c);

	c->intake = in;
	c->event = event;
	c->done = done;
	c->cookie = cookie;
	c->uuid = text_dup(uuid);
	c->at_ms = store_now_ms(in->store);
	return c;
}

/* Where nothing can be kept, Redis gets all the time that it may have. */
void
intake_event(struct intake *in, const char *uuid, const struct record *event,
	     store_done *done, void *cookie)
{
	const struct store_event e = { .uuid = uuid,
				       .fields = event,
				       .patience_ms = intake_can_keep(in)
							  ? in->patience_ms
							  : 0 };

	store_event(in->store, &e, stored,
		    call_new(in, uuid, event, done, cookie));
}

static void
keep(struct call *c)
{
	struct text data = { 0 };

	journal_event_write(&data, c->uuid, c->event, c->at_ms);
	journal_append(c->intake->journal, c->at_ms, data.data, data.len, kept,
		       c);
	text_done(&data);
}

void
intake_keep(struct intake *in, const char *uuid, const struct record *event,
	    store_done *done, void *cookie)
{
	struct call *c;

	if (!intake_can_keep(in)) {
		intake_event(in, uuid, event, done, cookie);
		return;
	}
	c = call_new(in, uuid, event, done, cookie);
	c->end = STORE_NOT_SENT;
	c->word = text_dup("");
	c->error = text_dup("");
	keep(c);
}

static void
finish(struct call *c, enum store_end end, const struct store_answer *a)
{
	c->done(c->cookie, end, a);
	free(c->uuid);
	free(c->word);
	free(c->error);
	free(c);
}

static void
stored(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct call *c = cookie;

	if (c->intake->journal == NULL || !intake_is_passing(end, a)) {
		finish(c, end, a);
		return;
	}
	c->end = end;
	c->word = text_dup(a->word);
	c->error = text_dup(a->error);
	keep(c);
}

static void
kept(void *cookie, bool ok)
{
	struct call *c = cookie;
	const struct store_answer none = { .word = "", .error = "" };
	const struct store_answer as_before = { .word = c->word,
						.error = c->error };

	if (ok)
		finish(c, STORE_KEPT, &none);
	else
		finish(c, c->end, &as_before);
}
