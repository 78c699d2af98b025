/* The journal from the loop's side: when it says "kept", and that no disk and
 * no death of its process holds up the loop or loses what was said. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/store/journal.h"
#include "daemon/store/journal_disk.h"
#include "daemon/store/journal_event.h"
#include "tests/harness/loop.h"
#include "tests/harness/redis.h"

#define MOST (16 * 1024 * 1024)

/* Shared with the process that writes: it was forked. */
struct watched_disk {
	atomic_int held;   /* syncs wait while it is 1 */
	atomic_int syncs;  /* that have begun */
	atomic_int synced; /* and ended */
};
static struct watched_disk *shared;
static struct event_base *base;
static char *folder;
static struct journal *journal;

static int
watched_sync(int fd)
{
	const struct timespec nap = { .tv_nsec = 1000 * 1000 };

	(void)atomic_fetch_add(&shared->syncs, 1);
	while (atomic_load(&shared->held) == 1)
		(void)nanosleep(&nap, NULL);
	if (fdatasync(fd) < 0)
		return -1;
	(void)atomic_fetch_add(&shared->synced, 1);
	return 0;
}

static int
reserve_nothing(int fd, off_t size)
{
	(void)fd;
	(void)size;
	return 0;
}

static const struct journal_disk watched = { pwrite, watched_sync,
					     reserve_nothing };

static bool
is_usable(void *cookie)
{
	struct journal_state s;

	(void)cookie;
	journal_look(journal, &s);
	return s.usable;
}

static void
begin(int64_t append_ms)
{
	const struct journal_options o = { .base = base,
					   .folder = folder,
					   .site = "t",
					   .most = MOST,
					   .append_ms = append_ms,
					   .disk = &watched };

	journal = journal_new(&o);
	cr_assert(loop_until(base, is_usable, NULL, 10000));
}

static void
setup(void)
{
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(shared, MAP_FAILED);
	base = event_base_new();
	folder = redis_folder_new();
}

static void
teardown(void)
{
	journal_free(journal);
	event_base_free(base);
	redis_folder_remove(folder);
	free(folder);
}

TestSuite(journal_loop, .init = setup, .fini = teardown, .timeout = 60);

struct told {
	int times;
	bool kept;
	int synced; /* how many syncs had ended by then */
};

static void
on_kept(void *cookie, bool kept)
{
	struct told *t = cookie;

	t->times++;
	t->kept = kept;
	t->synced = atomic_load(&shared->synced);
}

static void
append(struct told *t, const char *text)
{
	journal_append(journal, 1000, text, strlen(text), on_kept, t);
	cr_assert_eq(t->times, 0, "told inside the call that asked");
}

static bool
sync_has_begun(void *cookie)
{
	return atomic_load(&shared->syncs) > *(int *)cookie;
}

/* One is kept, so that a file is there and only records are synced. */
static void
warm_up(void)
{
	struct told t = { 0 };

	append(&t, "first");
	cr_assert(loop_while_zero(base, &t.times, 10000));
	cr_assert(t.kept);
}

/* What stands on disk when the journal is closed, joined; free(). */
static char *
on_disk(void)
{
	const struct journal_file_options o = { .folder = folder,
						.site = "t",
						.most = MOST };
	struct fault fault = { "" };
	enum journal_why why;
	struct journal_file *j = journal_file_open(&o, &why, &fault);
	struct journal_record r;
	struct text all = { 0 };

	cr_assert_not_null(j, "%s", fault.text);
	text_add_str(&all, "");
	while (journal_file_next(j, &r) == 1) {
		text_add(&all, r.data, r.len);
		text_add_str(&all, " ");
	}
	journal_file_close(j);
	return text_take(&all);
}

Test(journal_loop, kept_is_said_after_the_sync_and_not_before)
{
	struct told t = { 0 };
	int before;

	begin(30000);
	warm_up();
	before = atomic_load(&shared->syncs);
	atomic_store(&shared->held, 1);
	append(&t, "second");
	cr_assert(loop_until(base, sync_has_begun, &before, 10000));
	loop_for(base, 100);
	cr_assert_eq(t.times, 0, "it was said before the sync had ended");
	atomic_store(&shared->held, 0);
	cr_assert(loop_while_zero(base, &t.times, 10000));
	cr_assert(t.kept);
	cr_assert_gt(t.synced, before);
}

Test(journal_loop, what_waits_together_is_synced_together)
{
	static struct told t[100];
	struct told one = { 0 };
	int before;

	begin(30000);
	warm_up();
	before = atomic_load(&shared->syncs);
	atomic_store(&shared->held, 1);
	append(&one, "one");
	cr_assert(loop_until(base, sync_has_begun, &before, 10000));
	before = atomic_load(&shared->syncs);
	for (int i = 0; i < 100; i++)
		append(&t[i], "more");
	loop_for(base, 50);
	atomic_store(&shared->held, 0);
	cr_assert(loop_while_zero(base, &t[99].times, 10000));
	for (int i = 0; i < 100; i++)
		cr_assert(t[i].times == 1 && t[i].kept, "%d", i);
	cr_assert_eq(atomic_load(&shared->syncs), before + 1);
}

Test(journal_loop, a_disk_that_hangs_is_told_in_time_and_used_again)
{
	struct told one = { 0 }, two = { 0 }, three = { 0 };
	struct journal_state s;

	begin(100);
	warm_up();
	atomic_store(&shared->held, 1);
	append(&one, "one");
	cr_assert(loop_while_zero(base, &one.times, 10000));
	cr_assert_not(one.kept);
	append(&two, "two");
	cr_assert(loop_while_zero(base, &two.times, 10000));
	cr_assert_not(two.kept);
	journal_look(journal, &s);
	cr_assert_not(s.usable);
	cr_assert_not_null(strstr(s.why, "does not answer"), "%s", s.why);
	atomic_store(&shared->held, 0);
	cr_assert(loop_until(base, is_usable, NULL, 10000));
	append(&three, "three");
	cr_assert(loop_while_zero(base, &three.times, 10000));
	cr_assert(three.kept);
	cr_assert_eq(one.times + two.times, 2, "told twice");
}

Test(journal_loop, a_bounded_number_waits)
{
	static struct told t[10002];

	begin(30000);
	warm_up();
	atomic_store(&shared->held, 1);
	for (int i = 0; i < 10002; i++)
		append(&t[i], "x");
	cr_assert(loop_while_zero(base, &t[10001].times, 10000));
	cr_assert_not(t[10001].kept);
	atomic_store(&shared->held, 0);
	cr_assert(loop_while_zero(base, &t[9999].times, 10000));
	for (int i = 0; i < 10000; i++)
		cr_assert(t[i].times == 1 && t[i].kept, "%d", i);
}

Test(journal_loop, a_killed_process_ends_what_waits_and_is_replaced)
{
	struct told one = { 0 }, two = { 0 };
	int before, pid;

	begin(30000);
	warm_up();
	before = atomic_load(&shared->syncs);
	pid = journal_pid(journal);
	atomic_store(&shared->held, 1);
	append(&one, "one");
	cr_assert(loop_until(base, sync_has_begun, &before, 10000));
	(void)kill(pid, SIGKILL);
	cr_assert(loop_while_zero(base, &one.times, 10000));
	cr_assert_not(one.kept);
	atomic_store(&shared->held, 0);
	cr_assert(loop_until(base, is_usable, NULL, 10000));
	cr_assert_neq(journal_pid(journal), pid);
	append(&two, "two");
	cr_assert(loop_while_zero(base, &two.times, 10000));
	cr_assert(two.kept);
}

Test(journal_loop, what_it_was_given_is_on_disk_when_it_is_freed)
{
	struct told t[50] = { { 0 } };
	char *all;

	begin(30000);
	for (int i = 0; i < 50; i++)
		append(&t[i], "x");
	journal_free(journal);
	journal = NULL;
	for (int i = 0; i < 50; i++)
		cr_assert_eq(t[i].times, 1);
	all = on_disk();
	cr_assert_eq(strlen(all), 100);
	free(all);
}

Test(journal_loop, signals_for_a_whole_service_pass_it_by)
{
	struct told t = { 0 };
	int pid;

	begin(30000);
	pid = journal_pid(journal);
	(void)kill(pid, SIGTERM);
	(void)kill(pid, SIGINT);
	(void)kill(pid, SIGHUP);
	append(&t, "x");
	cr_assert(loop_while_zero(base, &t.times, 10000));
	cr_assert(t.kept);
	cr_assert_eq(journal_pid(journal), pid);
}

/* ---- an event as bytes -------------------------------------------------- */

static const char uuid[] = "5b14070e-203e-5d65-8007-c4a18be50379";

Test(journal_event, comes_back_as_it_was_and_with_a_time)
{
	struct record *e = record_new(), *back = NULL;
	struct text data = { 0 };
	const char *id;

	record_set(e, "type", "call.missed");
	record_set(e, "text", "two\nlines");
	record_set(e, "to", "");
	journal_event_write(&data, uuid, e, 1234);
	id = journal_event_read(&back, data.data, data.len);
	cr_assert_not_null(id);
	cr_assert_str_eq(id, uuid);
	cr_assert_str_eq(record_get(back, "type"), "call.missed");
	cr_assert_str_eq(record_get(back, "text"), "two\nlines");
	cr_assert_str_eq(record_get(back, "to"), "");
	cr_assert_eq(record_int(back, "time", 0), 1234);
	cr_assert_eq(record_count(back), 4);
	record_free(back);
	text_done(&data);
	record_set_int(e, "time", 99);
	journal_event_write(&data, uuid, e, 1234);
	cr_assert_not_null(journal_event_read(&back, data.data, data.len));
	cr_assert_eq(record_int(back, "time", 0), 99);
	record_free(back);
	record_free(e);
	text_done(&data);
}

Test(journal_event, cut_at_any_byte_it_is_none)
{
	struct record *e = record_new(), *back;
	struct text data = { 0 };

	record_set(e, "type", "call.missed");
	journal_event_write(&data, uuid, e, 1234);
	for (size_t len = 0; len < data.len; len++) {
		/* As long as that, so that a sanitizer sees who reads on. */
		char *part = malloc(len > 0 ? len : 1);

		cr_assert_not_null(part);
		memcpy(part, data.data, len);
		cr_assert_null(journal_event_read(&back, part, len), "%zu",
			       len);
		free(part);
	}
	record_free(e);
	text_done(&data);
}
