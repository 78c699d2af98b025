/* The journal's files: what a crash, a bad disk or a full one leaves of them.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/text.h"
#include "daemon/store/journal_disk.h"
#include "daemon/store/journal_file.h"
#include "tests/harness/redis.h"

#define MOST (4 * 1024 * 1024)

static char *folder;
static int said;
static int write_fails, sync_fails; /* errno, or 0 */

static void
setup(void)
{
	folder = redis_folder_new();
	said = 0;
	write_fails = sync_fails = 0;
}

static void
teardown(void)
{
	redis_folder_remove(folder);
	free(folder);
}

TestSuite(journal_file, .init = setup, .fini = teardown, .timeout = 60);

/* ---- a disk that fails on demand ---------------------------------------- */

/* Half of it is written, as on a disk that has just become full. */
static ssize_t
bad_write(int fd, const void *bytes, size_t len, off_t at)
{
	if (write_fails == 0)
		return pwrite(fd, bytes, len, at);
	if (len > 1)
		return pwrite(fd, bytes, len / 2, at);
	errno = write_fails;
	return -1;
}

static int
bad_sync(int fd)
{
	errno = sync_fails;
	return sync_fails != 0 ? -1 : fdatasync(fd);
}

static const struct journal_disk bad_disk = { bad_write, bad_sync, NULL };

static int
no_reserve(int fd, off_t size)
{
	(void)fd;
	(void)size;
	errno = write_fails;
	return write_fails != 0 ? -1 : 0;
}

/* ---- short words --------------------------------------------------------- */

static void
on_said(void *cookie, const char *sentence)
{
	(void)cookie;
	cr_assert_gt(strlen(sentence), 20);
	said++;
}

static struct journal_file *
open_with(const struct journal_file_options *more)
{
	static struct journal_disk disk;
	struct journal_file_options o = *more;
	struct fault fault = { "" };
	enum journal_why why;
	struct journal_file *j;

	disk = bad_disk;
	disk.reserve = no_reserve;
	o.folder = folder;
	o.site = o.site != NULL ? o.site : "t";
	o.most = o.most != 0 ? o.most : MOST;
	o.said = on_said;
	o.disk = &disk;
	j = journal_file_open(&o, &why, &fault);
	cr_assert_not_null(j, "%s", fault.text);
	return j;
}

static struct journal_file *
open_it(void)
{
	return open_with(&(struct journal_file_options){ 0 });
}

static enum journal_why
add(struct journal_file *j, const char *text)
{
	struct fault fault = { "" };
	enum journal_why why =
	    journal_file_append(j, 1000, text, strlen(text), &fault);

	cr_assert_eq(why == JOURNAL_OK, *fault.text == '\0');
	return why;
}

static int
sync_it(struct journal_file *j)
{
	struct fault fault = { "" };
	int rc = journal_file_sync(j, &fault);

	cr_assert_eq(rc == 0, *fault.text == '\0');
	return rc;
}

static void
keep(struct journal_file *j, const char *text)
{
	cr_assert_eq(add(j, text), JOURNAL_OK);
	cr_assert_eq(sync_it(j), 0);
}

/* All that is there, joined by blanks, and done; free(). */
static char *
drain(struct journal_file *j)
{
	struct journal_record r;
	struct text all = { 0 };

	while (journal_file_next(j, &r) == 1) {
		text_add(&all, r.data, r.len);
		text_add_str(&all, " ");
		journal_file_done(j, r.seq);
	}
	text_add_str(&all, "");
	return text_take(&all);
}

static void
holds(struct journal_file *j, const char *expected)
{
	char *all = drain(j);

	cr_assert_str_eq(all, expected);
	free(all);
}

/* Files in the folder, or in one below, whose name holds that text. */
static int
files(const char *below, const char *text)
{
	char *path = text_print("%s/%s", folder, below);
	DIR *d = opendir(path);
	const struct dirent *e;
	int n = 0;

	while (d != NULL && (e = readdir(d)) != NULL)
		n += *e->d_name != '.' && strstr(e->d_name, text) != NULL;
	if (d != NULL)
		(void)closedir(d);
	free(path);
	return n;
}

static const char first_file[] = "0000000000000001.journal";

static char *
slurp(size_t *ret_len)
{
	char *path = text_print("%s/%s", folder, first_file);
	FILE *f = fopen(path, "re");
	char *bytes = text_alloc(MOST);

	cr_assert_not_null(f);
	*ret_len = fread(bytes, 1, MOST, f);
	(void)fclose(f);
	free(path);
	return bytes;
}

/* A fresh folder with these bytes as its only file. */
static void
replace(const char *bytes, size_t len)
{
	char *path;
	FILE *f;

	redis_folder_remove(folder);
	free(folder);
	folder = redis_folder_new();
	path = text_print("%s/%s", folder, first_file);
	f = fopen(path, "we");
	cr_assert_not_null(f);
	cr_assert_eq(fwrite(bytes, 1, len, f), len);
	cr_assert_eq(fclose(f), 0);
	free(path);
}

static void
write_three(char **ret_bytes, size_t *ret_len)
{
	struct journal_file *j = open_it();

	keep(j, "one");
	keep(j, "two");
	keep(j, "three");
	journal_file_close(j);
	*ret_bytes = slurp(ret_len);
	cr_assert_eq(*ret_len, 64 + 3 * 32 + 3 + 3 + 5,
		     "room was not given back");
}

/* ---- what is kept -------------------------------------------------------- */

Test(journal_file, what_is_kept_comes_back_in_order_and_its_file_goes_when_done)
{
	struct journal_file *j = open_it();
	struct journal_figures f;

	keep(j, "one");
	keep(j, "two");
	journal_file_figures(j, &f);
	cr_assert_eq(f.records, 2);
	cr_assert_eq(f.oldest_ms, 1000);
	journal_file_close(j);
	j = open_it();
	keep(j, "three");
	cr_assert_eq(files("", ".journal"), 2);
	journal_file_figures(j, &f);
	cr_assert_eq(f.records, 3);
	holds(j, "one two three ");
	cr_assert_eq(files("", ".journal"), 0);
	journal_file_figures(j, &f);
	cr_assert_eq(f.records, 0);
	cr_assert_eq(f.oldest_ms, 0);
	cr_assert_eq(said, 0);
	journal_file_close(j);
}

Test(journal_file, what_is_not_synced_yet_is_not_handed_out)
{
	struct journal_file *j = open_it();
	struct journal_record r;

	cr_assert_eq(add(j, "one"), JOURNAL_OK);
	cr_assert_eq(journal_file_next(j, &r), 0);
	cr_assert_eq(sync_it(j), 0);
	cr_assert_eq(journal_file_next(j, &r), 1);
	cr_assert_eq(journal_file_next(j, &r), 0, "handed out twice");
	journal_file_close(j);
}

Test(journal_file, what_was_done_before_a_restart_does_not_come_again)
{
	struct journal_file *j = open_it();
	struct journal_record r;

	keep(j, "one");
	keep(j, "two");
	cr_assert_eq(journal_file_next(j, &r), 1);
	journal_file_done(j, r.seq);
	journal_file_close(j);
	j = open_it();
	holds(j, "two ");
	journal_file_close(j);
}

Test(journal_file, a_number_is_never_given_twice)
{
	struct journal_file *j = open_it();
	struct journal_record r;
	uint64_t before;

	keep(j, "one");
	cr_assert_eq(journal_file_next(j, &r), 1);
	before = r.seq;
	journal_file_done(j, r.seq);
	cr_assert_eq(files("", ".journal"), 0);
	journal_file_close(j);
	j = open_it();
	keep(j, "two");
	cr_assert_eq(journal_file_next(j, &r), 1);
	cr_assert_gt(r.seq, before);
	journal_file_close(j);
}

Test(journal_file, many_files_are_read_one_after_the_other)
{
	struct journal_file *j = open_it();
	char *big = text_alloc(60001), *all;
	struct journal_figures f;

	memset(big, 'x', 60000);
	for (int i = 0; i < 60; i++) {
		big[0] = (char)('A' + i % 26);
		keep(j, big);
	}
	cr_assert_gt(files("", ".journal"), 2);
	journal_file_figures(j, &f);
	cr_assert_eq(f.records, 60);
	cr_assert_gt(f.bytes, 60 * 60000);
	all = drain(j);
	cr_assert_eq(strlen(all), 60 * 60001);
	for (size_t i = 0; i < 60; i++)
		cr_assert_eq(all[i * 60001], (char)('A' + i % 26));
	cr_assert_eq(files("", ".journal"), 0);
	free(all);
	free(big);
	journal_file_close(j);
}

/* ---- what a crash or a bad disk leaves ---------------------------------- */

Test(journal_file, cut_at_any_byte_it_gives_what_is_whole_and_goes_on)
{
	static const char *const left[] = { "", "one ", "one two ",
					    "one two three " };
	char *bytes, *expected;
	size_t len;

	write_three(&bytes, &len);
	for (size_t at = 0; at <= len; at++) {
		struct journal_file *j;
		int whole = at >= len ? 3 : at >= 64 + 70 ? 2 : at >= 64 + 35;

		replace(bytes, at);
		said = 0;
		j = open_it();
		keep(j, "new");
		expected = text_print("%snew ", left[whole]);
		holds(j, expected);
		cr_assert_eq(said > 0,
			     at > 0 && at != 64 && at != 64 + 35 &&
				 at != 64 + 70 && at != len,
			     "cut at %zu: told %d times", at, said);
		free(expected);
		journal_file_close(j);
	}
	free(bytes);
}

Test(journal_file, zeroed_from_any_byte_on_it_gives_what_is_whole)
{
	char *bytes, *copy;
	size_t len;

	write_three(&bytes, &len);
	copy = text_alloc(len + 5000);
	for (size_t at = 64; at < len; at++) {
		struct journal_file *j;

		memset(copy, 0, len + 5000);
		memcpy(copy, bytes, at);
		replace(copy, len + 5000);
		j = open_it();
		holds(j, at >= 64 + 70   ? "one two "
			 : at >= 64 + 35 ? "one "
					 : "");
		journal_file_close(j);
	}
	free(copy);
	free(bytes);
}

Test(journal_file, a_flipped_bit_costs_one_record_which_is_told_and_put_aside)
{
	char *bytes;
	size_t len;

	write_three(&bytes, &len);
	for (size_t at = 0; at < len; at++) {
		struct journal_file *j;

		bytes[at] ^= 0x10;
		replace(bytes, len);
		bytes[at] ^= 0x10;
		/* Another site or version, by the look of it, is another case:
		 * but the CRC says first that it is damage. */
		said = 0;
		j = open_it();
		holds(j, at < 64        ? "one two three "
			 : at < 64 + 35 ? "two three "
			 : at < 64 + 70 ? "one three "
					: "one two ");
		cr_assert_eq(said, 1, "byte %zu: told %d times", at, said);
		cr_assert(files("damaged", "0000000000000001-") == 1,
			  "byte %zu", at);
		journal_file_close(j);
	}
	free(bytes);
}

Test(journal_file, what_is_damaged_is_told_once_not_at_every_start)
{
	struct journal_file *j;
	char *bytes;
	size_t len;

	write_three(&bytes, &len);
	bytes[64 + 40] ^= 1;
	replace(bytes, len);
	j = open_it();
	cr_assert_eq(said, 1);
	journal_file_close(j);
	j = open_it();
	cr_assert_eq(said, 1);
	holds(j, "one three ");
	journal_file_close(j);
	free(bytes);
}

Test(journal_file, another_sites_is_left_alone_with_a_sentence)
{
	struct journal_file_options o = { .folder = folder,
					  .site = "other",
					  .most = MOST };
	struct journal_file *j = open_it();
	struct fault fault = { "" };
	enum journal_why why;

	keep(j, "one");
	journal_file_close(j);
	cr_assert_null(journal_file_open(&o, &why, &fault));
	cr_assert_not_null(strstr(fault.text, "the site \"t\""), "%s",
			   fault.text);
	j = open_it();
	holds(j, "one ");
	journal_file_close(j);
}

/* ---- a full disk, a failing one, a limit -------------------------------- */

Test(journal_file, a_full_disk_refuses_keeps_what_is_there_and_works_again)
{
	struct journal_file *j = open_it();

	keep(j, "one");
	write_fails = ENOSPC;
	cr_assert_eq(add(j, "two"), JOURNAL_FAILED);
	cr_assert_eq(add(j, "three"), JOURNAL_FAILED);
	write_fails = 0;
	keep(j, "four");
	holds(j, "one four ");
	cr_assert_eq(said, 0);
	journal_file_close(j);
}

Test(journal_file, one_that_does_not_fit_spoils_no_other_of_its_group)
{
	struct journal_file *j = open_it();

	cr_assert_eq(add(j, "one"), JOURNAL_OK);
	write_fails = ENOSPC;
	cr_assert_eq(add(j, "two"), JOURNAL_FAILED);
	write_fails = 0;
	cr_assert_eq(sync_it(j), 0);
	journal_file_close(j);
	j = open_it();
	holds(j, "one ");
	cr_assert_eq(said, 0, "half a record was left");
	journal_file_close(j);
}

Test(journal_file, a_failed_sync_is_believed_and_never_tried_again_there)
{
	struct journal_file *j = open_it();

	keep(j, "one");
	cr_assert_eq(add(j, "two"), JOURNAL_OK);
	cr_assert_eq(add(j, "three"), JOURNAL_OK);
	sync_fails = EIO;
	cr_assert_eq(sync_it(j), -1);
	sync_fails = 0;
	keep(j, "four");
	cr_assert_eq(files("", ".journal"), 2, "the same file was used again");
	holds(j, "one four ");
	journal_file_close(j);
}

Test(journal_file, a_sync_that_fails_between_two_files_costs_the_whole_group)
{
	struct journal_file *j = open_it();
	char *big = text_alloc(60001);
	enum journal_why why = JOURNAL_OK;

	memset(big, 'x', 60000);
	sync_fails = 0;
	cr_assert_eq(add(j, "one"), JOURNAL_OK);
	sync_fails = EIO;
	for (int i = 0; i < 100 && why == JOURNAL_OK; i++)
		why = add(j, big);
	cr_assert_eq(why, JOURNAL_FAILED);
	sync_fails = 0;
	cr_assert_eq(add(j, "late"), JOURNAL_FAILED, "the group was lost");
	cr_assert_eq(sync_it(j), -1, "what was lost counts as kept");
	keep(j, "two");
	holds(j, "two ");
	free(big);
	journal_file_close(j);
}

Test(journal_file, its_limit_refuses_until_something_is_done)
{
	struct journal_file *j =
	    open_with(&(struct journal_file_options){ .most = 1024 * 1024 });
	char *big = text_alloc(60001), *all;
	enum journal_why why = JOURNAL_OK;
	size_t n = 0;

	memset(big, 'x', 60000);
	while (why == JOURNAL_OK && n < 100) {
		why = add(j, big);
		n += why == JOURNAL_OK;
	}
	cr_assert_eq(why, JOURNAL_FULL);
	cr_assert_gt(n, 10);
	cr_assert_eq(sync_it(j), 0);
	all = drain(j);
	cr_assert_eq(strlen(all), n * 60001);
	keep(j, "again");
	holds(j, "again ");
	free(all);
	free(big);
	journal_file_close(j);
}

/* ---- what Redis will never take; other processes ------------------------ */

Test(journal_file, what_is_refused_is_put_aside_as_a_journal_of_its_own)
{
	struct journal_file *j = open_it();
	struct journal_file_options o = { .site = "t", .most = MOST };
	struct fault fault = { "" };
	struct journal_record r;
	enum journal_why why;

	keep(j, "bad");
	keep(j, "good");
	cr_assert_eq(journal_file_next(j, &r), 1);
	cr_assert_eq(journal_file_refuse(j, r.seq, &fault), 0, "%s",
		     fault.text);
	journal_file_done(j, r.seq);
	holds(j, "good ");
	cr_assert_eq(files("", ".journal"), 0, "it holds the others up");
	journal_file_close(j);
	o.folder = text_print("%s/refused", folder);
	j = journal_file_open(&o, &why, &fault);
	cr_assert_not_null(j, "%s", fault.text);
	holds(j, "bad ");
	journal_file_close(j);
	free((void *)(uintptr_t)o.folder);
}

Test(journal_file, a_second_process_is_told_that_it_is_in_use)
{
	const struct journal_file_options o = { .folder = folder,
						.site = "t",
						.most = MOST };
	struct journal_file *j = open_it();
	struct fault fault = { "" };
	enum journal_why why = JOURNAL_OK;

	cr_assert_null(journal_file_open(&o, &why, &fault));
	cr_assert_eq(why, JOURNAL_BUSY);
	cr_assert_not_null(strstr(fault.text, "in use"), "%s", fault.text);
	journal_file_close(j);
}

Test(journal_file, a_folder_into_which_others_may_write_is_not_trusted)
{
	const struct journal_file_options o = { .folder = folder,
						.site = "t",
						.most = MOST };
	struct fault fault = { "" };
	enum journal_why why = JOURNAL_OK;

	cr_assert_eq(chmod(folder, 0777), 0);
	cr_assert_null(journal_file_open(&o, &why, &fault));
	cr_assert_eq(why, JOURNAL_FAILED);
	cr_assert_not_null(strstr(fault.text, "install -d"), "%s", fault.text);
}
