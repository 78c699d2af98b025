/* The end of queue_log, read beside the loop. */
#include "daemon/sources/queue_log_read.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "daemon/base/child.h"
#include "daemon/base/text.h"
#include "daemon/sources/queue_log.h"
#include "tests/harness/loop.h"
#include "tests/unit/tempfile.h"

#define SINCE_MS INT64_C(1795617000000)

static struct event_base *base;

struct seen {
	int told;
	size_t count;
	char uniqueids[100]; /* the first ones */
	char why[300];
};

static void
setup(void)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignore, NULL);
	tempfile_open();
	base = event_base_new();
	child_init(base);
}

static void
teardown(void)
{
	child_done();
	event_base_free(base);
	tempfile_close();
}

TestSuite(queue_log_read, .init = setup, .fini = teardown, .timeout = 30);

static void
on_read(void *cookie, const struct queue_log *log, const char *why)
{
	struct seen *s = cookie;
	struct text ids = { 0 };

	s->told++;
	(void)snprintf(s->why, sizeof s->why, "%s", why != NULL ? why : "");
	if (log == NULL)
		return;
	s->count = queue_log_count(log);
	for (size_t i = 0; i < s->count && i < 5; i++)
		text_addf(&ids, "%s ", queue_log_at(log, i)->uniqueid);
	(void)snprintf(s->uniqueids, sizeof s->uniqueids, "%s",
		       ids.data != NULL ? ids.data : "");
	text_done(&ids);
}

static struct seen
read_it(const char *path)
{
	struct seen s = { 0 };

	(void)queue_log_read(path, SINCE_MS, on_read, &s);
	cr_assert_eq(s.told, 0, "told inside the call that asked");
	cr_assert(loop_while_zero(base, &s.told, 20000));
	return s;
}

/* A log with one caller; its last change was that long after SINCE_MS. */
static char *
write_log(const char *name, int caller, int seconds)
{
	char *line = text_print("%d|1.%d|sales|NONE|ENTERQUEUE||1|1\n",
				(int)(SINCE_MS / 1000) + seconds, caller);
	char *path = text_dup(tempfile_text(name, line));
	const struct timeval times[2] = {
		{ .tv_sec = SINCE_MS / 1000 + seconds },
		{ .tv_sec = SINCE_MS / 1000 + seconds }
	};

	cr_assert_eq(utimes(path, times), 0);
	free(line);
	return path;
}

Test(queue_log_read, reads_what_is_there)
{
	char *path = write_log("queue_log", 1, -60);
	struct seen s = read_it(path);

	cr_expect_str_eq(s.uniqueids, "1.1 ");
	cr_expect_str_eq(s.why, "");
	free(path);
}

Test(queue_log_read, what_was_rotated_away_meanwhile_is_read_before_it)
{
	/* Whether .0 or .1 is older depends on who rotates. */
	char *older = write_log("queue_log.1", 1, -500);
	char *old = write_log("queue_log.0", 2, 100);
	char *ancient = write_log("queue_log.2", 3, -1000000);
	char *path = write_log("queue_log", 4, 300);
	struct seen s = read_it(path);

	cr_expect_str_eq(s.uniqueids, "1.1 1.2 1.4 ");
	cr_expect_str_eq(s.why, "");
	free(older);
	free(old);
	free(ancient);
	free(path);
}

Test(queue_log_read, says_when_it_does_not_reach_back)
{
	char *path = write_log("queue_log", 1, 300);
	struct seen s = read_it(path);

	cr_expect_eq(s.count, 1);
	cr_expect(strstr(s.why, "does not reach back") != NULL, "%s", s.why);
	free(path);
}

Test(queue_log_read, of_a_great_file_only_the_end_is_read)
{
	char *path = write_log("queue_log", 1, -60);
	FILE *f = fopen(path, "ae");

	cr_assert(f != NULL);
	/* A hole: a gigabyte that nobody has to write. */
	cr_assert_eq(fseeko(f, (off_t)1 << 30, SEEK_SET), 0);
	cr_assert_eq(ftruncate(fileno(f), (off_t)1 << 30), 0);
	(void)fprintf(f, "\n%d|1.7|sales|NONE|ENTERQUEUE||1|1\n",
		      (int)(SINCE_MS / 1000) + 5);
	cr_assert_eq(fclose(f), 0);
	cr_expect_str_eq(read_it(path).uniqueids, "1.7 ");
	free(path);
}

Test(queue_log_read, says_in_a_sentence_what_helps_where_it_cannot)
{
	char *missing = text_print("%s/nothing", tempfile_folder());
	struct seen s = read_it(missing);

	cr_expect_eq(s.count, 0);
	cr_expect(strstr(s.why, "No such file") != NULL &&
		      strstr(s.why, "queue_log must be") != NULL,
		  "%s", s.why);
	s = read_it(tempfile_folder());
	cr_expect(strstr(s.why, "is no file") != NULL, "%s", s.why);
	free(missing);
}

Test(queue_log_read, a_file_of_others_names_the_group)
{
	char *path = write_log("queue_log", 1, -60);
	struct seen s;

	cr_assert_eq(chmod(path, 0), 0);
	if (geteuid() == 0) {
		/* access(2) asks for the real user. */
		cr_assert_eq(chmod(tempfile_folder(), 0755), 0);
		cr_assert_eq(setreuid(65534, 0), 0);
	}
	s = read_it(path);
	cr_expect(strstr(s.why, "usermod -aG asterisk") != NULL, "%s", s.why);
	free(path);
}

Test(queue_log_read, forgotten_it_tells_nothing)
{
	char *path = write_log("queue_log", 1, -60);
	struct seen s = { 0 };

	queue_log_read_forget(queue_log_read(path, SINCE_MS, on_read, &s));
	loop_for(base, 200);
	cr_expect_eq(s.told, 0);
	queue_log_read_forget(NULL);
	free(path);
}
