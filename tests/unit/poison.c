/* What strangers wrote, in each place where the daemon lets it out: one place
 * each does the neutralising, and this is what it must hold against. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/api/sse.h"
#include "daemon/base/fault.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "tests/harness/nasty.h"

static void
expect_clean(const char *text, size_t len, const char *of)
{
	size_t at = 0;

	cr_expect(nasty_is_clean(text, len, &at), "byte %zu of '%s' is not", at,
		  of);
}

Test(poison, a_cleaned_text_has_no_controls_and_is_utf8)
{
	for (size_t i = 0; i < nasty_count; i++) {
		char *s = text_dup(nasty[i]), *line = text_dup(nasty[i]);

		text_clean(s, true);
		expect_clean(s, strlen(s), nasty[i]);
		cr_expect_not_null(strstr(s, "mark"), "%s", s);
		text_clean(line, false);
		cr_expect_null(strchr(line, '\n'));
		free(s);
		free(line);
	}
}

Test(poison, a_sentence_of_a_fault_is_clean_also_where_it_is_cut)
{
	for (size_t i = 0; i < nasty_count; i++) {
		struct fault f;

		fault_set(&f, "%s:3: %s", nasty[i], nasty[i]);
		expect_clean(f.text, strlen(f.text), nasty[i]);
		fault_set(&f, "%s%s", nasty_long(), nasty[i]);
		expect_clean(f.text, strlen(f.text), nasty[i]);
	}
}

/* ---- the log ------------------------------------------------------------- */

/* What the daemon said since, as one text; free(). */
static char *
said_by(void (*say)(const char *), const char *what)
{
	char *text = calloc(1, 65536);
	int fd[2], keep = dup(STDERR_FILENO);
	ssize_t n;

	cr_assert_eq(pipe(fd), 0);
	(void)fflush(stderr);
	cr_assert_geq(dup2(fd[1], STDERR_FILENO), 0);
	(void)close(fd[1]);
	say(what);
	cr_assert_geq(dup2(keep, STDERR_FILENO), 0);
	(void)close(keep);
	n = read(fd[0], text, 65535);
	(void)close(fd[0]);
	cr_assert_gt(n, 0);
	return text;
}

static void
say_raw(const char *what)
{
	log_warn("test", "code=1 said=%s", what);
}

static void
say_value(const char *what)
{
	char value[2000];

	log_warn("test", "code=1 said=%s end=2",
		 log_value(value, sizeof value, what));
}

Test(poison, whatever_is_said_is_one_line_of_the_log)
{
	for (size_t i = 0; i < nasty_count; i++) {
		char *line = said_by(say_raw, nasty[i]);
		size_t len = strlen(line);

		expect_clean(line, len, nasty[i]);
		cr_expect_eq(strchr(line, '\n'), line + len - 1, "%s", line);
		cr_expect_eq(strncmp(line, "<4>test: code=1 said=", 20), 0);
		free(line);
	}
}

/* One "key=value" or key="value" off the line; false at its end. */
static bool
next_pair(char **at, char key[64], char *value)
{
	size_t n;

	*at += strspn(*at, " ");
	n = strcspn(*at, "= \n");
	if ((*at)[n] != '=')
		return false;
	(void)snprintf(key, 64, "%.*s", (int)n, *at);
	*at += n + 1;
	if (**at != '"') {
		n = strcspn(*at, " \n");
		(void)snprintf(value, 4096, "%.*s", (int)n, *at);
		*at += n;
		return true;
	}
	for ((*at)++; **at != '"' && **at != '\0'; (*at)++) {
		if (**at == '\\')
			(*at)++;
		*value++ = **at;
	}
	*value = '\0';
	(*at)++;
	return true;
}

Test(poison, a_value_forges_no_other)
{
	for (size_t i = 0; i < nasty_count; i++) {
		char *line = said_by(say_value, nasty[i]), key[64], value[4096];
		char *at = strstr(line, ": ") + 2, *clean = text_dup(nasty[i]);

		text_clean(clean, false);
		cr_assert(next_pair(&at, key, value));
		cr_expect_str_eq(key, "code");
		cr_assert(next_pair(&at, key, value), "%s", line);
		cr_expect_str_eq(key, "said");
		cr_expect_str_eq(value, clean);
		cr_assert(next_pair(&at, key, value), "%s", line);
		cr_expect_str_eq(key, "end", "%s", line);
		cr_expect_str_eq(value, "2");
		cr_expect_not(next_pair(&at, key, value), "%s", line);
		free(clean);
		free(line);
	}
}

Test(poison, a_value_fits_its_buffer)
{
	static const char *const list[] = { "", "x", "a b", "\"\"\"\"\"\"\"\"",
					    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		for (size_t size = 4; size < 20; size++) {
			char *buf = malloc(size);

			(void)log_value(buf, size, list[i]);
			cr_expect_lt(strlen(buf), size);
			free(buf);
		}
	}
}

/* ---- server-sent events ------------------------------------------------- */

struct heard {
	char id[4096], event[4096];
	struct text data;
	int events, ids, names;
};

/* By the book: CR, LF and CRLF each end a line. */
static void
hear(struct heard *h, const char *s)
{
	bool any = false;

	for (;;) {
		size_t n = strcspn(s, "\r\n");

		if (*s == '\0')
			return;
		if (n == 0) {
			h->events += any;
			any = false;
		} else if (strncmp(s, "id: ", 4) == 0) {
			(void)snprintf(h->id, sizeof h->id, "%.*s", (int)n - 4,
				       s + 4);
			h->ids++;
		} else if (strncmp(s, "event: ", 7) == 0) {
			(void)snprintf(h->event, sizeof h->event, "%.*s",
				       (int)n - 7, s + 7);
			h->names++;
		} else if (strncmp(s, "data: ", 6) == 0) {
			text_add_str(&h->data, h->data.len > 0 ? "\n" : "");
			text_add(&h->data, s + 6, n - 6);
		} else {
			cr_expect_fail("a line of its own: %.40s", s);
		}
		any = any || n > 0;
		s += n;
		s += s[0] == '\r' && s[1] == '\n' ? 2 : *s != '\0';
	}
}

Test(poison, an_event_stays_one_event_whatever_is_in_it)
{
	for (size_t i = 0; i < nasty_count; i++) {
		struct text out = { 0 };
		struct heard h = { .events = 0 };

		sse_add(&out, nasty[i], nasty[i], nasty[i]);
		hear(&h, out.data);
		cr_expect_eq(h.events, 1, "%s", out.data);
		cr_expect_eq(h.ids, 1);
		cr_expect_eq(h.names, 1);
		cr_expect_eq(strlen(h.id), strlen(nasty[i]));
		cr_expect_not_null(strstr(h.data.data, "mark"));
		cr_expect_eq(out.data[out.len - 1], '\n');
		cr_expect_eq(out.data[out.len - 2], '\n');
		text_done(&out);
		text_done(&h.data);
	}
}
