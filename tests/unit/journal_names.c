/* What else may lie in the journal's folder takes no record with it. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/text.h"
#include "daemon/store/journal_file.h"
#include "tests/harness/redis.h"

static char *folder;

static void
setup(void)
{
	folder = redis_folder_new();
}

static void
teardown(void)
{
	redis_folder_remove(folder);
	free(folder);
}

TestSuite(journal_names, .init = setup, .fini = teardown, .timeout = 60);

static char *
path_of(const char *name)
{
	return text_print("%s/%s", folder, name);
}

static void
put_file(const char *name)
{
	char *path = path_of(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	cr_assert(fd >= 0 && write(fd, "nothing", 7) == 7);
	(void)close(fd);
	free(path);
}

static struct journal_file *
open_it(void)
{
	const struct journal_file_options o = { .folder = folder,
						.site = "t",
						.most = 4 * 1024 * 1024 };
	struct fault fault = { "" };
	enum journal_why why;
	struct journal_file *j = journal_file_open(&o, &why, &fault);

	cr_assert_not_null(j, "%s", fault.text);
	return j;
}

static void
keep(const char *text)
{
	struct journal_file *j = open_it();
	struct fault fault = { "" };

	cr_assert_eq(journal_file_append(j, 1000, text, strlen(text), &fault),
		     JOURNAL_OK, "%s", fault.text);
	cr_assert_eq(journal_file_sync(j, &fault), 0, "%s", fault.text);
	journal_file_close(j);
}

static void
is_kept(const char *text)
{
	struct journal_file *j = open_it();
	struct journal_record r;

	cr_assert_eq(journal_file_next(j, &r), 1);
	cr_expect(r.len == strlen(text) && memcmp(r.data, text, r.len) == 0);
	cr_expect_eq(journal_file_next(j, &r), 0);
	journal_file_close(j);
}

/* Numbering went on behind it, from 0 or where no record is believed. */
Test(journal_names, a_number_that_was_never_given_is_no_segment)
{
	static const char *const names[] = { "ffffffffffffffff.journal",
					     "7ffffffffffffffe.journal",
					     "8000000000000000.journal" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		put_file(names[i]);
	keep("a call");
	is_kept("a call");
}

Test(journal_names, links_pipes_and_folders_are_no_segments)
{
	char *link = path_of("00000000000000aa.journal");
	char *pipe = path_of("00000000000000ab.journal");
	char *dir = path_of("00000000000000ac.journal");

	cr_assert_eq(symlink("/etc/passwd", link), 0);
	cr_assert_eq(mkfifo(pipe, 0600), 0);
	cr_assert_eq(mkdir(dir, 0700), 0);
	put_file("0000000000000000.journal");
	keep("a call");
	is_kept("a call");
	free(link);
	free(pipe);
	free(dir);
}
