#include "daemon/resend.h"

#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/links.h"
#include "daemon/policy/policy.h"
#include "daemon/store/journal.h"
#include "daemon/store/replay.h"
#include "daemon/store/store.h"

#define LOOK_MS 100
/* Redis may be started in the meantime, but nobody waits for ever. */
#define PATIENCE_MS 30000
#define BAR 40

struct resend {
	struct event_base *base;
	const char *folder;
	struct links *links;
	struct journal *journal;
	struct replay *replay;
	struct event *on_term, *on_int, *on_look;
	bool opened, stopped, all;
	uint64_t found;      /* records there were at the beginning */
	uint64_t seen_done;  /* when there was progress last */
	int64_t progress_at; /* monotonic */
	int status;
	bool bar; /* on a terminal */
};

static void
finish(struct resend *r, int status)
{
	r->status = status;
	r->stopped = true;
	(void)event_base_loopbreak(r->base);
}

/* ---- while it runs ------------------------------------------------------ */

static void
draw(const struct resend *r, uint64_t done)
{
	uint64_t of = r->found > done ? r->found : done;
	int full = of > 0 ? (int)(done * BAR / of) : BAR;

	if (!r->bar)
		return;
	(void)fprintf(stderr, "\r[%.*s%.*s] %" PRIu64 " of %" PRIu64, full,
		      "########################################", BAR - full,
		      "                                        ", done, of);
}

static void
on_look(evutil_socket_t fd, short what, void *cookie)
{
	struct resend *r = cookie;
	struct replay_figures f;

	(void)fd;
	(void)what;
	replay_look(r->replay);
	replay_figures(r->replay, &f);
	draw(r, f.done);
	if (f.done > r->seen_done)
		r->progress_at = clock_mono_ms();
	r->seen_done = f.done;
	if (clock_mono_ms() - r->progress_at > PATIENCE_MS)
		finish(r, EX_TEMPFAIL);
}

static void
on_signal(evutil_socket_t fd, short what, void *cookie)
{
	(void)fd;
	(void)what;
	finish(cookie, EX_TEMPFAIL);
}

static void
on_changed(void *cookie)
{
	struct resend *r = cookie;
	struct journal_state state;

	journal_look(r->journal, &state);
	if (!state.usable)
		return;
	if (!r->opened)
		r->found = state.figures.records;
	r->opened = true;
	if (state.figures.records == 0) {
		r->all = true;
		finish(r, EX_OK);
	} else {
		replay_look(r->replay);
	}
}

static void
on_said(void *cookie, const char *sentence)
{
	struct resend *r = cookie;
	struct journal_state state;

	journal_look(r->journal, &state);
	(void)fprintf(stderr, "%sringbackd: %s\n", r->bar ? "\n" : "",
		      sentence);
	if (!r->opened && strcmp(state.why, sentence) == 0)
		finish(r, EX_NOINPUT);
}

static void
on_refused(void *cookie, const char *uuid, const char *why)
{
	const struct resend *r = cookie;

	(void)fprintf(stderr,
		      "%sringbackd: Redis refused the event %s (%s); it is in "
		      "%s/refused now.\n",
		      r->bar ? "\n" : "", uuid, why, r->folder);
}

static void
on_recovered(void *cookie)
{
	struct resend *r = cookie;

	replay_look(r->replay);
}

static void
on_entry(void *cookie, const char *id, const struct record *entry)
{
	(void)cookie;
	(void)id;
	(void)entry;
}

static void
on_hint(void *cookie, const char *agent, const char *daemon)
{
	(void)cookie;
	(void)agent;
	(void)daemon;
}

/* ---- what came of it ---------------------------------------------------- */

static const char *
why_not(const struct resend *r, const struct replay_figures *f)
{
	const struct store *store = links_store(r->links);

	if (store_down_since_ms(store) > 0)
		return store_why(store);
	return *f->why != '\0' ? f->why : "it was stopped";
}

static void
report(const struct resend *r)
{
	struct replay_figures f;
	uint64_t taken;

	replay_figures(r->replay, &f);
	taken = f.done - f.refused;
	draw(r, f.done);
	if (r->bar)
		(void)fputs("\n", stderr);
	if (r->all && f.done == 0) {
		(void)printf("Nothing is kept in %s.\n", r->folder);
		return;
	}
	(void)printf("%" PRIu64 " event%s of %s %s in Redis now", taken,
		     taken == 1 ? "" : "s", r->folder,
		     taken == 1 ? "is" : "are");
	if (f.repeated > 0)
		(void)printf(", %" PRIu64 " of which it knew already",
			     f.repeated);
	(void)printf(".\n");
	if (f.refused > 0)
		(void)printf("%" PRIu64 " %s refused, and kept in "
			     "%s/refused.\n",
			     f.refused, f.refused == 1 ? "was" : "were",
			     r->folder);
	if (!r->all)
		(void)printf("The rest is still there (%s): run it again.\n",
			     why_not(r, &f));
}

/* ---- build, run, free --------------------------------------------------- */

static struct event *
timed(struct resend *r, short what, int signal, event_callback_fn call)
{
	const struct timeval tv = { .tv_usec = LOOK_MS * 1000 };
	struct event *ev = event_new(r->base, signal, what, call, r);

	if (ev == NULL || event_add(ev, signal < 0 ? &tv : NULL) < 0)
		abort();
	return ev;
}

static int
build(struct resend *r, const struct policy *p, struct fault *fault)
{
	const struct links_options links = {
		.base = r->base,
		.policy = p,
		.daemon = "replay",
		.recovered = on_recovered,
		.tail = { .entry = on_entry, .hint = on_hint, .cookie = r },
		.cookie = r
	};
	const struct journal_options journal = { .base = r->base,
						 .folder = r->folder,
						 .site = p->site,
						 .most = p->journal_max,
						 .changed = on_changed,
						 .said = on_said,
						 .cookie = r };
	struct replay_options replay = { .base = r->base,
					 .refused = on_refused,
					 .cookie = r };

	r->links = links_new(&links, fault);
	if (r->links == NULL)
		return -1;
	r->journal = journal_new(&journal);
	replay.store = links_store(r->links);
	replay.journal = r->journal;
	r->replay = replay_new(&replay);
	r->on_term = timed(r, EV_SIGNAL | EV_PERSIST, SIGTERM, on_signal);
	r->on_int = timed(r, EV_SIGNAL | EV_PERSIST, SIGINT, on_signal);
	r->on_look = timed(r, EV_PERSIST, -1, on_look);
	return 0;
}

static void
done(struct resend *r)
{
	links_close(r->links);
	replay_free(r->replay);
	journal_free(r->journal);
	links_free(r->links);
	if (r->on_look != NULL) {
		event_free(r->on_term);
		event_free(r->on_int);
		event_free(r->on_look);
	}
	event_base_free(r->base);
}

int
resend_run(const struct policy *policy, const char *folder)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct resend r = { .folder = folder,
			    .bar = isatty(STDERR_FILENO) == 1,
			    .progress_at = clock_mono_ms() };
	struct replay_figures f = { 0 };
	struct fault fault = { "" };

	(void)sigaction(SIGPIPE, &ignore, NULL);
	if (access(folder, F_OK) < 0) {
		(void)fprintf(stderr, "ringbackd: There is no folder %s.\n",
			      folder);
		return EX_NOINPUT;
	}
	r.base = event_base_new();
	if (r.base == NULL)
		abort();
	if (build(&r, policy, &fault) < 0) {
		(void)fprintf(stderr, "ringbackd: %s\n", fault.text);
		r.status = EX_CONFIG;
	} else {
		(void)event_base_dispatch(r.base);
		if (r.opened)
			report(&r);
		replay_figures(r.replay, &f);
		if (r.status == EX_OK && f.refused > 0)
			r.status = EX_DATAERR;
	}
	done(&r);
	return fflush(stdout) == 0 ? r.status : EX_IOERR;
}
