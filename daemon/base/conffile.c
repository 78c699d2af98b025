#include "daemon/base/conffile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)256 * 1024)

static int
load(struct text *ret, int fd, const char *path, struct fault *fault)
{
	char chunk[8192];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);

		if (n == 0)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fault_set(fault, "%s: it cannot be read: %s.", path,
				  strerror(errno));
			return -1;
		}
		text_add(ret, chunk, (size_t)n);
		if (ret->len > FILE_MAX) {
			fault_set(
			    fault,
			    "%s: the file is larger than %zu KiB; that is no "
			    "configuration.",
			    path, FILE_MAX / 1024);
			return -1;
		}
	}
}

static int
open_file(const char *path, struct fault *fault)
{
	struct stat st;
	/* O_NONBLOCK: a pipe without a writer would hold us up for ever. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) < 0) {
		fault_set(fault, "%s: it cannot be opened: %s.", path,
			  strerror(errno));
	} else if (S_ISDIR(st.st_mode)) {
		fault_set(fault,
			  "%s: this is a directory; name the file in it.",
			  path);
	} else if (!S_ISREG(st.st_mode)) {
		fault_set(fault, "%s: this is not a regular file.", path);
	} else {
		return fd;
	}
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/* Without the byte order mark and the CR of CR LF, ended by a line feed. */
static void
straighten(struct text *ret, const struct text *raw)
{
	const char *s = raw->data;
	size_t len = raw->len;

	if (len >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0) {
		s += 3;
		len -= 3;
	}
	for (size_t i = 0; i < len; i++) {
		if (s[i] != '\r' || i + 1 == len || s[i + 1] != '\n')
			text_add(ret, &s[i], 1);
	}
	if (ret->len > 0 && ret->data[ret->len - 1] != '\n')
		text_add_str(ret, "\n");
}

static bool
has_control(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

static const char *
line_wrong(const char *s, size_t len)
{
	if (!text_utf8(s, len) && memchr(s, '\0', len) == NULL)
		return "this line is not UTF-8; save the file as UTF-8.";
	if (has_control(s, len))
		return "a control character stands here; remove it.";
	return NULL;
}

static int
check_lines(const struct text *t, int *ret_lines, const char *path,
	    struct fault *fault)
{
	const char *s = t->data, *end = t->data + t->len;
	int line = 0;

	while (s < end) {
		const char *stop = memchr(s, '\n', (size_t)(end - s));
		const char *wrong = line_wrong(s, (size_t)(stop - s));

		line++;
		if (wrong != NULL) {
			fault_set(fault, "%s:%d: %s", path, line, wrong);
			return -1;
		}
		s = stop + 1;
	}
	*ret_lines = line;
	return 0;
}

/* ---- what libConfuse's lexer must not see ------------------------------- */

/* It counts the line of a comment twice and takes comments within a list or
 * an option for values.  It drops '+', '*', '(' and ')' outside of quotes
 * without a word, it replaces "${NAME}", and a quote that was forgotten eats
 * the options that follow. */
struct scan {
	char *at; /* NUL-terminated, changed in place */
	int line;
};

/* Blank out up to `end` (or the end of all), but for the line feeds. */
static void
blank_until(struct scan *s, const char *end)
{
	for (; *s->at != '\0' && (end == NULL || s->at < end); s->at++) {
		if (*s->at == '\n')
			s->line++;
		else
			*s->at = ' ';
	}
}

static const char *
skip_block(struct scan *s)
{
	const char *end = strstr(s->at + 2, "*/");

	if (end == NULL)
		return "the comment that begins here has no end \"*/\".";
	blank_until(s, end + 2);
	return NULL;
}

static const char *const expanded =
    "\"${\" would be replaced from the environment; write the value itself, "
    "and secrets into files of their own.";

static const char *
skip_quoted(struct scan *s)
{
	char quote = *s->at++;

	for (; *s->at != quote; s->at++) {
		if (*s->at == '\\' && s->at[1] != '\0')
			s->at++;
		if (*s->at == '\n' || *s->at == '\0')
			return "a text begins in this line and does not end in "
			       "it: a closing quote is missing.";
		if (quote == '"' && strncmp(s->at, "${", 2) == 0)
			return expanded;
	}
	s->at++;
	return NULL;
}

/* One step outside of quotes and comments. */
static const char *
scan_step(struct scan *s, bool *in_word)
{
	const char *end;
	char c = *s->at;

	if (c == '"' || c == '\'') {
		*in_word = false;
		return skip_quoted(s);
	}
	if (c == '#' || (!*in_word && strncmp(s->at, "//", 2) == 0)) {
		end = strchr(s->at, '\n');
		blank_until(s, end);
		return NULL;
	}
	if (!*in_word && strncmp(s->at, "/*", 2) == 0)
		return skip_block(s);
	if (strncmp(s->at, "${", 2) == 0)
		return expanded;
	if ((c == '+' && s->at[1] != '=') || c == '*' || c == '(' || c == ')')
		return "a text with +, * or parentheses must stand in quotes.";
	*in_word = strchr(" \t\n={},+", c) == NULL;
	if (c == '\n')
		s->line++;
	s->at++;
	return NULL;
}

static int
scan_text(struct text *t, const char *path, struct fault *fault)
{
	struct scan s = { t->data, 1 };
	bool in_word = false;

	while (*s.at != '\0') {
		const char *wrong = scan_step(&s, &in_word);

		if (wrong != NULL) {
			fault_set(fault, "%s:%d: %s", path, s.line, wrong);
			return -1;
		}
	}
	return 0;
}

int
conffile_read(struct text *ret, int *ret_lines, const char *path,
	      struct fault *fault)
{
	struct text raw = { 0 }, text = { 0 };
	int fd = open_file(path, fault);
	int rc = -1;

	if (fd < 0)
		return -1;
	if (load(&raw, fd, path, fault) < 0)
		goto out;
	straighten(&text, &raw);
	if (text.len == 0) {
		fault_set(
		    fault,
		    "%s: the file is empty; ringback.conf.example shows how "
		    "one looks.",
		    path);
		goto out;
	}
	if (check_lines(&text, ret_lines, path, fault) < 0 ||
	    scan_text(&text, path, fault) < 0)
		goto out;
	*ret = text;
	text = (struct text){ 0 };
	rc = 0;
out:
	(void)close(fd);
	text_done(&raw);
	text_done(&text);
	return rc;
}
