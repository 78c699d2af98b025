/* What a source told, on its way to a real Redis: taken for good, whatever
 * Redis does meanwhile. */
#include "daemon/sources/feed.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/policy/policy.h"
#include "daemon/store/intake.h"
#include "daemon/store/journal.h"
#include "daemon/store/rds.h"
#include "daemon/store/store.h"
#include "tests/harness/loop.h"
#include "tests/harness/site.h"

#define SOON 20000

static struct site *s;
static struct event_base *base;
static struct rds *rds;
static struct store *store;
static struct journal *journal;
static struct intake *intake;
static struct feed *feed;
static char *folder;
static char region[] = "DE", zone[] = "Europe/Berlin";
static const struct policy policy = { .region = region, .timezone = zone };

static bool
is_up(void *cookie)
{
	(void)cookie;
	return rds_is_up(rds);
}

static bool
is_down(void *cookie)
{
	return !is_up(cookie);
}

static void
begin(void)
{
	intake = intake_new(store, journal, 250);
	feed = feed_new(
	    &(struct feed_options){
		.base = base, .intake = intake, .store = store, .name = "pbx" },
	    &policy);
}

static void
setup(void)
{
	struct fault fault = { "" };

	s = site_start();
	base = event_base_new();
	folder = redis_folder_new();
	rds = rds_new(
	    base, &(struct rds_options){ .address = redis_socket(s->redis) },
	    &fault);
	cr_assert_not_null(rds, "%s", fault.text);
	store = store_new(rds, "t", "d1");
	cr_assert(loop_until(base, is_up, NULL, SOON));
}

/* As the daemon does it. */
static void
teardown(void)
{
	rds_close(rds);
	journal_free(journal);
	intake_free(intake);
	feed_free(feed);
	rds_free(rds);
	store_free(store);
	event_base_free(base);
	redis_folder_remove(folder);
	free(folder);
	site_stop(s);
}

TestSuite(feed, .init = setup, .fini = teardown, .timeout = 60);

static bool
is_usable(void *cookie)
{
	struct journal_state state;

	(void)cookie;
	journal_look(journal, &state);
	return state.usable;
}

static void
begin_journal(void)
{
	journal = journal_new(&(struct journal_options){
	    .base = base, .folder = folder, .site = "t", .most = 1 << 24 });
	cr_assert(loop_until(base, is_usable, NULL, SOON));
	begin();
}

static struct feed_state
look(void)
{
	struct feed_state state;

	feed_look(feed, &state);
	return state;
}

static bool
is_idle(void *cookie)
{
	(void)cookie;
	return look().waiting == 0;
}

static void
tell(const char *type, int number, const char *name)
{
	struct record *e = record_new();
	char id[20], from[30];

	(void)snprintf(id, sizeof id, "c%d", number);
	(void)snprintf(from, sizeof from, "+4930%07d", 1000000 + number);
	record_set(e, "type", type);
	record_set(e, "id", id);
	record_set(e, "from", from);
	record_set(e, "queue", "sales");
	record_set(e, "name", name);
	feed_event(feed, e);
}

static void
redis_goes(void)
{
	redis_kill9(s->redis);
	cr_assert(loop_until(base, is_down, NULL, SOON));
}

/* It is empty, as that of a site always is in tests. */
static void
redis_comes(void)
{
	redis_restart(s->redis);
	redis_load_library(s->redis);
	redis_must(s->redis, "SET", site_key("virtual"), "1", NULL);
	(void)site_policy(s, NULL);
}

static int64_t
events_in_redis(void)
{
	return strtoll(
	    redis_str(s->redis, "HGET", site_key("source_events"), "pbx", NULL),
	    NULL, 10);
}

/* ---- taken, and not ----------------------------------------------------- */

Test(feed, an_event_is_in_redis_and_gone_from_here)
{
	begin();
	tell("call.missed", 1, "Ann");
	cr_assert_eq(look().waiting, 1);
	cr_assert(loop_until(base, is_idle, NULL, SOON));
	cr_assert_str_eq(site_field(s, 1001, "name"), "Ann");
	cr_assert_str_eq(site_field(s, 1001, "source"), "pbx");
	cr_assert_eq(look().events, 1);
}

Test(feed, what_is_no_utf8_is_read_as_latin1)
{
	begin();
	tell("call.missed", 1, "M\xfcller \x1b[2J\r\n\x9b");
	cr_assert(loop_until(base, is_idle, NULL, SOON));
	cr_assert_str_eq(site_field(s, 1001, "name"), "M\xc3\xbcller ?[2J???");
}

Test(feed, what_is_no_event_is_counted_and_dropped)
{
	struct feed_state state;

	begin();
	tell("call.lost", 1, "Ann");
	state = look();
	cr_assert_eq(state.waiting, 0);
	cr_assert_eq(state.events, 0);
	cr_assert_eq(state.rejects, 1);
	cr_assert_str_eq(state.reasons[0].words, "not an event");
}

Test(feed, of_many_reasons_the_last_come_together)
{
	struct feed_state state;
	char words[80];

	begin();
	for (int i = 0; i < 100; i++) {
		(void)snprintf(
		    words, sizeof words,
		    "%02d is a reason of many words, more than there "
		    "is room",
		    i);
		feed_reject(feed, words, "\x1b]0;x\x07");
		feed_reject(feed, words, NULL);
	}
	state = look();
	cr_assert_eq(state.rejects, 200);
	cr_assert_eq(state.reason_count, FEED_REASONS);
	cr_assert_eq(state.reasons[0].count, 2);
	cr_assert_str_eq(state.reasons[FEED_REASONS - 1].words,
			 "other reasons");
}

/* ---- Redis away --------------------------------------------------------- */

Test(feed, without_a_journal_events_wait_and_come_in_order)
{
	begin();
	redis_goes();
	for (int i = 0; i < 200; i++)
		tell("call.missed", i, "Ann");
	loop_for(base, 1500); /* they are tried, and come back */
	cr_assert_eq(look().waiting, 200);
	redis_comes();
	cr_assert(loop_until(base, is_idle, NULL, SOON));
	for (int i = 0; i < 200; i++) {
		char phone[30];

		(void)snprintf(phone, sizeof phone, "+4930%07d", 1000000 + i);
		cr_assert_str_eq(site_field(s, 1001 + i, "phone"), phone);
	}
	cr_assert_eq(events_in_redis(), 200);
	cr_assert_eq(look().rejects, 0);
}

Test(feed, with_a_journal_events_are_kept_on_disk)
{
	struct journal_state state;

	begin_journal();
	redis_goes();
	for (int i = 0; i < 200; i++)
		tell("call.missed", i, "Ann");
	cr_assert(loop_until(base, is_idle, NULL, SOON));
	journal_look(journal, &state);
	cr_assert_eq(state.figures.records, 200);
	cr_assert_eq(look().rejects, 0);
}

Test(feed, a_flood_waits_and_what_is_too_much_is_counted)
{
	begin();
	redis_goes();
	for (int i = 0; i < FEED_MOST + 5; i++)
		tell("feedback", i, NULL);
	cr_assert_eq(look().waiting, FEED_MOST);
	cr_assert_eq(look().rejects, 5);
	cr_assert_str_eq(look().reasons[0].words,
			 "lost: too many wait for Redis");
	redis_comes();
	cr_assert(loop_until(base, is_idle, NULL, 50000));
	cr_assert_eq(events_in_redis(), FEED_MOST);
}

/* What is written down so far may be told a moment later. */
static bool
has_kept_some(void *cookie)
{
	struct journal_state state;

	(void)cookie;
	journal_look(journal, &state);
	return state.figures.records >= 500;
}

static bool
is_all_there(void *cookie)
{
	struct journal_state state;

	(void)cookie;
	journal_look(journal, &state);
	return events_in_redis() + (int64_t)state.figures.records >=
	       FEED_MOST * 3 / 4;
}

/* Redis answers, but not as fast as they come. */
Test(feed, of_a_flood_the_journal_takes_what_redis_does_not)
{
	begin_journal();
	for (int i = 0; i < FEED_MOST * 3 / 4; i++)
		tell("feedback", i, NULL);
	cr_assert(loop_until(base, has_kept_some, NULL, SOON));
	cr_assert(loop_until(base, is_idle, NULL, 50000));
	cr_assert(loop_until(base, is_all_there, NULL, SOON));
	cr_assert_eq(look().rejects, 0);
}

Test(feed, a_frozen_redis_loses_nothing_and_doubles_nothing)
{
	begin();
	redis_freeze(s->redis);
	for (int i = 0; i < 300; i++)
		tell("call.missed", i, "Ann");
	loop_for(base, 3000);
	redis_thaw(s->redis);
	cr_assert(loop_until(base, is_idle, NULL, SOON));
	cr_assert_eq(
	    redis_int(s->redis, "HGET", site_key("site"), "number", NULL), 300);
}

/* ---- the end ------------------------------------------------------------ */

/* teardown ends it with events at Redis, in the journal's hands, and waiting.
 */
Test(feed, it_ends_with_events_on_their_way)
{
	begin_journal();
	redis_freeze(s->redis);
	for (int i = 0; i < 300; i++)
		tell("call.missed", i, "Ann");
	loop_for(base, 50);
	cr_assert_gt(look().waiting, 0);
	redis_thaw(s->redis);
}

/* ---- up and down -------------------------------------------------------- */

Test(feed, it_knows_since_when_it_is_down_and_why)
{
	struct feed_state state;
	int64_t since;

	begin();
	cr_assert_not(look().asked);
	feed_down(feed, "no route\x1b[2J");
	state = look();
	cr_assert(state.asked);
	cr_assert_not(state.up);
	cr_assert_str_eq(state.why, "no route?[2J");
	since = state.since_ms;
	feed_down(feed, "refused");
	cr_assert_str_eq(look().why, "refused");
	cr_assert_eq(look().since_ms, since);
	feed_up(feed);
	cr_assert(look().up);
	cr_assert_str_empty(look().why);
	feed_let_go(feed);
	cr_assert_not(look().asked);
}
