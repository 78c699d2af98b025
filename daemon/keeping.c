#include "daemon/keeping.h"

#include <inttypes.h>
#include <stdlib.h>

#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/store/intake.h"
#include "daemon/store/journal.h"
#include "daemon/store/replay.h"

struct keeping {
	struct keeping_options options;
	char *folder;            /* owned */
	struct journal *journal; /* NULL: off */
	struct intake *intake;
	struct replay *replay; /* NULL where there is no journal */
	uint64_t records;      /* that the log knows of */
};

static void
on_changed(void *cookie)
{
	struct keeping *k = cookie;
	struct journal_state state;

	journal_look(k->journal, &state);
	if (k->records == 0 && state.figures.records > 0)
		log_warn(
		    "journal",
		    "keeping=1 events are kept in %s until Redis takes them",
		    k->folder);
	if (state.figures.records > 0)
		k->records = state.figures.records;
	replay_look(k->replay);
}

static void
on_caught_up(void *cookie, uint64_t records)
{
	struct keeping *k = cookie;

	k->records = 0;
	log_info("journal",
		 "replayed=%" PRIu64 " all that was kept is in Redis now",
		 records);
}

static void
on_said(void *cookie, const char *sentence)
{
	(void)cookie;
	log_error("journal", "%s", sentence);
}

static void
on_refused(void *cookie, const char *uuid, const char *why)
{
	const struct keeping *k = cookie;

	log_error("journal",
		  "end=refused event=%s is in %s/refused now; Redis said: %s",
		  uuid, k->folder, why);
}

static bool
is_ready(void *cookie)
{
	const struct keeping *k = cookie;

	return k->options.ready(k->options.cookie);
}

static void
on_zone(void *cookie, const char *zone)
{
	const struct keeping *k = cookie;

	k->options.zone(k->options.cookie, zone);
}

static void
begin_journal(struct keeping *k, const struct policy *p)
{
	const struct journal_options journal = { .base = k->options.base,
						 .folder = p->journal,
						 .site = p->site,
						 .most = p->journal_max,
						 .changed = on_changed,
						 .said = on_said,
						 .cookie = k };
	struct replay_options replay = { .base = k->options.base,
					 .store = k->options.store,
					 .ready = is_ready,
					 .zone = on_zone,
					 .refused = on_refused,
					 .caught_up = on_caught_up,
					 .cookie = k };

	k->journal = journal_new(&journal);
	replay.journal = k->journal;
	k->replay = replay_new(&replay);
}

struct keeping *
keeping_new(const struct keeping_options *options)
{
	struct keeping *k = text_alloc(sizeof *k);
	const struct policy *p = options->policy;

	k->options = *options;
	k->options.policy = NULL; /* a reload frees it */
	k->folder = text_dup(p->journal);
	if (*p->journal != '\0')
		begin_journal(k, p);
	else
		log_warn("journal",
			 "journal=\"\" while Redis is away events are refused");
	k->intake = intake_new(options->store, k->journal, p->patience_ms);
	return k;
}

void
keeping_free(struct keeping *k)
{
	if (k == NULL)
		return;
	replay_free(k->replay);
	journal_free(k->journal);
	intake_free(k->intake);
	free(k->folder);
	free(k);
}

void
keeping_set_policy(struct keeping *k, const struct policy *p)
{
	intake_set_patience(k->intake, p->patience_ms);
}

void
keeping_look(struct keeping *k)
{
	if (k->replay != NULL)
		replay_look(k->replay);
}

struct intake *
keeping_intake(const struct keeping *k)
{
	return k->intake;
}

struct journal *
keeping_journal(const struct keeping *k)
{
	return k->journal;
}
