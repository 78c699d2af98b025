/* A function's header says which words it answers: no other (the harness looks
 * at every call), and none that no test has ever seen. */
#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store/library.h"
#include "tests/harness/site_call.h"

#define LEAST_FUNCTIONS 30

static const char marker[] = "\n-- rb1_";

/* The name of the function whose header begins at this line. */
static void
name_at(char *buf, size_t size, const char *line)
{
	(void)snprintf(buf, size, "%.*s", (int)strcspn(line + 4, "( \n"),
		       line + 4);
}

Test(fn_words, every_function_has_a_header_and_every_header_a_function)
{
	int headers = 0, functions = 0;
	char name[80], registered[100], header[100];

	for (const char *at = strstr(library_text, marker); at != NULL;
	     at = strstr(at + 1, marker)) {
		name_at(name, sizeof name, at);
		(void)snprintf(registered, sizeof registered, "('%s', function",
			       name);
		cr_assert_not_null(strstr(library_text, registered),
				   "%s is no function", name);
		headers++;
	}
	for (const char *at = strstr(library_text, "er('rb1_"); at != NULL;
	     at = strstr(at + 1, "er('rb1_")) {
		(void)snprintf(header, sizeof header, "\n-- %.*s(",
			       (int)strcspn(at + 4, "'"), at + 4);
		cr_assert_not_null(strstr(library_text, header), "%s", header);
		functions++;
	}
	cr_assert_eq(headers, functions);
	cr_assert_geq(headers, LEAST_FUNCTIONS);
}

/* ---- after all tests: what was never seen ------------------------------- */

static char *seen_path;

ReportHook(PRE_ALL)(struct criterion_test_set *set)
{
	static char name[] = "/tmp/ringback-words-XXXXXX";
	int fd = mkstemp(name);

	(void)set;
	if (fd < 0)
		return;
	(void)close(fd);
	seen_path = name;
	(void)setenv("RINGBACK_WORDS_SEEN", name, 1);
}

static char *
read_all(const char *path)
{
	struct stat st;
	FILE *f = fopen(path, "re");
	char *text;
	size_t n;

	if (f == NULL || fstat(fileno(f), &st) != 0)
		abort();
	text = calloc(1, (size_t)st.st_size + 2);
	if (text == NULL)
		abort();
	*text = '\n';
	n = fread(text + 1, 1, (size_t)st.st_size, f);
	text[n + 1] = '\0';
	(void)fclose(f);
	return text;
}

static size_t
count_unseen(const char *seen)
{
	char name[80], word[64], line[160];
	size_t unseen = 0;

	for (const char *at = strstr(library_text, marker); at != NULL;
	     at = strstr(at + 1, marker)) {
		const char *words;

		name_at(name, sizeof name, at);
		words = site_words_of(name);
		while (site_words_next(&words, word, sizeof word)) {
			(void)snprintf(line, sizeof line, "\n%s %s\n", name,
				       word);
			if (strstr(seen, line) != NULL)
				continue;
			(void)fprintf(
			    stderr,
			    "fn_words: no test has seen %s answer \"%s\"\n",
			    name, word);
			unseen++;
		}
	}
	return unseen;
}

/* Only where all tests ran and passed: else words are missing for a reason. */
ReportHook(POST_ALL)(struct criterion_global_stats *stats)
{
	char *seen;

	if (seen_path == NULL)
		return;
	seen = read_all(seen_path);
	if (stats->tests_skipped == 0 && stats->tests_failed == 0 &&
	    count_unseen(seen) > 0)
		stats->tests_failed++;
	free(seen);
	(void)unlink(seen_path);
}
